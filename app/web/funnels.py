"""Funnel plots: forces by size, the expected rate, and the limits of what chance explains."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from app.analysis.rate_comparison import Limits, Place, RateComparison, limits_of
from app.analysis.rates import PER

WIDTH = 688
HEIGHT = 400
LEFT, RIGHT, TOP, BOTTOM = 40, 8, 16, 40
STEPS = 80
"""Steps in the line of a limit."""

ROOM = 1.15
"""How far the plot extends beyond the smallest and largest force, as a factor."""

NEAR = 16
"""Pixels; a label closer than this above or below another is left out. The table has every force."""

LEVELS = {"95": 0.95, "99.8": 0.998}


@dataclass(frozen=True)
class Mark:
    """A position on an axis, with its label."""

    at: float
    label: str


@dataclass(frozen=True)
class Point:
    """A force in the plot."""

    x: float
    y: float
    title: str
    name: str
    position: str
    """`within` the 95% limits, `outside` them, or `beyond` the 99.8% limits."""
    has_label: bool
    is_right: bool
    """Whether the point is near the right edge, so its label goes to the left."""


@dataclass(frozen=True)
class Funnel:
    """A funnel plot, in pixels."""

    description: str
    expected: float
    curves: Sequence[tuple[str, str]]
    """The level of each limit, and the points of its line."""
    points: Sequence[Point]
    sizes: Sequence[Mark]
    rates: Sequence[Mark]
    size_label: str
    rate_label: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def funnel(compared: RateComparison, names: Mapping[str, str]) -> Funnel | None:
    """Return the plot of a comparison; None if every rate is 0, because the plot would then have no height.

    Sizes are on a logarithmic scale, because one force is far larger.
    """
    if not compared.expected:
        return None
    sizes = [place.rate.person_years for place in compared.places]
    low, high = log10(min(sizes) / ROOM), log10(max(sizes) * ROOM)
    steps = [10 ** (low + (high - low) * step / STEPS) for step in range(STEPS + 1)]
    limits = {
        level: [limits_of(compared.expected, size, share) for size in steps] for level, share in LEVELS.items()
    }
    most = max(place.rate.rate for place in compared.places)
    top = max(most, compared.expected * 2, limits["95"][0].high) * 1.05

    def x(size: float) -> float:
        return round(LEFT + (log10(size) - low) / (high - low) * (WIDTH - LEFT - RIGHT), 1)

    def y(rate: float) -> float:
        return round(HEIGHT - BOTTOM - min(rate / top, 1) * (HEIGHT - TOP - BOTTOM), 1)

    curves = [
        (level, " ".join(f"{x(size)},{y(rate)}" for size, rate in _inside(steps, found, side, top)))
        for level, found in limits.items()
        for side in ("low", "high")
    ]
    year = " a year" if compared.places[0].rate.per_year else ""
    return Funnel(
        description=compared.summary,
        expected=y(compared.expected),
        curves=curves,
        points=_points(compared.places, names, (x, y)),
        sizes=[Mark(x(size), f"{size:,.0f}") for size in _powers(low, high)],
        rates=[Mark(y(rate), f"{rate:g}") for rate in _round_steps(top)],
        size_label="Person-years, on a logarithmic scale" if year else "People, on a logarithmic scale",
        rate_label=f"Per {PER:,}{year}",
    )


def _inside(
    sizes: Sequence[float], limits: Sequence[Limits], side: str, top: float
) -> Iterator[tuple[float, float]]:
    """Yield the points of a limit's line that are inside the plot."""
    for size, limit in zip(sizes, limits, strict=True):
        rate = getattr(limit, side)
        if rate <= top:
            yield size, rate


Scale = Callable[[float], float]


def _points(places: Sequence[Place], names: Mapping[str, str], scales: tuple[Scale, Scale]) -> list[Point]:
    """Return the forces as points; those outside the limits get labels if there is room."""
    x, y = scales
    found: list[Point] = []
    labelled: list[tuple[float, float]] = []
    for place in sorted(places, key=lambda one: -one.rate.rate):
        name = names[place.force]
        position = place.position
        at = x(place.rate.person_years), y(place.rate.rate)
        is_free = all(abs(at[1] - other[1]) > NEAR or abs(at[0] - other[0]) > WIDTH / 3 for other in labelled)
        has_label = position != "within" and is_free
        labelled += [at] if has_label else []
        title = f"{name}: {place.rate.numerator:,}, {place.rate.rate:.2f} per {PER:,}"
        found.append(Point(*at, title, name, position, has_label, at[0] > WIDTH * 0.6))
    return found


def _powers(low: float, high: float) -> list[float]:
    """Return round sizes between two logarithms: 5,000, 10,000, 20,000, 50,000."""
    found = [factor * 10.0**power for power in range(floor(low), ceil(high) + 1) for factor in (1, 2, 5)]
    return [size for size in found if low <= log10(size) <= high]


def _round_steps(top: float) -> list[float]:
    """Return a few round rates from 0 up to the given one."""
    raw = top / 5
    power = 10.0 ** floor(log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw)
    return [round(step * number, 10) for number in range(int(top / step) + 1)]
