"""Who counted a figure and who reported it, in words, and links to the number in its article."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from urllib.parse import quote

from app.database.reference import Reference
from app.domain.dataset import Source
from app.domain.records import Evidence
from app.domain.trees import with_ancestors
from app.domain.vocabulary import Basis, EvidenceRole, SourceKind
from app.web.cards import Card
from app.web.wording import POINTS

KINDS: Mapping[SourceKind, str] = {kind: kind.replace("-", " ") for kind in SourceKind} | {
    SourceKind.NEWS_ARTICLE: "",
    SourceKind.FOI_DOCUMENT: "Freedom of Information document",
}
"""What a source is; empty if its publisher says it."""


def published(source: Source) -> str:
    """Return when a source was published, as precisely as it is known; empty if it isn't."""
    if source.published.date is None:
        return ""
    year, *rest = map(int, source.published.date.split("-"))
    month, day = [*rest, 1, 1][:2]
    words = [str(day), f"{date(year, month, 1):%B}", f"{year}"][2 - len(rest) :]
    inferred = " (date inferred)" if source.published.basis is Basis.INFERRED else ""
    return " ".join(words) + inferred


def counted_by(source_id: str, reference: Reference) -> str:
    """Return who counted what a source states, and who reported it: the counter first, the source itself last.

    An article whose origin isn't known is credited with reporting the number, not with counting it.
    """
    *reporters, counter = (reference.sources[one] for one in with_ancestors(reference.origins, source_id))
    kind = KINDS[counter.kind]
    if kind:
        first = f"Counted by {counter.publisher} ({', '.join(filter(None, [kind, published(counter)]))})"
    else:
        first = f"Reported by {publication(counter)}"
    verbs = ["as reported by"] * bool(kind) + ["and repeated by"] * len(reporters)
    reported = [f"{verb} {publication(one)}" for verb, one in zip(verbs, reversed(reporters), strict=False)]
    return ", ".join([first, *reported])


def publication(source: Source) -> str:
    """Return who published a source, and when."""
    return ", ".join(filter(None, [source.publisher, published(source)]))


def disputes(evidence: Iterable[Evidence], reference: Reference) -> Iterator[str]:
    """Yield who disputes a record, on what, and what the curators note about it."""
    for one in evidence:
        if one.role is EvidenceRole.DISPUTES:
            point = f" on {POINTS[one.on]}" if one.on else ""
            disputed = f"{publication(reference.sources[one.source])} disputes it{point}."
            yield f"{disputed} {one.note}" if one.note else disputed


def at_number(source: Source, as_printed: str | None) -> str | None:
    """Return the address of an article, at the number if it prints one; None if it isn't online.

    Only the number is in the address, because no sentence of an article is ours to print.
    """
    if source.url is None or as_printed is None:
        return source.url
    mark = ":~:text=" + quote(as_printed, safe="").replace("-", "%2D")  # a hyphen would mean something else here
    return f"{source.url}{'' if '#' in source.url else '#'}{mark}"


def sources_of(cards: Iterable[Card], reference: Reference) -> list[str]:
    """Return who counted figures, each once."""
    found = dict.fromkeys(card.figure.evidence[0].source for card in cards)
    return [f"{counted_by(source, reference)}." for source in found]
