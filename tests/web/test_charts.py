from collections.abc import Mapping, Sequence
from datetime import date
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.records import Figure
from app.web.cards import Card, card
from app.web.charts import (
    INDENT,
    LINE_LENGTHS,
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
    """Return the chart of figures that are each a share of the one before."""
    figures = [made.figure("f0", **changes[0])]
    for place, more in enumerate(changes[1:], 1):
        figures.append(made.figure(f"f{place}", **{"base": made.base(f"f{place - 1}"), **more}))
    return tree_chart(family(*figures))


def styles(row: Row) -> list[str]:
    """Return the styles of the bars of a row."""
    return [bar.style for bar in row.bars]


def drawn(chart: TreeChart | Timeline) -> ET.Element:
    """Return the SVG file of a chart, parsed."""
    template = "tree.svg" if isinstance(chart, TreeChart) else "timeline.svg"
    return ET.fromstring(render(template, chart=chart).strip())  # noqa: S314 - written just here


# --- trees of shares ----------------------------------------------------------------------------------------------


def test_shares_are_nested() -> None:
    """119 of 594 complaints take a fifth of the width, and 63 of the 119 just over half of that."""
    chart = chain({"value": 594}, {"value": 119}, {"value": 63})
    assert [styles(row) for row in chart.rows] == [["whole"], ["part"], ["part"]]
    assert [row.bars[0].width for row in chart.rows] == pytest.approx([100, 100 * 119 / 594, 100 * 63 / 594])
    assert [row.track for row in chart.rows] == pytest.approx([100, 100, 100 * 119 / 594])
    assert [row.indent for row in chart.rows] == [0, INDENT, 2 * INDENT]
    assert not chart.has_unknown


def test_zero_is_known() -> None:
    """A stated zero is a bar without width, not an unknown number."""
    chart = chain({"value": 594}, {"value": 0})
    assert chart.rows[1].bars == [Bar(0, 0, "part")]
    assert not chart.has_unknown


@pytest.mark.parametrize("status", ["not-disclosed", "withheld", "not-counted"])
def test_unknown_numbers_may_be_anything(status: str) -> None:
    """An unknown number is hatched over the whole of its base, and gives its own parts no scale."""
    chart = chain({"value": 594}, {"value": 119}, {"value_status": status}, {"value": 3}, {"value": 1})
    track = 100 * 119 / 594
    (bar,) = chart.rows[2].bars
    assert (bar.x, bar.style) == (0, "unknown")
    assert bar.width == pytest.approx(track)
    assert [(row.track, row.bars) for row in chart.rows[3:]] == [(None, []), (None, [])]
    assert chart.has_unknown


def test_unknown_root() -> None:
    """A root with an unknown number is hatched over the full width, and gives its parts no scale."""
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
    assert chart.has_unknown == any(bar.style in {"open", "unknown"} for bar in bars)


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
    above = made.answered(whole)
    cards = [card(above, None, made.names())]
    cards += [card(made.answered(one, whole), above, made.names(), 1) for one in (unknown, known)]
    chart = tree_chart(cards, "b")
    assert chart.rows[2].bars == [Bar(0, 25, "part")]
    assert [row.is_highlighted for row in chart.rows] == [False, False, True]


def test_periods_are_shown_where_they_differ() -> None:
    """A row names its period only if it differs from that of the row above."""
    later = made.days("2021-01-01", label="one day")
    chart = chain({"value": 9}, {"value": 8}, {"value": 7, "period": later})
    texts = [" ".join(line.text for line in row.lines) for row in chart.rows]
    assert [" one day" in text for text in texts] == [False, False, True]


VALUES = st.lists(st.none() | st.integers(0, 10**6), min_size=1, max_size=8)


@given(VALUES, st.sampled_from(["exact", "more-than", "at-most", "about"]))
def test_trees_fit_their_page(values: Sequence[int | None], qualifier: str) -> None:
    """Rows follow one another within the chart's height, lines fit a phone, and no bar leaves its track."""
    changes: list[Mapping[str, object]] = [
        {"value_status": "withheld"} if value is None else {"value": value, "qualifier": qualifier}
        for value in values
    ]
    chart = chain(*changes)
    last = 0
    for row in chart.rows:
        assert row.indent <= MAX_INDENTS * INDENT
        for line in row.lines:
            assert last < line.y <= row.bar_y
            assert len(line.text) <= LINE_LENGTHS[line.is_bold]
            last = line.y
        last = row.bar_y
        for bar in row.bars:
            assert 0 <= bar.x <= bar.x + bar.width <= (row.track or 0) + 1e-9
            assert bar.width > 0 or bar.style in {"part", "beside"}
    assert last + 16 <= chart.height


def test_tree_file() -> None:
    """The file is XML, its title and description give every number, and nothing in it runs or loads."""
    chart = chain(
        {"value": 12594}, {"value": 119, "qualifier": "more-than"}, {"value_status": "withheld"}, {"value": 7}
    )
    svg = drawn(chart)
    title, desc = svg.find(f"{SVG}title"), svg.find(f"{SVG}desc")
    assert svg.tag == f"{SVG}svg"
    assert title is not None
    assert desc is not None
    assert svg.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    texts = " ".join(text.text or "" for text in svg.iter(f"{SVG}text"))
    for number in ("12,594", "More than 119", "Withheld", "7 complaint"):
        assert number in texts
        assert number in (desc.text or "")
    assert "12,594" in (title.text or "")
    assert {element.tag.removeprefix(SVG) for element in svg.iter()} <= {
        *("svg", "style", "title", "desc", "defs", "pattern", "rect", "g", "text")
    }
    names = {name for element in svg.iter() for name in element.attrib}
    assert not [name for name in names if name.startswith("on") or name.endswith("href")]


# --- timelines ---------------------------------------------------------------------------------------------


def over(*periods: Mapping[str, object] | object) -> Timeline:
    """Return the timeline of figures with these periods."""
    figures = [made.figure(f"f{place}", period=period) for place, period in enumerate(periods)]
    return timeline([card(made.answered(figure), None, made.names()) for figure in figures])


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
    """One day is wide enough to see, even within all years there are, and at both ends of them."""
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
    """An undated figure isn't on the axis, but is listed below it with the label of its period."""
    chart = over(made.days("2020-01-01"), made.UNDATED)
    assert len(chart.spans) == 1
    assert chart.spans[-1].bar_y < chart.undated_y < chart.undated[0].y <= chart.height
    assert chart.description.endswith("no date stated.")


def test_only_undated_figures() -> None:
    """Without any dates there is no axis, but there is a file."""
    chart = over(made.UNDATED)
    assert (chart.ticks, chart.spans) == ([], [])
    assert "1 complaint" in "".join(drawn(chart).itertext())


def test_inferred_periods_are_marked() -> None:
    """An inferred period is marked on its bar and in the description."""
    chart = over(made.days("2020-01-01"), made.days("2021-01-01", basis="inferred"))
    assert [span.is_inferred for span in chart.spans] == [False, True]
    assert chart.description.count("inferred") == 1
    assert chart.has_inferred


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
    assert chart.has_as_at


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
    chart = over(*given_periods)
    assert len(chart.spans) + given_periods.count(made.UNDATED) == len(periods)
    assert len(chart.ticks) <= MAX_TICKS
    last = 0
    for span in chart.spans:
        assert 0 <= span.x <= span.x + span.width <= 100.001  # positions are rounded
        assert span.width >= MIN_WIDTH
        assert span.as_at is None or 0 <= span.as_at <= 100
        assert last < span.lines[0].y <= span.bar_y
        last = span.bar_y + 14
    assert last <= chart.height
    assert all(chart.undated_y < line.y <= chart.height for line in chart.undated)


def test_timeline_file() -> None:
    """The file is XML, and names each figure with its force and its period."""
    chart = over(made.days("2020-01-01", as_at="2020-01-01", label="New Year's Day <2020>"), made.UNDATED)
    svg = drawn(chart)
    desc = svg.find(f"{SVG}desc")
    assert desc is not None
    assert "New Year's Day <2020>" in (desc.text or "")
    texts = [text.text for text in svg.iter(f"{SVG}text")]
    assert sum("1 complaint" in (text or "") for text in texts) == 2
    assert len(list(svg.iter(f"{SVG}circle"))) == 1
