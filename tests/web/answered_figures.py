"""Made-up figures as the API answers them."""

from collections.abc import Mapping

from app.releases.rendering import FigureAnswer
from tests import made

PLAIN = {"force": "police-scotland"}
"""A force whose rules didn't change."""


def answered_figure(**changes: object) -> FigureAnswer:
    """Return a figure without a base."""
    return made.answered(made.figure("one", **{**PLAIN, **changes}))


def answered_pair(part: Mapping[str, object], base: Mapping[str, object]) -> tuple[FigureAnswer, FigureAnswer]:
    """Return a figure and its base, which is settled unless the changes say otherwise."""
    above = made.figure("whole", **{**PLAIN, **base})
    below = made.figure("part", **{**PLAIN, "base": made.base("whole"), **part})
    is_settled = below.base is not None and below.base.id is not None
    return made.answered(below, above if is_settled else None), made.answered(above)
