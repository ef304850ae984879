"""Look up items by part of their name, or by a name that is almost right."""

from collections.abc import Mapping
from difflib import get_close_matches

from app.http.problems import Problem, not_found
from app.http.session import Session
from app.queries.parameters import PARAMETERS
from app.queries.query import read_few

MAX_NEAR = 3

LISTED = [PARAMETERS["release"], PARAMETERS["q"]]
"""The parameters of a listing page."""


def wanted_of(session: Session) -> str:
    """Return the search text of a listing page; empty to list everything."""
    return str(read_few(session.pairs, LISTED, session.reference, session.errors).get("q", ""))


def matching(names: Mapping[str, str], wanted: str) -> set[str]:
    """Return the ids whose name or id contains every word of the search."""
    words = wanted.casefold().split()
    return {id_ for id_, name in names.items() if all(word in f"{id_} {name}".casefold() for word in words)}


def missing(what: str, wanted: str, names: Mapping[str, str]) -> Problem:
    """Return the problem of an unknown id, with suggestions."""
    return not_found(f"There is no {what} {wanted[:100]!r} in this release.", near(wanted, names))


def near(wanted: str, names: Mapping[str, str]) -> list[str]:
    """Return suggested ids: first those with matching names, then those that look alike."""
    plain = wanted[:100].casefold().replace("-", " ").replace("_", " ").strip()
    inside = sorted(matching(names, plain), key=len) if len(plain) > 1 else []
    alike = get_close_matches(plain.replace(" ", "-"), list(names), MAX_NEAR, cutoff=0.5)
    return list(dict.fromkeys([*inside, *alike]))[:MAX_NEAR]
