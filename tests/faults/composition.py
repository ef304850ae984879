"""The composition of compose.scale.yaml as real processes on loopback, started from its own configuration files.

PostgreSQL's programs come from the private server. HAProxy and nginx are those installed on the machine.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from sqlalchemy import Engine

from app.database.choice import use
from app.database.owner import write_engine
from app.embedded.binaries import programs, server_user, wheel_location
from app.embedded.folder import Home
from app.settings import PROJECT
from tests.faults.processes import Postgres, Program, errors, within
from tests.faults.releases import load_release
from tests.postgresql import migrate
from tests.programs import UPHELD, free_port

REQUIRE = "UPHELD_REQUIRE_PROXIES"
"""The environment variable that turns a missing HAProxy or nginx into a failure."""

SEARCHED = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])

INITDB = ("--username=upheld", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")

NGINX = """
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
daemon off;
worker_processes 1;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/default.conf;
}}
"""
"""The relevant part of the nginx image's main configuration, which includes ours, with all files in one folder."""


def installed(name: str) -> str:
    """Return the path of an installed program; if it's missing, skip the test, or fail if it's required."""
    path = shutil.which(name, path=SEARCHED)
    if path is None:
        (pytest.fail if os.environ.get(REQUIRE) else pytest.skip)(f"{name} is not installed")
    return path


def services() -> dict[str, Any]:
    """Return the services of compose.scale.yaml, with every variable at its default."""
    text = (PROJECT / "compose.scale.yaml").read_text()
    found: dict[str, Any] = YAML(typ="safe").load(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text))["services"]
    return found


def on_loopback(text: str, places: Mapping[str, str]) -> str:
    """Replace hosts and ports in a text. Each must occur, so that a renamed one isn't missed."""
    for place, here in places.items():
        text, count = re.subn(rf"(?<![\w.-]){re.escape(place)}(?![\w.-])", here, text)
        assert count, place
    return text


def start_nginx(folder: Path, apis: Sequence[str], changes: Mapping[str, str] | None = None) -> Program:
    """Start nginx with our file, in front of two API processes at `host:port`, with changes for a test."""
    port = free_port()
    places = {
        "api-1:8000": apis[0],
        "api-2:8000": apis[1],
        "listen 8080": f"listen 127.0.0.1:{port}",
        "/var/cache/nginx/upheld": str(folder / "cache"),
        **(changes or {}),
    }
    (folder / "default.conf").write_text(on_loopback((PROJECT / "deploy/nginx.conf").read_text(), places))
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder))
    command = [installed("nginx"), "-c", str(folder / "nginx.conf")]
    nginx = Program("nginx", command, f"http://127.0.0.1:{port}", folder / "nginx.log")
    nginx.start()
    within(lambda: nginx.get("/metrics"))
    return nginx


def start_haproxy(folder: Path, servers: Sequence[Postgres]) -> tuple[Program, int, int]:
    """Start HAProxy with our file, and return it with its ports for reads and writes."""
    reads, writes, metrics = free_port(), free_port(), free_port()
    places = {f"{server.name}:5432": f"127.0.0.1:{server.port}" for server in servers}
    for bind, port in {":5432": reads, ":5433": writes, ":8404": metrics}.items():
        places[f"bind {bind}"] = f"bind 127.0.0.1:{port}"
    (folder / "haproxy.cfg").write_text(on_loopback((PROJECT / "deploy/haproxy.cfg").read_text(), places))
    command = [installed("haproxy"), "-db", "-f", str(folder / "haproxy.cfg")]
    haproxy = Program("haproxy", command, f"http://127.0.0.1:{metrics}", folder / "haproxy.log")
    haproxy.start()
    within(lambda: haproxy.answers("/metrics"))
    return haproxy, reads, writes


def start_primary(server: Postgres) -> None:
    """Set up and start a primary the way the PostgreSQL image does: a database and a login, then primary.sh."""
    password = server.home.folder / "password"
    password.write_text("upheld\n")
    server.run("initdb", *INITDB, "--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={password}")
    # Without initdb's replication lines, only primary.sh lets replicas in.
    (server.data / "pg_hba.conf").write_text("local all all trust\nhost all all all scram-sha-256\n")
    socket = server.data.parent
    environment = {**services()["primary"]["environment"], "PGHOST": str(socket), "PGPORT": str(server.port)}
    server.start(unix_socket_directories=str(socket), listen_addresses="")
    within((socket / f".s.PGSQL.{server.port}").exists)
    server.run("createdb", "--username=upheld", "upheld", **environment)
    server.run("sh", str(server.home.folder / "primary.sh"), **environment)
    server.kill()
    server.start()
    within(server.accepts_connections)


@dataclass(eq=False)
class Composition:
    """All programs of the composition, and the number of the last release loaded."""

    primary: Postgres
    replicas: list[Postgres]
    haproxy: Program
    apis: list[Program]
    nginx: Program
    owner: str
    """The database address used by loads."""
    number: int = 0

    @property
    def servers(self) -> list[Postgres]:
        """All PostgreSQL servers, in the order that HAProxy tries them."""
        return [*self.replicas, self.primary]

    @property
    def address(self) -> str:
        """The address that readers use."""
        return self.nginx.address

    @contextmanager
    def writing(self) -> Iterator[Engine]:
        """Yield an engine for writing, through HAProxy."""
        engine = write_engine(self.owner)
        try:
            yield engine
        finally:
            engine.dispose()

    def load(self) -> None:
        """Load the next release."""
        with self.writing() as engine:
            load_release(engine, self.number + 1)
        self.number += 1

    def release(self) -> float:
        """Load the next release, and return how many seconds it took until every API process served it."""
        self.load()
        return within(lambda: self.is_served(self.number))

    def use(self, number: int | None) -> None:
        """Make an earlier release current, or the latest again if None."""
        with self.writing() as engine:
            use(engine, None if number is None else f"{number}.0.0")

    def is_served(self, number: int) -> bool:
        """Whether every API process serves the release with this number."""
        answers = [api.get("/v1/dataset") for api in self.apis]
        return all(
            answer and answer.is_success and answer.json()["release"] == f"{number}.0.0" for answer in answers
        )

    def is_ready(self) -> bool:
        """Whether every API process is ready."""
        return all(api.answers("/health/ready") for api in self.apis)

    def is_reached(self) -> bool:
        """Whether nginx uses an API process again: after a failure, it avoids a process for two seconds."""
        return self.nginx.answers("/health/ready")

    def is_up(self, server: Postgres, proxy: str = "reads") -> bool:
        """Whether HAProxy considers a server up."""
        answer = self.haproxy.get("/metrics")
        line = f'haproxy_server_status{{proxy="{proxy}",server="{server.name}",state="UP"}} 1'
        return answer is not None and line in answer.text.splitlines()

    def write_to(self, server: Postgres) -> None:
        """Change the server that HAProxy sends writes to, and restart HAProxy."""
        configuration = self.haproxy.log.with_suffix(".cfg")
        before, writes = configuration.read_text().split("listen writes")
        writes = on_loopback(writes, {f"127.0.0.1:{self.primary.port}": f"127.0.0.1:{server.port}"})
        configuration.write_text(f"{before}listen writes{writes}")
        self.haproxy.stop()
        self.haproxy.start()
        within(lambda: self.haproxy.answers("/metrics"))

    def is_read(self, server: Postgres) -> bool:
        """Whether the API has connections to this server and no other."""
        return server.logins() != set() and not any(
            other.logins() for other in self.servers if other is not server and other.process is not None
        )

    def read_from(self) -> Postgres:
        """Return the one server that the API is connected to."""
        (found,) = [server for server in self.servers if server.process is not None and self.is_read(server)]
        return found

    def other_replica(self) -> Postgres:
        """Return a replica that the API isn't reading from."""
        read = self.read_from()
        return next(replica for replica in self.replicas if replica is not read)

    @contextmanager
    def without(self, *servers: Postgres) -> Iterator[None]:
        """Kill servers while the block runs, then restart them and wait until HAProxy notices."""
        for server in servers:
            server.kill()
        try:
            yield
        finally:
            for server in servers:
                server.start()
            within(lambda: all(self.is_up(server) for server in servers))


@contextmanager
def composed() -> Iterator[Composition]:
    """Yield the running composition, serving release 1."""
    installed("haproxy")
    installed("nginx")
    with ExitStack() as undo:
        folder = Path(tempfile.mkdtemp(prefix="upheld-scale-"))
        undo.callback(shutil.rmtree, folder)
        folder.chmod(0o755)  # the servers' user has to enter
        primary, *replicas = _start_servers(folder, undo)
        haproxy, reads, writes = start_haproxy(folder, [primary, *replicas])
        undo.callback(haproxy.stop)
        owner = services()["load"]["environment"]["DATABASE_URL"]
        owner = on_loopback(owner, {"haproxy:5433": f"127.0.0.1:{writes}"})
        engine = write_engine(owner)
        migrate(engine)
        engine.dispose()
        apis = []
        for name in ("api-1", "api-2"):
            environment = dict(services()[name]["environment"])
            address = on_loopback(environment["DATABASE_URL"], {"haproxy:5432": f"127.0.0.1:{reads}"})
            port = free_port()
            command = [UPHELD, "serve", "--port", str(port)]
            api = Program(name, command, f"http://127.0.0.1:{port}", folder / f"{name}.log")
            api.environment = {**environment, "DATABASE_URL": address}
            api.start()
            undo.callback(api.stop)
            apis.append(api)
        nginx = start_nginx(folder, [api.address.removeprefix("http://") for api in apis])
        undo.callback(nginx.stop)
        composition = Composition(primary, replicas, haproxy, apis, nginx, owner)
        composition.release()
        yield composition
        assert [line for api in apis for line in errors(api.log.read_bytes())] == []


def _start_servers(folder: Path, undo: ExitStack) -> list[Postgres]:
    """Start the primary and then the replicas."""
    user = server_user()
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    undo.callback(os.close, lock)
    binaries = programs(Home(folder, lock, user), wheel_location())
    servers = []
    for name in ("primary", "replica-1", "replica-2"):
        home = Home(folder / name, lock, user)
        home.folder.mkdir()
        home.folder.chmod(0o755)
        for script in ("primary.sh", "replica.sh"):
            shutil.copy(PROJECT / "deploy" / script, home.folder)
        server = Postgres(name, binaries, home)
        undo.callback(server.stop)
        server.empty()
        servers.append(server)
    primary, *replicas = servers
    start_primary(primary)
    follows = services()["replica-1"]["environment"]["PRIMARY"]
    for replica in replicas:
        replica.follows = on_loopback(follows, {"primary:5432": f"127.0.0.1:{primary.port}"})
        replica.start()
    within(lambda: all(replica.accepts_connections() for replica in replicas))
    return servers
