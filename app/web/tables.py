"""Figures as table rows: the first few of a selection, and the total."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.http.session import Session
from app.queries.page import find_page
from app.queries.parameters import FIGURES, INCIDENTS
from app.queries.query import RecordQuery
from app.releases.rendering import IncidentAnswer
from app.web.cards import Card
from app.web.page import pin_of
from app.web.reading import read_page

ROWS = 50
"""The most figures in a table on pages about something else; the front page has the others."""

SHOWN_INCIDENTS = 10
MAX_OTHERS = 200
"""The most names on a page; nobody looks through more."""


@dataclass(frozen=True)
class Table:
    """The newest figures of a selection, and where to find the others."""

    cards: Sequence[Card]
    total: int
    more: str
    """The address of the front page with these figures."""
    downloads: Sequence[tuple[str, str]]
    """The names and addresses of files with all of them."""


@dataclass(frozen=True)
class Incidents:
    """Incidents of a selection, newest first."""

    records: Sequence[IncidentAnswer]
    total: int
    more: str


async def read_table(session: Session, query: RecordQuery) -> Table:
    """Return the figures of a selection as a table; `query.given` must contain its filters."""
    page = await find_page(session.connection, replace(query, limit=ROWS), session.reference)
    pin = dict(pin_of(session))
    return Table(
        cards=await read_page(session, page),
        total=page.total,
        more=query.address("/", view="table", **pin),
        downloads=[
            (form.upper(), query.address("/v1/figures", format=form, **pin)) for form in ("csv", "xlsx", "json")
        ],
    )


async def read_incidents(session: Session, query: RecordQuery) -> Incidents:
    """Return the incidents of a selection."""
    of_incidents = replace(query, resource=INCIDENTS, limit=SHOWN_INCIDENTS)
    page = await find_page(session.connection, of_incidents, session.reference)
    records = [IncidentAnswer.model_validate_json(document) for document in page.documents]
    return Incidents(records, page.total, query.address("/", **dict(pin_of(session))) + "#incidents")


def selection(**filters: str) -> RecordQuery:
    """Return the query with these filters."""
    values = {name: (value,) for name, value in filters.items()}
    return RecordQuery(FIGURES, **values, given={name: [value] for name, value in filters.items()})  # type: ignore[arg-type]  # each takes several values
