"""Credits: who counted a figure or tells of an incident, and who reported it, and links to numbers in articles."""

from collections.abc import Iterable, Iterator
from itertools import dropwhile
from urllib.parse import quote

from app.database.reference import Reference
from app.domain.dataset import Source
from app.domain.records import Evidence, stating_evidence
from app.domain.vocabulary import EvidenceRole, Kind
from app.releases.origins import KINDS, chain_of, date_of
from app.releases.rendering import FigureAnswer, IncidentAnswer
from app.web.cards import Card
from app.web.wording import POINTS


def counted_by(record: FigureAnswer | IncidentAnswer, reference: Reference) -> str:
    """Return who counted and who reported a record's number, from the original counter to its source.

    An article of unknown origin is credited with reporting the number, not with counting it. Nothing is counted
    in an incident.
    """
    origin = record.links.origin.rpartition("/")[2]
    chain = chain_of(reference.sources, stating_evidence(record))
    counter, *reporters = dropwhile(lambda one: one.id != origin, chain)
    if counter.kind in KINDS:
        kind_and_date = ", ".join(filter(None, [KINDS[counter.kind], date_of(counter.published)]))
        verb = "According to" if record.kind is Kind.INCIDENT else "Counted by"
        first = f"{verb} {counter.publisher} ({kind_and_date})"
    else:
        first = f"Reported by {publication(counter)}"
    verbs = ["as reported by"] * (counter.kind in KINDS) + ["and repeated by"] * len(reporters)
    reported = [f"{verb} {publication(one)}" for verb, one in zip(verbs, reporters, strict=False)]
    return ", ".join([first, *reported])


def credit(figure: FigureAnswer, reference: Reference) -> str:
    """Return a short credit, such as "Counted by the Home Office"."""
    counter = reference.sources[figure.links.origin.rpartition("/")[2]]
    return f"{'Counted' if counter.kind in KINDS else 'Reported'} by {counter.publisher}"


def publication(source: Source) -> str:
    """Return who published a source, and when."""
    return ", ".join(filter(None, [source.publisher, date_of(source.published)]))


def disputes(evidence: Iterable[Evidence], reference: Reference) -> Iterator[str]:
    """Yield who disputes a record, on what point, and the curators' note on it."""
    for one in evidence:
        if one.role is EvidenceRole.DISPUTES:
            point = f" on {POINTS[one.on]}" if one.on else ""
            disputed = f"{publication(reference.sources[one.source])} disputes it{point}."
            yield f"{disputed} {one.note}" if one.note else disputed


def at_number(source: Source, as_printed: str | None) -> str | None:
    """Return a link to an article, at the number if it prints one; None if it isn't online.

    The link contains only the number, because we may not print sentences from an article.
    """
    if source.url is None or as_printed is None:
        return source.url
    mark = ":~:text=" + quote(as_printed, safe="").replace("-", "%2D")  # a hyphen has a special meaning here
    return f"{source.url}{'' if '#' in source.url else '#'}{mark}"


def sources_of(cards: Iterable[Card], reference: Reference) -> list[str]:
    """Return who counted the figures, without repeats."""
    return list(dict.fromkeys(f"{counted_by(card.figure, reference)}." for card in cards))
