"""Reading a folder of seeds: valid seeds pass, and all problems are reported at once."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.seeds.plain_yaml import parse
from app.seeds.problems import SeedError
from app.seeds.reading import read
from tests.seed_files import replace, spoil
from tests.seeds.made_up_article import TEXT, only, problems


def test_what_is_right_passes(article: Path) -> None:
    """The made-up article is accepted, so each test finds only its own mistake."""
    dataset = read(article.parent).dataset
    assert [record.id for record in dataset.records] == ["whole", "second", "part", "hearings", "event"]


@pytest.mark.parametrize("name", ["forces.csv", "codes.yaml", "sources.yaml", "breaks.yaml"])
def test_a_missing_file_is_one_problem(article: Path, name: str) -> None:
    """References into an unreadable file aren't reported too."""
    (article.parent / name).unlink()
    assert str(only(problems(article.parent))) == f"{name}: cannot be read: No such file or directory"


def test_an_empty_folder_is_not_an_empty_dataset(tmp_path: Path) -> None:
    """Every missing required file is reported."""
    files = {problem.file for problem in problems(tmp_path)}
    assert files == {"collection.yaml", "forces.csv", "codes.yaml", "sources.yaml", "breaks.yaml"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("codes.yaml", "- id: any\n"),
        ("codes.yaml", "allegations: []\n"),
        ("codes.yaml", "allegation: []\nstage: []\noutcome: []\nbreakdown: words\n"),
        ("codes.yaml", ""),
        ("sources.yaml", "id: one\n"),
        ("sources.yaml", "text"),
        ("breaks.yaml", "id: one\n"),
    ],
)
def test_reference_data_of_another_shape_is_a_problem(article: Path, name: str, text: str) -> None:
    """A list instead of a mapping, or the reverse, is one problem of the file."""
    (article.parent / name).write_text(text)
    found = only(problems(article.parent))
    assert found.file == name
    assert "list" in found.message


def test_all_mistakes_of_all_files_are_reported_at_once(seeds: Path) -> None:
    """Nine mistakes in the real seeds are all reported, by file and line."""
    met, ew = seeds / "euro-weekly-news-2021-03-22.yaml", seeds / "wrp-2021-10.yaml"
    replace(seeds / "forces.csv", "Dorset Police,territorial", "Dorset Police,local")
    replace(seeds / "codes.yaml", "parent: convicted", "parent: convictd")
    replace(seeds / "sources.yaml", "- id: lbc-2021-10-26\n", "- id: lbc-2021-10-26\n  licence: none\n")
    replace(seeds / "breaks.yaml", "allegations: [any]", "allegations: [all]")
    spoil(met, "met-2012-2018-upheld-removed", "outcome: removed", "outcome: removd")
    spoil(met, "met-officer-home-visit", "id: met-2012-2018-complaints", "id: met-2012-2018-complaint")
    spoil(ew, "ew-2016-investigated", "unit: person", "unit: persons")
    spoil(ew, "ew-2016-investigated", "precision: year", "precision: week")
    spoil(ew, "met-officer-murder", "role: states", "role: repeats")
    with pytest.raises(SeedError) as caught:
        read(seeds)
    found = caught.value.problems
    expected = [
        ("breaks.yaml", "conduct-regime-2020", "allegations.0"),
        ("codes.yaml", "imprisoned", "parent"),
        (met.name, "met-2012-2018-upheld-removed", "outcome"),
        (met.name, "met-officer-home-visit", "related.0.id"),
        ("forces.csv", "dorset", "kind"),
        ("sources.yaml", "lbc-2021-10-26", "licence"),
        (ew.name, "ew-2016-investigated", "period.precision"),
        (ew.name, "ew-2016-investigated", "unit"),
        (ew.name, "met-officer-murder", "evidence"),
    ]
    assert [(problem.file, problem.record, problem.field) for problem in found] == expected
    assert found == sorted(found)
    assert str(caught.value).split("\n") == [str(problem) for problem in found]
    assert re.match(r"breaks\.yaml:\d+: conduct-regime-2020, allegations\.0: 'all' is not known", str(caught.value))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("version", "1.2", "must be three numbers with dots, such as 1.2.0; found '1.2'"),
        ("version", "v1.2.3", "must be three numbers with dots"),
        ("published_at", "2026-01-02T03:04:05", "must be a time with a time zone"),
        ("published_at", "soon", "must be a time with a time zone, such as 2026-01-02T03:04:05Z; found 'soon'"),
        ("note", "", "must not be empty"),
        ("digest", "0" * 63, "must be 64 hexadecimal digits"),
        ("title", "First", "is not a field here"),
    ],
)
def test_the_list_of_releases_is_checked(article: Path, field: str, value: str, message: str) -> None:
    """An entry of `releases.yaml` has a version, a time, a note and a digest."""
    entry = {"version": "1.2.3", "published_at": "2026-01-02T03:04:05Z", "note": "First.", "digest": "0" * 64}
    (article.parent / "releases.yaml").write_text(json.dumps([entry | {field: value}]))
    found = only(problems(article.parent))
    assert (found.file, found.field) == ("releases.yaml", field)
    assert message in found.message


def test_a_version_is_used_once(article: Path) -> None:
    """Two releases can't have the same version."""
    entry = {"version": "1.2.3", "published_at": "2026-01-02T03:04:05Z", "note": "First.", "digest": "0" * 64}
    (article.parent / "releases.yaml").write_text(json.dumps([entry, entry | {"digest": "1" * 64}]))
    found = only(problems(article.parent))
    assert (found.field, found.message) == ("version", "1.2.3 is already used at releases.yaml:1")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from([10**20, ""]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)


ARTICLE_VALUE = parse(TEXT)[0]


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), value=ANYTHING)
def test_any_value_in_any_place_is_read_or_refused(bare: Path, data: st.DataObject, value: object) -> None:
    """If any part of a valid article is replaced, the only exception is the checker's own."""
    whole = json.loads(json.dumps(ARTICLE_VALUE))
    places: list[tuple[list[object] | dict[str, object], int | str]] = []
    queue = [whole]
    while queue:
        thing = queue.pop()
        if isinstance(thing, dict | list):
            places += [(thing, key) for key in (thing if isinstance(thing, dict) else range(len(thing)))]
            queue += thing.values() if isinstance(thing, dict) else thing
    container, key = data.draw(st.sampled_from(places))
    container[key] = value  # type: ignore[index] # a key of a mapping, or an index of a list
    bare.write_text(json.dumps(whole).replace("NaN", ".nan").replace("Infinity", ".inf"))
    try:
        read(bare.parent)
    except SeedError as error:
        assert all(problem.message for problem in error.problems)  # noqa: PT017 - read or refused, both are right


@pytest.mark.parametrize(
    "name",
    [
        *(
            "article.yml",
            "ARTICLE.YAML",
            "article.yaml.txt",
            "article (1).yaml.bak",
            "forces (1).csv",
            "FORCES.csv",
        ),
        *(
            "notes.md",
            "2024/article.yaml",
            "releases/2.0.0.jsonl",
            "releases/1.0.0.json",
            "article.json",
            "forces.xlsx",
        ),
        *(
            "article.yaml~",
            "#article.yaml#",
            "article.yaml.orig",
            "article.yaml.rej",
            "~$forces.xlsx",
            "forces.CSV",
        ),
        *("Thumbs.db", "desktop.ini", "Icon\r", "article", "workforce.tsv", "releases/releases.yaml"),
    ],
)
def test_a_file_that_nothing_reads_is_reported(article: Path, name: str) -> None:
    """A file is either read or reported by name, whatever a spreadsheet or an editor names it."""
    path = article.parent / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("- id: any\n")
    assert only(problems(article.parent)).file == name


def test_hidden_files_are_left_alone(article: Path) -> None:
    """Hidden files from systems and editors aren't seeds, even if they are named like seeds or are broken links."""
    before = read(article.parent).dataset
    for name in (".DS_Store", ".article.yaml.swp", ".gitkeep", "._article.yaml", ".article.yaml"):
        (article.parent / name).write_bytes(b"\0")
    (article.parent / ".#article.yaml").symlink_to("somebody@machine.1234")
    assert read(article.parent).dataset == before


@pytest.mark.parametrize("name", ["more.yaml", "more.csv", "releases/more.jsonl"])
def test_what_is_no_file_is_reported(article: Path, name: str) -> None:
    """A broken link is reported like a file."""
    path = article.parent / name
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(article.parent / "nowhere")
    assert only(problems(article.parent)).file in {name, path.name}


def test_a_folder_with_a_files_name_is_reported(article: Path) -> None:
    """A folder named like an article is reported, as it may have been meant as one."""
    (article.parent / "more.yaml").mkdir()
    assert str(only(problems(article.parent))) == "more.yaml: cannot be read: Is a directory"


@pytest.mark.parametrize("name", ["article.yaml", "forces.csv", "codes.yaml", "sources.yaml"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "crlf", "cr", "utf-16", "utf-16-le", "cp1252"])
def test_encodings_and_line_ends(article: Path, name: str, encoding: str) -> None:
    """Byte order marks and line ends change nothing; another encoding is reported with the file."""
    path = article if name == "article.yaml" else article.parent / name
    before = read(article.parent).dataset
    text = path.read_text("utf-8")
    ends = {"crlf": "\r\n", "cr": "\r"}
    if encoding in ends:
        path.write_bytes(text.replace("\n", ends[encoding]).encode())
    else:
        path.write_bytes((f"{text}# é\n" if path.suffix == ".yaml" else f"{text.rstrip()}é\n").encode(encoding))
    if encoding in {"utf-8-sig", "crlf", "cr"} and path.suffix == ".yaml":
        assert read(article.parent).dataset == before
    elif encoding not in {"utf-8-sig", "crlf", "cr"}:
        assert {problem.file for problem in problems(article.parent)} == {path.name}


def test_a_lost_list_of_releases_is_reported(seeds: Path) -> None:
    """If the list of releases is missing, each release without an entry is reported, and not served as `dev`."""
    (seeds / "releases.yaml").unlink()
    found = problems(seeds)
    assert len(found) == len(list(seeds.glob("releases/*.jsonl")))
    assert all("restore its entry" in problem.message for problem in found)
