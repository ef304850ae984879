"""README.md: its calls get the answers shown, and its tables are complete."""

import re
import shlex
from urllib.parse import urlsplit

import orjson
import pytest
from httpx import AsyncClient

from app.formats.lists import LABELS, MEDIA_TYPES
from app.queries.parameters import FIGURES, INCIDENTS, PARAMETERS
from app.seeds.collection import VARIABLE
from app.settings import PROJECT, Settings
from tests.docs.markdown import blocks, code_words, differences, rows, section

README = (PROJECT / "README.md").read_text("utf-8")

CALLS = [line for block in blocks(README, "sh") for line in block.splitlines() if line.startswith("curl ")]
ANSWERS = re.findall(r"^```sh\n(curl [^\n]+)\n```\n\n```json\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
"""Each call that is followed by an answer, paired with that answer."""


async def get(client: AsyncClient, call: str) -> tuple[int, bytes]:
    """Make a call from the README; return the status and the body."""
    program, *options, address = shlex.split(call)
    url = urlsplit(address)
    assert (program, options, url.scheme, url.netloc) == ("curl", [], "http", "localhost:8000")
    answer = await client.get(f"{url.path}?{url.query}" if url.query else url.path)
    return answer.status_code, answer.content


def test_every_example_is_tested() -> None:
    """The tests below cover every call and answer in the README."""
    assert len(ANSWERS) == README.count("```json") == 5
    assert len(CALLS) == README.count("curl '") + README.count("curl http")


@pytest.mark.anyio
@pytest.mark.parametrize(("call", "shown"), ANSWERS, ids=[call for call, _ in ANSWERS])
async def test_answers_are_as_shown(client: AsyncClient, call: str, shown: str) -> None:
    """The API gives the answer that the README shows for a call."""
    status, body = await get(client, call)
    expected = orjson.loads(shown)
    assert status == expected.get("status", 200)
    assert differences(expected, orjson.loads(body)) == []


@pytest.mark.anyio
@pytest.mark.parametrize("call", [call for call in CALLS if call not in dict(ANSWERS)])
async def test_other_calls_are_answered(client: AsyncClient, call: str) -> None:
    """A call without an answer below it works."""
    status, body = await get(client, call)
    assert status == 200
    assert body


@pytest.mark.anyio
@pytest.mark.parametrize("address", sorted(set(re.findall(r"`(/(?!var/)[a-z0-9/.]+)`", README))))
async def test_addresses_exist(client: AsyncClient, address: str) -> None:
    """Every path that the README names works; adding all figures with `/v1/total` gets a 409."""
    expected = 409 if address == "/v1/total" else 200
    assert (await client.get(address)).status_code == expected


def test_table_of_filters_is_complete() -> None:
    """The table has every list parameter with its values, and "once" if it can't be repeated."""
    table = {name: row for row in rows(section(README, "## Filters")) for name in code_words(row[0])}
    assert set(table) == {*FIGURES.parameters, *INCIDENTS.parameters}
    for name in ("kind", "force_scope", "period_match", "include_undated"):
        assert set(code_words(table[name][1])) == set(PARAMETERS[name].words)
    # The row for `format` covers `bom` too.
    assert set(code_words(table["format"][1])) == {*MEDIA_TYPES, "true"}
    assert table["format"][2].startswith(f"{' and '.join(LABELS.rsplit(' or ', 1))} always hold")
    once = {name for name, row in table.items() if row[2].endswith("once")}
    single = {name for name in table if not PARAMETERS[name].many}
    assert once == single, "the row of a parameter that can't be repeated ends with `once`, other rows don't"


def test_table_of_settings_is_complete() -> None:
    """The table has every setting and no others."""
    names = [row[0].strip("`") for row in rows(section(README, "## Settings"))]
    assert sorted(names) == sorted(
        [VARIABLE, *(str(field.validation_alias) for field in Settings.model_fields.values())]
    )
