"""Find things by part of their names, or by names that are almost right."""

from collections.abc import Mapping
from difflib import get_close_matches

from app.http.problems import Problem, not_found
from app.http.session import Session
from app.queries.parameters import PARAMETERS
from app.queries.query import read_few

MAX_NEAR = 3


SEARCH = PARAMETERS["q"]
"""Finds an item on a page that lists it."""

LISTED = [PARAMETERS["release"], SEARCH]
"""The parameters of a page that lists things."""


def wanted_of(session: Session) -> str:
    """Return the search words on a page that lists things; empty to list all."""
    return str(read_few(session.pairs, LISTED, session.reference, session.errors).get(SEARCH.name, ""))


def matching(names: Mapping[str, str], wanted: str) -> set[str]:
    """Return the ids whose name or id contains every search word."""
    words = wanted.casefold().split()
    return {id_ for id_, name in names.items() if all(word in f"{id_} {name}".casefold() for word in words)}


def missing(what: str, wanted: str, names: Mapping[str, str]) -> Problem:
    """Return the problem of an id that names nothing, with what may have been meant."""
    return not_found(f"There is no {what} {wanted[:100]!r} in this release.", near(wanted, names))


def near(wanted: str, names: Mapping[str, str]) -> list[str]:
    """Return ids that may have been meant: by a part of their names, then by likeness."""
    plain = wanted[:100].casefold().replace("-", " ").replace("_", " ").strip()
    inside = sorted(matching(names, plain), key=len) if len(plain) > 1 else []
    alike = get_close_matches(plain.replace(" ", "-"), list(names), MAX_NEAR, cutoff=0.5)
    return list(dict.fromkeys([*inside, *alike]))[:MAX_NEAR]
