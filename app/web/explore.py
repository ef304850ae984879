"""The front page: figures as cards or a table, and incidents."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import orjson
from fastapi import APIRouter, Request, Response

from app.analysis.warnings import ListWarning
from app.database.reference import Reference
from app.domain.vocabulary import Kind, ValueType
from app.domain.wording import Names
from app.http.answer import Content, answer
from app.http.problems import bad_query
from app.http.session import Session
from app.queries.cursor import next_cursor
from app.queries.errors import BadQueryError, ParameterError
from app.queries.knowledge import read_knowledge
from app.queries.page import UNDISCLOSED, find_page
from app.queries.parameters import FIGURES, INCIDENTS, PARAMETERS
from app.queries.query import Pairs, RecordQuery, grouped, read_query
from app.releases.rendering import IncidentAnswer
from app.web.cards import Card, beyond, card
from app.web.charts import LEGEND, TreeChart, timeline, tree_chart
from app.web.choices import read_form
from app.web.credits import at_number, counted_by, credit
from app.web.findings import LOOKED_AT, findings
from app.web.lookalikes import lookalikes
from app.web.page import address, html, page_of, prefers_page, rendered, without_blanks
from app.web.pictures import FORMS
from app.web.reading import read_cards, read_figures, read_page
from app.web.records import shown_incident
from app.web.wording import FILTERS, filter_in_words, without_hint

router = APIRouter(include_in_schema=False)

ON_A_PAGE = 15
"""Figures on a page unless `limit` says otherwise; about as many as a person will look through."""

MAX_CARDS = 100
INCIDENTS_ON_A_PAGE = 10
MAX_CONCERNED = 3
"""The most figures to name for a warning."""

EXPLORE = replace(
    FIGURES,
    others=("sort", "limit", "cursor", "release", "view"),
    max_limit=MAX_CARDS,
    views=("cards", "table"),
)
"""The parameters of the front page: all filters of figures."""

IN_FORM = ("force", "allegation", "outcome", "period", "include_undated")
"""The filters in the form; others are kept unchanged."""

CHART_COLUMNS = "label,force_name,period_label,value,base_value"
"""The columns of the data link for charting tools. It has only counts, never mixed with percentages."""

NOT_OF_INCIDENTS = tuple(name for name in FIGURES.filters if name not in INCIDENTS.filters)


@router.get("/")
async def get_front_page(request: Request) -> Response:
    """Show figures as cards, with what they are shares of, their periods, and incidents."""
    clean = without_blanks(request, (*IN_FORM, "q"))
    if clean is not None:
        return clean

    async def build(session: Session) -> Content:
        try:
            query = read_query(session.pairs, EXPLORE, session.reference, session.errors)
        except BadQueryError as error:
            if not prefers_page(request):
                raise
            return await refused(session, error)
        return await front_page(session, query)

    return await answer(request, build, walks=True)


async def front_page(session: Session, query: RecordQuery) -> Content:
    """Build the page for a query."""
    connection, reference = session.connection, session.reference
    limited = query if "limit" in query.given else replace(query, limit=ON_A_PAGE)
    page = await find_page(connection, limited, reference, session.after)
    cards = await read_page(session, page)
    known = await read_knowledge(connection, reference, [figure.id for figure in page.figures])
    by_id = {shown.figure.id: shown for shown in cards}
    incidents, incidents_total = await _incidents(session, query)
    trees = _trees(cards)
    is_front = not set(query.given) - {"release", "view"}
    unpaged: dict[str, None] = {"limit": None, "cursor": None, "view": None}
    more = next_cursor(session.release, query.fingerprint, page.next_place)
    return page_of(
        session,
        "explore.html",
        form=await read_form(session, query.given, IN_FORM),
        search=_search(query.given),
        findings=await _findings(session) if is_front else [],
        chips=_chips(query, reference.names),
        refused=False,
        is_front=is_front,
        texts=sum(source.file is not None for source in reference.sources.values()),
        cards=cards if query.view != "table" else [by_id[figure.id] for figure in page.figures],
        view=query.view or EXPLORE.views[0],
        views=[(view, query.address("/", view=view)) for view in EXPLORE.views],
        orders={name: _order(query, name) for name in ("value", "period")},
        trees=trees,
        legend=[one for one in LEGEND.items() if any(one in chart.legend for _, chart in trees)],
        credits={shown.figure.id: _credit(shown, reference) for shown in cards},
        total=page.total,
        next=query.address("/", cursor=more) if more else None,
        warnings=await _warnings(session, page.warnings(reference), by_id),
        lookalikes=[(by_id[a], by_id[b]) for a, b in lookalikes(page.figures, known)],
        timeline=timeline(cards) if cards and not is_front else None,
        timeline_files={form: query.address(f"/timeline.{form}", **unpaged, sort=None) for form in FORMS},
        json=query.address("/v1/figures", view=None),
        downloads=[
            (form.upper(), query.address("/v1/figures", **unpaged, format=form)) for form in ("csv", "xlsx")
        ],
        columns=CHART_COLUMNS.count(",") + 1,
        chart_data=query.address("/v1/figures", **_for_charts(query)),
        incidents=incidents,
        incidents_total=incidents_total,
        incidents_csv=query.address("/v1/incidents", **unpaged, format="csv", sort=None),
        incidents_left_out=[FILTERS[name].lower() for name in NOT_OF_INCIDENTS if name in query.given],
    )


async def _warnings(
    session: Session, warnings: Sequence[ListWarning], on_page: Mapping[str, Card]
) -> list[tuple[str, list[tuple[str, str]], int]]:
    """Return a list's warnings: each message, links to some figures that it's about, and how many more there are.

    Links go to the figure on this page, or to its own page if it isn't here. Unknown ids have no page; here
    they may also be those of incidents, which are listed apart.
    """
    warnings = [warning for warning in warnings if warning.code != "unknown-ids"]
    elsewhere = {id_ for warning in warnings for id_ in warning.ids[:MAX_CONCERNED] if id_ not in on_page}
    others = await read_figures(session, elsewhere)
    names = session.reference.names
    titles = {id_: (f"#{id_}", shown.title) for id_, shown in on_page.items()}
    titles |= {id_: (figure.links.html, card(figure, None, names).title) for id_, figure in others.items()}
    return [
        (
            without_hint(warning.message),
            [titles[id_] for id_ in warning.ids[:MAX_CONCERNED]],
            max(len(warning.ids) - MAX_CONCERNED, 0) + warning.more,
        )
        for warning in warnings
    ]


def _credit(shown: Card, reference: Reference) -> tuple[str, str | None]:
    """Return who counted a figure, and a link to the number in its article."""
    evidence = shown.figure.evidence[0]
    source = reference.sources[evidence.source]
    return counted_by(shown.figure, reference), at_number(source, evidence.as_printed)


async def refused(session: Session, error: BadQueryError) -> Content:
    """Build the page with the form as it was filled in and a list of its errors."""
    chosen = grouped(session.pairs)
    problem = bad_query(error.errors)
    corrections = [(one, _corrections(session.pairs, one)) for one in error.errors]
    body = rendered(
        session,
        "explore.html",
        form=await read_form(session, chosen, IN_FORM),
        search=_search(chosen),
        canonical="",
        corrections=corrections,
        wrong={one.parameter for one in error.errors},
        refused=True,
        is_front=False,
        findings=[],
    )
    return html(body, status=problem.status)


def _corrections(pairs: Pairs, error: ParameterError) -> list[tuple[str, str]]:
    """Return what may have been meant, each with its address."""
    if error.code == "not-applicable":
        return []  # its `nearest` is another parameter that is needed, not another value
    return [(near, _corrected(pairs, error, near)) for near in error.nearest]


def _corrected(pairs: Pairs, error: ParameterError, near: str) -> str:
    """Return the address of the first page with an error replaced by a suggestion."""
    pairs = [pair for pair in pairs if pair[0] != "cursor"]  # it belongs to the filters before the correction
    if error.code == "unknown-parameter":
        changed = [(near if name == error.parameter else name, value) for name, value in pairs]
    else:
        wrong = (error.parameter, error.value)
        changed = [(name, near if (name, value) == wrong else value) for name, value in pairs]
    return address("/", changed)


def _trees(cards: Sequence[Card]) -> list[tuple[Card, TreeChart]]:
    """Return the root figures that others on the page are nested under, each with its tree chart."""
    starts = [place for place, one in enumerate(cards) if one.depth == 0]
    trees = [cards[start:end] for start, end in pairwise([*starts, len(cards)])]
    charts = [(tree[0], tree_chart(tree)) for tree in trees if len(tree) > 1]
    # Most readers want to know what happened to complaints, so those go first.
    return sorted(charts, key=lambda tree: tree[0].figure.kind is not Kind.COMPLAINT)


async def _incidents(session: Session, query: RecordQuery) -> tuple[list[dict[str, object]], int]:
    """Return the first incidents that match the same filters, and the total."""
    if any(name in query.given for name in NOT_OF_INCIDENTS):
        return [], 0
    of_incidents = replace(query, resource=INCIDENTS, limit=INCIDENTS_ON_A_PAGE, cursor=None, sort="-period")
    page = await find_page(session.connection, of_incidents, session.reference)
    incidents = [IncidentAnswer.model_validate_json(document) for document in page.documents]
    return [
        {
            **shown_incident(incident, session.reference.names),
            "beyond": list(beyond(incident, facts, page.scope)),
        }
        for incident, facts in zip(incidents, page.records, strict=True)
    ], page.total


def _search(given: Mapping[str, Sequence[str]]) -> tuple[str, Pairs]:
    """Return the search text, and the parameters that a new search keeps."""
    left_out = {"q", "cursor", "sort"}
    kept = [(name, value) for name, values in given.items() if name not in left_out for value in values]
    return next(iter(given.get("q", ())), ""), kept


def _for_charts(query: RecordQuery) -> dict[str, str | None]:
    """Return the parameters that turn a page's address into a data link for charting tools."""
    counts = {} if "value_type" in query.given else {"value_type": str(ValueType.COUNT)}
    return {"limit": None, "cursor": None, "view": None, **counts, "format": "csv", "fields": CHART_COLUMNS}


def _order(query: RecordQuery, column: str) -> tuple[str, str]:
    """Return the address sorted by a column, or by its reverse, and the column's current sort order."""
    now = {column: "ascending", f"-{column}": "descending"}.get(query.sort, "none")
    return query.address("/", cursor=None, sort=column if now == "descending" else f"-{column}"), now


async def _findings(session: Session) -> list[tuple[Card, str]]:
    """Return the figures worth a headline, each with its credit."""
    largest = RecordQuery(FIGURES, value_type=(ValueType.COUNT,), sort="-value", limit=LOOKED_AT)
    undisclosed = RecordQuery(FIGURES, value_status=UNDISCLOSED, limit=LOOKED_AT)
    pages = [await find_page(session.connection, query, session.reference) for query in (largest, undisclosed)]
    chosen = findings([orjson.loads(document) for page in pages for document in page.documents])
    figures = await read_figures(session, chosen)
    cards = {one.figure.id: one for one in await read_cards(session, list(figures.values()))}
    return [(cards[id_], credit(cards[id_].figure, session.reference)) for id_ in chosen]


def _chips(query: RecordQuery, names: Names) -> list[tuple[str, str, str]]:
    """Return each filter in words, with the address of the page without it."""
    chips = []
    for name, value in _filters(query):
        rest = [one for one in query.given[name] if one != value]
        needed = {other: None for other, one in PARAMETERS.items() if one.needs == name and not rest}
        without = replace(query, given={**query.given, name: rest})
        chips.append((*filter_in_words(name, value, names), without.address("/", cursor=None, **needed)))
    return chips


def filters_in_words(query: RecordQuery, names: Names) -> list[tuple[str, str]]:
    """Return the name and value of each filter in words."""
    return [filter_in_words(name, value, names) for name, value in _filters(query)]


def _filters(query: RecordQuery) -> list[tuple[str, str]]:
    return [(name, one) for name, values in query.given.items() if name not in EXPLORE.others for one in values]
