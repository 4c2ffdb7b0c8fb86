"""The columns that every table will have, found out on an empty database in memory.

Not here: the words for them, which stand in the headers (`files.py`).
"""

import duckdb

from pipeline.warehouse.build import build
from pipeline.warehouse.files import tables
from pipeline.warehouse.prepare import Shapes, prepare, shapes


def declared_shapes() -> Shapes:
    """Name and type of every column of core, ops and marts, by `schema.table`."""
    with duckdb.connect(":memory:") as scratch:
        scratch.execute("set timezone = 'UTC'")
        prepare(scratch)
        for table in tables():
            if table.schema == "marts":
                build(scratch, table)
        return shapes(scratch)
