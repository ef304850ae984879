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
"""Options that asyncpg, the API's driver, reads in the same way as libpq."""

HARMLESS = frozenset(
    {
        *("application_name", "fallback_application_name", "client_encoding", "connect_timeout", "sslcompression"),
        *("keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout"),
    }
)
"""Options that matter only to loads."""

HARMLESS_VALUES = {"gssencmode": {"disable", "prefer"}, "channel_binding": {"disable", "prefer"}}
"""Values that make an option safe to ignore."""

BOTH_READ_VARIABLES = frozenset({"host", "port", "dbname", "user", "password", "passfile"})
"""Options that both drivers read from the same environment variables (PGHOST …)."""

SET_BY_US = frozenset({"datestyle", "timezone", "geqo"})
"""What libpq reads from PGDATESTYLE, PGTZ and PGGEQO; an address can't set it."""

HOW_TO_WRITE_IT = (
    "write postgresql://user:password@host:5432/name, and percent-encode % @ : / ? # and spaces in the user and "
    "the password"
)

ATTRIBUTES = {"read-write": "primary", "read-only": "standby"}
"""What to ask of a server (`target_session_attrs`) instead: our sessions are read-only on any server."""


def libpq_options(address: str) -> dict[str, str]:
    """Return the options of an address as libpq reads it: a URL with one host or more, or keywords and values.

    Raises:
        ValueError: if libpq can't read the address, or the API's driver would read it differently. The message
            never quotes a part of the address that could belong to the password.

    """
    url = re.fullmatch(r"([\w+]+)://(.*)", address, re.DOTALL)
    if url and not re.fullmatch(r"postgres(ql)?(\+\w+)?", url[1]):
        raise ValueError(f"DATABASE_URL names {url[1]}; Upheld needs a PostgreSQL server")
    try:
        found = conninfo_to_dict(f"postgresql://{url[2]}" if url else address)
    except psycopg.ProgrammingError as error:
        # The rest of libpq's message quotes the address.
        reason = re.match(r"[\w -]*", str(error))
        raise ValueError(f"{reason[0].strip() if reason else ''}; {HOW_TO_WRITE_IT}") from None
    options = {name: str(value) for name, value in found.items()}
    # If a password contains @ or /, libpq takes what follows for the host, the port or the database.
    if (
        (url and re.search(r"[@/].*@", url[2].partition("?")[0]))
        or "@" in options.get("host", "")
        or not re.fullmatch(r"[\d,]*", options.get("port", ""))
    ):
        raise ValueError(f"its host, port and name can't be told apart; {HOW_TO_WRITE_IT}")
    _refuse_differences(options)
    return options


def _refuse_differences(options: dict[str, str]) -> None:
    """Refuse options that only one of the two drivers would follow, such as security requirements."""
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
    """Return an address for asyncpg: parsed by libpq, without options that only libpq knows.

    Raises:
        ValueError: if libpq can't read the address, or asyncpg would read it differently.

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
