"""Content negotiation: the media type and encoding that a client prefers, for routes and the response cache."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from starlette.types import Scope
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from app.formats import lists
from app.formats.citations import CITATION_FORMATS
from app.formats.dcat import MEDIA_TYPE as LINKED_DATA

MEDIA_TYPES = (
    *lists.MEDIA_TYPES.values(),
    *(citation.media_type for citation in CITATION_FORMATS.values()),
    LINKED_DATA,
    "application/atom+xml",
    "application/xml",
    "application/zip",
    "application/problem+json",
    "text/html",
    "text/css",
    "text/javascript",
    "text/plain",
    "text/xml",
    "image/png",
    "image/svg+xml",
)
"""Every media type that Upheld can answer with."""

IDENTITY = "identity"
ENCODINGS = ("br", "gzip")
"""Content encodings, the best compression first."""

ALIASES = {"x-gzip": "gzip"}
MAX_HEADERS = 100
"""Parsed headers kept in memory. Each may be 8 KB long, and most clients send the same ones."""

LEAST = 1e-9
"""The quality of `identity` if `Accept-Encoding` doesn't mention it: lower than any that it does mention."""


class Preference(NamedTuple):
    """How much a client wants a media type; larger is better."""

    quality: float
    specificity: int
    """2 if `Accept` names the type, 1 for `type/*`, 0 for `*/*`."""


Preferences = Mapping[str, Preference]
"""A client's preference for each of `MEDIA_TYPES`. `Accept` headers with equal preferences get equal answers."""


class Encodings(NamedTuple):
    """The encoding to answer in; empty if the client accepts none of ours."""

    best: str
    accepts_identity: bool
    """Whether an answer too small to compress may be sent uncompressed."""


def accept_headers(scope: Scope) -> tuple[str, str | None]:
    """Return a request's `Accept` and `Accept-Encoding`; repeated headers are one list (RFC 9110, 5.3)."""
    accept = encoding = None
    for name, value in scope["headers"]:
        if name == b"accept" and value.strip(b" ,\t"):
            accept = value if accept is None else b"%b,%b" % (accept, value)
        elif name == b"accept-encoding":
            encoding = value if encoding is None else b"%b,%b" % (encoding, value)
    return (accept or b"").decode("latin-1"), None if encoding is None else encoding.decode("latin-1")


def accepted_types(scope: Scope) -> Preferences:
    """Return a request's preference for each media type."""
    return preferences(accept_headers(scope)[0])


def accepted_encodings(scope: Scope) -> Encodings:
    """Return the encoding that a request prefers."""
    return encodings(accept_headers(scope)[1])


@lru_cache(MAX_HEADERS)
def preferences(accept: str) -> Preferences:
    """Return an `Accept` header's preference for each media type (RFC 9110, 12.5.1), ignoring parameters."""
    ranges: dict[str, float] = {}
    for text, quality in parse_accept_header(accept or "*/*", Accept):
        ranges.setdefault(text.partition(";")[0].strip().lower(), quality)

    def of(media_type: str) -> Preference:
        for specificity, text in ((2, media_type), (1, f"{media_type.partition('/')[0]}/*"), (0, "*/*")):
            if text in ranges:
                return Preference(ranges[text], specificity)
        return Preference(0, 0)

    return {media_type: of(media_type) for media_type in MEDIA_TYPES}


def preferred(accepted: Preferences, forms: Mapping[str, str]) -> str | None:
    """Return the form that a client prefers among those given with their media types.

    If several tie, it's the first of them; None if the client accepts none.
    """
    wanted = {name: accepted[media_type.partition(";")[0]] for name, media_type in forms.items()}
    acceptable = [name for name, preference in wanted.items() if preference.quality > 0]
    return max(acceptable, key=lambda name: wanted[name], default=None)


@lru_cache(MAX_HEADERS)
def encodings(accept_encoding: str | None) -> Encodings:
    """Return the encoding to answer in (RFC 9110, 12.5.3).

    A client that doesn't send the header accepts anything, but may not be able to decode anything, so it gets
    `identity`.
    """
    if accept_encoding is None:
        return Encodings(IDENTITY, accepts_identity=True)
    named: dict[str, float] = {}
    for name, quality in parse_accept_header(accept_encoding, Accept):
        named.setdefault(ALIASES.get(name.lower(), name.lower()), quality)
    others = named.get("*", 0)
    qualities = {name: named.get(name, others) for name in ENCODINGS}
    qualities[IDENTITY] = named.get(IDENTITY, named.get("*", LEAST))
    best = max(qualities, key=lambda name: qualities[name])
    return Encodings(best if qualities[best] > 0 else "", qualities[IDENTITY] > 0)
