"""Pages: templates, in which everything that comes from a record is escaped, and the files they load."""

import hashlib
import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

STATIC = Path(__file__).with_name("static")
SWAGGER = Path(str(files("fastapi_swagger"))) / "resources"
"""Swagger UI, as its package carries it; pages find it as `swagger/…`."""


def marked(text: str) -> Markup:
    """Set what stands between backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped just here


def in_script(json: str) -> Markup:
    """Set JSON into a script element, out of which no text in it can break."""
    return Markup(json.replace("<", "\\u003c"))  # noqa: S704 - nothing in a script ends it but a tag


@cache
def asset(name: str) -> str:
    """Return the address of a file that pages load; it changes with the file, so that none goes stale."""
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
templates.filters |= {"marked": marked, "in_script": in_script}
templates.globals["asset"] = asset


def render(template: str, **values: Any) -> str:  # noqa: ANN401 - whatever a template shows
    """Return a page."""
    return templates.get_template(template).render(values)
