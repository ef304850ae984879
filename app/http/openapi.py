"""The OpenAPI document: FastAPI's, edited for people and for code generators.

Schemas get the names that clients should see, closed lists explain their words, each error is described once, and
every answer has an example from the dataset (in `examples.json`, which the tests compare with real answers).
"""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import orjson
from fastapi import FastAPI

from app.domain.vocabulary import Term
from app.formats.citations import RECORD_MEDIA_TYPES
from app.formats.lists import LABELS, MEDIA_TYPES
from app.http.problems import MEDIA_TYPE
from app.queries.parameters import DATASET_FORMAT, LIST_SORT, SORTS, SORTS_WITHOUT_VALUE
from app.settings import PROJECT

EXAMPLES = Path(__file__).with_name("examples.json")
COMMITTED = PROJECT / "docs" / "openapi.json"
"""The committed document, which is both documentation and the promise that v1 must keep."""

INTRODUCTION = f"""

**Getting started.** `/v1` lists every endpoint. You need no key. Every endpoint answers `GET`, and `HEAD` with the
same headers and no body, so `HEAD` isn't described again below. Any other method is 405.

**Formats.** Answers are JSON unless `format` or `Accept` asks for something else. Lists in JSON come in pages:
`links.next` leads to the next one, in the same release as the first. As {LABELS} a list is always the whole
filtered set.

**Numbers.** A figure says what its unit and period are, what it is a share of (`base`) and where a source states
it (`evidence`). If a number is not known, `value` is null and `value_status` says why; it is never 0. `warnings`
say what to be careful about in a list as a whole.

**Errors.** No part of a query is ignored. Parameters that are unknown, repeated, empty or wrong are refused, all
of them at once, with the values that would be accepted. Errors are problem details (RFC 9457);
[`/problems`](/problems) explains each one.

**Caching.** A release never changes, so `release=` pins an answer for good. Every 200 under `/v1` has a strong
`ETag`, which is different for each format and content encoding. Send it back as `If-None-Match` to get 304 if
your copy is still current. Answers are compressed with `br` or `gzip`. Pages on any origin may read them.

**Stability.** Within `/v1` nothing is removed and nothing changes its meaning. Fields, parameters, codes and
endpoints may be added.
"""

TAGS = {
    "dataset": "The index of all endpoints, and the dataset as a whole with its licence and citation.",
    "records": (
        "The curated records. A *figure* is a number of complaints, proceedings or outcomes that a source states, "
        "or the fact that the source leaves the number out. An *incident* is a single event that a source reports."
    ),
    "analysis": (
        "How figures relate: what is a share of what, which figures can be compared or added, and what is not "
        "known. Refusals give their reasons."
    ),
    "reference": "What records refer to: police forces and areas, sources, and every code with its definition.",
    "releases": "The versions of the dataset, what each one changed and why, and a feed of them.",
    "health": "For operators: whether the program runs, whether it can answer, and its metrics.",
}
"""The groups of endpoints, in reading order."""

SUMMARIES = {
    "/v1": "List every endpoint",
    "/v1/figures": "Search all figures, whatever they count",
    "/v1/complaints": "Find how many complaints were made, or led to an outcome",
    "/v1/proceedings": "Find how many investigations, hearings and prosecutions there were",
    "/v1/outcomes": "Find how complaints and proceedings ended: upheld, dismissed, resigned and so on",
    "/v1/incidents": "Find single events and what came of them",
    "/v1/figures/{id}": "Get or cite a figure, whatever it counts",
    "/v1/complaints/{id}": "Get or cite a figure about complaints",
    "/v1/proceedings/{id}": "Get or cite a figure about proceedings",
    "/v1/outcomes/{id}": "Get or cite a figure about outcomes",
    "/v1/incidents/{id}": "Get or cite an incident",
    "/v1/figures/{id}/tree": "See what a figure is a share of, and what is a share of it",
    "/v1/compare": "Check whether two figures can be compared, and if not, why",
    "/v1/total": "Add figures up, or see why that would be wrong",
    "/v1/series": "Chart figures over time, with the breaks that a chart has to show",
    "/v1/rates": "Relate figures to the size of a force: per 1,000 officers or staff",
    "/v1/rates/comparison": "Check which forces differ by more than chance would explain",
    "/v1/coverage": "See what is known about each force, and what isn't",
    "/v1/forces": "Look up the ids and names of forces and areas",
    "/v1/forces/{id}": "Look up a force or area",
    "/v1/forces/{id}/workforce": "See how many people worked for a force, by day and worker type",
    "/v1/sources": "See where the figures come from, and who counted them",
    "/v1/sources/{id}": "Look up a source",
    "/v1/codes": "Look up what each word in the data means",
    "/v1/dataset": "See what the dataset covers, and how to cite it",
    "/v1/export.zip": "Download everything as CSV files in a data package",
    "/v1/releases": "See the versions of the data, and what is new in each",
    "/v1/releases/{version}": "Look up a release",
    "/v1/releases/{version}/changes": "See what a release changed, field by field, and why",
    "/v1/releases.atom": "Follow new releases in a feed reader",
    "/problems": "Look up what an error means and what to do about it",
    "/health/live": "Check whether the program is running",
    "/health/ready": "Check whether it can answer",
    "/metrics": "Monitor it with Prometheus",
    "/docs": "Read about this API and try it",
    "/openapi.json": "Generate a client",
}
"""A one-line summary of each endpoint."""

ERRORS = {
    HTTPStatus.NOT_FOUND: ("NotFound", "Nothing here has this id. `nearest` lists similar ids."),
    HTTPStatus.NOT_ACCEPTABLE: (
        "NotAcceptable",
        "No format that `Accept` takes is available. `available` lists them.",
    ),
    HTTPStatus.CONFLICT: ("NotAddable", "The figures can't be added. `conflicts` lists the pairs and the reasons."),
    HTTPStatus.GONE: ("Gone", "The record was withdrawn, or the release of the cursor no longer exists."),
    HTTPStatus.UNPROCESSABLE_ENTITY: ("Refused", "The query was refused. `errors` lists everything that is wrong."),
    HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS: ("Removed", "The record was removed from every release by law."),
    HTTPStatus.SERVICE_UNAVAILABLE: (
        "Unavailable",
        "The server can't answer now. `Retry-After` says when to try again.",
    ),
}
"""Every error that an endpoint may answer with: its name in the components, and its description."""

HEADERS = {
    "ETag": ("Strong tag of this answer, different for each format and encoding.", '"6f1c2a-br"'),
    "Last-Modified": ("When the release was published.", "Mon, 02 Nov 2026 09:00:00 GMT"),
    "Cache-Control": ("How long a copy is fresh: five minutes, or a day with `release`.", "public, max-age=300"),
    "Vary": ("The request headers that the answer depends on.", "Accept, Accept-Encoding"),
    "Link": ("The next page (`next`), or the JSON with the warnings (`describedby`).", '</v1>; rel="next"'),
    "X-Upheld-Warnings": ("How many warnings there are at the address in `Link`; only on whole sets.", "2"),
}
"""Headers of every answer under `/v1`; the last two only if they apply."""

LIST_NAMES = {
    SORTS: "FigureSort",
    SORTS_WITHOUT_VALUE: "IncidentSort",
    tuple(LIST_SORT.words): "NamedSort",
    tuple(MEDIA_TYPES): "ListFormat",
    tuple(RECORD_MEDIA_TYPES): "RecordFormat",
    tuple(DATASET_FORMAT.words): "DatasetFormat",
    ("within", "above", "below"): "RatePosition",
}
"""Names for lists of words that can't be named well after the field or parameter that uses them."""

PROBLEM = "#/components/schemas/ProblemAnswer"

Node = dict[str, Any]


def describe(app: FastAPI) -> None:
    """Make an application serve the edited document."""
    generate = app.openapi

    def openapi() -> Node:
        if app.openapi_schema is None:
            app.openapi_schema = edited(generate())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the way FastAPI documents


def edited(document: Node) -> Node:
    """Return FastAPI's document, edited."""
    document["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
    document["security"] = []
    document["externalDocs"] = {"url": "/problems", "description": "Every error, what it means and what to do"}
    examples: dict[str, Any] = orjson.loads(EXAMPLES.read_bytes())
    schemas = document["components"]["schemas"]
    _explain_terms(schemas)
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
    document = _renamed(document)
    _name_lists(document)
    return document


def operations(document: Node) -> Iterator[tuple[str, Node]]:
    """Yield every path with its only operation."""
    for path, methods in document["paths"].items():
        yield path, methods["get"]


def _explain_terms(schemas: Node) -> None:
    """Explain the words of each closed list in its schema."""
    for term in Term.__subclasses__():
        if term.__name__ in schemas:
            words = "\n".join(f"- `{word}`: {word.definition}" for word in term)
            schemas[term.__name__]["description"] = f"{term.__doc__}\n\n{words}"


def _tidy(schema: Node) -> None:
    """Remove field titles, which only repeat the names, and allow fields that v1 may add later."""
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
    operation["summary"] = SUMMARIES[path]
    success = answers["200"]
    success["description"] = success["description"].replace("Successful Response", "Success.")
    if path.startswith("/v1"):
        success["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS}
        answers["304"] = {"description": "Your copy is current: `If-None-Match` had this answer's `ETag`."}
    content = success.get("content", {})
    if "application/json" in content:
        content["application/json"]["schema"].pop("title", None)
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


def _name_lists(document: Node) -> None:
    """Name every list of words, because generated clients would number them otherwise."""
    schemas = document["components"]["schemas"]
    names: dict[tuple[str, ...], str] = {}

    def name_list(holder: Node, name: str, description: str) -> None:
        words = tuple(holder.get("enum", ()))
        if not words:
            return
        known = names.setdefault(words, LIST_NAMES.get(words, name))
        described = {"type": holder.pop("type"), "enum": holder.pop("enum"), "description": description}
        if any(word.startswith("-") for word in words):
            # Generated clients would call such a word `VALUE_0`.
            described["x-enum-varnames"] = [_as_name(word) for word in words]
        schemas.setdefault(known, {**described, "title": known})
        holder["$ref"] = f"#/components/schemas/{known}"

    for title, schema in list(schemas.items()):
        for field, described in schema.get("properties", {}).items():
            for holder in (described, *described.get("anyOf", ()), described.get("items", {})):
                name_list(holder, title + _in_camel_case(field), described.get("description", ""))
    for _, operation in operations(document):
        for parameter in operation.get("parameters", []):
            schema = parameter["schema"]
            name_list(schema.get("items", schema), _in_camel_case(parameter["name"]), parameter["description"])
    document["components"]["schemas"] = dict(sorted(schemas.items()))


def _as_name(sort: str) -> str:
    return f"{sort[1:]}_desc" if sort.startswith("-") else sort


def _in_camel_case(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _renamed(document: Node) -> Node:
    """Name every schema after its title, and sort them."""
    schemas = document["components"]["schemas"]
    names = {f"#/components/schemas/{name}": schema.get("title", name) for name, schema in schemas.items()}
    by_title = {schema.get("title", name): schema for name, schema in schemas.items()}
    if len(by_title) < len(schemas):
        raise ValueError(f"two schemas share a title: {sorted(names.values())}")
    document["components"]["schemas"] = dict(sorted(by_title.items()))

    def follow(node: object) -> object:
        if isinstance(node, dict):
            return {
                key: f"#/components/schemas/{names[item]}" if key == "$ref" and item in names else follow(item)
                for key, item in node.items()
            }
        return [follow(item) for item in node] if isinstance(node, list) else node

    return {key: follow(item) for key, item in document.items()}


def written(document: Node) -> bytes:
    """Serialise the document as it is committed."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
