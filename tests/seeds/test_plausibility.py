"""The impossible is refused by name; the unusual raises a question, which the record answers with a reason."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from app.seeds.problems import Problem, SeedError
from app.seeds.reading import read
from tests.seeds.made_up_article import REFERENCE_DATA

Fields = dict[str, Any]

CODES = {
    "allegation": ["any", "rape<any", "messages<any"],
    "stage": ["investigation", "misconduct-proceedings"],
    "outcome": [
        *("upheld", "not-upheld", "no-action", "warned", "left-police-service", "dismissed<left-police-service"),
        *("criminal-sanction", "convicted<criminal-sanction", "restricted-duties"),
    ],
}


def code(text: str) -> Fields:
    """Return a code, with its parent after `<` if it has one."""
    name, _, parent = text.partition("<")
    return {"id": name, "label": name, "definition": name, **({"parent": parent} if parent else {})}


BREAKDOWN = [
    {"dimension": dimension, "id": name, "label": name, "definition": name}
    for dimension, name in (("sex", "male"), ("sex", "female"), ("rank", "constable"))
]
YEAR_2019: Fields = {
    "start": "2019-01-01",
    "end": "2019-12-31",
    "precision": "year",
    "year_type": "calendar",
    "basis": "stated",
    "event": "received",
    "label": "2019",
}


def days(start: str, end: str, label: str, **changes: Any) -> Fields:  # noqa: ANN401 - fields of all types
    """Return a period between two days."""
    facts = {"start": start, "end": end, "precision": "day", "basis": "stated", "event": "received", "label": label}
    return {**facts, **changes}


YEAR_2020 = days("2020-01-01", "2020-12-31", "2020")


def base(whole: str, *, part: bool = True) -> Fields:
    """Return a base."""
    return {"id": whole, "basis": "stated", "part": part, "candidates": [whole]}


FACTS: dict[str, Fields] = {
    "all-1200": {"value": 1200},
    "men-700": {"value": 700, "breakdown": {"sex": "male"}, "base": base("all-1200")},
    "women-400": {"value": 400, "breakdown": {"sex": "female"}, "base": base("all-1200")},
    "upheld-300": {"kind": "outcome", "outcome": "upheld", "value": 300, "base": base("all-1200")},
    "rejected-800": {"kind": "outcome", "outcome": "not-upheld", "value": 800, "base": base("all-1200")},
    "dismissed-30": {
        "kind": "outcome",
        "outcome": "dismissed",
        "unit": "person",
        "value": 30,
        "base": base("upheld-300"),
        "notes": ["People in the cases that were upheld."],
        "subjects": ["officers"],
    },
    "convicted-5": {
        "kind": "outcome",
        "outcome": "convicted",
        "unit": "person",
        "value": 5,
        "base": base("dismissed-30"),
        "subjects": ["officers"],
    },
    "upheld-share": {
        "kind": "outcome",
        "outcome": "upheld",
        "value": 25,
        "value_type": "percent",
        "base": base("all-1200"),
        "related": [{"type": "same-fact", "id": "upheld-300"}],
    },
    "in-2020": {"value": 1150, "period": YEAR_2020},
    "fell-by-50": {
        "value": -50,
        "value_type": "change-count",
        "period": YEAR_2020,
        "related": [{"type": "change-from", "id": "all-1200"}],
    },
    "in-dorset": {"force": "dorset", "value": 80},
    "per-1000": {"value": 9.8, "value_type": "rate", "per": 1000, "per_unit": "person"},
    "of-three-forces": {
        "force": "england-and-wales",
        "value": 5000,
        "coverage": {"forces_asked": 2, "forces_included": 2},
    },
    "other-account": {
        "value": 1100,
        "related": [{"type": "conflicts-with", "id": "all-1200"}],
        "unit": "complaint",
    },
    "event": {"kind": "incident", "standing": "convicted", "outcome": "convicted", "outcome_status": "stated"},
    "hearing": {"kind": "incident", "standing": "found", "outcome": "dismissed", "outcome_status": "stated"},
}
"""A set of records with nothing unusual."""

MUTUAL = ("same-fact", "conflicts-with")


def record(position: int, name: str, changes: Fields) -> Fields:
    """Return a record of the set, with all required fields."""
    evidence: Fields = {
        "role": "states",
        "paragraph": position,
        "start": 0,
        "end": 40,
        "sha256": "a" * 64,
        **({"as_printed": f"{position}0"} if changes.get("kind") != "incident" else {}),
    }
    per = " per 1,000" if changes.get("value_type") == "rate" else ""
    facts: Fields = {"kind": "complaint", "statement": f"It is said{per}.", "force": "metropolitan"}
    facts |= {"period": YEAR_2019, "allegation": "any", "evidence": [evidence]}
    if changes.get("kind") != "incident":
        facts |= {"value_status": "stated", "unit": "complaint"}
    return {"id": name, **facts, **changes}


def write(folder: Path, changes: dict[str, Fields], source: Fields | None = None) -> None:
    """Write the set, with changes to some of its records."""
    for name, text in REFERENCE_DATA.items():
        (folder / name).write_text(text)
    trees = {tree: [code(one) for one in codes] for tree, codes in CODES.items()}
    (folder / "codes.yaml").write_text(json.dumps({**trees, "breakdown": BREAKDOWN}))
    names = [*FACTS, *(name for name in changes if name not in FACTS)]
    records = {
        name: record(position, name, {**FACTS.get(name, {}), **changes.get(name, {})})
        for position, name in enumerate(names, 1)
    }
    stated = [(name, other) for name, one in records.items() for other in one.get("related", [])]
    for name, other in stated:
        if other["type"] in MUTUAL:
            twin = records[other["id"]]
            twin["related"] = [*twin.get("related", []), {"type": other["type"], "id": name}]
    published = {"date": "2024-05-06", "precision": "day", "basis": "stated"}
    facts: Fields = {"id": "made-up", "title": "Made up", "publisher": "Nobody", "published": published}
    facts |= {"kind": "news-article", "origin": "met-foi-2021", "file": "made-up.txt", "sha256": "a" * 64}
    article = {"source": {**facts, **(source or {})}, "records": list(records.values())}
    (folder / "made-up.yaml").write_text(json.dumps(article, indent=1))


class Mistake(NamedTuple):
    """A mistake in one record, the name of its check, and whether it's a question that the record may answer."""

    code: str
    record: str
    changes: Fields
    is_question: bool = True


def period(**changes: Any) -> Fields:  # noqa: ANN401 - fields of all types
    """Return the change of a period that is otherwise 2019."""
    return {"period": {**YEAR_2019, **changes}}


def asked(code: str, record: str, **changes: Any) -> Mistake:  # noqa: ANN401 - fields of all types
    """Return a mistake that raises a question."""
    return Mistake(code, record, changes)


def refused(code: str, record: str, **changes: Any) -> Mistake:  # noqa: ANN401 - fields of all types
    """Return a mistake that is impossible."""
    return Mistake(code, record, changes, is_question=False)


NEW = {"value": 17}
PART_OF_ALL = {"type": "part-of", "id": "all-1200"}
STATES: Fields = {"role": "states", "start": 0, "end": 40, "sha256": "a" * 64}

MISTAKES = [
    # a part larger than its whole
    asked("part-exceeds-whole", "convicted-5", value=480),
    asked("part-exceeds-whole", "upheld-300", value=1300),
    asked("part-exceeds-whole", "men-700", value=2700, qualifier="about"),
    asked("part-exceeds-whole", "dismissed-30", value=301),
    asked("part-exceeds-whole", "women-400", value=1300, qualifier="at-least"),
    asked("part-exceeds-whole", "new", **NEW, related=[{"type": "part-of", "id": "convicted-5"}]),
    # parts that exceed their whole
    asked("parts-exceed-whole", "women-400", value=501),
    asked("parts-exceed-whole", "men-700", value=900),
    asked("parts-exceed-whole", "rejected-800", value=901),
    asked("parts-exceed-whole", "men-700", value=810, qualifier="more-than"),
    asked("parts-exceed-whole", "all-1200", value=1050),
    # impossible bases
    refused("whole-of-another-force", "upheld-300", force="dorset"),
    refused("whole-of-another-force", "upheld-300", base=base("in-dorset")),
    refused("whole-of-another-force", "men-700", force="england-and-wales"),
    refused("whole-of-others", "convicted-5", subjects=["staff"]),
    refused("whole-of-others", "convicted-5", subjects=["pcsos", "staff"]),
    refused("whole-of-others", "women-400", base=base("men-700")),
    refused("whole-of-other-allegations", "new", value=3, allegation="rape", base=base("of-messages")),
    asked("part-wider-than-whole", "convicted-5", subjects=["officers", "staff"]),
    asked("part-wider-than-whole", "all-1200", allegation="rape"),
    asked("whole-of-another-period", "upheld-300", period=YEAR_2020),
    asked("whole-of-another-period", "women-400", **period(start="2021-01-01", end="2021-12-31", label="2021")),
    asked("whole-of-another-period", "upheld-300", base=base("in-2020")),
    asked("part-longer-than-whole", "upheld-300", **period(end="2021-12-31", label="2019 to 2021")),
    asked("part-longer-than-whole", "men-700", **period(start="2015-01-01", label="2015 to 2019")),
    asked("whole-is-no-count", "dismissed-30", base=base("upheld-share")),
    asked("whole-is-no-count", "convicted-5", base=base("per-1000")),
    asked("whole-excludes-part", "upheld-300", base=base("rejected-800")),
    asked("whole-excludes-part", "rejected-800", value=200, base=base("upheld-300")),
    asked("whole-comes-later", "men-700", value=70, base=base("upheld-300")),
    asked("across-units-without-note", "dismissed-30", notes=[]),
    asked("percentage-of-what", "upheld-share", base=None),
    # percentages
    refused("percentage-over-100", "upheld-share", value=125),
    refused("percentage-over-100", "upheld-share", value=90, value_to=110, qualifier="between"),
    refused("falls-below-nothing", "fell-by-50", value=-150, value_type="change-percent"),
    asked("percentage-off", "upheld-share", value=52),
    asked("percentage-off", "upheld-300", value=30),
    asked("share-not-linked", "upheld-share", related=[]),
    # numbers
    asked("fall-exceeds-start", "fell-by-50", value=-1500),
    asked("change-off", "fell-by-50", value=-60),
    asked("change-off", "fell-by-50", value=-14, value_type="change-percent"),
    asked("change-off", "in-2020", value=1400),
    asked("same-fact-other-number", "other-account", related=[{"type": "same-fact", "id": "all-1200"}]),
    asked("same-fact-elsewhere", "in-dorset", related=[{"type": "same-fact", "id": "all-1200"}]),
    asked("conflict-without-difference", "other-account", value=1200, subjects=["officers"]),
    refused("more-forces-than-there-are", "of-three-forces", coverage={"forces_asked": 43, "forces_included": 2}),
    refused("more-forces-than-there-are", "of-three-forces", coverage={"forces_included": 36}),
    asked("rate-of-what", "per-1000", per_unit=None),
    asked("number-used-twice", "in-2020", evidence=[{**STATES, "paragraph": 1, "as_printed": "10"}]),
    asked("number-used-twice", "in-dorset", evidence=[{**STATES, "paragraph": 2, "as_printed": "20", "start": 30}]),
    # one figure under two ids
    asked("equal-figures", "new", value=1200, subjects=["officers"]),
    asked("equal-figures", "new", value=80, force="dorset", base=base("all-of-dorset"), notes=["So it says."]),
    asked("equal-figures", "new", value=1200, period={**YEAR_2019, "event": "finalised"}),
    # units
    asked("outcome-of-people", "dismissed-30", unit="allegation", base=base("all-1200")),
    asked("outcome-of-people", "dismissed-30", unit="complaint"),
    asked("outcome-of-people", "convicted-5", unit="allegation", notes=["So it says."]),
    asked("convictions-of-what", "dismissed-30", unit="conviction"),
    asked("steps-as-complaints", "in-dorset", unit="proceeding"),
    # statements
    asked("statement-of-other-outcome", "dismissed-30", statement="In 2019, 30 officers were convicted."),
    asked("statement-of-other-outcome", "hearing", statement="A court convicted an officer."),
    asked("statement-of-other-whole", "convicted-5", statement="Of the 300 upheld, 5 ended in a conviction."),
    asked("statement-of-other-rate", "per-1000", statement="There were 9.8 for every hundred officers."),
    asked("statement-of-other-years", "in-dorset", statement="In 2018, there were 80 in Dorset."),
    asked("part-in-other-unit", "men-700", unit="person", notes=["So it says."], related=[PART_OF_ALL]),
    # days
    refused("before-the-police", "in-dorset", **period(start="1019-01-01", label="1019 to 2019")),
    asked("long-period", "in-dorset", **period(start="1919-01-01", label="1919 to 2019")),
    refused("as-at-before-start", "in-dorset", **period(as_at="2018-12-31")),
    refused("starts-after-publication", "in-dorset", **period(start="2029-01-01", end="2029-12-31", label="2029")),
    refused("as-at-after-publication", "in-dorset", **period(as_at="2025-01-31")),
    asked("ends-after-publication", "in-dorset", **period(end="2024-12-31", label="2019 to 2024")),
    asked("ends-after-publication", "in-dorset", period=days("2024-01-01", "2024-06-30", "January to June 2024")),
    # labels
    asked("financial-label", "in-dorset", **period(label="the financial year 2019")),
    asked("financial-label", "in-dorset", period=days("2019-01-01", "2019-12-31", "2019-20")),
    asked(
        "calendar-label",
        "in-dorset",
        **period(start="2019-04-01", end="2020-03-31", year_type="financial", label="2019 to 2020"),
    ),
    asked("label-of-other-years", "in-dorset", **period(label="2018")),
    asked("label-of-other-years", "in-dorset", **period(end="2020-12-31")),
    asked("label-of-other-years", "in-dorset", **period(label="2019 to 2021")),
    asked("label-of-other-months", "in-dorset", period=days("2019-03-01", "2019-05-31", "April to May 2019")),
    asked("label-of-other-months", "in-dorset", period=days("2019-03-01", "2019-05-31", "March 2019")),
    # incidents
    asked("convicted-but-not-standing", "event", standing="alleged"),
    asked("convicted-but-not-standing", "hearing", outcome="convicted"),
    asked("convicted-without-outcome", "event", outcome="not-upheld"),
]
OTHERS: dict[str, Fields] = {
    "of-messages": {"value": 9, "allegation": "messages"},
    "all-of-dorset": {"value": 800, "force": "dorset"},
}
"""More records, which some mistakes need."""


def planted(folder: Path, mistake: Mistake, **more: Any) -> list[Problem]:  # noqa: ANN401 - fields of all types
    """Return the problems that a mistake causes."""
    changes = {mistake.record: {**mistake.changes, **more}}
    text = repr(mistake.changes)
    changes |= {name: facts for name, facts in OTHERS.items() if name in text}
    write(folder, {name: changes[name] for name in [*(n for n in changes if n in OTHERS), mistake.record]})
    try:
        read(folder)
    except SeedError as error:
        return list(error.problems)
    return []


def label(mistake: Mistake) -> str:
    """Return the id of a test of a mistake."""
    return f"{mistake.code}-{mistake.record}"


def test_the_set_has_nothing_odd(tmp_path: Path) -> None:
    """Without a mistake there are no problems or questions, so the tests below find only their own mistakes."""
    write(tmp_path, OTHERS)
    assert read(tmp_path).answered == []


def test_there_are_enough_mistakes() -> None:
    """There are at least sixty different mistakes."""
    assert len({str(mistake) for mistake in MISTAKES}) >= 60


@pytest.mark.parametrize("mistake", MISTAKES, ids=label)
def test_a_planted_mistake_is_named(tmp_path: Path, mistake: Mistake) -> None:
    """A planted mistake is refused or questioned by name, with its place and that of the other record."""
    found = planted(tmp_path, mistake)
    codes = {(problem.question or problem.message).partition("/")[0].partition(":")[0] for problem in found}
    assert mistake.code in codes, found
    assert all(problem.file == "made-up.yaml" and problem.line for problem in found)
    named = [problem for problem in found if mistake.code in f"{problem.question} {problem.message}"]
    assert all(bool(problem.question) is mistake.is_question for problem in named)
    assert all("made-up.yaml:" in problem.message for problem in named if "/" in problem.question)


@pytest.mark.parametrize("mistake", [one for one in MISTAKES if one.is_question], ids=label)
def test_an_answer_settles_a_question(tmp_path: Path, mistake: Mistake) -> None:
    """A question may be answered in the record, with a reason, and nothing else is needed."""
    questions = planted(tmp_path, mistake)
    changes = {mistake.record: mistake.changes} | {
        name: facts for name, facts in OTHERS.items() if name in repr(mistake.changes)
    }
    for problem in questions:
        asked_of = changes.setdefault(problem.record, {})
        answers = [*asked_of.get("checked", []), {problem.question: "It says so."}]
        changes[problem.record] = {**asked_of, "checked": answers}
    write(tmp_path, {name: changes[name] for name in sorted(changes, key=lambda name: name not in OTHERS)})
    answered = read(tmp_path).answered
    assert {(one.record, one.code) for one in answered} == {(one.record, one.question) for one in questions}
    assert {one.reason for one in answered} == {"It says so."}


LARGER = asked("part-exceeds-whole", "convicted-5", value=480)


def test_a_question_has_everything_to_decide_it(tmp_path: Path) -> None:
    """A question names its code, file, line, both records and their numbers, and how to answer."""
    (problem,) = planted(tmp_path, LARGER)
    said = str(problem)
    assert said.startswith(
        f"made-up.yaml:{problem.line}: convicted-5, value: question part-exceeds-whole/dismissed-30: "
    )
    assert "480 (person) is more than its whole, dismissed-30 (made-up.yaml:" in said
    assert "30 (person)" in said
    assert "checked: [{part-exceeds-whole/dismissed-30: \u2026}]" in said
    assert SeedError([problem]).report().endswith("\n1 question; nothing was done.")


def test_a_bare_code_answers_a_single_question(tmp_path: Path) -> None:
    """If a record has a single question of a code, the code alone is enough to answer it."""
    assert planted(tmp_path, LARGER, checked=[{"part-exceeds-whole": "The source says so itself."}]) == []


@pytest.mark.parametrize(
    ("checked", "message"),
    [
        ([{"part-exceeds-hole": "So it says."}], "answers part-exceeds-hole, but there is no such question"),
        ([{"part-exceeds-whole": ""}], "needs a reason"),
        ([{"part-exceeds-whole": 3}], "needs a reason"),
        (["part-exceeds-whole"], "must be a list of questions with their answers"),
        ({"part-exceeds-whole": "So it says."}, "must be a list of questions with their answers"),
    ],
)
def test_answers_that_answer_nothing(tmp_path: Path, checked: object, message: str) -> None:
    """An answer without a question, or without a reason, is itself a problem."""
    assert any(message in problem.message for problem in planted(tmp_path, LARGER, checked=checked))


SHARED = [
    ([{"outcome-of-people": "It counts complaints."}], {}, ""),
    ([{"outcome-of-people": "It counts complaints."}], {"checked": [{"outcome-of-people": "It says so."}]}, ""),
    (
        [{"steps-as-complaints": "So it is."}],
        {},
        "answers steps-as-complaints, but there is no such question about it",
    ),
    (
        [{"part-exceeds-whole": "So it is."}],
        {"value": 480},
        "answers part-exceeds-whole, but there is no such question about it",
    ),
    ("words", {}, "must be a list of questions with their answers"),
]


@pytest.mark.parametrize(("checked", "changes", "message"), SHARED)
def test_an_article_answers_once_for_all_records(
    tmp_path: Path, checked: object, changes: Fields, message: str
) -> None:
    """An article's defaults answer questions about single records; a record's own answer takes precedence."""
    notes = {"unit": "complaint", "notes": ["So it says."]}
    write(tmp_path, {"dismissed-30": notes, "convicted-5": {**notes, **changes}})
    path = tmp_path / "made-up.yaml"
    path.write_text(json.dumps({"defaults": {"checked": checked}, **json.loads(path.read_text())}, indent=1))
    if not message:
        answered = {one.record: one.reason for one in read(tmp_path).answered if one.code == "outcome-of-people"}
        own = "It says so." if changes else "It counts complaints."
        assert answered == {"dismissed-30": "It counts complaints.", "convicted-5": own}
        return
    with pytest.raises(SeedError) as caught:
        read(tmp_path)
    assert message in str(caught.value)


def test_an_answer_is_not_published(tmp_path: Path) -> None:
    """Answers and readers aren't in any release, so adding one changes no release."""
    write(tmp_path, {"in-dorset": {"read_by": ["ab", "cd"]}})
    seeds = read(tmp_path)
    assert seeds.readers == {"in-dorset": ["ab", "cd"]}
    write(tmp_path, {})
    assert read(tmp_path).dataset == seeds.dataset


@pytest.mark.parametrize("read_by", ["ab", ["ab", "ab"], [], ["ab", "cd", "ef"], [1], ["two words"]])
def test_readers_are_one_or_two(tmp_path: Path, read_by: object) -> None:
    """A record names one or two different readers, by initials or handles."""
    write(tmp_path, {"in-dorset": {"read_by": read_by}})
    with pytest.raises(SeedError) as caught:
        read(tmp_path)
    assert {problem.field for problem in caught.value.problems} == {"read_by"}


def test_an_origin_is_not_later(tmp_path: Path) -> None:
    """No source goes back to one published after it."""
    write(tmp_path, {}, {"published": {"date": "2021", "precision": "year", "basis": "stated"}})
    sources = (tmp_path / "sources.yaml").read_text()
    dated = "{date: '2022-01', precision: month, basis: stated}"
    (tmp_path / "sources.yaml").write_text(sources.replace("{basis: not-stated}", dated, 1))
    with pytest.raises(SeedError) as caught:
        read(tmp_path)
    (problem,) = caught.value.problems
    assert "goes back to met-foi-2021, which is dated 2022-01" in problem.message


@pytest.mark.parametrize(("written", "precision"), [("9999", "year"), ("9999-12", "month")])
def test_the_last_month_of_all_is_a_date_too(tmp_path: Path, written: str, precision: str) -> None:
    """A source may have the last possible date, although no month follows."""
    write(tmp_path, {}, {"published": {"date": written, "precision": precision, "basis": "stated"}})
    assert read(tmp_path).dataset.sources
