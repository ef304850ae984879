import ast
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import get_args

import pytest
from httpx import AsyncClient

from app.http.problems import EXPLANATIONS, PARAMETER_PROBLEMS, PROBLEMS
from app.queries.errors import ParameterCode
from app.settings import PROJECT
from tests.api import PUBLIC

pytestmark = pytest.mark.anyio

MODULES = [
    module
    for module in sorted((PROJECT / "app").rglob("*.py"))
    if module.name == "problems.py"
    or re.search(r"from app.http.problems import|from app.http import problems", module.read_text())
]
"""The modules that may raise a problem."""


def codes_of(module: Path) -> Iterator[str]:
    """Yield the code of every problem that a module raises."""
    for node in ast.walk(ast.parse(module.read_text())):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name | ast.Attribute):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        if name == "Problem":
            code = node.args[1]
            assert isinstance(code, ast.Constant), f"{module.name}:{node.lineno}: the code must be a literal"
            yield str(code.value)


def test_every_code_is_explained() -> None:
    """The table explains every problem that the program can raise, and no other."""
    used = {code for module in MODULES for code in codes_of(module)}
    assert used == set(PROBLEMS)
    assert set(PARAMETER_PROBLEMS) == set(get_args(ParameterCode))
    assert not set(PROBLEMS) & set(PARAMETER_PROBLEMS)


@pytest.mark.parametrize("code", EXPLANATIONS)
def test_explanations_are_sentences(code: str) -> None:
    """A title isn't a sentence; the meaning and the remedy are."""
    explanation = EXPLANATIONS[code]
    assert not explanation.title.endswith(".")
    assert explanation.meaning.endswith(".")
    assert explanation.remedy.endswith(".")


@pytest.mark.parametrize("code", EXPLANATIONS)
async def test_each_has_a_page(client: AsyncClient, code: str) -> None:
    """A code's page has its meaning and its remedy, and loads nothing from elsewhere."""
    page = await client.get(f"/problems/{code}")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    canonical = f'<link rel="canonical" href="{PUBLIC}/problems/{code}">'
    assert canonical in page.text
    rest = page.text.replace(canonical, "")
    assert not re.search(r"(src|href)=\"(?![/#])", rest), "something is loaded from elsewhere"
    text = unescape(re.sub(r"<[^>]+>", "", page.text))
    for expected in (EXPLANATIONS[code].title, EXPLANATIONS[code].meaning, EXPLANATIONS[code].remedy):
        assert expected.replace("`", "") in text
    assert f'href="/problems/{code}"' in (await client.get("/problems")).text


@pytest.mark.parametrize("code", [code for code, explanation in EXPLANATIONS.items() if explanation.example])
async def test_examples(client: AsyncClient, code: str) -> None:
    """A page's example causes that problem, and its `type` is the address of a page."""
    answer = await client.get(EXPLANATIONS[code].example)
    body = answer.json()
    assert code in {body["type"].removeprefix("/problems/"), *(error["code"] for error in body.get("errors", []))}
    assert body["title"] == EXPLANATIONS[body["type"].removeprefix("/problems/")].title
    assert (await client.get(body["type"])).status_code == 200


async def test_unknown_codes(client: AsyncClient) -> None:
    """An unknown code is 404, with suggestions."""
    answer = await client.get("/problems/not-fond")
    assert (answer.status_code, answer.json()["nearest"][0]) == (404, "not-found")
    assert (await client.get("/problems/<script>alert(1)</script>")).status_code == 404
