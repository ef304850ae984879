"""Tile maps: a tile for each force, roughly where it is, with its rate and whether chance explains it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

from app.analysis.rate_comparison import Place, RateComparison
from app.analysis.rates import PER
from app.database.reference import Reference
from app.domain.vocabulary import ForceKind

LAYOUT = """
northern-ireland - police-scotland northumbria - - british-transport-police
- - cumbria durham cleveland - -
- - lancashire north-yorkshire humberside - -
- merseyside greater-manchester west-yorkshire south-yorkshire - -
north-wales cheshire staffordshire derbyshire nottinghamshire lincolnshire -
dyfed-powys west-mercia west-midlands leicestershire northamptonshire cambridgeshire norfolk
south-wales gwent warwickshire thames-valley bedfordshire hertfordshire suffolk
- avon-and-somerset gloucestershire wiltshire metropolitan city-of-london essex
- devon-and-cornwall dorset hampshire surrey sussex kent
"""
"""Where each force is: rows from north to south, each from west to east; a hyphen is an empty cell."""

PLACES = {
    force: (column, row)
    for row, line in enumerate(LAYOUT.strip().splitlines())
    for column, force in enumerate(line.split())
    if force != "-"
}
SURROUNDING = "england-and-wales"
"""Forces in this area always have a tile; others only if they have a record."""

PITCH_X, PITCH_Y, GAP = 98, 66, 3
CHARACTERS = 15
"""The most characters of a name on one line of a tile."""

KIND = re.compile(r"^Police Service of | (Police Service|Police|Constabulary)$")
"""The parts that force names have in common, which tiles leave out."""

COLOURS = {"within": "#7f9399", "above": "#b3541e", "below": "#2b6f77"}
"""Colours of the tiles; grey means that chance explains the difference."""


@dataclass(frozen=True)
class Tile:
    """A force on the map."""

    x: int
    y: int
    name: Sequence[str]
    """Its short name, on one or more lines."""
    place: Place | None
    """Its place in the comparison, if it has a rate."""
    text: str
    """The rate, or a note that there is none."""
    title: str

    @property
    def colour(self) -> str:
        """The colour for above, below or within the limits."""
        return COLOURS[self.place.side if self.place else "within"]


@dataclass(frozen=True)
class TileMap:
    """A map of forces, in pixels."""

    description: str
    reading: Sequence[str]
    """How to read it."""
    tiles: Sequence[Tile]
    width: int
    height: int
    tile_width: int = PITCH_X - GAP
    tile_height: int = PITCH_Y - GAP


READING = (
    "Coloured: above or below what chance explains, pale outside the 95% limits, strong outside the 99.8% limits.",
    "Grey: chance can explain the difference. Hatched: no record here, or no rate. That isn't zero.",
)


def tile_map(compared: RateComparison, without: Mapping[str, str], reference: Reference) -> TileMap:
    """Return the map of a comparison; `without` says in a word or two why other forces have no rate."""
    places = {place.force: place for place in compared.places}
    tiles = list(_tiles(places, without, reference))
    lines = max(tile.y for tile in tiles) // PITCH_Y + 1
    sides = {
        side: [" ".join(tile.name) for tile in tiles if tile.place and tile.place.side == side]
        for side in ("above", "below")
    }
    said = [
        f"{side.capitalize()} what chance explains: {', '.join(names)}." for side, names in sides.items() if names
    ]
    year = " a year" if compared.places[0].rate.per_year else ""
    reading = [f"One tile a force, roughly where it is, with its number per {PER:,}{year}.", *READING]
    if compared.by_case and (grey := len(compared.outside - compared.outside_by_case)):
        coloured = len(compared.outside)
        ones = f"all {coloured}" if grey == coloured else f"{grey} of the {coloured}"
        reading.append(f"Counted by case, {ones} coloured forces would be grey.")
    return TileMap(" ".join([compared.summary, *said]), reading, tiles, PITCH_X * 7, PITCH_Y * lines)


def _tiles(places: Mapping[str, Place], without: Mapping[str, str], reference: Reference) -> Iterator[Tile]:
    spare = max(row for _, row in PLACES.values()) + 1
    unplaced = [force for force in (*places, *without) if force not in PLACES]
    everywhere = PLACES | {force: (number % 7, spare + number // 7) for number, force in enumerate(unplaced)}
    top = min(everywhere[force][1] for force in (*places, *without))
    for force, (column, row) in everywhere.items():
        if force not in places and force not in without:
            continue
        place = places.get(force)
        full = reference.names["force"][force]
        text = f"{place.rate.rate:.2f}" if place else without[force]
        count = f"{place.rate.numerator:,}, {text} per {PER:,}" if place else text
        yield Tile(
            column * PITCH_X,
            (row - top) * PITCH_Y,
            wrap(KIND.sub("", full), CHARACTERS, break_long_words=False),
            place,
            text,
            f"{full}: {count}",
        )


def expected_forces(reference: Reference) -> list[str]:
    """Return the forces that a map always shows, sorted by name."""
    found = (
        one for one in reference.forces.values() if one.kind is ForceKind.TERRITORIAL and one.part_of == SURROUNDING
    )
    return [one.id for one in sorted(found, key=lambda one: one.name)]
