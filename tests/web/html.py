"""Pages as a browser gets them, parsed, and the records of the seeds that the tests use."""

from collections import defaultdict
from html.parser import HTMLParser
from typing import Any

from httpx import AsyncClient, Response

from tests.real_seeds import first_release

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
"""The headers of a browser's request for a page."""

RECORDS = first_release()[0].records
FIGURES = [record.id for record in RECORDS if record.kind != "incident"]
INCIDENTS = [record.id for record in RECORDS if record.kind == "incident"]
REMOVED, PROVEN = "met-2012-2018-upheld-removed", "ew-2018-2021-misconduct-proven"
"""The two figures with the value 63, which can't be compared."""

VOID = {"meta", "link", "input", "rect", "line", "circle", "br"}
"""Elements without an end tag."""


class Html(HTMLParser):
    """The elements of a page in order, each with its attributes and its text."""

    def __init__(self, page: Response) -> None:
        """Parse a page."""
        super().__init__()
        self.elements: list[tuple[str, dict[str, str], list[str]]] = []
        self.open: list[tuple[str, dict[str, str], list[str]]] = []
        self.feed(page.text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        element: tuple[str, dict[str, str], list[str]] = (tag, {name: value or "" for name, value in attrs}, [])
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Add an empty element."""
        self.elements.append((tag, {name: value or "" for name, value in attrs}, []))

    def handle_endtag(self, tag: str) -> None:
        """Close elements up to the one that ends here; only list items may lack an end tag."""
        while self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Add text to every open element."""
        for _, _, texts in self.open:
            texts.append(data)

    def all(self, tag: str, **attributes: str) -> list[tuple[dict[str, str], str]]:
        """Return the attributes and text of elements with these attributes; `class_` is one of their classes."""
        expected = {name.rstrip("_"): value for name, value in attributes.items()}
        return [
            (found, " ".join("".join(texts).split()))
            for name, found, texts in self.elements
            if name == tag and all(value in found.get(key, "").split(" ") for key, value in expected.items())
        ]

    def ids(self, tag: str, class_: str) -> list[str]:
        """Return the ids of elements of a class."""
        return [found["id"] for found, _ in self.all(tag, class_=class_)]

    @property
    def all_ids(self) -> list[str]:
        """The ids of all elements."""
        return [found["id"] for _, found, _ in self.elements if "id" in found]

    @property
    def text(self) -> str:
        """The text of the main part, on one line."""
        return self.all("main")[0][1]

    @property
    def links(self) -> dict[str, list[str]]:
        """The addresses of links, by the text of the link."""
        found = defaultdict(list)
        for attributes, text in self.all("a"):
            found[text].append(attributes["href"])
        return found

    @property
    def addresses(self) -> set[str]:
        """The addresses of all links."""
        return {address for addresses in self.links.values() for address in addresses}


async def get_page(client: AsyncClient, address: str, status: int = 200) -> Html:
    """Get a page as a browser does."""
    page = await client.get(address, headers=BROWSER)
    assert page.status_code == status, page.text
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    return Html(page)


async def get_json(client: AsyncClient, address: str) -> Any:  # noqa: ANN401 - JSON
    """Get JSON from the API."""
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    return answer.json()
