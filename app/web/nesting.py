"""The order of figures on a page: each nested under the figure that it is a share of."""

from collections import defaultdict
from collections.abc import Sequence

from app.releases.rendering import FigureAnswer


def nested(figures: Sequence[FigureAnswer]) -> list[tuple[FigureAnswer, int]]:
    """Return figures depth first, each under its base if that is among them, with its depth.

    Roots keep their order, and so do the figures under each base. Ambiguous figures go under their first candidate.
    """
    ids = {figure.id for figure in figures}
    children: dict[str | None, list[FigureAnswer]] = defaultdict(list)
    for figure in reversed(figures):
        base = first_base(figure)
        children[base if base in ids else None].append(figure)
    found: list[tuple[FigureAnswer, int]] = []
    # A stack instead of recursion, because nesting may be as deep as the page is long.
    stack = [(figure, 0) for figure in children[None]]
    while stack:
        figure, depth = stack.pop()
        found.append((figure, depth))
        stack += [(child, depth + 1) for child in children[figure.id]]
    return found


def first_base(figure: FigureAnswer) -> str | None:
    """Return the id of a figure's base, or of its first candidate if it's ambiguous; None if it has no base."""
    return (figure.base.id or figure.base.candidates[0]) if figure.base is not None else None
