"""What is refused, how the refusal reads, and that every answer, including errors, follows HTTP."""

import json
import re
from collections import Counter
from collections.abc import MutableMapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import anyio
import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import Engine

from app.domain.dataset import Force
from app.domain.vocabulary import ForceKind, Unit
from app.formats.lists import MEDIA_TYPES
from app.http.problems import bad_query
from app.main import served
from app.queries.errors import ParameterError
from tests import made
from tests.addresses import COMPLAINT, INCIDENT, KNOWN_ADDRESSES, OUTCOME, PATHS, PROCEEDING, V1
from tests.api import PUBLIC, app_over, client_of

pytestmark = pytest.mark.anyio

Body = dict[str, Any]
Wrong = list[tuple[str, str]]

LISTS = ["complaints", "proceedings", "outcomes", "figures", "incidents"]

PAGES = ["/", "/docs", "/openapi.json"]
EVERYWHERE = [*PATHS, *(page for page in PAGES if page not in PATHS)]


async def address_of(client: AsyncClient, path: str) -> str:
    """Return an address for a path that returns 200."""
    address = KNOWN_ADDRESSES.get(path, path)
    if "RELEASE" in address:
        release = (await client.get("/v1/dataset")).json()["release"]
        address = address.replace("RELEASE", release)
    assert "{" not in address, f"add an address of {path} to KNOWN_ADDRESSES"
    return address


def fields(header: str) -> set[str]:
    """Return the items of a header in lower case."""
    return {field.strip().lower() for field in header.split(",")}


def problem_of(answer: Response, status: int) -> Body:
    """Return the body of an error after checking what all errors have in common."""
    assert answer.status_code == status, f"{answer.url}: {answer.status_code} {answer.text[:500]}"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert {"etag", "link", "x-request-id"} <= fields(answer.headers["access-control-expose-headers"])
    body: Body = answer.json()
    assert body["status"] == status
    for member in ("type", "title", "detail", "instance"):
        assert isinstance(body[member], str), member
        assert body[member], member
    return body


def errors_of(answer: Response) -> list[Body]:
    """Return the errors of a query, after checking that each one is complete."""
    errors: list[Body] = problem_of(answer, 422)["errors"]
    for error in errors:
        assert set(error) == {"parameter", "value", "code", "message", "allowed", "nearest"}
        assert isinstance(error["allowed"], list)
        assert isinstance(error["nearest"], list)
        assert len(error["allowed"]) <= 50
        assert error["message"]
    return errors


async def ask(client: AsyncClient, address: str, **headers: str) -> Response:
    """Send a GET request as a page of another origin would."""
    return await client.get(address, headers={"Origin": "https://newsroom.test", **headers})


async def ask_raw(database: str, *asked: tuple[str, str]) -> list[tuple[int, bytes]]:
    """Send requests without a client library, which has its own limits; return each status and body."""
    app = app_over(database)
    found: list[tuple[int, bytes]] = []
    unread: dict[str, bool] = {}

    async def receive() -> dict[str, Any]:
        # As servers do: the request once, and then nothing until the client disconnects.
        if unread.pop("request", None):
            return {"type": "http.request", "body": b"", "more_body": False}
        await anyio.sleep_forever()
        raise AssertionError

    async with app.router.lifespan_context(app):
        for method, address in asked:
            path, _, query = address.partition("?")
            sent: list[MutableMapping[str, Any]] = []
            unread["request"] = True

            async def send(message: MutableMapping[str, Any], to: list[Any] = sent) -> None:
                to.append(message)

            scope = {
                "type": "http",
                "asgi": {"version": "3.0"},
                "http_version": "1.1",
                "method": method,
                "scheme": "https",
                "path": path,
                "raw_path": path.encode(),
                "root_path": "",
                "query_string": query.encode(),
                "headers": [(b"host", b"upheld.test")],
                "client": ("127.0.0.1", 1),
                "server": ("upheld.test", 443),
            }
            await served(app)(scope, receive, send)
            found.append((sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])))
    return found


# --- one error -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "parameter", "value", "code", "near"),
    [
        # not a parameter
        ("figures?forse=x", "forse", "x", "unknown-parameter", "force"),
        ("figures?Force=metropolitan", "Force", "metropolitan", "unknown-parameter", "force"),
        ("figures?out_come=upheld", "out_come", "upheld", "unknown-parameter", "outcome"),
        ("figures?page=2", "page", "2", "unknown-parameter", None),
        ("figures?=2", "", "2", "unknown-parameter", None),
        ("incidents?standings=alleged", "standings", "alleged", "unknown-parameter", "standing"),
        ("total?forse=x", "forse", "x", "unknown-parameter", "force"),
        ("coverage?forse=x", "forse", "x", "unknown-parameter", "force"),
        ("forces?forse=x", "forse", "x", "unknown-parameter", None),
        ("codes?cursor=garbage!", "cursor", "garbage!", "unknown-parameter", None),
        (f"figures/{OUTCOME}?cursor=garbage!", "cursor", "garbage!", "unknown-parameter", None),
        # repeated
        ("figures?limit=10&limit=20", "limit", "20", "repeated", None),
        ("figures?sort=id&sort=id", "sort", "id", "repeated", None),
        ("figures?period=2020&period=2021", "period", "2021", "repeated", None),
        ("figures?force=kent&force_scope=self&force_scope=areas", "force_scope", "areas", "repeated", None),
        (
            "figures?period=2020&period_match=within&period_match=covers",
            *("period_match", "covers", "repeated", None),
        ),
        ("figures?include_undated=true&include_undated=false", "include_undated", "false", "repeated", None),
        ("figures?format=csv&format=json", "format", "json", "repeated", None),
        # empty
        ("figures?outcome=", "outcome", "", "empty", None),
        ("figures?outcome", "outcome", "", "empty", None),
        ("figures?force=", "force", "", "empty", None),
        ("figures?id=", "id", "", "empty", None),
        ("figures?period=", "period", "", "empty", None),
        ("figures?limit=", "limit", "", "empty", None),
        ("figures?sort=", "sort", "", "empty", None),
        ("figures?cursor=", "cursor", "", "empty", None),
        ("figures?format=", "format", "", "empty", None),
        ("figures?release=", "release", "", "empty", None),
        ("incidents?standing=", "standing", "", "empty", None),
        ("forces?release=", "release", "", "empty", None),
        # malformed
        ("figures?limit=ten", "limit", "ten", "malformed", None),
        ("figures?limit=1.5", "limit", "1.5", "malformed", None),
        ("figures?limit=1e2", "limit", "1e2", "malformed", None),
        ("figures?limit=%D9%A1%D9%A0", "limit", "\u0661\u0660", "malformed", None),
        ("figures?id=Not+an+id", "id", "Not an id", "malformed", None),
        ("figures?cursor=garbage!", "cursor", "garbage!", "malformed", None),
        ("figures?period=soon", "period", "soon", "malformed", None),
        ("figures?period=2020-21", "period", "2020-21", "malformed", "FY2020-21"),
        ("figures?period=2018/19", "period", "2018/19", "malformed", "FY2018-19"),
        ("total?period=2020-21", "period", "2020-21", "malformed", "FY2020-21"),
        ("figures?period=2016-2018", "period", "2016-2018", "malformed", "2016/2018"),
        # out of range
        ("figures?limit=0", "limit", "0", "out-of-range", None),
        ("figures?limit=501", "limit", "501", "out-of-range", None),
        ("figures?limit=-1", "limit", "-1", "out-of-range", None),
        ("figures?limit=99999999999999999999", "limit", "99999999999999999999", "out-of-range", None),
        ("figures?period=2021-02-30", "period", "2021-02-30", "out-of-range", None),
        ("figures?period=2021-13", "period", "2021-13", "out-of-range", None),
        ("figures?period=0000", "period", "0000", "out-of-range", None),
        # reversed
        ("figures?period=2021/2018", "period", "2021/2018", "reversed", "2018/2021"),
        # not in the list
        ("figures?force=metropolitn", "force", "metropolitn", "unknown-code", "metropolitan"),
        ("figures?force=Metropolitan", "force", "Metropolitan", "unknown-code", "metropolitan"),
        ("figures?outcome=upheldd", "outcome", "upheldd", "unknown-code", "upheld"),
        ("figures?allegation=homocide", "allegation", "homocide", "unknown-code", "homicide"),
        ("figures?stage=investigaton", "stage", "investigaton", "unknown-code", "investigation"),
        ("figures?source=wrp-2021-1", "source", "wrp-2021-1", "unknown-code", "wrp-2021-10"),
        ("figures?unit=people", "unit", "people", "unknown-code", None),
        ("figures?unit=complaints", "unit", "complaints", "unknown-code", "complaint"),
        ("figures?subjects=officer", "subjects", "officer", "unknown-code", "officers"),
        ("figures?value_status=not_disclosed", "value_status", "not_disclosed", "unknown-code", "not-disclosed"),
        ("figures?value_type=counts", "value_type", "counts", "unknown-code", "count"),
        ("figures?kind=outcomes", "kind", "outcomes", "unknown-code", "outcome"),
        ("figures?kind=incident", "kind", "incident", "unknown-code", None),
        ("incidents?standing=aleged", "standing", "aleged", "unknown-code", "alleged"),
        ("figures?force=kent&force_scope=member", "force_scope", "member", "unknown-code", "members"),
        ("figures?period=2020&period_match=overlap", "period_match", "overlap", "unknown-code", "overlaps"),
        ("figures?sort=foo", "sort", "foo", "unknown-code", None),
        ("figures?sort=perod", "sort", "perod", "unknown-code", "period"),
        ("figures?sort=--id", "sort", "--id", "unknown-code", "-id"),
        ("figures?format=jsonn", "format", "jsonn", "unknown-code", "json"),
        ("figures?format=xml", "format", "xml", "unknown-code", None),
        ("figures?release=9.9.9", "release", "9.9.9", "unknown-code", None),
        ("codes?release=9.9.9", "release", "9.9.9", "unknown-code", None),
        (f"figures/{OUTCOME}?release=9.9.9", "release", "9.9.9", "unknown-code", None),
        # a field that the kind doesn't have
        ("complaints?stage=investigation", "stage", "investigation", "not-applicable", None),
        ("outcomes?stage=investigation", "stage", "investigation", "not-applicable", None),
        ("incidents?stage=investigation", "stage", "investigation", "not-applicable", None),
        ("incidents?unit=person", "unit", "person", "not-applicable", None),
        ("incidents?subjects=officers", "subjects", "officers", "not-applicable", None),
        ("incidents?value_status=stated", "value_status", "stated", "not-applicable", None),
        ("incidents?value_type=count", "value_type", "count", "not-applicable", None),
        ("incidents?kind=incident", "kind", "incident", "not-applicable", None),
        ("outcomes?kind=outcome", "kind", "outcome", "not-applicable", None),
        ("figures?standing=alleged", "standing", "alleged", "not-applicable", None),
        ("complaints?standing=alleged", "standing", "alleged", "not-applicable", None),
        ("proceedings?standing=alleged", "standing", "alleged", "not-applicable", None),
        ("outcomes?standing=alleged", "standing", "alleged", "not-applicable", None),
        ("total?standing=alleged", "standing", "alleged", "not-applicable", None),
        # no effect without another parameter
        ("figures?force_scope=members", "force_scope", "members", "not-applicable", None),
        ("figures?force_scope=self", "force_scope", "self", "not-applicable", None),
        ("figures?period_match=within", "period_match", "within", "not-applicable", None),
        ("incidents?period_match=overlaps", "period_match", "overlaps", "not-applicable", None),
        ("coverage?force_scope=members", "force_scope", "members", "not-applicable", None),
        # a whole set has no pages
        ("figures?format=csv&limit=5", "limit", "5", "not-applicable", None),
        ("incidents?format=jsonl&limit=5", "limit", "5", "not-applicable", None),
    ],
)
async def test_one_error(  # noqa: PLR0913, PLR0917 - a table
    client: AsyncClient, query: str, parameter: str, value: str, code: str, near: str | None
) -> None:
    """Each kind of error has its code, names the parameter and value, and suggests what was meant."""
    (error,) = errors_of(await ask(client, f"/v1/{query}"))
    assert (error["parameter"], error["value"], error["code"]) == (parameter, value, code)
    if near is not None:
        assert error["nearest"][0] == near


@pytest.mark.parametrize(
    ("query", "allowed"),
    [
        ("unit=people", [str(unit) for unit in Unit]),
        ("sort=foo", ["-period", "period", "-value", "value", "id", "-id", "relevance"]),
        ("format=xml", list(MEDIA_TYPES)),
        ("force=kent&force_scope=x", ["self", "members", "areas"]),
        ("period=2020&period_match=x", ["overlaps", "within", "covers"]),
        ("stage=x", None),
        ("force=x", None),
    ],
)
async def test_what_is_allowed(client: AsyncClient, query: str, allowed: list[str] | None) -> None:
    """An error lists every allowed value, from the closed list or from the dataset."""
    (error,) = errors_of(await ask(client, f"/v1/figures?{query}"))
    if allowed is None:
        name = error["parameter"]
        codes = (await client.get("/v1/codes")).json()
        forces = (await client.get("/v1/forces")).json()["data"]
        allowed = [known["id"] for known in {**codes, "force": forces}[name]]
    assert sorted(error["allowed"]) == sorted(allowed)


async def test_long_lists_are_cut(database: Engine) -> None:
    """Only fifty of more than fifty values are shown, but suggestions are drawn from all of them."""
    real = made.dataset([]).forces
    more = [Force(id=f"zone-{n}", name=f"Zone {n}", kind=ForceKind.SPECIAL) for n in range(30)]
    made.loaded(database, [made.figure("one")], forces=[*real, *more])
    async for client in client_of(database.url.render_as_string(hide_password=False)):
        (error,) = errors_of(await ask(client, "/v1/figures?force=zone-29x"))
        assert len(error["allowed"]) == 50
        assert error["nearest"][0] == "zone-29"


def test_long_lists_of_releases_are_cut() -> None:
    """Of more than fifty releases, too, only fifty are shown: every list is cut in the same place."""
    versions = [f"1.{minor}.0" for minor in range(60)]
    problem = bad_query([ParameterError("release", "9.9.9", "unknown-code", "is not a release", versions)])
    (error,) = problem.extra["errors"]
    assert error["allowed"] == versions[:50]


@pytest.mark.parametrize("path", V1)
async def test_every_address_refuses_what_it_does_not_know(client: AsyncClient, path: str) -> None:
    """Every endpoint refuses parameters that it doesn't have instead of ignoring them."""
    address = await address_of(client, path)
    (error,) = errors_of(await ask(client, f"{address}{'&' if '?' in address else '?'}no_such_thing=1"))
    assert (error["parameter"], error["code"]) == ("no_such_thing", "unknown-parameter")


# --- several errors --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("figures?limit=0&sort=foo", [("limit", "out-of-range"), ("sort", "unknown-code")]),
        ("figures?unit=persn&unit=person&unit=cas", [("unit", "unknown-code"), ("unit", "unknown-code")]),
        (
            "figures?force=&force=kent&force=knt",
            [("force", "empty"), ("force", "unknown-code")],
        ),
        (
            "figures?forse=x&force=metropolitn&period=2020-21&outcome=&limit=0&limit=1&sort=foo&unit=x&standing=found",
            [
                ("forse", "unknown-parameter"),
                ("force", "unknown-code"),
                ("period", "malformed"),
                ("outcome", "empty"),
                ("limit", "repeated"),
                ("sort", "unknown-code"),
                ("unit", "unknown-code"),
                ("standing", "not-applicable"),
            ],
        ),
        (
            "incidents?release=9.9.9&cursor=garbage!&force_scope=x&period_match=within&kind=outcome&id=A&limit=ten",
            [
                ("release", "unknown-code"),
                ("cursor", "malformed"),
                ("force_scope", "not-applicable"),
                ("force_scope", "unknown-code"),
                ("period_match", "not-applicable"),
                ("kind", "not-applicable"),
                ("id", "malformed"),
                ("limit", "malformed"),
            ],
        ),
        (
            "figures?format=csv&limit=5&sort=foo&forse=x",
            [("limit", "not-applicable"), ("sort", "unknown-code"), ("forse", "unknown-parameter")],
        ),
        ("total?period=2021/2018&outcome=x", [("period", "reversed"), ("outcome", "unknown-code")]),
        (
            "forces?release=9.9.9&format=xml&page=2",
            [("release", "unknown-code"), ("format", "unknown-code"), ("page", "unknown-parameter")],
        ),
    ],
)
async def test_all_errors_at_once(client: AsyncClient, query: str, wrong: Wrong) -> None:
    """All errors in a query are reported at once."""
    found = [(error["parameter"], error["code"]) for error in errors_of(await ask(client, f"/v1/{query}"))]
    assert Counter(wrong) <= Counter(found)
    assert {parameter for parameter, _ in found} == {parameter for parameter, _ in wrong}


# --- not found -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("/v1/complaints/met-2012-2018-complaint", COMPLAINT),
        ("/v1/complaints/MET-2012-2018-Complaints", COMPLAINT),
        ("/v1/proceedings/ew-2018-2021-misconduct-proceeding", PROCEEDING),
        ("/v1/outcomes/met-2012-2018-complaints-uphold", OUTCOME),
        ("/v1/figures/met-2012-2018-complaint", COMPLAINT),
        ("/v1/figures/met-2012-2018-complaint/tree", COMPLAINT),
        ("/v1/incidents/met-everard-vigl", INCIDENT),
        ("/v1/forces/metropolitn", "metropolitan"),
        ("/v1/sources/wrp-2021-1", "wrp-2021-10"),
        (f"/v1/compare?a={OUTCOME}&b=met-2012-2018-complaint", COMPLAINT),
    ],
)
async def test_an_unknown_id(client: AsyncClient, path: str, near: str) -> None:
    """404, with the ids that may have been meant, most likely first."""
    assert problem_of(await ask(client, path), 404)["nearest"][0] == near


@pytest.mark.parametrize("noun", [*LISTS, "forces", "sources"])
async def test_an_id_like_no_other(client: AsyncClient, noun: str) -> None:
    """If no id is similar, `nearest` is an empty list, not a guess."""
    assert problem_of(await ask(client, f"/v1/{noun}/zzz-999-qqq"), 404)["nearest"] == []


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (f"/v1/complaints/{OUTCOME}", f"/v1/outcomes/{OUTCOME}"),
        (f"/v1/complaints/{PROCEEDING}", f"/v1/proceedings/{PROCEEDING}"),
        (f"/v1/proceedings/{COMPLAINT}", f"/v1/complaints/{COMPLAINT}"),
        (f"/v1/outcomes/{COMPLAINT}", f"/v1/complaints/{COMPLAINT}"),
        (f"/v1/incidents/{COMPLAINT}", f"/v1/complaints/{COMPLAINT}"),
        (f"/v1/figures/{INCIDENT}", f"/v1/incidents/{INCIDENT}"),
        (f"/v1/figures/{INCIDENT}/tree", f"/v1/incidents/{INCIDENT}"),
        (f"/v1/outcomes/{INCIDENT}", f"/v1/incidents/{INCIDENT}"),
    ],
)
async def test_an_id_of_another_kind(client: AsyncClient, path: str, place: str) -> None:
    """404, with a link to the record."""
    answer = await ask(client, path)
    problem_of(answer, 404)
    assert place in {link["url"] for link in answer.links.values()}
    assert place in answer.text
    assert (await client.get(place)).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/v2",
        "/v1/nothing",
        "/nothing",
        "/V1/figures",
        "/v1/figure",
    ],
)
async def test_an_unknown_path(client: AsyncClient, path: str) -> None:
    """An unknown path is 404, in the form of all errors."""
    problem_of(await ask(client, path), 404)


async def test_not_yet_in_the_release(database: Engine) -> None:
    """A record that was added in a later release isn't found in an earlier one."""
    made.loaded(database, [made.figure("old")], "1.0.0")
    made.loaded(database, [made.figure("old"), made.figure("new"), made.incident("event")], "2.0.0")
    async for client in client_of(database.url.render_as_string(hide_password=False)):
        for path in ("/v1/figures/new", "/v1/complaints/new", "/v1/incidents/event"):
            problem_of(await ask(client, f"{path}?release=1.0.0"), 404)
            for query in ("", "?release=2.0.0"):
                assert (await client.get(path + query)).status_code == 200
        (error,) = errors_of(await ask(client, "/v1/figures?release=2.0.1"))
        assert (error["allowed"], error["nearest"][0]) == (["2.0.0", "1.0.0"], "2.0.0")


# --- methods and formats ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", EVERYWHERE)
async def test_only_get_and_head(client: AsyncClient, path: str) -> None:
    """Every other method is 405, with the two that are allowed."""
    address = await address_of(client, path)
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"):
        answer = await client.request(method, address, headers={"Origin": "https://newsroom.test"})
        problem_of(answer, 405)
        assert fields(answer.headers["allow"]) == {"get", "head"}, method


@pytest.mark.parametrize("path", EVERYWHERE)
async def test_head_is_as_get(client: AsyncClient, path: str) -> None:
    """HEAD has the status and the headers of GET."""
    await compare_with_head(client, await address_of(client, path), (200, 307))


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/v1/figures?format=csv", 200),
        ("/v1/figures?format=jsonl", 200),
        ("/v1/forces?format=csv", 200),
        ("/v1/nothing", 404),
        ("/v1/figures/nothing", 404),
        ("/v1/figures?limit=0", 422),
        ("/v1/total", 409),
    ],
)
async def test_head_of_other_answers(client: AsyncClient, address: str, status: int) -> None:
    """HEAD also matches GET for whole sets and errors."""
    await compare_with_head(client, address, (status,))


@pytest.mark.parametrize("path", [*V1, "/v1/figures?format=csv", "/v1/nothing", "/v1/figures?limit=0", "/docs"])
async def test_head_sends_no_body(client: AsyncClient, seeded: str, path: str) -> None:
    """HEAD sends no body at all, not even one that client libraries would hide."""
    address = await address_of(client, path)
    (got, whole), (status, body) = await ask_raw(seeded, ("GET", address), ("HEAD", address))
    assert (status, body) == (got, b"")
    assert whole


async def compare_with_head(client: AsyncClient, address: str, expected: tuple[int, ...]) -> None:
    """Check that HEAD has the status and headers of GET."""
    got, head = await client.get(address), await client.head(address)
    assert got.status_code in expected
    assert head.status_code == got.status_code
    own = {"x-request-id", "date"} | ({"content-length"} if address == "/metrics" else set())
    assert {k: v for k, v in head.headers.items() if k not in own} == {
        k: v for k, v in got.headers.items() if k not in own
    }


@pytest.mark.parametrize("accept", ["image/png", "application/json;q=0, text/plain"])
@pytest.mark.parametrize("path", [p for p in V1 if p not in {"/v1/export.zip", "/v1/releases.atom"}])
async def test_an_accept_that_cannot_be_served(client: AsyncClient, path: str, accept: str) -> None:
    """An `Accept` without any available format is 406, at every endpoint."""
    problem_of(await ask(client, await address_of(client, path), Accept=accept), 406)


@pytest.mark.parametrize(
    ("accept", "query", "media_type"),
    [
        ("image/png", "?format=json", "application/json"),
        ("text/csv", "?format=json", "application/json"),
        ("application/json", "?format=csv", "text/csv"),
        ("text/csv", "", "text/csv"),
        ("text/csv;q=0.5, application/json;q=0.4", "", "text/csv"),
        ("text/csv;q=0.4, application/json;q=0.5", "", "application/json"),
        ("application/jsonl", "", "application/jsonl"),
        ("*/*", "", "application/json"),
        ("text/html, */*;q=0.1", "", "application/json"),
        ("application/*", "", "application/json"),
        ("", "", "application/json"),
    ],
)
@pytest.mark.parametrize("noun", ["incidents", "forces"])
async def test_format_beats_accept(
    client: AsyncClient, noun: str, accept: str, query: str, media_type: str
) -> None:
    """`format` decides the format of a list; without it, `Accept` does."""
    answer = await client.get(f"/v1/{noun}{query}", headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"].split(";")[0] == media_type


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("/v1/figures", "application/json; charset=utf-8"),
        ("/v1/figures", "application/json;version=1; indent=2"),
        ("/v1/figures", "text/csv; charset=utf-8; header=present"),
        ("/v1/figures", 'text/csv;delimiter=","; q=0.9'),
        ("/v1/figures", "application/jsonl;charset=UTF-8"),
        ("/v1/codes", "application/json;charset=utf-8, */*;q=0.1"),
        ("/v1/dataset", 'application/ld+json; profile="http://www.w3.org/ns/json-ld#compacted"'),
        ("/v1/dataset", "application/json;odata.metadata=minimal"),
        ("/v1/releases.atom", "application/atom+xml;type=feed"),
        ("/v1/releases.atom", "application/atom+xml;type=feed;charset=utf-8"),
        (f"/v1/figures/{OUTCOME}", "application/x-bibtex; charset=utf-8"),
        ("/v1/export.zip", "application/zip; name=x"),
    ],
)
async def test_parameters_of_media_types(client: AsyncClient, path: str, accept: str) -> None:
    """Parameters of a media type in `Accept` never cause a refusal."""
    answer = await client.get(path, headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"].split(";")[0] == accept.partition(";")[0]


# --- conditional requests --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", V1)
async def test_a_copy_is_confirmed(client: AsyncClient, path: str) -> None:
    """A current ETag gives 304, with GET and with HEAD."""
    address = await address_of(client, path)
    first = await client.get(address)
    assert first.status_code == 200
    tag = first.headers["etag"]
    assert re.fullmatch(r'"[^"]+"', tag), "a strong tag"
    for header in ("last-modified", "cache-control", "vary"):
        assert first.headers[header], header
    for named in (tag, f"W/{tag}", f'"another", {tag}', "*"):
        for method in ("GET", "HEAD"):
            again = await client.request(method, address, headers={"If-None-Match": named})
            assert (again.status_code, again.content) == (304, b""), named
            for header in ("etag", "cache-control"):
                assert again.headers[header] == first.headers[header]
            assert fields(again.headers["vary"]) == fields(first.headers["vary"])
    changed = await client.get(address, headers={"If-None-Match": '"another", W/"and-another"'})
    assert (changed.status_code, changed.content) == (200, first.content)
    assert changed.headers["etag"] == tag


@pytest.mark.parametrize("path", [path for path in V1 if "{version}" not in path])
async def test_how_long_a_copy_is_good(client: AsyncClient, path: str) -> None:
    """Every answer has its date, how long it may be cached and what it varies on."""
    answer = await client.get(await address_of(client, path))
    assert answer.headers["cache-control"] == (
        "public, max-age=300, stale-while-revalidate=600, stale-if-error=86400"
    )
    varies = fields(answer.headers["vary"])
    assert {"accept", "accept-encoding"} <= varies
    assert "*" not in varies
    published = (await client.get("/v1/dataset")).json()["published_at"]
    made_at = parsedate_to_datetime(answer.headers["last-modified"])
    assert made_at == datetime.fromisoformat(published).replace(microsecond=0)


async def test_a_pinned_copy_is_good_for_a_day(database: Engine) -> None:
    """An answer of a named release never changes, and may be cached for longer than others."""
    made.loaded(database, [made.figure("one")])
    async for client in client_of(database.url.render_as_string(hide_password=False)):
        for path in ("/v1/figures", "/v1/figures/one", "/v1/codes", "/v1/forces"):
            pinned = await client.get(f"{path}?release=1.0.0")
            assert "max-age=86400" in pinned.headers["cache-control"].split(", ")
            loose = await client.get(path)
            assert "max-age=300" in loose.headers["cache-control"].split(", ")


async def test_each_answer_has_its_own_tag(client: AsyncClient) -> None:
    """No two representations share a tag: not of different formats, pages or filters."""
    queries = ["", "?format=csv", "?format=csv&bom=true", "?format=jsonl", "?limit=1", "?sort=id", "?kind=outcome"]
    answers = [await client.get(f"/v1/figures{query}") for query in queries]
    answers += [await client.get(f"/v1/forces{query}") for query in ("", "?format=csv", "?format=jsonl")]
    assert len({answer.headers["etag"] for answer in answers}) == len(answers)


async def test_errors_are_not_confirmed(client: AsyncClient) -> None:
    """`If-None-Match` has no effect on errors."""
    for address, status in (("/v1/nothing", 404), ("/v1/figures?limit=0", 422)):
        answer = await client.get(address, headers={"If-None-Match": "*"})
        assert answer.status_code == status


@pytest.mark.parametrize("path", EVERYWHERE)
async def test_pages_of_any_origin_may_read(client: AsyncClient, path: str) -> None:
    """Pages of any origin may read every answer and the headers that matter."""
    answer = await ask(client, await address_of(client, path))
    assert answer.headers["access-control-allow-origin"] == "*"
    assert {"etag", "link", "x-request-id"} <= fields(answer.headers["access-control-expose-headers"])


async def test_a_preflight_is_answered(client: AsyncClient) -> None:
    """The answer to a preflight request allows GET and HEAD, and no other method."""
    asked = {"Origin": "https://newsroom.test", "Access-Control-Request-Method": "GET"}
    answer = await client.options("/v1/figures", headers=asked)
    assert answer.is_success
    assert answer.headers["access-control-allow-origin"] == "*"
    assert fields(answer.headers["access-control-allow-methods"]) == {"get", "head"}


# --- hostile requests ----------------------------------------------------------------------------------------

HOSTILE = [
    "%00",
    "a%00b",
    "a" * 4096,
    "%E2%82%AC" * 1500,
    "%ED%A0%80",  # a lone surrogate
    "%FF%FE",  # not UTF-8
    "%F0%9F%92%A9",
    "%",
    "9" * 400,
    "-" + "9" * 400,
    "1e999",
    "%27%20OR%20%271%27=%271",
    "%22;DROP%20TABLE%20record;--",
    "[]",
    "%0D%0AX-Injected:%20yes",
    "%E2%80%AE",
]
"""Values, encoded for a URL."""

PARAMETERS = {
    "figures": [
        *("id", "kind", "force", "force_scope", "period", "period_match", "include_undated", "allegation"),
        *("stage", "outcome", "unit", "subjects", "value_type", "value_status", "source", "standing"),
        *("sort", "limit", "cursor", "release", "format", "bom"),
    ],
    "incidents": ["id", "outcome", "standing", "sort", "cursor", "release"],
    "total": ["id", "force", "period", "release"],
    "coverage": ["id", "force", "period", "release"],
    "compare": ["a", "b", "release"],
    "forces": ["release", "format", "cursor"],
    "codes": ["release", "cursor"],
    f"figures/{OUTCOME}": ["release", "format", "cursor"],
    f"figures/{OUTCOME}/tree": ["release"],
}


def unharmed(answer: Response) -> None:
    """Check that an answer is a success or a proper refusal, and never a server error."""
    assert answer.status_code < 500, f"{str(answer.url)[:200]}: {answer.status_code}"
    assert "x-injected" not in answer.headers
    if answer.status_code >= 400:
        problem_of(answer, answer.status_code)


@pytest.mark.parametrize(
    ("noun", "parameter"), [(noun, name) for noun, names in PARAMETERS.items() for name in names]
)
async def test_hostile_values(client: AsyncClient, noun: str, parameter: str) -> None:
    """No value of a parameter does harm."""
    for value in HOSTILE:
        unharmed(await ask(client, f"/v1/{noun}?{parameter}={value}"))


@pytest.mark.parametrize("noun", ["figures", "compare", "forces", "codes", f"figures/{OUTCOME}"])
async def test_hostile_names(client: AsyncClient, noun: str) -> None:
    """No name of a parameter does harm; it's refused as unknown."""
    for name in HOSTILE:
        answer = await ask(client, f"/v1/{noun}?{name}=1")
        assert "unknown-parameter" in {error["code"] for error in errors_of(answer)}, name


@pytest.mark.parametrize("path", [*(f"/v1/{noun}/" for noun in [*LISTS, "forces", "sources"]), "/v1/", "/"])
async def test_hostile_paths(client: AsyncClient, path: str) -> None:
    """No path does harm; it isn't found."""
    for name in HOSTILE:
        problem_of(await ask(client, path + name), 404)
    for name in HOSTILE:
        problem_of(await ask(client, f"{path}{name}/tree"), 404)


@pytest.mark.parametrize(
    ("path", "instance"),
    [
        ("/v1/no such", "/v1/no%20such"),
        ('/v1/figures/a"<b>#%', "/v1/figures/a%22%3Cb%3E%23%25"),
        ("/v1/café", "/v1/caf%C3%A9"),
        ("/v1/\ufffd\n", "/v1/%EF%BF%BD%0A"),
        ("//evil.example/v1", "/.//evil.example/v1"),
    ],
)
async def test_an_instance_is_a_uri_reference(seeded: str, path: str, instance: str) -> None:
    """The `instance` of a problem is a valid URI reference without a host."""
    ((status, body),) = await ask_raw(seeded, ("GET", path))
    assert (status, json.loads(body)["instance"]) == (404, instance)


@pytest.mark.parametrize("start", ["/static/swagger/", "/v1/figures/", "/figures/", "/v1/", "/", "/guide/"])
async def test_long_paths_are_not_looked_at(
    client: AsyncClient, start: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path that is longer than any address is refused before it is routed, and isn't repeated in full."""

    async def route(*_: object) -> None:
        raise AssertionError("a long path was routed")

    monkeypatch.setattr("starlette.routing.Router.app", route)
    for path in (f"{start}{'a/' * 30_000}", f"{start}{'a' * 60_000}", f"{start}{'%C3%A9' * 10_000}"):
        answer = await ask(client, path)
        problem_of(answer, 404)
        assert len(answer.content) < 20_000


@pytest.mark.parametrize(
    "header",
    ["Accept", "Accept-Encoding", "If-None-Match", "If-Modified-Since", "X-Request-ID", "Range", "Content-Length"],
)
@pytest.mark.parametrize("path", ["/v1/figures", "/v1/forces", "/v1/codes", f"/v1/figures/{OUTCOME}"])
async def test_hostile_headers(client: AsyncClient, path: str, header: str) -> None:
    """No header does harm."""
    values = [
        b"\xff\xfe",
        b'"',
        b'W/"',
        b'"a',
        b",,,",
        b";q=x",
        b"a/b;q=nan",
        b"*" * 4096,
        b"-1",
        b"bytes=9-1",
        b"\x0b",
    ]
    for value in values:
        sent = [(b"origin", b"https://newsroom.test"), (header.encode(), value)]
        unharmed(await client.get(path, headers=sent))


@pytest.mark.parametrize("noun", ["figures", "incidents", "total", "forces", "codes", f"figures/{OUTCOME}"])
async def test_ten_thousand_of_a_parameter(seeded: str, noun: str) -> None:
    """However often a parameter is repeated, the answer is short and not a server error."""
    repeated = [
        *("force=metropolitan", "force=x", "outcome=upheld", "id=a", "limit=5", "period=2020", "cursor=x"),
        *("release=x", "no_such_thing=1", "format=csv", "=", "a"),
    ]
    asked = [("GET", f"/v1/{noun}?" + "&".join([pair] * 10_000)) for pair in repeated]
    for (status, body), pair in zip(await ask_raw(seeded, *asked), repeated, strict=True):
        assert status in {200, 422}, pair
        assert len(body) < 200_000, pair


async def test_ten_thousand_parameters(seeded: str) -> None:
    """The same goes for thousands of names."""
    query = "&".join(f"p{n}=1" for n in range(10_000))
    ((status, body),) = await ask_raw(seeded, ("GET", f"/v1/figures?{query}"))
    assert status == 422
    assert {error["code"] for error in json.loads(body)["errors"]} <= {"unknown-parameter", "out-of-range"}
    assert json.loads(body)["errors"]
    assert len(body) < 1_000_000


# --- server errors ---------------------------------------------------------------------------------------------


async def answers_of(app: FastAPI, *addresses: str) -> list[Response]:
    """Return an application's answers, including server errors."""
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(served(app), raise_app_exceptions=False), base_url=PUBLIC) as client,
    ):
        return [await ask(client, address) for address in addresses]


async def test_a_fault_tells_nothing() -> None:
    """A server error has the form of all errors, and reveals nothing about its cause."""

    async def break_down() -> None:
        raise RuntimeError("the password is swordfish")

    app = app_over("postgresql://nobody@127.0.0.1:1/nothing")
    app.add_api_route("/v1/broken", break_down)
    (answer,) = await answers_of(app, "/v1/broken")
    problem_of(answer, 500)
    for secret in ("swordfish", "password", "RuntimeError", "Traceback", "break_down"):
        assert secret not in answer.text


async def test_no_release_is_no_answer_yet(database: Engine) -> None:
    """Without a release in the database, answers are 503, with the time to retry."""
    app = app_over(database.url.render_as_string(hide_password=False))
    addresses = [KNOWN_ADDRESSES.get(path, path).replace("RELEASE", "1.0.0") for path in V1]
    for answer in await answers_of(app, *addresses, "/v1/figures?format=csv", "/v1/figures?limit=0"):
        problem_of(answer, 503)
        assert answer.headers["retry-after"].isdigit()
    live, ready = await answers_of(app, "/health/live", "/health/ready")
    assert (live.status_code, ready.status_code) == (200, 503)
    assert ready.headers["retry-after"].isdigit()


async def test_no_database_is_no_answer_now() -> None:
    """If the database is unreachable, answers are 503 too; the program itself stays alive."""
    app = app_over("postgresql://nobody:swordfish@127.0.0.1:1/nothing")
    addresses = [KNOWN_ADDRESSES.get(path, path).replace("RELEASE", "1.0.0") for path in V1]
    for answer in await answers_of(app, *addresses):
        problem_of(answer, 503)
        assert answer.headers["retry-after"].isdigit()
        assert "swordfish" not in answer.text
    live, ready = await answers_of(app, "/health/live", "/health/ready")
    assert (live.status_code, ready.status_code) == (200, 503)
    assert "swordfish" not in ready.text
