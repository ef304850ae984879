"""The database's address, as libpq and asyncpg read it."""

import os
import re
import ssl
from urllib.parse import urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict

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
"""Values with which an option is safe to ignore."""

BOTH_READ_VARIABLES = frozenset({"host", "port", "dbname", "user", "password", "passfile"})
"""Options that both drivers take from the same variables of the environment (PGHOST …)."""

SET_BY_US = frozenset({"datestyle", "timezone", "geqo"})
"""What libpq takes from PGDATESTYLE, PGTZ and PGGEQO, but no address has."""

HOW_TO_WRITE_IT = (
    "write postgresql://user:password@host:5432/name, and percent-encode % @ : / ? # and spaces in the user and "
    "the password"
)

ATTRIBUTES = {"read-write": "primary", "read-only": "standby"}
"""Conditions on a server (`target_session_attrs`) for a session that is read-only on any server."""


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


def asyncpg_address(address: str) -> str:
    """Return an address as asyncpg reads it: taken apart by libpq, without options that only libpq knows.

    Raises:
        ValueError: if libpq cannot read the address, or asyncpg would read it differently.

    """
    options = {name: value for name, value in libpq_options(address).items() if name in BOTH_READ}
    if "target_session_attrs" in options:
        wanted = options["target_session_attrs"]
        options["target_session_attrs"] = ATTRIBUTES.get(wanted, wanted)
    if options.get("sslrootcert") == "system":
        options["sslrootcert"] = (
            ssl.get_default_verify_paths().cafile or ssl.get_default_verify_paths().openssl_cafile
        )
    return f"postgresql://?{urlencode(options)}"
