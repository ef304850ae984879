"""The project's records, checked against their articles: every figure, every incident, every passage."""

import hashlib
import re
import subprocess
from typing import Any, NamedTuple

import pytest
from httpx import AsyncClient

from app.domain.dataset import Dataset, Source
from app.domain.records import Evidence
from app.settings import PROJECT
from tests.real_seeds import articles_of, real_seeds
from tests.texts import ARTICLES

MET, EW = "metropolitan", "england-and-wales"
EURO, WRP = "euro-weekly-news-2021-03-22", "wrp-2021-10"

LONGEST_QUOTE = 45
"""Code points: a longer passage is a sentence that somebody else wrote."""


class Told(NamedTuple):
    """What a figure says; `of`, `readings` and `share` are ours, every other column is the article's."""

    source: str
    kind: str
    code: str | None
    value: int | None
    unit: str
    value_type: str
    qualifier: str
    status: str
    force: str
    start: str | None
    end: str | None
    period_basis: str
    event: str
    subjects: list[str]
    allegation: str
    of: tuple[int | None, str, bool] | None
    """The value of the base (None if ambiguous), how the base is known, and whether the figure is part of it."""
    readings: tuple[int, ...]
    """The values of all candidates for the base."""
    share: float | None


def met(kind: str, code: str | None, value: int | None, unit: str, **changes: Any) -> Told:  # noqa: ANN401 - as it is
    """Return a figure of the first article: about complaints against Met officers from 2012 to 2018."""
    facts: dict[str, Any] = {
        **dict.fromkeys(["of", "share"]),
        "source": EURO,
        "value_type": "count",
        "qualifier": "exact",
        "status": "stated",
        "force": MET,
        "start": "2012-01-01",
        "end": "2018-12-31",
        "period_basis": "inferred",
        "event": "received",
        "subjects": ["officers"],
        "allegation": "sexual-misconduct",
        "readings": (),
    }
    return Told(**{**facts, "kind": kind, "code": code, "value": value, "unit": unit, **changes})


def ew(kind: str, code: str | None, value: int | None, unit: str, **changes: Any) -> Told:  # noqa: ANN401 - as it is
    """Return a figure of the second article: about police in England and Wales from April 2018 to March 2021."""
    facts: dict[str, Any] = {
        "source": WRP,
        "force": EW,
        "start": "2018-04-01",
        "end": "2021-03-31",
        "event": "occurred",
        "subjects": ["officers", "staff"],
        "allegation": "abuse-of-position-for-sexual-purpose",
    }
    return met(kind, code, value, unit, **{**facts, **changes})


FIGURES = [
    # The first article: a document about the Met.
    met("complaint", None, 594, "complaint", period_basis="stated"),
    met("outcome", "upheld", 119, "complaint", of=(594, "stated", True), readings=(594,), share=0.2003),
    met("outcome", "removed", 63, "case", of=(119, "stated", True), readings=(119,), share=0.5294),
    met(
        *("proceeding", "criminal-investigation", None, "case"),
        status="not-disclosed",
        of=(119, "implied", True),
        readings=(119,),
    ),
    # The second article: the watchdog's numbers for England and Wales.
    ew("proceeding", "misconduct-proceedings", 66, "person", period_basis="stated"),
    ew(
        *("proceeding", "misconduct-proceedings", 42, "person"),
        start="2020-04-01",
        of=(66, "stated", True),
        readings=(66,),
        share=0.6364,
    ),
    ew("outcome", "misconduct-proven", 63, "case", of=(66, "implied", True), readings=(66,), share=0.9545),
    ew(
        *("proceeding", "gross-misconduct-proceedings", 52, "person"),
        of=(66, "implied", True),
        readings=(66, 63),
        share=0.7879,
    ),
    ew(
        *("outcome", "left-and-barred", 38, "person"),
        of=(52, "corroborated", True),
        readings=(52, 63, 66),
        share=0.7308,
    ),
    ew(
        *("outcome", "left-and-barred", 50, "person"),
        value_type="percent",
        qualifier="more-than",
        of=(52, "corroborated", True),
        readings=(52, 63, 66),
    ),
    ew(
        *("proceeding", "criminal-prosecution", 7, "person"),
        subjects=[],
        of=(None, "ambiguous", True),
        readings=(66,),
    ),
    ew("outcome", "convicted", 6, "conviction", subjects=[], of=(7, "stated", False), readings=(7,)),
    ew("outcome", "imprisoned", 3, "person", subjects=[], of=(6, "corroborated", False), readings=(6, 7)),
    ew("proceeding", "investigation", 70, "person", start=None, end=None, period_basis="not-stated"),
    ew(
        *("proceeding", "investigation", 10, "person"),
        start="2016-01-01",
        end="2016-12-31",
        period_basis="stated",
    ),
]
"""Every figure of both articles, as a careful reader finds it."""

INCIDENTS = [
    # source, allegation, standing, outcome, force, the figure that includes it
    (EURO, "sexual-misconduct", "alleged", None, MET, 594),  # with a rape victim
    (EURO, "sexual-assault", "alleged", None, MET, 594),  # of a domestic abuse victim
    (EURO, "sexual-misconduct", "alleged", "dismissed", MET, 594),  # posed as a woman online
    (EURO, "sexual-misconduct", "alleged", None, MET, 594),  # with a victim in a refuge
    (EURO, "rape", "alleged", None, MET, 594),  # at a woman's home
    (EURO, "protest-policing", "alleged", None, MET, None),  # the Sarah Everard vigil
    (EURO, "offensive-messages", "reported", "restricted-duties", MET, None),  # the image about a murder
    (WRP, "homicide", "reported", None, MET, None),  # a murder by a serving officer
    (WRP, "missing-person-response", "admitted", "apology-offered", MET, None),  # two sisters
    (WRP, "missing-person-response", "alleged", None, MET, None),  # the call handler
]
"""Every incident of both articles."""

TREES = {
    "outcome": {
        "upheld": None,
        "misconduct-proven": None,
        "left-police-service": None,
        "removed": "left-police-service",
        "dismissed": "left-police-service",
        "left-and-barred": "left-police-service",
        "criminal-sanction": None,
        "convicted": "criminal-sanction",
        "imprisoned": "convicted",
        "restricted-duties": None,
        "apology-offered": None,
    },
    "stage": {
        "investigation": None,
        "misconduct-proceedings": None,
        "gross-misconduct-proceedings": "misconduct-proceedings",
        "criminal-investigation": None,
        "criminal-prosecution": None,
    },
    "allegation": {
        "any": None,
        "sexual-misconduct": "any",
        "abuse-of-position-for-sexual-purpose": "sexual-misconduct",
        "sexual-assault": "sexual-misconduct",
        "rape": "sexual-assault",
        "discreditable-conduct": "any",
        "offensive-messages": "discreditable-conduct",
        "neglect-of-duty": "any",
        "missing-person-response": "neglect-of-duty",
        "protest-policing": "any",
        "homicide": "any",
    },
}
"""The code trees, each code with its parent."""


async def all_of(client: AsyncClient, path: str) -> list[dict[str, Any]]:
    """Return every record of a list in the API."""
    answer = await client.get(path, params={"limit": 500})
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["data"]
    assert answer.json()["meta"]["total"] == len(found)
    return found


def states(record: dict[str, Any]) -> dict[str, Any]:
    """Return the passage that states a record."""
    (passage,) = [e for e in record["evidence"] if e["role"] == "states"]
    assert isinstance(passage, dict)
    return passage


def told(figure: dict[str, Any], by_id: dict[str, dict[str, Any]]) -> Told:
    """Return what a figure in the API says, with its base as a value."""
    base, period = figure["base"], figure["period"]
    return Told(
        source=states(figure)["source"],
        kind=figure["kind"],
        code=figure["stage"] or figure["outcome"],
        value=figure["value"],
        unit=figure["unit"],
        value_type=figure["value_type"],
        qualifier=figure["qualifier"],
        status=figure["value_status"],
        force=figure["force"]["id"],
        start=period["start"],
        end=period["end"],
        period_basis=period["basis"],
        event=period["event"],
        subjects=figure["subjects"],
        allegation=figure["allegation"],
        of=base and (by_id[base["id"]]["value"] if base["id"] else None, base["basis"], base["part"]),
        readings=tuple(by_id[reading]["value"] for reading in base["candidates"]) if base else (),
        share=figure["share"],
    )


@pytest.mark.anyio
async def test_the_figures_are_these_and_no_others(client: AsyncClient) -> None:
    """The figures say what both articles say, and there are no others."""
    figures = await all_of(client, "/v1/figures")
    by_id = {figure["id"]: figure for figure in figures}
    found = [told(figure, by_id) for figure in figures]
    assert sorted(found, key=repr) == sorted(FIGURES, key=repr)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "expected", FIGURES, ids=lambda told: f"{told.source}-{told.code or told.kind}-{told.value}"
)
async def test_each_figure_says_what_its_article_says(client: AsyncClient, expected: Told) -> None:
    """The only figure of this source with this value, unit, kind and code has everything else as expected."""
    figures = await all_of(client, "/v1/figures")
    by_id = {figure["id"]: figure for figure in figures}
    found = [one for figure in figures if (one := told(figure, by_id))[:6] == expected[:6]]
    assert found == [expected]


@pytest.mark.anyio
async def test_what_no_figure_of_these_articles_has(client: AsyncClient) -> None:
    """Neither article gives a range, a rate, a breakdown, a counting day or the number of forces that answered."""
    for figure in await all_of(client, "/v1/figures"):
        assert (figure["value_to"], figure["per"], figure["coverage"]) == (None, None, None)
        assert figure["breakdown"] == {}
        assert figure["period"]["as_at"] is None


@pytest.mark.anyio
async def test_the_precision_of_the_periods(client: AsyncClient) -> None:
    """Years that nobody calls calendar or financial are `not-stated`; months are months."""
    for figure in await all_of(client, "/v1/figures"):
        period = figure["period"]
        by_years = period["start"] in {"2012-01-01", "2016-01-01"}
        expected = ("year", "not-stated") if by_years else ("month", None) if period["start"] else (None, None)
        assert (period["precision"], period["year_type"]) == expected, figure["id"]


@pytest.mark.anyio
async def test_the_incidents_are_these_and_no_others(client: AsyncClient) -> None:
    """Every incident of both articles has its allegation, standing and outcome, and there are no others."""
    values = {figure["id"]: figure["value"] for figure in await all_of(client, "/v1/figures")}
    found = []
    for incident in await all_of(client, "/v1/incidents"):
        inside = [values[r["id"]] for r in incident["related"] if r["type"] == "part-of" and r["id"] in values]
        facts = (states(incident)["source"], incident["allegation"], incident["standing"], incident["outcome"])
        found.append((*facts, incident["force"]["id"], inside[0] if inside else None))
        assert (incident["outcome_status"] == "stated") == (incident["outcome"] is not None)
    assert sorted(found, key=repr) == sorted(INCIDENTS, key=repr)


@pytest.mark.anyio
async def test_only_one_incident_has_a_date(client: AsyncClient) -> None:
    """The articles date only the desk duty, and only by the week before publication."""
    dated = [i for i in await all_of(client, "/v1/incidents") if i["period"]["start"]]
    (incident,) = dated
    period = incident["period"]
    assert incident["outcome"] == "restricted-duties"
    assert (period["start"], period["end"], period["basis"]) == ("2021-03-15", "2021-03-21", "inferred")


KNOWN_NAMES = {
    *("Met", "England", "Wales", "IOPC", "ITV", "LBC", "Commissioner", "Metropolitan", "Police"),
    *("January", "March", "April", "October", "Gives"),
}
"""Capitalised words that records may use inside a sentence: bodies, places, months, one office."""


@pytest.mark.anyio
async def test_nobody_is_named(client: AsyncClient) -> None:
    """No record names a person, except the vigil, which everybody knows by its name."""
    for record in await all_of(client, "/v1/figures") + await all_of(client, "/v1/incidents"):
        notes = [record["statement"], *record["notes"], *[e["note"] or "" for e in record["evidence"]]]
        names = {name for note in notes for name in re.findall(r"(?<=[^.] )[A-Z][A-Za-z]+", note)} - KNOWN_NAMES
        expected = (
            {"Sarah", "Everard", "Clapham", "Common"} if record["allegation"] == "protest-policing" else set()
        )
        assert names == expected, record["id"]


@pytest.mark.anyio
async def test_two_accounts_of_one_fact_name_each_other(client: AsyncClient) -> None:
    """The count of those who left and the words "more than half" of them are one fact."""
    pairs = {
        (figure["value"], related["type"], related["id"])
        for figure in await all_of(client, "/v1/figures")
        for related in figure["related"]
    }
    assert {(value, kind) for value, kind, _ in pairs} == {(38, "same-fact"), (50, "same-fact")}


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("value", "source", "role"),
    [
        # Another paper says that this means all employees, not just officers.
        (594, "observer-2021-03-21", "disputes"),
        (66, "iopc-2021-10-25", "corroborates"),
        (42, "iopc-2021-10-25", "corroborates"),
        (52, "iopc-2021-10-25", "corroborates"),
        (38, "iopc-2021-10-25", "corroborates"),
        # Another source says that they were sacked or resigned, and none retired.
        (38, "itv-news-2021-10-25", "disputes"),
        (7, "iopc-2021-10-25", "corroborates"),
        (6, "iopc-2021-10-25", "corroborates"),
        (3, "lbc-2021-10-26", "corroborates"),
        (70, "itv-news-2021-10-25", "corroborates"),
        (10, "itv-news-2021-10-25", "corroborates"),
    ],
)
async def test_what_other_sources_say_is_kept_apart(
    client: AsyncClient, value: int, source: str, role: str
) -> None:
    """Another source's account is separate evidence without a passage, and changes nothing in the figure."""
    (figure,) = [f for f in await all_of(client, "/v1/figures") if f["value"] == value]
    (evidence,) = [e for e in figure["evidence"] if e["source"] == source]
    assert evidence["role"] == role
    assert evidence["note"]
    assert [evidence[part] for part in ("paragraph", "start", "end", "sha256")] == [None] * 4


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("value", "source", "words"),
    [
        (594, EURO, ["calendar", "employees"]),
        (63, EURO, ["resignations"]),
        (52, WRP, ["63"]),
        (7, WRP, ["66"]),
        (70, WRP, ["2017", "investigations", "twelve months"]),
        (10, WRP, ["2017", "investigations", "calendar"]),
    ],
)
async def test_what_is_open_is_said_to_be_open(
    client: AsyncClient, value: int, source: str, words: list[str]
) -> None:
    """What the articles leave unclear is in the notes of the figure."""
    figures = await all_of(client, "/v1/figures")
    (figure,) = [f for f in figures if f["value"] == value and states(f)["source"] == source]
    notes = " ".join(figure["notes"])
    assert [word for word in words if word not in notes] == []


@pytest.mark.anyio
async def test_where_the_articles_come_from(client: AsyncClient) -> None:
    """Both articles are held, dated as precisely as known, and go back to a separate document."""
    sources = {source["id"]: source for source in (await client.get("/v1/sources")).json()["data"]}
    assert {id_ for id_, source in sources.items() if source["file"]} == {EURO, WRP}
    assert sources[EURO]["published"] == {"date": "2021-03-22", "precision": "day", "basis": "inferred"}
    assert sources[WRP]["published"]["date"] == "2021-10"
    assert (sources[EURO]["origin"], sources[WRP]["origin"]) == ("met-foi-2021", "iopc-2021-10-25")
    assert sources[EURO]["sha256"].startswith("9f0f62ca")
    assert sources[WRP]["sha256"].startswith("9e524c6f")


@pytest.mark.parametrize("tree", TREES)
def test_the_code_trees_are_those_of_the_contract(tree: str) -> None:
    """Clients filter by these codes: each exists, with this parent. More may be added."""
    parents = {code.id: code.parent for code in getattr(real_seeds().dataset.codes, tree)}
    assert {code: parents.get(code, "missing") for code in TREES[tree]} == TREES[tree]


def test_the_forces_are_those_of_england_and_wales_and_a_few_more() -> None:
    """Forty-three territorial forces are in England and Wales, which is the only area."""
    forces = real_seeds().dataset.forces
    inside = [force for force in forces if force.part_of == EW]
    assert len(inside) == 43
    assert {force.kind for force in inside} == {"territorial"}
    assert [force.id for force in forces if force.kind == "area"] == [EW]


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    """Return the project's own dataset, without tables."""
    return articles_of(real_seeds().dataset)


@pytest.fixture(scope="module")
def texts(dataset: Dataset) -> dict[str, bytes]:
    """Return the held texts by source; skip the test if this machine doesn't have them."""
    if not ARTICLES.is_dir():
        pytest.skip("the articles are not held on this machine")
    return {s.id: (ARTICLES / s.file).read_bytes() for s in dataset.sources if s.file is not None}


def paragraphs(text: bytes) -> list[str]:
    """Return the non-empty lines of a held text."""
    return [line for line in text.decode("utf-8").split("\n") if line.strip()]


def located(dataset: Dataset) -> list[tuple[str, Evidence]]:
    """Return every passage of a held text, with its record's id."""
    return [(record.id, e) for record in dataset.records for e in record.evidence if e.located]


def passage(texts: dict[str, bytes], evidence: Evidence) -> str:
    """Return the slice that evidence points to."""
    assert evidence.paragraph is not None
    return paragraphs(texts[evidence.source])[evidence.paragraph - 1][evidence.start : evidence.end]


def test_the_held_files_are_those_that_were_read(dataset: Dataset, texts: dict[str, bytes]) -> None:
    """Each held file has the recorded digest, so no passage is looked up in a different text."""
    recorded = {s.id: s.sha256 for s in dataset.sources if s.file is not None}
    assert {id_: hashlib.sha256(text).hexdigest() for id_, text in texts.items()} == recorded


def test_every_passage_is_where_it_is_said_to_be(dataset: Dataset, texts: dict[str, bytes]) -> None:
    """Each slice has the recorded digest and contains the printed number once."""
    found = located(dataset)
    assert len(found) >= len(FIGURES) + len(INCIDENTS)
    for record, evidence in found:
        text = passage(texts, evidence)
        assert hashlib.sha256(text.encode()).hexdigest() == evidence.sha256, record
        assert text == text.strip(), record
        assert evidence.end is not None
        assert evidence.paragraph is not None
        assert evidence.end <= len(paragraphs(texts[evidence.source])[evidence.paragraph - 1]), record
        if evidence.as_printed is not None:
            whole = rf"(?<!\w){re.escape(evidence.as_printed)}(?!\w)"
            assert text.count(evidence.as_printed) == len(re.findall(whole, text)) == 1, record


WORDS = {"half": 50, "Seven": 7, "six": 6, "Three": 3}
"""Number words of the articles, with their values."""


def test_every_stated_value_is_printed_where_it_stands(dataset: Dataset) -> None:
    """In each passage of a held text, a stated figure has its number as printed; other records have none."""
    for record in dataset.records:
        for evidence in record.evidence:
            printed = evidence.as_printed
            value = getattr(record, "value", None)
            if value is not None and evidence.located:
                assert printed is not None, record.id
                assert (WORDS[printed] if printed in WORDS else int(printed)) == value, record.id
            else:
                assert printed is None, record.id


def test_the_first_passage_states_and_the_others_repeat(dataset: Dataset, texts: dict[str, bytes]) -> None:
    """In the text that states a record, only its headline repeats the record before the passage that states it."""
    assert texts
    for record in dataset.records:
        (stating,) = [e for e in record.evidence if e.role == "states"]
        for evidence in record.evidence:
            if evidence.role == "repeats" and evidence.source == stating.source and evidence.paragraph != 1:
                assert evidence.paragraph is not None
                assert stating.paragraph is not None
                assert (evidence.paragraph, evidence.start) > (stating.paragraph, stating.start), record.id


def test_no_number_of_the_articles_is_overlooked(dataset: Dataset, texts: dict[str, bytes]) -> None:
    """Every number in the texts is in a passage of a record, or counts something else."""
    something_else = {
        EURO: [],
        # the months and years of periods, ages, and the day of a killing
        WRP: ["2018", "2021", "2016", "19", "46", "27", "6", "2020", "10"],
    }
    for source, text in texts.items():
        for number, paragraph in enumerate(paragraphs(text), 1):
            spans = [(e.start, e.end) for _, e in located(dataset) if (e.source, e.paragraph) == (source, number)]
            for numeral in re.finditer(r"\d+", paragraph):
                inside = any(a <= numeral.start() and numeral.end() <= b for a, b in spans if a is not None and b)
                assert inside or numeral.group() in something_else[source], (source, number, numeral.group())


def smooth(text: str) -> str:
    """Return a text without what quoting changes: line breaks, Markdown markers and quotation marks."""
    text = re.sub(r"[\u2018\u2019\u201c\u201d\"']+", "", re.sub(r"[#*>|\\]+", " ", text))
    return " ".join(text.split())


def sentences(source: Source, text: bytes) -> list[str]:
    """Return the sentences of a text that isn't ours, except those in its title."""
    ends = r"(?<=[.!?\u2019\u201d])\s+|:\s*[\u2018\u2019\u201c]"
    every = [sentence for paragraph in paragraphs(text) for sentence in re.split(ends, paragraph)]
    return [smooth(sentence).rstrip(".,!?") for sentence in every if sentence not in source.title]


def test_no_sentence_of_the_articles_is_in_the_project(dataset: Dataset, texts: dict[str, bytes]) -> None:
    """The articles are other people's work: no tracked file contains a long sentence or passage of theirs."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607 - the one of this machine
        cwd=PROJECT,
        check=True,
        capture_output=True,
    )
    names = [name for name in listed.stdout.decode().split("\0") if (PROJECT / name).is_file()]
    contents = {name: smooth((PROJECT / name).read_text(encoding="utf-8", errors="replace")) for name in names}
    sources = {source.id: source for source in dataset.sources}
    quotes = {sentence for id_, text in texts.items() for sentence in sentences(sources[id_], text)}
    quotes |= {smooth(passage(texts, e)) for _, e in located(dataset) if e.paragraph != 1}
    forbidden = [quote for quote in quotes if len(quote) > LONGEST_QUOTE]
    assert len(forbidden) > 50
    assert [(name, quote[:20]) for name, text in contents.items() for quote in forbidden if quote in text] == []
