"""From URL parameters to one validated query, or to everything that is wrong with them.

Nothing is ignored: an unknown, repeated, empty or unsuitable parameter is refused, with all errors at once.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson

from app.analysis.scope import Scope
from app.database.reference import Reference
from app.domain.periods import Span
from app.formats.lists import LABELS_WITH_BOM, LIST_FORMATS, MEDIA_TYPES
from app.queries.cursor import read_cursor
from app.queries.errors import BadQueryError, ParameterError
from app.queries.meant import parameters_like
from app.queries.parameters import (
    DEFAULT_LIMIT,
    DEFAULT_SORT,
    MAX_VALUES,
    PARAMETERS,
    SORTS,
    BadValueError,
    Parameter,
    Resource,
)

MAX_PAIRS = 300
"""Parameters in one query, repeated ones included."""

UNBOUND = frozenset({"limit", "cursor", "warnings", "release", "format", "fields", "view"})
"""Parameters that may change from one page to the next."""

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class RecordQuery:
    """A validated query on records. Each field holds the parameter of the same name."""

    resource: Resource
    q: str | None = None
    id: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    force: tuple[str, ...] = ()
    force_scope: str = "self"
    period: Span | None = None
    period_match: str = "overlaps"
    include_undated: bool = False
    allegation: tuple[str, ...] = ()
    stage: tuple[str, ...] = ()
    outcome: tuple[str, ...] = ()
    unit: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    value_type: tuple[str, ...] = ()
    value_status: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    standing: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    source_kind: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    sort: str = DEFAULT_SORT
    limit: int = DEFAULT_LIMIT
    cursor: str | None = None
    warnings: str = "page"
    release: str | None = None
    format: str | None = None
    bom: bool = False
    view: str = ""
    given: Mapping[str, list[str]] = field(default_factory=dict)
    """The parameters as given, in the order of this class."""

    @property
    def scope(self) -> Scope:
        """The period and the forces that it asks for."""
        return Scope(self.period, frozenset(self.force) if self.force_scope == "areas" else frozenset())

    def echo(self) -> dict[str, Any]:
        """Return the query as it was read, for an answer's `meta`, with the sort and limit of a page."""
        single = {name: values if PARAMETERS[name].many else values[0] for name, values in self.given.items()}
        if self.fields:
            single["fields"] = list(self.fields)
        return single | {
            name: getattr(self, name) for name in ("sort", "limit") if name in self.resource.parameters
        }

    def address(self, path: str, **changes: str | int | None) -> str:
        """Return the query's address with some parameters changed, or left out if None."""
        kept = [pairs for name, pairs in self._written.items() if name not in changes]
        changed = urlencode([(name, value) for name, value in changes.items() if value is not None])
        query = "&".join(pairs for pairs in (*kept, changed) if pairs)
        return f"{path}?{query}" if query else path

    @cached_property
    def _written(self) -> dict[str, str]:
        """The parameters, URL-encoded, by name."""
        return {name: urlencode([(name, value) for value in values]) for name, values in self.given.items()}

    @property
    def fingerprint(self) -> str:
        """A digest of the filters and the sort, which a cursor is bound to."""
        return fingerprint(self.resource, self.given)


@lru_cache(16)
def read_pairs(query_string: bytes) -> Pairs:
    """Split a query string into names and values; bytes that are not UTF-8 become replacement characters.

    The response cache, the session and the answer each ask for them, so the latest are cached.

    Raises:
        BadQueryError: the query has more than `MAX_PAIRS` parameters.

    """
    try:
        return tuple(
            parse_qsl(
                query_string.decode("latin-1"), keep_blank_values=True, errors="replace", max_num_fields=MAX_PAIRS
            )
        )
    except ValueError as error:
        number = query_string.count(b"&") + 1
        found = parse_qsl(query_string[:1000].decode("latin-1"), keep_blank_values=True)
        name, value = found[0] if found else ("", "")
        message = f"the query has {number} parameters; at most {MAX_PAIRS} are read"
        raise BadQueryError([ParameterError(name, value, "out-of-range", message)]) from error


def read_query(
    pairs: Pairs,
    resource: Resource,
    reference: Reference,
    known_errors: Sequence[ParameterError] = (),
    accepted: str | None = None,
) -> RecordQuery:
    """Read a list's query; `accepted` is the format that `Accept` prefers, for a query without `format`.

    Raises:
        BadQueryError: with everything that is wrong, the errors already known included.

    """
    given, values, errors = _read(pairs, resource.parameters, reference, accepted, resource)
    if "sort" in given and given["sort"][0] in set(SORTS) - set(resource.sorts):
        message = f"{resource.name} have no value to sort by"
        errors.append(
            ParameterError(
                "sort", given["sort"][0], "not-applicable", message, list(resource.sorts), [DEFAULT_SORT]
            )
        )
    errors = [*known_errors, *errors, *_foreign_cursor(resource, given)]
    if errors:
        raise BadQueryError(errors)
    return RecordQuery(**values | {"sort": sort_of(given)}, resource=resource, given=given)


def read_few(
    pairs: Pairs,
    parameters: Sequence[Parameter],
    reference: Reference,
    known_errors: Sequence[ParameterError] = (),
    accepted: str | None = None,
) -> dict[str, Any]:
    """Read the query of an endpoint that takes a few parameters; `accepted` is as in `read_query`.

    Raises:
        BadQueryError: with everything that is wrong, the errors already known included.

    """
    known = {parameter.name: parameter for parameter in parameters}
    _, values, errors = _read(pairs, known, reference, accepted, None)
    errors = [*known_errors, *errors]
    if errors:
        raise BadQueryError(errors)
    return values


def _read(
    pairs: Pairs,
    known: Mapping[str, Parameter],
    reference: Reference,
    accepted: str | None,
    resource: Resource | None,
) -> tuple[dict[str, list[str]], dict[str, Any], list[ParameterError]]:
    """Return the known parameters as given and as read, in the order of `known`, and everything that is wrong."""
    every = grouped(pairs)
    missing = [one for one in known.values() if one.required and one.name not in every]
    errors = [ParameterError(one.name, "", "empty", f"is missing; give {one.required}") for one in missing]
    for name, texts in every.items():
        if name not in known and resource is not None and name in PARAMETERS:
            message = f"doesn't apply to {resource.name}"
            errors.append(ParameterError(name, texts[0], "not-applicable", message, list(known)))
        elif name not in known:
            errors.append(_not_here(name, texts[0], resource.name if resource else "this address", known))
        elif (needs := known[name].needs) is not None and needs not in every:
            errors.append(ParameterError(name, texts[0], "not-applicable", f"needs {needs}", [needs]))
    given = {name: every[name] for name in known if name in every}
    values: dict[str, Any] = {}
    for name, texts in given.items():
        read, wrong = _read_values(known[name], texts, reference)
        values[name] = tuple(read) if known[name].many else next(iter(read), None)
        errors += wrong
    errors += _irrelevant(given, known) + _unfit_for_format(given, given.get("format", [accepted])[0])
    return given, values, errors


def _irrelevant(given: Mapping[str, Sequence[str]], known: Mapping[str, Parameter]) -> list[ParameterError]:
    """Return an error if the query sorts by relevance without a search."""
    if "sort" not in known or "q" in given or given.get("sort", [""])[0] != "relevance":
        return []
    others = [word for word in known["sort"].words if word != "relevance"]
    return [ParameterError("sort", "relevance", "not-applicable", "needs q, the words to rank by", others, ["q"])]


def _unfit_for_format(given: Mapping[str, Sequence[str]], form: str | None) -> list[ParameterError]:
    """Return the errors of parameters that don't fit the format of the answer."""
    if form in LIST_FORMATS:
        refused = dict.fromkeys(("limit", "cursor", "warnings"), f"{form} is always the whole set, never a page")
    else:
        refused = {}
    if form in MEDIA_TYPES and not (form in LIST_FORMATS and LIST_FORMATS[form].allows_bom):
        refused["bom"] = f"only {LABELS_WITH_BOM} may start with a byte order mark"
    return [
        ParameterError(name, given[name][0], "not-applicable", message)
        for name, message in refused.items()
        if name in given
    ]


def sort_of(given: Mapping[str, Sequence[str]]) -> str:
    """Return the sort of a query: as given, or by relevance if it searches, or by period."""
    return given["sort"][0] if "sort" in given else "relevance" if "q" in given else DEFAULT_SORT


def fingerprint(resource: Resource, given: Mapping[str, Sequence[str]]) -> str:
    """Return a digest of what a cursor is bound to: the list, its filters and its sort."""
    bound = {
        name: sorted(values)
        for name, values in given.items()
        if name not in UNBOUND and values != [str(PARAMETERS[name].default).lower()]
    }
    bound["sort"] = [sort_of(given)]
    whole = orjson.dumps([resource.name, bound], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(whole).hexdigest()[:16]


def _foreign_cursor(resource: Resource, given: Mapping[str, Sequence[str]]) -> list[ParameterError]:
    """Return an error if the cursor was made for another query."""
    text = next(iter(given.get("cursor", [])), "")
    cursor = read_cursor(text)
    if cursor is None:
        return []
    other_release = given.get("release", [cursor.version])[0] != cursor.version
    other_place = isinstance(cursor.place, str) != (sort_of(given) in {"id", "-id", "relevance"})
    if cursor.fingerprint == fingerprint(resource, given) and not other_release and not other_place:
        return []
    message = "belongs to a query with other filters, another sort or another release"
    return [ParameterError("cursor", text, "foreign-cursor", message)]


def refuse_all(pairs: Pairs) -> None:
    """Refuse every parameter, for endpoints that take none.

    Raises:
        BadQueryError: the query has a parameter.

    """
    if pairs:
        raise BadQueryError([_not_here(name, value, "this address", {}) for name, value in pairs])


def grouped(pairs: Pairs) -> dict[str, list[str]]:
    """Return the values of each parameter, in the order given."""
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        given.setdefault(name, []).append(value)
    return given


def _not_here(name: str, value: str, where: str, known: Mapping[str, Parameter]) -> ParameterError:
    near = parameters_like(name, known)
    hint = f"; did you mean {near[0]}?" if near else ""
    return ParameterError(
        name, value, "unknown-parameter", f"is not a parameter of {where}{hint}", list(known), near
    )


def _read_values(
    parameter: Parameter, values: Sequence[str], reference: Reference
) -> tuple[list[Any], list[ParameterError]]:
    name = parameter.name
    if parameter.joined:
        values = [part for value in values for part in value.split(",")]
    if len(values) > 1 and not parameter.many:
        message = f"takes one value and was given {len(values)} times"
        return [], [ParameterError(name, values[1], "repeated", message, list(parameter.words))]
    if len(values) > MAX_VALUES:
        message = f"takes at most {MAX_VALUES} values and was given {len(values)}"
        return [], [ParameterError(name, values[0], "out-of-range", message)]
    read, errors = [], []
    if parameter.joined:
        twice = [value for value, number in Counter(values).items() if value and number > 1]
        errors = [ParameterError(name, value, "repeated", f"{value} is named twice") for value in twice]
    for value in values:
        if not value:
            message = "has no value; leave it out to get everything"
            errors.append(ParameterError(name, value, "empty", message, list(parameter.words)))
            continue
        try:
            read.append(parameter.read(value, reference))
        except BadValueError as refused:
            errors.append(ParameterError(name, value, refused.code, str(refused), refused.allowed, refused.near))
    return read, errors
