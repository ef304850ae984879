"""Clients generated from `docs/openapi.json` pass their type checkers and work; linked data fits its types."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.formats.lists import LIST_FORMATS
from app.http.openapi import COMMITTED
from tests.npm import SCRIPTS, install, run, script
from tests.web.html import Html

PROGRAMS = Path(__file__).parent / "programs"


# --- Python ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def python_client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the generated package and a program that uses it."""
    folder = tmp_path_factory.mktemp("python")
    (folder / "options.yaml").write_text("post_hooks: []\n")
    said = run(
        *(SCRIPTS / "openapi-python-client", "generate", "--path", COMMITTED, "--meta", "none"),
        *("--output-path", folder / "generated", "--config", folder / "options.yaml"),
        folder=folder,
    )
    # The generator leaves out anything that's neither JSON nor text, and says so.
    left_out = [line for line in said.splitlines() if "Cannot parse" in line or "Unable to" in line]
    neither = (
        *("application/zip", "application/atom+xml", "application/x-bibtex"),
        *(found.media_type for found in LIST_FORMATS.values() if not found.media_type.startswith("text/")),
    )
    assert all(any(media_type in line for media_type in neither) for line in left_out), said
    shutil.copy(PROGRAMS / "program.py", folder)
    return folder


def test_generated_python_passes_the_type_checker(python_client: Path) -> None:
    """The package and a program that uses it pass the type checker, except for the generator's own `client.py`."""
    options = ["--config-file=", "--strict", "--no-error-summary", f"--cache-dir={python_client / 'cache'}"]
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-m", "mypy", *options, "program.py"],
        cwd=python_client,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if ": error:" in line]
    assert [line for line in lines if not line.startswith(str(Path("generated") / "client.py"))] == [], done.stdout
    assert done.stderr == ""


def test_generated_python_works(python_client: Path, address: str) -> None:
    """The program gets answers and refusals from a running server."""
    assert run(sys.executable, "program.py", address, folder=python_client).splitlines() == [
        "119 complaint met-2012-2018-complaints 0.2003 1",
        "404 ['met-2012-2018-complaints']",
        "422 out-of-range",
        "not-comparable None",
    ]


def test_generated_models_take_every_figure(latest: str, tmp_path: Path) -> None:
    """Pydantic models from datamodel-code-generator accept every real figure and return it unchanged."""
    run(
        *(SCRIPTS / "datamodel-codegen", "--input", COMMITTED, "--input-file-type", "openapi"),
        *("--output-model-type", "pydantic_v2.BaseModel", "--target-python-version", "3.11"),
        *("--formatters", "builtin", "--disable-warnings", "--output", "generated_models.py"),
        folder=tmp_path,
    )
    shutil.copy(PROGRAMS / "models.py", tmp_path)
    said = run(sys.executable, "models.py", latest, folder=tmp_path)
    assert said == "True met-2012-2018-upheld-criminal-investigation\n"


# --- TypeScript, and the linter --------------------------------------------------------------------------------

TSC = ["--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--module", "nodenext", "--types", "node"]


@pytest.fixture(scope="module")
def node_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the npm tools pinned by its lock; skip if there's no registry."""
    folder = tmp_path_factory.mktemp("node")
    install(PROGRAMS, folder)
    for program in [*PROGRAMS.glob("*.ts"), *PROGRAMS.glob("*.mjs"), COMMITTED]:
        shutil.copy(program, folder)
    return folder


def test_linter_finds_nothing(node_folder: Path) -> None:
    """Redocly's recommended rules find no errors or warnings."""
    redocly = script(node_folder, "redocly")
    found = json.loads(run(redocly, "lint", "openapi.json", "--format=json", folder=node_folder))
    assert found["problems"] == []


@pytest.fixture(scope="module")
def compiled(node_folder: Path) -> Path:
    """Return the folder, once programs compile against the output of three generators."""
    run(script(node_folder, "openapi-typescript"), "openapi.json", "-o", "schema.ts", folder=node_folder)
    run(script(node_folder, "openapi-ts"), "--file", "openapi-ts.config.mjs", folder=node_folder)
    run(script(node_folder, "orval"), "--config", "orval.config.mjs", folder=node_folder)
    programs = [program.name for program in PROGRAMS.glob("*.ts")]
    run(script(node_folder, "tsc"), *TSC, "--allowImportingTsExtensions", *programs, folder=node_folder)
    return node_folder


@pytest.mark.parametrize("program", ["types.ts", "hey.ts", "orval.ts"])
def test_generated_typescript_works(compiled: Path, address: str, program: str) -> None:
    """Programs using openapi-typescript's types, or hey-api's or orval's client, get answers and refusals."""
    assert run("node", program, address, folder=compiled).splitlines() == [
        "119 true met-2012-2018-complaints 0.2003 1",
        "404 [ 'met-2012-2018-complaints' ]",
        "422 out-of-range",
    ]


# --- linked data -----------------------------------------------------------------------------------------------


def of_schema_org(node: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return linked data without terms from other vocabularies, which have a prefix."""
    if isinstance(node, list):
        return [of_schema_org(one) for one in node]
    if not isinstance(node, dict):
        return node
    kept = {name: of_schema_org(value) for name, value in node.items() if ":" not in name}
    if isinstance(kept.get("@type"), list):
        (kept["@type"],) = [one for one in kept["@type"] if ":" not in one]
    return kept


def test_linked_data_fits_the_types_of_schema_org(node_folder: Path, latest: str) -> None:
    """The dataset, figures and incidents use only properties that Google's schema.org types allow."""
    described = [httpx.get(f"{latest}/v1/dataset?format=jsonld").json()]
    pages = ["figures/met-2012-2018-complaints-upheld", "figures/met-2012-2018-upheld-criminal-investigation"]
    for page in [*pages, "incidents/met-everard-vigil"]:
        (found,) = Html(httpx.get(f"{latest}/{page}")).all("script", type="application/ld+json")
        described.append(json.loads(found[1]))
    lines = ['import type { Claim, Dataset, Observation, WithContext } from "schema-dts";']
    for number, one in enumerate(described):
        plain = of_schema_org(one | {"@context": "https://schema.org"})
        lines.append(f"export const of{number}: WithContext<{plain['@type']}> = {json.dumps(plain)};")
    (node_folder / "linked.ts").write_text("\n".join(lines))
    run(script(node_folder, "tsc"), *TSC, "linked.ts", folder=node_folder)
