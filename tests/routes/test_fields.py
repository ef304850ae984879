"""`fields`: chosen columns of records, with the same rows in every format."""

import csv
import io
from typing import Any

import orjson
import pytest
from httpx import AsyncClient, Response

from app.domain.vocabulary import FIGURE_KINDS, Kind
from app.queries.fields import DERIVED, columns_of

pytestmark = pytest.mark.anyio

LISTS = ("complaints", "proceedings", "outcomes", "figures", "incidents")
CHART = "id,label,value,base_value,share,period_label"


async def ask(client: AsyncClient, address: str) -> Response:
    """Request an address that must succeed."""
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    return answer


async def rows_of(client: AsyncClient, address: str) -> list[dict[str, Any]]:
    """Return the rows of a JSON answer."""
    rows: list[dict[str, Any]] = (await ask(client, address)).json()["data"]
    return rows


async def refusals(client: AsyncClient, address: str) -> list[dict[str, Any]]:
    """Return the errors of an address that must be refused."""
    answer = await client.get(address)
    assert answer.status_code == 422, answer.text
    errors: list[dict[str, Any]] = answer.json()["errors"]
    return errors


async def test_rows_for_a_chart(client: AsyncClient) -> None:
    """The columns are flat and in the order requested."""
    (row,) = await rows_of(client, f"/v1/outcomes?force=metropolitan&outcome=upheld&fields={CHART}")
    assert list(row.items()) == [
        ("id", "met-2012-2018-complaints-upheld"),
        ("label", "Upheld"),
        ("value", 119),
        ("base_value", 594),
        ("share", 0.2003),
        ("period_label", "2012 to 2018"),
    ]


async def test_derived_columns(client: AsyncClient) -> None:
    """Derived columns have what a chart needs, from the record, its base, its source and its codes."""
    names = ",".join(DERIVED)
    (row,) = await rows_of(client, f"/v1/figures?id=met-2012-2018-complaints-upheld&fields={names}")
    record = (await ask(client, "/v1/figures/met-2012-2018-complaints-upheld")).json()
    source = (await ask(client, record["links"]["source"])).json()
    assert row == {
        "label": "Upheld",
        "measure_label": "Upheld, sexual misconduct (complaints, officers)",
        "count": 119,
        "percent": None,
        "value_display": "119",
        "base_value": 594,
        "base_label": "Complaints",
        "year": 2018,
        "source_publisher": source["publisher"],
        "source_published": source["published"]["date"],
        "source_url": source["url"],
    }


async def test_unknown_numbers_stay_unknown(client: AsyncClient) -> None:
    """A number that isn't disclosed is null, and its text says so."""
    rows = await rows_of(
        client, "/v1/figures?value_status=not-disclosed&fields=value,count,percent,value_display,share"
    )
    assert rows
    for row in rows:
        assert row == {
            "value": None,
            "count": None,
            "percent": None,
            "value_display": "Not disclosed",
            "share": None,
        }


async def test_counts_and_percentages_have_columns_of_their_own(client: AsyncClient) -> None:
    """`count` has counts only and `percent` percentages only; `value` has both."""
    for row in await rows_of(client, "/v1/figures?fields=value,value_type,count,percent"):
        expected = {"count": (row["value"], None), "percent": (None, row["value"])}
        assert (row["count"], row["percent"]) == expected.get(row["value_type"], (None, None))


@pytest.mark.parametrize("name", LISTS)
async def test_every_column(client: AsyncClient, name: str) -> None:
    """Every column can be chosen, alone or with all others, and matches the record."""
    kinds = (Kind.INCIDENT,) if name == "incidents" else FIGURE_KINDS
    columns = columns_of(kinds)
    rows = await rows_of(client, f"/v1/{name}?fields={','.join(columns)}")
    records = await rows_of(client, f"/v1/{name}")
    assert [list(row) for row in rows] == [list(columns)] * len(records)
    for row, record in zip(rows, records, strict=True):
        assert {n: v for n, v in row.items() if n not in DERIVED} == {
            n: column.value(record) for n, column in columns.items() if n not in DERIVED
        }
    for column in columns:
        assert await rows_of(client, f"/v1/{name}?fields={column}") == [{column: row[column]} for row in rows]


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    "more", ["", "&sort=-id&period=2012/2021&include_undated=true", "&force=no-such-force-here"]
)
async def test_formats_have_the_same_rows(client: AsyncClient, name: str, more: str) -> None:
    """JSON, CSV and JSON Lines have the same rows and columns in the same order."""
    fields = "period_label,id,force_name,label,cautions,year"
    address = f"/v1/{name}?fields={fields}{more}"
    if more.endswith("here"):
        for form in ("json", "csv", "jsonl"):
            (error,) = await refusals(client, f"{address}&format={form}")
            assert (error["parameter"], error["code"]) == ("force", "unknown-code")
        return
    rows = await rows_of(client, address)
    lines = (await ask(client, f"{address}&format=jsonl")).text.splitlines()
    assert [orjson.loads(line) for line in lines] == rows
    assert [list(orjson.loads(line)) for line in lines] == [fields.split(",")] * len(rows)
    header, *cells = csv.reader(io.StringIO((await ask(client, f"{address}&format=csv")).text))
    assert header == fields.split(",")
    assert cells == [
        [
            *(str(row[n]) for n in header[:4]),
            "|".join(row["cautions"]),
            "" if row["year"] is None else str(row["year"]),
        ]
        for row in rows
    ]


async def test_repeated_and_joined_are_the_same(client: AsyncClient) -> None:
    """Names may be joined with commas, repeated, or both; their order is kept."""
    joined = await rows_of(client, "/v1/figures?fields=id,value,unit")
    assert await rows_of(client, "/v1/figures?fields=id&fields=value,unit") == joined
    assert await rows_of(client, "/v1/figures?fields=id&fields=value&fields=unit") == joined
    (turned,) = await rows_of(client, "/v1/figures?id=met-2012-2018-complaints&fields=unit,id")
    assert list(turned) == ["unit", "id"]


async def test_the_query_is_echoed(client: AsyncClient) -> None:
    """`meta` has the names one by one, and the links keep the columns."""
    answer = (await ask(client, "/v1/figures?fields=id,value&limit=2")).json()
    assert answer["meta"]["query"]["fields"] == ["id", "value"]
    assert answer["meta"]["count"] == 2
    following = await rows_of(client, answer["links"]["next"])
    assert all(list(row) == ["id", "value"] for row in following)
    header = (await ask(client, answer["links"]["csv"])).text.splitlines()[0]
    assert header == "id,value"


async def test_columns_may_change_on_a_walk(client: AsyncClient) -> None:
    """A cursor depends on the records selected, not on their columns."""
    next_page = (await ask(client, "/v1/figures?limit=3")).json()["links"]["next"]
    plain = await rows_of(client, next_page)
    assert await rows_of(client, f"{next_page}&fields=id") == [{"id": record["id"]} for record in plain]


async def test_warnings_stay(client: AsyncClient) -> None:
    """Warnings don't depend on the columns."""
    full = (await ask(client, "/v1/figures")).json()
    flat = (await ask(client, "/v1/figures?fields=id")).json()
    assert flat["warnings"] == full["warnings"] != []


@pytest.mark.parametrize(
    ("given", "code", "value", "nearest"),
    [
        ("fields=lable", "unknown-code", "lable", "label"),
        ("fields=id,force", "unknown-code", "force", "force_id"),
        ("fields=id,period_labels,value", "unknown-code", "period_labels", "period_label"),
        ("fields=", "empty", "", None),
        ("fields=id,", "empty", "", None),
        ("fields=,id", "empty", "", None),
        ("fields=id,value,id", "repeated", "id", None),
        ("fields=id&fields=id", "repeated", "id", None),
        ("fields=ID", "unknown-code", "ID", None),
        ("fields=id, value", "unknown-code", " value", "value"),
        ("fields=%00", "unknown-code", "\x00", None),
        ("fields=%C3%A9", "unknown-code", "é", None),
        (f"fields={'x' * 3000}", "unknown-code", "x" * 200, None),
    ],
)
@pytest.mark.parametrize("form", ["json", "csv", "jsonl"])
async def test_wrong_names_are_refused(  # noqa: PLR0913, PLR0917 - a refusal in full
    client: AsyncClient, given: str, code: str, value: str, nearest: str | None, form: str
) -> None:
    """Unknown, empty and repeated names are refused with the allowed ones, in every format."""
    (error,) = await refusals(client, f"/v1/figures?{given}&format={form}")
    assert (error["parameter"], error["code"], error["value"]) == ("fields", code, value)
    if code != "repeated":
        assert "label" in error["allowed"]
        assert len(error["allowed"]) == 50
    if nearest is not None:
        assert nearest in error["nearest"]


async def test_all_wrong_names_at_once(client: AsyncClient) -> None:
    """Every wrong name is in the answer, together with the other errors."""
    errors = await refusals(client, "/v1/figures?fields=one,two,id,id&limit=0")
    found = {(error["parameter"], error["code"], error["value"]) for error in errors}
    assert found == {
        ("fields", "unknown-code", "one"),
        ("fields", "unknown-code", "two"),
        ("fields", "repeated", "id"),
        ("limit", "out-of-range", "0"),
    }


async def test_incidents_have_no_numbers(client: AsyncClient) -> None:
    """Incidents refuse columns that only figures have; derived columns other than the label are empty."""
    (error,) = await refusals(client, "/v1/incidents?fields=id,value")
    assert (error["code"], error["value"]) == ("unknown-code", "value")
    for row in await rows_of(
        client, "/v1/incidents?fields=label,measure_label,value_display,base_value,base_label,count"
    ):
        assert row.pop("label")
        assert set(row.values()) == {None}


async def test_other_addresses_have_no_columns(client: AsyncClient) -> None:
    """Only lists of records accept `fields`."""
    for address in ("/v1/total?fields=id", "/v1/coverage?fields=id", "/v1/forces?fields=id"):
        (error,) = await refusals(client, address)
        assert error["parameter"] == "fields"
