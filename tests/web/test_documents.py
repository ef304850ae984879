import re
from html import unescape
from pathlib import Path

import pytest
from httpx import AsyncClient

from app.web import documents

pytestmark = pytest.mark.anyio

NAMES = list(documents.documents())


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty project whose guide is read instead of the real one."""
    (tmp_path / "docs").mkdir()
    for name in documents.ROOT_FILES:
        (tmp_path / name).write_text("# Title\n")
    monkeypatch.setattr(documents, "PROJECT", tmp_path)
    monkeypatch.setattr(documents, "documents", documents.documents.__wrapped__)
    return tmp_path


def test_only_what_readers_need() -> None:
    """Every page is listed once; decisions, tests and operators' pages aren't."""
    listed = [name for pages in documents.groups().values() for name in pages]
    assert sorted(listed) == sorted(NAMES)
    assert {"quoting", "methodology", "glossary", "clients", "curating"} <= set(listed)
    html = "".join(page.html for page in documents.documents().values())
    assert "tests/" not in html
    assert "localhost:8000" not in html


@pytest.mark.parametrize("name", NAMES)
async def test_links(client: AsyncClient, name: str) -> None:
    """Every link leads to an existing anchor, a working address or another site."""
    html = documents.documents()[name].html
    for link in map(unescape, re.findall(r'href="([^"]*)"', html)):
        path, _, fragment = link.partition("#")
        if path.startswith("https://"):
            continue
        assert not path or path.startswith("/"), link
        page = await client.get(path or f"/guide/{name}")
        assert page.status_code == 200, link
        assert not fragment or f'id="{fragment}"' in page.text, link


def test_markdown(project: Path) -> None:
    """Headings, tables, code and links become HTML; HTML in the text is escaped."""
    (project / "docs" / "quoting.md").write_text("# Title\n")
    (project / "docs" / "glossary.md").write_text(
        "# On `b` & <i>\n\nFirst\nparagraph.\n\n## A place\n\n[a](quoting.md#x), [changes](../CHANGELOG.md),\n"
        "[json](openapi.json), [there](#a-place), [far](https://example.org/x.md).\n\n<script>alert(1)</script>\n\n"
        "<b onclick=x>b</b> [bad](javascript:alert(1))\n\n"
        "| one | test | two |\n|---|---|---|\n| `1` | x | 2 |\n\n```sh\ncurl <x>\n```\n"
    )
    document = documents.documents()["glossary"]
    assert (document.title, document.summary) == ("On b & <i>", "First paragraph.")
    assert document.contents == (documents.Heading(2, "a-place", "A place"),)
    links = ["/guide/quoting#x", "/guide/changelog", "/openapi.json", "#a-place", "https://example.org/x.md"]
    assert re.findall(r'href="([^"]*)"', document.html) == links
    assert not re.search(r"<(script|b|i)\b", document.html)
    assert '<pre tabindex="0"><code class="language-sh">curl &lt;x&gt;\n</code></pre>' in document.html
    assert "<td><code>1</code></td>\n<td>2</td>" in document.html


def test_a_long_file_is_folded(project: Path) -> None:
    """Each section is folded under its heading; its anchor is inside, so a link to it opens the section."""
    long = "word " * documents.LONG
    (project / "docs" / "quoting.md").write_text(
        f"# Title\n\nFirst.\n\n## One\n\n{long}\n\n### In it\n\n## Two\n\nx\n"
    )
    html = documents.documents()["quoting"].html
    folds = re.findall(
        r'<details class="fold"><summary><h2>(.*?)</h2>\s*</summary><div id="(.*?)">(.*?)</div></details>',
        html,
        re.DOTALL,
    )
    assert [(heading, anchor) for heading, anchor, _ in folds] == [("One", "one"), ("Two", "two")]
    assert '<h3 id="in-it">' in folds[0][2]
    assert html.startswith("<p>First.</p>")
    (project / "docs" / "quoting.md").write_text("# Title\n\n## One\n\nShort.\n")
    assert documents.documents()["quoting"].html.startswith('<h2 id="one">')


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("No title.\n", "docs/quoting.md: a page of the guide must start with a first-level heading"),
        ("# A\n\n[b](b.md)\n", "docs/quoting.md links to b.md, which isn't a page of the guide"),
        ("# A\n\n[b](../../etc/passwd)\n", r"docs/quoting.md links to \.\./\.\./etc/passwd"),
    ],
)
def test_invalid_files(project: Path, text: str, message: str) -> None:
    """A file without a title, or with a link to a file that isn't in the guide, is an error."""
    (project / "docs" / "quoting.md").write_text(text)
    with pytest.raises(ValueError, match=message):
        documents.documents()
