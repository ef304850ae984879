"""Read figures for pages, as cards and as trees of cards."""

from collections.abc import Iterable, Sequence
from operator import attrgetter

from app.analysis.measures import Dated
from app.analysis.scope import EVERYTHING, Scope
from app.http.lookup import find_record
from app.http.session import Session
from app.queries.page import Page
from app.queries.parameters import FIGURES, INCIDENTS
from app.queries.records import read_documents
from app.queries.tree import read_tree
from app.releases.rendering import FigureAnswer, IncidentAnswer
from app.web.cards import Card, beyond, card
from app.web.nesting import first_base, nested


async def find_figure(session: Session, figure_id: str) -> FigureAnswer:
    """Return a figure by its id, or raise the same problems as the API."""
    return FigureAnswer.model_validate_json(await find_record(session, FIGURES, figure_id))


async def find_card(session: Session, figure_id: str) -> Card:
    """Return a figure's card by its id."""
    (card,) = await read_cards(session, [await find_figure(session, figure_id)])
    return card


async def find_incident(session: Session, incident_id: str) -> IncidentAnswer:
    """Return an incident by its id, or raise the same problems as the API."""
    return IncidentAnswer.model_validate_json(await find_record(session, INCIDENTS, incident_id))


async def read_figures(session: Session, ids: Iterable[str]) -> dict[str, FigureAnswer]:
    """Return figures by their ids."""
    documents = await read_documents(session.connection, session.release, sorted(ids))
    figures = [FigureAnswer.model_validate_json(document) for document in documents]
    return {figure.id: figure for figure in figures}


async def read_page(session: Session, page: Page) -> list[Card]:
    """Return the cards of a page of figures, including what they cover beyond what was requested."""
    figures = [FigureAnswer.model_validate_json(document) for document in page.documents]
    return await read_cards(session, figures, page.records, page.scope)


async def read_cards(
    session: Session, figures: Sequence[FigureAnswer], facts: Iterable[Dated] = (), scope: Scope = EVERYTHING
) -> list[Card]:
    """Return the cards of figures, each nested under its base if that is among them.

    If the figures' facts are given, each card also says what it covers beyond the requested scope.
    """
    by_id = {figure.id: figure for figure in figures}
    missing = {base for figure in figures if (base := first_base(figure)) is not None and base not in by_id}
    bases = by_id | await read_figures(session, missing)
    names = session.reference.names
    reach = {one.id: list(beyond(by_id[one.id], one, scope)) for one in facts}
    return [
        card(figure, bases.get(first_base(figure) or ""), names, depth, reach.get(figure.id, ()))
        for figure, depth in nested(figures)
    ]


async def read_tree_cards(session: Session, figure_id: str) -> tuple[list[Card], bool]:
    """Return the cards of a figure's tree, depth first, and whether some had to be left out."""
    tree = await read_tree(session.connection, session.release.id, figure_id)
    names = session.reference.names
    cards: list[Card] = []
    base: FigureAnswer | None = None
    for row in tree.ancestors:
        figure = FigureAnswer.model_validate_json(row.document)
        cards.append(card(figure, base, names, len(cards)))
        base = figure
    depth = len(cards)
    root = FigureAnswer.model_validate_json(tree.nodes[0].document)
    if base is None and (candidate := first_base(root)) is not None:
        # It's unclear whether the figure is a share of this one, so it is the root of its own tree.
        base = (await read_figures(session, [candidate])).get(candidate)
    by_path: dict[tuple[str, ...], FigureAnswer | None] = {(): base}
    for row in sorted(tree.nodes, key=attrgetter("path")):
        figure = FigureAnswer.model_validate_json(row.document)
        by_path[row.path] = figure
        cards.append(card(figure, by_path[row.path[:-1]], names, depth + row.depth))
    return cards, tree.truncated
