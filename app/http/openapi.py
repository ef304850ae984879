"""The OpenAPI document: what FastAPI gathers from the routes, finished so that people and generators like it.

Components get the names that clients should see, closed lists say what their words mean, errors are described
once, and every answer has an example out of the dataset (`examples.json`; the tests make those calls).
"""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import orjson
from fastapi import FastAPI

from app.domain.vocabulary import Term
from app.http.problems import MEDIA_TYPE
from app.settings import PROJECT

EXAMPLES = Path(__file__).with_name("examples.json")
COMMITTED = PROJECT / "docs" / "openapi.json"
"""The document as users of the repository read it, and what v1 has promised so far."""

INTRODUCTION = """

**To begin with.** `/v1` lists every address. No key is needed, and nothing here depends on who asks. Every
address answers `GET`, and `HEAD` with the same headers and no body, which is why `HEAD` is not described again
below; any other method is 405.

**What you get.** JSON, unless `format` or `Accept` asks for CSV or JSON Lines. These two carry the whole
filtered set and never one page; JSON comes in pages, and `links.next` leads from one to the next within the
release in which the walk began.

**Numbers.** A figure knows its unit, its period, what it is a share of (`base`) and where it stands
(`evidence`). Where a number is not known, `value` is null and `value_status` says why: it is never 0.
`warnings` say what a careful reader must know of a list as a whole.

**Mistakes.** Nothing in a query is ignored: whatever is unknown, repeated, empty or does not fit is refused,
all of it at once, with what would be accepted. Errors are problem details (RFC 9457); [`/problems`](/problems)
explains each.

**Copies.** A release never changes: `release=` pins an answer for ever. Every 200 under `/v1` has a strong
`ETag`, its own for each form and content encoding; sent back as `If-None-Match`, it is answered with 304 as
long as your copy is good. Answers are compressed for those who take `br` or `gzip`. Pages of any origin may
read them.

**v1 keeps its word.** Within `/v1` nothing is removed and nothing changes its meaning; fields, parameters,
codes and addresses may be added.
"""

TAGS = {
    "dataset": "What there is: the index of all addresses, and the dataset as a whole, its licence and citation.",
    "records": (
        "The curated statements. A *figure* is a number, or an explicit not-known, that a source states: a "
        "complaint, a proceeding or an outcome. An *incident* is one event that a source tells."
    ),
    "analysis": (
        "What figures mean together: what is a share of what, whether two may stand side by side, what may be "
        "added, and what is known and what is not. Refusals give their reasons."
    ),
    "reference": "What records refer to: police forces and areas, sources, and every code with its definition.",
    "releases": "The versions of the dataset, what each changed and why, and a feed of them.",
    "health": "For those who run it: whether the program lives, whether it can answer, and how it fares.",
}
"""The groups of addresses, in the order in which they are best read."""

ERRORS = {
    HTTPStatus.NOT_FOUND: ("NotFound", "There is nothing of this id here; `nearest` says what may be meant."),
    HTTPStatus.NOT_ACCEPTABLE: ("NotAcceptable", "`Accept` takes no form that there is; `available` lists them."),
    HTTPStatus.CONFLICT: ("NotAddable", "The figures may not be added; `conflicts` says which two, and why."),
    HTTPStatus.GONE: ("Gone", "The record was withdrawn, or the release in which a walk began is no longer here."),
    HTTPStatus.UNPROCESSABLE_ENTITY: ("Refused", "The query was refused; `errors` lists all that is wrong."),
    HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS: ("Removed", "The record was removed from every release by law."),
    HTTPStatus.SERVICE_UNAVAILABLE: ("Unavailable", "The database is away; `Retry-After` says when to ask again."),
}
"""Every error that an address may answer: its name among the components, and what it means."""

HEADERS = {
    "ETag": ("Tag of this very answer, strong: its own for each form and encoding.", '"6f1c2a-br"'),
    "Last-Modified": ("When the release was published.", "Mon, 02 Nov 2026 09:00:00 GMT"),
    "Cache-Control": ("How long a copy is good: five minutes; a day with `release`.", "public, max-age=300"),
    "Vary": ("What else the answer depends on.", "Accept, Accept-Encoding"),
    "Link": ("The next page (`next`), or the JSON form with the warnings (`describedby`).", '</v1>; rel="next"'),
}
"""Headers of every answer under `/v1`; `Link` only where there is something to link to."""

PROBLEM = "#/components/schemas/ProblemAnswer"

Node = dict[str, Any]


def describe(app: FastAPI) -> None:
    """Have an application serve its description finished."""
    gathered = app.openapi

    def openapi() -> Node:
        if app.openapi_schema is None:
            app.openapi_schema = finished(gathered())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the way FastAPI documents


def finished(document: Node) -> Node:
    """Return the description that FastAPI gathered, finished."""
    document["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
    document["security"] = []
    document["externalDocs"] = {"url": "/problems", "description": "Every error: what it means and what to do"}
    examples: dict[str, Any] = orjson.loads(EXAMPLES.read_bytes())
    schemas = document["components"]["schemas"]
    _explain_words(schemas)
    for schema in schemas.values():
        _tidy(schema)
    for path, operation in operations(document):
        _finish(path, operation, examples)
    document["components"] |= {
        "responses": {name: _error(status, text, examples) for status, (name, text) in ERRORS.items()},
        "headers": {
            name: {"description": text, "schema": {"type": "string"}, "example": example}
            for name, (text, example) in HEADERS.items()
        },
    }
    return _renamed(document)


def operations(document: Node) -> Iterator[tuple[str, Node]]:
    """Yield every path with its one operation."""
    for path, methods in document["paths"].items():
        yield path, methods["get"]


def _explain_words(schemas: Node) -> None:
    """Say in the schema of each closed list what its words mean."""
    for term in Term.__subclasses__():
        if term.__name__ in schemas:
            words = "\n".join(f"- `{word}`: {word.definition}" for word in term)
            schemas[term.__name__]["description"] = f"{term.__doc__}\n\n{words}"


def _tidy(schema: Node) -> None:
    """Take the titles off fields, which only repeat their names, and leave room for fields to come."""
    if schema.get("additionalProperties") is False:
        del schema["additionalProperties"]
    for field in schema.get("properties", {}).values():
        field.pop("title", None)


def _finish(path: str, operation: Node, examples: Mapping[str, Node]) -> None:
    for parameter in operation.get("parameters", []):
        schema = parameter["schema"]
        schema.pop("title", None)
        if "examples" in schema:
            parameter["example"] = schema.pop("examples")[0]
    answers = operation["responses"]
    for status, (name, _) in ERRORS.items():
        if PROBLEM in str(answers.get(str(status.value))):
            answers[str(status.value)] = {"$ref": f"#/components/responses/{name}"}
    good = answers["200"]
    good["description"] = good["description"].replace("Successful Response", operation["summary"] + ".")
    if path.startswith("/v1"):
        good["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS}
        answers["304"] = {"description": "Your copy is good: `If-None-Match` named this answer's `ETag`."}
    content = good.get("content", {})
    if "application/json" in content and operation["operationId"] in examples:
        content["application/json"]["example"] = examples[operation["operationId"]]["answer"]
    operation["responses"] = dict(sorted(answers.items()))


def _error(status: HTTPStatus, text: str, examples: Mapping[str, Node]) -> Node:
    content: Node = {"schema": {"$ref": PROBLEM}}
    if str(status.value) in examples:
        content["example"] = examples[str(status.value)]["answer"]
    described: Node = {"description": text, "content": {MEDIA_TYPE: content}}
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        header = {"description": "Seconds to wait.", "schema": {"type": "integer"}, "example": 5}
        described["headers"] = {"Retry-After": header}
    return described


def _renamed(document: Node) -> Node:
    """Call every schema by its title, in the order of these names."""
    schemas = document["components"]["schemas"]
    names = {f"#/components/schemas/{name}": schema.get("title", name) for name, schema in schemas.items()}
    called = {schema.get("title", name): schema for name, schema in schemas.items()}
    if len(called) < len(schemas):
        raise ValueError(f"two schemas share a title: {sorted(names.values())}")
    document["components"]["schemas"] = dict(sorted(called.items()))

    def follow(node: object) -> object:
        if isinstance(node, dict):
            return {
                key: f"#/components/schemas/{names[item]}" if key == "$ref" and item in names else follow(item)
                for key, item in node.items()
            }
        return [follow(item) for item in node] if isinstance(node, list) else node

    return {key: follow(item) for key, item in document.items()}


def written(document: Node) -> bytes:
    """Write the document as it is committed."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
