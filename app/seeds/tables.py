"""The table in a seed file: each column declares once what its cells are, and each cell becomes a record."""

from app.domain.dataset import Source
from app.evidence.tables import Table
from app.seeds.contents import Contents, PartsOfWhole
from app.seeds.files import Node
from app.seeds.table_cells import Reading, read_cells
from app.seeds.table_columns import is_among, read_columns
from app.seeds.table_declaration import Declaration
from app.seeds.table_records import add_records


def add_table(contents: Contents, node: Node, source: Source) -> None:
    """Add a record for each cell of a table."""
    if (declared := contents.read(Declaration, node)) is None:
        return
    if source.file is None:
        contents.report(node, (), f"the file of {source.id} must be held: give its file and sha256")
        return
    header = declared.rows[0].cells
    before = len(contents.problems)
    if twice := sorted({name for name in header if header.count(name) > 1}):
        contents.report(node, ("rows", 0), f"the header names {', '.join(twice)} twice")
    columns = read_columns(contents, node, declared, header)
    if is_among(contents, node, "force", declared.force, header) and len(contents.problems) == before:
        values = [column.position for column in columns.values()]
        contents.tables[source.id] = Table(
            declared.delimiter, declared.decimal, header.index(declared.force), values, declared.rows
        )
        reading = Reading(contents, node, source, declared, columns)
        read_cells(reading)
        add_records(reading)
        _add_partitions(reading)


def _add_partitions(reading: Reading) -> None:
    """Note, for each row, which records make up another one."""
    contents, columns = reading.contents, reading.columns
    entries = reading.node.at("partitions").entries()
    for partition, entry in zip(reading.declared.partitions, entries, strict=True):
        if len(partition.parts) == 1:
            contents.report(entry, ("parts",), f"needs two or more columns; found only {partition.parts[0]!r}")
        known = [is_among(contents, entry, "parts", name, columns) for name in partition.parts]
        if not all([*known, is_among(contents, entry, "of", partition.of, columns)]):
            continue
        for row in reading.rows:
            whole, *parts = (reading.record_id(row.force.id, name) for name in (partition.of, *partition.parts))
            contents.partitions.append(PartsOfWhole(whole, parts, partition.may_fall_short is not None))
