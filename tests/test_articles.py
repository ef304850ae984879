"""What articles say that the first two don't: how a curator records it, and how the API answers it."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from httpx import AsyncClient
from ruamel.yaml import YAML

from app.database.owner import write_engine
from app.domain.dataset import Dataset, Release
from app.domain.records import Figure
from app.evidence.ledger import LEDGER
from app.evidence.verify import verify
from app.releases.editions import release_of
from app.seeds.reading import read
from tests.api import client_of
from tests.made import load
from tests.postgresql import migrate, new_database
from tests.released_seeds import write_released_seeds

Fields = dict[str, Any]

WHOLE_YEAR = {
    "start": date(2022, 1, 1),
    "end": date(2022, 12, 31),
    "precision": "year",
    "year_type": "calendar",
    "basis": "stated",
    "event": "occurred",
    "label": "in 2022",
}
OPEN = {"basis": "not-stated", "event": "not-stated", "label": "no date stated"}


@dataclass(frozen=True)
class Told:
    """A record as a curator writes it: its fields, and the words of the article that state it."""

    fields: Fields
    passage: str
    printed: str | None
    article: str
    nth: int


def told(  # noqa: PLR0913 - what every record has
    id: str,  # noqa: A002 - the name of the field
    passage: str,
    printed: str | None,
    value: float | None,
    *common: Fields,
    article: str = "daily",
    nth: int = 0,
    **fields: object,
) -> Told:
    """Describe a figure: complaints about the Met in 2022, unless changed.

    `common` are fields that several records share. `nth` picks one of several equal cells of a table.
    """
    facts: Fields = {
        "id": id,
        "kind": "complaint",
        "statement": "It is made up.",
        "force": "metropolitan",
        "period": WHOLE_YEAR,
        "allegation": "any",
        "value_status": "not-disclosed" if value is None else "stated",
        "unit": "complaint",
    }
    if value is not None:
        facts["value"] = value
    for shared in (*common, fields):
        facts |= shared
    return Told(facts, passage, printed, article, nth)


def of(whole: str, basis: str = "stated", *, part: bool = True, candidates: Sequence[str] = ()) -> Fields:
    """Return the base of a figure: the whole that it's a share of."""
    return {"id": whole, "basis": basis, "part": part, "candidates": list(candidates) or [whole]}


def period(start: str, end: str, **changes: object) -> Fields:
    """Return a period from the first of a month to the last of a month, unless changed."""
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    facts = {"start": first, "end": last, "precision": "month", "basis": "stated", "event": "occurred"}
    return {**facts, "label": f"{start} to {end}", **changes}


def related(kind: str, *others: str) -> list[Fields]:
    """Return relations of one type to other records."""
    return [{"type": kind, "id": other} for other in others]


UPHELD = {"kind": "outcome", "outcome": "upheld"}
DISMISSED = {"kind": "outcome", "outcome": "dismissed", "unit": "person", "subjects": ["officers"]}
HEARD = {"kind": "proceeding", "stage": "misconduct-proceedings"}
CALENDAR = period("2022-01-01", "2022-12-31", precision="year", year_type="calendar", event="received")
FINANCIAL = period(
    "2022-04-01",
    "2023-03-31",
    precision="year",
    year_type="financial",
    event="received",
    label="financial year 2022/23",
)

TABLE_YEARS = (2018, 2019, 2020, 2021)
TABLE = {
    "dismissed": ("Dismissed", (4, 0, 2, 7)),
    "final-written-warning": ("Final written warning", (11, 9, 4, 4)),
    "written-warning": ("Written warning", (20, 0, 18, 3)),
    "no-action": ("No action", (31, 40, 22, 40)),
}


def table_of(outcome: str) -> list[Told]:
    """Return a row of the table of outcomes by year: a figure for each cell, with 0 as a number."""
    _, cells = TABLE[outcome]
    return [
        told(
            f"table-{outcome}-{year}",
            str(cell),
            str(cell),
            cell,
            nth=cells[:place].count(cell),
            kind="outcome",
            outcome=outcome,
            unit="person",
            subjects=["officers"],
            period=period(f"{year}-01-01", f"{year}-12-31", precision="year", year_type="not-stated"),
        )
        for place, (year, cell) in enumerate(zip(TABLE_YEARS, cells, strict=True))
    ]


class Case(NamedTuple):
    """A sentence or a table row, and the records it becomes."""

    says: str
    records: list[Told]


CASES = {
    "fewer than": Case(
        "Of the 5,120 complaints of 2022, fewer than 2% were upheld.",
        [
            told("all-of-2022", "Of the 5,120 complaints of 2022", "5,120", 5120),
            told(
                "upheld-share",
                "fewer than 2% were upheld",
                "2%",
                2,
                UPHELD,
                value_type="percent",
                qualifier="fewer-than",
                base=of("all-of-2022"),
            ),
        ],
    ),
    "between two numbers": Case(
        "In Gwent between six and 19 people complained of rudeness; the force would not be more exact.",
        [
            told(
                "range",
                "between six and 19 people complained",
                "six and 19",
                6,
                value_to=19,
                qualifier="between",
                unit="person",
                force="gwent",
            )
        ],
    ),
    "a decimal share": Case(
        "A share of 1.2% of those complaints led to a hearing.",
        [
            told(
                "heard-share",
                "A share of 1.2%",
                "1.2%",
                1.2,
                HEARD,
                value_type="percent",
                base=of("all-of-2022", "implied"),
            )
        ],
    ),
    "a rate": Case(
        "Kent received 12.3 complaints per 1,000 employees.",
        [
            told(
                "rate",
                "12.3 complaints per 1,000 employees",
                "12.3",
                12.3,
                statement="It is made up, per 1,000.",
                value_type="rate",
                per=1000,
                per_unit="person",
                per_subjects=["officers", "staff"],
                force="kent",
                subjects=["officers", "specials", "pcsos", "staff"],
                notes=["The rate is per 1,000 employees of the force, officers and staff together."],
            )
        ],
    ),
    "a rise": Case(
        "Essex had 210 complaints in 2021 and saw a rise of 31% the year after.",
        [
            told(
                "before-the-rise",
                "210 complaints in 2021",
                "210",
                210,
                force="essex",
                period=period("2021-01-01", "2021-12-31", precision="year", year_type="not-stated"),
            ),
            told(
                "rise",
                "a rise of 31%",
                "31%",
                31,
                value_type="change-percent",
                force="essex",
                period=period("2022-01-01", "2022-12-31", precision="year", year_type="not-stated"),
                related=related("change-from", "before-the-rise"),
            ),
        ],
    ),
    "nearly": Case(
        "Nearly 40 officers in Dorset were dismissed.",
        [told("nearly", "Nearly 40 officers", "40", 40, DISMISSED, force="dorset", qualifier="nearly")],
    ),
    "groups of people": Case(
        "In Cumbria 71 officers and special constables faced a hearing, or 80 with community support officers.",
        [
            told(
                "two-groups",
                "71 officers and special constables",
                "71",
                71,
                HEARD,
                unit="person",
                force="cumbria",
                subjects=["officers", "specials"],
                related=related("part-of", "three-groups"),
            ),
            told(
                "three-groups",
                "80 with community support officers",
                "80",
                80,
                HEARD,
                unit="person",
                force="cumbria",
                subjects=["officers", "specials", "pcsos"],
            ),
        ],
    ),
    "a sum of two": Case(
        "Surrey counted 55 complaints, which are 30 from the public and 25 from the inside.",
        [
            told("sum", "55 complaints", "55", 55, force="surrey"),
            told(
                "from-the-public",
                "30 from the public",
                "30",
                30,
                force="surrey",
                related=related("part-of", "sum"),
            ),
            told(
                "from-the-inside",
                "25 from the inside",
                "25",
                25,
                force="surrey",
                related=related("part-of", "sum"),
            ),
        ],
    ),
    "a second whole": Case(
        "Sussex held 20 hearings, nine of them in private; 12 of the 20 ended before noon, five of the nine too.",
        [
            told("hearings", "20 hearings", "20", 20, HEARD, unit="proceeding", force="sussex"),
            told(
                "in-private",
                "nine of them in private",
                "nine",
                9,
                HEARD,
                unit="proceeding",
                force="sussex",
                base=of("hearings"),
            ),
            told(
                "before-noon",
                "12 of the 20 ended before noon",
                "12",
                12,
                HEARD,
                unit="proceeding",
                force="sussex",
                base=of("hearings"),
            ),
            told(
                "private-before-noon",
                "five of the nine too",
                "five",
                5,
                HEARD,
                unit="proceeding",
                force="sussex",
                base=of("in-private"),
                related=related("part-of", "before-noon"),
            ),
        ],
    ),
    "an overlap": Case(
        "In Norfolk 14 officers were warned and 11 put on other duties; some were both.",
        [
            told(
                "warned",
                "14 officers were warned",
                "14",
                14,
                DISMISSED,
                outcome="warned",
                force="norfolk",
                related=related("overlaps", "other-duties"),
            ),
            told(
                "other-duties",
                "11 put on other duties",
                "11",
                11,
                DISMISSED,
                outcome="restricted-duties",
                force="norfolk",
                related=related("overlaps", "warned"),
            ),
        ],
    ),
    "a whole not counted": Case(
        "Of the allegations that Suffolk found proven, 83 were about force.",
        [
            told(
                "proven",
                "the allegations that Suffolk found proven",
                None,
                None,
                UPHELD,
                unit="allegation",
                force="suffolk",
                value_status="not-counted",
            ),
            told(
                "proven-force",
                "83 were about force",
                "83",
                83,
                UPHELD,
                unit="allegation",
                force="suffolk",
                base=of("proven"),
            ),
        ],
    ),
    "a state on a later day": Case(
        "Of 64 cases that came to Durham in 2022, seven were still open on 31 March 2024.",
        [
            told(
                "cases-of-the-year",
                "64 cases",
                "64",
                64,
                unit="case",
                force="durham",
                period={**CALENDAR, "year_type": "not-stated"},
            ),
            told(
                "still-open",
                "seven were still open on 31 March 2024",
                "seven",
                7,
                kind="proceeding",
                stage="investigation",
                unit="case",
                force="durham",
                period={**CALENDAR, "year_type": "not-stated", "basis": "inferred", "as_at": date(2024, 3, 31)},
                base=of("cases-of-the-year"),
            ),
        ],
    ),
    "a fraction": Case(
        "In Gwent two thirds of the complaints were upheld.",
        [
            told(
                "fraction",
                "two thirds of the complaints",
                "two thirds",
                66.67,
                UPHELD,
                value_type="percent",
                force="gwent",
                checked=[{"percentage-of-what": "The complaints aren't counted."}],
            )
        ],
    ),
    "not one": Case(
        "Warwickshire heard 12 officers, and not one was dismissed.",
        [
            told(
                "heard",
                "12 officers",
                "12",
                12,
                HEARD,
                unit="person",
                subjects=["officers"],
                force="warwickshire",
            ),
            told(
                "not-one",
                "not one was dismissed",
                "not one",
                0,
                DISMISSED,
                force="warwickshire",
                base=of("heard"),
            ),
        ],
    ),
    "withheld": Case(
        "Wiltshire told what came of 87 of 120 complaints: 20 were upheld. The other 33 it withheld by exemption.",
        [
            told("all-asked-for", "120 complaints", "120", 120, force="wiltshire"),
            told("told-of", "87 of 120 complaints", "87", 87, force="wiltshire", base=of("all-asked-for")),
            told(
                "told-upheld",
                "20 were upheld",
                "20",
                20,
                UPHELD,
                force="wiltshire",
                base=of("told-of", "implied"),
            ),
            told(
                "kept-back",
                "The other 33 it withheld by exemption",
                "33",
                33,
                force="wiltshire",
                base=of("all-asked-for", "implied"),
                notes=["The 33 is a number that the force gave; what came of them is what it withheld."],
            ),
            told(
                "kept-back-upheld",
                "The other 33 it withheld by exemption",
                None,
                None,
                UPHELD,
                force="wiltshire",
                value_status="withheld",
                base=of("kept-back", "implied"),
            ),
        ],
    ),
    "four deep": Case(
        "Cheshire: 100 complaints, 60 looked into, 30 of these upheld, 12 of these heard, five of these dismissed.",
        [
            told("deep-0", "100 complaints", "100", 100, force="cheshire"),
            told(
                "deep-1",
                "60 looked into",
                "60",
                60,
                kind="proceeding",
                stage="investigation",
                force="cheshire",
                base=of("deep-0"),
            ),
            told("deep-2", "30 of these upheld", "30", 30, UPHELD, force="cheshire", base=of("deep-1")),
            told("deep-3", "12 of these heard", "12", 12, HEARD, force="cheshire", base=of("deep-2")),
            told(
                "deep-4",
                "five of these dismissed",
                "five",
                5,
                kind="outcome",
                outcome="dismissed",
                force="cheshire",
                base=of("deep-3"),
                checked=[{"outcome-of-people": "The source says so of complaints."}],
            ),
        ],
    ),
    "one is missing": Case(
        "Derbyshire had 210 complaints; of 209 the outcome is known, and 50 of those were upheld.",
        [
            told("with-the-one", "210 complaints", "210", 210, force="derbyshire"),
            told("without-the-one", "of 209 the outcome", "209", 209, force="derbyshire", base=of("with-the-one")),
            told(
                "upheld-of-known",
                "50 of those were upheld",
                "50",
                50,
                UPHELD,
                force="derbyshire",
                base=of("without-the-one"),
            ),
        ],
    ),
    "more than the whole": Case(
        "The 40 complaints in Cleveland held 96 allegations.",
        [
            told("holding", "The 40 complaints", "40", 40, force="cleveland"),
            told(
                "held",
                "96 allegations",
                "96",
                96,
                unit="allegation",
                force="cleveland",
                base=of("holding", part=False),
            ),
        ],
    ),
    "some forces": Case(
        "Of 43 forces asked, 37 answered and four publish their numbers; together they had 8,300 complaints.",
        [
            told(
                "of-some-forces",
                "together they had 8,300 complaints",
                "8,300",
                8300,
                force="england-and-wales",
                coverage={"forces_asked": 43, "forces_included": 41},
                notes=["Of the 41 forces, 37 answered and four publish their numbers; two are missing."],
            )
        ],
    ),
    "a stock and a flow": Case(
        "On 31 March 2022 Devon and Cornwall had 15 investigations open; over the year it opened 48.",
        [
            told(
                "stock",
                "15 investigations open",
                "15",
                15,
                kind="proceeding",
                stage="investigation",
                unit="proceeding",
                force="devon-and-cornwall",
                period=period("2022-03-31", "2022-03-31", precision="day", as_at=date(2022, 3, 31)),
            ),
            told(
                "flow",
                "it opened 48",
                "48",
                48,
                kind="proceeding",
                stage="investigation",
                unit="proceeding",
                force="devon-and-cornwall",
                period=period(
                    "2022-01-01", "2022-12-31", precision="year", year_type="not-stated", basis="inferred"
                ),
            ),
        ],
    ),
    "two sources that disagree": Case(
        "Humberside had 31 complaints of theft.",
        [
            told(
                "as-the-daily-has-it",
                "31 complaints of theft",
                "31",
                31,
                force="humberside",
                related=related("conflicts-with", "as-the-weekly-has-it"),
            ),
            told(
                "as-the-weekly-has-it",
                "33 complaints of theft",
                "33",
                33,
                article="weekly",
                force="humberside",
                related=related("conflicts-with", "as-the-daily-has-it"),
            ),
        ],
    ),
    "overtaken the same day": Case(
        "In the morning Lancashire spoke of 45 complaints, in the evening of 54.",
        [
            told("morning", "45 complaints", "45", 45, force="lancashire"),
            told("evening", "of 54", "54", 54, force="lancashire", related=related("supersedes", "morning")),
        ],
    ),
    "a union": Case(
        "In Merseyside 26 officers were dismissed, retired or resigned.",
        [
            told(
                "union",
                "26 officers were dismissed, retired or resigned",
                "26",
                26,
                DISMISSED,
                outcome="left-police-service",
                force="merseyside",
                notes=["Dismissed, retired and resigned are one number in the source."],
            )
        ],
    ),
    "thrown out": Case(
        "In Northumbria 39 allegations were dismissed as unfounded.",
        [
            told(
                "thrown-out",
                "39 allegations were dismissed as unfounded",
                "39",
                39,
                kind="outcome",
                outcome="not-upheld",
                unit="allegation",
                force="northumbria",
                notes=["The source says dismissed of the allegations, not of officers."],
            )
        ],
    ),
    "one sex, one rank": Case(
        "Of 90 officers heard in Avon and Somerset 72 were men and 18 women; four were sergeants.",
        [
            told(
                "both-sexes",
                "90 officers heard",
                "90",
                90,
                HEARD,
                unit="person",
                subjects=["officers"],
                force="avon-and-somerset",
            ),
            told(
                "men",
                "72 were men",
                "72",
                72,
                HEARD,
                unit="person",
                subjects=["officers"],
                force="avon-and-somerset",
                breakdown={"sex": "male"},
                base=of("both-sexes"),
            ),
            told(
                "women",
                "18 women",
                "18",
                18,
                HEARD,
                unit="person",
                subjects=["officers"],
                force="avon-and-somerset",
                breakdown={"sex": "female"},
                base=of("both-sexes"),
            ),
            told(
                "sergeants",
                "four were sergeants",
                "four",
                4,
                HEARD,
                unit="person",
                subjects=["officers"],
                force="avon-and-somerset",
                breakdown={"rank": "sergeant"},
                base=of("both-sexes"),
            ),
        ],
    ),
    "received and finalised": Case(
        "In 2022 Hertfordshire received 40 complaints and finalised 40.",
        [
            told("received", "received 40 complaints", "40", 40, force="hertfordshire", period=CALENDAR),
            told(
                "finalised",
                "finalised 40",
                "40",
                40,
                force="hertfordshire",
                period={**CALENDAR, "event": "finalised"},
                checked=[{"equal-figures/received": "As many came in as were closed."}],
            ),
        ],
    ),
    "a part of a year": Case(
        "In the first nine months of 2022 North Wales had 17 complaints.",
        [
            told(
                "part-year",
                "17 complaints",
                "17",
                17,
                force="north-wales",
                period=period("2022-01-01", "2022-09-30", label="the first nine months of 2022"),
            )
        ],
    ),
    "two kinds of years": Case(
        "Staffordshire had 44 complaints in the calendar year 2022 and 46 in the financial year 2022/23.",
        [
            told(
                "calendar",
                "44 complaints in the calendar year 2022",
                "44",
                44,
                force="staffordshire",
                period=CALENDAR,
            ),
            told(
                "financial", "46 in the financial year 2022/23", "46", 46, force="staffordshire", period=FINANCIAL
            ),
        ],
    ),
    "the same number, twice undated": Case(
        "Nottinghamshire had eight complaints in recent months, and eight in the months before.",
        [
            told(
                "recent",
                "eight complaints in recent months",
                "eight",
                8,
                force="nottinghamshire",
                period={**OPEN, "label": "recent months"},
            ),
            told(
                "before",
                "eight in the months before",
                "eight",
                8,
                force="nottinghamshire",
                period={**OPEN, "label": "the months before recent ones"},
            ),
        ],
    ),
    **{
        f"table: {label}": Case(" | ".join([label, *map(str, cells)]), table_of(outcome))
        for outcome, (label, cells) in TABLE.items()
    },
}

WEEKLY = ["Another made-up article", "Humberside had 33 complaints of theft."]
PARAGRAPHS = {"daily": ["A made-up article", *(case.says for case in CASES.values())], "weekly": WEEKLY}
"""The texts of the two made-up articles, line by line."""

RECORDS = [record for case in CASES.values() for record in case.records]


def evidence(record: Told, says: str) -> Fields:
    """Return the evidence of a record: the paragraph, and the passage in it."""
    lines = PARAGRAPHS[record.article]
    line = says if record.article == "daily" else WEEKLY[1]
    start = -1
    if record.passage == record.printed:
        # A cell of a table is the whole text between two bars.
        start = [at for at, cell in _cells(line) if cell == record.passage][record.nth]
    else:
        assert line.count(record.passage) == 1, record
        start = line.index(record.passage)
    return {
        "role": "states",
        **({"as_printed": record.printed} if record.printed else {}),
        "paragraph": lines.index(line) + 1,
        "start": start,
        "end": start + len(record.passage),
        "sha256": hashlib.sha256(record.passage.encode()).hexdigest(),
    }


def _cells(line: str) -> Iterator[tuple[int, str]]:
    at = 0
    for cell in line.split(" | "):
        yield at, cell
        at += len(cell) + len(" | ")


def text_of(article: str) -> str:
    """Return the text of a made-up article."""
    return "\n\n".join(PARAGRAPHS[article]) + "\n"


def write(seeds: Path) -> None:
    """Write the made-up articles into a folder of seeds, as a curator would."""
    for article, lines in PARAGRAPHS.items():
        whole = {
            "source": {
                "id": f"made-up-{article}",
                "title": lines[0],
                "publisher": "Nobody",
                "published": {"date": "2024-05-06", "precision": "day", "basis": "stated"},
                "kind": "news-article",
                "file": f"made-up-{article}.txt",
                "sha256": hashlib.sha256(text_of(article).encode()).hexdigest(),
            },
            "records": [
                {**record.fields, "evidence": [evidence(record, case.says)]}
                for case in CASES.values()
                for record in case.records
                if record.article == article
            ],
        }
        with (seeds / f"made-up-{article}.yaml").open("w", encoding="utf-8") as file:
            yaml = YAML(typ="safe")
            yaml.default_flow_style = False
            yaml.representer.ignore_aliases = lambda _: True
            yaml.dump(whole, file)


@pytest.fixture(scope="module")
def curated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Dataset, Release]:
    """Return what the checker reads from the made-up articles, together with the project's own."""
    seeds = write_released_seeds(tmp_path_factory.mktemp("wide"))
    write(seeds)
    curated = read(seeds)
    return curated.dataset, release_of(curated)


@pytest.fixture(scope="module")
def wide(server: str, curated: tuple[Dataset, Release]) -> Iterator[str]:
    """Yield the address of a database that holds the made-up articles."""
    with new_database(server) as address:
        engine = write_engine(address)
        migrate(engine)
        load(engine, *curated)
        engine.dispose()
        yield address


async def ask(address: str, path: str) -> tuple[int, Fields]:
    """Request an address from the API over a database, and return its status and answer."""
    (found,) = [await _get(client, path) async for client in client_of(address)]
    return found


async def _get(client: AsyncClient, path: str) -> tuple[int, Fields]:
    answer = await client.get(path)
    return answer.status_code, answer.json()


COMPUTED = {
    *("share", "share_basis", "cautions", "origin_publisher"),
    *("citation", "first_release", "changed_release", "links"),
}


@pytest.mark.anyio
async def test_read_back(wide: str, curated: tuple[Dataset, Release]) -> None:
    """The API answers every field of every record as the curator wrote it, and the others at their defaults."""
    read_in = {record.id: record for record in curated[0].records}
    async for client in client_of(wide):
        for record in RECORDS:
            name = record.fields["id"]
            fields = {field: value for field, value in record.fields.items() if field != "checked"}
            meant = Figure.model_validate({**fields, "evidence": read_in[name].evidence})
            _, answer = await _get(client, f"/v1/figures/{name}")
            assert {key: answer[key] for key in answer.keys() - COMPUTED - {"force"}} == meant.model_dump(
                mode="json", exclude={"force"}
            )
            assert answer["force"]["id"] == record.fields["force"]
            written = {key: value for key, value in record.fields.items() if not isinstance(value, dict | list)}
            assert written.items() <= {**answer, "force": answer["force"]["id"]}.items()


@pytest.mark.parametrize("name", CASES)
def test_passages(name: str, curated: tuple[Dataset, Release]) -> None:
    """Each record points to the words that state it, and they contain its number as printed."""
    records = {record.id: record for record in curated[0].records}
    for record in CASES[name].records:
        (passage,) = records[record.fields["id"]].evidence
        assert passage.paragraph is not None
        line = PARAGRAPHS[record.article][passage.paragraph - 1]
        slice_ = line[passage.start : passage.end]
        assert hashlib.sha256(slice_.encode()).hexdigest() == passage.sha256
        assert slice_ == record.passage
        if passage.as_printed is not None:
            assert slice_.count(passage.as_printed) == 1


def test_the_texts_bear_it_out(curated: tuple[Dataset, Release], tmp_path: Path) -> None:
    """Checked against the texts, every passage, number and qualifier is right; only the ledgers are missing."""
    for article in PARAGRAPHS:
        (tmp_path / f"made-up-{article}.txt").write_text(text_of(article), encoding="utf-8")
    report = verify(curated[0], {}, tmp_path, {})
    assert {mismatch.record for mismatch in report.problems} == {LEDGER}
    verified = {source.source: source.passages for source in report.sources if source.state != "unverified"}
    assert verified == {"made-up-daily": len(RECORDS) - 1, "made-up-weekly": 1}


def at(document: Any, path: str) -> Any:  # noqa: ANN401 - anything in JSON
    """Return the value at a path in a document; `*` collects the values of every entry of a list."""
    for number, step in enumerate(path.split(".") if path else []):
        if step == "*":
            rest = ".".join(path.split(".")[number + 1 :])
            return sorted(map(str, (at(entry, rest) for entry in document)))
        document = document[int(step) if isinstance(document, list) else step]
    return document


def figures(*ids: str) -> str:
    """Return the query that selects figures."""
    return "&".join(f"id={name}" for name in ids)


Follows = tuple[str, int, Mapping[str, object]]
"""An address, its status, and the expected values by path."""

FOLLOWS: dict[str, list[Follows]] = {
    "fewer than": [
        ("/v1/figures/upheld-share", 200, {"share": None, "value": 2, "qualifier": "fewer-than"}),
        (f"/v1/total?{figures('upheld-share')}", 409, {"conflicts.*.code": ["not-a-count"]}),
    ],
    "between two numbers": [
        ("/v1/figures/range", 200, {"value": 6, "value_to": 19}),
        (f"/v1/total?{figures('range')}", 200, {"value": 6, "lower_bound": True}),
    ],
    "a decimal share": [("/v1/figures/heard-share", 200, {"value": 1.2, "share": None})],
    "a rate": [
        ("/v1/figures/rate", 200, {"value": 12.3, "per": 1000}),
        (f"/v1/total?{figures('rate')}", 409, {"conflicts.*.code": ["not-a-count"]}),
    ],
    "a rise": [
        (
            "/v1/compare?a=before-the-rise&b=rise",
            200,
            {"verdict": "not-comparable", "reasons.0.aspect": "value-type"},
        ),
        ("/v1/figures/rise", 200, {"related.*.id": ["before-the-rise"], "base": None}),
    ],
    "nearly": [
        ("/v1/figures/nearly", 200, {"value": 40, "qualifier": "nearly"}),
        (f"/v1/total?{figures('nearly')}", 409, {"conflicts.*.code": ["not-a-count"]}),
    ],
    "groups of people": [
        ("/v1/proceedings?force=cumbria&subjects=pcsos", 200, {"data.*.id": ["three-groups"]}),
        (f"/v1/total?{figures('two-groups', 'three-groups')}", 409, {"conflicts.*.code": ["part-of"]}),
    ],
    "a sum of two": [
        (f"/v1/total?{figures('sum', 'from-the-public')}", 409, {"conflicts.*.code": ["part-of"]}),
        ("/v1/compare?a=sum&b=from-the-inside", 200, {"verdict": "with-care", "reasons.*.aspect": ["base"]}),
    ],
    "a second whole": [
        (f"/v1/total?{figures('in-private', 'private-before-noon')}", 409, {"conflicts.*.code": ["part-of"]}),
        (f"/v1/total?{figures('before-noon', 'private-before-noon')}", 409, {"conflicts.*.code": ["part-of"]}),
        ("/v1/figures/private-before-noon", 200, {"share": 0.5556}),
    ],
    "an overlap": [
        (f"/v1/total?{figures('warned', 'other-duties')}", 409, {"conflicts.*.code": ["different-measure"]}),
        ("/v1/figures/warned", 200, {"related.*.type": ["overlaps"]}),
    ],
    "a whole not counted": [
        ("/v1/figures/proven-force", 200, {"share": None, "base.id": "proven"}),
        (
            "/v1/coverage?force=suffolk&state=not-counted&state=stated",
            200,
            {"data.*.state": ["not-counted", "stated"]},
        ),
        (f"/v1/total?{figures('proven')}", 200, {"value": None, "lower_bound": True}),
    ],
    "a state on a later day": [
        (
            "/v1/figures/still-open",
            200,
            {"period.as_at": "2024-03-31", "period.end": "2022-12-31", "share": 0.1094},
        ),
    ],
    "a fraction": [("/v1/figures/fraction", 200, {"value": 66.67, "evidence.0.as_printed": "two thirds"})],
    "not one": [
        ("/v1/figures/not-one", 200, {"value": 0, "value_status": "stated", "share": 0}),
        (f"/v1/total?{figures('not-one')}", 200, {"value": 0, "lower_bound": False}),
        ("/v1/coverage?force=warwickshire&outcome=dismissed&state=stated", 200, {"data.*.state": ["stated"]}),
    ],
    "withheld": [
        ("/v1/figures?force=wiltshire&value_status=withheld", 200, {"data.*.id": ["kept-back-upheld"]}),
        ("/v1/figures/kept-back", 200, {"value": 33, "value_status": "stated", "share": 0.275}),
        (f"/v1/total?{figures('told-upheld', 'kept-back-upheld')}", 409, {"conflicts.*.code": ["overlapping"]}),
    ],
    "four deep": [
        ("/v1/figures/deep-4/tree", 200, {"ancestors.*.id": ["deep-0", "deep-1", "deep-2", "deep-3"]}),
        ("/v1/complaints?force=cheshire&outcome=dismissed", 200, {"data.*.id": ["deep-0"]}),
    ],
    "one is missing": [
        ("/v1/figures/upheld-of-known", 200, {"share": 0.2392, "base.id": "without-the-one"}),
        ("/v1/figures/without-the-one", 200, {"share": 0.9952, "base.id": "with-the-one"}),
    ],
    "more than the whole": [
        ("/v1/figures/held", 200, {"share": None, "base.part": False}),
        ("/v1/compare?a=held&b=holding", 200, {"verdict": "not-comparable"}),
    ],
    "some forces": [
        ("/v1/figures/of-some-forces", 200, {"coverage.forces_asked": 43, "coverage.forces_included": 41}),
    ],
    "a stock and a flow": [
        ("/v1/compare?a=stock&b=flow", 200, {"verdict": "with-care", "reasons.0.aspect": "period"}),
        (f"/v1/total?{figures('stock', 'flow')}", 409, {"conflicts.*.code": ["overlapping"]}),
    ],
    "two sources that disagree": [
        (
            f"/v1/total?{figures('as-the-daily-has-it', 'as-the-weekly-has-it')}",
            409,
            {"conflicts.*.code": ["conflicting"]},
        ),
        ("/v1/figures?source=made-up-weekly", 200, {"data.*.id": ["as-the-weekly-has-it"]}),
    ],
    "overtaken the same day": [
        ("/v1/figures/evening", 200, {"related.*.type": ["supersedes"], "related.*.id": ["morning"]}),
        (f"/v1/total?{figures('morning', 'evening')}", 409, {"conflicts.*.code": ["overlapping"]}),
    ],
    "a union": [
        ("/v1/outcomes?force=merseyside&outcome=left-police-service", 200, {"data.*.id": ["union"]}),
        (
            "/v1/outcomes?force=merseyside&outcome=dismissed&outcome=resigned&outcome=retired",
            200,
            {"data.*.id": []},
        ),
    ],
    "thrown out": [
        ("/v1/outcomes?force=northumbria&outcome=not-upheld", 200, {"data.*.id": ["thrown-out"]}),
        ("/v1/outcomes?force=northumbria&outcome=left-police-service", 200, {"data.*.id": []}),
    ],
    "one sex, one rank": [
        (f"/v1/total?{figures('men', 'women')}", 200, {"value": 90}),
        (f"/v1/total?{figures('men', 'sergeants')}", 409, {"conflicts.*.code": ["overlapping"]}),
        (f"/v1/total?{figures('men', 'both-sexes')}", 409, {"conflicts.*.code": ["part-of"]}),
        ("/v1/compare?a=men&b=women", 200, {"verdict": "with-care", "reasons.*.aspect": ["breakdown"]}),
        ("/v1/figures/men", 200, {"breakdown.sex": "male", "share": 0.8}),
    ],
    "received and finalised": [
        ("/v1/compare?a=received&b=finalised", 200, {"verdict": "with-care", "reasons.*.aspect": ["period-event"]}),
        (f"/v1/total?{figures('received', 'finalised')}", 409, {"conflicts.*.code": ["overlapping"]}),
    ],
    "a part of a year": [
        ("/v1/complaints?force=north-wales&period=2022&period_match=covers", 200, {"data.*.id": []}),
        ("/v1/complaints?force=north-wales&period=2022&period_match=within", 200, {"data.*.id": ["part-year"]}),
    ],
    "two kinds of years": [
        (
            "/v1/compare?a=calendar&b=financial",
            200,
            {"verdict": "with-care", "reasons.*.aspect": ["period", "period-basis"]},
        ),
        (
            "/v1/complaints?force=staffordshire&period=FY2022-23&period_match=covers",
            200,
            {"data.*.id": ["financial"]},
        ),
    ],
    "the same number, twice undated": [
        ("/v1/complaints?force=nottinghamshire", 200, {"meta.total": 2}),
        (f"/v1/total?{figures('recent', 'before')}", 409, {"conflicts.*.code": ["undated"]}),
    ],
    "table: Dismissed": [
        (f"/v1/total?{figures(*(f'table-dismissed-{year}' for year in TABLE_YEARS))}", 200, {"value": 13}),
        ("/v1/figures/table-dismissed-2019", 200, {"value": 0, "value_status": "stated"}),
    ],
    "table: Final written warning": [
        ("/v1/outcomes?outcome=warned&subjects=officers&force=metropolitan", 200, {"meta.total": 8}),
    ],
    "table: Written warning": [
        (
            f"/v1/total?{figures('table-written-warning-2018', 'table-final-written-warning-2018')}",
            409,
            {"conflicts.*.code": ["different-measure"]},
        ),
    ],
    "table: No action": [
        (
            "/v1/figures/table-no-action-2021",
            200,
            {"evidence.0.as_printed": "40", "evidence.0.start": 27, "evidence.0.end": 29},
        ),
    ],
}


def test_everything_has_consequences() -> None:
    """Each case has its consequences in `FOLLOWS`."""
    assert set(FOLLOWS) == set(CASES)


@pytest.mark.anyio
@pytest.mark.parametrize("name", FOLLOWS)
async def test_what_follows(wide: str, name: str) -> None:
    """The API finds, adds, compares and counts each case as what it is."""
    for address, status, expected in FOLLOWS[name]:
        found, answer = await ask(wide, address)
        assert found == status, answer
        assert {path: at(answer, path) for path in expected} == expected
