"""A database and a server for these tests, and the table of faults at the end."""

from collections.abc import Iterator

import pytest

from app.database.pool import MAX_CONNECTIONS
from tests.faults import report
from tests.faults.database import CONNECTIONS, STORED, Database, Server, seeded, serving
from tests.faults.processes import within
from tests.faults.readers import OK, Readers


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table of faults."""
    table = report.lines()
    if table:
        terminalreporter.section("faults")
    for line in table:
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Database]:
    """Yield a running PostgreSQL server with the seeds loaded."""
    with seeded() as database:
        yield database


@pytest.fixture(scope="module")
def server(cluster: Database) -> Iterator[Server]:
    """Yield a ready server with one answer stored; it's shared by the tests in a module.

    When it stops, none of its connections are left.
    """
    with serving(cluster.address) as found:
        within(found.is_ready)
        assert found.get(STORED).status_code == OK
        yield found
        assert int(str(cluster.query(CONNECTIONS))) <= MAX_CONNECTIONS
    within(lambda: cluster.query(CONNECTIONS) == 0)


@pytest.fixture
def readers(server: Server) -> Readers:
    """Return readers for the server."""
    return server.readers()
