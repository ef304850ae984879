"""Releases: what each changed and why, what never changes, and what the law has removed without a trace."""

import io
import shutil
import zipfile
from collections.abc import Callable, Mapping
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from typing import Any

import feedparser  # type: ignore[import-untyped]  # it ships no types
import pytest
from httpx import AsyncClient, Response
from ruamel.yaml import YAML
from sqlalchemy import Engine, text

from app.cli import main
from app.database import tables
from app.database.choice import use
from app.database.errors import LoadError
from app.database.loader import load, load_editions
from app.domain.dataset import Dataset, Tombstone
from app.domain.records import Figure, Record, Related
from app.releases.canonical import digest
from app.releases.editions import Edition, editions
from app.releases.files import ReleaseError, snapshot_path
from app.releases.history import histories
from app.releases.publish import next_version, publish
from app.releases.withdraw import withdraw, without
from app.seeds.problems import SeedError
from app.seeds.reading import read
from app.settings import PROJECT
from tests.api import client_of
from tests.made import ambiguous, base, dataset, figure, incident, release
from tests.made_releases import HISTORY, ONE, TWO, load_releases
from tests.postgresql import address_of

pytestmark = pytest.mark.anyio

MET = "euro-weekly-news-2021-03-22.yaml"
UPHELD = "met-2012-2018-complaints-upheld"
REMOVED = "met-2012-2018-upheld-removed"
WHY = "The article has 120 further down."


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project's seeds of which 1.0.0 is the only release."""
    seeds = Path(shutil.copytree(PROJECT / "seeds", tmp_path_factory.mktemp("first") / "seeds"))
    shutil.rmtree(seeds / "releases", ignore_errors=True)
    for name in ("releases.yaml", "tombstones.yaml"):
        (seeds / name).unlink(missing_ok=True)
    publish(seeds, "1.0.0", "The first articles.", {})
    return seeds


@pytest.fixture
def seeds(first: Path, tmp_path: Path) -> Path:
    """Return seeds of which 1.0.0 is the only release, for a test to go on from."""
    return Path(shutil.copytree(first, tmp_path / "seeds"))


def load_all(engine: Engine, seeds: Path) -> bool:
    """Load seeds as `upheld load` does."""
    return load_editions(engine, editions(read(seeds)), read(seeds).tombstones).changed


def replace(path: Path, old: str, new: str) -> None:
    """Change the first place of a file that holds a text."""
    found = path.read_text(encoding="utf-8")
    assert old in found
    path.write_text(found.replace(old, new, 1), encoding="utf-8")


def rewrite(path: Path, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> None:
    """Change the list of records of an article's file."""
    yaml = YAML()
    whole = yaml.load(path)
    whole["records"] = change(whole["records"])
    yaml.dump(whole, path)


def correct(seeds: Path) -> None:
    """Correct 119 to 120."""
    replace(seeds / MET, "value: 119", "value: 120")


def drop(seeds: Path, record: str) -> None:
    """Take a record out of an article's file, and every reference to it."""

    def change(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for one in records:
            if record in one.get("base", {}).get("candidates", []):
                del one["base"]
            one["related"] = [other for other in one.get("related", []) if other["id"] != record]
        return [one for one in records if one["id"] != record]

    rewrite(seeds / MET, change)


def add(seeds: Path) -> None:
    """Add a record that no one would count twice."""
    rewrite(seeds / MET, lambda records: [*records, {**deepcopy(records[0]), "id": "met-1-complaint", "value": 1}])


async def changes_of(client: AsyncClient, version: str) -> list[dict[str, Any]]:
    """Return what a release changed."""
    answer = await client.get(f"/v1/releases/{version}/changes")
    assert answer.status_code == 200
    data: list[dict[str, Any]] = answer.json()["data"]
    return data


# --- a correction ----------------------------------------------------------------------------------------------

PINNED = [
    f"/v1/figures/{UPHELD}?release=1.0.0",
    f"/v1/outcomes/{UPHELD}?format=bibtex&release=1.0.0",
    f"/v1/figures/{REMOVED}/tree?release=1.0.0",
    f"/v1/compare?a={UPHELD}&b={REMOVED}&release=1.0.0",
    "/v1/outcomes?outcome=upheld&release=1.0.0",
    "/v1/total?outcome=upheld&release=1.0.0",
    "/v1/figures?format=csv&release=1.0.0",
    "/v1/figures?format=jsonl&release=1.0.0",
    "/v1/dataset?release=1.0.0",
    "/v1/dataset?format=jsonld&release=1.0.0",
    "/v1/export.zip?release=1.0.0",
    "/v1/codes?release=1.0.0",
]


async def test_a_correction_leaves_a_trace(database: Engine, seeds: Path) -> None:
    """From 119 to 120 in a new major release; who cited the old one goes on reading it, to the byte."""
    load_all(database, seeds)
    async for client in client_of(address_of(database)):
        pinned = {address: await client.get(address) for address in PINNED}
        old = {address: await client.get(address.replace("release=1.0.0", "")) for address in PINNED}
        correct(seeds)
        made = publish(seeds, "2.0.0", "A correction.", {UPHELD: WHY})
        assert load_all(database, seeds)
        value = {"thing": "record", "id": UPHELD, "type": "changed", "field": "value"}
        assert await changes_of(client, "2.0.0") == [{**value, "old": 119, "new": 120, "reason": WHY}]
        for address, before in pinned.items():
            after = await client.get(address)
            assert (before.status_code, after.status_code) == (200, 200), address
            assert (after.content, after.headers["etag"]) == (before.content, before.headers["etag"]), address
        for address, before in old.items():
            now = await client.get(
                address.replace("release=1.0.0", ""), headers={"If-None-Match": before.headers["etag"]}
            )
            changed = now.status_code == 200 and now.headers["etag"] != before.headers["etag"]
            assert changed or address.startswith("/v1/codes"), address
        (figure,) = (await client.get("/v1/outcomes?outcome=upheld")).json()["data"]
        assert (figure["value"], figure["share"]) == (120, 0.202)
        assert (figure["first_release"], figure["changed_release"]) == ("1.0.0", "2.0.0")
        described = (await client.get("/v1/releases/2.0.0")).json()
        assert (described["digest"], described["note"]) == (made.release.digest, "A correction.")


async def test_a_correction_is_in_the_feed(database: Engine, seeds: Path) -> None:
    """Feed readers find an entry for each release, newest first, that leads to what it changed."""
    correct(seeds)
    publish(seeds, "2.0.0", "A correction <of> 119 & more.", {UPHELD: WHY})
    load_all(database, seeds)
    async for client in client_of(address_of(database)):
        answer = await client.get("/v1/releases.atom")
        assert answer.headers["content-type"] == "application/atom+xml"
        feed = feedparser.parse(answer.content)
        assert not feed.bozo
        assert feed.version == "atom10"
        newest, oldest = feed.entries
        assert (newest.title, oldest.title) == ("Release 2.0.0", "Release 1.0.0")
        assert newest.summary == "A correction <of> 119 & more."
        assert feed.feed.updated == newest.updated > oldest.updated
        assert len({newest.id, oldest.id, feed.feed.id}) == 3
        there = await client.get(newest.link)
        assert there.json()["data"][0]["new"] == 120


# --- making a release ------------------------------------------------------------------------------------------

EDITS: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "a value": (correct, "2.0.0", "major"),
    "a unit": (lambda seeds: replace(seeds / MET, "unit: complaint", "unit: case"), "2.0.0", "major"),
    "a withdrawal": (lambda seeds: drop(seeds, REMOVED), "2.0.0", "major"),
    "a code's place": (
        lambda seeds: replace(seeds / "codes.yaml", "parent: sexual-assault", "parent: sexual-misconduct"),
        "2.0.0",
        "major",
    ),
    "an addition": (add, "1.1.0", "minor"),
    "wording": (
        lambda seeds: replace(seeds / MET, "119 were upheld.", "119 were found justified."),
        "1.0.1",
        "patch",
    ),
    "a label": (
        lambda seeds: replace(seeds / "codes.yaml", "label: Homicide", "label: A killing"),
        "1.0.1",
        "patch",
    ),
}
REASONS = {
    "a value": [UPHELD],
    "a unit": ["met-2012-2018-complaints"],
    "a withdrawal": [REMOVED],
    "wording": [UPHELD],
}
"""The records that each edit corrects or withdraws."""


@pytest.mark.parametrize("edit", EDITS)
def test_the_size_of_the_changes_makes_the_version(seeds: Path, edit: str) -> None:
    """Corrections are major, additions minor, wording is patch; any other version is refused with the right one."""
    change, version, step = EDITS[edit]
    change(seeds)
    reasons = dict.fromkeys(REASONS.get(edit, []), "So.")
    with pytest.raises(ReleaseError, match=rf"the next release must be {version}, not 3\.0\.0: .* are {step}$"):
        publish(seeds, "3.0.0", "New.", reasons)
    made = publish(seeds, version, "New.", reasons)
    assert made.release.version == version
    assert editions(read(seeds))[-1].release == made.release
    assert {
        change.id for change in made.history.changes if change.thing == "record" and change.type != "added"
    } == {*reasons}


@pytest.mark.parametrize("edit", ["a value", "a withdrawal", "wording"])
def test_no_correction_without_a_reason(seeds: Path, edit: str) -> None:
    """A record that was corrected or withdrawn is named until there is a reason for it, and for no other."""
    change, version, _ = EDITS[edit]
    change(seeds)
    (record,) = REASONS[edit]
    before = (seeds / "releases.yaml").read_bytes()
    with pytest.raises(ReleaseError, match=f"--reason '{record}=…'"):
        publish(seeds, version, "New.", {})
    with pytest.raises(
        ReleaseError, match=r"records that did not change: met-officer-refuge, nothing-of-the-kind$"
    ):
        publish(seeds, version, "New.", dict.fromkeys([record, "nothing-of-the-kind", "met-officer-refuge"], "So."))
    assert (seeds / "releases.yaml").read_bytes() == before
    assert not snapshot_path(seeds, version).exists()


def test_nothing_new_is_no_release(seeds: Path) -> None:
    """The same seeds in another order are the same release."""
    rewrite(seeds / MET, lambda records: [*reversed(records)])
    assert [edition.release.version for edition in editions(read(seeds))] == ["1.0.0"]
    with pytest.raises(ReleaseError, match=r"nothing has changed since release 1\.0\.0"):
        publish(seeds, "1.0.1", "New.", {})


def test_the_first_release_has_its_number(seeds: Path) -> None:
    """Numbers begin with 1.0.0."""
    (seeds / "releases.yaml").unlink()
    with pytest.raises(ReleaseError, match=r"the next release must be 1\.0\.0, not 0\.1\.0: it is the first one"):
        publish(seeds, "0.1.0", "New.", {})


def test_releases_are_put_in_order_by_their_times(seeds: Path) -> None:
    """However quickly they are made, each is later than the one before."""
    for value in (120, 121, 122):
        replace(seeds / MET, f"value: {value - 1}", f"value: {value}")
        publish(seeds, f"{value - 118}.0.0", "A correction.", {UPHELD: WHY})
    times = [known.published_at for known in read(seeds).releases]
    assert len(times) == 4
    assert all(one < other for one, other in pairwise(times))


def test_version_numbers_step() -> None:
    """As Semantic Versioning has it."""
    assert [next_version("1.2.3", step) for step in ("patch", "minor", "major")] == ["1.2.4", "1.3.0", "2.0.0"]


def test_a_release_is_what_the_citation_file_names(seeds: Path) -> None:
    """`CITATION.cff` beside the seeds names the latest release and its day, and is otherwise left alone."""
    citation = seeds.parent / "CITATION.cff"
    citation.write_text("# ours\ntitle: Upheld\nversion: 0.9\nlicense: MIT\n")
    correct(seeds)
    made = publish(seeds, "2.0.0", "A correction.", {UPHELD: WHY})
    day = f"{made.release.published_at:%Y-%m-%d}"
    wanted = f'# ours\ntitle: Upheld\nversion: "2.0.0"\nlicense: MIT\ndate-released: "{day}"\n'
    assert citation.read_text() == wanted


# --- releases never change -------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", [0.0, 0.37, 0.99, 1.0])
def test_one_byte_of_a_snapshot_altered_is_found(seeds: Path, place: float) -> None:
    """A snapshot is what it was when it was released, or nothing is done with it."""
    path = snapshot_path(seeds, "1.0.0")
    whole = bytearray(path.read_bytes())
    whole[int(place * (len(whole) - 1))] ^= 1
    path.write_bytes(whole)
    with pytest.raises(
        ReleaseError, match=r"1\.0\.0\.jsonl: release 1\.0\.0 must never change, .* Restore the file"
    ):
        editions(read(seeds))


@pytest.mark.parametrize("spoil", [lambda path: path.unlink(), lambda path: path.write_bytes(b"")])
def test_a_snapshot_that_is_gone_is_missed(seeds: Path, spoil: Callable[[Path], None]) -> None:
    """So is one that is empty."""
    spoil(snapshot_path(seeds, "1.0.0"))
    with pytest.raises(ReleaseError, match=r"1\.0\.0\.jsonl: "):
        editions(read(seeds))


def test_a_loaded_release_is_not_replaced(database: Engine) -> None:
    """Not even by one that says which it is."""
    load_releases(database, ("1.0.0", [figure("one")]))
    with pytest.raises(LoadError, match=r"release 1\.0\.0 is loaded with other content"):
        load_releases(database, ("1.0.0", [figure("one", value=2)]))
    assert documents(database)["1.0.0", "one"]["value"] == 1


def documents(engine: Engine) -> dict[tuple[str, str], dict[str, Any]]:
    """Return every record of every release as it is answered."""
    statement = "SELECT version, record.id, document::json FROM record JOIN release ON release.id = release_id"
    with engine.connect() as connection:
        return {(row[0], row[1]): row[2] for row in connection.execute(text(statement))}


def current(engine: Engine) -> str | None:
    """Return the version that is served."""
    statement = "SELECT version FROM release JOIN current_release ON release_id = id"
    with engine.connect() as connection:
        return connection.execute(text(statement)).scalar_one_or_none()


async def test_releases_are_loaded_in_order(database: Engine) -> None:
    """All of them, the latest is served, and the list has the newest first, each with its number of records."""
    assert load_releases(database, *HISTORY)
    assert not load_releases(database, *HISTORY)
    assert current(database) == "3.0.0"
    async for client in client_of(address_of(database)):
        listed = (await client.get("/v1/releases")).json()
        assert [one["version"] for one in listed["data"]] == ["3.0.0", "2.2.0", "2.1.0", "2.0.0", "1.0.0"]
        assert [one["version"] for one in listed["data"] if one["current"]] == ["3.0.0"]
        for version, records in HISTORY:
            page = (await client.get(f"/v1/figures?release={version}&sort=id")).json()
            assert [one["id"] for one in page["data"]] == sorted(record.id for record in records)
            assert page["meta"]["release"] == version


def test_first_and_last_change_of_a_record(database: Engine) -> None:
    """Each record says in which release it first stood and last changed; a return is a change."""
    load_releases(database, *HISTORY)
    told = {key: (one["first_release"], one["changed_release"]) for key, one in documents(database).items()}
    assert told == {
        ("1.0.0", "one"): ("1.0.0", "1.0.0"),
        ("1.0.0", "two"): ("1.0.0", "1.0.0"),
        ("2.0.0", "one"): ("1.0.0", "2.0.0"),
        ("2.1.0", "one"): ("1.0.0", "2.0.0"),
        ("2.1.0", "two"): ("1.0.0", "2.1.0"),
        ("2.2.0", "one"): ("1.0.0", "2.0.0"),
        ("2.2.0", "two"): ("1.0.0", "2.1.0"),
        ("2.2.0", "three"): ("2.2.0", "2.2.0"),
        ("3.0.0", "one"): ("1.0.0", "2.0.0"),
        ("3.0.0", "three"): ("2.2.0", "2.2.0"),
    }


async def test_withdrawn_is_not_unknown(database: Engine) -> None:
    """Withdrawn: 410 with reason and release; where it still stands: 200; not there yet, or never: 404."""
    load_releases(database, *HISTORY)
    asked: list[tuple[str, str, int, str | None]] = [
        ("two", "", 410, "3.0.0"),
        ("two", "release=3.0.0", 410, "3.0.0"),
        ("two", "release=2.2.0", 200, None),
        ("two", "release=2.1.0", 200, None),
        ("two", "release=2.0.0", 410, "2.0.0"),
        ("two", "release=1.0.0", 200, None),
        ("three", "release=2.1.0", 404, None),
        ("three", "release=1.0.0", 404, None),
        ("three", "release=2.2.0", 200, None),
        ("four", "", 404, None),
    ]
    async for client in client_of(address_of(database)):
        for record, pin, status, withdrawn_in in asked:
            for path in (
                f"figures/{record}?{pin}",
                f"figures/{record}/tree?{pin}",
                f"compare?a={record}&b=one&{pin}",
            ):
                answer = await client.get(f"/v1/{path}")
                assert answer.status_code == status, path
                if status == 410:
                    told = answer.json()
                    assert (told["release"], told["reason"]) == (withdrawn_in, "It was wrong.")
                    assert answer.headers["content-type"] == "application/problem+json"


def test_rolling_back(database: Engine) -> None:
    """What was chosen stays, whatever is loaded later, until the latest is chosen."""
    load_releases(database, *HISTORY[:2])
    use(database, "1.0.0")
    load_releases(database, *HISTORY[:2])
    assert current(database) == "1.0.0"
    load_releases(database, *HISTORY)
    assert current(database) == "1.0.0"
    use(database, None)
    assert current(database) == "3.0.0"
    use(database, "2.1.0")
    with pytest.raises(LoadError, match=r"release 9\.0\.0 is not loaded; loaded are: 3\.0\.0, 2\.2\.0"):
        use(database, "9.0.0")
    assert current(database) == "2.1.0"
    use(database, None)
    load_releases(database, *HISTORY)
    assert current(database) == "3.0.0"


async def test_an_old_release_keeps_its_words(database: Engine, seeds: Path) -> None:
    """Code trees and forces belong to a release: moving a code changes no pinned answer, and no filter there."""
    load_all(database, seeds)
    addresses = ["/v1/codes", "/v1/forces", "/v1/incidents?allegation=sexual-misconduct", "/v1/sources"]
    async for client in client_of(address_of(database)):
        before = {address: (await client.get(pinned(address))).content for address in addresses}
        codes, forces = seeds / "codes.yaml", seeds / "forces.csv"
        replace(
            codes, "- id: sexual-assault\n    parent: sexual-misconduct", "- id: sexual-assault\n    parent: any"
        )
        replace(forces, "Metropolitan Police Service", "The Met")
        (seeds / "forces.csv").chmod(0o644)
        publish(seeds, "2.0.0", "Sexual assault stands by itself.", {})
        load_all(database, seeds)
        for address, was in before.items():
            assert (await client.get(pinned(address))).content == was, address
        found = [(await client.get(address)).json() for address in (addresses[2], pinned(addresses[2]))]
        assert found[0]["meta"]["total"] < found[1]["meta"]["total"]
        names = [
            (await client.get(f"/v1/figures/{UPHELD}{pin}")).json()["force"]["name"]
            for pin in ("", "?release=1.0.0")
        ]
        assert names == ["The Met", "Metropolitan Police Service"]


def pinned(address: str) -> str:
    """Return an address of the first release."""
    return f"{address}{'&' if '?' in address else '?'}release=1.0.0"


async def test_what_is_not_released_is_called_dev(database: Engine, seeds: Path) -> None:
    """It is served as `dev`, replaced by what comes next, and gone once it is released."""
    load_all(database, seeds)
    async for client in client_of(address_of(database)):
        for value in (120, 121):
            replace(seeds / MET, f"value: {value - 1}", f"value: {value}")
            assert load_all(database, seeds)
            figure = (await client.get(f"/v1/figures/{UPHELD}")).json()
            assert (figure["value"], figure["changed_release"]) == (value, "dev")
            assert "release dev" in figure["citation"]
            page = (await client.get("/v1/figures?limit=1")).json()
            assert page["meta"]["release"] == "dev"
            listed = (await client.get("/v1/releases")).json()["data"]
            assert [(one["version"], one["current"]) for one in listed] == [("dev", True), ("1.0.0", False)]
            (change,) = await changes_of(client, "dev")
            assert (change["old"], change["new"], change["reason"]) == (119, value, None)
            assert "max-age=300" in (await client.get("/v1/figures?release=dev")).headers["cache-control"]
        drop(seeds, REMOVED)
        load_all(database, seeds)
        gone = await client.get(f"/v1/figures/{REMOVED}")
        assert (gone.status_code, gone.json()["release"]) == (410, "dev")
        assert "None" not in gone.text
        publish(seeds, "2.0.0", "Both.", {UPHELD: WHY, REMOVED: WHY})
        load_all(database, seeds)
        listed = (await client.get("/v1/releases")).json()["data"]
        assert [one["version"] for one in listed] == ["2.0.0", "1.0.0"]


# --- removed by law --------------------------------------------------------------------------------------------


def everything(engine: Engine) -> str:
    """Return the whole of a database as text."""
    with engine.connect() as connection:
        names = [table.name for table in tables.Base.metadata.sorted_tables]
        rows = [connection.execute(text(f"SELECT t::text FROM {table} AS t")).scalars() for table in names]  # noqa: S608
        return "\n".join(row for found in rows for row in found)


def on_disk(seeds: Path) -> str:
    """Return the whole of the seeds as text."""
    return "\n".join(path.read_text(encoding="utf-8") for path in seeds.rglob("*") if path.is_file())


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    """Run the command in this process."""
    monkeypatch.setattr("sys.argv", ["upheld", *arguments])
    main()


def traces_of(record: Record) -> list[str]:
    """Return what of a record nobody may find any more."""
    passages = [e.sha256 for e in record.evidence if e.sha256] + [e.note for e in record.evidence if e.note]
    return [record.statement, *passages, *record.notes]


async def test_a_record_is_removed_without_a_trace(
    database: Engine, seeds: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """451 in every release with the reason, and nothing of it anywhere: no list, file, change or table has it."""
    monkeypatch.setenv("DATABASE_URL", address_of(database))
    correct(seeds)
    run(monkeypatch, "release", "2.0.0", "--seeds", str(seeds), "--note", "One.", "--reason", f"{UPHELD}={WHY}")
    run(monkeypatch, "load", "--seeds", str(seeds))
    (record,) = [one for one in editions(read(seeds))[0].dataset.records if one.id == UPHELD]
    traces = [*traces_of(record), WHY]
    assert all(trace in everything(database) + on_disk(seeds) for trace in traces)
    before = read(seeds).releases

    with pytest.raises(SystemExit, match=rf"{MET}:\d+"):
        run(monkeypatch, "withdraw", UPHELD, "--seeds", str(seeds), "--reason", "An order of the court.")
    drop(seeds, UPHELD)
    run(monkeypatch, "withdraw", UPHELD, "--seeds", str(seeds), "--reason", "An order of the court.")
    printed = capsys.readouterr().out
    assert "1.0.0, 2.0.0" in printed
    assert REMOVED in printed, "a record that referred to it"
    after = read(seeds).releases
    assert all(one.digest != other.digest for one, other in zip(before, after, strict=True))
    assert after[-1].reasons == {}
    run(monkeypatch, "check", "--seeds", str(seeds))
    run(monkeypatch, "load", "--seeds", str(seeds))

    assert not [trace for trace in traces if trace in on_disk(seeds) + everything(database)]
    async for client in client_of(address_of(database)):
        for pin in ("", "&release=1.0.0", "&release=2.0.0"):
            await gone_by_law(client, pin)
        assert await changes_of(client, "2.0.0") == []
        released = {one["version"]: one["digest"] for one in (await client.get("/v1/releases")).json()["data"]}
        assert released == {one.version: one.digest for one in after}
    assert not load_all(database, seeds), "nothing is left to do"


async def gone_by_law(client: AsyncClient, pin: str) -> None:
    """Check that a release answers 451 for a record, and holds it nowhere."""
    for path in (
        f"figures/{UPHELD}?{pin}",
        f"outcomes/{UPHELD}?format=csl{pin}",
        f"figures/{UPHELD}/tree?{pin}",
        f"compare?a={REMOVED}&b={UPHELD}{pin}",
    ):
        answer = await client.get(f"/v1/{path}")
        assert (answer.status_code, answer.json()["reason"]) == (451, "An order of the court."), path
    for path in (
        *("figures?", "figures?format=csv", "figures?format=jsonl", "coverage?", "outcomes?"),
        f"figures/{REMOVED}?",
        f"figures/{REMOVED}/tree?",
        "figures/met-2012-2018-complaints/tree?",
        "complaints?outcome=upheld",
    ):
        answer = await client.get(f"/v1/{path}{pin}")
        assert answer.status_code == 200
        assert f'"{UPHELD}"' not in answer.text, path
    export: Response = await client.get(f"/v1/export.zip?{pin}")
    with zipfile.ZipFile(io.BytesIO(export.content)) as package:
        assert not [name for name in package.namelist() if UPHELD in package.read(name).decode()]


def test_what_cannot_be_removed(seeds: Path) -> None:
    """What no release has, what the curators' files still name, and what is removed already is refused."""
    whole = on_disk(seeds)
    with pytest.raises(ReleaseError, match=r"no release has nothing-of-the-kind$"):
        withdraw(seeds, "nothing-of-the-kind", "By law.")
    with pytest.raises(ReleaseError, match=rf"no release has {UPHELD}x; did you mean {UPHELD}\?"):
        withdraw(seeds, f"{UPHELD}x", "By law.")
    with pytest.raises(
        ReleaseError, match=rf"all about it from the seeds; it is named in\n  {MET}:\d+\n  {MET}:\d+"
    ):
        withdraw(seeds, UPHELD, "By law.")
    for record, reason, wrong in ((UPHELD, "", "reason ''"), ("Not An Id", "By law.", "id 'Not An Id'")):
        with pytest.raises(ReleaseError, match=f"nothing was removed: {wrong}"):
            withdraw(seeds, record, reason)
    assert on_disk(seeds) == whole
    drop(seeds, REMOVED)
    withdraw(seeds, REMOVED, "By law.")
    with pytest.raises(ReleaseError, match=f"{REMOVED} was already removed on"):
        withdraw(seeds, REMOVED, "By law.")


def test_a_note_that_names_it_is_pointed_out(seeds: Path) -> None:
    """What people wrote about releases cannot be changed by a program; it says where to look."""
    correct(seeds)
    publish(seeds, "2.0.0", f"Corrects {UPHELD}.", {UPHELD: WHY})
    drop(seeds, UPHELD)
    removal = withdraw(seeds, UPHELD, "By law.")
    assert [line.partition(":")[0] for line in removal.named] == ["releases.yaml"]
    assert removal.versions == ["1.0.0", "2.0.0"]
    assert set(removal.referring) == {REMOVED, "met-2012-2018-upheld-criminal-investigation"}


def test_an_id_removed_by_law_is_never_used_again(seeds: Path) -> None:
    """A record that comes back under it is refused, wherever it comes from."""
    article = (seeds / MET).read_bytes()
    drop(seeds, REMOVED)
    withdraw(seeds, REMOVED, "By law.")
    read(seeds)
    (seeds / MET).write_bytes(article)
    with pytest.raises(
        SeedError, match=f"{REMOVED}, id: {REMOVED} was removed for legal reasons on .*, and ids are never reused"
    ):
        read(seeds)


def related(kind: str, other: str) -> list[Related]:
    """Return a relation to another record."""
    return [Related.model_validate({"type": kind, "id": other})]


def test_references_go_with_what_they_refer_to() -> None:
    """No record refers to one that is gone; a settled base is not replaced by a reading that was turned down."""
    whole = figure("whole", value=9, related=related("same-fact", "other"))
    other = figure("other", value=8, related=related("same-fact", "whole"))
    settled = figure("settled", kind="outcome", base=base("whole", "other"))
    kept = figure("kept", kind="outcome", value=2, base=base("other", "whole"))
    opened = figure("open", kind="outcome", value=3, base=ambiguous("whole", "other"))
    alone = figure("alone", kind="outcome", value=4, base=ambiguous("whole"))
    inside = incident("inside", related=[*related("part-of", "whole"), *related("part-of", "other")])
    held = dataset([whole, other, settled, kept, opened, alone, inside])
    left = {record.id: record for record in without(held, {"whole"}).records}
    assert set(left) == {"other", "settled", "kept", "open", "alone", "inside"}
    assert [one.related for one in (left["other"], left["inside"])] == [[], related("part-of", "other")]
    bases = {name: one.base for name, one in left.items() if isinstance(one, Figure)}
    assert bases["settled"] is bases["alone"] is None
    assert bases["kept"] == base("other")
    assert bases["open"] == ambiguous("other")
    assert without(held, set()) == held


def test_a_removal_changes_nothing_else(database: Engine) -> None:
    """Releases without the record stay what they were, but for what they told of it."""
    load_releases(database, *HISTORY)
    left = [(version, [one for one in records if one.id != "two"]) for version, records in HISTORY]
    assert load_releases(database, *left, gone=["two"])
    told = documents(database)
    assert set(told) == {(version, one.id) for version, records in left for one in records}
    assert told["3.0.0", "one"]["changed_release"] == "2.0.0"
    assert '"two"' not in everything(database)
    assert "It was wrong." not in everything(database)
    assert current(database) == "3.0.0"
    assert not load_releases(database, *left, gone=["two"])


def test_a_removal_keeps_what_was_chosen(database: Engine) -> None:
    """A release that was chosen by hand is still the one that is served."""
    load_releases(database, *HISTORY)
    use(database, "2.1.0")
    left = [(version, [one for one in records if one.id != "two"]) for version, records in HISTORY]
    load_releases(database, *left, gone=["two"])
    load_releases(database, *left, gone=["two"])
    assert current(database) == "2.1.0"


ALTERED: Mapping[str, Callable[[Dataset], Dataset]] = {
    "another value": lambda of: of.model_copy(update={"records": [figure("one", value=99), *of.records[1:]]}),
    "another record gone": lambda of: of.model_copy(update={"records": []}),
    "a force renamed": lambda of: of.model_copy(
        update={"forces": [of.forces[0].model_copy(update={"name": "Another"}), *of.forces[1:]]}
    ),
    "a source retitled": lambda of: of.model_copy(
        update={"sources": [of.sources[0].model_copy(update={"title": "Another"})]}
    ),
    "codes in another order": lambda of: of.model_copy(
        update={"codes": of.codes.model_copy(update={"outcome": [*reversed(of.codes.outcome)]})}
    ),
    "a change of rules gone": lambda of: of.model_copy(update={"rule_changes": of.rule_changes[1:]}),
}


def test_a_removal_is_no_pretext(database: Engine) -> None:
    """A loaded release is replaced where the removed records are all that is missing, and nowhere else."""
    load_releases(database, ("1.0.0", [ONE, TWO]))
    before = everything(database)
    stone = Tombstone.model_validate({"id": "two", "day": "2026-01-31", "reason": "By law."})
    for name, alter in ALTERED.items():
        altered = alter(dataset([ONE]))
        past = next(iter(histories([("1.0.0", altered)])))
        with pytest.raises(LoadError, match=r"release 1\.0\.0 is loaded with other content"):
            load_editions(database, [Edition(release("1.0.0", altered), altered, past)], [stone])
        assert everything(database) == before, name


def test_every_field_survives_the_way_back(database: Engine) -> None:
    """What is read back of a loaded release is what was loaded, whatever it holds: the check rests on that."""
    held = read(PROJECT / "seeds").dataset
    extra = held.records[0].model_copy(update={"id": "extra", "statement": "To be removed."})
    whole = held.model_copy(update={"records": [*held.records, extra]})
    for of, gone in ((whole, ()), (held, ["extra"])):
        stones = [Tombstone.model_validate({"id": one, "day": "2026-01-31", "reason": "By law."}) for one in gone]
        past = next(iter(histories([("1.0.0", of)])))
        assert load_editions(database, [Edition(release("1.0.0", of), of, past)], stones).changed
    assert ("1.0.0", "extra") not in documents(database)
    assert digest(whole) != digest(held)


def test_a_release_that_the_seeds_do_not_tell_of(database: Engine) -> None:
    """A removed record must not stay behind in a release that is loaded from elsewhere: the load is refused."""
    load_releases(database, ("1.0.0", [ONE, TWO]), ("2.0.0", [TWO]))
    before = everything(database)
    with pytest.raises(LoadError, match=r"don't have release 2\.0\.0, which is loaded and holds two"):
        load_releases(database, ("1.0.0", [ONE]), gone=["two"])
    assert everything(database) == before


def test_a_chosen_dev_does_not_keep_a_removed_record(database: Engine) -> None:
    """It is no release: who holds on to it is told how to let go."""
    load_releases(database, ("1.0.0", [ONE]), ("dev", [ONE, TWO]))
    use(database, "dev")
    with pytest.raises(LoadError, match="`upheld use latest` removes it"):
        load_releases(database, ("1.0.0", [ONE]), gone=["two"])
    use(database, "1.0.0")
    assert load_releases(database, ("1.0.0", [ONE]), gone=["two"])
    assert '"two"' not in everything(database)


def test_single_loads_know_nothing_of_removals(database: Engine) -> None:
    """`load` takes one release as it is."""
    of = dataset([ONE])
    assert load(database, of, release("1.0.0", of))
    assert not load(database, of, release("1.0.0", of))
