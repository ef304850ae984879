"""The OpenAPI document: valid, complete, committed, and with real answers as examples."""

import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import date
from http import HTTPStatus
from typing import Any

import orjson
import pytest
from httpx import ASGITransport, AsyncClient, Response
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from sqlalchemy import Engine, insert

from app.database.addresses import asyncpg_address
from app.database.tables import TOMBSTONE
from app.domain.vocabulary import Term
from app.http.openapi import COMMITTED, EXAMPLES, TAGS, operations, written
from app.main import create_app, served
from app.queries.cursor import read_cursor
from tests import made
from tests.made import load
from tests.real_seeds import real_release

pytestmark = pytest.mark.anyio

Body = dict[str, Any]

PUBLIC = "https://upheld.example"
NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"
DOCUMENT: Body = create_app(NOWHERE, PUBLIC).openapi()
OPERATIONS = dict(operations(DOCUMENT))
PARAMETERS = [
    (path, parameter) for path, operation in OPERATIONS.items() for parameter in operation.get("parameters", [])
]
EXAMPLE_OF: dict[str, Body] = orjson.loads(EXAMPLES.read_bytes())

CHANGING = {
    *("release", "first_release", "changed_release", "version", "published_at", "digest", "note", "citation"),
    *("total", "count", "counts", "records", "current", "period_covered"),
}
"""Fields of examples whose values change as the dataset grows; only their types are compared."""

NEEDED = {
    "force_scope": {"force": "england-and-wales"},
    "period_match": {"period": "2012/2018"},
    "bom": {"format": "csv"},
}
"""Other parameters that a parameter needs to be accepted."""

OF_LATEST = ("list-rates", "compare-rates", "get-workforce")
"""Examples from the latest release: the first one has no headcounts."""

SHOWN = 2
"""The number of items that an example keeps of a long list."""


# --- the document ----------------------------------------------------------------------------------------------


def test_document_is_valid() -> None:
    """The document is valid OpenAPI 3.1."""
    assert DOCUMENT["openapi"].startswith("3.1.")
    validate(DOCUMENT)


def test_committed_document_is_current() -> None:
    """`docs/openapi.json` is up to date; `upheld openapi docs/openapi.json` updates it."""
    assert COMMITTED.read_bytes() == written(DOCUMENT)


def test_command_needs_no_database() -> None:
    """The command prints the document without a database, and always the same bytes."""
    command = [sys.executable, "-c", "from app.cli import main; main()", "openapi"]
    environment = {**os.environ, "DATABASE_URL": NOWHERE, "PYTHONHASHSEED": "1"}
    printed = subprocess.run(command, env=environment, capture_output=True, check=True).stdout  # noqa: S603
    assert printed == written(DOCUMENT)


def references(node: object) -> Iterator[str]:
    """Yield every reference in part of the document."""
    if isinstance(node, dict):
        for key, item in node.items():
            if key == "$ref" and isinstance(item, str):
                yield item
            else:
                yield from references(item)
    elif isinstance(node, list):
        for item in node:
            yield from references(item)


def test_components_are_defined_and_used() -> None:
    """Every reference leads to a component, and every component is used."""
    defined = {f"#/components/{kind}/{name}" for kind, found in DOCUMENT["components"].items() for name in found}
    assert set(references(DOCUMENT)) == defined
    assert "#/components/schemas/Problem" in defined


def test_components_have_clean_names() -> None:
    """Schemas are named after their titles, without the suffix of our classes."""
    for name, schema in DOCUMENT["components"]["schemas"].items():
        assert name == schema["title"]
        assert re.fullmatch(r"[A-Z][A-Za-z]+", name)
        assert not name.endswith("Answer")
        assert schema["description"], name


def test_every_field_says_what_it_is() -> None:
    """Every field has a description, or refers to a schema that has one."""
    bare = [
        f"{name}.{field}"
        for name, schema in DOCUMENT["components"]["schemas"].items()
        for field, described in schema.get("properties", {}).items()
        if "description" not in described and "$ref" not in described
    ]
    assert bare == []


def test_every_word_says_what_it_means() -> None:
    """The schema of a closed list defines every value."""
    for term in Term.__subclasses__():
        described = DOCUMENT["components"]["schemas"].get(term.__name__)
        if described is not None:
            assert all(f"- `{word}`: {word.definition}" in described["description"] for word in term)


def test_fields_may_be_added() -> None:
    """No schema forbids additional fields, which v1 may add."""
    assert '"additionalProperties":false' not in orjson.dumps(DOCUMENT).decode()


@pytest.mark.parametrize("path", OPERATIONS)
def test_every_address_is_described(path: str) -> None:
    """Every operation has an id, a summary, a description, one group and the errors it may give."""
    operation = OPERATIONS[path]
    assert re.fullmatch(r"[a-z]+-[a-z]+", operation["operationId"])
    assert re.fullmatch(r"[A-Z][a-z]+ [^.\n]{8,80}", operation["summary"])  # its purpose, on one line
    assert operation["description"].endswith(".")
    assert len(operation["tags"]) == 1
    assert set(operation["tags"]) <= set(TAGS)
    statuses = set(operation["responses"])
    assert "422" in statuses
    if path.startswith("/v1"):
        assert {"200", "304", "406", "503"} <= statuses
        of_records = {"get-complaint", "get-proceeding", "get-outcome", "get-figure", "get-incident", "get-tree"}
        is_of_record = operation["operationId"] in {*of_records, "get-comparison"}
        assert ({"404", "410", "451"} <= statuses) == is_of_record


def test_operation_ids_are_unique() -> None:
    """No two operations have the same id."""
    ids = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(ids) == len(set(ids))


def test_groups() -> None:
    """Every group has a description and is used."""
    assert [tag["name"] for tag in DOCUMENT["tags"]] == list(TAGS)
    assert {operation["tags"][0] for operation in OPERATIONS.values()} == set(TAGS)


@pytest.mark.parametrize(("path", "parameter"), PARAMETERS, ids=[f"{p} {one['name']}" for p, one in PARAMETERS])
def test_every_parameter_is_described(path: str, parameter: Body) -> None:
    """A parameter has a description, and an example that fits its schema."""
    assert parameter["description"].endswith("."), path
    schema = {**parameter["schema"], "components": DOCUMENT["components"]}
    Draft202012Validator(schema).validate(parameter["example"])


# --- examples --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
async def client(seeded: str, anyio_backend: str) -> AsyncIterator[AsyncClient]:  # noqa: ARG001 - pytest's way
    """Yield a client of the API over the project's own seeds."""
    async with client_at(seeded) as found:
        yield found


@asynccontextmanager
async def client_at(address: str) -> AsyncIterator[AsyncClient]:
    """Yield a client of the API over a database, with the public address from the examples."""
    app = create_app(asyncpg_address(address), PUBLIC)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(served(app)), base_url=PUBLIC) as client,
    ):
        yield client


async def current(client: AsyncClient) -> str:
    """Return the version of the current release."""
    version: str = (await client.get("/v1/dataset")).json()["release"]
    return version


@pytest.mark.parametrize(("path", "parameter"), PARAMETERS, ids=[f"{p} {one['name']}" for p, one in PARAMETERS])
async def test_examples_of_parameters_are_accepted(client: AsyncClient, path: str, parameter: Body) -> None:
    """A request with the example of a parameter is answered."""
    if parameter["name"] == "cursor":
        assert read_cursor(parameter["example"]) is not None
        return
    required = {one["name"]: one["example"] for of, one in PARAMETERS if of == path and one["required"]}
    given = {**required, **NEEDED.get(parameter["name"], {}), parameter["name"]: parameter["example"]}
    for name in ("release", "version"):
        if name in given:
            assert re.fullmatch(r"\d+\.\d+\.\d+", given[name])
            given[name] = await current(client)
    query = {name: value for name, value in given.items() if f"{{{name}}}" not in path}
    answer = await client.get(path.format_map(given), params=query)
    # One parameter alone may select figures that don't go together.
    refused = answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY and "differ" in answer.json()
    assert refused or answer.status_code in {200, 409}, answer.text


def shortened(node: Any, depth: int = 0) -> Any:  # noqa: ANN401 - any JSON
    """Return an answer as an example shows it: long lists cut, and `dev` replaced by a version."""
    if isinstance(node, dict):
        return {key: shortened(item, depth + 1) for key, item in node.items()}
    if isinstance(node, list):
        return [shortened(item, depth + 1) for item in (node if depth > 1 else node[:SHOWN])]
    if isinstance(node, str):
        return "1.0.0" if node == "dev" else re.sub(r"(release[ =]|releases/)dev\b", r"\g<1>1.0.0", node)
    return node


def shows(example: Any, answer: Any, place: str = "") -> None:  # noqa: ANN401 - any JSON
    """Check that an example matches an answer: the same fields and values, with at most fewer items in lists."""
    if place.rpartition(".")[2] in CHANGING:
        assert isinstance(example, type(answer)), place
    elif isinstance(example, dict):
        assert set(example) == set(answer), place
        for key, item in example.items():
            shows(item, answer[key], f"{place}.{key}")
    elif isinstance(example, list):
        assert len(example) <= len(answer), place
        for i, item in enumerate(example):
            shows(item, answer[i], f"{place}[{i}]")
    elif isinstance(example, str) and isinstance(answer, str):
        # A cursor contains the digest of its release.
        assert re.sub("cursor=[^&]+", "", example) == re.sub("cursor=[^&]+", "", answer), place
    else:
        assert example == answer, place


async def answers(client: AsyncClient, database: Engine) -> AsyncIterator[tuple[str, Response]]:
    """Yield the answer to each example's request."""
    with database.begin() as connection:
        gone = {"id": "removed-incident", "day": date(2026, 1, 31), "reason": "An order of the court."}
        connection.execute(insert(TOMBSTONE), gone)
    made.loaded(database, [made.figure("one")])
    load(database, *real_release())
    address = database.url.render_as_string(hide_password=False)
    async with client_at(address) as with_removal, client_at(NOWHERE) as without_database:
        version = await current(client)
        for name, example in EXAMPLE_OF.items():
            other = {"451": with_removal, "503": without_database, **dict.fromkeys(OF_LATEST, with_removal)}.get(
                name, client
            )
            accept = {"Accept": "image/png"} if name == "406" else {}
            yield name, await other.get(example["request"].replace("1.0.0", version), headers=accept)


async def test_examples_are_real_answers(client: AsyncClient, database: Engine) -> None:
    """Every example is the answer to its request; `UPHELD_RECORD=1` records them again."""
    found = {name: answer async for name, answer in answers(client, database)}
    for name, answer in found.items():
        assert answer.status_code == (int(name) if name.isdigit() else HTTPStatus.OK), answer.text
    now = {name: shortened(answer.json()) for name, answer in found.items()}
    if os.environ.get("UPHELD_RECORD"):
        for name, example in EXAMPLE_OF.items():
            example["answer"] = now[name]
        EXAMPLES.write_bytes(orjson.dumps(EXAMPLE_OF, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    for name, example in EXAMPLE_OF.items():
        shows(example["answer"], now[name], name)


@pytest.mark.parametrize("name", EXAMPLE_OF)
def test_examples_fit_their_schemas(name: str) -> None:
    """An example fits the schema of its answer."""
    (content,) = [
        found
        for node in [
            *DOCUMENT["components"]["responses"].values(),
            *(operation["responses"]["200"] for operation in OPERATIONS.values()),
        ]
        for found in node.get("content", {}).values()
        if found.get("example") == EXAMPLE_OF[name]["answer"]
    ][:1]
    Draft202012Validator({**content["schema"], "components": DOCUMENT["components"]}).validate(content["example"])


def test_every_answer_has_an_example() -> None:
    """Every JSON answer and every error has an example."""
    for path, operation in OPERATIONS.items():
        content = operation["responses"]["200"]["content"]
        assert "application/json" not in content or "example" in content["application/json"], path
    for name, response in DOCUMENT["components"]["responses"].items():
        assert "example" in response["content"]["application/problem+json"], name
