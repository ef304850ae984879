from types import SimpleNamespace
from typing import Any

import pytest

from app.domain.dataset import Source
from app.domain.records import Evidence
from app.domain.vocabulary import Kind
from app.web.credits import at_number, counted_by, publication
from tests import made


def source(name: str, **changes: object) -> Source:
    """Return a source: an undated article, unless changed."""
    facts = {"id": name, "title": name, "publisher": name.upper(), "published": {"basis": "not-stated"}}
    return Source.model_validate({**facts, "kind": "news-article", **changes})


def record(stating: Source, origin: Source, kind: Kind = Kind.OUTCOME) -> Any:  # noqa: ANN401 - no more is read
    """Return a record with its evidence and a link to the source that counted."""
    evidence = Evidence.model_validate({**made.STATES, "source": stating.id})
    return SimpleNamespace(kind=kind, evidence=[evidence], links=SimpleNamespace(origin=f"/v1/sources/{origin.id}"))


DAY = {"date": "2021-03-22", "precision": "day", "basis": "inferred"}
MONTH = {"date": "2021-10", "precision": "month", "basis": "stated"}
YEAR = {"date": "2021", "precision": "year", "basis": "stated"}


@pytest.mark.parametrize(
    ("chain", "expected"),
    [
        ([source("a", published=DAY)], "Reported by A, 22 March 2021 (date inferred)"),
        ([source("a", published=MONTH, kind="press-release")], "Counted by A (press release, October 2021)"),
        (
            [source("a", published=DAY, origin="b"), source("b", kind="foi-document")],
            "Counted by B (Freedom of Information document), as reported by A, 22 March 2021 (date inferred)",
        ),
        (
            [
                source("a", origin="b"),
                source("b", published=YEAR, origin="c"),
                source("c", kind="official-statistics"),
            ],
            "Counted by C (official statistics), as reported by B, 2021, and repeated by A",
        ),
        ([source("a", origin="b"), source("b", published=YEAR)], "Reported by B, 2021, and repeated by A"),
    ],
)
def test_who_counted_comes_first(chain: list[Source], expected: str) -> None:
    """Credits start with who counted, never say that a copy counted, and mark inferred dates."""
    reference: Any = SimpleNamespace(sources={one.id: one for one in chain})
    assert counted_by(record(chain[0], chain[-1]), reference) == expected


def test_an_incident_of_the_article_itself() -> None:
    """If an article reports someone's numbers, its other events are credited to the article."""
    article, release = source("a", published=YEAR, origin="b"), source("b", kind="press-release")
    reference: Any = SimpleNamespace(sources={"a": article, "b": release})
    assert counted_by(record(article, article, Kind.INCIDENT), reference) == "Reported by A, 2021"


def test_nothing_is_counted_in_an_incident() -> None:
    """An incident is credited to whoever tells of it, without a word about counting."""
    article, release = source("a", published=YEAR, origin="b"), source("b", kind="press-release")
    reference: Any = SimpleNamespace(sources={"a": article, "b": release})
    credited = counted_by(record(article, release, Kind.INCIDENT), reference)
    assert credited == "According to B (press release), as reported by A, 2021"


@pytest.mark.parametrize(
    ("url", "as_printed", "expected"),
    [
        ("https://example.org/a", "594", "https://example.org/a#:~:text=594"),
        ("https://example.org/a", "1,740", "https://example.org/a#:~:text=1%2C740"),
        ("https://example.org/a", "twenty-one", "https://example.org/a#:~:text=twenty%2Done"),
        ("https://example.org/a", "two thirds", "https://example.org/a#:~:text=two%20thirds"),
        ("https://example.org/a#b", "7", "https://example.org/a#b:~:text=7"),
        ("https://example.org/a", None, "https://example.org/a"),
        (None, "594", None),
    ],
)
def test_links_lead_to_the_number(url: str | None, as_printed: str | None, expected: str | None) -> None:
    """The text fragment has only the number, encoded so that browsers read it as plain text."""
    assert at_number(source("a", url=url), as_printed) == expected


def test_undated_sources() -> None:
    """A source without a date is credited without one."""
    assert publication(source("a")) == "A"
    assert publication(made.SOURCE) == "Nobody, 6 May 2024"
