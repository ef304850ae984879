"""A new collection: what is written, what it is called, and that it works with an article of its own."""

import shutil
from pathlib import Path

import pytest

from app.seeds.collection import read_collection
from app.seeds.problems import SeedError
from app.seeds.reading import read
from app.seeds.start import start_collection
from tests.texts import FORCE, MADE_UP, NAME


@pytest.mark.parametrize("name", ["Our figures", 'Our: "figures"', "# 1", "Zahlen ü ✓"])
def test_a_new_collection_is_sound(tmp_path: Path, name: str) -> None:
    """It has no record and no problem, and its name is the one given."""
    start_collection(tmp_path / "own", name)
    assert read(tmp_path / "own").dataset.records == []
    assert read_collection(tmp_path / "own").name == name


def test_it_takes_an_article(tmp_path: Path) -> None:
    """An article of another force goes in as it does here."""
    start_collection(tmp_path, "Our figures")
    shutil.copy(MADE_UP / f"{NAME}.yaml", tmp_path)
    with (tmp_path / "forces.csv").open("a", encoding="utf-8") as forces:
        forces.write(FORCE)
    assert len(read(tmp_path).dataset.records) == 6


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A folder that holds something is left alone."""
    (tmp_path / "codes.yaml").write_text("mine")
    with pytest.raises(SeedError, match="isn't empty: name a new folder"):
        start_collection(tmp_path, "Our figures")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("codes.yaml", "mine")]


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """A file in the way is named."""
    (tmp_path / "file").write_text("")
    with pytest.raises(SeedError, match=r"file/own: can't be written: Not a directory"):
        start_collection(tmp_path / "file" / "own", "Our figures")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "collection.yaml: cannot be read: No such file or directory"),
        ("name: Ours\n", "collection.yaml: title: is missing"),
        ("nmae: Ours\n", "is not a field here; did you mean name?"),
    ],
)
def test_mistakes_are_reported(tmp_path: Path, text: str | None, message: str) -> None:
    """`check` names the file and what is wrong with it."""
    start_collection(tmp_path, "Our figures")
    (tmp_path / "collection.yaml").unlink()
    if text is not None:
        (tmp_path / "collection.yaml").write_text(text)
    with pytest.raises(SeedError) as caught:
        read(tmp_path)
    assert message in "\n".join(map(str, caught.value.problems))
