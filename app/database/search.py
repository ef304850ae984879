"""The words that searches find records by, and how PostgreSQL searches them: in English, by word stem."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import ColumnClause, Text, bindparam, func, literal_column
from sqlalchemy.sql.functions import Function

from app.domain.dataset import Code, Dataset
from app.domain.records import Figure, Record
from app.domain.trees import TREES, tree_of, unions_of, with_ancestors

ENGLISH: ColumnClause[object] = literal_column("'english'::regconfig")
WEIGHTS = ("A", "B", "C", "D")
"""Weights of matches in: the statement; names and labels; sources and notes; definitions."""

VECTOR = " || ".join(
    f"setweight(to_tsvector('english'::regconfig, words[{place}]), '{weight}'::\"char\")"
    for place, weight in enumerate(WEIGHTS, 1)
)
"""The search vector of a record's words, written as PostgreSQL shows the expression."""

SCALE = 1_000_000
"""Number of steps to which relevance, between 0 and 1, is rounded."""

TO_RANK = 32
"""Makes `ts_rank` rank / (rank + 1), which is below 1."""


def search_query() -> Function[object]:
    """Return a search as people write it in search engines: words, "phrases", or, -not."""
    return func.websearch_to_tsquery(ENGLISH, bindparam("q", type_=Text))


class Words:
    """The texts that the words of a release's records come from."""

    def __init__(self, dataset: Dataset) -> None:
        """Join the names of forces, codes and sources once, as many records share them."""
        self._forces = {force.id: " ".join([force.name, *force.aliases]) for force in dataset.forces}
        self._sources = {source.id: f"{source.title} {source.publisher}" for source in dataset.sources}
        self._categories = {f"{one.dimension}={one.id}": one for one in dataset.codes.breakdown}
        trees = {name: getattr(dataset.codes, name) for name in TREES}
        self._names = {name: names_of(codes) for name, codes in trees.items()}
        self._definitions = {name: {code.id: code.definition for code in codes} for name, codes in trees.items()}

    def of(self, record: Record) -> list[str]:
        """Return the words of a record: one text per weight in `WEIGHTS`."""
        codes = {name: getattr(record, name, None) for name in self._names}
        used = [(name, code) for name, code in codes.items() if code is not None]
        breakdown = record.breakdown.items() if isinstance(record, Figure) else ()
        categories = [self._categories[f"{dimension}={one}"] for dimension, one in breakdown]
        sources = dict.fromkeys(evidence.source for evidence in record.evidence)
        names = [self._forces[record.force], *(self._names[name][code] for name, code in used)]
        definitions = [self._definitions[name][code] for name, code in used]
        return [
            record.statement,
            " ".join([*names, *(category.label for category in categories)]),
            " ".join([*(self._sources[source] for source in sources), *record.notes]),
            " ".join([*definitions, *(category.definition for category in categories)]),
        ]


def names_of(codes: Sequence[Code]) -> Mapping[str, str]:
    """Return the names of each code of a tree, with the labels of wider codes and of those it unites."""
    labels = {code.id: code.label for code in codes}
    tree, unions = tree_of(codes), unions_of(codes)

    def around(code: Code) -> Iterable[str]:
        return [*with_ancestors(tree, code.id)[1:], *sorted(unions.get(code.id, ()))]

    return {
        code.id: " ".join([code.label, *code.aliases, *(labels[one] for one in around(code))]) for code in codes
    }
