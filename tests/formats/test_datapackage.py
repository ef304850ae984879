"""The data package: what is in it, that it hangs together, and that one release is one file."""

import csv
import io
import tracemalloc
import zipfile
from collections.abc import AsyncIterator, Mapping
from hashlib import sha256
from pathlib import Path

import orjson
import pytest
from frictionless import Package, validate
from httpx import AsyncClient, Response
from sqlalchemy import Engine

from app.database.owner import migrate, write_engine
from app.database.reference import ReleaseRow
from app.domain.records import Evidence, Record, Related
from app.formats import datapackage
from app.formats.datapackage import TABLES, Cautions, Contents, zipped
from tests.api import PUBLIC, client_of
from tests.made import STATES, ambiguous, base, dataset, figure, incident, loaded, release
from tests.postgresql import new_database

pytestmark = pytest.mark.anyio

EXPORT = "/v1/export.zip"


def unpacked(content: bytes) -> dict[str, bytes]:
    """Return the files of a zip file by their names, each checked against its checksum."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def rows(files: Mapping[str, bytes], name: str) -> list[dict[str, str]]:
    """Return the rows of a table as they stand in the package."""
    return list(csv.DictReader(io.StringIO(files[f"{name}.csv"].decode(), newline="")))


def errors(content: bytes, folder: Path) -> list[str]:
    """Return what the Frictionless library finds wrong with a package."""
    path = folder / "package.zip"
    path.write_bytes(content)
    report = validate(str(path), type="package")
    found: list[str] = [kind for (kind,) in report.flatten(["type"])]
    return found


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return files as a zip file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.fixture
async def content(client: AsyncClient) -> bytes:
    """Return the package of the project's own seeds."""
    answer = await client.get(EXPORT)
    assert answer.status_code == 200
    return answer.content


# --- what is in it ---------------------------------------------------------------------------------------------


async def test_files_are_those_of_the_api(client: AsyncClient, content: bytes) -> None:
    """What the API has as CSV is in the package byte for byte, in the order of ids."""
    files = unpacked(content)
    names = ["figures.csv", "incidents.csv", "evidence.csv", "forces.csv", "sources.csv", "codes.csv"]
    assert list(files) == ["README.md", *names, "datapackage.json"]
    for name, query in (("figures", "&sort=id"), ("incidents", "&sort=id"), ("forces", ""), ("sources", "")):
        answer = await client.get(f"/v1/{name}?format=csv{query}")
        assert files[f"{name}.csv"] == answer.content, name


async def test_evidence_is_all_there(client: AsyncClient, content: bytes) -> None:
    """Each passage of each record is a row that knows whether it is a figure's or an incident's."""
    wanted = []
    for noun, column in (("figures", "figure_id"), ("incidents", "incident_id")):
        for record in (await client.get(f"/v1/{noun}?limit=500")).json()["data"]:
            for position, passage in enumerate(record["evidence"]):
                row = {"record_id": record["id"], "position": position, "figure_id": None, "incident_id": None}
                wanted.append({**row, column: record["id"], **passage})
    wanted.sort(key=lambda row: (row["record_id"], row["position"]))
    found = rows(unpacked(content), "evidence")
    assert found == [{name: "" if cell is None else str(cell) for name, cell in row.items()} for row in wanted]
    assert list(found[0])[:4] == ["record_id", "position", "figure_id", "incident_id"]


async def test_codes_are_all_there(client: AsyncClient, content: bytes) -> None:
    """Every tree and every closed list; each dimension of the breakdowns is a list of its own."""
    told = (await client.get("/v1/codes")).json()
    found = rows(unpacked(content), "codes")
    for name, words in told.items():
        if name not in {"release", "breakdown"}:
            of_list = [row for row in found if row["list"] == name]
            assert [{**row, "parent": row["parent"] or None} for row in of_list] == [
                {"list": name, **word} for word in words
            ]
    breakdowns = {(row["list"], row["id"], row["parent"]) for row in found if row["list"].startswith("breakdown")}
    assert breakdowns == {(f"breakdown.{word['parent']}", word["id"], "") for word in told["breakdown"]}


async def test_readme_says_what_a_reader_must_know(client: AsyncClient, content: bytes) -> None:
    """How to cite it, which release it is, and what to look out for, with the numbers of this very release."""
    dataset = (await client.get("/v1/dataset")).json()
    text = unpacked(content)["README.md"].decode()
    for wanted in (
        dataset["citation"],
        f"Release {dataset['release']} of {dataset['published_at'][:10]}",
        dataset["digest"],
        dataset["licence"],
        dataset["report_errors"],
        "do not add them up",
        *(f"`{name}.csv`" for name in TABLES),
    ):
        assert wanted in text
    unknown = (await client.get("/v1/figures?value_status=not-disclosed&value_status=withheld&limit=1")).json()
    figures = sum(count for kind, count in dataset["counts"].items() if kind != "incident")
    assert f"- {unknown['meta']['total']} of {figures} figures have no number, which is not zero" in text


async def test_description_says_what_the_columns_mean(client: AsyncClient, content: bytes) -> None:
    """Every column has a type and what it means, and the words that it may hold where they are a closed list."""
    described = orjson.loads(unpacked(content)["datapackage.json"])
    dataset = (await client.get("/v1/dataset")).json()
    assert described["version"] == dataset["release"]
    assert described["licenses"][0]["path"] == dataset["licence"]
    assert described["citation"] == dataset["citation"]
    tables = {table["name"]: table["schema"] for table in described["resources"]}
    bare = [
        f"{name}.{field['name']}"
        for name, schema in tables.items()
        for field in schema["fields"]
        if "description" not in field
    ]
    assert bare == []
    figures = {field["name"]: field for field in tables["figures"]["fields"]}
    assert figures["value"]["type"] == "number"
    assert figures["period_start"]["type"] == "date"
    assert figures["base_part"]["type"] == "boolean"
    assert figures["unit"]["constraints"]["enum"][0] == "complaint"
    codes = (await client.get("/v1/codes")).json()
    assert figures["outcome"]["constraints"] == {"enum": [code["id"] for code in codes["outcome"]]}
    assert figures["id"]["constraints"]["required"] is True
    keys = {
        name: {key["fields"][0]: key["reference"]["resource"] for key in schema["foreignKeys"]}
        for name, schema in tables.items()
    }
    assert keys == {
        "figures": {"force_id": "forces", "base_id": ""},
        "incidents": {"force_id": "forces"},
        "evidence": {"figure_id": "figures", "incident_id": "incidents", "source": "sources"},
        "forces": {"part_of": ""},
        "sources": {"origin": ""},
        "codes": {},
    }


# --- that it hangs together --------------------------------------------------------------------------------------


def peculiar() -> list[Record]:
    """Return records of every shape, with texts that a spreadsheet would run."""
    passage = {**STATES, "as_printed": "-1", "note": "=HYPERLINK(1)"}
    made = {"statement": "=1+1 is |not| \\ run.", "notes": ["@SUM(1)", "+1", 'a "quoted", one\\|']}
    return [
        figure("whole", value=10, breakdown={"sex": "male"}, subjects=["officers", "staff"], **made),
        figure("part", kind="outcome", value=3, base=base("whole"), evidence=[Evidence.model_validate(passage)]),
        figure("open", kind="outcome", value=2, base=ambiguous("whole", "part")),
        figure("fewer", value=-5, value_type="change-count", related=[{"type": "change-from", "id": "whole"}]),
        figure("share", value=33.33, value_type="percent", qualifier="between", value_to=40.5),
        figure(
            "rate", value=1.5, value_type="rate", per=1000, coverage={"forces_asked": 43, "forces_included": 40}
        ),
        figure("step", kind="proceeding", value_status="withheld"),
        incident("told", outcome="dismissed", related=[Related.model_validate({"type": "part-of", "id": "whole"})]),
        incident("undated", period={"basis": "not-stated", "event": "not-stated", "label": "-"}),
    ]


@pytest.fixture
def made(database: Engine) -> str:
    """Return the address of a database that holds records of every shape."""
    loaded(database, peculiar())
    return database.url.render_as_string(hide_password=False)


async def test_package_is_valid(content: bytes, tmp_path: Path) -> None:
    """The Frictionless library finds nothing wrong: types, words, keys, sizes and digests."""
    assert errors(content, tmp_path) == []
    sizes = {
        table.name: table.stats["rows"] for table in validate(str(tmp_path / "package.zip"), type="package").tasks
    }
    assert set(sizes) == set(TABLES)
    assert all(sizes.values())


async def test_package_of_every_shape_is_valid(made: str, tmp_path: Path) -> None:
    """So it does with records that leave out or fill in whatever can be; numbers come back as numbers."""
    async for client in client_of(made):
        content = (await client.get(EXPORT)).content
        assert errors(content, tmp_path) == []
        found = {
            row["id"]: row
            for row in Package(str(tmp_path / "package.zip")).get_table_resource("figures").read_rows()
        }
        told = {one["id"]: one["value"] for one in (await client.get("/v1/figures")).json()["data"]}
        assert {name: row["value"] and float(row["value"]) for name, row in found.items()} == told
        assert (found["part"]["base_id"], found["open"]["base_id"]) == ("whole", None)
        assert found["open"]["base_candidates"] == "whole|part"


async def test_no_cell_is_a_formula(made: str) -> None:
    """A spreadsheet runs nothing of what stands in the package; numbers below zero stay numbers."""
    async for client in client_of(made):
        files = unpacked((await client.get(EXPORT)).content)
        cells = [cell for name in TABLES for row in rows(files, name) for cell in row.values()]
        assert {cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))} == {"-5"}
        (whole,) = [row for row in rows(files, "figures") if row["id"] == "whole"]
        assert whole["statement"] == "'=1+1 is |not| \\ run."
        assert whole["notes"] == '\'@SUM(1)|+1|a "quoted", one\\\\\\|'
        (passage,) = [row for row in rows(files, "evidence") if row["record_id"] == "part"]
        assert (passage["as_printed"], passage["note"]) == ("'-1", "'=HYPERLINK(1)")


ALTERED = [
    ("figures.csv", b"met-2012-2018-complaints-upheld,outcome", b"another,outcome", "foreign-key"),
    ("evidence.csv", b"euro-weekly-news-2021-03-22,states", b"another,states", "foreign-key"),
    ("forces.csv", b"england-and-wales,England", b"another,England", "foreign-key"),
    ("codes.csv", b"outcome,dismissed,", b"outcome,removed,", "primary-key"),
    ("figures.csv", b"2012-01-01", b"2012-31-01", "type-error"),
    ("figures.csv", b",officers,", b",officer,", "hash-count"),
    ("figures.csv", b",case,", b",cases,", "constraint-error"),
]


async def test_what_is_altered_is_found(content: bytes, tmp_path: Path) -> None:
    """A row that is gone, a word that is none or a byte that changed makes the package invalid."""
    whole = unpacked(content)
    for file, old, new, found in ALTERED:
        assert old in whole[file]
        altered = {**whole, file: whole[file].replace(old, new, 1)}
        assert found in errors(packed(altered), tmp_path), old


# --- one release is one file -------------------------------------------------------------------------------------


async def asked(database: str, *addresses: str) -> list[Response]:
    """Return the answers of the API over a database."""
    return [await client.get(address) async for client in client_of(database) for address in addresses]


async def test_a_release_is_the_same_bytes_wherever_it_is_loaded(made: str, server: str) -> None:
    """Neither the server, nor the moment, nor the order of the seeds make a difference."""
    answers = await asked(made, EXPORT, EXPORT, f"{EXPORT}?release=1.0.0")
    with new_database(server) as address:
        engine = write_engine(address)
        migrate(engine)
        loaded(engine, [figure("before")], "0.9.0")
        loaded(engine, [*reversed(peculiar())])
        engine.dispose()
        answers += await asked(address, EXPORT)
    first = answers[0]
    for other in answers:
        assert (other.content, other.headers["etag"]) == (first.content, first.headers["etag"])
    with zipfile.ZipFile(io.BytesIO(first.content)) as archive:
        made_at = release("1.0.0", EMPTY).published_at.timetuple()[:6]
        assert {entry.date_time for entry in archive.infolist()} == {made_at}


async def test_headers_are_those_of_other_answers(made: str) -> None:
    """A strong tag that is answered with 304, the age of the release, and a name to save it under."""
    async for client in client_of(made):
        answer = await client.get(EXPORT, headers={"Accept-Encoding": "gzip"})
        assert answer.headers["content-type"] == "application/zip"
        assert "content-encoding" not in answer.headers
        assert answer.headers["content-disposition"] == 'attachment; filename="upheld-1.0.0.zip"'
        assert "max-age=300" in answer.headers["cache-control"]
        assert "max-age=86400" in (await client.head(f"{EXPORT}?release=1.0.0")).headers["cache-control"]
        assert answer.headers["last-modified"] == (await client.head("/v1/figures")).headers["last-modified"]
        tag = answer.headers["etag"]
        kept = await client.get(EXPORT, headers={"If-None-Match": tag})
        assert (kept.status_code, kept.content, kept.headers["etag"]) == (304, b"", tag)
        head = await client.head(EXPORT)
        assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)


async def test_another_release_is_another_file(database: Engine) -> None:
    """Each has its own tag and says which one it is; the old one stays as it was."""
    loaded(database, [figure("one")], "1.0.0")
    async for client in client_of(database.url.render_as_string(hide_password=False)):
        before = await client.get(EXPORT)
        loaded(database, [figure("one", value=2)], "2.0.0")
        after, pinned = await client.get(EXPORT), await client.get(f"{EXPORT}?release=1.0.0")
        assert before.headers["etag"] != after.headers["etag"]
        assert (pinned.content, pinned.headers["etag"]) == (before.content, before.headers["etag"])
        assert b"Release 2.0.0 of" in unpacked(after.content)["README.md"]
        (row,) = rows(unpacked(after.content), "figures")
        assert (row["value"], row["citation"].rpartition(" ")[2]) == ("2", f"{PUBLIC}/figures/one?release=2.0.0")


async def test_an_empty_release(database: Engine, tmp_path: Path) -> None:
    """Tables without rows are tables all the same."""
    loaded(database, [])
    async for client in client_of(database.url.render_as_string(hide_password=False)):
        content = (await client.get(EXPORT)).content
        assert rows(unpacked(content), "figures") == []
        assert errors(content, tmp_path) == []


async def test_what_it_does_not_take(client: AsyncClient) -> None:
    """Whatever it cannot honour is refused."""
    for query, code in (
        ("format=csv", "unknown-parameter"),
        ("release=9.9.9", "unknown-code"),
        ("release=", "empty"),
    ):
        refused = await client.get(f"{EXPORT}?{query}")
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, code)
    assert (await client.get(EXPORT, headers={"Accept": "text/csv"})).status_code == 406
    assert (await client.post(EXPORT)).status_code == 405


# --- however large it is -----------------------------------------------------------------------------------------

EMPTY = dataset([])
RELEASE = release("1.0.0", EMPTY)
ROW = ReleaseRow(1, RELEASE.version, RELEASE.published_at, RELEASE.note, RELEASE.digest)
CONTENTS = Contents(
    release=ROW,
    public=PUBLIC,
    cautions=Cautions(*[0] * 9),
    codes={"allegation": [], "stage": [], "outcome": []},
    sources=[],
)


async def none() -> AsyncIterator[list[str]]:
    """Yield a batch of nothing."""
    yield []


def forces(count: int) -> list[str]:
    """Return a batch of forces, none of them like another."""
    of = {"name": "Made up", "kind": "territorial", "ons_code": None, "part_of": None, "records": 0}
    return [
        orjson.dumps({**of, "id": sha256(str(number).encode()).hexdigest()}).decode() for number in range(count)
    ]


async def test_it_goes_out_as_it_is_made() -> None:
    """What is written leaves before the next batch is asked for, so that memory does not grow with the release."""
    batch = forces(1_000)
    asked = 0

    async def many() -> AsyncIterator[list[str]]:
        nonlocal asked
        for _ in range(40):
            asked += 1
            yield batch

    tables = {name: none() for name in TABLES} | {"forces": many()}
    sent, first = 0, None
    tracemalloc.start()
    try:
        async for piece in zipped(CONTENTS, tables):
            assert piece, "an empty piece would end the answer"
            sent += len(piece)
            if sent > 10_000 and first is None:
                first = asked
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert asked == 40
    assert first is not None
    assert first < 3
    assert sent > 1_000_000
    assert peak < 3_000_000


async def fill(sent: list[bytes], pieces: AsyncIterator[bytes]) -> None:
    """Keep the pieces that were sent, also where one cannot be."""
    async for piece in pieces:
        sent += [piece]


async def test_a_release_that_goes_away_leaves_no_whole_file() -> None:
    """What breaks off can be told from what is complete: the list of files, which stands at the end, is missing."""

    async def broken() -> AsyncIterator[list[str]]:
        yield forces(1_000)
        raise ConnectionAbortedError("gone")

    sent: list[bytes] = []
    with pytest.raises(ConnectionAbortedError):
        await fill(sent, zipped(CONTENTS, {name: none() for name in TABLES} | {"forces": broken()}))
    assert len(b"".join(sent)) > 1_000
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(b"".join(sent)))


async def test_very_large_files_can_be_unpacked(made: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a file may pass the old limit of zip files it is written for it, and holds the same."""
    async for client in client_of(made):
        small = unpacked((await client.get(EXPORT)).content)
        monkeypatch.setattr(datapackage, "MANY_RECORDS", 0)
        content = (await client.get(EXPORT)).content
        assert unpacked(content) == small
        assert errors(content, tmp_path) == []
