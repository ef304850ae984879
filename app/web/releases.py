"""The pages for releases: what each one added and changed, and why."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import APIRouter

from app.database.current import ReleaseRow, read_releases
from app.http.answer import Content
from app.http.lookup import find_release
from app.http.session import Session
from app.queries.dataset import count_by
from app.queries.query import refuse_all
from app.queries.records import read_changes, read_documents
from app.web.page import page_of, shows

router = APIRouter(include_in_schema=False)

MAX_RECORDS = 100
"""The most changed records to list on a release's page; the API lists every change."""

MAX_WRITTEN = 160
"""The most characters of an old and a new value to show; longer ones are in the API."""

THINGS = {
    "record": ("record", "records"),
    "rule_change": ("change of rules", "changes of rules"),
    "workforce": ("headcount", "headcounts"),
}
"""Singular and plural of what a release changes, if they don't simply follow from its name."""

DONE = {"added": "added", "changed": "corrected", "withdrawn": "withdrawn"}


@dataclass(frozen=True)
class Changed:
    """A record, a source, a code or something else that a release changed, and how."""

    thing: str
    id: str
    type: str
    reason: str | None
    fields: Sequence[tuple[str, str, str]]
    """The name, old value and new value of each field; empty values if they are too long."""


@shows(router, "/releases")
async def releases(session: Session) -> Content:
    """List every release, newest first, with what it added and changed."""
    refuse_all(session.pairs)
    found = (await read_releases(session.connection)).by_version.values()
    return page_of(
        session,
        "releases.html",
        releases=[
            (
                one,
                await count_by(session.connection, one, "kind"),
                _summary(await read_changes(session.connection, one)),
            )
            for one in found
        ],
    )


@shows(router, "/releases/{version}")
async def release_page(session: Session, version: str) -> Content:
    """Show one release: what it corrected or withdrew, and why.

    Raises:
        Problem: 404 if there is no release with this version.

    """
    refuse_all(session.pairs)
    known = (await read_releases(session.connection)).by_version
    shown = find_release(known, version)
    rows = await read_changes(session.connection, shown)
    changed = [one for one in _changed(rows) if one.type != "added"]
    ids = sorted({one.id for one in changed[:MAX_RECORDS] if one.thing == "record"})
    documents = map(orjson.loads, await read_documents(session.connection, shown, ids))
    return page_of(
        session,
        "release.html",
        shown=shown,
        previous=_previous(known, version),
        counts=await count_by(session.connection, shown, "kind"),
        summary=_summary(rows),
        changed=changed[:MAX_RECORDS],
        done=DONE,
        pages={document["id"]: document["links"]["html"] for document in documents},
        more=max(len(changed) - MAX_RECORDS, 0),
    )


def _previous(known: Mapping[str, ReleaseRow], version: str) -> str | None:
    """Return the release before a version; `known` lists them newest first."""
    versions = list(known)
    return next(iter(versions[versions.index(version) + 1 :]), None)


def _summary(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return how many items of each kind were added, corrected and withdrawn."""
    things = {(row["thing"], row["id"], row["type"]) for row in rows}
    counts = Counter((thing, DONE[type_]) for thing, _, type_ in things)
    return [f"{number:,} {_named(thing, number)} {done}" for (thing, done), number in sorted(counts.items())]


def _named(thing: str, number: int) -> str:
    plain = thing.replace("-", " ")
    return THINGS.get(thing, (plain, f"{plain}s"))[number != 1]


def _changed(rows: Sequence[Mapping[str, Any]]) -> list[Changed]:
    """Return each changed item with its fields, in the order of the changes."""
    fields: dict[tuple[str, str, str, str | None], list[tuple[str, str, str]]] = {}
    for row in rows:
        found = fields.setdefault((row["thing"], row["id"], row["type"], row["reason"]), [])
        if row["field"]:
            old, new = row["old"] or "null", row["new"] or "null"
            is_short = len(old) + len(new) <= MAX_WRITTEN
            found.append((row["field"], old if is_short else "", new if is_short else ""))
    return [Changed(*key, fields=found) for key, found in fields.items()]
