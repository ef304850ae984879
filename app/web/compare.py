"""The page that compares two figures side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from fastapi import APIRouter

from app.analysis.compare import compare
from app.analysis.measures import figures_of
from app.domain.vocabulary import SUBJECT_NAMES, Unit
from app.domain.wording import amount
from app.http.answer import Content
from app.http.lookup import find_record
from app.http.session import Session
from app.queries.knowledge import read_comparison
from app.queries.page import find_page
from app.queries.parameters import FIGURES, PARAMETERS
from app.queries.query import Pairs, RecordQuery, read_few
from app.releases.rendering import FigureAnswer
from app.web.cards import card
from app.web.credits import counted_by, disputes
from app.web.embedding import BACK, Frame, height_of
from app.web.nesting import first_base
from app.web.page import address, page_of, pin_of, shows
from app.web.reading import read_figures
from app.web.wording import ASPECTS, in_words

router = APIRouter(include_in_schema=False)

OFFERED = 50
"""The most figures to offer in a list; if there are more, readers search instead."""

SIDES = ("a", "b")
COMPARED = [PARAMETERS[name] for name in (*SIDES, "release")]
CHOSEN = [*(replace(parameter, required="") for parameter in COMPARED), PARAMETERS["q"]]
"""The page's parameters; a reader chooses the figures one after the other."""

VERDICTS = {
    "comparable": "You can compare these figures",
    "with-care": "Compare these figures with care",
    "not-comparable": "Don't compare these figures",
}


@shows(router, "/compare", form=(*SIDES, "q"))
async def comparison(session: Session) -> Content:
    """Show two figures side by side, whether they can be compared, and every reason against it."""
    chosen = read_few(session.pairs, CHOSEN, session.reference, session.errors)
    documents = [await find_record(session, FIGURES, chosen[side]) for side in SIDES if side in chosen]
    shown = {"chosen": chosen, **await _offered(session, chosen)}
    if len(documents) < len(SIDES):
        return page_of(session, "compare.html", comparison=None, **shown)
    version = session.release.version
    pairs = [(side, chosen[side]) for side in SIDES]
    found = await compared(session, documents)
    frame = comparison_frame(pairs, f"Figures compared: {chosen['a']} and {chosen['b']}", found)
    return page_of(
        session,
        "compare.html",
        **shown,
        **found,
        json=address("/v1/compare", [pair for pair in session.pairs if pair[0] != "q"]),
        oembed=address("/compare", [*pairs, ("release", version)]),
        embed=frame.code(version),
    )


async def compared(session: Session, documents: Sequence[str]) -> dict[str, Any]:
    """Return the template values of a comparison, given the two figures' documents."""
    figures = [FigureAnswer.model_validate_json(document) for document in documents]
    names = session.reference.names
    a, b = figures_of(documents)
    found = compare(a, b, await read_comparison(session.connection, session.reference, [a, b]))
    bases = await read_figures(session, {base for figure in figures if (base := first_base(figure)) is not None})
    titles = {one.id: card(one, None, names).title for one in (*figures, *bases.values())}
    subjects = {str(subject): name for subject, name in SUBJECT_NAMES.items()}
    known = {**names, "figure": titles, "subjects": subjects}
    return {
        "comparison": found,
        "verdict": VERDICTS[found.verdict],
        "difference": None if found.difference is None else amount(found.difference),
        "ratio": None if found.ratio is None else amount(found.ratio),
        "sizes_differ": found.difference is not None and a.is_count and a.force != b.force,
        "rates": address("/rates", [("id", a.id), ("id", b.id), *pin_of(session)]) if a.unit == Unit.PERSON else "",
        "withheld": [one.message for one in found.reasons if one.effect == "withholds"],
        "reasons": [
            (one, ASPECTS[one.aspect], in_words(one.a, known), in_words(one.b, known)) for one in found.reasons
        ],
        "sides": [
            (
                card(figure, bases.get(first_base(figure) or ""), names),
                counted_by(figure, session.reference),
                list(disputes(figure.evidence, session.reference)),
            )
            for figure in figures
        ],
    }


def comparison_frame(pairs: Pairs, title: str, shown: Mapping[str, Any]) -> Frame:
    """Return the frame that shows a comparison."""
    texts = [
        ("Compare these figures with care", 24),
        ("Second minus first, second divided by first. Forces differ in size.", 16),
    ]
    for one, counted, _ in shown["sides"]:
        about = f"{one.figure.force.name}, {one.figure.period.label}. {counted}"
        texts += [(one.number, 34), (f"{one.unit} {one.label}", 20), (about, 16)]
    texts += [(f"{reason.message} And 10 more reasons.", 16) for reason, *_ in shown["reasons"][:1]]
    texts.append((BACK, 16))
    return Frame(address("/embed/compare", pairs), title, lambda width: height_of(texts, width))


async def _offered(session: Session, chosen: Mapping[str, str]) -> dict[str, object]:
    """Return the figures to choose from: all of them, or search results if there are too many for a list."""
    query = RecordQuery(FIGURES, limit=OFFERED)
    page = await find_page(session.connection, query, session.reference)
    searches = page.total > OFFERED or "q" in chosen
    if "q" in chosen:
        query = replace(query, q=chosen["q"], sort="relevance")
        page = await find_page(session.connection, query, session.reference)
    offered: list[tuple[str, str]] = []
    if not searches or "q" in chosen:
        figures = [FigureAnswer.model_validate_json(document) for document in page.documents]
        names = session.reference.names
        offered = [(f.id, f"{card(f, None, names).title}, {f.force.name}, {f.period.label}") for f in figures]
    kept = [(side, chosen[side]) for side in SIDES if side in chosen][:1]
    missing = "b" if dict(kept).keys() == {"a"} else "a"
    pin = pin_of(session)
    return {
        "searches": searches,
        "wanted": chosen.get("q", ""),
        "kept": [*kept, *pin],
        "offered": offered,
        "results": [
            (title, address("/compare", [*kept, (missing, id_), *pin]))
            for id_, title in offered
            if id_ not in dict(kept).values()
        ],
        "found": page.total if offered else 0,
        "first": await _title(session, kept[0][1]) if kept else "",
    }


async def _title(session: Session, figure_id: str) -> str:
    figures = await read_figures(session, [figure_id])
    return card(figures[figure_id], None, session.reference.names).title
