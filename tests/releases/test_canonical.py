"""The canonical form: one digest for one dataset, however its files are written, and another after any change."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.releases.canonical import canonical, digest, from_canonical
from app.releases.files import snapshot_path
from app.seeds.files import read_yaml
from app.seeds.reading import read
from app.settings import PROJECT
from tests.seed_files import replace, spoil
from tests.seeds.made_up_article import ARTICLE, TEXT

MET, EW = "euro-weekly-news-2021-03-22.yaml", "wrp-2021-10.yaml"


def digest_of(seeds: Path) -> str:
    """Return the digest of a folder of seeds."""
    return digest(read(seeds).dataset)


def value_of(path: Path) -> Any:  # noqa: ANN401 - whatever the file says
    """Return the value of a YAML file of the seeds."""
    return read_yaml(path).value


def test_the_published_release_keeps_its_bytes() -> None:
    """A release that is read and written again has the same bytes."""
    content = snapshot_path(PROJECT / "seeds", "1.0.0").read_bytes()
    assert b"".join(canonical(from_canonical(content.splitlines(keepends=True)))) == content


def test_formatting_does_not_matter(seeds: Path) -> None:
    """JSON on one line with sorted keys and explicit defaults is the same dataset."""
    before = digest_of(seeds)
    for path in seeds.glob("*-20*.yaml"):
        content = value_of(path)
        for record in content["records"]:
            record.setdefault("notes", [])
            record.setdefault("related", [])
        path.write_text(json.dumps(content, sort_keys=True))
    assert digest_of(seeds) == before


def test_order_does_not_matter(seeds: Path) -> None:
    """Records, files, sources and forces in another order are the same dataset."""
    before = digest_of(seeds)
    content = value_of(seeds / MET)
    content["records"].reverse()
    (seeds / MET).unlink()
    (seeds / "zzz.yaml").write_text(json.dumps(content))
    header, *rows = (seeds / "forces.csv").read_text().splitlines()
    (seeds / "forces.csv").write_text("\n".join([header, *sorted(rows, reverse=True)]) + "\n")
    (seeds / "sources.yaml").write_text(json.dumps(value_of(seeds / "sources.yaml")[::-1]))
    assert digest_of(seeds) == before


def test_the_file_of_a_record_does_not_matter(seeds: Path) -> None:
    """A record whose evidence names its source may be in another article's file."""
    before = digest_of(seeds)
    first, second = value_of(seeds / MET), value_of(seeds / EW)
    moved = first["records"].pop()
    moved["evidence"] = [{"source": MET.removesuffix(".yaml"), **passage} for passage in moved["evidence"]]
    second["records"].insert(0, moved)
    (seeds / MET).write_text(json.dumps(first))
    (seeds / EW).write_text(json.dumps(second))
    assert digest_of(seeds) == before


CHANGES: list[Callable[[Path], None]] = [
    lambda article: spoil(article, "part", "value: 12", "value: 13"),
    lambda article: spoil(article, "second", "unit: complaint", "unit: case"),
    lambda article: spoil(article, "part", "Of the 40, 12", "Of the 40, twelve"),
    lambda article: spoil(article, "part", "basis: inferred", "basis: stated"),
    lambda article: spoil(article, "part", "Gives the same", "Gives that"),
    lambda article: spoil(article, "part", "role: corroborates", "role: corroborates\n        on: value"),
    lambda article: spoil(article, "part", "sha256: bbbb", "sha256: cccc"),
    lambda article: spoil(article, "part", "unit", "notes: [One may be two.]\n    unit"),
    lambda article: spoil(article, "hearings", "[second, whole]", "[whole, second]"),
    lambda article: spoil(article, "event", "standing: alleged", "standing: found"),
    lambda article: spoil(article, "event", "- id: event", "- id: happening"),
    lambda article: replace(article, "publisher: Nobody", "publisher: Somebody"),
    lambda article: replace(article, "end: 2020-12-31", "end: 2020-12-30"),
    lambda article: replace(article.parent / "forces.csv", "Dorset Police", "Dorset Constabulary"),
    lambda article: replace(article.parent / "codes.yaml", "label: Homicide", "label: Killing"),
    lambda article: replace(article.parent / "codes.yaml", "parent: neglect-of-duty", "parent: any"),
    lambda article: replace(article.parent / "sources.yaml", "publisher: LBC", "publisher: LBC News"),
    lambda article: replace(article.parent / "breaks.yaml", "date: 2017-04-01", "date: 2017-05-01"),
]


@pytest.fixture
def article(seeds: Path) -> Path:
    """Return the made-up article in a copy of the seeds, instead of the real ones."""
    for path in seeds.glob("*-20*.yaml"):
        path.unlink()
    (seeds / ARTICLE).write_text(TEXT, encoding="utf-8")
    return seeds / ARTICLE


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_of_the_data_changes_the_digest(article: Path, change: Callable[[Path], None]) -> None:
    """Any change, however small, changes the digest."""
    before = digest_of(article.parent)
    change(article)
    assert digest_of(article.parent) != before
