"""Comparing two figures through the API, above all the project's own."""

from itertools import combinations
from typing import Any

import pytest
from httpx import AsyncClient

pytestmark = pytest.mark.anyio

REMOVED = "met-2012-2018-upheld-removed"
PROVEN = "ew-2018-2021-misconduct-proven"


async def ask(client: AsyncClient, a: str, b: str) -> dict[str, Any]:
    """Return the API's comparison of two figures."""
    answer = await client.get("/v1/compare", params={"a": a, "b": b})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def messages(answer: dict[str, Any], aspect: str) -> list[str]:
    """Return the messages of an aspect."""
    return [reason["message"] for reason in answer["reasons"] if reason["aspect"] == aspect]


async def test_the_two_63s(client: AsyncClient) -> None:
    """The Met's 63 upheld cases that led to a removal are not the 63 proven cases in England and Wales."""
    answer = await ask(client, REMOVED, PROVEN)
    assert answer["a"]["value"] == answer["b"]["value"] == 63
    assert (answer["verdict"], answer["difference"], answer["ratio"]) == ("not-comparable", None, None)
    blocking = {reason["aspect"] for reason in answer["reasons"] if reason["effect"] == "blocks"}
    assert blocking
    assert blocking <= {"unit", "measure"}
    (measure,) = [reason for reason in answer["reasons"] if reason["aspect"] == "measure"]
    assert (measure["a"]["outcome"], measure["b"]["outcome"]) == ("removed", "misconduct-proven")
    (force,) = [reason for reason in answer["reasons"] if reason["aspect"] == "force"]
    assert (force["a"], force["b"]) == ("metropolitan", "england-and-wales")


async def test_the_70_and_the_10(client: AsyncClient) -> None:
    """It is unclear when the 70 were counted, and the rules on referrals changed after the 10."""
    answer = await ask(client, "ew-2016-investigated", "ew-past-year-investigated")
    assert answer["verdict"] in {"with-care", "not-comparable"}
    assert any("2017-04-01" in message for message in messages(answer, "rules"))
    assert any("ew-past-year-investigated is unknown" in message for message in messages(answer, "period-basis"))


async def test_the_66_and_the_42(client: AsyncClient) -> None:
    """The 42 of the last year are among the 66 of three years, and the answer says so."""
    whole, part = "ew-2018-2021-misconduct-proceedings", "ew-2020-2021-misconduct-proceedings"
    answer = await ask(client, whole, part)
    assert any(message.startswith(f"{part} is part of {whole}") for message in messages(answer, "base"))
    assert messages(answer, "period")


async def test_the_38_and_more_than_half(client: AsyncClient) -> None:
    """A count and a share of the same people are not independent: both go back to one press release."""
    answer = await ask(client, "ew-2018-2021-left-and-barred", "ew-2018-2021-left-and-barred-share")
    assert answer["verdict"] == "not-comparable"
    assert messages(answer, "value-type")
    assert any("iopc-2021-10-25" in message for message in messages(answer, "origin"))


async def test_undisclosed_values_are_not_compared(client: AsyncClient) -> None:
    """A figure without a number isn't compared with anything: it is not zero."""
    answer = await ask(client, "met-2012-2018-upheld-criminal-investigation", "ew-2016-investigated")
    assert (answer["verdict"], answer["difference"], answer["ratio"]) == ("not-comparable", None, None)
    assert messages(answer, "value-status") == [
        "met-2012-2018-upheld-criminal-investigation has no number: not-disclosed."
    ]


async def test_all_pairs_either_way_round(client: AsyncClient) -> None:
    """Every pair of the project's figures has one verdict, and every figure is comparable to itself."""
    ids = [figure["id"] for figure in (await client.get("/v1/figures?limit=500")).json()["data"]]
    for a, b in combinations(ids, 2):
        forward, backward = await ask(client, a, b), await ask(client, b, a)
        assert (forward["a"], forward["b"]) == (backward["b"], backward["a"])
        assert forward["verdict"] == backward["verdict"]
        swapped = [reason | {"a": reason["b"], "b": reason["a"]} for reason in backward["reasons"]]
        assert forward["reasons"] == swapped
    for figure in ids:
        itself = await ask(client, figure, figure)
        assert (itself["verdict"], itself["reasons"]) == ("comparable", [])


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("", [("a", "empty"), ("b", "empty")]),
        (f"a={REMOVED}", [("b", "empty")]),
        (f"a={REMOVED}&b=", [("b", "empty")]),
        (f"a={REMOVED}&a={PROVEN}&b={PROVEN}", [("a", "repeated")]),
        (f"a={REMOVED}&b={PROVEN}&c={PROVEN}", [("c", "unknown-parameter")]),
        (f"a=Not An Id&b={PROVEN}", [("a", "malformed")]),
        (f"a={REMOVED}&b={PROVEN}&release=9.9.9", [("release", "unknown-code")]),
        ("a=Not An Id&c=1&release=9.9.9", [("a", "malformed"), ("b", "empty"), ("c", "unknown-parameter"),
                                           ("release", "unknown-code")]),
    ],
)  # fmt: skip
async def test_bad_query(client: AsyncClient, query: str, wrong: list[tuple[str, str]]) -> None:
    """A comparison takes exactly two ids; every error in the query is reported at once."""
    answer = await client.get(f"/v1/compare?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert sorted((error["parameter"], error["code"]) for error in answer.json()["errors"]) == wrong


async def test_unknown_figure(client: AsyncClient) -> None:
    """An unknown id gives 404 with similar ids."""
    answer = await client.get(f"/v1/compare?a={REMOVED}&b={PROVEN}x")
    assert answer.status_code == 404
    assert PROVEN in answer.json()["nearest"]


async def test_incident(client: AsyncClient) -> None:
    """An incident is not a number, so it can't be compared; the answer says where it is."""
    answer = await client.get(f"/v1/compare?a={REMOVED}&b=met-officer-murder")
    assert answer.status_code == 404
    assert "/v1/incidents/met-officer-murder" in answer.headers["link"]
