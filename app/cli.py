"""The command line: a thin layer over functions that other programs could call."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from alembic.util import CommandError
from pydantic import ValidationError
from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from app.database.loader import LoadError, load_editions, use
from app.database.owner import may_change, migrate, write_engine
from app.database.progress import shown
from app.database.servers import Servers
from app.evidence.draft import DraftError, draft
from app.evidence.verify import verify
from app.http import logs
from app.http.compatibility import breaking
from app.http.openapi import written
from app.http.server import listen
from app.main import create_app, create_server
from app.releases.publish import ReleaseError, editions, make, remove
from app.seeds.files import SeedError
from app.seeds.reading import read, read_releases, read_tombstones, read_with_ledgers
from app.settings import PROJECT, Settings


def check(arguments: argparse.Namespace) -> None:
    """Read and check the seeds; fail where they are ahead of the latest release."""
    dataset, release = read(arguments.seeds)
    counted = f"{len(dataset.records)} records, {len(dataset.sources)} sources"
    releases = read_releases(arguments.seeds)
    if release.version == "dev" and releases:
        sys.exit(
            f"{counted}: no problems, but they differ from release {releases[-1].version}; "
            "make a new one with `upheld release VERSION --note …`"
        )
    print(f"{counted}: no problems; this is release {release.version}.")


def verify_seeds(arguments: argparse.Namespace) -> None:
    """Hold the seeds against the texts that they were read from; fail where they differ, or no text is at hand."""
    report = verify(*read_with_ledgers(arguments.seeds), arguments.articles)
    print(report.to_json() if arguments.json else report)
    if not report.passed:
        sys.exit(1)


def draft_article(arguments: argparse.Namespace) -> None:
    """Print a skeleton of an article's seed file."""
    print(draft(arguments.article, arguments.id), end="")


def load_seeds(arguments: argparse.Namespace) -> None:
    """Bring the database to the schema and the releases of this program."""
    with database(Settings()) as found:
        print(loaded(found.owner, arguments.seeds))


def serve(arguments: argparse.Namespace) -> None:
    """Load the releases and serve them until told to stop; who may only read serves what others have loaded."""
    settings = Settings()
    with database(settings) as found:
        # At once: in a log it stands before what the server says, and it is there if the server is killed.
        print(loaded_or_held(found.owner, arguments.seeds), flush=True)
        # A server that listens on every interface is known by none of their names.
        host = "127.0.0.1" if arguments.host in {"0.0.0.0", "::", ""} else arguments.host  # noqa: S104
        public = settings.public_url or f"http://{host}:{arguments.port}"
        app = create_server(found.reader, str(public))
        logs.configure()
        listen(app, arguments.host, arguments.port)


def release(arguments: argparse.Namespace) -> None:
    """Make a release of the seeds."""
    reasons = dict(_reason(text) for text in arguments.reason)
    edition = make(arguments.seeds, arguments.version, arguments.note, reasons)
    for change in edition.history.changes:
        what = f"{change.field}: {change.old!r} → {change.new!r}" if change.field else change.type
        print(f"{change.thing} {change.id}: {what}")
    print(f"Release {edition.release.version}: {edition.release.digest}")


def _reason(text: str) -> tuple[str, str]:
    record, equals, reason = text.partition("=")
    if not equals or not reason.strip():
        raise ReleaseError(f"a reason is given as RECORD=TEXT, not {text!r}")
    return record, reason.strip()


def withdraw(arguments: argparse.Namespace) -> None:
    """Remove a record from every release for legal reasons."""
    removal = remove(arguments.seeds, arguments.record, arguments.reason)
    print(
        f"{removal.tombstone.id} is removed from {', '.join(removal.versions)}; `upheld load` removes it there too."
    )
    if removal.referring:
        print(f"It was referred to by {', '.join(removal.referring)}: see that their words do not tell it again.")
    if removal.named:
        print(f"It is still named in {', '.join(removal.named)}.")
    print("The history of the repository and copies of databases still have it; so have readers' copies.")


def choose(arguments: argparse.Namespace) -> None:
    """Make a loaded release the current one, until `latest` is chosen again."""
    with database(Settings()) as found, engine_of(found.owner) as engine:
        migrate(engine)
        use(engine, None if arguments.version == "latest" else arguments.version)
    print(f"Now serving {arguments.version}.")


def describe(arguments: argparse.Namespace) -> None:
    """Print the OpenAPI document, or write it where it takes back nothing that it promised before."""
    document = create_app("postgresql://nobody@localhost/nothing", "").openapi()
    text = written(document).decode()
    if arguments.file is None:
        sys.stdout.write(text)
        return
    if arguments.file.exists():
        lost = breaking(json.loads(arguments.file.read_text("utf-8")), document)
        if lost:
            sys.exit("Within v1 nothing is taken back:\n" + "\n".join(lost))
    arguments.file.write_text(text, "utf-8")


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port < 2**16:
        raise ValueError(text)
    return port


@dataclass(frozen=True)
class Command:
    """A command: what it does in a line, what does it, and its arguments beside `--seeds`."""

    help: str
    run: Callable[[argparse.Namespace], None]
    arguments: Mapping[str, Mapping[str, object]]


COMMANDS = {
    "check": Command("read and check the seeds, and report every problem", check, {}),
    "verify": Command(
        "hold the seeds against the articles: places, digests, values, and that no number was passed over",
        verify_seeds,
        {
            "--articles": {"type": Path, "required": True, "metavar": "DIR", "help": "folder of the held texts"},
            "--json": {"action": "store_true", "help": "report for programs"},
        },
    ),
    "draft": Command(
        "print a skeleton seed file for an article, with every number of it",
        draft_article,
        {
            "article": {"type": Path, "metavar": "ARTICLE.txt", "help": "the article's text"},
            "--id": {"help": "the source's id"},
        },
    ),
    "load": Command("migrate the database and load every release of the seeds", load_seeds, {}),
    "serve": Command(
        "load the seeds and serve them",
        serve,
        {
            "--host": {"default": "127.0.0.1", "help": "address to listen on"},
            "--port": {"type": _port, "default": 8000, "help": "port to listen on"},
        },
    ),
    "release": Command(
        "make a release of the seeds",
        release,
        {
            "version": {"help": "its version: the next one after the latest, by the size of the changes"},
            "--note": {"required": True, "help": "what is new, in a sentence"},
            "--reason": {
                "action": "append",
                "default": [],
                "metavar": "RECORD=TEXT",
                "help": "why a record was corrected or withdrawn",
            },
        },
    ),
    "withdraw": Command(
        "remove a record from every release, for legal reasons only; a correction is a release",
        withdraw,
        {
            "record": {"help": "its id; the seeds must be rid of it"},
            "--reason": {"required": True, "help": "why, in words that tell nothing of what it said"},
        },
    ),
    "openapi": Command(
        "print the OpenAPI document, or write it to a file unless that would break a promise of v1",
        describe,
        {"file": {"nargs": "?", "type": Path, "help": "where to write it, such as docs/openapi.json"}},
    ),
    "use": Command(
        "serve a loaded release until another is chosen",
        choose,
        {"version": {"help": "a version, or `latest`"}},
    ),
}


def main() -> None:
    """Run the command that the arguments name; exit 1 with what is wrong where it cannot be done."""
    parser = argparse.ArgumentParser(prog="upheld", description="Police-misconduct figures, checked and served.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, command in COMMANDS.items():
        described = commands.add_parser(name, help=command.help, description=command.help)
        described.add_argument("--seeds", type=Path, default=PROJECT / "seeds", help="folder of the seeds")
        for argument, options in command.arguments.items():
            described.add_argument(argument, **options)  # type: ignore[arg-type] # argparse's options, as data
    arguments = parser.parse_args()
    try:
        COMMANDS[arguments.command].run(arguments)
    except SeedError as error:
        found = len(error.problems)
        sys.exit(f"{error}\n{found} problem{'s' if found > 1 else ''}; nothing was done.")
    except ValidationError as error:
        wrong = "; ".join(f"{detail['loc'][0]}: {detail['msg']}" for detail in error.errors())
        sys.exit(f"upheld: a setting in the environment cannot be read: {wrong}")
    except (DraftError, LoadError, ReleaseError, DatabaseError) as error:
        sys.exit(f"upheld: {error}")


class DatabaseError(Exception):
    """The database cannot be had; the message says what to do."""


class DatabaseAwayError(DatabaseError):
    """No server answers, or, of several, none that takes writes."""


class Addresses(NamedTuple):
    """How to reach the database."""

    owner: str
    """For migrations and loads."""
    reader: str
    """For the API, which takes the role of a reader whoever it logs in as."""


@contextmanager
def database(settings: Settings) -> Iterator[Addresses]:
    """Yield where the database is: the configured one, or a private server that ends with this block."""
    if settings.database_url is not None:
        yield Addresses(settings.database_url, settings.database_url)
        return
    try:
        from app.embedded.server import EmbeddedError, as_reader, running  # noqa: PLC0415 - production images need not carry it
    except ImportError as error:
        raise DatabaseError("there is no private PostgreSQL in this installation: set DATABASE_URL") from error
    try:
        with running(settings.data_dir) as address:
            yield Addresses(address, as_reader(address))
    except EmbeddedError as error:
        raise DatabaseError(str(error)) from error


@contextmanager
def engine_of(address: str) -> Iterator[Engine]:
    """Yield an engine that writes, if its login may.

    Raises:
        DatabaseError: where the address is none of a PostgreSQL server, none answers there, or its schema is of
            a newer program.

    """
    try:
        engine = write_engine(address)
    except (ArgumentError, ValueError) as error:
        raise DatabaseError(f"DATABASE_URL is no address of a PostgreSQL server: {error}") from error
    try:
        yield engine
    except CommandError as error:
        raise DatabaseError(f"the database has a schema that this program does not know: {error}") from error
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0]
        kind = DatabaseAwayError if isinstance(error, OperationalError) else DatabaseError
        raise kind(f"the database cannot be used: {reason}") from error
    finally:
        engine.dispose()


def loaded_or_held(address: str, seeds: Path) -> str:
    """Load, if this login may and there is a server that takes writes: of several, others hold what was loaded."""
    try:
        return loaded(address, seeds, may_be_reader=True)
    except DatabaseAwayError as error:
        if not Servers(address).are_several:
            raise
        return f"Nothing is loaded, for {error}. Serving what the other servers hold."


def loaded(address: str, seeds: Path, *, may_be_reader: bool = False) -> str:
    """Migrate, load every release of the seeds, and say what became of it."""
    found = editions(seeds)
    records = sum(len(edition.dataset.records) for edition in found)
    with engine_of(address) as engine:
        if may_be_reader and not may_change(engine):
            return "This login may only read the database: serving what `upheld load` puts there."
        migrate(engine)
        with shown(records) as advance:
            changed = load_editions(engine, found, read_tombstones(seeds), advance=advance)
    latest = found[-1]
    state = "loaded" if changed else "already loaded"
    return f"Release {latest.release.version} with {len(latest.dataset.records)} records: {state}."
