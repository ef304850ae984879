"""The guide: what `docs/` says, as pages. The files are read as they lie; no markup of their own passes through."""

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from mdit_py_plugins.anchors import anchors_plugin

from app.settings import PROJECT

GROUPS: Mapping[str, tuple[str, ...]] = {
    "Using the figures": ("quoting", "methodology", "glossary", "clients", "stability"),
    "Adding an article": ("curating",),
    "Running it": ("operations", "security", "performance"),
    "Changing it": ("contributing", "changelog", "dependencies"),
}
"""The order in which pages are listed. What stands in no group comes at the end of the last one."""

BESIDE = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
"""Files of the guide that stand beside `docs/`, where people look for them."""

ELSEWHERE = {"docs/openapi.json": "/openapi.json", "LICENSE": "https://opensource.org/license/mit"}
"""What the files link to that is no page of the guide, and where a reader finds it."""

DEEPEST = 3
"""The level of heading down to which headings have anchors."""


@dataclass(frozen=True)
class Heading:
    """A place on a page that can be linked to."""

    level: int
    anchor: str
    text: str


@dataclass(frozen=True)
class Document:
    """A file of the guide as a page."""

    title: str
    summary: str
    """Its first paragraph, as plain text."""
    contents: tuple[Heading, ...]
    html: str
    """The text below the title; safe, as it was made by the renderer."""


def _files() -> dict[str, Path]:
    """Return the files of the guide, each under its path in the project."""
    found = [*(PROJECT / name for name in BESIDE), *sorted((PROJECT / "docs").rglob("*.md"))]
    return {path.relative_to(PROJECT).as_posix(): path for path in found}


def _name(file: str) -> str:
    """Return the name of a file's page: `decisions/0001-…` of `docs/decisions/0001-….md`."""
    return file.removeprefix("docs/").removesuffix(".md").lower()


@cache
def documents() -> Mapping[str, Document]:
    """Return every page of the guide under its name; the files are read once."""
    files = _files()
    return {_name(file): _read(file, path.read_text("utf-8"), set(files)) for file, path in files.items()}


def groups() -> dict[str, dict[str, Document]]:
    """Return the pages in the order in which they are listed, under the headings of their groups."""
    found = documents()
    listed = {name for names in GROUPS.values() for name in names}
    ordered = {heading: [name for name in names if name in found] for heading, names in GROUPS.items()}
    ordered[list(GROUPS)[-1]] += [name for name in found if name not in listed]
    return {heading: {name: found[name] for name in names} for heading, names in ordered.items() if names}


def rendered(text: str) -> str:
    """Return Markdown that is no file as HTML; safe, as it was made by the renderer."""
    return str(_reader().render(text))


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer).enable("table")
    return reader.use(anchors_plugin, max_level=DEEPEST)


def _read(file: str, text: str, files: set[str]) -> Document:
    """Read a file of Markdown that begins with its title.

    Raises:
        ValueError: if it begins with anything else, or links to something that the guide cannot lead to.

    """
    reader = _reader()
    tokens = reader.parse(text)
    if not tokens or tokens[0].tag != "h1":
        raise ValueError(f"{file}: a page of the guide begins with its title, a heading of the first level")
    for token in _all(tokens):
        if token.type == "link_open":
            token.attrSet("href", _address(file, str(token.attrGet("href")), files))
    headings = tuple(_headings(tokens))
    summary = next((plain(after) for token, after in pairwise(tokens) if token.type == "paragraph_open"), "")
    return Document(
        title=headings[0].text,
        summary=" ".join(summary.split()),
        contents=headings[1:],
        html=reader.renderer.render(tokens[3:], reader.options, {}),
    )


def _address(file: str, link: str, files: set[str]) -> str:
    """Return where a link of a file leads on a page: to another page, or as it stands.

    Raises:
        ValueError: for a file that is no page and has no place elsewhere.

    """
    parts = urlsplit(link)
    if parts.scheme or parts.netloc or not parts.path or parts.path.startswith("/"):
        return link
    target = normpath((PurePosixPath(file).parent / parts.path).as_posix())
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    if target in files:
        return f"/guide/{_name(target)}{fragment}"
    if target not in ELSEWHERE:
        raise ValueError(f"{file} links to {link}, which is no page of the guide")
    return ELSEWHERE[target]


def _all(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from token.children or ()


def _headings(tokens: list[Token]) -> Iterator[Heading]:
    for token, after in pairwise(tokens):
        if token.type == "heading_open" and (anchor := token.attrGet("id")):
            yield Heading(int(token.tag[1:]), str(anchor), plain(after))


def plain(inline: Token) -> str:
    """Return what a token says, without its marks."""
    breaks = {"softbreak": " ", "hardbreak": " "}
    return "".join(breaks.get(token.type, token.content) for token in inline.children or ())


class _Renderer(RendererHTML):
    """Writes HTML in which what may be wider than the page scrolls by itself, with the keyboard too."""

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]) -> str:
        """Write a block of code."""
        return super().fence(tokens, idx, options, env).replace("<pre>", '<pre tabindex="0">', 1)

    def table_open(self, *_: Any) -> str:  # noqa: ANN401 - the library's way
        """Begin a table."""
        return '<div class="scroll" tabindex="0"><table>\n'

    def table_close(self, *_: Any) -> str:  # noqa: ANN401 - the library's way
        """End a table."""
        return "</table></div>\n"
