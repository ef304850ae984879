"""Releases over HTTP: what each changed and why, what never changes, and what was removed for legal reasons."""

import io
import zipfile
from pathlib import Path
from typing import Any

import feedparser  # type: ignore[import-untyped]  # it ships no types
import pytest
from httpx import AsyncClient, Response
from sqlalchemy import Engine, text

from app.database import tables
from app.domain.records import Record
from app.releases.editions import editions
from app.releases.publish import publish
from app.seeds.reading import read
from tests.api import client_of
from tests.made_releases import HISTORY, load_releases
from tests.postgresql import address_of
from tests.programs import Run
from tests.released_seeds import (
    MET,
    REASON,
    REMOVED,
    UPHELD,
    correct,
    drop,
    load_seeds,
    replace_first,
    write_released_seeds,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """Return seeds with one release, for a test to edit."""
    return write_released_seeds(tmp_path)


async def changes_of(client: AsyncClient, version: str) -> list[dict[str, Any]]:
    """Return the changes of a release."""
    answer = await client.get(f"/v1/releases/{version}/changes")
    assert answer.status_code == 200
    data: list[dict[str, Any]] = answer.json()["data"]
    return data


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


async def test_a_correction_changes_the_current_release_only(database: Engine, seeds: Path) -> None:
    """119 becomes 120 in a new major release; links to the old release keep their bytes and tags."""
    load_seeds(database, seeds)
    async for client in client_of(address_of(database)):
        pinned = {address: await client.get(address) for address in PINNED}
        current = {address: await client.get(address.replace("release=1.0.0", "")) for address in PINNED}
        correct(seeds)
        made = publish(seeds, "2.0.0", "A correction.", {UPHELD: REASON})
        assert load_seeds(database, seeds)
        change = {"thing": "record", "id": UPHELD, "type": "changed", "field": "value"}
        assert await changes_of(client, "2.0.0") == [{**change, "old": 119, "new": 120, "reason": REASON}]
        for address, before in pinned.items():
            after = await client.get(address)
            assert (before.status_code, after.status_code) == (200, 200), address
            assert (after.content, after.headers["etag"]) == (before.content, before.headers["etag"]), address
        for address, before in current.items():
            after = await client.get(
                address.replace("release=1.0.0", ""), headers={"If-None-Match": before.headers["etag"]}
            )
            changed = after.status_code == 200 and after.headers["etag"] != before.headers["etag"]
            assert changed or address.startswith("/v1/codes"), address
        (figure,) = (await client.get("/v1/outcomes?outcome=upheld")).json()["data"]
        assert (figure["value"], figure["share"]) == (120, 0.202)
        assert (figure["first_release"], figure["changed_release"]) == ("1.0.0", "2.0.0")
        described = (await client.get("/v1/releases/2.0.0")).json()
        assert (described["digest"], described["note"]) == (made.release.digest, "A correction.")


async def test_the_feed_has_every_release(database: Engine, seeds: Path) -> None:
    """The feed has an entry for each release, newest first, with a link to its changes."""
    correct(seeds)
    publish(seeds, "2.0.0", "A correction <of> 119 & more.", {UPHELD: REASON})
    load_seeds(database, seeds)
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
        linked = await client.get(newest.link)
        assert linked.json()["data"][0]["new"] == 120


async def test_releases_are_listed_newest_first(database: Engine) -> None:
    """The latest release is the current one, and each has its own records."""
    assert load_releases(database, *HISTORY)
    async for client in client_of(address_of(database)):
        listed = (await client.get("/v1/releases")).json()["data"]
        assert [one["version"] for one in listed] == ["3.0.0", "2.2.0", "2.1.0", "2.0.0", "1.0.0"]
        assert [one["version"] for one in listed if one["current"]] == ["3.0.0"]
        for version, records in HISTORY:
            page = (await client.get(f"/v1/figures?release={version}&sort=id")).json()
            assert [one["id"] for one in page["data"]] == sorted(record.id for record in records)
            assert page["meta"]["release"] == version


async def test_withdrawn_is_not_unknown(database: Engine) -> None:
    """A withdrawn record is 410, with reason and release; before its addition, or if it never existed, it's 404."""
    load_releases(database, *HISTORY)
    cases: list[tuple[str, str, int, str | None]] = [
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
        for record, pin, status, withdrawn_in in cases:
            for path in (
                f"figures/{record}?{pin}",
                f"figures/{record}/tree?{pin}",
                f"compare?a={record}&b=one&{pin}",
            ):
                answer = await client.get(f"/v1/{path}")
                assert answer.status_code == status, path
                if status == 410:
                    problem = answer.json()
                    assert (problem["release"], problem["reason"]) == (withdrawn_in, "It was wrong.")
                    assert answer.headers["content-type"] == "application/problem+json"


def pinned(address: str) -> str:
    """Return an address with the first release pinned."""
    return f"{address}{'&' if '?' in address else '?'}release=1.0.0"


async def test_codes_and_forces_belong_to_a_release(database: Engine, seeds: Path) -> None:
    """Moving a code or renaming a force changes no pinned answer, not even a filtered one."""
    load_seeds(database, seeds)
    filtered = "/v1/incidents?allegation=sexual-misconduct"
    addresses = ["/v1/codes", "/v1/forces", filtered, "/v1/sources"]
    async for client in client_of(address_of(database)):
        before = {address: (await client.get(pinned(address))).content for address in addresses}
        moved = "- id: sexual-assault\n    parent: "
        replace_first(seeds / "codes.yaml", f"{moved}sexual-misconduct", f"{moved}any")
        replace_first(seeds / "forces.csv", "Metropolitan Police Service", "The Met")
        publish(seeds, "2.0.0", "Sexual assault is no longer sexual misconduct.", {})
        load_seeds(database, seeds)
        for address, content in before.items():
            assert (await client.get(pinned(address))).content == content, address
        totals = [(await client.get(address)).json()["meta"]["total"] for address in (filtered, pinned(filtered))]
        assert totals[0] < totals[1]
        names = [
            (await client.get(f"/v1/figures/{UPHELD}{pin}")).json()["force"]["name"]
            for pin in ("", "?release=1.0.0")
        ]
        assert names == ["The Met", "Metropolitan Police Service"]


async def test_unreleased_changes_are_served_as_dev(database: Engine, seeds: Path) -> None:
    """`dev` is replaced by the next load, and gone once it is released."""
    load_seeds(database, seeds)
    async for client in client_of(address_of(database)):
        for value in (120, 121):
            replace_first(seeds / MET, f"value: {value - 1}", f"value: {value}")
            assert load_seeds(database, seeds)
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
        load_seeds(database, seeds)
        gone = await client.get(f"/v1/figures/{REMOVED}")
        assert (gone.status_code, gone.json()["release"]) == (410, "dev")
        assert "None" not in gone.text
        publish(seeds, "2.0.0", "Both.", {UPHELD: REASON, REMOVED: REASON})
        load_seeds(database, seeds)
        listed = (await client.get("/v1/releases")).json()["data"]
        assert [one["version"] for one in listed] == ["2.0.0", "1.0.0"]


def content_of(engine: Engine, seeds: Path) -> str:
    """Return everything in the database and in the seeds, as text."""
    with engine.connect() as connection:
        names = [table.name for table in tables.METADATA.sorted_tables]
        rows = [connection.execute(text(f"SELECT t::text FROM {name} AS t")).scalars() for name in names]  # noqa: S608 - names of ours
        database = [row for found in rows for row in found]
    files = [path.read_text(encoding="utf-8") for path in seeds.rglob("*") if path.is_file()]
    return "\n".join([*database, *files])


def traces_of(record: Record) -> list[str]:
    """Return the texts and digests of a record that must disappear."""
    passages = [e.sha256 for e in record.evidence if e.sha256] + [e.note for e in record.evidence if e.note]
    return [record.statement, *passages, *record.notes]


async def test_a_record_is_removed_without_a_trace(
    database: Engine, seeds: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    """A removed record is 451 with the reason in every release, and no list, file, change or table mentions it."""
    monkeypatch.setenv("DATABASE_URL", address_of(database))
    folder = ("--seeds", seeds)
    correct(seeds)
    run("release", "2.0.0", *folder, "--note", "One.", "--reason", f"{UPHELD}={REASON}")
    run("load", *folder)
    (record,) = [one for one in editions(read(seeds))[0].dataset.records if one.id == UPHELD]
    traces = [*traces_of(record), REASON]
    before = content_of(database, seeds)
    assert all(trace in before for trace in traces)
    digests = [release.digest for release in read(seeds).releases]

    code, printed = run("withdraw", UPHELD, *folder, "--reason", "An order of the court.")
    assert code == 1
    assert f"{MET}:" in printed
    drop(seeds, UPHELD)
    code, printed = run("withdraw", UPHELD, *folder, "--reason", "An order of the court.")
    assert code == 0
    assert "1.0.0, 2.0.0" in printed
    assert REMOVED in printed, "a record that referred to it"
    released = read(seeds).releases
    assert all(release.digest != digest for release, digest in zip(released, digests, strict=True))
    assert released[-1].reasons == {}
    assert run("check", *folder)[0] == 0
    assert run("load", *folder)[0] == 0

    after = content_of(database, seeds)
    assert not [trace for trace in traces if trace in after]
    async for client in client_of(address_of(database)):
        for pin in ("", "&release=1.0.0", "&release=2.0.0"):
            await check_removed(client, pin)
        assert await changes_of(client, "2.0.0") == []
        listed = {one["version"]: one["digest"] for one in (await client.get("/v1/releases")).json()["data"]}
        assert listed == {release.version: release.digest for release in released}
    assert not load_seeds(database, seeds), "nothing is left to do"


async def check_removed(client: AsyncClient, pin: str) -> None:
    """Check that a release answers 451 for the removed record and doesn't contain it."""
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
