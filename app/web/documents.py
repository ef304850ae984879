"""The guide: the project's Markdown files for readers, as pages. HTML in the files is escaped."""

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

from app.releases.rendering import PUBLIC_ADDRESS
from app.settings import PROJECT

GROUPS: Mapping[str, tuple[str, ...]] = {
    "Using the figures": ("quoting", "methodology", "glossary"),
    "Using the API": ("clients", "stability", "changelog"),
    "Adding an article": ("curating",),
}
"""The pages, in listing order. Documents for developers and operators are only in the repository."""

ROOT_FILES = ("CHANGELOG.md",)
"""Pages of the guide that aren't in `docs/`."""

OTHER_TARGETS = {"docs/openapi.json": "/openapi.json", "LICENSE": "https://opensource.org/license/mit"}
"""Addresses of linked files that aren't pages themselves."""

EXAMPLE_ADDRESS = "http://localhost:8000"
"""The server in the examples; pages replace it with this server."""

FOR_DEVELOPERS = "test"
"""The heading of table columns that are only for developers."""

MAX_LEVEL = 3
"""The lowest heading level that gets an anchor."""

LONG = 10_000
"""Characters above which a file's sections are folded; on a phone, this is about ten screens."""


@dataclass(frozen=True)
class Heading:
    """A heading with an anchor."""

    level: int
    anchor: str
    text: str


@dataclass(frozen=True)
class Document:
    """A page of the guide."""

    title: str
    summary: str
    """Its first paragraph, as plain text."""
    contents: tuple[Heading, ...]
    is_folded: bool
    """Whether its sections are folded, which makes a table of contents unnecessary."""
    html: str
    """Everything below the title, as safe HTML."""


def _files() -> dict[str, Path]:
    """Return the guide's files by their paths in the project."""
    listed = [name for names in GROUPS.values() for name in names]
    known = {_name(name): PROJECT / name for name in ROOT_FILES}
    found = [known.get(name, PROJECT / "docs" / f"{name}.md") for name in listed]
    return {path.relative_to(PROJECT).as_posix(): path for path in found if path.exists()}


def _name(file: str) -> str:
    """Return the page name of a file: `quoting` for `docs/quoting.md`."""
    return file.removeprefix("docs/").removesuffix(".md").lower()


@cache
def documents() -> Mapping[str, Document]:
    """Return the guide's pages by name. Files are read only once."""
    files = _files()
    return {_name(file): _read(file, path.read_text("utf-8"), set(files)) for file, path in files.items()}


def groups() -> dict[str, dict[str, Document]]:
    """Return the pages by group and name, in listing order."""
    found = documents()
    return {heading: {name: found[name] for name in names} for heading, names in GROUPS.items()}


def from_markdown(text: str) -> str:
    """Return Markdown as safe HTML."""
    return str(_reader().render(text))


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer).enable("table")
    return reader.use(anchors_plugin, max_level=MAX_LEVEL)


def _read(file: str, text: str, files: set[str]) -> Document:
    """Turn a Markdown file into a page.

    Raises:
        ValueError: the file doesn't start with a title, or links to a file that isn't in the guide.

    """
    reader = _reader()
    tokens = list(_for_readers(reader.parse(text)))
    is_long = len(text) > LONG
    if not tokens or tokens[0].tag != "h1":
        raise ValueError(f"{file}: a page of the guide must start with a first-level heading")
    for token in _with_children(tokens):
        if token.type == "link_open":
            token.attrSet("href", _address(file, str(token.attrGet("href")), files))
    headings = tuple(_headings(tokens))
    summary = next((_plain_text(after) for token, after in pairwise(tokens) if token.type == "paragraph_open"), "")
    return Document(
        title=headings[0].text,
        summary=" ".join(summary.split()),
        contents=headings[1:],
        is_folded=is_long,
        html=reader.renderer.render(
            list(_folded(tokens[3:])) if is_long else tokens[3:], reader.options, {}
        ).replace(EXAMPLE_ADDRESS, PUBLIC_ADDRESS),
    )


def _address(file: str, link: str, files: set[str]) -> str:
    """Return the target of a link in a file: the page if it links to a file of the guide, otherwise unchanged.

    Raises:
        ValueError: it links to any other file.

    """
    parts = urlsplit(link)
    if parts.scheme or parts.netloc or not parts.path or parts.path.startswith("/"):
        return link
    target = normpath((PurePosixPath(file).parent / parts.path).as_posix())
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    if target in files:
        return f"/guide/{_name(target)}{fragment}"
    if target not in OTHER_TARGETS:
        raise ValueError(f"{file} links to {link}, which isn't a page of the guide")
    return OTHER_TARGETS[target]


def _for_readers(tokens: list[Token]) -> Iterator[Token]:
    """Yield the tokens of a text without the table columns that are only for developers."""
    column, left_out = 0, -1
    is_left_out = False
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        if token.type in {"table_open", "tr_open"}:
            column, left_out = 0, -1 if token.type == "table_open" else left_out
        if token.type == "th_open" and after is not None and after.content == FOR_DEVELOPERS:
            left_out = column
        if token.type in {"th_open", "td_open"}:
            is_left_out = column == left_out
            column += 1
        if not is_left_out:
            yield token
        elif token.type in {"th_close", "td_close"}:
            is_left_out = False


def _folded(tokens: list[Token]) -> Iterator[Token]:
    """Yield the tokens of a text with each section folded. Anchors are inside, so that links open the section."""
    is_open, anchor = False, ""
    for token in tokens:
        if token.type == "heading_open" and token.tag == "h2":
            anchor = str(token.attrs.pop("id"))
            yield Token(
                "html_block", "", 0, content=f'{"</div></details>" * is_open}<details class="fold"><summary>'
            )
            yield token
            is_open = True
        elif token.type == "heading_close" and token.tag == "h2":
            yield token
            yield Token("html_block", "", 0, content=f'</summary><div id="{anchor}">')
        else:
            yield token
    yield Token("html_block", "", 0, content="</div></details>" * is_open)


def _with_children(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from token.children or ()


def _headings(tokens: list[Token]) -> Iterator[Heading]:
    for token, after in pairwise(tokens):
        if token.type == "heading_open" and (anchor := token.attrGet("id")):
            yield Heading(int(token.tag[1:]), str(anchor), _plain_text(after))


def _plain_text(inline: Token) -> str:
    """Return an inline token's text without markup."""
    breaks = {"softbreak": " ", "hardbreak": " "}
    return "".join(breaks.get(token.type, token.content) for token in inline.children or ())


class _Renderer(RendererHTML):
    """A renderer that lets wide code blocks and tables scroll on their own, also with the keyboard."""

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]) -> str:
        """Render a code block."""
        return super().fence(tokens, idx, options, env).replace("<pre>", '<pre tabindex="0">', 1)

    def table_open(self, *_: Any) -> str:  # noqa: ANN401 - the base class's signature
        """Open a table."""
        return '<div class="scroll" tabindex="0"><table>\n'

    def table_close(self, *_: Any) -> str:  # noqa: ANN401 - the base class's signature
        """Close a table."""
        return "</table></div>\n"
