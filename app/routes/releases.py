"""The releases of the dataset, what each changed and why, and a feed of them."""

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from xml.etree import ElementTree as ET

import orjson
from fastapi import APIRouter, Request, Response

from app.database.current import ReleaseRow, read_releases
from app.http.answer import Content, answer
from app.http.lookup import find_release
from app.http.session import Session
from app.queries.query import refuse_all
from app.queries.records import read_changes
from app.routes.descriptions import REFUSED, Version, of_answer, problems
from app.routes.files import listed
from app.routes.schemas import ListOfChanges, ListOfReleases, ReleaseAnswer
from app.seeds.collection import collection

router = APIRouter(prefix="/v1", tags=["releases"])

ATOM = "http://www.w3.org/2005/Atom"


@router.get("/releases", **of_answer("releases", ListOfReleases, []))
async def list_releases(request: Request) -> Response:
    """Every release, newest first; `dev` is what has not been released and may change."""
    return await answer(request, releases)


@router.get("/releases/{version}", **of_answer("release", ReleaseAnswer, [], HTTPStatus.NOT_FOUND))
async def get_release(request: Request, version: Version) -> Response:
    """One release."""
    return await answer(request, release, version)


@router.get("/releases/{version}/changes", **of_answer("changes", ListOfChanges, [], HTTPStatus.NOT_FOUND))
async def list_changes(request: Request, version: Version) -> Response:
    """List what a release changed from the one before, field by field, and why."""
    return await answer(request, changes, version)


@router.get(
    "/releases.atom",
    operation_id="get-feed",
    response_class=Response,
    responses={
        200: {"content": {"application/atom+xml": {"schema": {"type": "string"}}}},
        **problems(*REFUSED),
    },
)
async def get_feed(request: Request) -> Response:
    """Every release as an entry of an Atom feed (RFC 4287)."""
    return await answer(request, feed_of_releases)


async def releases(session: Session) -> Content:
    """Build the list of releases."""
    refuse_all(session.pairs)
    found = await read_releases(session.connection)
    data = [_described(one, session.release).model_dump(mode="json") for one in found.by_version.values()]
    return _whole(session, data, session.path)


async def release(session: Session, version: str) -> Content:
    """Build one release."""
    refuse_all(session.pairs)
    found = await _find(session, version)
    return Content(_described(found, session.release).model_dump_json().encode())


async def changes(session: Session, version: str) -> Content:
    """Build the changes of a release."""
    refuse_all(session.pairs)
    found = await _find(session, version)
    data = [
        {**row} | {side: orjson.loads(row[side] or "null") for side in ("old", "new")}
        for row in await read_changes(session.connection, found)
    ]
    return _whole(session, data, f"/v1/releases/{found.version}/changes", found.version)


async def feed_of_releases(session: Session) -> Content:
    """Build the feed."""
    refuse_all(session.pairs)
    found = await read_releases(session.connection)
    return Content(feed(found.by_version.values(), session.public_address), media_type="application/atom+xml")


def feed(releases: Iterable[ReleaseRow], public: str) -> bytes:
    """Write the feed of releases."""
    ET.register_namespace("", ATOM)
    root = ET.Element(f"{{{ATOM}}}feed")
    releases = list(releases)

    def add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
        element = ET.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
        element.text = text
        return element

    add(root, "id", f"{public}/v1/releases")
    add(root, "title", f"{collection().name}: releases of the dataset")
    add(root, "updated", max(release.published_at for release in releases).isoformat())
    add(add(root, "author"), "name", collection().name)
    add(root, "link", rel="self", href=f"{public}/v1/releases.atom")
    for release in releases:
        address = f"{public}/v1/releases/{release.version}"
        entry = add(root, "entry")
        # An entry's id must never change. `dev` is replaced again and again, so its id includes the digest.
        add(entry, "id", f"{address}#{release.digest}" if release.version == "dev" else address)
        add(entry, "title", f"Release {release.version}")
        add(entry, "updated", release.published_at.isoformat())
        add(entry, "summary", release.note)
        add(entry, "link", rel="alternate", href=f"{address}/changes")
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


async def _find(session: Session, version: str) -> ReleaseRow:
    return find_release((await read_releases(session.connection)).by_version, version)


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


def _whole(session: Session, data: Sequence[object], path: str, release: str = "") -> Content:
    """Build a list that is available only as JSON."""
    return listed(session, data, query={}, links={"self": path, "next": None, "csv": None}, release=release)
