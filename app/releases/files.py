"""Releases on disk: `releases.yaml` lists them, and `releases/VERSION.jsonl` is the permanent content of one."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.domain.dataset import Release
from app.errors import UpheldError
from app.releases.canonical import digest_of

if TYPE_CHECKING:
    from ruamel.yaml import YAML


class ReleaseError(UpheldError):
    """A release can't be made, read or changed."""


def listing_path(folder: Path) -> Path:
    """Return the path of the list of releases."""
    return folder / "releases.yaml"


def snapshot_path(folder: Path, version: str) -> Path:
    """Return the path of a release's content."""
    return folder / "releases" / f"{version}.jsonl"


def read_lines(folder: Path, release: Release) -> list[bytes]:
    """Read the lines of a release's content.

    Raises:
        ReleaseError: if it's missing or has changed since it was released.

    """
    path = snapshot_path(folder, release.version)
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except OSError as error:
        raise ReleaseError(f"{path}: release {release.version} cannot be read: {error.strerror}") from error
    if (found := digest_of(lines)) != release.digest:
        raise ReleaseError(
            f"{path}: release {release.version} must never change, but its digest is {found}; releases.yaml has "
            f"{release.digest}. Restore the file."
        )
    return lines


def read_list(path: Path) -> list[Any]:
    """Return the entries of a YAML list with their comments; none if there's no file."""
    return (_yaml().load(path) if path.exists() else None) or []


def replace_files(contents: Mapping[Path, bytes | list[Any]]) -> None:
    """Write files, lists as YAML; once all of them are complete, replace the old ones in this order."""
    for path, content in contents.items():
        path.parent.mkdir(exist_ok=True)
        with _new(path).open("wb") as file:
            if isinstance(content, bytes):
                file.write(content)
            else:
                _yaml().dump(content, file)
    for path in contents:
        _new(path).replace(path)


def _new(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")


def _yaml() -> "YAML":
    from ruamel.yaml import YAML  # noqa: PLC0415 - only a new release and a removal write YAML

    yaml = YAML(typ="rt")
    yaml.width = 2**20  # lines that ruamel wraps can end in a space
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml
