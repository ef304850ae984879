"""The database's address, the settings of every session, and the owner's connection, which migrates and loads."""

import os
import re
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import URL, Engine, create_engine, event, text

from app.database.errors import LoadError

SESSION_SETTINGS = {
    "timezone": "UTC",
    "datestyle": "ISO, MDY",
    "intervalstyle": "postgres",
    "bytea_output": "hex",
    "client_encoding": "UTF8",
    "standard_conforming_strings": "on",
    "quote_all_identifiers": "off",
}
"""What answers depend on, whatever a server, a database, a login or the environment sets."""

BOTH_READ = frozenset(
    {
        *("host", "port", "dbname", "user", "password", "passfile", "options"),
        *("sslmode", "sslcert", "sslkey", "sslrootcert", "sslcrl", "sslpassword", "sslnegotiation"),
        *("ssl_min_protocol_version", "ssl_max_protocol_version", "target_session_attrs", "krbsrvname", "gsslib"),
    }
)
"""Options of an address that asyncpg, through which the API reads, understands as libpq does."""

HARMLESS = frozenset(
    {
        *("application_name", "fallback_application_name", "client_encoding", "connect_timeout", "sslcompression"),
        *("keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout"),
    }
)
"""Options that only loads need to follow."""

HARMLESS_VALUES = {"gssencmode": {"disable", "prefer"}, "channel_binding": {"disable", "prefer"}}
"""Values with which a driver may do without an option."""

BOTH_READ_VARIABLES = frozenset({"host", "port", "dbname", "user", "password", "passfile"})
"""Options that both drivers take from the same variables of the environment (PGHOST …)."""

SET_BY_US = frozenset({"datestyle", "timezone", "geqo"})
"""What libpq takes from PGDATESTYLE, PGTZ and PGGEQO, but no address has."""

HOW_TO_WRITE_IT = (
    "write postgresql://user:password@host:5432/name, and percent-encode % @ : / ? # and spaces in the user and "
    "the password"
)

OWNS_THE_TABLES = """
SELECT CASE
    WHEN to_regclass('alembic_version') IS NULL THEN has_schema_privilege(current_schema(), 'CREATE')
    ELSE pg_has_role((SELECT relowner FROM pg_class WHERE oid = to_regclass('alembic_version')), 'USAGE')
END
"""
"""True if the login owns the tables or, in an empty database, may create them."""


def libpq_options(address: str) -> dict[str, str]:
    """Return what an address says, as libpq reads it: a URL, which may name several hosts, or keywords and values.

    Raises:
        ValueError: if libpq cannot read the address, or the API's driver would read it differently. The message
            has no part of the address that could belong to the password.

    """
    url = re.fullmatch(r"([\w+]+)://(.*)", address, re.DOTALL)
    if url and not re.fullmatch(r"postgres(ql)?(\+\w+)?", url[1]):
        raise ValueError(f"DATABASE_URL names {url[1]}; Upheld needs a PostgreSQL server")
    try:
        found = conninfo_to_dict(f"postgresql://{url[2]}" if url else address)
    except psycopg.ProgrammingError as error:
        # What follows in libpq's message is a part of the address.
        reason = re.match(r"[\w -]*", str(error))
        raise ValueError(f"{reason[0].strip() if reason else ''}; {HOW_TO_WRITE_IT}") from None
    options = {name: str(value) for name, value in found.items()}
    # Where a password has an @ or a /, libpq takes the rest of it for the host, the port or the database.
    if (
        (url and re.search(r"[@/].*@", url[2].partition("?")[0]))
        or "@" in options.get("host", "")
        or not re.fullmatch(r"[\d,]*", options.get("port", ""))
    ):
        raise ValueError(f"its host, port and name can't be told apart; {HOW_TO_WRITE_IT}")
    _refuse_differences(options)
    return options


def _refuse_differences(options: dict[str, str]) -> None:
    """Refuse what only one of the two drivers would follow, such as a condition of security."""
    for name, value in options.items():
        if name not in BOTH_READ | HARMLESS and value not in HARMLESS_VALUES.get(name, ()):
            raise ValueError(f"it has {name}, which the API's driver can't follow; leave it out")
    for option in psycopg.pq.Conninfo.get_defaults():
        keyword, variable = option.keyword.decode(), (option.envvar or b"").decode()
        if (
            variable in os.environ
            and keyword not in options
            and keyword not in BOTH_READ_VARIABLES | HARMLESS | SET_BY_US
            and os.environ[variable] not in HARMLESS_VALUES.get(keyword, ())
        ):
            raise ValueError(
                f"{variable} is in the environment, which the drivers read differently; unset it, and add "
                f"{keyword}=… to DATABASE_URL if it is needed"
            )


def write_engine(address: str) -> Engine:
    """Return an engine for migrations and loads.

    Every connection has the settings that answers depend on, and is refused with a LoadError if the database isn't
    UTF8.

    Raises:
        ValueError: if libpq cannot read the address, or the API's driver would read it differently.

    """
    options = libpq_options(address)
    url = URL.create(
        "postgresql+psycopg",
        username=options.pop("user", None),
        password=options.pop("password", None),
        database=options.pop("dbname", None),
        query=options,
    )
    engine = create_engine(url, connect_args={"application_name": "upheld-load"})
    event.listen(engine, "connect", _prepare, insert=True)  # before SQLAlchemy asks for the server's version
    return engine


def _prepare(connection: Any, _: object) -> None:  # noqa: ANN401 - SQLAlchemy's proxy of psycopg's
    """Set what answers depend on: after connecting, because variables such as PGTZ override the address."""
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise LoadError(
            f"the encoding of database {connection.info.dbname} is {encoding}; Upheld needs a UTF8 database "
            "(CREATE DATABASE … TEMPLATE template0 ENCODING 'UTF8')"
        )
    with connection.cursor() as cursor:
        for setting in SESSION_SETTINGS.items():
            cursor.execute("SELECT set_config(%s, %s, false)", setting)
    connection.commit()


def may_change(engine: Engine) -> bool:
    """Return whether this login may migrate and load, or only read."""
    with engine.connect() as connection:
        return bool(connection.execute(text(OWNS_THE_TABLES)).scalar())
