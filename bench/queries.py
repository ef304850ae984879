"""The requests of the measurements."""

from collections.abc import Iterator
from datetime import date
from random import Random
from urllib.parse import parse_qsl, urlsplit

import orjson

from app.seeds.reading import read
from app.settings import PROJECT
from bench.servers import Server

SAME = "&".join(f"id=synthetic-0000001-{part}" for part in range(8))
"""Eight related figures, the same in a synthetic dataset of any size."""

SHOWN = "/v1/figures?force=metropolitan&limit=50"


def new_queries() -> Iterator[str]:
    """Yield queries for a force and a few years, no two the same, with fifty figures or more each."""
    chance = Random(1)  # noqa: S311 - the same every time
    forces = [force.id for force in read(PROJECT / "seeds").dataset.forces]
    yielded = set()
    while True:
        start = date(chance.randint(1995, 2018), chance.randint(1, 12), 1)
        end = date(start.year + chance.randint(3, 6), chance.randint(1, 12), 28)
        path = f"/v1/figures?force={chance.choice(forces)}&period={start}/{end}&limit=50"
        if path not in yielded:
            yielded.add(path)
            yield path


def parts_of(path: str) -> str:
    """Return the force, start and end of a new query, as the peers take them."""
    query = dict(parse_qsl(urlsplit(path).query))
    start, _, end = query["period"].partition("/")
    return f"force={query['force']}&start={start}&end={end}"


def deep_page(server: Server, depth: int) -> str:
    """Return the address of a page this deep in the list of all figures, found by walking there."""
    path, seen = "/v1/figures?limit=500", 0
    while seen < depth:
        _, body = server.get(path)
        page = orjson.loads(body)
        seen += page["meta"]["count"]
        path = page["links"]["next"]
    return path.replace("limit=500", "limit=50")
