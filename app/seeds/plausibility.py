"""The table of plausibility checks: what's impossible, and what's odd."""

from collections.abc import Callable

from app.seeds import arithmetic, coherence, statements
from app.seeds.answers import report
from app.seeds.contents import Contents
from app.seeds.findings import Facts, Findings, facts_of

Check = Callable[[Facts], Findings]

REFUSED: list[Check] = [
    arithmetic.percentages,
    arithmetic.numbers_of_forces,
    coherence.others_of_wholes,
    coherence.first_days,
    coherence.after_publication,
]
"""Checks for what's impossible."""

ASKED: list[Check] = [
    arithmetic.parts_and_wholes,
    arithmetic.sums_of_parts,
    arithmetic.partitions,
    arithmetic.shares_of_the_same,
    arithmetic.same_facts,
    arithmetic.changes,
    arithmetic.numbers_used_twice,
    arithmetic.equal_figures,
    arithmetic.units,
    coherence.widths_of_wholes,
    coherence.kinds_of_wholes,
    coherence.periods_of_wholes,
    coherence.lengths,
    coherence.ends_after_publication,
    coherence.labels,
    coherence.standings,
    statements.outcomes,
    statements.rates,
    statements.numbers,
    statements.years,
    statements.units_of_parts,
]
"""Checks for what's odd but may be right: each finding is a question, which the record answers."""


def records_are_plausible(contents: Contents) -> None:
    """Report what's impossible, and ask about what's odd."""
    facts = facts_of(contents)
    refusals = [finding for check in REFUSED for finding in check(facts)]
    questions = [finding for check in ASKED for finding in check(facts)]
    report(facts, refusals, questions)
