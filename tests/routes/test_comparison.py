"""Comparing two figures through the API, mostly the project's own."""

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
    """Return the messages about an aspect."""
    return [reason["message"] for reason in answer["reasons"] if reason["aspect"] == aspect]


async def test_the_two_63s(client: AsyncClient) -> None:
    """The Met's 63 upheld cases that led to a removal aren't the 63 proven cases in England and Wales."""
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
    """It can't be said that investigations rose sevenfold: the 70 are undated, and the rules changed."""
    answer = await ask(client, "ew-2016-investigated", "ew-past-year-investigated")
    assert (answer["verdict"], answer["difference"], answer["ratio"]) == ("with-care", None, None)
    assert any("April 2017" in message for message in messages(answer, "rules"))
    assert messages(answer, "period-basis") == ["The second figure is undated: its source gives no clear dates."]
    withheld = {reason["aspect"] for reason in answer["reasons"] if reason["effect"] == "withholds"}
    assert withheld >= {"rules", "period-basis"}
    assert answer["b"]["notes"]


async def test_the_66_and_the_42(client: AsyncClient) -> None:
    """The 42 of the last year are part of the 66 of three years, and the answer says so."""
    whole, part = "ew-2018-2021-misconduct-proceedings", "ew-2020-2021-misconduct-proceedings"
    answer = await ask(client, whole, part)
    assert any(message.startswith("The second figure is part of the first") for message in messages(answer, "base"))
    assert messages(answer, "period") == ["The first period is 3 years long, the second 1 year."]
    assert (answer["difference"], answer["ratio"]) == (None, None)


async def test_the_38_and_more_than_half(client: AsyncClient) -> None:
    """A count and a share of the same people aren't independent: both come from one press release."""
    answer = await ask(client, "ew-2018-2021-left-and-barred", "ew-2018-2021-left-and-barred-share")
    assert answer["verdict"] == "not-comparable"
    assert messages(answer, "value-type")
    assert any("Independent Office for Police Conduct" in message for message in messages(answer, "origin"))


async def test_undisclosed_values_are_not_compared(client: AsyncClient) -> None:
    """A figure without a number isn't compared with anything: no number isn't zero."""
    answer = await ask(client, "met-2012-2018-upheld-criminal-investigation", "ew-2016-investigated")
    assert (answer["verdict"], answer["difference"], answer["ratio"]) == ("not-comparable", None, None)
    assert messages(answer, "value-status") == ["The first figure has no number, which isn't the same as zero."]


async def test_all_pairs_either_way_round(client: AsyncClient) -> None:
    """Two of the project's figures have the same verdict either way round; every figure is comparable to itself."""
    ids = [figure["id"] for figure in (await client.get("/v1/figures?limit=500")).json()["data"]]
    for a, b in combinations(ids, 2):
        forward, backward = await ask(client, a, b), await ask(client, b, a)
        assert (forward["a"], forward["b"]) == (backward["b"], backward["a"])
        assert forward["verdict"] == backward["verdict"]
        facts = [(reason["aspect"], reason["effect"], reason["a"], reason["b"]) for reason in forward["reasons"]]
        swapped = [(reason["aspect"], reason["effect"], reason["b"], reason["a"]) for reason in backward["reasons"]]
        assert sorted(facts, key=repr) == sorted(swapped, key=repr)
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
    """An incident isn't a number, so it can't be compared; the answer links to it."""
    answer = await client.get(f"/v1/compare?a={REMOVED}&b=met-officer-murder")
    assert answer.status_code == 404
    assert "/v1/incidents/met-officer-murder" in answer.headers["link"]
