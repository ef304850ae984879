"""The data package: its content, and that its tables match their description."""

from pathlib import Path

import orjson
import pytest
from frictionless import Package, validate
from httpx import AsyncClient
from sqlalchemy import Engine

from app.formats.datapackage import TABLES
from tests.api import client_of
from tests.formats.packages import EXPORT, errors, packed, records_of_every_shape, rows, unpacked
from tests.made import loaded

pytestmark = pytest.mark.anyio


@pytest.fixture
async def content(client: AsyncClient) -> bytes:
    """Return the package of the project's own seeds."""
    answer = await client.get(EXPORT)
    assert answer.status_code == 200
    return answer.content


# --- content -----------------------------------------------------------------------------------------------------


async def test_files_are_those_of_the_api(client: AsyncClient, content: bytes) -> None:
    """If the API serves a table as CSV, the file has the same bytes, in order of id."""
    files = unpacked(content)
    names = [f"{name}.csv" for name in TABLES]
    assert list(files) == ["README.md", *names, "datapackage.json"]
    for name, query in (("figures", "&sort=id"), ("incidents", "&sort=id"), ("forces", ""), ("sources", "")):
        answer = await client.get(f"/v1/{name}?format=csv{query}")
        assert files[f"{name}.csv"] == answer.content, name


async def test_evidence(client: AsyncClient, content: bytes) -> None:
    """Every passage of every record is a row, which says whether the record is a figure or an incident."""
    expected = []
    for noun, column in (("figures", "figure_id"), ("incidents", "incident_id")):
        for record in (await client.get(f"/v1/{noun}?limit=500")).json()["data"]:
            for position, passage in enumerate(record["evidence"]):
                row = {"record_id": record["id"], "position": position, "figure_id": None, "incident_id": None}
                expected.append({**row, column: record["id"], **passage})
    expected.sort(key=lambda row: (row["record_id"], row["position"]))
    found = rows(unpacked(content), "evidence")
    assert found == [{name: "" if cell is None else str(cell) for name, cell in row.items()} for row in expected]
    assert list(found[0])[:4] == ["record_id", "position", "figure_id", "incident_id"]


async def test_codes(client: AsyncClient, content: bytes) -> None:
    """Every tree and closed list is included; each dimension of the breakdowns is a list of its own."""
    codes = (await client.get("/v1/codes")).json()
    found = rows(unpacked(content), "codes")
    for name, entries in codes.items():
        if name not in {"release", "breakdown"}:
            of_list = [row for row in found if row["list"] == name]
            assert [{**row, "parent": row["parent"] or None} for row in of_list] == [
                {"list": name, **entry, **{key: "|".join(entry[key]) for key in ("parents", "aliases")}}
                for entry in entries
            ]
    breakdowns = {(row["list"], row["id"], row["parent"]) for row in found if row["list"].startswith("breakdown")}
    assert breakdowns == {(f"breakdown.{entry['parent']}", entry["id"], "") for entry in codes["breakdown"]}


async def test_readme(client: AsyncClient, content: bytes) -> None:
    """The README has the citation, the release, how to report errors, and warnings with this release's numbers."""
    dataset = (await client.get("/v1/dataset")).json()
    text = unpacked(content)["README.md"].decode()
    for expected in (
        dataset["citation"],
        f"Release {dataset['release']} of {dataset['published_at'][:10]}",
        dataset["digest"],
        dataset["licence"],
        dataset["report_errors"],
        "do not add them up",
        *(f"`{name}.csv`" for name in TABLES),
    ):
        assert expected in text
    unknown = (await client.get("/v1/figures?value_status=not-disclosed&value_status=withheld&limit=1")).json()
    figures = sum(count for kind, count in dataset["counts"].items() if kind != "incident")
    assert f"- {unknown['meta']['total']} of {figures} figures have no number, which is not zero" in text


async def test_description_of_columns(client: AsyncClient, content: bytes) -> None:
    """Every column has a type and a description, and its allowed values if it has a closed list."""
    described = orjson.loads(unpacked(content)["datapackage.json"])
    dataset = (await client.get("/v1/dataset")).json()
    assert described["version"] == dataset["release"]
    assert described["licenses"][0]["path"] == dataset["licence"]
    assert described["citation"] == dataset["citation"]
    tables = {table["name"]: table["schema"] for table in described["resources"]}
    undescribed = [
        f"{name}.{field['name']}"
        for name, schema in tables.items()
        for field in schema["fields"]
        if "description" not in field
    ]
    assert undescribed == []
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
        "evidence": {
            "figure_id": "figures",
            "incident_id": "incidents",
            "source": "sources",
            "origin": "sources",
        },
        "forces": {"part_of": ""},
        "workforce": {"force": "forces", "source": "sources"},
        "sources": {"origin": ""},
        "codes": {},
    }


# --- validity ----------------------------------------------------------------------------------------------------


@pytest.fixture
def every_shape(database: Engine) -> str:
    """Return the address of a database with records of every shape."""
    loaded(database, records_of_every_shape())
    return database.url.render_as_string(hide_password=False)


async def test_package_is_valid(content: bytes, tmp_path: Path) -> None:
    """The Frictionless library finds no error in types, values, keys, sizes or digests."""
    assert errors(content, tmp_path) == []
    sizes = {
        table.name: table.stats.get("rows", 0)
        for table in validate(str(tmp_path / "package.zip"), type="package").tasks
    }
    assert set(sizes) == set(TABLES)
    # Release 1.0.0 has no headcounts.
    assert {name for name, size in sizes.items() if not size} == {"workforce"}


async def test_package_of_every_shape_is_valid(every_shape: str, tmp_path: Path) -> None:
    """A package is valid whichever fields its records fill, and numbers are read as numbers."""
    async for client in client_of(every_shape):
        content = (await client.get(EXPORT)).content
        assert errors(content, tmp_path) == []
        found = {
            row["id"]: row
            for row in Package(str(tmp_path / "package.zip")).get_table_resource("figures").read_rows()
        }
        values = {figure["id"]: figure["value"] for figure in (await client.get("/v1/figures")).json()["data"]}
        assert {name: row["value"] and float(row["value"]) for name, row in found.items()} == values
        assert (found["part"]["base_id"], found["open"]["base_id"]) == ("whole", None)
        assert found["open"]["base_candidates"] == "whole|part"


async def test_no_cell_is_a_formula(every_shape: str) -> None:
    """A spreadsheet runs no text of the package. Negative numbers stay numbers."""
    async for client in client_of(every_shape):
        files = unpacked((await client.get(EXPORT)).content)
        cells = [cell for name in TABLES for row in rows(files, name) for cell in row.values()]
        assert {cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))} == {"-5"}
        (whole,) = [row for row in rows(files, "figures") if row["id"] == "whole"]
        assert whole["statement"] == "'=1+1 is |not| \\ run."
        assert whole["notes"] == '\'@SUM(1)|+1|a "quoted", one\\\\\\|'
        (passage,) = [row for row in rows(files, "evidence") if row["record_id"] == "part"]
        assert (passage["as_printed"], passage["note"]) == ("'-1", "'=HYPERLINK(1)")


CHANGES = [
    ("figures.csv", b"met-2012-2018-complaints-upheld,outcome", b"another,outcome", "foreign-key"),
    ("evidence.csv", b"euro-weekly-news-2021-03-22,states", b"another,states", "foreign-key"),
    ("forces.csv", b"england-and-wales,England", b"another,England", "foreign-key"),
    ("codes.csv", b"outcome,dismissed,", b"outcome,removed,", "primary-key"),
    ("figures.csv", b"2012-01-01", b"2012-31-01", "type-error"),
    ("figures.csv", b",officers,", b",officer,", "hash-count"),
    ("figures.csv", b",case,", b",cases,", "constraint-error"),
]


async def test_changes_are_found(content: bytes, tmp_path: Path) -> None:
    """A renamed row, an unknown code or a changed byte makes the package invalid."""
    files = unpacked(content)
    for file, old, new, error in CHANGES:
        assert old in files[file]
        changed = {**files, file: files[file].replace(old, new, 1)}
        assert error in errors(packed(changed), tmp_path), old


async def test_empty_release(database: Engine, tmp_path: Path) -> None:
    """Tables without rows are valid too."""
    loaded(database, [])
    async for client in client_of(database.url.render_as_string(hide_password=False)):
        content = (await client.get(EXPORT)).content
        assert rows(unpacked(content), "figures") == []
        assert errors(content, tmp_path) == []
