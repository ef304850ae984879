"""Which measures a change of rules touches."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from app.domain.dataset import RuleChange
from app.domain.trees import Parents, Unions, one_above


class Counted(Protocol):
    """A figure, as far as a change of rules may touch it."""

    @property
    def kind(self) -> str:
        """Its kind."""

    @property
    def force(self) -> str:
        """The force or area that it is about."""

    @property
    def allegation(self) -> str:
        """What was alleged."""

    @property
    def stage(self) -> str | None:
        """The step, for a proceeding."""

    @property
    def outcome(self) -> str | None:
        """The result, for an outcome."""


def touches(
    change: RuleChange,
    figure: Counted,
    areas: Parents,
    trees: Mapping[str, Parents],
    unions: Mapping[str, Unions],
) -> bool:
    """Whether a change of rules concerns what a figure counts.

    A code is concerned if the change names it, a code above it or a code below it; a union, if one of its members
    is; an area, likewise.
    """

    def meets(tree: str, codes: Iterable[str], code: str | None) -> bool:
        named = list(codes)
        if not named or code is None:
            return True
        counted = (code, *unions.get(tree, {}).get(code, ()))
        return any(one_above(trees[tree], wanted, one) for wanted in named for one in counted)

    return (
        figure.kind in change.kinds
        and any(one_above(areas, force, figure.force) for force in change.forces)
        and meets("allegation", change.allegations, figure.allegation)
        and meets("stage", change.stages, figure.stage)
        and meets("outcome", change.outcomes, figure.outcome)
    )
