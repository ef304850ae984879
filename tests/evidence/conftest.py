"""The command line, run in this process."""

import sys
from pathlib import Path

import pytest

from app.cli import main
from tests.programs import Run


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs `upheld` and returns how it ended and what it printed."""

    def run(*arguments: str | Path) -> tuple[object, str]:
        monkeypatch.setattr(sys, "argv", ["upheld", *map(str, arguments)])
        code: object = 0
        try:
            main()
        except SystemExit as stopped:
            code = stopped.code
        said = capsys.readouterr().out
        return (1, f"{said}{code}\n") if isinstance(code, str) else (code, said)

    return run
