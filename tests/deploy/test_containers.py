"""The image and the compositions. No containers run: whatever they name is run or looked up directly."""

import os
import re
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from ruamel.yaml import YAML

from app.embedded.server import API_LOGIN
from app.settings import PROJECT, Settings
from tests.dockerfile import Step, dockerfile, last
from tests.postgresql import new_login
from tests.programs import free_port

OURS = ("load", "api")
"""The services of compose.yaml that run the image."""

COMPOSITIONS = ("compose.yaml", "compose.scale.yaml")

PORT = "8000"
READER_PASSWORD = "${READER_PASSWORD:-reader}"  # noqa: S105 - where it comes from
PATIENCE = 60.0


def composition(file: str = "compose.yaml") -> dict[str, Any]:
    """Read a composition, with merged keys resolved."""
    found: dict[str, Any] = YAML(typ="safe").load(PROJECT / file)
    return found


def service(name: str) -> dict[str, Any]:
    """Return a service in the composition."""
    found: dict[str, Any] = composition()["services"][name]
    return found


def command(name: str) -> list[str]:
    """Return the command that a service running the image starts: its own, or the image's."""
    found: list[str] = service(name).get("command", last("CMD").words)
    return found


def health_check() -> list[str]:
    """Return the image's health check command."""
    _, _, text = last("HEALTHCHECK").text.partition("CMD ")
    return Step("CMD", text).words


@pytest.mark.parametrize("file", COMPOSITIONS)
def test_names_in_the_composition_are_defined(file: str) -> None:
    """Every service, network, volume and file that a service names exists."""
    whole = composition(file)
    for name, found in whole["services"].items():
        assert set(found.get("depends_on", {})) <= set(whole["services"]) - {name}
        assert set(found.get("networks", [])) <= {*whole["networks"], "default"}
        for volume in found.get("volumes", []):
            source = volume.partition(":")[0]
            assert (PROJECT / source).is_file() if source.startswith("./") else source in whole["volumes"]


def test_the_script_of_the_first_start_is_executable() -> None:
    """The script is executable, or the PostgreSQL image would source it and its shell would keep our options."""
    assert (PROJECT / "deploy" / "primary.sh").stat().st_mode & 0o111


def test_order_of_the_start() -> None:
    """The load waits for a healthy database, and the API for a successful load."""
    assert service("load")["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert "pg_isready" in service("postgres")["healthcheck"]["test"]
    assert service("api")["depends_on"] == {"load": {"condition": "service_completed_successfully"}}
    assert service("load")["restart"] == "no"


def test_images_are_pinned() -> None:
    """Every third-party image is pinned to a version; none is `latest`."""
    stages = {step.words[2] for step in dockerfile() if step.name == "FROM" and len(step.words) > 1}
    images = {step.words[0] for step in dockerfile() if step.name == "FROM"} - stages
    services = [found for file in COMPOSITIONS for found in composition(file)["services"].values()]
    images |= {found["image"] for found in services if "image" in found}
    assert images
    for image in images:
        assert re.fullmatch(r"[a-z]+:\d[a-z0-9.-]*", image), image
    assert all(found["build"] == "." for found in services if "image" not in found)


def test_image_has_a_python_that_the_project_takes() -> None:
    """The image's Python is new enough for the project."""
    (version,) = re.findall(r"FROM python:(\d+)\.(\d+)-", (PROJECT / "Dockerfile").read_text())
    assert tuple(map(int, version)) >= (3, 11)


def test_nothing_runs_as_root() -> None:
    """The image's user is a non-zero number, no service overrides it, and none can gain privileges."""
    user, _, group = last("USER").text.partition(":")
    assert int(user) > 0
    assert int(group) > 0
    services = [found for file in COMPOSITIONS for found in composition(file)["services"].values()]
    assert all(found["security_opt"] == ["no-new-privileges:true"] for found in services)
    for found in services:
        if "build" not in found:
            continue
        assert "user" not in found
        assert "privileged" not in found
        assert found["read_only"] is True
        assert found["cap_drop"] == ["ALL"]


@pytest.mark.parametrize(("file", "front"), [("compose.yaml", "api"), ("compose.scale.yaml", "nginx")])
def test_only_the_front_is_reachable(file: str, front: str) -> None:
    """Only one service publishes a port, on this machine alone. Databases have their own network."""
    whole = composition(file)
    assert {name: found["ports"] for name, found in whole["services"].items() if "ports" in found} == {
        front: [f"127.0.0.1:{PORT}:{PORT if front == 'api' else 8080}"]
    }
    for found in whole["services"].values():
        if "postgres" in found.get("image", ""):
            assert found["networks"] == ["database"]
    assert whole["networks"]["database"] == {"internal": True}
    assert last("EXPOSE").text == PORT


@pytest.mark.parametrize(
    ("file", "database", "writes", "reads"),
    [
        ("compose.yaml", "postgres", "postgres:5432", "postgres:5432"),
        ("compose.scale.yaml", "primary", "haproxy:5433", "haproxy:5432"),
    ],
)
def test_services_log_in_as_they_should(file: str, database: str, writes: str, reads: str) -> None:
    """Loads log in as the owner and the API as the reader; the program knows every variable."""
    known = {str(field.validation_alias) for field in Settings.model_fields.values()}
    services = composition(file)["services"]
    variables = services[database]["environment"]
    owner = f"{variables['POSTGRES_USER']}:{variables['POSTGRES_PASSWORD']}"
    ours = {name: found["environment"] for name, found in services.items() if "build" in found}
    assert len(ours) > 1
    for name, environment in ours.items():
        assert set(environment) <= known
        login, host = (owner, writes) if name == "load" else (f"{API_LOGIN}:{READER_PASSWORD}", reads)
        assert environment["DATABASE_URL"] == f"postgresql://{login}@{host}/{variables['POSTGRES_DB']}"


def test_files_that_the_image_takes_exist() -> None:
    """Every copied file exists and reaches the build, and nothing else does."""
    copied = [step.words for step in dockerfile() if step.name == "COPY"]
    sources = {word for words in copied if not words[0].startswith("--from=") for word in words[:-1]}
    ignored = [line for line in (PROJECT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert ignored[0] == "*"
    taken = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert taken == {source.partition("/")[0] for source in sources}
    assert [source for source in sources if not (PROJECT / source).exists()] == []


def test_image_holds_what_the_program_looks_for() -> None:
    """The folders that the program looks for next to `app/` are copied there."""
    places = {step.words[0]: step.words[-1] for step in dockerfile() if step.name == "COPY"}
    assert {places[name] for name in ("app", "docs", "seeds", "migrations")} == {
        "app",
        "docs",
        "seeds",
        "migrations",
    }
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    needed = {project["readme"], *project["license-files"]}
    assert needed <= set(next(step.words for step in dockerfile() if "pyproject.toml" in step.words))


def test_image_installs_from_the_lock() -> None:
    """Every package's hash is in the lock, except for the project itself, which is compiled."""
    runs = [step.text.replace("--no-cache-dir ", "") for step in dockerfile() if step.name == "RUN"]
    assert [re.findall(r"install ([^&]*[^& ])", run) for run in runs] == [
        ["--require-hashes --requirement locks/production.txt"],
        ["--no-deps --no-build-isolation --editable ."],
    ]
    assert runs[-1].endswith(" -m compileall -q app migrations")


def test_commands_are_the_projects_own() -> None:
    """The services start the console script that installing the project creates."""
    scripts = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["scripts"]
    assert {command(name)[0] for name in OURS} == set(scripts)


def here(words: list[str], port: int) -> list[str]:
    """Return a container's command as run on this machine: our programs on a free port."""
    program = str(Path(sys.executable).with_name(words[0]))
    return [program, *(re.sub(rf"\b{PORT}\b", str(port), word) for word in words[1:])]


@contextmanager
def started(words: list[str], environment: Mapping[str, str], place: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command in an empty folder with only its service's variables."""
    with subprocess.Popen(words, env=environment, cwd=place) as program:  # noqa: S603 - the project's own
        try:
            yield program
        finally:
            program.kill()


def test_services_start(empty_database: str, tmp_path: Path) -> None:
    """With the database loaded by one service, the other passes the health check and stops when told.

    The API logs in as the reader that the composition creates in a new database.
    """
    port = free_port()
    owner = {"PATH": os.defpath, "DATABASE_URL": empty_database}
    with started(here(command("load"), port), owner, tmp_path) as load:
        assert load.wait(PATIENCE) == 0
    *_, statement = composition()["configs"]["reader"]["content"].strip().splitlines()
    (allowed,) = re.findall(rf"CREATE ROLE {API_LOGIN} LOGIN PASSWORD '[^']*' (.*);", statement)
    with new_login(empty_database, allowed) as reader:
        api_starts(
            {**owner, "DATABASE_URL": reader, "UPHELD_PUBLIC_URL": f"http://localhost:{port}"}, port, tmp_path
        )
    assert list(tmp_path.iterdir()) == []


def api_starts(environment: Mapping[str, str], port: int, tmp_path: Path) -> None:
    """Check that the `api` service passes the image's health check and stops when told."""
    check = here(health_check(), port)
    assert subprocess.run(check, env=environment, check=False, capture_output=True).returncode == 1  # noqa: S603
    with started(here(command("api"), port), environment, tmp_path) as api:
        deadline = time.monotonic() + PATIENCE
        while subprocess.run(check, env=environment, check=False, capture_output=True).returncode != 0:  # noqa: S603
            assert api.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        answer = httpx.get(f"http://127.0.0.1:{port}/health/ready", trust_env=False)
        assert (answer.status_code, answer.json()["status"]) == (200, "ready")
        api.send_signal(signal.SIGTERM)
        assert api.wait(PATIENCE) in {0, -signal.SIGTERM}
