"""The releases of the dataset, what each changed and why, and a feed of them."""

from http import HTTPStatus
from xml.etree import ElementTree as ET

import orjson
from fastapi import APIRouter, Request, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.database import tables
from app.database.reference import ReleaseRow
from app.http.answer import dumps, json_answer, reading
from app.http.problems import nearest, not_found
from app.queries.query import read_few, read_pairs
from app.routes.descriptions import REFUSED, Version, of_answer, problems
from app.routes.schemas import ListOfChanges, ListOfReleases, ReleaseAnswer

router = APIRouter(prefix="/v1", tags=["releases"])

ATOM = "http://www.w3.org/2005/Atom"


@router.get("/releases", **of_answer("releases", ListOfReleases, []))
async def list_releases(request: Request) -> Response:
    """Every release, newest first; `dev` is what has not been released and may change."""
    pairs = read_pairs(request.scope["query_string"])
    async with reading(request) as found:
        read_few(pairs, [], found.reference)
        data = [
            _described(release, found.release).model_dump(mode="json")
            for release in await read_releases(found.connection)
        ]
        return json_answer(request, found, _envelope(data, found.release.version, "/v1/releases"))


@router.get("/releases/{version}", **of_answer("release", ReleaseAnswer, [], HTTPStatus.NOT_FOUND))
async def get_release(request: Request, version: Version) -> Response:
    """One release."""
    pairs = read_pairs(request.scope["query_string"])
    async with reading(request) as found:
        read_few(pairs, [], found.reference)
        release = await _find(found.connection, version)
        return json_answer(request, found, _described(release, found.release).model_dump_json().encode())


@router.get("/releases/{version}/changes", **of_answer("changes", ListOfChanges, [], HTTPStatus.NOT_FOUND))
async def list_changes(request: Request, version: Version) -> Response:
    """Answer what a release changed from the one before, field by field, and why."""
    pairs = read_pairs(request.scope["query_string"])
    async with reading(request) as found:
        read_few(pairs, [], found.reference)
        release = await _find(found.connection, version)
        change = tables.Change
        rows = await found.connection.execute(
            select(change.thing, change.id, change.type, change.field, change.old, change.new, change.reason)
            .where(change.release_id == release.id)
            .order_by(change.position)
        )
        data = [
            row._asdict() | {side: orjson.loads(getattr(row, side) or "null") for side in ("old", "new")}
            for row in rows
        ]
        path = f"/v1/releases/{release.version}/changes"
        return json_answer(request, found, _envelope(data, release.version, path))


@router.get(
    "/releases.atom",
    operation_id="get-feed",
    summary="Get the feed of releases",
    response_class=Response,
    responses={
        200: {"content": {"application/atom+xml": {"schema": {"type": "string"}}}},
        **problems(*REFUSED),
    },
)
async def get_feed(request: Request) -> Response:
    """Answer every release as an entry of an Atom feed (RFC 4287)."""
    pairs = read_pairs(request.scope["query_string"])
    async with reading(request) as found:
        read_few(pairs, [], found.reference)
        releases = await read_releases(found.connection)
        public: str = request.app.state.public_address
        return json_answer(request, found, feed(releases, public), media_type="application/atom+xml")


def feed(releases: list[ReleaseRow], public: str) -> bytes:
    """Write the feed of releases."""
    ET.register_namespace("", ATOM)
    root = ET.Element(f"{{{ATOM}}}feed")

    def add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
        element = ET.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
        element.text = text
        return element

    add(root, "id", f"{public}/v1/releases")
    add(root, "title", "Upheld: releases of the dataset")
    add(root, "updated", max(release.published_at for release in releases).isoformat())
    add(add(root, "author"), "name", "Upheld")
    add(root, "link", rel="self", href=f"{public}/v1/releases.atom")
    for release in releases:
        address = f"{public}/v1/releases/{release.version}"
        entry = add(root, "entry")
        # An entry's id never changes; only of `dev` there is one after the other, told apart by their digests.
        add(entry, "id", f"{address}#{release.digest}" if release.version == "dev" else address)
        add(entry, "title", f"Release {release.version}")
        add(entry, "updated", release.published_at.isoformat())
        add(entry, "summary", release.note)
        add(entry, "link", rel="alternate", href=f"{address}/changes")
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


async def read_releases(connection: AsyncConnection) -> list[ReleaseRow]:
    """Return every loaded release, newest first."""
    release = tables.Release
    rows = await connection.execute(
        select(release.id, release.version, release.published_at, release.note, release.digest).order_by(
            release.published_at.desc(), release.id.desc()
        )
    )
    return [ReleaseRow(**row._asdict()) for row in rows]


async def _find(connection: AsyncConnection, version: str) -> ReleaseRow:
    releases = {release.version: release for release in await read_releases(connection)}
    if version not in releases:
        raise not_found(f"There is no release {version[:50]!r}.", nearest(version, list(releases)))
    return releases[version]


def _described(release: ReleaseRow, current: ReleaseRow) -> ReleaseAnswer:
    path = f"/v1/releases/{release.version}"
    return ReleaseAnswer(
        version=release.version,
        published_at=release.published_at,
        note=release.note,
        digest=release.digest,
        current=release.id == current.id,
        links={"self": path, "changes": f"{path}/changes", "figures": f"/v1/figures?release={release.version}"},
    )


def _envelope(data: list[dict[str, object]], version: str, path: str) -> bytes:
    meta = {"total": len(data), "count": len(data), "release": version, "undated_excluded": 0, "query": {}}
    links = {"self": path, "next": None, "csv": None}
    return dumps({"data": data, "meta": meta, "warnings": [], "links": links})
