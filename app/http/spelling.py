"""What a request comes to, however it is spelt: two that come to the same have one answer."""

from collections.abc import Mapping
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from app.http.compression import IDENTITY, acceptable, best_of
from app.http.middleware import REQUEST_ID
from app.http.problems import Problem
from app.queries.query import read_pairs

LONGEST = 4_096
"""Bytes of an address with what it is asked with; nobody is likely to ask for a longer one again."""

REQUEST_ID_FIELD = REQUEST_ID.lower().encode()

Fields = list[tuple[bytes, bytes]]


class Asked(NamedTuple):
    """A request as the client spelt it: all that a stored answer can depend on."""

    path: str
    query: bytes
    accept: bytes
    encodings: bytes


class Wanted(NamedTuple):
    """What a request comes to, however it is spelt."""

    path: str
    pairs: tuple[tuple[str, str], ...]
    """Its parameters by name; the order of the values of one is kept, for answers repeat it."""
    accept: bytes
    encoding: str
    plain: bool
    """Whether a short answer may go out plain."""


def read_fields(fields: Fields) -> tuple[bytes, bytes, bytes, bytes]:
    """Return what a request says of media types, encodings, the client's copies and its id.

    A field that is given twice is spelt otherwise than one that is given once.
    """
    accept = encodings = named = given = b""
    for name, value in fields:
        if name == b"accept":
            accept = b"%b,%b" % (accept, value) if accept else value
        elif name == b"accept-encoding":
            encodings = b"%b,%b" % (encodings, value) if encodings else value
        elif name == b"if-none-match":
            named = b"%b,%b" % (named, value) if named else value
        elif name == REQUEST_ID_FIELD:
            given = given or value
    return accept, encodings, named, given


def what_is_wanted(asked: Asked) -> Wanted | None:
    """Return what a request comes to; None where its answer would not be stored anyway."""
    if sum(map(len, asked)) > LONGEST:
        return None
    try:
        pairs = read_pairs(asked.query)
    except Problem:
        return None
    return Wanted(
        asked.path, tuple(sorted(pairs, key=itemgetter(0))), asked.accept or b"*/*", *_choice(asked.encodings)
    )


@lru_cache(1_000)
def taken(encodings: bytes) -> Mapping[str, float]:
    """Return how much a client likes each encoding that it takes."""
    return acceptable(encodings.decode("latin-1"))


def _choice(encodings: bytes) -> tuple[str, bool]:
    likes = taken(encodings)
    return (best_of(likes), IDENTITY in likes) if likes else ("", False)
