"""Rates: the denominator, the figures without a rate, and the differences that chance explains."""

from datetime import date
from decimal import Decimal

import pytest
from scipy.stats import chi2, poisson

from app.analysis.rate_comparison import choices_among, compare_rates, differences_between, limits_of
from app.analysis.rates import Headcount, Rate, Refused, rate_of
from tests.figures_in_memory import KNOWN, UNDATED, Changes, counted, year


def headcounts(*years: int, officer: int = 1000, **others: int) -> list[Headcount]:
    """Return headcounts on 31 March of the given years, growing by 100 a year."""
    types = {"officer": officer, **{name.replace("_", "-"): number for name, number in others.items()}}
    return [
        Headcount(date(one, 3, 31), name, number + 100 * place, "home-office")
        for place, one in enumerate(years)
        for name, number in types.items()
    ]


def rate(*of: Headcount, **changes: object) -> Rate:
    """Return the rate of a figure, which must have one."""
    found = rate_of(counted("one", **changes), "territorial", of)
    assert isinstance(found, Rate), found
    return found


def test_a_year_is_divided_by_its_headcount() -> None:
    """Ten complaints in 2019 are divided by the thousand officers on 31 March 2019."""
    found = rate(*headcounts(2019))
    assert (found.rate, found.per_year, found.denominator.value) == (10.0, False, 1000)
    assert (found.denominator.as_at, found.denominator.worker_types) == ([date(2019, 3, 31)], ["officer"])
    assert found.denominator.source == "home-office"


def test_a_longer_period_is_divided_by_person_years() -> None:
    """Four years are divided by four times the mean of their four headcounts; other years don't count."""
    found = rate(*headcounts(2017, 2018, 2019, 2020, 2021, 2022), start=date(2018, 1, 1), end=date(2021, 12, 31))
    assert found.denominator.value == 1250
    assert [day.year for day in found.denominator.as_at] == [2018, 2019, 2020, 2021]
    assert found.per_year
    assert found.rate == pytest.approx(10 / (1250 * 4) * 1000)


def test_years_are_months_or_days() -> None:
    """Eighteen whole months are a year and a half; other periods are counted in days."""
    months = rate(*headcounts(2019, 2020), start=date(2019, 1, 1), end=date(2020, 6, 30))
    assert months.years == 1.5
    days = rate(*headcounts(2019, 2020), start=date(2019, 1, 15), end=date(2020, 6, 30))
    assert days.years == pytest.approx(533 / 365.25)


def test_a_short_period_is_not_extrapolated_to_a_year() -> None:
    """A three-month rate covers just those three months."""
    found = rate(*headcounts(2019), start=date(2019, 2, 1), end=date(2019, 4, 30))
    assert (found.rate, found.per_year) == (10.0, False)


def test_subjects_are_divided_by_their_own_workforce() -> None:
    """Staff are police staff and designated officers; several groups are added up."""
    all_types = headcounts(2019, officer=1000, special=200, pcso=300, staff=400, designated_officer=50)
    for subjects, expected in (
        ({"officers"}, 1000),
        ({"specials"}, 200),
        ({"pcsos"}, 300),
        ({"staff"}, 450),
        ({"officers", "staff"}, 1450),
    ):
        assert rate(*all_types, subjects=frozenset(subjects)).denominator.value == expected


def test_the_interval_is_exact() -> None:
    """The interval for ten in a thousand runs from 4.8 to 18.4."""
    assert rate(*headcounts(2019)).interval == pytest.approx(
        (chi2.ppf(0.025, 20) / 2, chi2.ppf(0.975, 22) / 2), rel=1e-9
    )


def test_none_has_a_rate() -> None:
    """A stated 0 gives a rate of 0, with an interval up to 3.7 per thousand."""
    found = rate(*headcounts(2019), value=Decimal(0))
    assert found.rate == 0
    assert found.interval == pytest.approx((0, 3.688879))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (UNDATED, "undated"),
        ({"end": None}, "undated"),
        ({"value_type": "percent"}, "not-a-count"),
        ({"value": None, "value_status": "withheld"}, "unknown-value"),
        ({"qualifier": "between", "value_to": Decimal(12)}, "unknown-value"),
        ({"unit": "case"}, "not-people"),
        ({"unit": "proceeding"}, "not-people"),
        ({"unit": "conviction"}, "not-people"),
        ({"unit": "not-stated"}, "not-people"),
        ({"subjects": frozenset()}, "subjects-not-stated"),
        ({"subjects": frozenset({"specials"})}, "no-workforce"),
        ({"subjects": frozenset({"officers", "specials"})}, "no-workforce"),
        (year(2023), "no-workforce"),
        ({"start": date(2019, 5, 1), "end": date(2019, 6, 30)}, "no-workforce"),
        ({"start": date(2017, 1, 1), "end": date(2019, 12, 31)}, "no-workforce"),
        ({"start": date(2019, 1, 1), "end": date(2021, 12, 31)}, "no-workforce"),
    ],
)
def test_what_has_no_rate(changes: Changes, code: str) -> None:
    """Each refusal has its code; headcounts are never carried over to years without one."""
    found = rate_of(counted("one", **changes), "territorial", headcounts(2019))
    assert isinstance(found, Refused)
    assert (found.id, found.code) == ("one", code)
    assert found.message.endswith(".")


def test_an_area_has_no_rate() -> None:
    """An area's figure is never divided by the sum of the forces inside it."""
    found = rate_of(counted("one"), "area", headcounts(2019))
    assert isinstance(found, Refused)
    assert found.code == "area"


def test_a_missing_year_in_between_is_not_bridged() -> None:
    """Without a headcount for 2019, the mean of 2018 and 2020 doesn't stand in for the period."""
    found = rate_of(
        counted("one", start=date(2018, 1, 1), end=date(2020, 12, 31)), "territorial", headcounts(2018, 2020)
    )
    assert isinstance(found, Refused)
    assert found.code == "no-workforce"


@pytest.mark.parametrize("unit", ["person", "complaint", "allegation"])
def test_people_and_what_is_said_of_them_have_rates(unit: str) -> None:
    """People, complaints and allegations all have a rate per officer."""
    assert rate(*headcounts(2019), unit=unit).rate == 10


def rates(*values: int, size: int = 10_000) -> list[Rate]:
    """Return the rates of forces of the same size."""
    return [
        rate(*headcounts(2019, officer=size), force=force, value=Decimal(value))
        for force, value in zip("abcdefghij", values, strict=False)
    ]


def test_the_expected_rate_is_that_of_all_together() -> None:
    """Forces are weighted by size."""
    found = compare_rates([*rates(10, 10), *rates(100, size=100_000)[:1]], KNOWN.names)
    assert found.expected == pytest.approx(120 / 120_000 * 1000)


@pytest.mark.parametrize("level", [0.95, 0.998])
@pytest.mark.parametrize("mean", [0.4, 3.7, 25.0, 240.0])
def test_limits_follow_the_published_formula(level: float, mean: float) -> None:
    """The limits are Spiegelhalter's limits for counts, turned into rates."""
    size = 10_000
    found = limits_of(mean / size * 1000, size, level)
    for limit, probability in ((found.low, (1 - level) / 2), (found.high, (1 + level) / 2)):
        count = int(poisson.ppf(probability, mean))
        reached, below = poisson.cdf(count, mean), poisson.cdf(count - 1, mean)
        formula = count - (reached - probability) / (reached - below)
        assert limit == pytest.approx(max(formula, 0) / size * 1000, abs=1e-6)


def test_positions_and_the_summary() -> None:
    """One force in ten stands out; the summary says how many don't."""
    found = compare_rates(rates(10, 11, 9, 10, 12, 8, 10, 9, 11, 60), KNOWN.names)
    positions = {place.rate.figure.force: place.limits_998.position(place.rate.rate) for place in found.places}
    assert positions.pop("j") == "above"
    assert set(positions.values()) == {"within"}
    assert "10 forces" in found.summary
    assert "are within the 95% limits" in found.summary
    assert found.summary.endswith("A rate doesn't say why forces differ.")


def test_what_cannot_be_compared_is_named() -> None:
    """Figures that differ in measure, period, subjects or force are refused, with the choices that would fix it."""
    one = counted("one")
    assert differences_between([one]) == {}
    assert differences_between([one, counted("two", force="gwent")]) == {}
    left = counted("left", outcome="left")
    assert list(differences_between([one, left])) == ["measure"]
    assert choices_among([one, left]) == {"outcome": ["left", "upheld"]}
    of_staff = counted("two", subjects=frozenset({"staff"}))
    assert list(differences_between([one, of_staff])) == ["subjects"]
    assert choices_among([one, of_staff]) == {"subjects": ["officers", "staff"]}
    shorter = counted("two", end=date(2019, 11, 30))
    periods = {"period": ["2019-01-01/2019-11-30", "2019-01-01/2019-12-31"]}
    assert differences_between([one, shorter]) == choices_among([one, shorter]) == periods
    assert list(differences_between([one, counted("two")])) == ["force"]
    assert choices_among([one, counted("two")]) == {"id": ["one", "two"]}


def test_one_force_is_not_compared() -> None:
    """A single rate is given alone: there's no difference for chance to explain."""
    found = compare_rates(rates(10), KNOWN.names)
    assert "10 in 1 force, 1 per 1,000" in found.summary
    assert "limits" not in found.summary


def test_forces_that_all_have_none_do_not_differ() -> None:
    """If no force has any, the summary says so, and speaks neither of limits nor of chance."""
    found = compare_rates(rates(0, 0, 0), KNOWN.names)
    assert found.expected == 0
    assert (
        "0 in 3 forces, 0 per 1,000. The number is 0 in each of these forces, so there are no differences"
        in found.summary
    )
    assert "limits" not in found.summary
    assert "chance" not in found.summary
    assert "0 in 1 force" in compare_rates(rates(0), KNOWN.names).summary


def test_people_of_one_case_are_not_independent() -> None:
    """A force may stand out by people but not by cases; the summary says how many do."""
    cases = [counted("cases", force=force, unit="case", value=Decimal(5)) for force in "abcdefghij"]
    people = [
        rate_of(
            counted(f"people-{base.force}", force=base.force, unit="person", value=Decimal(value)),
            "territorial",
            headcounts(2019, officer=10_000),
            base,
        )
        for base, value in zip(cases, [8] * 9 + [40], strict=True)
    ]
    found = compare_rates([one for one in people if isinstance(one, Rate)], KNOWN.names)
    assert [place.rate.numerator for place in found.by_case] == [5] * 10
    assert found.outside == {"j"}
    assert not found.outside_by_case
    assert "come from at most 50 cases: counted by case, 1 of the 1 would be within the limits." in found.summary


@pytest.mark.parametrize(
    "other", [{"unit": "person"}, {"force": "gwent"}, {"end": date(2019, 11, 30)}, {"qualifier": "about"}]
)
def test_only_cases_of_the_same_force_and_time_count(other: Changes) -> None:
    """With another unit, force or period, or an inexact number, the base doesn't say how many cases there were."""
    base = counted("cases", **{"unit": "case", **other})
    found = rate_of(counted("people", unit="person"), "territorial", headcounts(2019), base)
    assert isinstance(found, Rate)
    assert found.cases is None
    assert compare_rates([found], KNOWN.names).by_case == []
