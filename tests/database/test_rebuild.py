"""A database left behind by an earlier version of the program, restored from a dump."""

import lzma
import subprocess
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, text

from app.database.choice import use
from app.database.errors import LoadError
from app.database.loader import load_editions
from app.database.owner import write_engine
from app.database.schema import schema_head
from app.domain.dataset import Release, Tombstone
from app.embedded.server import running
from app.releases.canonical import digest, digest_of, from_canonical
from app.releases.editions import Edition
from app.releases.editions import editions as editions_of
from app.releases.history import histories
from app.releases.withdraw import without
from tests.api import client_of
from tests.made import dataset, figure, release
from tests.postgresql import LINUX, new_database
from tests.programs import UPHELD, environment
from tests.real_seeds import real_seeds
from tests.web.html import BROWSER

EARLIER = Path(__file__).parent / "earlier"
"""A dump with two releases, the first chosen by hand, and a tombstone; and the content of the releases."""

PATHS = (
    "/v1/figures",
    "/v1/figures?format=csv&release=2.0.0",
    "/v1/figures?format=jsonl",
    "/v1/complaints?outcome=dismissed",
    "/v1/incidents/event",
    "/v1/figures/open/tree",
    "/v1/releases",
    "/v1/releases/2.0.0/changes",
    "/v1/export.zip?release=1.0.0",
    "/v1/figures/gone",
)


def editions() -> list[Edition]:
    """Return the releases in the dump as the seeds would have them."""
    held = [
        (version, (EARLIER / f"{version}.jsonl").read_bytes().splitlines(keepends=True))
        for version in ("1.0.0", "2.0.0")
    ]
    datasets = [(version, from_canonical(lines)) for version, lines in held]
    return [
        Edition.of(
            Release(
                version=version,
                published_at=datetime(year, 1, 1, tzinfo=UTC),
                note="Made up.",
                digest=digest_of(lines),
                reasons={"whole": "It was misread."} if version == "2.0.0" else {},
            ),
            of,
            history,
        )
        for year, (version, lines), (_, of), history in zip(
            (2025, 2026), held, datasets, histories(datasets), strict=True
        )
    ]


def restore(address: str) -> None:
    """Fill an empty database from the dump."""
    with psycopg.connect(address) as connection:
        connection.execute((EARLIER / "database.sql").read_bytes())


@pytest.fixture
def earlier(server: str) -> Iterator[Engine]:
    """Yield an engine on a database left behind by an earlier version."""
    with new_database(server) as address:
        restore(address.replace("postgresql+psycopg://", "postgresql://"))
        engine = write_engine(address)
        yield engine
        engine.dispose()


def address_of(engine: Engine) -> str:
    """Return the address of an engine's database."""
    return engine.url.render_as_string(hide_password=False)


async def answers(address: str, paths: Sequence[str] = PATHS) -> dict[str, tuple[int, str | None, bytes]]:
    """Return each path's status, ETag and body, as readers get them."""
    found = {}
    async for client in client_of(address):
        for path in paths:
            answer = await client.get(path, headers={} if path.startswith("/v1") else BROWSER)
            found[path] = answer.status_code, answer.headers.get("etag"), answer.content
    return found


def left(engine: Engine) -> set[str]:
    """Return a database's tables and releases, to check that nothing changed."""
    with engine.connect() as connection:
        tables = connection.execute(text("SELECT oid::text || relname FROM pg_class WHERE relkind IN ('r', 'p')"))
        return {*tables.scalars(), *connection.execute(text("SELECT version || digest FROM release")).scalars()}


@pytest.mark.anyio
async def test_it_is_built_anew(earlier: Engine, database: Engine) -> None:
    """Answers and ETags match a fresh load; the tombstone and chosen release survive, and the load says so."""
    report = load_editions(earlier, editions())
    assert report.changed
    assert report.notes == [
        "An earlier version of this program built the database, so it was rebuilt from the seeds.",
        "Serving 1.0.0, as `upheld use` chose.",
    ]
    stone = Tombstone(id="gone", day=date(2025, 6, 1), reason="A court ordered it.")
    load_editions(database, editions(), [stone])
    use(database, "1.0.0")
    found = await answers(address_of(earlier))
    assert found == await answers(address_of(database))
    assert [status for status, _, _ in found.values()] == [200] * (len(PATHS) - 1) + [451]
    assert b'"version":"1.0.0"' in found["/v1/releases"][2]
    assert load_editions(earlier, editions()) == (False, report.notes[1:])
    use(earlier, None)


ID = "met-2012-2018-complaints-upheld"
ALL = (
    *(
        "/v1/figures",
        "/v1/outcomes?force=metropolitan",
        "/v1/incidents?format=csv",
        "/v1/figures?limit=3&sort=-value",
    ),
    *("/v1/figures?format=csv", "/v1/figures?format=jsonl", "/v1/figures?q=complaints", f"/v1/figures/{ID}/tree"),
    *("/v1/forces", "/v1/codes", "/v1/sources", "/v1/coverage", "/v1/series", "/v1/dataset", "/v1/releases"),
    *("/v1/releases/1.0.0/changes", "/v1/releases.atom", "/v1/export.zip", f"/v1/figures/{ID}?format=bibtex"),
    *("/", f"/figures/{ID}", f"/embed/figures/{ID}", "/coverage", "/forces", "/about", "/timeline.svg"),
)


@pytest.mark.anyio
async def test_the_version_before_tables_and_headcounts(server: str, database: Engine) -> None:
    """A database with the same revision but other columns gives, after a load, the same answers as a new one."""
    released = editions_of(real_seeds())[0]
    with new_database(server) as address:
        with psycopg.connect(address.replace("+psycopg", "")) as connection:
            connection.execute(lzma.decompress((EARLIER / "1.0.0.sql.xz").read_bytes()))
            revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        assert revision == (schema_head(),)
        engine = write_engine(address)
        assert [note.partition(":")[0] for note in load_editions(engine, [released]).notes] == [
            "An earlier version of this program built the database, so it was rebuilt from the seeds."
        ]
        load_editions(database, [released])
        found, fresh = await answers(address, ALL), await answers(address_of(database), ALL)
        assert load_editions(engine, [released]) == (False, [])
        engine.dispose()
    assert {path: status for path, (status, _, _) in found.items() if status != 200} == {}
    assert [path for path in ALL if found[path] != fresh[path]] == []


@pytest.mark.parametrize("revision", ["0001", "0003", "0005"])
def test_any_earlier_revision_is_recognised(earlier: Engine, revision: str) -> None:
    """Every earlier migration is recognised."""
    with earlier.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
    assert load_editions(earlier, editions()).changed
    with earlier.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == schema_head()


@pytest.mark.parametrize(
    "missing",
    [
        "ALTER TABLE record DROP COLUMN standing CASCADE",
        "DROP INDEX ix_record_period",
        "DROP TABLE outcome_below CASCADE",
        "ALTER TABLE record RESET (toast_tuple_target)",
    ],
)
def test_a_migration_was_edited_after_it_had_been_applied(database: Engine, missing: str) -> None:
    """With the right revision but other columns, indexes, tables or storage, the database is rebuilt too."""
    load_editions(database, editions())
    with database.begin() as connection:
        connection.execute(text(missing))
    assert load_editions(database, editions()).notes
    assert load_editions(database, editions()) == (False, [])


def test_what_the_seeds_do_not_have_is_not_thrown_away(earlier: Engine) -> None:
    """The load names the release and says what to do; the database stays as it is."""
    before = left(earlier)
    with pytest.raises(LoadError, match=r"they don't have 2\.0\.0: load seeds that have it"):
        load_editions(earlier, editions()[:1])
    changed = dataset([figure("one")])
    other = Edition.of(release("1.0.0", changed), changed, next(histories([("1.0.0", changed)])))
    with pytest.raises(LoadError, match=r"release 1\.0\.0 is loaded with other content"):
        load_editions(earlier, [other, editions()[1]])
    with pytest.raises(LoadError, match="`upheld load`"):
        use(earlier, None)
    assert left(earlier) == before


def test_a_removal_comes_with_the_new_program(earlier: Engine) -> None:
    """Seeds that lack a record for legal reasons still match the loaded releases."""
    stone = Tombstone(id="open", day=date(2026, 6, 1), reason="A court ordered it.")
    held = [(one.release.version, without(one.dataset, {"open"})) for one in editions()]
    after = [
        Edition.of(one.release.model_copy(update={"digest": digest(of)}), of, history)
        for one, (_, of), history in zip(editions(), held, histories(held), strict=True)
    ]
    with pytest.raises(LoadError, match="other content"):
        load_editions(earlier, after)
    load_editions(earlier, after, [stone])
    with earlier.connect() as connection:
        assert set(connection.execute(text("SELECT id FROM tombstone")).scalars()) == {"gone", "open"}
        assert connection.execute(text("SELECT count(*) FROM record WHERE id = 'open'")).scalar_one() == 0


def test_an_unreleased_dataset_goes_even_if_it_was_chosen(earlier: Engine) -> None:
    """`dev` is dropped, the latest release is served instead, and the load says so."""
    with earlier.begin() as connection:
        connection.execute(text("UPDATE release SET version = 'dev' WHERE version = '1.0.0'"))
    report = load_editions(earlier, editions())
    assert "Release dev, which was chosen by hand, no longer exists: serving 2.0.0." in report.notes


@LINUX
def test_the_private_server_has_such_a_database(place: Path) -> None:
    """On an earlier version's data folder, `upheld load` rebuilds the database, says so, and does it only once."""
    folder = place / "data"
    with running(folder) as address:
        restore(address)
        with psycopg.connect(address) as connection:
            # Only the release that the project's seeds have too; its content is checked by its digest.
            same = real_seeds().releases[0]
            connection.execute("UPDATE current_release SET release_id = 1, chosen = false")
            connection.execute("DELETE FROM release WHERE id = 2")
            values = [same.digest, same.note, same.published_at]
            connection.execute("UPDATE release SET digest = %s, note = %s, published_at = %s", values)
    first, second = (
        subprocess.run(  # noqa: S603 - our own command
            [UPHELD, "load"],
            env=environment(UPHELD_DATA_DIR=str(folder)),
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        ).stdout
        for _ in range(2)
    )
    assert first.startswith("An earlier version of this program built the database, so it was rebuilt")
    assert second.endswith("already loaded.\n")
    assert "earlier" not in second
    with running(folder) as address, psycopg.connect(address) as connection:
        assert connection.execute("SELECT id FROM tombstone").fetchall() == [("gone",)]
