"""Lists as Excel workbooks, read by a different library from the one that writes them."""

import csv
import errno
import io
import os
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zipfile import ZipFile

import pytest
from httpx import AsyncClient, Response
from openpyxl import Workbook, load_workbook

from app.domain.vocabulary import Caution
from app.formats import xlsx
from app.formats.columns import FIGURE_COLUMNS, INCIDENT_COLUMNS
from app.routes import records
from tests import made
from tests.api import PUBLIC, client_of
from tests.postgresql import database_of

pytestmark = pytest.mark.anyio

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LISTS = ("complaints", "proceedings", "outcomes", "figures", "incidents")
FORMULA = '=HYPERLINK("http://evil.test","click")'
MANY = [
    made.figure("formula", statement=FORMULA, notes=["+1", "a|b"], value=12.5, value_type="percent"),
    made.figure("long", statement="x" * 1_999, notes=["y" * 1_999] * 20),
    made.figure("early", period=made.days("1829-09-29")),
    *(made.figure(f"figure-{number:03}", value=number, qualifier="about") for number in range(450)),
]


async def workbook(answer: Response) -> Workbook:
    """Return an answer as a workbook, after checking that it is one."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == MEDIA_TYPE
    with ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
    return load_workbook(io.BytesIO(answer.content))


def rows_of(book: Workbook, name: str) -> list[list[Any]]:
    """Return the cells of a sheet."""
    return [list(row) for row in book[name].iter_rows(values_only=True)]


@pytest.fixture(scope="module")
def database(server: str) -> Iterator[str]:
    """Yield the address of a database that holds `MANY`."""
    with database_of(server, MANY) as address:
        yield address


@pytest.fixture(scope="module")
async def api(database: str, anyio_backend: str) -> Any:  # noqa: ANN401, ARG001 - an iterator; pytest's way
    """Yield a client of the API over `MANY`."""
    async for client in client_of(database):
        yield client


@pytest.mark.parametrize("name", LISTS)
async def test_the_same_rows_as_csv(client: AsyncClient, name: str) -> None:
    """Every list has the columns and rows of its CSV, in the same order."""
    book = await workbook(await client.get(f"/v1/{name}?format=xlsx"))
    assert book.sheetnames == [name.capitalize(), "Cautions", "Sources"]
    header, *rows = rows_of(book, name.capitalize())
    assert header == [column.header for column in (INCIDENT_COLUMNS if name == "incidents" else FIGURE_COLUMNS)]
    table = list(csv.DictReader(io.StringIO((await client.get(f"/v1/{name}?format=csv")).text)))
    assert [row[0] for row in rows] == [row["id"] for row in table]
    for row, cells in zip(rows, table, strict=True):
        for title, value in zip(header, row, strict=True):
            text = cells[title]
            match value:
                case None:
                    assert text == ""
                case bool():
                    assert text == str(value).lower()
                case int() | float():
                    assert float(text) == value
                case datetime():
                    assert text == f"{value:%Y-%m-%d}"
                case _:
                    assert text.lstrip("'") == value.removeprefix(PUBLIC).lstrip("'"), title


async def test_typed_cells(client: AsyncClient) -> None:
    """Numbers are numbers, days are dates, an unknown number is an empty cell."""
    book = await workbook(await client.get("/v1/figures?format=xlsx"))
    header, *rows = rows_of(book, "Figures")
    by_id = {row[0]: dict(zip(header, row, strict=True)) for row in rows}
    upheld = by_id["met-2012-2018-complaints-upheld"]
    assert (upheld["value"], upheld["share"], upheld["base_part"]) == (119, 0.2003, True)
    assert (upheld["period_start"], upheld["period_end"]) == (datetime(2012, 1, 1), datetime(2018, 12, 31))  # noqa: DTZ001 - Excel has no zones
    unknown = by_id["met-2012-2018-upheld-criminal-investigation"]
    assert (unknown["value"], unknown["value_status"]) == (None, "not-disclosed")
    assert f"{PUBLIC}/figures/" in upheld["citation"]


async def test_cautions(client: AsyncClient) -> None:
    """A sheet has the list's warnings, then each caution once, with the number and ids of its records."""
    address = "/v1/figures?force=metropolitan"
    page = (await client.get(address)).json()
    answer = await client.get(f"{address}&format=xlsx")
    header, *rows = rows_of(await workbook(answer), "Cautions")
    assert header == ["code", "meaning", "records", "ids"]
    number = len(page["warnings"])
    assert answer.headers["x-upheld-warnings"] == str(number)
    assert rows[:number] == [
        [one["code"], one["message"], len(one["ids"]), " ".join(one["ids"])] for one in page["warnings"]
    ]
    having = {code: [one["id"] for one in page["data"] if code in one["cautions"]] for code in Caution}
    expected = [[code, code.definition, len(ids), " ".join(ids)] for code, ids in having.items() if ids]
    assert rows[number:] == expected != []


async def test_many_cautions(api: AsyncClient) -> None:
    """A row names twenty records and gives the number of the others."""
    page = (await api.get("/v1/figures?limit=500")).json()
    rows = rows_of(await workbook(await api.get("/v1/figures?format=xlsx")), "Cautions")
    (row,) = [row for row in rows if row[0] == "inexact"]
    ids = [one["id"] for one in page["data"] if "inexact" in one["cautions"]]
    assert len(ids) > 20
    assert row[2:] == [len(ids), f"{' '.join(ids[:20])} and {len(ids) - 20} more"]


async def test_links(client: AsyncClient) -> None:
    """Links are full URLs, since a file has no server of its own."""
    (record,) = (await client.get("/v1/outcomes?outcome=upheld")).json()["data"]
    book = await workbook(await client.get("/v1/outcomes?outcome=upheld&format=xlsx"))
    header, cells = rows_of(book, "Outcomes")
    found = dict(zip(header, cells, strict=True))
    assert {name: found[f"links_{name}"] for name in record["links"]} == {
        name: link and PUBLIC + link for name, link in record["links"].items()
    }


async def test_sources_and_citation(client: AsyncClient) -> None:
    """A sheet gives the citation, the origin of the data, and every source of its records."""
    address = "/v1/figures?force=metropolitan&format=xlsx"
    rows = rows_of(await workbook(await client.get(address)), "Sources")
    facts = {row[0]: row[1] for row in rows[:4]}
    assert facts["Cite as"] == (await client.get("/v1/dataset")).json()["citation"]
    assert (facts["Address"], facts["Release"]) == (PUBLIC + address, "1.0.0")
    assert rows[5][:3] == ["id", "title", "publisher"]
    found = {row[0] for row in rows[6:]}
    records = (await client.get("/v1/figures?force=metropolitan")).json()["data"]
    assert found == {evidence["source"] for record in records for evidence in record["evidence"]}


async def test_chosen_columns(client: AsyncClient) -> None:
    """`fields` chooses the columns of the first sheet; the other sheets stay the same."""
    fields = "label,value,base_value,period_label"
    rows = (await client.get(f"/v1/figures?fields={fields}")).json()["data"]
    book = await workbook(await client.get(f"/v1/figures?fields={fields}&format=xlsx"))
    header, *cells = rows_of(book, "Figures")
    assert header == fields.split(",")
    assert cells == [list(row.values()) for row in rows]
    plain = await workbook(await client.get("/v1/figures?format=xlsx"))
    assert rows_of(book, "Cautions") == rows_of(plain, "Cautions")
    assert rows_of(book, "Sources")[4:] == rows_of(plain, "Sources")[4:]


async def test_how_it_travels(client: AsyncClient) -> None:
    """It's requested by `format` or `Accept`, has a file name and a stable tag, and links to its warnings."""
    answer = await client.get("/v1/figures?force=metropolitan&format=xlsx")
    by_accept = await client.get("/v1/figures?force=metropolitan", headers={"Accept": MEDIA_TYPE})
    assert by_accept.headers["content-type"] == MEDIA_TYPE
    assert answer.headers["content-disposition"] == (
        'attachment; filename="upheld-figures_1.0.0_force-metropolitan.xlsx"'
    )
    assert 'rel="describedby"' in answer.headers["link"]
    assert "content-encoding" not in answer.headers
    tag = answer.headers["etag"]
    again = await client.get("/v1/figures?force=metropolitan&format=xlsx", headers={"If-None-Match": tag})
    assert again.status_code == 304
    head = await client.head("/v1/figures?force=metropolitan&format=xlsx")
    assert head.headers["etag"] == tag


@pytest.mark.parametrize("query", ["", "?q=police", "?fields=id,statement"])
async def test_the_same_bytes(database: str, query: str) -> None:
    """Two servers make the same bytes from the same rows, in one piece and as a stream."""
    address = f"/v1/figures{query}{'&' if query else '?'}format=xlsx"
    one, other = [[(await client.get(address)).content async for client in client_of(database)] for _ in range(2)]
    assert one == other


async def test_a_long_list_is_whole(api: AsyncClient) -> None:
    """A list longer than a batch is in one file, complete and in order."""
    book = await workbook(await api.get("/v1/figures?format=xlsx&sort=id"))
    ids = [row[0] for row in rows_of(book, "Figures")[1:]]
    assert ids == sorted(record.id for record in MANY)


async def test_text_stays_text(api: AsyncClient) -> None:
    """Text that looks like a formula stays text, unchanged; text too long for a cell is cut and says so."""
    book = await workbook(await api.get("/v1/figures?format=xlsx"))
    header, *_ = rows_of(book, "Figures")
    cells = {row[0].value: dict(zip(header, row, strict=True)) for row in book["Figures"].iter_rows(min_row=2)}
    formula = cells["formula"]["statement"]
    assert (formula.value, formula.data_type) == (FORMULA, "s")
    assert formula.hyperlink is None
    assert (cells["formula"]["notes"].value, cells["formula"]["notes"].data_type) == ("+1|a\\|b", "s")
    assert cells["formula"]["value"].value == 12.5
    assert len(cells["long"]["notes"].value) == 32_767
    assert cells["long"]["notes"].value.endswith("JSON has the whole)")
    assert cells["early"]["period_start"].value == "1829-09-29"


@pytest.mark.parametrize("query", ["limit=10", "cursor=abc", "bom=true", "limit=10&bom=true"])
async def test_what_does_not_fit(client: AsyncClient, query: str) -> None:
    """As with CSV, it's always the whole set, so paging is refused; a byte order mark is for CSV only."""
    answer = await client.get(f"/v1/figures?format=xlsx&{query}")
    assert answer.status_code == 422
    assert {error["code"] for error in answer.json()["errors"]} <= {"not-applicable", "malformed"}


async def test_too_many_records(client: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that would be too large is refused before it is made."""
    monkeypatch.setattr(records, "MAX_IN_WORKBOOK", 5)
    answer = await client.get("/v1/figures?format=xlsx&release=1.0.0")
    assert (answer.status_code, answer.json()["limit"]) == (422, 5)
    assert answer.json()["type"] == "/problems/too-many-figures"


async def test_a_full_disk(client: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a workbook can't be written, the answer says so instead of blaming the database."""

    def full(**_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(xlsx, "TemporaryDirectory", full)
    for path in ("figures", "forces"):
        answer = await client.get(f"/v1/{path}?format=xlsx&q=metropolitan")
        assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)
        assert "can't write xlsx files" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["forces", "sources", "coverage", "series"])
async def test_other_lists(client: AsyncClient, path: str) -> None:
    """Every other list has its rows and its citation."""
    book = await workbook(await client.get(f"/v1/{path}?format=xlsx"))
    assert book.sheetnames == [path.capitalize(), "Citation"]
    table = list(csv.reader(io.StringIO((await client.get(f"/v1/{path}?format=csv")).text)))
    rows = rows_of(book, path.capitalize())
    assert rows[0] == table[0]
    assert len(rows) == len(table)
    assert rows_of(book, "Citation")[0][0] == "Cite as"


async def test_nothing_found(client: AsyncClient) -> None:
    """An empty list is a workbook with headers that says it's empty."""
    book = await workbook(await client.get("/v1/figures?period=1999&format=xlsx"))
    assert len(rows_of(book, "Figures")) == 1
    assert "no-records" in [row[0] for row in rows_of(book, "Cautions")]
