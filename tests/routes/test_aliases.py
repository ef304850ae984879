"""Other names of forces, codes and parameters: shown, refused as values, and suggested as the right ones."""

from collections.abc import Iterator
from typing import Any

import pytest
from httpx import AsyncClient

from tests import made
from tests.api import client_of
from tests.postgresql import database_of
from tests.real_seeds import real_seeds

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def database(server: str) -> Iterator[str]:
    """Yield the address of a database with the project's forces and codes."""
    with database_of(server, [made.figure("one")]) as address:
        yield address


@pytest.fixture(scope="module")
async def api(database: str, anyio_backend: str) -> Any:  # noqa: ANN401, ARG001 - an iterator; pytest's way
    """Yield a client of the API over that database."""
    async for client in client_of(database):
        yield client


async def errors_of(client: AsyncClient, query: str, resource: str = "figures") -> list[dict[str, Any]]:
    """Return the errors of a list query that must be refused."""
    answer = await client.get(f"/v1/{resource}?{query}")
    assert answer.status_code == 422, answer.text
    errors: list[dict[str, Any]] = answer.json()["errors"]
    return errors


async def test_aliases_are_shown(api: AsyncClient) -> None:
    """Forces and codes list their aliases."""
    forces = {force["id"]: force["aliases"] for force in (await api.get("/v1/forces")).json()["data"]}
    assert {"Met", "MPS"} <= set(forces["metropolitan"])
    assert forces["kent"] == []
    assert (await api.get("/v1/forces/metropolitan")).json()["aliases"] == forces["metropolitan"]
    codes = (await api.get("/v1/codes")).json()
    assert "sacked" in {code["id"]: code for code in codes["outcome"]}["dismissed"]["aliases"]
    assert all(word["aliases"] == [] for word in codes["unit"])
    csv = (await api.get("/v1/forces?format=csv")).text
    assert "Met|the Met|MPS" in csv


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("force=met", "metropolitan"),
        ("force=MPS", "metropolitan"),
        ("force=the-met", "metropolitan"),
        ("force=Metropolitan%20Police", "metropolitan"),
        ("force=metropolitan-police-service", "metropolitan"),
        ("force=gmp", "greater-manchester"),
        ("force=PSNI", "northern-ireland"),
        ("force=btp", "british-transport-police"),
        ("force=E%26W", "england-and-wales"),
        ("outcome=sacked", "dismissed"),
        ("outcome=jailed", "imprisoned"),
        ("outcome=Left%20the%20police%20service", "left-police-service"),
        ("allegation=sexual%20abuse", "sexual-misconduct"),
        ("allegation=sexual-abuse", "sexual-misconduct"),
        ("stage=misconduct-hearing", "misconduct-proceedings"),
    ],
)
async def test_an_alias_is_refused_with_what_is_meant(api: AsyncClient, query: str, meant: str) -> None:
    """An alias is refused, with its code as the only suggestion; it's never accepted silently."""
    (error,) = await errors_of(api, query)
    assert (error["code"], error["nearest"]) == ("unknown-code", [meant])


async def test_every_alias_leads_home(api: AsyncClient) -> None:
    """Each alias of each force and code is refused with that force or code as the suggestion."""
    dataset = real_seeds().dataset
    things = {
        "force": dataset.forces,
        **{tree: getattr(dataset.codes, tree) for tree in ("allegation", "stage", "outcome")},
    }
    for name, found in things.items():
        for thing in found:
            for alias in thing.aliases:
                answer = await api.get("/v1/figures", params={name: alias})
                assert [error["nearest"] for error in answer.json()["errors"]] == [[thing.id]], alias


async def test_an_unknown_force_by_its_alias(api: AsyncClient) -> None:
    """A force's path with an alias is 404, with the right id."""
    answer = await api.get("/v1/forces/met")
    assert (answer.status_code, answer.json()["nearest"]) == (404, ["metropolitan"])


async def test_releases_without_aliases(client: AsyncClient) -> None:
    """Release 1.0.0 has no aliases, and suggests similar spellings."""
    forces = (await client.get("/v1/forces")).json()["data"]
    assert all(force["aliases"] == [] for force in forces)
    (error,) = await errors_of(client, "force=metropolitian")
    assert error["nearest"] == ["metropolitan"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        *(
            (name, "period")
            for name in ("from", "to", "year", "date", "start_date", "end_date", "start-date", "FROM")
        ),
        *((name, "force") for name in ("police_force", "police-force", "area", "forces")),
        *((name, "kind") for name in ("type", "category")),
        ("page", "cursor"),
        ("per_page", "limit"),
        ("order_by", "sort"),
        ("columns", "fields"),
        ("result", "outcome"),
        ("status", "value_status"),
        ("outcme", "outcome"),
    ],
)
async def test_the_parameter_that_is_meant(api: AsyncClient, name: str, meant: str) -> None:
    """Another API's name for a parameter is refused, with ours as the suggestion."""
    (error,) = await errors_of(api, f"{name}=2016")
    assert (error["parameter"], error["code"], error["nearest"][0]) == (name, "unknown-parameter", meant)


@pytest.mark.parametrize(
    ("resource", "name", "meant"),
    [
        ("incidents", "type", ["allegation"]),
        ("incidents", "status", ["standing"]),
        ("outcomes", "type", ["value_type", "allegation"]),
        ("total", "year", ["period"]),
        ("coverage", "columns", None),
    ],
)
async def test_only_parameters_of_the_address_are_suggested(
    api: AsyncClient, resource: str, name: str, meant: list[str] | None
) -> None:
    """Parameters that the endpoint doesn't have are never suggested."""
    (error,) = await errors_of(api, f"{name}=2016", resource)
    assert set(error["nearest"]) <= set(error["allowed"])
    assert meant is None or error["nearest"] == meant
