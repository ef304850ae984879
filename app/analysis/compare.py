"""Whether two figures can be compared, and what can be calculated from them."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

from app.analysis.comparison_rules import RULES, Aspect, Effect
from app.analysis.measures import Knowledge, Measured, as_number

Verdict = Literal["comparable", "with-care", "not-comparable"]

EFFECTS = ("blocks", "withholds", "cautions")
"""From the strongest, which comes first in an answer."""


@dataclass(frozen=True)
class Reason:
    """Why two figures can't be compared, or only with care."""

    aspect: Aspect
    effect: Effect
    a: Any
    b: Any
    message: str


@dataclass(frozen=True)
class Comparison:
    """A verdict with every reason for it; difference and ratio unless a reason forbids or withholds them."""

    verdict: Verdict
    reasons: list[Reason]
    difference: int | float | None
    ratio: float | None


def compare(a: Measured, b: Measured, known: Knowledge) -> Comparison:
    """Compare two figures. A figure is comparable to itself.

    The other way round, the verdict, the aspects and the effects are the same; the messages name `a` first.
    """
    reasons = []
    if a.id != b.id:
        reasons = [
            Reason(rule.aspect, rule.effect, rule.value_of(a), rule.value_of(b), message)
            for effect in EFFECTS
            for rule in RULES
            if rule.effect == effect
            for message in rule.check(a, b, known)
        ]
    effects = {reason.effect for reason in reasons}
    verdict: Verdict = "not-comparable" if "blocks" in effects else "with-care" if effects else "comparable"
    if not effects.isdisjoint({"blocks", "withholds"}) or a.value is None or b.value is None:
        return Comparison(verdict, reasons, None, None)
    ratio = (b.value / a.value).quantize(Decimal("0.0001"), ROUND_HALF_UP) if a.value else None
    return Comparison(verdict, reasons, as_number(b.value - a.value), None if ratio is None else as_number(ratio))
