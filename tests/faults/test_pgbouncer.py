"""PgBouncer between the API and PostgreSQL: nothing is read without the protections that it drops."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from app.database.pool import DatabaseUnavailableError, open_database
from tests.faults.composition import installed
from tests.faults.database import Database
from tests.faults.processes import within
from tests.programs import free_port

pytestmark = pytest.mark.anyio

CONFIGURATION = """\
[databases]
* = host={host} port={port} user={user} password={password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
ignore_startup_parameters = {ignored}
"""

DROPPED = (
    "role,default_transaction_read_only,statement_timeout,idle_in_transaction_session_timeout,intervalstyle,"
    "bytea_output,quote_all_identifiers,extra_float_digits"
)


@contextmanager
def pgbouncer(address: str, mode: str, ignored: str) -> Iterator[str]:
    """Yield the address of a database behind PgBouncer."""
    program = installed("pgbouncer")
    url = make_url(address)
    listen = free_port()
    with tempfile.TemporaryDirectory(prefix="upheld-test-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "pgbouncer.ini").write_text(
            CONFIGURATION.format(
                host=url.query.get("host") or url.host,
                port=url.query.get("port") or url.port,
                user=url.username,
                password=url.password or "none",
                listen=listen,
                mode=mode,
                ignored=ignored,
            )
        )
        command = [program, *(["--user=nobody"] if os.geteuid() == 0 else []), str(folder / "pgbouncer.ini")]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603 - Debian's own program
        through = f"postgresql://{url.username}@127.0.0.1:{listen}/{url.database}"

        def answers() -> bool:
            try:
                psycopg.connect(through, connect_timeout=2).close()
            except psycopg.OperationalError:
                assert process.poll() is None, (folder / "log").read_text()
                return False
            return True

        try:
            within(answers)
            yield through
        finally:
            process.terminate()
            process.wait(30)


@pytest.mark.parametrize("mode", ["session", "transaction", "statement"])
@pytest.mark.parametrize(("ignored", "words"), [("", "unsupported startup parameter"), (DROPPED, "dropped role")])
async def test_nothing_is_read_through_it(cluster: Database, mode: str, ignored: str, words: str) -> None:
    """Whether it refuses our settings or ignores them, in every mode: one sentence, and nothing is read."""
    with pgbouncer(cluster.address, mode, ignored) as address:
        async with open_database(address) as database:
            for _ in range(3):
                with pytest.raises(DatabaseUnavailableError, match=words):
                    async with database.connect():
                        pass
