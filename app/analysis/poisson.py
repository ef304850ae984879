"""Counts that vary by chance: exact intervals and control limits of the Poisson distribution.

All of it follows from the regularised incomplete gamma function. It is computed here because the libraries that
have it would take more memory than the rest of a process; the tests compare it with SciPy's.
"""

from collections.abc import Callable
from functools import lru_cache
from math import exp, lgamma, log, sqrt

EPSILON = 1e-15
TINY = 1e-300


def upper_gamma(shape: float, x: float) -> float:
    """Return Q(shape, x), which is the probability that a Poisson count with mean x is below a whole `shape`."""
    if x <= 0:
        return 1.0
    factor = exp(shape * log(x) - x - lgamma(shape))
    return 1 - factor * _series(shape, x) if x < shape + 1 else factor * _fraction(shape, x)


def _series(shape: float, x: float) -> float:
    """Sum the series of P(shape, x), which converges below the mean."""
    term = total = 1 / shape
    while term > total * EPSILON:
        shape += 1
        term *= x / shape
        total += term
    return total


def _fraction(shape: float, x: float) -> float:
    """Evaluate the continued fraction of Q(shape, x), which converges above the mean (Lentz's method)."""
    b = x + 1 - shape
    c, d = 1 / TINY, 1 / b
    result, change, n = d, 0.0, 0
    while abs(change - 1) > EPSILON and n < 10 * sqrt(x) + 1000:
        n += 1
        a = -n * (n - shape)
        b += 2
        d, c = a * d + b, b + a / c
        d, c = 1 / (d or TINY), c or TINY
        change = c * d
        result *= change
    return result


def at_most(count: int, mean: float) -> float:
    """Return the probability of this count or a smaller one; 0 for a count below 0."""
    return upper_gamma(count + 1, mean) if count >= 0 else 0.0


@lru_cache(10_000)
def interval(count: int, level: float = 0.95) -> tuple[float, float]:
    """Return the exact interval for the mean of a count (Garwood 1936): 5 may come from 1.62 to 11.67."""
    tail = (1 - level) / 2
    margin = 10 * sqrt(count) + 20
    low = _root(lambda mean: 1 - at_most(count - 1, mean) - tail, 0.0, float(count)) if count else 0.0
    high = _root(lambda mean: tail - at_most(count, mean), float(count), count + margin)
    return low, high


def control_limit(expected: float, probability: float) -> float:
    """Return the count below which chance alone stays with a probability, interpolated between whole counts.

    This is the formula for discrete data of D. J. Spiegelhalter, "Funnel plots for comparing institutional
    performance", Statistics in Medicine 24 (2005), 1185-1202, appendix A.1.
    """
    low, high = -1, int(expected + 10 * sqrt(expected) + 20)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if at_most(middle, expected) >= probability else (middle, high)
    below, reached = at_most(high - 1, expected), at_most(high, expected)
    return max(high - (reached - probability) / (reached - below), 0.0)


def _root(of: Callable[[float], float], low: float, high: float) -> float:
    """Return where a rising function is 0, by halving."""
    for _ in range(200):
        middle = (low + high) / 2
        if middle in {low, high}:
            break
        low, high = (middle, high) if of(middle) < 0 else (low, middle)
    return (low + high) / 2
