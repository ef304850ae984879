"""Which PostgreSQL servers an address names, and which of them may be read from.

Of several one is the primary, which takes every write; the others repeat what it does, each some way behind. What
is loaded is counted in the database itself (`current_release.changes`), and a transaction is replayed whole or not
at all: so of two servers the one that has counted further holds all that the other does, and a release is never
there without its records. Only servers are read from that have counted as far as any that was seen; standbys
before the primary, one as likely as the other.
"""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from weakref import WeakSet

import asyncpg
from sqlalchemy import URL, Dialect, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import ConnectionPoolEntry

PORT = 5432

OURS = ("target_session_attrs", "load_balance_hosts", "hostaddr")
"""Options that choose among servers, which is not left to the address."""

ADDRESS = re.compile(r"(?P<scheme>[^:/]+://)(?P<user>(?:[^/?]*@)?)(?P<hosts>[^/?@]*)(?P<rest>.*)", re.DOTALL)
PLACE = re.compile(r"(?P<host>/.+|\[[0-9a-fA-F:.]+\]|[^\s:/\[\]]+)(?::(?P<port>[^:/]*))?")

NONE_IS_LEVEL = "no server that answers holds what was served last"


class Place(NamedTuple):
    """Where a server listens."""

    host: str
    port: int


def read_address(address: str) -> tuple[URL, tuple[Place, ...]]:
    """Return what an address says, and its servers where it names several: `host:port,host:port` as libpq reads it.

    Raises:
        ValueError, ArgumentError: where it cannot be read; the message says what is wrong.

    """
    found = ADDRESS.fullmatch(address)
    listed = found["hosts"] if found is not None and "," in found["hosts"] else ""
    url = make_url(f"{found['scheme']}{found['user']}{found['rest']}" if found is not None and listed else address)
    if url.get_backend_name() not in {"postgresql", "postgres"}:
        raise ValueError(f"DATABASE_URL names {url.get_backend_name()}; Upheld needs a PostgreSQL server")
    named = listed.split(",") if listed else _listed(url, "host")
    if len(named) < 2:  # noqa: PLR2004 - a single server is reached as its address says
        return url, ()
    if listed and "host" in url.query:
        raise ValueError("it names servers in two places: before the name of the database and as `host`")
    for name in OURS:
        if name in url.query:
            raise ValueError(f"it names several servers and {name}; which of them is used is not for it to say")
    ports = _listed(url, "port")
    if len(ports) not in {0, 1, len(named)}:
        raise ValueError(f"it names {len(named)} servers and {len(ports)} ports")
    places = tuple(_place(name, ports[index % len(ports)] if ports else "") for index, name in enumerate(named))
    if len(set(places)) < len(places):
        raise ValueError("it names a server twice")
    return url.set(host=None, port=None).difference_update_query(["host", "port"]), places


def _listed(url: URL, name: str) -> list[str]:
    """Return what an option of an address lists, be it given more than once or with commas."""
    given = url.query.get(name, ())
    return [part for value in ([given] if isinstance(given, str) else given) for part in value.split(",")]


def _place(named: str, port: str) -> Place:
    """Return where one of several servers listens; its own port goes before one that is given for all."""
    found = PLACE.fullmatch(named)
    if found is None:
        raise ValueError(f"{named!r} is no server; each of several is written host:port")
    number = found["port"] if found["port"] is not None else port or str(PORT)
    if not (number.isascii() and number.isdecimal()) or not 0 < int(number) < 2**16:
        raise ValueError(f"{number!r} is no port of {found['host']}; ports go from 1 to 65535")
    return Place(found["host"].strip("[]"), int(number))


def address_of(url: URL, place: Place) -> str:
    """Return the address of one of several servers."""
    host, port = place
    is_socket = host.startswith("/")
    one = url.update_query_dict({"host": host, "port": str(port)}) if is_socket else url.set(host=host, port=port)
    return one.render_as_string(hide_password=False)


@dataclass(eq=False, slots=True)
class Server:
    """One of the servers, and what was last seen of it."""

    address: str
    place: Mapping[str, str | int]
    """Host and port; nothing where it is the only one, and reached as its address says."""
    changes: int | None = None
    """How far it has counted; None as long as it does not answer."""
    is_standby: bool = False


class Servers:
    """The servers of an address, and which of them are to be read from now."""

    def __init__(self, address: str) -> None:
        """Know nothing of them yet but where they are.

        Raises:
            ValueError, ArgumentError: where the address cannot be read.

        """
        url, places = read_address(address)
        self.all = [Server(address_of(url, place), place._asdict()) for place in places] or [Server(address, {})]
        self.floor = 0
        """How far a server must have counted to be read from."""
        self.generation = 0
        """How often the servers to be read from have become others."""
        self._read_from = set(self.all)
        self._pooled: WeakSet[ConnectionPoolEntry] = WeakSet()

    @property
    def are_several(self) -> bool:
        """Whether there is more than one, so that one may be behind another."""
        return len(self.all) > 1

    def to_try(self) -> list[Server]:
        """Return the servers to read from: standbys, in an order of chance, and then the primary.

        As long as none of them answers, it may be any.
        """
        level = [server for server in self.all if server.changes is not None and server.changes >= self.floor]
        if not level and all(server.changes is None for server in self.all):
            level = self.all
        return sorted(random.sample(level, len(level)), key=lambda server: not server.is_standby)

    def settle(self, floor: int) -> bool:
        """Read from servers that have counted so far; return whether these are others than before."""
        self.floor = floor
        level = self.to_try()
        read_from = {server for server in level if server.is_standby} or set(level)
        are_others = read_from != self._read_from
        if are_others:
            self._read_from = read_from
            self.generation += 1
            for record in self._pooled:
                # As it is next taken, and before it is tried: a server that hangs would keep whoever tries it.
                record.invalidate(soft=True)
        return are_others

    def spread(self, engine: AsyncEngine) -> None:
        """Have an engine connect to the servers to read from, and make its connections anew when these change."""
        if not self.are_several:
            return

        @event.listens_for(engine.sync_engine, "do_connect")
        def connect(
            dialect: Dialect, record: ConnectionPoolEntry, given: Sequence[Any], named: Mapping[str, Any]
        ) -> DBAPIConnection:
            self._pooled.add(record)
            while True:
                generation = self.generation
                connection = self._connected(dialect, given, named)
                if generation == self.generation:
                    return connection
                connection.close()

    def _connected(self, dialect: Dialect, given: Sequence[Any], named: Mapping[str, Any]) -> DBAPIConnection:
        failure: Exception = ConnectionRefusedError(NONE_IS_LEVEL)
        for server in self.to_try():
            try:
                return dialect.connect(*given, **{**named, **server.place})
            except dialect.loaded_dbapi.OperationalError as error:
                failure = error
        raise failure

    async def connect(self, *given: Any, **named: Any) -> asyncpg.Connection:  # noqa: ANN401 - asyncpg's own
        """Make a connection of asyncpg to one of the servers to read from."""
        failure: Exception = ConnectionRefusedError(NONE_IS_LEVEL)
        for server in self.to_try():
            try:
                return await asyncpg.connect(*given, **{**named, **server.place})
            except (OSError, asyncpg.PostgresError) as error:
                failure = error
        raise failure
