"""The command line: `upheld check`, `upheld load`, `upheld serve`."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from app.database import migrate, write_engine
from app.loading import LoadError, load
from app.main import create_app
from app.seed_files import SeedError
from app.seeding import read
from app.settings import PROJECT, Settings


def main() -> None:
    """Run the command that the arguments name; exit 1 with what is wrong where it cannot be done."""
    parser = argparse.ArgumentParser(prog="upheld", description="Police-misconduct figures, checked and served.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, text in (
        ("check", "read and check the seeds, and report every problem"),
        ("load", "migrate the database and load the seeds as its current release"),
        ("serve", "load the seeds and serve them"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--seeds", type=Path, default=PROJECT / "seeds", help="folder of the seeds")
        if name == "serve":
            command.add_argument("--host", default="127.0.0.1", help="address to listen on")
            command.add_argument("--port", type=int, default=8000, help="port to listen on")
    arguments = parser.parse_args()
    try:
        COMMANDS[arguments.command](arguments)
    except SeedError as error:
        sys.exit(f"{error}\n{len(error.problems)} problems; nothing was loaded.")
    except LoadError as error:
        sys.exit(f"upheld: {error}")


def check(arguments: argparse.Namespace) -> None:
    """Read and check the seeds."""
    dataset, release = read(arguments.seeds)
    counted = f"{len(dataset.records)} records, {len(dataset.sources)} sources"
    print(f"{counted}: no problems; this is release {release.version}.")


def load_seeds(arguments: argparse.Namespace) -> None:
    """Bring the database to the schema and the seeds of this program."""
    with database(Settings()) as address:
        print(loaded(address, arguments.seeds))


def serve(arguments: argparse.Namespace) -> None:
    """Load the seeds and serve them until told to stop."""
    settings = Settings()
    with database(settings) as address:
        print(loaded(address, arguments.seeds))
        public = settings.public_url or f"http://{arguments.host}:{arguments.port}"
        app = create_app(address, str(public))
        uvicorn.run(app, host=arguments.host, port=arguments.port, access_log=False, log_level="info")


COMMANDS = {"check": check, "load": load_seeds, "serve": serve}


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """Yield the address of the database: the configured one, or a private server that ends with this block."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    from app.embedded import running  # noqa: PLC0415 - an image that is given a DATABASE_URL need not carry it

    with running(settings.data_dir) as address:
        yield address


def loaded(address: str, seeds: Path) -> str:
    """Migrate, load the seeds, and say what became of it."""
    dataset, release = read(seeds)
    engine = write_engine(address)
    try:
        migrate(engine)
        changed = load(engine, dataset, release)
    finally:
        engine.dispose()
    state = "loaded" if changed else "already loaded"
    return f"Release {release.version} with {len(dataset.records)} records: {state}."
