"""Find the database, load the seeds and serve them. Imports are late, so that startup is quick."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from app.settings import PROJECT, Settings, read_settings

LOAD = """
import gc, signal
gc.disable()
signal.signal(signal.SIGINT, signal.SIG_DFL)
from app.database.prepare import main
main()
"""
"""The loader's program. Garbage collection is off, as at server startup, and Ctrl-C stops it silently."""


class Addresses(NamedTuple):
    """How to reach the database."""

    owner: str
    """For migrations and loads."""
    reader: str
    """For the API, which always switches to the read-only role, whatever the login."""


def serve(host: str, port: int, seeds: Path) -> None:
    """Load the releases and serve them until stopped; with a read-only login, serve what is already loaded."""
    from app.http.binding import bind

    settings = read_settings()
    with bind(host, port) as server, database(settings) as addresses:
        with loading(addresses, seeds) as process:
            # These imports take about as long as a load that finds everything in place.
            from app.http import logs
            from app.http.server import listen
            from app.main import create_app, served
            from app.seeds.collection import collection

            output, _ = process.communicate()
        if process.returncode:
            sys.exit(1)
        loaded = json.loads(output)
        # A browser can't open 0.0.0.0.
        host = "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host  # noqa: S104
        here = f"http://{f'[{host}]' if ':' in host else host}:{server.getsockname()[1]}"
        app = served(create_app(loaded["address"], str(settings.public_url or collection().address or here)))
        # Flushed, so that these lines come before the logs and aren't lost if the server is killed.
        print(f"{loaded['done']}\nOpen {here} in a browser. Press Ctrl-C to stop.", flush=True)
        logs.configure()
        listen(app, server)


@contextmanager
def database(settings: Settings) -> Iterator[Addresses]:
    """Yield the addresses of the configured database, or of a private server that stops when this block ends."""
    if settings.database_url is not None:
        yield Addresses(settings.database_url, settings.database_url)
        return
    try:
        from app.embedded.server import as_reader, running
    except ImportError as error:
        from app.database.errors import DatabaseError

        raise DatabaseError("this installation has no private PostgreSQL; set DATABASE_URL") from error
    with running(settings.data_dir) as address:
        yield Addresses(address, as_reader(address))


@contextmanager
def loading(addresses: Addresses, seeds: Path) -> Iterator["subprocess.Popen[str]"]:
    """Load in a separate process, so that its memory is freed when it ends; leaving the block early stops it.

    The process reports its own errors.
    """
    # Run the same code, wherever this program was imported from.
    path = [str(PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(path),
        "UPHELD_LOAD": json.dumps({**addresses._asdict(), "seeds": str(seeds)}),
    }
    command = [sys.executable, "-P", "-c", LOAD]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own program
        try:
            yield process
        finally:
            process.kill()  # does nothing if it has already ended
