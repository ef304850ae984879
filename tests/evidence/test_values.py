"""Whether a passage prints a figure's value, type and qualifier."""

from pathlib import Path

import pytest

from app.evidence.ledger import LEDGER
from app.evidence.passages import digest
from app.evidence.report import Report
from app.evidence.verify import verify
from tests import made


def reported(folder: Path, text: str, printed: str | None, **facts: object) -> Report:
    """Verify one figure against a one-paragraph text; other numbers in it don't matter."""
    (folder / "made-up.txt").write_text(text, encoding="utf-8")
    note = facts.pop("note", None)
    place = {"as_printed": printed, "end": len(text), "sha256": digest(text), "note": note}
    evidence = {**made.STATES, **place}
    figure = made.figure("one", **{"evidence": [evidence], **facts})
    others = made.figure("whole", value=52)
    source = made.SOURCE.model_copy(update={"sha256": digest(text)})
    dataset = made.dataset([figure], sources=[source])
    report = verify(dataset.model_copy(update={"records": [figure, others]}), {}, folder, {})
    left = [one for one in report.problems if one.record not in {LEDGER, "whole"}]
    return Report(report.sources, left)


PERCENT = {"value_type": "percent"}
BETWEEN = {"qualifier": "between"}
MORE, NEARLY, FEWER, ABOUT = ({"qualifier": word} for word in ("more-than", "nearly", "fewer-than", "about"))

PRINTED = [
    ("The force had sixty-six cases.", "sixty-six", {"value": 66}),
    ("One hundred and nineteen were upheld.", "One hundred and nineteen", {"value": 119}),
    ("Some 1,300 officers were named.", "1,300", {"value": 1300, **ABOUT}),
    ("There were 12.5 complaints per 1,000 officers.", "12.5", {"value": 12.5, "value_type": "rate", "per": 1000}),
    ("More than half left.", "half", {"value": 50, **PERCENT, **MORE}),
    ("Two thirds left.", "Two thirds", {"value": 66.67, **PERCENT}),
    ("A third left.", "third", {"value": 33.33, **PERCENT}),
    ("One in five left.", "One in five", {"value": 20, **PERCENT}),
    ("Fewer than 2 per cent left.", "2", {"value": 2, **PERCENT, **FEWER}),
    ("Fewer than 2 per cent left.", "2 per cent", {"value": 2, **PERCENT, **FEWER}),
    ("12.5%", "12.5%", {"value": 12.5, **PERCENT}),
    ("12.5", "12.5", {"value": 12.5, **PERCENT}),
    ("None of the officers left.", "None", {"value": 0}),
    ("None of the officers left.", "None", {"value": 0, **PERCENT}),
    ("Not one officer left.", "Not one", {"value": 0}),
    ("No officer left.", "No", {"value": 0}),
    ("All were upheld.", "All", {"value": 100, **PERCENT}),
    ("All were upheld.", "All", {"value": 52, "base": made.base("whole")}),
    ("Half were upheld.", "Half", {"value": 26, "base": made.base("whole")}),
    ("Nearly all were upheld.", "all", {"value": 100, **PERCENT, **NEARLY}),
    ("The force dismissed between six and 19 officers.", "six", {"value": 6, "value_to": 19, **BETWEEN}),
    ("The force dismissed between six and 19 officers.", "19", {"value": 6, "value_to": 19, **BETWEEN}),
    ("The force dismissed between six and 19 officers.", "six and 19", {"value": 6, "value_to": 19, **BETWEEN}),
    ("The force dismissed six to 19 officers.", "six", {"value": 6, "value_to": 19, **BETWEEN}),
    ("Between 40 and 50 per cent left.", "40", {"value": 40, "value_to": 50, **BETWEEN, **PERCENT}),
    ("Complaints fell by 12 per cent.", "12", {"value": -12, "value_type": "change-percent"}),
    ("12", "12", {"value": 12, "value_type": "change-count"}),
    ("12.5", "12.5", {"value": 12.5, "value_type": "rate", "per": 100}),
    ("There were two complaints per officer.", "two", {"value": 2, "value_type": "rate", "per": 1}),
    ("Complaints rose by 12.", "12", {"value": 12, "value_type": "change-count"}),
    ("Complaints doubled.", "doubled", {"value": 100, "value_type": "change-percent"}),
    ("Complaints halved.", "halved", {"value": -50, "value_type": "change-percent"}),
    ("Officers were disciplined over 12 claims.", "12", {"value": 12, "note": "Over is a preposition here."}),
    ("Over 12 claims were upheld.", "12", {"value": 12, **MORE}),
    ("Just 10 were upheld in 2016.", "10", {"value": 10}),
    ("A dozen officers left.", "A dozen", {"value": 12}),
    ("The number is not known.", None, {"value_status": "not-disclosed"}),
    ("Some 730 allegations were made.", "730", {"value": 730, "note": "712 of the 730 are counted exactly."}),
    ("Some 730 allegations were made.", "730", {"value": 730, **ABOUT}),
    ("A total of 730 allegations were made.", "730", {"value": 730}),
    ("A total of 730 were made.", "730", {"value": 730, "note": "The table rounds to tens.", **ABOUT}),
    ("In all, on average 47 a year left.", "47", {"value": 47, "value_type": "rate", "per": 1, "per_unit": "year"}),
    (
        "The force lost 47 officers annually.",
        "47",
        {"value": 47, "value_type": "rate", "per": 1, "per_unit": "year", "unit": "person"},
    ),
    (
        "There were 9.8 complaints per 1,000 employees.",
        "9.8",
        {
            "value": 9.8,
            "value_type": "rate",
            "per": 1000,
            "per_unit": "person",
            "per_subjects": ["officers", "staff"],
        },
    ),
    ("Another officer was dismissed.", "Another", {"value": 1, "unit": "person"}),
    ("One officer was dismissed.", "One", {"value": 1, "unit": "person"}),
    ("None have been dismissed yet.", "None", {"value": 0, "unit": "person"}),
]


@pytest.mark.parametrize(
    ("text", "printed", "facts"), PRINTED, ids=[f"{text} {printed}" for text, printed, _ in PRINTED]
)
def test_a_figure_that_its_passage_prints_passes(
    tmp_path: Path, text: str, printed: str | None, facts: dict[str, object]
) -> None:
    """A passage may print the number in any form, along with the words that qualify it."""
    assert reported(tmp_path, text, printed, **facts).problems == []


NOT_PRINTED = [
    ("The force had sixty-six cases.", "sixty-six", {"value": 67}, "the value"),
    ("The force had sixty-six cases.", "six", {"value": 6}, "'six' in the passage"),
    ("Of six cases, six were upheld.", "six", {"value": 6}, "'six' in the passage"),
    ("The force had 1,300 cases.", "300", {"value": 300}, "'300' in the passage"),
    ("Two thirds left.", "Two thirds", {"value": 66.6, **PERCENT}, "the value"),
    ("Two thirds left.", "Two thirds", {"value": 2}, "the value"),
    ("The force had 40 cases.", "40", {"value": 40, **PERCENT}, "the value"),
    ("About 40 per cent left.", "40", {"value": 40, **ABOUT}, "the value"),
    ("A share of 40 per cent left.", "40 per cent", {"value": 40}, "the value"),
    ("All were upheld.", "All", {"value": 51, "base": made.base("whole")}, "the value"),
    ("All were upheld.", "All", {"value": 52, "base": made.base("other")}, "the value"),
    ("All were upheld.", "All", {"value": 52, "base": made.ambiguous("whole")}, "the value"),
    ("Several hundred left.", "hundred", {"value": 100}, "nothing more"),
    ("Dozens left.", "Dozens", {"value": 24}, "nothing more"),
    ("On the 6th it met.", "6th", {"value": 6}, "nothing more"),
    ("More than half left.", "half", {"value": 50, **PERCENT}, "the qualifier"),
    ("More than half left.", "half", {"value": 50, **PERCENT, **NEARLY}, "the qualifier"),
    ("More than half left.", "More than half", {"value": 50, **PERCENT, **MORE}, "nothing more"),
    ("Half left.", "Half", {"value": 50, **PERCENT, **MORE}, "the qualifier"),
    ("Just 40 left.", "40", {"value": 40, **ABOUT}, "the qualifier"),
    ("No more than 40 left.", "40", {"value": 40, **MORE}, "the qualifier"),
    ("Over 40 left.", "40", {"value": 40}, "no note on the evidence"),
    ("Over 40 left.", "40", {"value": 40, "note": "A note.", **NEARLY}, "the qualifier"),
    ("More than 40 left.", "40", {"value": 40, "note": "A note."}, "the qualifier"),
    ("It dismissed between six and 19.", "six", {"value": 6}, "the qualifier"),
    ("It dismissed between six and 19.", "six", {"value": 6, "value_to": 18, **BETWEEN}, "the value"),
    ("It dismissed between six and 19.", "six", {"value": 5, "value_to": 19, **BETWEEN}, "the value"),
    ("It dismissed six of 19.", "six", {"value": 6, "value_to": 19, **BETWEEN}, "the value"),
    ("It dismissed six to 19.", "six to 19", {"value": 6}, "the value"),
    ("It fell by 12.", "12", {"value": 12, "value_type": "change-count"}, "the direction"),
    ("It rose by 12.", "12", {"value": -12, "value_type": "change-count"}, "the direction"),
    ("It changed by 12.", "12", {"value": -12, "value_type": "change-count"}, "the direction"),
    ("It doubled.", "doubled", {"value": 100, **PERCENT}, "the value"),
    ("It changed by 12.", "12", {"value": 12, "value_type": "change-count"}, "the direction"),
    ("It had 12 cases.", "12", {"value": 12, "value_type": "rate", "per": 100}, "no word such as per"),
    ("It had 12 per 1,000 staff.", "12", {"value": 12, "value_type": "rate", "per": 100}, "per"),
    ("The number 6 is known.", "6", {"value_status": "not-disclosed"}, "nothing, as the value is not-disclosed"),
    ("There were 6 cases.", None, {"value": 6}, "6, as the passage prints it"),
]


@pytest.mark.parametrize(
    ("text", "printed", "facts", "what"),
    NOT_PRINTED,
    ids=[f"{text} {printed} {facts}" for text, printed, facts, _ in NOT_PRINTED],
)
def test_a_figure_that_its_passage_does_not_print_fails(
    tmp_path: Path, text: str, printed: str | None, facts: dict[str, object], what: str
) -> None:
    """Another number, type or qualifier is a mismatch."""
    (problem,) = reported(tmp_path, text, printed, **facts).problems
    assert (problem.file, problem.paragraph, problem.record) == ("made-up.txt", 1, "one")
    assert what in str(problem)


def test_a_source_that_disputes_may_print_another_number(tmp_path: Path) -> None:
    """A passage that disputes a figure may print another number, but must contain it once."""
    text = "It was 70, not more."
    disputes = {**made.STATES, "role": "disputes", "as_printed": "70", "end": len(text), "sha256": digest(text)}
    assert reported(tmp_path, text, "70", value=66, evidence=[disputes]).problems == []
    gone = {**disputes, "as_printed": "71"}
    (problem,) = reported(tmp_path, text, "71", value=66, evidence=[gone]).problems
    assert problem.found == "0 times"


def test_both_numbers_of_a_range_and_of_a_rate_are_recorded(tmp_path: Path) -> None:
    """The second number of a range or rate doesn't need a ledger entry."""
    for text, printed, facts in (
        ("It dismissed between six and 19 officers.", "six", {"value": 6, "value_to": 19, **BETWEEN}),
        ("It had 12 per 1,000 staff.", "12", {"value": 12, "value_type": "rate", "per": 1000}),
    ):
        reported(tmp_path, text, printed, **facts)
        evidence = {**made.STATES, "as_printed": printed, "end": len(text), "sha256": digest(text)}
        figure = made.figure("one", evidence=[evidence], **facts)
        source = made.SOURCE.model_copy(update={"sha256": digest(text)})
        assert verify(made.dataset([figure], sources=[source]), {}, tmp_path, {}).problems == []


YEARLY = {"value": 47, "value_type": "rate", "per": 1, "per_unit": "year"}


def test_the_words_of_a_rate_may_be_beside_the_passage(tmp_path: Path) -> None:
    """A rate's words may follow its clause, but only within the same sentence."""
    for text, passes in (("The 47, on average each year, left.", True), ("The 47 left. Each year ends.", False)):
        digest_of_47 = digest(text[:6])
        (tmp_path / "made-up.txt").write_text(text, encoding="utf-8")
        evidence = {**made.STATES, "as_printed": "47", "end": 6, "sha256": digest_of_47}
        source = made.SOURCE.model_copy(update={"sha256": digest(text)})
        dataset = made.dataset([made.figure("one", evidence=[evidence], **YEARLY)], sources=[source])
        found = [one for one in verify(dataset, {}, tmp_path, {}).problems if one.record != LEDGER]
        assert [one.what for one in found] == ([] if passes else ["per_unit"])


AS_EXACT = {"qualifier_printed": "exact"}


@pytest.mark.parametrize(
    ("text", "printed", "value", "passes"),
    [
        ("A quarter left.", "quarter", 25, True),
        ("A quarter left.", "quarter", 26, False),
        ("About a quarter left.", "quarter", 25, False),
    ],
)
def test_a_rounded_number_that_is_printed_as_if_exact(
    tmp_path: Path, text: str, printed: str, value: float, passes: object
) -> None:
    """The record says "about", and its passage notes that the words print the number as exact."""
    evidence = {**made.STATES, "as_printed": printed, "end": len(text), "sha256": digest(text), **AS_EXACT}
    found = reported(tmp_path, text, printed, value=value, **PERCENT, **ABOUT, evidence=[evidence]).problems
    assert (found == []) is passes


ROUNDED = [
    ("3,000", "exact", "Almost 3,000 left.", {"value": 3000, **NEARLY}, True),
    ("3,000", "exact", "2,987 left.", {"value": 2987}, True),
    ("Almost 3,000", "nearly", "2,987 left.", {"value": 2987}, True),
    ("Almost 3,000", "nearly", "3,012 left.", {"value": 3012}, False),
    ("More than 3,000", "more-than", "3,012 left.", {"value": 3012}, True),
    ("3,000", "exact", "2,012 left.", {"value": 2012}, False),
    ("3,000", "about", "2,987 left.", {"value": 2987}, False),
]


@pytest.mark.parametrize("case", ROUNDED, ids=[f"{headline} {text}" for headline, _, text, *_ in ROUNDED])
def test_a_headline_that_rounds(tmp_path: Path, case: tuple[str, str, str, dict[str, object], bool]) -> None:
    """A headline may round the text's number if it's close and the headline's words fit; that's no dispute."""
    headline, rounded, text, facts, passes = case
    whole = f"{headline}\n{text}"
    (tmp_path / "made-up.txt").write_text(whole, encoding="utf-8")
    number = f"{facts['value']:,}"
    evidence = [
        {**made.STATES, "as_printed": number, "paragraph": 2, "end": len(text), "sha256": digest(text)},
        {
            **made.STATES,
            "role": "repeats",
            "as_printed": "3,000",
            "qualifier_printed": rounded,
            "end": len(headline),
            "sha256": digest(headline),
        },
    ]
    source = made.SOURCE.model_copy(update={"sha256": digest(whole)})
    figure = made.figure("one", unit="person", evidence=evidence, **facts)
    found = verify(made.dataset([figure], sources=[source]), {}, tmp_path, {}).problems
    assert (not [one for one in found if one.record != LEDGER]) is passes
