"""A new collection: its files, its name, and that it accepts an article."""

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
    """A new collection has no records, no problems and the given name."""
    start_collection(tmp_path / "own", name)
    assert read(tmp_path / "own").dataset.records == []
    assert read_collection(tmp_path / "own").name == name


def test_it_takes_an_article(tmp_path: Path) -> None:
    """An article about another force can be added as in this project."""
    start_collection(tmp_path, "Our figures")
    shutil.copy(MADE_UP / f"{NAME}.yaml", tmp_path)
    with (tmp_path / "forces.csv").open("a", encoding="utf-8") as forces:
        forces.write(FORCE)
    assert len(read(tmp_path).dataset.records) == 6


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A folder that isn't empty is left alone."""
    (tmp_path / "codes.yaml").write_text("mine")
    with pytest.raises(SeedError, match="isn't empty: name a new folder"):
        start_collection(tmp_path, "Our figures")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("codes.yaml", "mine")]


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """If a file is in the way, it is named."""
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
    """`check` names the file and what's wrong with it."""
    start_collection(tmp_path, "Our figures")
    (tmp_path / "collection.yaml").unlink()
    if text is not None:
        (tmp_path / "collection.yaml").write_text(text)
    with pytest.raises(SeedError) as caught:
        read(tmp_path)
    assert message in "\n".join(map(str, caught.value.problems))
