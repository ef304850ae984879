"""Backing up and restoring onto an empty server, using the commands in docs/operations.md."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.embedded.binaries import programs, server_user, wheel_location
from app.embedded.folder import Home
from app.settings import PROJECT
from tests.faults.database import Database, serving
from tests.faults.processes import Postgres, within
from tests.programs import UPHELD

RECORDS = "SELECT md5(string_agg(r::text, '' ORDER BY release_id, id)) FROM record AS r"


@pytest.fixture
def empty_server(place: Path) -> Iterator[Postgres]:
    """Yield a PostgreSQL server without our database and roles."""
    lock = os.open(place / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    home = Home(place, lock, server_user())
    server = Postgres("new", programs(home, wheel_location()), home)
    server.empty()
    server.run("initdb", "--username=upheld", "--auth=trust", "--no-sync", "--no-instructions")
    server.start()
    within(lambda: server.accepts_connections("postgres"))
    yield server
    server.stop()
    os.close(lock)


def commands(heading: str) -> str:
    """Return the shell commands under a heading on the page."""
    text = (PROJECT / "docs/operations.md").read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return "\n".join(re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL))


def test_a_backup_restores_onto_an_empty_server(cluster: Database, empty_server: Postgres, tmp_path: Path) -> None:
    """The page's commands work as written, and the restored database has the same records."""
    script = commands("Backing up and restoring")
    path = os.pathsep.join([str(empty_server.programs), str(Path(UPHELD).parent), os.defpath])
    environment = {
        "PATH": path,
        "DATABASE_URL": cluster.address,
        "SERVER_URL": empty_server.address_of("postgres"),
        "NEW_DATABASE_URL": empty_server.address_of("upheld"),
    }
    shell = shutil.which("sh")
    assert shell is not None
    ran = subprocess.run(  # noqa: S603 - the page's own commands
        [shell, "-euc", script], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert "already loaded" in ran.stdout
    assert empty_server.query(RECORDS) == cluster.query(RECORDS)
    with serving(f"postgresql://upheld@127.0.0.1:{empty_server.port}/upheld") as server:
        within(server.is_ready)
        assert empty_server.logins() == {"upheld_api"}
