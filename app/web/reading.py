"""What pages read: figures as cards, with the figures that they belong to."""

from collections.abc import Iterable, Sequence
from operator import attrgetter

from app.http.session import Session
from app.queries.records import read_documents
from app.queries.tree import read_tree
from app.releases.rendering import FigureAnswer
from app.web.cards import Card, card
from app.web.families import arranged, whole_of


async def read_figures(session: Session, ids: Iterable[str]) -> dict[str, FigureAnswer]:
    """Return figures by their ids."""
    documents = await read_documents(session.connection, session.release, sorted(ids))
    figures = [FigureAnswer.model_validate_json(document) for document in documents]
    return {figure.id: figure for figure in figures}


async def read_cards(session: Session, figures: Sequence[FigureAnswer]) -> list[Card]:
    """Return figures as cards, each below the one it belongs to."""
    by_id = {figure.id: figure for figure in figures}
    missing = {whole for figure in figures if (whole := whole_of(figure)) is not None and whole not in by_id}
    wholes = by_id | await read_figures(session, missing)
    names = session.reference.names
    return [card(figure, wholes.get(whole_of(figure) or ""), names, depth) for figure, depth in arranged(figures)]


async def read_family(session: Session, figure_id: str) -> tuple[list[Card], bool]:
    """Return a figure among those it belongs to and those that belong to it, root first, each below its own.

    The second value says whether some had to be left out.
    """
    tree = await read_tree(session.connection, session.release.id, figure_id)
    names = session.reference.names
    family: list[Card] = []
    above: FigureAnswer | None = None
    for row in tree.ancestors:
        figure = FigureAnswer.model_validate_json(row.document)
        family.append(card(figure, above, names, len(family)))
        above = figure
    depth = len(family)
    root = FigureAnswer.model_validate_json(tree.nodes[0].document)
    if above is None and (whole := whole_of(root)) is not None:
        # Whether it belongs there is open, so it heads a tree of its own.
        above = (await read_figures(session, {whole})).get(whole)
    by_path: dict[tuple[str, ...], FigureAnswer | None] = {(): above}
    for row in sorted(tree.nodes, key=attrgetter("path")):
        figure = FigureAnswer.model_validate_json(row.document)
        by_path[row.path] = figure
        family.append(card(figure, by_path[row.path[:-1]], names, depth + row.depth))
    return family, tree.truncated
