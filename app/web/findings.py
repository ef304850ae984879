"""Figures worth a headline: chosen by rule, never by hand."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.vocabulary import Caution, Kind, ShareBasis, ValueType
from app.queries.page import UNDISCLOSED

FINDINGS = 3
LOOKED_AT = 200
"""How many of the largest counts, and of the newest figures without a number, to choose from."""

UNFIT = frozenset({Caution.DISPUTED, Caution.SUPERSEDED, Caution.BASE_AMBIGUOUS, Caution.INEXACT})
"""Cautions that rule a figure out as a headline; any others are shown with it."""

Document = Mapping[str, Any]
"""A figure as the API returns it."""


def findings(figures: Sequence[Document]) -> list[str]:
    """Return the ids of up to three figures, given the largest counts and the newest figures without a number.

    They are the share of the largest whole; an outcome of the largest other whole; and a number that isn't
    disclosed, because that is news too. Shares of other wholes, then the largest counts, fill any gaps.
    """
    shares = sorted(filter(_is_clear_share, figures), key=_whole, reverse=True)
    found: list[Document] = shares[:1]
    results = [one for one in shares if one["kind"] == Kind.OUTCOME and _is_of_another_whole(one, found)]
    found += results[:1]
    undisclosed = [one for one in figures if one["value_status"] in UNDISCLOSED]
    found += sorted(undisclosed, key=lambda one: one["base"] is None)[:1]
    counts = [
        one for one in figures if one["value_type"] == ValueType.COUNT and one["value"] and not _is_unfit(one)
    ]
    for one in (*shares, *sorted(counts, key=lambda one: one["value"], reverse=True)):
        if len(found) < FINDINGS and not _is_unfit(one) and _is_of_another_whole(one, found):
            found.append(one)
    return [one["id"] for one in found]


def _is_clear_share(figure: Document) -> bool:
    return figure["share"] is not None and figure["share_basis"] == ShareBasis.SAME_UNIT and not _is_unfit(figure)


def _is_unfit(figure: Document) -> bool:
    return not UNFIT.isdisjoint(figure["cautions"])


def _whole(figure: Document) -> float:
    """Return the approximate size of the whole that a figure is a share of."""
    return float(figure["value"] / figure["share"]) if figure["share"] else 0


def _is_of_another_whole(figure: Document, others: Sequence[Document]) -> bool:
    wholes = {one["base"]["id"] if one["base"] else one["id"] for one in others} | {one["id"] for one in others}
    return figure["id"] not in wholes and (figure["base"] is None or figure["base"]["id"] not in wholes)
