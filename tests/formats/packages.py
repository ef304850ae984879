"""Readers for data packages, and records of every shape to fill one with."""

import csv
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from frictionless import validate

from app.domain.records import Evidence, Record, Related
from tests.made import STATES, ambiguous, base, figure, incident

EXPORT = "/v1/export.zip"


def unpacked(content: bytes) -> dict[str, bytes]:
    """Return the files of a zip file by name, after checking their checksums."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return files as a zip file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def rows(files: Mapping[str, bytes], name: str) -> list[dict[str, str]]:
    """Return the rows of a table of a package."""
    return list(csv.DictReader(io.StringIO(files[f"{name}.csv"].decode(), newline="")))


def errors(content: bytes, folder: Path) -> list[str]:
    """Return the types of error that the Frictionless library finds in a package, which stays in the folder."""
    path = folder / "package.zip"
    path.write_bytes(content)
    report = validate(str(path), type="package")
    found: list[str] = [kind for (kind,) in report.flatten(["type"])]
    return found


def records_of_every_shape() -> list[Record]:
    """Return records that fill or omit every field, with texts that a spreadsheet would run."""
    passage = {**STATES, "as_printed": "-1", "note": "=HYPERLINK(1)"}
    texts = {"statement": "=1+1 is |not| \\ run.", "notes": ["@SUM(1)", "+1", 'a "quoted", one\\|']}
    coverage = {"forces_asked": 43, "forces_included": 40}
    return [
        figure("whole", value=10, breakdown={"sex": "male"}, subjects=["officers", "staff"], **texts),
        figure("part", kind="outcome", value=3, base=base("whole"), evidence=[Evidence.model_validate(passage)]),
        figure("open", kind="outcome", value=2, base=ambiguous("whole", "part")),
        figure("fewer", value=-5, value_type="change-count", related=[{"type": "change-from", "id": "whole"}]),
        figure("share", value=33.33, value_type="percent", qualifier="between", value_to=40.5),
        figure("rate", value=1.5, value_type="rate", per=1000, coverage=coverage),
        figure("step", kind="proceeding", value_status="withheld"),
        incident("told", outcome="dismissed", related=[Related.model_validate({"type": "part-of", "id": "whole"})]),
        incident("undated", period={"basis": "not-stated", "event": "not-stated", "label": "-"}),
    ]
