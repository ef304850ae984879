"""Several servers: how an address names them, and the composition of more than one machine.

What happens when machines go is tried in tests/faults. No container is run here; `deploy/replica.sh` is run there.
"""

import re
from typing import Any

import pytest
from ruamel.yaml import YAML
from sqlalchemy import make_url

from app.database.owner import write_engine
from app.database.servers import Servers, read_address
from app.settings import PROJECT, Settings
from tests.dockerfile import last

PROGRAMS = ("load", "api-1", "api-2")
MACHINES = ("replica-1", "replica-2", "primary")


# Addresses.


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("postgresql://u:p@h1:5433,h2:5434/db", ["u:p@h1:5433/db", "u:p@h2:5434/db"]),
        ("postgresql://h1,h2/db", ["h1:5432/db", "h2:5432/db"]),
        ("postgresql://u@h1,h2:7/db?port=6", ["u@h1:6/db", "u@h2:7/db"]),
        ("postgresql://u@/db?host=h1,h2&port=5433,5434", ["u@h1:5433/db", "u@h2:5434/db"]),
        ("postgresql://u@/db?host=h1:5433&host=h2", ["u@h1:5433/db", "u@h2:5432/db"]),
        ("postgresql://u:%40%2F@[::1]:5433,h2/db?sslmode=require", None),
        ("postgresql://u@/db?host=/run/a,/run/b&port=1,2", None),
    ],
)
def test_an_address_may_name_several_servers(address: str, found: list[str] | None) -> None:
    """Each of them has an address of its own, which names it alone and keeps everything else."""
    each = [server.address for server in Servers(address).all]
    assert [len(Servers(one).all) for one in each] == [1, 1]
    assert [read_address(one)[1] for one in each] == [(), ()]
    assert {make_url(one).database for one in each} == {"db"}
    assert {make_url(one).password for one in each} == {make_url(each[0]).password}
    if found is not None:
        assert [one.removeprefix("postgresql://") for one in each] == found


def test_what_belongs_to_all_servers_is_kept() -> None:
    """A password with special characters, an IPv6 host and an option come through, to each server and to loads."""
    address = "postgresql://u:%40%2F@[::1]:5433,h2/db?sslmode=require"
    assert [server.place for server in Servers(address).all] == [
        {"host": "::1", "port": 5433},
        {"host": "h2", "port": 5432},
    ]
    for server in Servers(address).all:
        url = make_url(server.address)
        assert (url.username, url.password, dict(url.query)) == ("u", "@/", {"sslmode": "require"})
    engine = write_engine(address)
    _, given = engine.dialect.create_connect_args(engine.url)
    assert (given["host"], given["port"]) == ("::1,h2", "5433,")


@pytest.mark.parametrize("address", ["postgresql://u@h1:5433/db", "postgresql://u@/db?host=/run/a&port=1"])
def test_an_address_of_one_server_stays_as_it_is(address: str) -> None:
    """Nothing is changed where there is nothing to choose."""
    (server,) = Servers(address).all
    assert (server.address, dict(server.place)) == (address, {})


@pytest.mark.parametrize(
    ("address", "wrong"),
    [
        ("postgresql://u@h1,,h2/db", "'' is no server"),
        ("postgresql://u@h1,h 2/db", "'h 2' is no server"),
        ("postgresql://u@h1:x,h2/db", "'x' is no port of h1"),
        ("postgresql://u@h1:,h2/db", "'' is no port of h1"),
        ("postgresql://u@h1:0,h2/db", "'0' is no port of h1"),
        ("postgresql://u@h1,h2:65536/db", "'65536' is no port of h2"),
        ("postgresql://u@h1,h1:5432/db", "names a server twice"),
        ("postgresql://u@h1,h2/db?host=h3", "servers in two places"),
        ("postgresql://u@/db?host=h1,h2,h3&port=1,2", "3 servers and 2 ports"),
        ("postgresql://u@h1,h2/db?target_session_attrs=any", "several servers and target_session_attrs"),
        ("mysql://u@h1,h2/db", "needs a PostgreSQL server"),
    ],
)
def test_nonsense_is_refused(address: str, wrong: str) -> None:
    """The message says which server or port is wrong, or what does not go together."""
    with pytest.raises(ValueError, match=re.escape(wrong)):
        Servers(address)


# Which are read from.


def of(*changes: int | None, standby: int | None = None) -> Servers:
    """Return servers that have counted so far; one may be the only standby, otherwise all but the first are."""
    servers = Servers("postgresql://" + ",".join(f"h{number}" for number in range(len(changes))) + "/db")
    for number, server in enumerate(servers.all):
        server.changes = changes[number]
        server.is_standby = number > 0 if standby is None else number == standby
    return servers


def tried(servers: Servers) -> list[int]:
    """Return the numbers of the servers to try."""
    return [servers.all.index(server) for server in servers.to_try()]


def test_standbys_go_before_the_primary() -> None:
    """Each of two standbys comes first now and then, and the primary never does."""
    servers = of(5, 5, 5)
    servers.settle(5)
    assert {tuple(tried(servers)) for _ in range(100)} == {(1, 2, 0), (2, 1, 0)}


def test_a_server_that_is_behind_or_away_is_not_tried() -> None:
    """Only those that have counted as far as what is served; the primary where no standby has."""
    servers = of(5, 4, None)
    servers.settle(5)
    assert tried(servers) == [0]
    servers.all[0].changes = None
    assert tried(servers) == []


def test_any_server_is_tried_while_none_answers() -> None:
    """Nothing is known of any: the next one that answers may be the first that is back."""
    assert sorted(tried(of(None, None, None))) == [0, 1, 2]


def test_connections_are_made_anew_only_where_others_are_to_be_read_from() -> None:
    """A change that all have taken in keeps every connection; a standby that is left or comes back does not."""
    servers = of(5, 5, 5)
    assert [servers.settle(5), servers.settle(5)] == [True, False]
    for server in servers.all:
        server.changes = 6
    assert servers.settle(6) is False
    servers.all[1].changes = None
    assert [servers.settle(6), servers.settle(6)] == [True, False]
    servers.all[0].changes = None  # the primary, which nobody reads from
    assert servers.settle(6) is False
    servers.all[1].changes = 6
    assert servers.settle(6) is True


# The composition.


@pytest.fixture(scope="module")
def composition() -> dict[str, Any]:
    """Read the composition of more than one machine, merged keys in place."""
    found: dict[str, Any] = YAML(typ="safe").load(PROJECT / "compose.scale.yaml")
    return found


def test_what_the_composition_names_is_there(composition: dict[str, Any]) -> None:
    """Services, networks, volumes and files: each is defined, or in the repository."""
    services = composition["services"]
    for name, found in services.items():
        assert set(found.get("depends_on", {})) <= set(services) - {name}
        assert set(found.get("networks", [])) <= {*composition["networks"], "default"}
        for source, _, _ in (volume.partition(":") for volume in found.get("volumes", [])):
            assert (PROJECT / source).is_file() if source.startswith("./") else source in composition["volumes"]
        assert found.get("build") == "." or re.fullmatch(r"[a-z]+:\d[a-z0-9.-]*", found["image"])


def test_programs_are_given_every_server(composition: dict[str, Any]) -> None:
    """The address names the machines of the composition, all of them, and fits the cluster that is made there."""
    cluster = composition["services"]["primary"]["environment"]
    known = {str(field.validation_alias) for field in Settings.model_fields.values()}
    for name in PROGRAMS:
        environment = composition["services"][name]["environment"]
        assert set(environment) <= known
        credentials = f"{cluster['POSTGRES_USER']}:{cluster['POSTGRES_PASSWORD']}"
        servers = ",".join(f"{machine}:5432" for machine in MACHINES)
        assert environment["DATABASE_URL"] == f"postgresql://{credentials}@{servers}/{cluster['POSTGRES_DB']}"
        for machine in MACHINES[:2]:
            followed = composition["services"][machine]["environment"]["PRIMARY"]
            assert followed == f"postgresql://{credentials}@primary:5432/postgres"


def test_replicas_are_started_by_the_script_that_is_tested(composition: dict[str, Any]) -> None:
    """The script is where the command looks for it, and it runs as the user whom PostgreSQL asks for."""
    for name in MACHINES[:2]:
        found = composition["services"][name]
        assert found["entrypoint"] == ["sh", "/replica.sh"]
        assert "./deploy/replica.sh:/replica.sh:ro" in found["volumes"]
        assert found["user"] == "postgres"
    assert (
        "./deploy/primary.sh:/docker-entrypoint-initdb.d/primary.sh:ro"
        in composition["services"]["primary"]["volumes"]
    )


def test_only_the_proxy_is_reachable_and_leads_to_every_program(composition: dict[str, Any]) -> None:
    """One port, on this machine; behind it the programs, each where the image listens."""
    services = composition["services"]
    assert [name for name, found in services.items() if "ports" in found] == ["proxy"]
    configured = (PROJECT / "deploy/nginx.conf").read_text()
    (listens,) = re.findall(r"listen (\d+);", configured)
    assert services["proxy"]["ports"] == [f"127.0.0.1:8000:{listens}"]
    assert re.findall(r"server (\S+:\d+);", configured) == [
        f"{name}:{last('EXPOSE').text}" for name in PROGRAMS[1:]
    ]
    assert services["proxy"]["volumes"] == ["./deploy/nginx.conf:/etc/nginx/conf.d/default.conf:ro"]
    assert composition["networks"]["database"] == {"internal": True}
    assert {tuple(services[name]["networks"]) for name in MACHINES} == {("database",)}


def test_order_of_the_start(composition: dict[str, Any]) -> None:
    """The load waits for the primary, and the programs for the load; they do not wait for the replicas."""
    services = composition["services"]
    assert services["load"]["depends_on"] == {"primary": {"condition": "service_healthy"}}
    for name in PROGRAMS[1:]:
        assert services[name]["depends_on"] == {"load": {"condition": "service_completed_successfully"}}
    for name in PROGRAMS:
        assert (services[name]["read_only"], services[name]["cap_drop"]) == (True, ["ALL"])
