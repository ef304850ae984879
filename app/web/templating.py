"""Template rendering, with everything escaped by default, and URLs of static files."""

import hashlib
import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from app.domain.wording import capitalised
from app.seeds.collection import collection
from app.web.wording import POINTS, STANDINGS

STATIC = Path(__file__).with_name("static")
SWAGGER = Path(str(files("fastapi_swagger"))) / "resources"
"""Swagger UI from its package, served under `/static/swagger/`."""


def with_code(text: str) -> Markup:
    """Escape text and turn `backticks` into code elements."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped just here


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: "1 figure", "1,234 figures"."""
    return f"{number:,} {noun}{'s' if number != 1 else ''}"


def in_script(json: str) -> Markup:
    """Make JSON safe inside a script element."""
    return Markup(json.replace("<", "\\u003c"))  # noqa: S704 - only a tag can end a script


@cache
def asset(name: str) -> str:
    """Return the URL of a static file. It contains a digest, so browsers can cache the file forever."""
    file = SWAGGER / name.removeprefix("swagger/") if name.startswith("swagger/") else STATIC / name
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:8]}"


templates = Environment(
    loader=PackageLoader("app.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
templates.filters |= {
    "capitalised": capitalised,
    "counted": counted,
    "day": "{:%-d %B %Y}".format,
    "in_script": in_script,
    "thousands": "{:,}".format,
    "with_code": with_code,
}
templates.globals |= {"asset": asset, "collection": collection, "POINTS": POINTS, "STANDINGS": STANDINGS}


AS_WRITTEN = re.compile(r"(<pre\b.*?</pre>|<textarea\b.*?</textarea>)", re.DOTALL)
"""Elements whose whitespace browsers keep."""


def compact(html: str) -> str:
    """Drop the indentation and empty lines that templates leave, which are a tenth of a page."""
    parts = AS_WRITTEN.split(html)
    return "".join(part if place % 2 else re.sub(r"\n\s+", "\n", part) for place, part in enumerate(parts))


def render(template: str, **values: Any) -> str:  # noqa: ANN401 - the variables of a template
    """Render a template."""
    return compact(templates.get_template(template).render(values))
