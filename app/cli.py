"""The command line. Each command imports what it needs when it runs, so `upheld --help` is instant."""

import argparse
import gc
import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.errors import UpheldError

PROJECT = Path(__file__).resolve().parent.parent

SEEDS = "UPHELD_SEEDS"
"""The environment variable that names the seeds folder, if it isn't the project's own."""


def check(arguments: argparse.Namespace) -> None:
    """Check the seeds and say whether they have been released."""
    from app.releases.editions import release_of
    from app.seeds.reading import read

    seeds = read(arguments.seeds)
    release = release_of(seeds)
    counted = (("record", seeds.dataset.records), ("source", seeds.dataset.sources))
    counts = ", ".join(f"{len(found)} {noun}{'' if len(found) == 1 else 's'}" for noun, found in counted)
    if seeds.read_once:
        print(seeds.read_once)
    if release.version != "dev" or not seeds.releases:
        print(f"{counts}: no problems; this is release {release.version}.")
        return
    unreleased = (
        f"{counts}: no problems, but they differ from release {seeds.releases[-1].version}; "
        "publish a new release with `upheld release VERSION --note …`"
    )
    if arguments.released:
        sys.exit(unreleased)
    print(unreleased)


def start(arguments: argparse.Namespace) -> None:
    """Write an empty collection."""
    from app.seeds.collection import NAME
    from app.seeds.start import README, start_collection

    start_collection(arguments.folder, arguments.name)
    print(f"An empty collection is in {arguments.folder}. Read {arguments.folder / README} first.")
    print(
        f"{NAME} puts it under CC BY 4.0 and names {arguments.name!r} as its creator: change that there if needed."
    )


def verify_seeds(arguments: argparse.Namespace) -> None:
    """Compare the seeds with the articles; fail if they differ or an article is missing."""
    from app.evidence.verify import verify
    from app.seeds.reading import read

    seeds = read(arguments.seeds, asking=False)
    report = verify(seeds.dataset, seeds.ledgers, arguments.articles, seeds.tables)
    print(report.to_json() if arguments.json else report)
    if not report.passed:
        sys.exit(1)


def draft_article(arguments: argparse.Namespace) -> None:
    """Print a skeleton seed file for an article or a table."""
    from app.evidence.draft import draft

    print(draft(arguments.article, arguments.id), end="")


def print_slice(arguments: argparse.Namespace) -> None:
    """Print the position and digest of a passage in a text, as written in evidence."""
    from app.evidence.slices import slice_of

    print(slice_of(arguments.article, arguments.words), end="")


def review_article(arguments: argparse.Namespace) -> None:
    """Print an article's records for the second reader, or write a page that shows them next to the text."""
    from app.seeds.reading import read
    from app.seeds.review import review

    found = review(read(arguments.seeds, asking=False), arguments.article)
    if arguments.html is None:
        print(found, end="")
    else:
        arguments.html.write_text(found.html(), "utf-8")
        print(f"{arguments.html} contains the article's text: don't share it.")


def load_seeds(arguments: argparse.Namespace) -> None:
    """Migrate the database and load the releases of the seeds."""
    from app.database.prepare import load_into
    from app.serving import database
    from app.settings import read_settings

    with database(read_settings()) as addresses:
        print(load_into(addresses.owner, arguments.seeds))


def serve_seeds(arguments: argparse.Namespace) -> None:
    """Load the releases and serve them until stopped; with a read-only login, serve what is already loaded."""
    # Startup creates hardly any garbage, and collecting it takes a fifth of the time; `listen` turns it back on.
    gc.disable()
    from app.serving import serve

    serve(arguments.host, arguments.port, arguments.seeds)


def release(arguments: argparse.Namespace) -> None:
    """Make a release of the seeds."""
    from app.releases.publish import publish
    from app.seeds.reading import read

    reasons = dict(_reason(text) for text in arguments.reason)
    edition = publish(arguments.seeds, arguments.version, arguments.note, reasons)
    for change in edition.history.changes:
        what = f"{change.field}: {change.old!r} → {change.new!r}" if change.field else change.type
        print(f"{change.step}: {change.thing} {change.id}: {what}")
    seeds = read(arguments.seeds)
    if seeds.read_once:
        print(seeds.read_once)
    if unread := len(seeds.dataset.records) - len(seeds.readers):
        print(f"{unread} of {len(seeds.dataset.records)} records don't say who read them (read_by).")
    print(f"Release {edition.release.version}: {edition.release.digest}")


def _reason(text: str) -> tuple[str, str]:
    record, equals, reason = text.partition("=")
    if not equals or not reason.strip():
        raise UpheldError(f"--reason takes RECORD=TEXT, not {text!r}")
    return record, reason.strip()


def withdraw(arguments: argparse.Namespace) -> None:
    """Remove a record from every release for legal reasons."""
    from app.releases.withdraw import withdraw

    removal = withdraw(arguments.seeds, arguments.record, arguments.reason)
    print(
        f"Removed {removal.tombstone.id} from {', '.join(removal.versions)}. "
        "Run `upheld load` to remove it from the database too."
    )
    if removal.referring:
        print(f"These records referred to it; make sure that they don't repeat it: {', '.join(removal.referring)}.")
    if removal.named:
        print(f"It is still named in {', '.join(removal.named)}.")
    print("The repository's history, copies of the database and readers' copies still have it.")


def choose(arguments: argparse.Namespace) -> None:
    """Serve a loaded release until another is chosen."""
    from app.database.choice import use
    from app.database.owner import owner_engine
    from app.serving import database
    from app.settings import read_settings

    with database(read_settings()) as addresses, owner_engine(addresses.owner) as engine:
        latest = arguments.version == "latest"
        served = use(engine, None if latest else arguments.version)
    print(f"Now serving {served}{', the latest' if latest else ''}.")


def describe(arguments: argparse.Namespace) -> None:
    """Print the OpenAPI document, or write it to a file unless it breaks a promise of v1."""
    from app.http.compatibility import breaking
    from app.http.openapi import written
    from app.main import create_app

    document = create_app("postgresql://nobody@localhost/nothing", "").openapi()
    text = written(document).decode()
    if arguments.file is None:
        sys.stdout.write(text)
        return
    if arguments.file.exists():
        lost = breaking(json.loads(arguments.file.read_text("utf-8")), document)
        if lost:
            sys.exit("These changes would break v1:\n" + "\n".join(lost))
    arguments.file.write_text(text, "utf-8")


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**16:
        raise argparse.ArgumentTypeError(f"must be a number from 0 to 65535; found {text!r}")
    return int(text)


@dataclass(frozen=True)
class Command:
    """A command: its one-line help, its function, and its arguments other than `--seeds`."""

    help: str
    run: Callable[[argparse.Namespace], None]
    arguments: Mapping[str, Mapping[str, object]]


COMMANDS = {
    "init": Command(
        "start a collection of your own in a new folder",
        start,
        {
            "folder": {"type": Path, "help": "a new or empty folder"},
            "--name": {"required": True, "help": "what the collection is called"},
        },
    ),
    "check": Command(
        "check the seeds and report every problem",
        check,
        {"--released": {"action": "store_true", "help": "fail if they differ from the latest release, too"}},
    ),
    "verify": Command(
        "compare the seeds with the articles: places, digests, values, and numbers nobody recorded",
        verify_seeds,
        {
            "--articles": {"type": Path, "required": True, "metavar": "DIR", "help": "folder of the article texts"},
            "--json": {"action": "store_true", "help": "print the report as JSON"},
        },
    ),
    "draft": Command(
        "print a skeleton seed file for an article with every number in it, or for a table with every cell",
        draft_article,
        {
            "article": {
                "type": Path,
                "metavar": "FILE",
                "help": "the article's text, or a table that ends in .csv",
            },
            "--id": {"help": "the source's id"},
        },
    ),
    "slice": Command(
        "print the place and the digest of a passage, to paste into the evidence of a record",
        print_slice,
        {
            "article": {"type": Path, "metavar": "ARTICLE.txt", "help": "the article's text"},
            "words": {"help": "the passage, or its first and last words: 'Of these … were upheld'"},
        },
    ),
    "review": Command(
        "print an article's records as sentences made from their fields, in the order of the text",
        review_article,
        {
            "article": {"type": Path, "metavar": "ARTICLE.txt", "help": "the article's text"},
            "--html": {"type": Path, "metavar": "FILE", "help": "write a page with the text beside the records"},
        },
    ),
    "load": Command("migrate the database and load every release of the seeds", load_seeds, {}),
    "serve": Command(
        "load the seeds and serve them",
        serve_seeds,
        {
            "--host": {"default": "127.0.0.1", "help": "address to listen on (default: %(default)s)"},
            "--port": {"type": _port, "default": 8000, "help": "port to listen on (default: %(default)s)"},
        },
    ),
    "release": Command(
        "publish a release of the seeds",
        release,
        {
            "version": {"help": "the next version, which has to match the size of the changes"},
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
        "withdraw a record from every release, for legal reasons only (to correct one, publish a release)",
        withdraw,
        {
            "record": {"help": "its id; withdraw it from the seeds first"},
            "--reason": {"required": True, "help": "why, without repeating what the record said"},
        },
    ),
    "openapi": Command(
        "print the OpenAPI document, or write it to a file unless that breaks a promise of v1",
        describe,
        {"file": {"nargs": "?", "type": Path, "help": "file to write, such as docs/openapi.json"}},
    ),
    "use": Command(
        "serve a loaded release until another is chosen",
        choose,
        {"version": {"help": "a version, or `latest`"}},
    ),
}


def main() -> None:
    """Run the command given in the arguments; if it fails, print the reason and exit with 1."""
    parser = argparse.ArgumentParser(prog="upheld", description="Police-misconduct figures, checked and served.")
    seeds = Path(os.environ.get(SEEDS) or PROJECT / "seeds")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, command in COMMANDS.items():
        subparser = commands.add_parser(name, help=command.help, description=command.help)
        subparser.add_argument("--seeds", type=Path, default=seeds, metavar="DIR", help="folder of the seeds")
        for argument, options in command.arguments.items():
            subparser.add_argument(argument, **options)  # type: ignore[arg-type] # argparse's options, as data
    arguments = parser.parse_args()
    os.environ[SEEDS] = str(arguments.seeds)  # the collection's name is read from the same folder
    try:
        COMMANDS[arguments.command].run(arguments)
    except UpheldError as error:
        sys.exit(error.report())
    except KeyboardInterrupt:
        sys.exit(130)  # the usual exit code after Ctrl-C
