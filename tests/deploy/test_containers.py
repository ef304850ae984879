"""The image and the composition: no container is run here, so everything that they name is run or looked up."""

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
from ruamel.yaml import YAML

from app.embedded.server import API_LOGIN
from app.settings import PROJECT, Settings
from tests.dockerfile import Step, dockerfile, last
from tests.postgresql import new_login
from tests.programs import free_port

OURS = ("load", "api")
"""The services that run the image."""

PORT = "8000"
READER_PASSWORD = "${READER_PASSWORD:-reader}"  # noqa: S105 - where it comes from
PATIENCE = 60.0


def composition() -> dict[str, Any]:
    """Read the composition, merged keys in place."""
    found: dict[str, Any] = YAML(typ="safe").load(PROJECT / "compose.yaml")
    return found


def service(name: str) -> dict[str, Any]:
    """Return a service of the composition."""
    found: dict[str, Any] = composition()["services"][name]
    return found


def command(name: str) -> list[str]:
    """Return what a service that runs the image starts: its own command, or the image's."""
    found: list[str] = service(name).get("command", last("CMD").words)
    return found


def health_check() -> list[str]:
    """Return the command of the image's health check."""
    _, _, text = last("HEALTHCHECK").text.partition("CMD ")
    return Step("CMD", text).words


def test_names_in_the_composition_are_defined() -> None:
    """Every service, network and volume that a service names is there."""
    whole = composition()
    for name, found in whole["services"].items():
        assert set(found.get("depends_on", {})) <= set(whole["services"]) - {name}
        assert set(found.get("networks", [])) <= {*whole["networks"], "default"}
        assert {volume.partition(":")[0] for volume in found.get("volumes", [])} <= set(whole["volumes"])


def test_order_of_the_start() -> None:
    """The load waits for a healthy database, and the API for a load that succeeded."""
    assert service("load")["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert "pg_isready" in service("postgres")["healthcheck"]["test"]
    assert service("api")["depends_on"] == {"load": {"condition": "service_completed_successfully"}}
    assert service("load")["restart"] == "no"


def test_images_are_pinned() -> None:
    """Every image from elsewhere names its version; none is `latest`."""
    stages = {step.words[2] for step in dockerfile() if step.name == "FROM" and len(step.words) > 1}
    images = {step.words[0] for step in dockerfile() if step.name == "FROM"} - stages
    images |= {found["image"] for found in composition()["services"].values() if "image" in found}
    assert images
    for image in images:
        assert re.fullmatch(r"[a-z]+:\d[a-z0-9.-]*", image), image
    assert all(service(name)["build"] == "." and "image" not in service(name) for name in OURS)


def test_image_has_a_python_that_the_project_takes() -> None:
    """The image's Python is new enough for the project."""
    (version,) = re.findall(r"FROM python:(\d+)\.(\d+)-", (PROJECT / "Dockerfile").read_text())
    assert tuple(map(int, version)) >= (3, 11)


def test_nothing_runs_as_root() -> None:
    """The image's user is a number other than 0, no service takes another, and none can gain rights."""
    user, _, group = last("USER").text.partition(":")
    assert int(user) > 0
    assert int(group) > 0
    for name in OURS:
        found = service(name)
        assert "user" not in found
        assert "privileged" not in found
        assert found["read_only"] is True
        assert found["cap_drop"] == ["ALL"]
        assert found["security_opt"] == ["no-new-privileges:true"]


def test_only_the_api_is_reachable() -> None:
    """The database has no port and a network of its own; the API listens on this machine only."""
    services = composition()["services"]
    assert [name for name, found in services.items() if "ports" in found] == ["api"]
    assert services["api"]["ports"] == [f"127.0.0.1:{PORT}:{PORT}"]
    assert services["postgres"]["networks"] == ["database"]
    assert composition()["networks"]["database"] == {"internal": True}
    assert last("EXPOSE").text == PORT


def test_services_are_given_settings_that_exist() -> None:
    """Every variable is one that the program reads; the addresses fit the database beside it."""
    known = {str(field.validation_alias) for field in Settings.model_fields.values()}
    database = service("postgres")["environment"]
    assert all(set(service(name)["environment"]) <= known for name in OURS)
    owner = f"{database['POSTGRES_USER']}:{database['POSTGRES_PASSWORD']}"
    for name, login in {"load": owner, "api": f"{API_LOGIN}:{READER_PASSWORD}"}.items():
        address = f"postgresql://{login}@postgres:5432/{database['POSTGRES_DB']}"
        assert service(name)["environment"]["DATABASE_URL"] == address


def test_files_that_the_image_takes_exist() -> None:
    """Every file that is copied exists and reaches the build, and nothing else does."""
    copied = [step.words for step in dockerfile() if step.name == "COPY"]
    sources = {word for words in copied if not words[0].startswith("--from=") for word in words[:-1]}
    ignored = [line for line in (PROJECT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert ignored[0] == "*"
    taken = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert taken == {source.partition("/")[0] for source in sources}
    assert [source for source in sources if not (PROJECT / source).exists()] == []


def test_image_holds_what_the_program_looks_for() -> None:
    """The folders that the program finds beside `app/` are copied beside it."""
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
    """Whatever is installed has its hash in the lock, or is the project itself."""
    runs = [step.text.replace("--no-cache-dir ", "") for step in dockerfile() if step.name == "RUN"]
    assert [re.findall(r"install ([^&]*[^& ])", run) for run in runs] == [
        ["--require-hashes --requirement locks/production.txt"],
        ["--no-deps --no-build-isolation --editable ."],
    ]


def test_commands_are_the_projects_own() -> None:
    """What the services start is the console script that installing the project makes."""
    scripts = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["scripts"]
    assert {command(name)[0] for name in OURS} == set(scripts)


def here(words: list[str], port: int) -> list[str]:
    """Return a command of a container as it is on this machine: our programs, a port that is free."""
    program = str(Path(sys.executable).with_name(words[0]))
    return [program, *(re.sub(rf"\b{PORT}\b", str(port), word) for word in words[1:])]


@contextmanager
def started(words: list[str], environment: Mapping[str, str], place: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command in an empty folder, with the variables of its service and no others."""
    with subprocess.Popen(words, env=environment, cwd=place) as program:  # noqa: S603 - the project's own
        try:
            yield program
        finally:
            program.kill()


def test_services_start(empty_database: str, tmp_path: Path) -> None:
    """Loaded by the one service and started by the other, the API passes the health check and stops when told.

    The API logs in as the reader that the composition makes in a new database.
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
    """See that the service `api` passes the health check of the image, and stops when told."""
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
