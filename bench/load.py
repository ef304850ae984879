"""How long loading takes, against a bare COPY of the same rows in the same run: `python -m bench.load FIGURES`.

Bare means tables without a key, an index or a rule, and rows that are ready in a file.
"""

import argparse
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from psycopg import Connection, sql

from app.database.loader import load
from app.database.owner import migrate, write_engine
from app.database.progress import shown
from app.database.rows import columns
from app.database.tables import BaseCandidate, Evidence, OutcomeBelow, Record, Relation
from app.embedded.server import running
from bench.synth import content_of, incidents_of, release_of

TABLES = (Record, Evidence, BaseCandidate, Relation, OutcomeBelow)
CHUNK = 1 << 20


@contextmanager
def folder() -> Iterator[Path]:
    """Yield a folder that goes afterwards, and that whoever runs PostgreSQL for us can enter."""
    with TemporaryDirectory(prefix="upheld-bench-") as name:
        path = Path(name)
        path.chmod(0o755)
        yield path


def timed_load(address: str, figures: int) -> float:
    """Load the synthetic dataset and return the seconds that it took."""
    engine = write_engine(address)
    migrate(engine)
    content = content_of(figures)
    started = time.perf_counter()
    with shown(figures + incidents_of(figures)) as advance:
        load(engine, content, release_of(figures), advance=advance)
    seconds = time.perf_counter() - started
    engine.dispose()
    return seconds


def timed_making(figures: int) -> float:
    """Return the seconds that it takes to make the dataset up, which the loader does as it goes."""
    started = time.perf_counter()
    for _ in content_of(figures).records():
        pass
    return time.perf_counter() - started


def timed_copy(address: str, place: Path) -> tuple[float, int, int]:
    """Copy every large table into one without keys, indexes and rules; return seconds, rows and bytes."""
    seconds, rows, size = 0.0, 0, 0
    with psycopg.connect(address) as connection:
        for model in TABLES:
            table = model.__tablename__
            names = sql.SQL(", ").join(map(sql.Identifier, columns(model)))
            file = place / table
            _copy_out(
                connection, sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(names, sql.Identifier(table)), file
            )
            size += file.stat().st_size
            connection.execute(
                sql.SQL("CREATE TABLE {} AS SELECT {} FROM {} WITH NO DATA").format(
                    sql.Identifier(f"bare_{table}"), names, sql.Identifier(table)
                )
            )
            connection.commit()
            started = time.perf_counter()
            rows += _copy_in(
                connection, sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(f"bare_{table}")), file
            )
            connection.commit()
            seconds += time.perf_counter() - started
            connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(f"bare_{table}")))
            connection.commit()
            file.unlink()
    return seconds, rows, size


def _copy_out(connection: Connection, statement: sql.Composed, file: Path) -> None:
    with connection.cursor() as cursor, cursor.copy(statement) as copy, file.open("wb") as out:
        for piece in copy:
            out.write(piece)


def _copy_in(connection: Connection, statement: sql.Composed, file: Path) -> int:
    with connection.cursor() as cursor:
        with cursor.copy(statement) as copy, file.open("rb") as ready:
            while piece := ready.read(CHUNK):
                copy.write(piece)
        return cursor.rowcount


def main() -> None:
    """Load, copy and say how the two compare."""
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("figures", type=int, nargs="?", default=1_000_000, help="how many figures")
    figures = parser.parse_args().figures
    with folder() as place, running(place / "data") as address:
        before = time.process_time()
        loading = timed_load(address, figures)
        busy = time.process_time() - before
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        copying, rows, size = timed_copy(address, place)
    making = timed_making(figures)
    print(f"{figures:,} figures: {rows:,} rows, {size / 1e6:,.0f} MB")
    print(f"loaded in {loading:.1f} s, {rows / loading:,.0f} rows/s")
    print(f"at work in Python for {busy:.1f} s of them, {making:.1f} s to make the dataset up")
    print(f"bare COPY in {copying:.1f} s, {rows / copying:,.0f} rows/s; ratio {loading / copying:.2f}")
    print(f"most memory held by the loader: {most} MB")


if __name__ == "__main__":
    main()
