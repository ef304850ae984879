"""Which measures a change of rules affects."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from app.domain import wording
from app.domain.dataset import Dataset, RuleChange
from app.domain.trees import TREES, Parents, Unions, one_above, tree_of, unions_of, with_ancestors


class Counted(wording.Counted, Protocol):
    """The fields of a figure that decide whether a change of rules affects it."""

    @property
    def force(self) -> str:
        """The force or area it's about."""


def changes_touching(dataset: Dataset) -> Callable[[Counted], Sequence[RuleChange]]:
    """Return a function that finds the changes of rules affecting a figure; each measure is looked up once."""
    areas = {force.id: force.part_of for force in dataset.forces}
    trees = {tree: tree_of(getattr(dataset.codes, tree)) for tree in TREES}
    unions = {tree: unions_of(getattr(dataset.codes, tree)) for tree in TREES}
    known: dict[tuple[str | None, ...], list[RuleChange]] = {}

    def touching(figure: Counted) -> Sequence[RuleChange]:
        measure = (figure.kind, figure.force, figure.allegation, figure.stage, figure.outcome)
        if measure not in known:
            known[measure] = [
                change for change in dataset.rule_changes if touches(change, figure, areas, trees, unions)
            ]
        return known[measure]

    return touching


def touches(
    change: RuleChange,
    figure: Counted,
    areas: Parents,
    trees: Mapping[str, Parents],
    unions: Mapping[str, Unions],
) -> bool:
    """Whether a change of rules affects what a figure counts.

    It affects a code if it names that code, one above it or one below it, unless a nearer code above is listed as
    untouched. It affects a union if it affects any member. Areas work the same way.
    """

    def meets(tree: str, touched: Sequence[str], code: str | None, untouched: Sequence[str] = ()) -> bool:
        if code is None:
            return True
        counted = (code, *unions.get(tree, {}).get(code, ()))
        return any(is_touched(trees[tree], one, touched, untouched) for one in counted)

    return (
        figure.kind in change.kinds
        and any(one_above(areas, force, figure.force) for force in change.forces)
        and meets("allegation", change.allegations, figure.allegation)
        and meets("stage", change.stages, figure.stage, change.stages_untouched)
        and meets("outcome", change.outcomes, figure.outcome, change.outcomes_untouched)
    )


def is_touched(tree: Parents, code: str, touched: Sequence[str], untouched: Sequence[str]) -> bool | None:
    """Return whether a change of rules affects a code; None if it doesn't say.

    The nearest code it names decides. If it lists no touched codes, it affects every code not listed as untouched.
    """
    for above in with_ancestors(tree, code):
        if above in untouched:
            return False
        if above in touched:
            return True
    below = any(code in with_ancestors(tree, named) for named in touched)
    return True if below or not touched else None
