"""The origin of a source: its chain, and the words that name who counted and who reported it."""

import pytest
from httpx import AsyncClient

from app.domain.dataset import Published, Source
from app.domain.records import Evidence
from app.formats.columns import cell, columns
from app.formats.resources import SourceAnswer, source_answer
from app.releases.origins import attribution, chain_of, date_of, origin_chain
from tests.made import STATES


def source(id: str, kind: str = "news-article", **changes: object) -> Source:  # noqa: A002 - the name of the field
    """Return a source dated 14 May 2024."""
    facts = {
        "id": id,
        "title": f"About {id}",
        "publisher": id.title(),
        "published": {"date": "2024-05-14", "precision": "day", "basis": "stated"},
        "kind": kind,
    }
    return Source.model_validate({**facts, **changes})


FORCE = source("force", "foi-document", published={"basis": "not-stated"})
PAPER = source("paper", origin="force", url="https://paper.test/a")
COPY = source("copy", origin="paper", published={"date": "2024-05", "precision": "month", "basis": "inferred"})
SOURCES = {one.id: one for one in (COPY, FORCE, PAPER)}


def test_a_chain_leads_from_who_counted_to_the_source() -> None:
    """The source that counted comes first, then the one that published it, and last the source itself."""
    assert origin_chain(SOURCES, "copy") == [FORCE, PAPER, COPY]
    assert origin_chain(SOURCES, "force") == [FORCE]


def test_a_passage_may_name_another_who_counted() -> None:
    """A passage's own origin comes before its source; the source's origin is left out."""

    def passage(**changes: object) -> Evidence:
        return Evidence.model_validate({**STATES, "source": "copy", **changes})

    other = source("union", origin="watchdog")
    sources = {**SOURCES, "union": other, "watchdog": (watchdog := source("watchdog"))}
    assert chain_of(sources, passage()) == [FORCE, PAPER, COPY]
    assert chain_of(sources, passage(origin="union")) == [watchdog, other, COPY]
    assert chain_of(sources, passage(origin="copy")) == [FORCE, PAPER, COPY]


@pytest.mark.parametrize(
    ("published", "words"),
    [
        ({"date": "2021-03-02", "precision": "day", "basis": "stated"}, "2 March 2021"),
        ({"date": "2021-03-22", "precision": "day", "basis": "inferred"}, "22 March 2021 (date inferred)"),
        ({"date": "2021-10", "precision": "month", "basis": "inferred"}, "October 2021 (date inferred)"),
        ({"date": "2021", "precision": "year", "basis": "stated"}, "2021"),
        ({"basis": "not-stated"}, None),
    ],
)
def test_a_date_is_as_precise_as_it_is_known(published: dict[str, str], words: str | None) -> None:
    """A date in words is as precise as the known date, and says if it's inferred."""
    assert date_of(Published.model_validate(published)) == words


def test_who_counted_comes_before_who_reported_it() -> None:
    """The kind of document is named; an unknown date of the source that counted is left out."""
    assert attribution(FORCE, PAPER) == (
        "Force (Freedom of Information document), as reported by Paper, 14 May 2024, https://paper.test/a"
    )
    assert attribution(FORCE, COPY, titled=True) == (
        "Force (Freedom of Information document), as reported by Copy, “About copy”, May 2024 (date inferred)"
    )


def test_who_counted_and_reported_it_is_named_once() -> None:
    """A source without an origin is its own origin; without a date it's undated."""
    assert attribution(PAPER, PAPER) == "Paper, 14 May 2024, https://paper.test/a"
    assert attribution(FORCE, FORCE) == "Force (Freedom of Information document), undated"
    release = source("watchdog", "press-release")
    assert attribution(release, PAPER).startswith("Watchdog (press release), 14 May 2024, as reported by Paper, ")


def test_a_source_is_answered_with_its_chain() -> None:
    """Each link has what's needed to name it; in CSV, the chain is JSON."""
    answered = source_answer(COPY, SOURCES, records=3)
    assert [link.publisher for link in answered.origin_chain] == ["Force", "Paper", "Copy"]
    assert set(type(answered.origin_chain[0]).model_fields) == {"id", "publisher", "title", "published", "url"}
    (column,) = [one for one in columns(SourceAnswer) if one.header == "origin_chain"]
    assert cell(column, answered.model_dump(mode="json")).startswith('[{"id":"force","publisher":"Force",')


@pytest.mark.anyio
async def test_every_source_ends_its_own_chain(client: AsyncClient) -> None:
    """The chain of each source ends with the source itself and starts with one that has no origin."""
    sources = {one["id"]: one for one in (await client.get("/v1/sources")).json()["data"]}
    for id_, one in sources.items():
        chain = [link["id"] for link in one["origin_chain"]]
        assert chain[-1] == id_
        assert sources[chain[0]]["origin"] is None
        assert [sources[after]["origin"] for after in chain[1:]] == chain[:-1]
