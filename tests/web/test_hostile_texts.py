import json
import re
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pytest
from httpx import AsyncClient
from sqlalchemy import Engine

from app.domain.records import Record
from tests import made
from tests.api import PUBLIC, client_of
from tests.postgresql import address_of
from tests.web.html import BROWSER, Html, get_json

pytestmark = pytest.mark.anyio

HOSTILE = (
    """<script>alert(1)</script></script><!-- "><img src=x onerror='alert(2)'> {{ 7*7 }} {% raw %} """
    """${7*7} `code` </textarea></title></svg>]]> &lt;b&gt; \u05d0\u05d1 63 javascript:alert(3)"""
)
PERIOD = {"label": HOSTILE}


def hostile() -> tuple[list[Record], dict[str, Any]]:
    """Return records with markup in every text, and their sources, forces and codes."""
    of = made.dataset([])
    evidence = [{**made.STATES, "as_printed": HOSTILE, "note": HOSTILE}]
    texts: dict[str, Any] = {"statement": HOSTILE, "notes": [HOSTILE], "evidence": evidence}
    period = made.days("2020-01-01", **PERIOD)
    records: list[Record] = [
        made.figure("whole", **texts, value=10, period=period),
        made.figure(
            "part",
            **texts,
            kind="outcome",
            period=made.days("2021-01-01", **PERIOD),
            base=made.base("whole"),
            related=[{"type": "overlaps", "id": "whole", "note": HOSTILE}],
        ),
        made.figure("undated", **texts, period=made.UNDATED.model_copy(update=PERIOD)),
        made.incident("event", **texts, period=period),
    ]
    renamed = {"label": HOSTILE, "definition": HOSTILE}
    codes = of.codes.model_copy(
        update={
            tree: [code.model_copy(update=renamed) for code in getattr(of.codes, tree)]
            for tree in ("allegation", "stage", "outcome", "breakdown")
        }
    )
    source = made.SOURCE.model_copy(
        update={
            "title": HOSTILE,
            "publisher": HOSTILE,
            "url": """https://example.org/?"><script>alert(4)</script>""",
        }
    )
    forces = [force.model_copy(update={"name": HOSTILE}) for force in of.forces]
    return records, {"codes": codes, "sources": [source], "forces": forces}


async def test_hostile_records_are_only_text(database: Engine) -> None:
    """Markup in a record is shown as text: it never becomes an element, attribute, template or end of a script."""
    records, reference = hostile()
    made.loaded(database, records, **reference)
    paths = [
        *("/", "/figures/whole", "/figures/part", "/figures/undated", "/incidents/event", "/embed/figures/part"),
        *("/compare", "/compare?a=whole&b=part", "/compare?a=whole"),
    ]
    shown = " ".join(HOSTILE.split())
    async for client in client_of(address_of(database)):
        for path in paths:
            page = await client.get(path, headers=BROWSER)
            assert page.status_code == 200
            html = Html(page)
            assert "img" not in {tag for tag, _, _ in html.elements}
            assert not [name for _, found, _ in html.elements for name in found if name.startswith("on")]
            for found, text in html.all("script"):
                if "src" in found:
                    assert text == ""
                    assert found["src"].startswith("/static/")
                else:
                    assert found["type"] == "application/ld+json"
                    json.loads(text)
            addresses = [found[name] for _, found, _ in html.elements for name in ("href", "src") if name in found]
            assert all(address.startswith(("/", "#", "https://")) for address in addresses)
            assert html.open == []
            assert "{{ 7*7 }}" in html.text
            assert "49" not in re.sub(r"[0-9a-f]{8,}", "", html.text)
            assert shown in " ".join(html.text.split()) or path.startswith("/compare")
        for path in ("/figures/part/tree.svg", "/timeline.svg"):
            svg = ET.fromstring((await client.get(path)).content)  # noqa: S314 - our own
            tags = {element.tag.rpartition("}")[2] for element in svg.iter()}
            assert not tags & {"script", "img", "foreignObject", "a", "b"}
            assert "<script>alert(1)</script>" in (svg.findtext("{http://www.w3.org/2000/svg}desc") or "")
        answer = await get_json(client, f"/oembed?url={PUBLIC}/figures/part")
        assert "<script" not in answer["html"]
        xml = (await client.get(f"/oembed?url={PUBLIC}/figures/part&format=xml")).content
        assert ET.fromstring(xml).findtext("title") == answer["title"]  # noqa: S314 - our own


@pytest.mark.parametrize("query", ["force", "period", "sort", "outcome", "x"])
async def test_hostile_queries_are_only_text(client: AsyncClient, query: str) -> None:
    """Markup in a query is shown as text, in the form and in the errors."""
    for path in ("/", "/compare"):
        page = await client.get(f"{path}?{urlencode({query: HOSTILE})}", headers=BROWSER)
        assert page.status_code == 422
        html = Html(page)
        assert "img" not in {tag for tag, _, _ in html.elements}
        assert all(found["src"].startswith("/static/") for found, _ in html.all("script"))
        assert "<script>alert(1)</script>" in html.text
