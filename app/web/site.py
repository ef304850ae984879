"""Files for search engines: `robots.txt` and `sitemap.xml`."""

from xml.etree import ElementTree as ET

from fastapi import APIRouter

from app.domain.vocabulary import Kind
from app.http.answer import Content
from app.http.session import Session
from app.queries.dataset import count_by
from app.queries.query import refuse_all
from app.queries.records import read_ids, read_used
from app.releases.rendering import PUBLIC_ADDRESS
from app.web import documents
from app.web.page import PAGES, shows

router = APIRouter(include_in_schema=False)

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
MAX_ADDRESSES = 50_000
"""The most URLs that the sitemap standard allows."""

ROBOTS = f"""User-agent: *
Disallow: /embed/
Disallow: /oembed
Disallow: /metrics
Disallow: /health/

Sitemap: {PUBLIC_ADDRESS}/sitemap.xml
"""


@shows(router, "/robots.txt")
async def robots(session: Session) -> Content:
    """Tell search engines what not to crawl."""
    refuse_all(session.pairs)
    return Content(ROBOTS.encode(), "text/plain; charset=utf-8")


@shows(router, "/sitemap.xml")
async def sitemap(session: Session) -> Content:
    """List the URL of every page of the current release."""
    refuse_all(session.pairs)
    connection, release, reference = session.connection, session.release, session.reference
    forces = await count_by(connection, release, "force")
    topics = reference.with_ancestors("allegation", await read_used(connection, release, "allegation"))
    found = [
        *("/", *(f"/{name}" for name in PAGES)),
        *(f"/guide/{name}" for name in documents.documents()),
        *(f"/forces/{force}" for force in forces),
        *(f"/topics/{topic}" for topic in sorted(topics)),
        *(f"/sources/{source}" for source in reference.sources),
    ]
    ids = await read_ids(connection, release, MAX_ADDRESSES - len(found))
    found += [f"{'/incidents' if kind == Kind.INCIDENT else '/figures'}/{id_}" for id_, kind in ids]
    ET.register_namespace("", SITEMAP)
    root = ET.Element(f"{{{SITEMAP}}}urlset")
    for path in found:
        entry = ET.SubElement(root, f"{{{SITEMAP}}}url")
        ET.SubElement(entry, f"{{{SITEMAP}}}loc").text = PUBLIC_ADDRESS + path
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return Content(written, "application/xml; charset=utf-8")
