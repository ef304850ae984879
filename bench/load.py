"""Load a synthetic dataset: `python -m bench.load DATABASE_URL FIGURES`. Prints what it cost, as JSON."""

import argparse
import json
import resource
import time
from pathlib import Path

import psycopg
from psycopg import Connection, sql

from app.database.choice import use
from app.database.loader import load_editions
from app.database.owner import write_engine
from app.database.rows import columns
from app.database.write import LARGE
from app.releases.editions import Edition
from app.releases.history import histories
from bench.synth import dataset_of, release_of

CHUNK = 1 << 20


def load_synthetic(address: str, figures: int) -> float:
    """Load so many figures, serve them, and return the seconds that the load took."""
    engine = write_engine(address)
    dataset, release = dataset_of(figures), release_of(figures)
    history = next(histories([(release.version, dataset)]))
    started = time.perf_counter()
    load_editions(engine, [Edition.of(release, dataset, history)])
    seconds = time.perf_counter() - started
    use(engine, release.version)
    engine.dispose()
    return seconds


def timed_copy(address: str, release: int, folder: Path) -> tuple[float, int]:
    """Copy the rows of a release into tables without keys, indexes and constraints; return seconds and rows."""
    seconds, rows = 0.0, 0
    with psycopg.connect(address) as connection:
        for model in LARGE:
            table = sql.Identifier(model.name)
            bare = sql.Identifier(f"bare_{model.name}")
            names = sql.SQL(", ").join(map(sql.Identifier, columns(model)))
            of_release = sql.SQL("SELECT {} FROM {} WHERE release_id = {}").format(names, table, release)
            file = folder / model.name
            _copy_out(connection, sql.SQL("COPY ({}) TO STDOUT").format(of_release), file)
            connection.execute(sql.SQL("CREATE TABLE {} AS {} WITH NO DATA").format(bare, of_release))
            connection.commit()
            started = time.perf_counter()
            rows += _copy_in(connection, sql.SQL("COPY {} FROM STDIN").format(bare), file)
            connection.commit()
            seconds += time.perf_counter() - started
            connection.execute(sql.SQL("DROP TABLE {}").format(bare))
            connection.commit()
            file.unlink()
    return seconds, rows


def _copy_out(connection: Connection, statement: sql.Composed, file: Path) -> None:
    with connection.cursor() as cursor, cursor.copy(statement) as copy, file.open("wb") as out:
        for piece in copy:
            out.write(piece)


def _copy_in(connection: Connection, statement: sql.Composed, file: Path) -> int:
    with connection.cursor() as cursor:
        with cursor.copy(statement) as copy, file.open("rb") as rows:
            while piece := rows.read(CHUNK):
                copy.write(piece)
        return cursor.rowcount


def main() -> None:
    """Load, and print the seconds, the processor time in Python and the memory at most."""
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("address", metavar="DATABASE_URL")
    parser.add_argument("figures", type=int)
    arguments = parser.parse_args()
    seconds = load_synthetic(arguments.address, arguments.figures)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "cpu": time.process_time(), "memory": memory}))


if __name__ == "__main__":
    main()
