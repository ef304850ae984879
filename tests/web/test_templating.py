import re
from pathlib import Path

import pytest
from httpx import AsyncClient
from jinja2 import UndefinedError

from app.web import templating
from app.web.templating import asset, compact, in_script, render, templates, with_code

pytestmark = pytest.mark.anyio

PAGES = ["/docs", "/guide", "/guide/methodology", "/problems", "/problems/not-found"]


def test_code() -> None:
    """Text in backticks becomes code, and everything is escaped."""
    assert with_code("`a<b>` & <i>") == "<code>a&lt;b&gt;</code> &amp; &lt;i&gt;"


def test_json_in_scripts() -> None:
    """No text in JSON can end the script element."""
    assert "<" not in in_script('{"a": "</script><!--"}')


def test_undefined_variables() -> None:
    """A variable that a template doesn't get is an error, not an empty text."""
    with pytest.raises(UndefinedError):
        render("problem.html")


def test_addresses_change_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A static file's address changes with its content, so browsers never use an old version."""
    monkeypatch.setattr(templating, "STATIC", tmp_path)
    addresses = set()
    for text in ("a", "b"):
        (tmp_path / "x.css").write_text(text)
        addresses.add(asset.__wrapped__("x.css"))
    assert len(addresses) == 2
    assert all(address.startswith("/static/x.css?v=") for address in addresses)


@pytest.mark.parametrize("page", PAGES)
async def test_pages_load_only_our_own_files(client: AsyncClient, page: str) -> None:
    """Everything a page loads is on this server, and no page has inline scripts or styles."""
    text = (await client.get(page)).text
    loaded = re.findall(r'<(?:script|img|link(?! rel="canonical"))\b[^>]*(?:src|href)="([^"]+)"', text)
    assert loaded
    for address in loaded:
        answer = await client.get(address)
        assert (answer.status_code, "immutable" in answer.headers["cache-control"]) == (200, True), address
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", text)


def test_every_template_compiles() -> None:
    """No template has a syntax error."""
    names = templates.list_templates()
    assert "explore.html" in names
    for name in names:
        templates.get_template(name)


def test_white_space() -> None:
    """Indentation and empty lines are dropped, but not where browsers show them."""
    text = "<p>\n\n    a\n  b</p>\n  <pre>\n\n  c\n</pre>\n\n  <textarea>\n\n d</textarea>"
    assert compact(text) == "<p>\na\nb</p>\n<pre>\n\n  c\n</pre>\n<textarea>\n\n d</textarea>"
