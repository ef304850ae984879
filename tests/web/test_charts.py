from collections.abc import Mapping, Sequence
from datetime import date
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.records import Figure
from app.web.cards import Card, card
from app.web.charts import (
    LEGEND,
    MAX_INDENTS,
    MAX_TICKS,
    MIN_WIDTH,
    Bar,
    Row,
    Timeline,
    TreeChart,
    timeline,
    tree_chart,
)
from app.web.drawings import MARGIN, WIDTH, Credit, Drawing, drawn_timeline, drawn_tree
from app.web.templating import render
from tests import made

SVG = "{http://www.w3.org/2000/svg}"


def family(*figures: Figure) -> list[Card]:
    """Return the cards of figures, each nested under the one before it."""
    cards = []
    above: Figure | None = None
    for depth, figure in enumerate(figures):
        settled = figure.base is not None and figure.base.id is not None
        whole = made.answered(above) if above else None
        answered = made.answered(figure, above if settled else None)
        cards.append(card(answered, whole, made.names(), depth))
        above = figure
    return cards


def chain(*changes: Mapping[str, object]) -> TreeChart:
    """Return the chart of figures, each a share of the one before."""
    return tree_chart(cards_of(*changes))


def cards_of(*changes: Mapping[str, object]) -> list[Card]:
    """Return the cards of figures, each a share of the one before."""
    figures = [made.figure("f0", **changes[0])]
    for place, more in enumerate(changes[1:], 1):
        figures.append(made.figure(f"f{place}", **{"base": made.base(f"f{place - 1}"), **more}))
    return family(*figures)


def below(whole: Figure, *parts: Figure) -> list[Card]:
    """Return the cards of a figure and of its shares."""
    above = made.answered(whole)
    return [
        card(above, None, made.names()),
        *(card(made.answered(part, whole), above, made.names(), 1) for part in parts),
    ]


def styles(row: Row) -> list[str]:
    """Return the styles of a row's bars."""
    return [bar.style for bar in row.bars]


def has_unknown(chart: TreeChart) -> bool:
    """Return whether a chart's legend explains unknown numbers."""
    return "open" in dict(chart.legend)


CREDIT = Credit(["Counted by Nobody."], "Upheld, release 1.0.0.", "https://example.org/figures/f0?release=1.0.0")


def drawn(drawing: Drawing) -> ET.Element:
    """Return the SVG file of a chart, parsed."""
    text = render("drawing.svg", drawing=drawing, margin=MARGIN).strip()
    return ET.fromstring(text)  # noqa: S314 - written just here


def words(svg: ET.Element) -> str:
    """Return the text of a picture on one line."""
    return " ".join(text.text or "" for text in svg.iter(f"{SVG}text"))


# --- trees of shares ----------------------------------------------------------------------------------------------


def test_shares_are_nested() -> None:
    """119 of 594 complaints take a fifth of the width, and 63 of the 119 just over half of that."""
    chart = chain({"value": 594}, {"value": 119}, {"value": 63})
    assert [styles(row) for row in chart.rows] == [["whole"], ["part"], ["part"]]
    assert [row.bars[0].width for row in chart.rows] == pytest.approx([100, 100 * 119 / 594, 100 * 63 / 594])
    assert [row.track for row in chart.rows] == pytest.approx([100, 100, 100 * 119 / 594])
    assert [row.level for row in chart.rows] == [0, 1, 2]
    assert not has_unknown(chart)
    assert chart.scale == "The full width stands for 594 complaints."


def test_zero_is_known() -> None:
    """A stated zero is a bar without width, not an unknown number."""
    chart = chain({"value": 594}, {"value": 0})
    assert chart.rows[1].bars == [Bar(0, 0, "part")]
    assert not has_unknown(chart)


@pytest.mark.parametrize("status", ["not-disclosed", "withheld", "not-counted"])
def test_unknown_numbers_may_be_anything(status: str) -> None:
    """An unknown number is hatched across the whole of its base, and sets no scale for its own parts."""
    chart = chain({"value": 594}, {"value": 119}, {"value_status": status}, {"value": 3}, {"value": 1})
    track = 100 * 119 / 594
    (bar,) = chart.rows[2].bars
    assert (bar.x, bar.style) == (0, "unknown")
    assert bar.width == pytest.approx(track)
    assert [(row.track, row.bars) for row in chart.rows[3:]] == [(None, []), (None, [])]
    assert has_unknown(chart)


def test_unknown_root() -> None:
    """A root with an unknown number is hatched across the full width, and sets no scale for its parts."""
    chart = chain({"value_status": "withheld"}, {"value": 5})
    assert chart.rows[0].bars == [Bar(0, 100, "unknown")]
    assert (chart.rows[1].track, chart.rows[1].bars) == (None, [])


@pytest.mark.parametrize(
    ("part", "bars"),
    [
        ({"qualifier": "more-than"}, [Bar(0, 25, "part"), Bar(25, 75, "open")]),
        ({"qualifier": "at-least"}, [Bar(0, 25, "part"), Bar(25, 75, "open")]),
        ({"qualifier": "fewer-than"}, [Bar(0, 25, "unknown")]),
        ({"qualifier": "at-most"}, [Bar(0, 25, "unknown")]),
        ({"qualifier": "between", "value_to": 50}, [Bar(0, 25, "part"), Bar(25, 25, "open")]),
        ({"base": made.ambiguous("f0")}, [Bar(0, 0, "beside")]),
        ({"base": made.base("f0", part=False)}, [Bar(0, 0, "beside")]),
        ({"value": 101}, [Bar(0, 0, "beside")]),
    ],
)
def test_inexact_numbers(part: Mapping[str, object], bars: list[Bar]) -> None:
    """The certain part is solid, the possible part hatched, and a figure that isn't a share has no bar."""
    chart = chain({"value": 100}, {"value": 25, **part}, {"value": 5})
    assert chart.rows[1].bars == bars
    assert (chart.rows[2].track, chart.rows[2].bars) == (None, [])
    assert has_unknown(chart) == any(bar.style in {"open", "unknown"} for bar in bars)


def test_ambiguous_roots_set_the_scale() -> None:
    """A figure with an ambiguous base is the root of its own tree, and its parts are drawn to its scale."""
    figures = [
        made.figure("f0", value=100, base=made.ambiguous("x", "y")),
        made.figure("f1", value=25, base=made.base("f0")),
    ]
    chart = tree_chart(family(*figures))
    assert [row.bars for row in chart.rows] == [[Bar(0, 100, "whole")], [Bar(0, 25, "part")]]


def test_siblings_have_the_same_scale() -> None:
    """A figure that follows an unknown one at the same depth is drawn to the scale of their base."""
    whole, unknown, known = (
        made.figure("w", value=100),
        made.figure("a", value_status="withheld", base=made.base("w")),
        made.figure("b", value=25, base=made.base("w")),
    )
    chart = tree_chart(below(whole, unknown, known), "b")
    assert chart.rows[2].bars == [Bar(0, 25, "part")]
    assert [row.is_highlighted for row in chart.rows] == [False, False, True]


def test_periods_are_shown_where_they_differ() -> None:
    """A row names its period only if it differs from that of the row above."""
    later = made.days("2021-01-01", label="one day")
    chart = chain({"value": 9}, {"value": 8}, {"value": 7, "period": later})
    assert ["one day" in row.texts for row in chart.rows] == [False, False, True]


def test_rows_name_what_differs() -> None:
    """A row names its force and its allegation if they differ from those of the row above, and its breakdown."""
    chart = chain(
        {"value": 9, "force": "england-and-wales"},
        {"value": 8, "breakdown": {"sex": "male"}},
        {"value": 7, "allegation": "rape"},
    )
    assert [row.card.title for row in chart.rows] == ["9 complaints", "8 complaints: men", "7 complaints"]
    assert "Metropolitan Police Service" in chart.rows[1].texts
    assert "Metropolitan Police Service" not in chart.rows[2].texts
    assert "rape" in chart.rows[2].texts


def test_shares_across_units_are_unsure() -> None:
    """63 cases of 66 people are drawn differently from 63 of 66 people, and so is every part of the 63 cases."""
    sure, unsure = (
        chain({"value": 66, "unit": "person"}, {"value": 63, "unit": unit}, {"value": 3, "unit": unit})
        for unit in ("person", "case")
    )
    assert [styles(row) for row in sure.rows] == [["whole"], ["part"], ["part"]]
    assert [styles(row) for row in unsure.rows] == [["whole"], ["unsure"], ["unsure"]]
    assert "of the 66 people (complaints); 95% only if each case is one person" in unsure.rows[1].texts
    assert LEGEND["unsure"] in dict(unsure.legend).values()
    assert LEGEND["unsure"] not in dict(sure.legend).values()


def same_fact(*ids: str) -> list[dict[str, str]]:
    """Return relations to other figures that state the same fact."""
    return [{"type": "same-fact", "id": one} for one in ids]


def test_one_fact_has_one_bar() -> None:
    """Figures that state the same fact share a row, even if connected by a third; the exact number is drawn."""
    whole = made.figure("w", value=52, unit="person")
    base = {"base": made.base("w"), "unit": "person"}
    share = made.figure(
        "share", **base, value=50, value_type="percent", qualifier="more-than", related=same_fact("count")
    )
    count = made.figure("count", **base, value=38)
    rough = made.figure("rough", **base, value=40, qualifier="about", related=same_fact("share"))
    chart = tree_chart(below(whole, share, count, rough), "share")
    assert [row.card.figure.id for row in chart.rows] == ["w", "count"]
    assert [one.figure.id for one in chart.rows[1].also] == ["share", "rough"]
    assert chart.rows[1].is_highlighted
    periods = timeline(below(whole, share, count, rough))
    assert len(periods.spans) == 2
    assert "More than 50%" in periods.spans[1].label


def test_second_wholes_are_named() -> None:
    """A row names another figure of the tree that it's also a part of."""
    related = [{"type": "part-of", "id": "f0"}, {"type": "part-of", "id": "elsewhere"}]
    chart = chain({"value": 9}, {"value": 8}, {"value": 7, "related": related})
    assert [text for row in chart.rows for text in row.texts if "also part of" in text] == [
        "also part of \u201c9 complaints\u201d"
    ]


def test_same_fact_elsewhere_in_a_tree() -> None:
    """A figure with the same fact elsewhere in the tree keeps its row, without a bar, and says where the bar is."""
    cards = cards_of({"value": 9}, {"value": 5}, {"value": 5, "related": same_fact("f1")}, {"value": 1})
    chart = tree_chart(cards)
    assert [bool(row.bars) for row in chart.rows] == [True, True, False, True]
    assert "same fact as \u201c5 complaints\u201d" in chart.rows[2].texts


VALUES = st.lists(st.none() | st.integers(0, 10**6), min_size=1, max_size=8)


@given(VALUES, st.sampled_from(["exact", "more-than", "at-most", "about"]))
def test_trees_fit_their_page(values: Sequence[int | None], qualifier: str) -> None:
    """Rows follow one another within the picture's height, lines fit its width, and no bar leaves its track."""
    changes: list[Mapping[str, object]] = [
        {"value_status": "withheld"} if value is None else {"value": value, "qualifier": qualifier}
        for value in values
    ]
    cards = cards_of(*changes)
    chart = tree_chart(cards)
    for row in chart.rows:
        assert row.level <= MAX_INDENTS
        for bar in row.bars:
            assert 0 <= bar.x <= bar.x + bar.width <= (row.track or 0) + 1e-9
            assert bar.width > 0 or bar.style in {"part", "beside"}
    drawing = drawn_tree(chart, cards, CREDIT)
    lines = [(text.y - 14, text.y) for text in drawing.texts]
    bars = [(y, y + 16) for y, *_ in drawing.tracks]
    last = 0
    for top, bottom in sorted([*lines, *bars]):
        assert last <= top
        last = bottom
    assert last <= drawing.height
    assert all(text.x + len(text.text) * 6 <= WIDTH - 2 * MARGIN for text in drawing.texts)


def test_tree_file() -> None:
    """The file is XML, its title and description give every number, and nothing in it runs or loads."""
    cards = cards_of(
        {"value": 12594}, {"value": 119, "qualifier": "more-than"}, {"value_status": "withheld"}, {"value": 7}
    )
    svg = drawn(drawn_tree(tree_chart(cards), cards, CREDIT))
    title, desc = svg.find(f"{SVG}title"), svg.find(f"{SVG}desc")
    assert svg.tag == f"{SVG}svg"
    assert title is not None
    assert desc is not None
    assert svg.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    texts = words(svg)
    for said in (LEGEND["open"], "That doesn't mean zero.", "Counted by Nobody.", CREDIT.release, CREDIT.address):
        assert said in texts
    for number in ("12,594", "More than 119", "Withheld", "7 complaint"):
        assert number in texts
        assert number in (desc.text or "")
    assert "12,594" in (title.text or "")
    assert {element.tag.removeprefix(SVG) for element in svg.iter()} <= {
        *("svg", "style", "title", "desc", "defs", "pattern", "rect", "g", "text")
    }
    paper = svg.find(f"{SVG}rect")
    assert paper is not None
    assert paper.get("width") == svg.get("width")
    assert "prefers-color-scheme: dark" in (svg.findtext(f"{SVG}style") or "")
    names = {name for element in svg.iter() for name in element.attrib}
    assert not [name for name in names if name.startswith("on") or name.endswith("href")]


# --- timelines ---------------------------------------------------------------------------------------------


def over(*periods: Mapping[str, object] | object) -> Timeline:
    """Return the timeline of figures with these periods."""
    return timeline(with_periods(*periods))


def with_periods(*periods: Mapping[str, object] | object) -> list[Card]:
    """Return the cards of figures with these periods."""
    figures = [made.figure(f"f{place}", period=period) for place, period in enumerate(periods)]
    return [card(made.answered(figure), None, made.names()) for figure in figures]


def test_bars_cover_their_periods() -> None:
    """A bar runs from the start of the first day to the end of the last one."""
    chart = over(made.days("2019-01-01", "2020-12-31"), made.days("2020-01-01", "2020-12-31"))
    days = 365 + 366
    assert [(span.x, span.width) for span in chart.spans] == [
        (0, 100),
        (pytest.approx(36500 / days, abs=0.001), pytest.approx(36600 / days, abs=0.001)),
    ]
    assert [(tick.year, tick.x) for tick in chart.ticks] == [("2019", 0), ("2020", chart.spans[1].x)]


@pytest.mark.parametrize("day", ["2019-01-01", "2020-02-29", "2020-12-31", "0001-01-01", "9999-12-31"])
def test_one_day(day: str) -> None:
    """One day is wide enough to see, even in a timeline of all possible years, and at both its ends."""
    (alone,) = over(made.days(day)).spans
    of_all, _ = over(made.days(day), made.days("0001-01-01", "9999-12-31")).spans
    for span in (alone, of_all):
        assert span.width == MIN_WIDTH
        assert 0 <= span.x < span.x + span.width <= 100


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        ("2020-03-01", "2020-04-01", ["2020"]),
        ("2014-01-01", "2020-12-31", [str(year) for year in range(2014, 2021)]),
        ("2014-01-01", "2021-12-31", ["2014", "2016", "2018", "2020"]),
        ("1829-01-01", "2021-12-31", ["1829", "1879", "1929", "1979"]),
        ("0001-01-01", "9999-12-31", ["1", "2001", "4001", "6001", "8001"]),
    ],
)
def test_ticks(start: str, end: str, years: list[str]) -> None:
    """Ticks are evenly spaced years, start with the first year, and fit a phone."""
    ticks = over(made.days(start, end)).ticks
    assert [tick.year for tick in ticks] == years
    assert ticks[0].x == 0
    assert len(ticks) <= MAX_TICKS


def test_undated_figures_come_last() -> None:
    """An undated figure isn't on the axis, but is listed below it with its period label."""
    chart = over(made.days("2020-01-01"), made.UNDATED)
    assert len(chart.spans) == 1
    assert chart.undated == ["1 complaint \N{MIDDLE DOT} Metropolitan Police Service"]
    assert chart.description.endswith("no date stated.")


def test_only_undated_figures() -> None:
    """Without dates there is no axis, but there is a file."""
    cards = with_periods(made.UNDATED)
    chart = timeline(cards)
    assert (chart.ticks, chart.spans) == ([], [])
    assert "1 complaint" in words(drawn(drawn_timeline(chart, cards, "All figures", CREDIT)))


def test_inferred_periods_are_marked() -> None:
    """An inferred period is marked on its bar and in the description."""
    chart = over(made.days("2020-01-01"), made.days("2021-01-01", basis="inferred"))
    assert [span.style for span in chart.spans] == ["stated", "inferred"]
    assert chart.description.count("inferred") == 1
    assert [style for style, _ in chart.legend] == ["stated", "inferred"]


@pytest.mark.parametrize("as_at", ["2018-06-30", "2020-06-30", "2023-06-30"])
def test_day_of_a_count(as_at: str) -> None:
    """The day on which a number was counted is on the axis, even outside the period."""
    (span,) = (chart := over(made.days("2020-01-01", "2020-12-31", as_at=as_at))).spans
    years = sorted({2020, date.fromisoformat(as_at).year})
    begin, end = date(years[0], 1, 1).toordinal(), date(years[-1], 12, 31).toordinal() + 1
    assert span.as_at == pytest.approx(
        (date.fromisoformat(as_at).toordinal() - begin) / (end - begin) * 100, abs=0.001
    )
    assert chart.ticks[0].year == str(years[0])
    assert "as-at" in dict(chart.legend)


DAYS = st.dates()


@given(st.lists(st.none() | st.tuples(DAYS, DAYS, st.none() | DAYS), min_size=1, max_size=8))
def test_timelines_fit_their_page(periods: list[tuple[date, date, date | None] | None]) -> None:
    """For any dates, each figure appears once, each bar is on the axis, and each row is below the one before."""
    given_periods = [
        made.UNDATED
        if period is None
        else made.days(min(period[:2]).isoformat(), max(period[:2]).isoformat(), as_at=period[2])
        for period in periods
    ]
    cards = with_periods(*given_periods)
    chart = timeline(cards)
    assert len(chart.spans) + given_periods.count(made.UNDATED) == len(periods)
    assert len(chart.ticks) <= MAX_TICKS
    for span in chart.spans:
        assert 0 <= span.x <= span.x + span.width <= 100.001  # positions are rounded
        assert span.width >= MIN_WIDTH
        assert span.as_at is None or 0 <= span.as_at <= 100
    drawing = drawn_timeline(chart, cards, "All figures", CREDIT)
    lines = [(text.y - 14, text.y) for text in drawing.texts]
    last = 0
    for top, bottom in sorted([*lines, *((y, y + 18) for y, _ in drawing.spans)]):
        assert last <= top
        last = bottom
    assert last <= drawing.height


def test_timeline_file() -> None:
    """The file is XML, and names each figure with its force and its period."""
    cards = with_periods(made.days("2020-01-01", as_at="2020-01-01", label="New Year's Day <2020>"), made.UNDATED)
    svg = drawn(drawn_timeline(timeline(cards), cards, "Force or area: Gwent Police", CREDIT))
    assert all(
        said in words(svg) for said in (LEGEND["as-at"], "Gwent Police", "Counted by Nobody.", "release 1.0.0")
    )
    desc = svg.find(f"{SVG}desc")
    assert desc is not None
    assert "New Year's Day <2020>" in (desc.text or "")
    texts = [text.text for text in svg.iter(f"{SVG}text")]
    assert sum("1 complaint \N{MIDDLE DOT}" in (text or "") for text in texts) == 2
    assert len(list(svg.iter(f"{SVG}circle"))) == 2  # one in the legend
