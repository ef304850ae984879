"""A made-up table for tests of the checker."""

from app.evidence.tables import read_rows
from tests.seeds.made_up_article import REFERENCE_DATA

TABLE = "table.yaml"
FILE = "table.csv"

HELD = """\
Force,Complaints,Upheld,Rejected,Share,Remarks
Met Police,"1,200",300,900,25 %,revised
Dorset Police,40,7*,,17.5%,
England & Wales,[c],0,1,no,
"""
"""The held file."""


def rows(held: str = HELD) -> str:
    """Return the rows of a held file as they are in the seed file."""
    found = [f"    - {row.model_dump_json(exclude_defaults=True)}\n" for row in read_rows(held, ",")]
    return "".join(found)


DECLARATION = """\
source:
  id: made-up-table
  title: A made-up table
  publisher: Nobody
  published: {date: "2024-05-06", precision: day, basis: stated}
  kind: data-table
  file: table.csv
  sha256: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb

table:
  ids: made-up
  force: Force
  defaults:
    kind: outcome
    allegation: any
    unit: complaint
    subjects: [officers]
    period: {basis: not-stated, event: not-stated, label: no date stated}
    notes: [Of all.]
  columns:
    - name: Complaints
      id: complaints
      kind: complaint
      statement: {many: "{force} had {value} complaints.", unknown: "{force} keeps its complaints secret."}
      words: {"[c]": withheld}
    - name: Upheld
      id: upheld
      outcome: upheld
      statement: {many: "{force} upheld {value} complaints.", none: "{force} upheld no complaint."}
      base: {column: Complaints, basis: stated, part: true}
      marks: {"*": One of them twice.}
    - name: Rejected
      id: rejected
      outcome: misconduct-proven
      statement:
        many: "{force} rejected {value} complaints."
        one: "{force} rejected 1 complaint."
        unknown: "{force} leaves it open."
      base: {column: Complaints, basis: stated, part: true}
      empty: not-counted
    - name: Share
      id: share
      outcome: upheld
      value_type: percent
      statement: "{force} upheld {value} per cent."
      base: {column: Complaints, basis: implied, part: true}
      words: {no: 0}
      related: [{type: same-fact, column: Upheld}]
      notes: [Of one.]
  ignored: {Remarks: Words only.}
  partitions:
    - {parts: [Upheld, Rejected], of: Complaints}
  rows:
"""
TEXT = DECLARATION + rows()

__all__ = ["DECLARATION", "FILE", "HELD", "REFERENCE_DATA", "TABLE", "TEXT", "rows"]
