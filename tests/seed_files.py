"""Edits of seed files: each breaks a copy in one place."""

import re
import shutil
from pathlib import Path


def replace(path: Path, old: str, new: str) -> None:
    """Replace a text that occurs once in a file."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def spoil(path: Path, record: str, old: str, new: str) -> None:
    """Replace a text that occurs once in a record."""
    parts = re.split(r"(?m)^(?=  - id: )", path.read_text(encoding="utf-8"))
    at = [index for index, part in enumerate(parts) if part.startswith(f"  - id: {record}\n")]
    assert len(at) == 1
    assert parts[at[0]].count(old) == 1, f"{old!r} occurs {parts[at[0]].count(old)} times in {record}"
    parts[at[0]] = parts[at[0]].replace(old, new)
    path.write_text("".join(parts), encoding="utf-8")


def unrelease(seeds: Path) -> None:
    """Remove every release from a folder of seeds."""
    (seeds / "releases.yaml").unlink()
    shutil.rmtree(seeds / "releases")
