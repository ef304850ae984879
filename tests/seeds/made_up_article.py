"""A made-up article for tests of the checker, and edits that make one mistake in it."""

from pathlib import Path
from typing import NamedTuple

import pytest

from app.seeds.problems import Problem, SeedError
from app.seeds.reading import read
from tests.seed_files import spoil

ARTICLE = "article.yaml"

TEXT = """\
source:
  id: made-up
  title: A made-up article
  publisher: Nobody
  published: {date: "2024-05-06", precision: day, basis: stated}
  url: https://example.org/made-up
  kind: news-article
  origin: met-foi-2021
  file: made-up.txt
  sha256: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa

records:
  - id: whole
    kind: complaint
    statement: In 2019, 40 complaints were made.
    force: metropolitan
    period:
      start: 2019-01-01
      end: 2019-12-31
      precision: year
      year_type: calendar
      basis: stated
      event: received
      label: in 2019
    allegation: rape
    value: 40
    value_status: stated
    unit: complaint
    evidence:
      - role: states
        as_printed: "40"
        paragraph: 1
        start: 0
        end: 20
        sha256: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa

  - id: second
    kind: complaint
    statement: In 2020, there were 50.
    force: metropolitan
    period: {start: 2020-01-01, end: 2020-12-31, precision: day, basis: stated, event: received, label: in 2020}
    allegation: rape
    value: 50
    value_status: stated
    unit: complaint
    evidence:
      - role: states
        as_printed: "50"
        paragraph: 1
        start: 22
        end: 30
        sha256: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa

  - id: part
    kind: outcome
    statement: Of the 40, 12 were upheld.
    force: metropolitan
    period:
      start: 2019-01-01
      end: 2019-12-31
      precision: year
      year_type: calendar
      basis: inferred
      event: received
      label: in 2019
    allegation: rape
    outcome: upheld
    value: 12
    value_status: stated
    unit: complaint
    subjects: [officers]
    base:
      id: whole
      basis: stated
      part: true
      candidates: [whole]
    evidence:
      - role: states
        as_printed: "12"
        paragraph: 2
        start: 3
        end: 30
        sha256: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
      - source: iopc-2021-10-25
        role: corroborates
        note: Gives the same number.

  - id: hearings
    kind: proceeding
    statement: How many hearings were held was not said.
    force: metropolitan
    period:
      basis: not-stated
      event: not-stated
      label: no date stated
    allegation: rape
    stage: misconduct-proceedings
    value_status: withheld
    unit: proceeding
    base:
      basis: ambiguous
      part: false
      candidates: [second, whole]
    evidence:
      - role: states
        paragraph: 3
        start: 0
        end: 30
        sha256: cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc

  - id: event
    kind: incident
    statement: An officer was dismissed.
    force: metropolitan
    period: {basis: not-stated, event: not-stated, label: no date stated}
    allegation: rape
    standing: alleged
    outcome: dismissed
    outcome_status: stated
    related:
      - type: part-of
        id: whole
    evidence:
      - role: states
        paragraph: 4
        start: 0
        end: 30
        sha256: dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd
"""
"""An article with a record of every kind; others refer to `whole` and `second`, and nothing refers to the rest."""


REFERENCE_DATA = {
    "forces.csv": """\
id,name,kind,ons_code,part_of,aliases
metropolitan,Metropolitan Police Service,territorial,E23000001,england-and-wales,Met|Met Police
dorset,Dorset Police,territorial,E23000039,england-and-wales,
england-and-wales,England and Wales,area,K04000001,,
""",
    "codes.yaml": """\
allegation:
  - {id: any, label: Any, definition: Any.}
  - {id: rape, parent: any, label: Rape, definition: Rape.}
stage:
  - {id: investigation, label: Investigation, definition: An investigation.}
  - {id: misconduct-proceedings, label: Proceedings, definition: A hearing.}
outcome:
  - {id: upheld, label: Upheld, definition: Upheld.}
  - {id: misconduct-proven, label: Proven, definition: Proven.}
  - {id: dismissed, label: Dismissed, definition: Dismissed.}
""",
    "sources.yaml": """\
- {id: met-foi-2021, title: A document, publisher: The Met, published: {basis: not-stated}, kind: foi-document}
- {id: iopc-2021-10-25, title: A release, publisher: IOPC, published: {basis: not-stated}, kind: press-release}
- {id: lbc-2021-10-26, title: News, publisher: LBC, published: {basis: not-stated}, kind: news-article}
""",
    "breaks.yaml": "[]\n",
    "collection.yaml": """\
name: Made up
title: Made-up figures
description: Nothing here is real.
creator: Nobody
licence: {id: CC0-1.0, name: CC0 licence, url: "https://creativecommons.org/publicdomain/zero/1.0/"}
""",
}
"""The reference data the article needs, and no more, as it's read for every mistake."""


class Mistake(NamedTuple):
    """A mistake, and the single problem that it causes.

    `at` is part of the reported line (by default, the start of `new`); missing fields are reported at the record.
    """

    record: str
    old: str
    new: str
    field: str
    message: str
    at: str = ""


def problems(seeds: Path) -> list[Problem]:
    """Return the problems that the checker finds; there must be some."""
    with pytest.raises(SeedError) as caught:
        read(seeds)
    return caught.value.problems


def is_accepted(seeds: Path) -> bool:
    """Return whether the seeds have no problems other than questions."""
    try:
        read(seeds)
    except SeedError as error:
        return all(problem.question for problem in error.problems)
    return True


def line_of(path: Path, problem: Problem) -> str:
    """Return the text of the line that a problem points to."""
    assert problem.file == path.name
    return path.read_text(encoding="utf-8").split("\n")[problem.line - 1]


def only(found: list[Problem]) -> Problem:
    """Return the only problem; if there are none or several, show them."""
    assert len(found) == 1, "\n".join(map(str, found))
    return found[0]


def check_one_problem(article: Path, mistake: Mistake) -> None:
    """Make a mistake in the article, and check that it's reported as one problem at its place."""
    spoil(article, mistake.record, mistake.old, mistake.new)
    found = only(problems(article.parent))
    assert (found.record, found.field) == (mistake.record, mistake.field)
    assert mistake.message in found.message
    assert (mistake.at or mistake.new.strip().split("\n")[0]) in line_of(article, found)


def label(mistake: Mistake) -> str:
    """Return the id of a test of a mistake."""
    return f"{mistake.record}-{mistake.field}-{mistake.message}"


def copy_of(record: str, name: str) -> str:
    """Return a copy of an article's record under another id."""
    text = TEXT[TEXT.index(f"  - id: {record}\n") :].partition("\n\n")[0]
    return "\n" + text.strip("\n").replace(f"- id: {record}", f"- id: {name}") + "\n"
