"""Where a source's numbers come from: who counted, who published, who repeated."""

from collections.abc import Mapping
from datetime import date

from app.domain.dataset import Published, Source
from app.domain.records import Evidence
from app.domain.trees import with_ancestors
from app.domain.vocabulary import Basis, Precision, SourceKind

KINDS = {
    SourceKind.PRESS_RELEASE: "press release",
    SourceKind.FOI_DOCUMENT: "Freedom of Information document",
    SourceKind.OFFICIAL_STATISTICS: "official statistics",
    SourceKind.DATA_TABLE: "data table",
}
"""The kind of source to add after the publisher's name; a news article needs none."""

UNDATED = "undated"


def origin_chain(sources: Mapping[str, Source], source: str) -> list[Source]:
    """Return a source and everything it goes back to, starting with the one that counted."""
    parents = {id_: one.origin for id_, one in sources.items()}
    return [sources[id_] for id_ in reversed(with_ancestors(parents, source))]


def chain_of(sources: Mapping[str, Source], evidence: Evidence) -> list[Source]:
    """Return the chain of sources behind a passage: the one that counted first, the passage's own source last."""
    chain = origin_chain(sources, evidence.origin or evidence.source)
    return chain if chain[-1].id == evidence.source else [*chain, sources[evidence.source]]


def attribution(counter: Source, report: Source, *, titled: bool = False) -> str:
    """Return who counted, then who reported it, with the report's date, URL and, if `titled`, title.

    "Northmoor Constabulary (press release), 2 May 2024, as reported by Northmoor Courier, 14 May 2024, https://…"
    """
    day = date_of(report.published) or UNDATED
    parts = [_named(report), f"\u201c{report.title}\u201d" if titled else None, day, report.url]
    if counter.id != report.id:
        parts = [_named(counter), date_of(counter.published), f"as reported by {parts[0]}", *parts[1:]]
    return ", ".join(filter(None, parts))


def _named(source: Source) -> str:
    return f"{source.publisher} ({KINDS[source.kind]})" if source.kind in KINDS else source.publisher


def date_of(published: Published) -> str | None:
    """Return a date in words: "22 March 2021 (date inferred)", "October 2021", "2021"; None if it isn't known."""
    if published.date is None:
        return None
    match published.precision:
        case Precision.DAY:
            day = date.fromisoformat(published.date)
            words = f"{day.day} {day:%B %Y}"
        case Precision.MONTH:
            words = f"{date.fromisoformat(f'{published.date}-01'):%B %Y}"
        case _:
            words = published.date
    return f"{words} (date inferred)" if published.basis is Basis.INFERRED else words
