"""The pages around the records: the guide, `/docs`, and what every page tells browsers."""

import re
import subprocess
import sys
import zipfile
from html import unescape
from pathlib import Path

import pytest
from httpx import AsyncClient, Response

from app.http.problems import EXPLANATIONS
from app.settings import PROJECT
from app.web import documents

pytestmark = pytest.mark.anyio

NAMES = list(documents.documents())
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
PAGES = ["/docs", "/guide", "/guide/methodology", "/problems", "/problems/not-found"]


def text_of(page: Response) -> str:
    """Return what a page says, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


# --- the guide --------------------------------------------------------------------------------------------------


def test_every_file_is_a_page() -> None:
    """Whatever lies in `docs/` as Markdown is in the guide, and is listed once."""
    files = [path.relative_to(PROJECT / "docs") for path in (PROJECT / "docs").rglob("*.md")]
    assert {path.with_suffix("").as_posix() for path in files} | {"changelog", "contributing", "security"} == set(
        NAMES
    )
    listed = [name for documents in documents.groups().values() for name in documents]
    assert sorted(listed) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
async def test_pages_of_the_guide(client: AsyncClient, name: str) -> None:
    """A page has its title once, a contents list whose places exist, and is listed."""
    page = await client.get(f"/guide/{name}")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert len(re.findall(r"<h1[ >]", page.text)) == 1
    ids = re.findall(r'\sid="([^"]+)"', page.text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page.text)) <= set(ids)
    listing = await client.get("/guide")
    assert f'href="/guide/{name}"' in listing.text
    assert documents.documents()[name].title in unescape(listing.text)


@pytest.mark.parametrize("name", NAMES)
async def test_links_of_the_guide(client: AsyncClient, name: str) -> None:
    """Every link leads somewhere: to a place on a page that has it, to an address that is answered, or abroad."""
    html = documents.documents()[name].html
    for link in map(unescape, re.findall(r'href="([^"]*)"', html)):
        path, _, fragment = link.partition("#")
        if path.startswith("https://"):
            continue
        assert not path or path.startswith("/"), link
        page = await client.get(path or f"/guide/{name}")
        assert page.status_code == 200, link
        assert not fragment or f'id="{fragment}"' in page.text, link


def test_what_a_file_says_is_on_its_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Headings, tables, code and links of Markdown become those of HTML; markup in the text stays text."""
    (tmp_path / "docs" / "more").mkdir(parents=True)
    for name in (*documents.ROOT_FILES, "docs/a.md"):
        (tmp_path / name).write_text("# Title\n")
    (tmp_path / "docs" / "more" / "b.md").write_text(
        "# On `b` & <i>\n\nFirst\nparagraph.\n\n## A place\n\n[a](../a.md#x), [changes](../../CHANGELOG.md),\n"
        "[json](../openapi.json), [there](#a-place), [far](https://example.org/x.md).\n\n<script>alert(1)</script>\n\n"
        "<b onclick=x>b</b> [bad](javascript:alert(1))\n\n| one |\n|---|\n| `1` |\n\n```sh\ncurl <x>\n```\n"
    )
    monkeypatch.setattr(documents, "PROJECT", tmp_path)
    documents.documents.cache_clear()
    try:
        document = documents.documents()["more/b"]
    finally:
        documents.documents.cache_clear()
    assert (document.title, document.summary) == ("On b & <i>", "First paragraph.")
    assert document.contents == (documents.Heading(2, "a-place", "A place"),)
    links = ["/guide/a#x", "/guide/changelog", "/openapi.json", "#a-place", "https://example.org/x.md"]
    assert re.findall(r'href="([^"]*)"', document.html) == links
    assert not re.search(r"<(script|b|i)\b", document.html)
    assert '<pre tabindex="0"><code class="language-sh">curl &lt;x&gt;\n</code></pre>' in document.html
    assert "<td><code>1</code></td>" in document.html


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("No title.\n", "docs/a.md: a page of the guide must start with a first-level heading"),
        ("# A\n\n[b](b.md)\n", "docs/a.md links to b.md, which isn't a page of the guide"),
        ("# A\n\n[b](../../etc/passwd)\n", r"docs/a.md links to \.\./\.\./etc/passwd"),
    ],
)
def test_files_that_cannot_be_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str) -> None:
    """A file without a title, and a link that leads nowhere, are told and not passed over."""
    (tmp_path / "docs").mkdir()
    for name in documents.ROOT_FILES:
        (tmp_path / name).write_text("# Title\n")
    (tmp_path / "docs" / "a.md").write_text(text)
    monkeypatch.setattr(documents, "PROJECT", tmp_path)
    documents.documents.cache_clear()
    with pytest.raises(ValueError, match=said):
        documents.documents()


@pytest.mark.parametrize("name", ["methodolgy", "../README", "methodology/", "%2e%2e/LICENSE", "<script>"])
async def test_a_page_that_there_is_not(client: AsyncClient, name: str) -> None:
    """An unknown name is 404, to programs as a problem and to browsers as a page; nothing else is read."""
    answer = await client.get(f"/guide/{name}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    page = await client.get(f"/guide/{name}", headers=BROWSER)
    assert page.status_code == 404
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "<script>" not in page.text


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("/guide/methodolgy", "/guide/methodology"),
        ("/figures/met-2012-2018-complaint", "/figures/met-2012-2018-complaints"),
        ("/problems/not-fond", "/problems/not-found"),
    ],
)
async def test_what_may_have_been_meant(client: AsyncClient, wrong: str, right: str) -> None:
    """The page of an address that is almost right leads to the right one, and that is there."""
    page = await client.get(wrong, headers=BROWSER)
    assert page.status_code == 404
    assert f'<a href="{right}">' in page.text
    assert (await client.get(right, headers=BROWSER)).status_code == 200


def test_a_wheel_carries_what_the_program_looks_for(tmp_path: Path) -> None:
    """Docs, seeds and migrations lie beside `app/` in a built package, as they do here; templates inside it."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=PROJECT, check=True, capture_output=True, timeout=120)  # noqa: S603 - our own words
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    tracked = subprocess.run(
        ["git", "ls-files", "app", "docs", "migrations", "seeds"],  # noqa: S607 - the git that made this folder
        cwd=PROJECT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    assert len(tracked) > 60
    assert {*tracked, *documents.ROOT_FILES} <= names


# --- /docs ------------------------------------------------------------------------------------------------------


async def test_docs_has_it_all_without_scripts(client: AsyncClient) -> None:
    """Every address with its summary, every problem and every page of the guide stand in the page itself."""
    page = await client.get("/docs")
    described = (await client.get("/openapi.json")).json()["paths"]
    for path, methods in described.items():
        assert f"<code>{path}</code>" in page.text
        assert methods["get"]["summary"] in unescape(page.text)
    assert all(f'href="/problems/{code}"' in page.text for code in EXPLANATIONS)
    assert all(f'href="/guide/{name}"' in page.text for name in NAMES)


@pytest.mark.parametrize("page", PAGES)
async def test_pages_load_nothing_from_elsewhere(client: AsyncClient, page: str) -> None:
    """Whatever a page loads is on this server and there; nothing in the page itself is a script or a style."""
    text = (await client.get(page)).text
    loaded = re.findall(r'<(?:script|img|link)\b[^>]*(?:src|href)="([^"]+)"', text)
    assert loaded
    for address in loaded:
        answer = await client.get(address)
        assert (answer.status_code, "immutable" in answer.headers["cache-control"]) == (200, True), address
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", text)


async def test_files_that_there_are_not(client: AsyncClient) -> None:
    """Beside the pages' own files nothing is served."""
    for path in (
        "/static/x.css",
        "/static/../main.py",
        "/static/swagger/../main.py",
        "/static/",
        "/static/swagger",
    ):
        assert (await client.get(path)).status_code == 404, path


# --- every page -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
async def test_copies(client: AsyncClient, page: str) -> None:
    """A page says how long a copy is good, and a copy that still is good is not sent again; HEAD is GET's head."""
    first = await client.get(page)
    assert first.headers["cache-control"].startswith("public, max-age=")
    again = await client.get(page, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = await client.head(page)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == first.headers["etag"]


@pytest.mark.parametrize("page", PAGES)
async def test_nothing_is_ignored(client: AsyncClient, page: str) -> None:
    """A page takes no parameters, and any other method is refused: to browsers in a page."""
    refused = await client.get(f"{page}?x=1", headers=BROWSER)
    assert refused.status_code == 422
    assert "x=1" in text_of(refused)
    assert (await client.get(f"{page}?x=1")).json()["errors"][0]["code"] == "unknown-parameter"
    assert (await client.post(page)).status_code == 405


@pytest.mark.parametrize(
    "path", [*PAGES, "/", "/figures/met-2012-2018-complaints-upheld", "/guide/nothing", "/nothing", "/docs?x=1"]
)
async def test_policy_of_pages(client: AsyncClient, path: str) -> None:
    """Every page, those of problems too, loads from here alone, runs no script of its text, is framed by nobody."""
    answer = await client.get(path, headers=BROWSER)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = dict(part.split(maxsplit=1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy.pop("frame-ancestors") == "'none'"
    assert policy.pop("img-src") == "'self' data:"
    assert {policy.pop("default-src"), policy.pop("base-uri")} == {"'none'"}
    assert set(policy.values()) == {"'self'"}
    assert answer.headers["referrer-policy"] == "strict-origin-when-cross-origin"


async def test_only_what_is_made_for_it_may_be_framed(client: AsyncClient) -> None:
    """Any site may show the page for embedding in one of its own."""
    page = await client.get("/embed/figures/met-2012-2018-complaints-upheld", headers=BROWSER)
    assert page.status_code == 200
    assert page.headers["content-security-policy"].endswith("frame-ancestors *")


@pytest.mark.parametrize("path", ["/v1", "/v1/nothing", "/static/docs.js", "/docs", "/nothing", "/openapi.json"])
async def test_no_answer_is_taken_for_another(client: AsyncClient, path: str) -> None:
    """Browsers take each answer for what it says that it is; data need no policy of pages."""
    answer = await client.get(path)
    assert answer.headers["x-content-type-options"] == "nosniff"
    is_page = answer.headers["content-type"].startswith("text/html")
    assert ("content-security-policy" in answer.headers) is is_page


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("*/*", "application/problem+json"),
        ("application/json", "application/problem+json"),
        ("text/html", "text/html; charset=utf-8"),
        ("application/json, text/html;q=0.5", "application/problem+json"),
        ("image/png", "application/problem+json"),
    ],
)
async def test_form_of_problems(client: AsyncClient, accept: str, form: str) -> None:
    """Outside of /v1 a problem is a page to who asks for pages; under /v1 it is always for programs."""
    answer = await client.get("/nothing", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (404, form)
    assert "accept" in answer.headers["vary"].lower()
    data = await client.get("/v1/nothing", headers={"Accept": accept})
    assert (data.status_code, data.headers["content-type"]) == (404, "application/problem+json")
