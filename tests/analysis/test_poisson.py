"""Exact intervals and control limits, compared with SciPy and with published numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2, poisson

from app.analysis.poisson import at_most, control_limit, interval


@given(count=st.integers(0, 20_000), mean=st.floats(0.001, 20_000))
def test_probabilities_agree_with_scipy(count: int, mean: float) -> None:
    """The probability of a count or fewer matches SciPy's."""
    assert at_most(count, mean) == pytest.approx(poisson.cdf(count, mean), abs=1e-10)


@given(count=st.integers(0, 20_000), level=st.sampled_from([0.9, 0.95, 0.998]))
def test_intervals_agree_with_scipy(count: int, level: float) -> None:
    """The interval matches the usual chi-squared calculation."""
    tail = (1 - level) / 2
    low = chi2.ppf(tail, 2 * count) / 2 if count else 0.0
    assert interval(count, level) == pytest.approx((low, chi2.ppf(1 - tail, 2 * count + 2) / 2), rel=1e-9)


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(0, 0.0, 3.6889), (1, 0.0253, 5.5716), (5, 1.6235, 11.6683), (10, 4.7954, 18.3904), (100, 81.3640, 121.6268)],
)
def test_intervals_are_the_published_ones(count: int, low: float, high: float) -> None:
    """The limits match published tables of the Poisson distribution."""
    assert interval(count) == pytest.approx((low, high), abs=5e-5)


@given(expected=st.floats(0.05, 5_000), probability=st.sampled_from([0.001, 0.025, 0.975, 0.999]))
def test_control_limits_follow_the_published_formula(expected: float, probability: float) -> None:
    """The limit is Spiegelhalter's: the smallest count that reaches the probability, less the overshoot."""
    count = int(poisson.ppf(probability, expected))
    reached, below = poisson.cdf(count, expected), poisson.cdf(count - 1, expected)
    formula = count - (reached - probability) / (reached - below)
    assert control_limit(expected, probability) == pytest.approx(max(formula, 0.0), abs=1e-5)


@given(expected=st.floats(0.5, 1_000))
def test_wider_limits_lie_outside(expected: float) -> None:
    """The 99.8% limits enclose the 95% limits, which enclose the expected count."""
    limits = [control_limit(expected, probability) for probability in (0.001, 0.025, 0.975, 0.999)]
    assert limits == sorted(limits)
    assert limits[1] <= expected <= limits[2] + 1
