"""Creates the tables of core and ops from sql/ in an empty warehouse.

There are no migrations: landed records are the memory, so `SchemaChanged` asks for a
new work file, loaded again from them.
"""

import functools
from collections.abc import Collection
from typing import TypeAlias

import duckdb

from pipeline.warehouse.build import build, describe
from pipeline.warehouse.connection import transaction
from pipeline.warehouse.errors import SchemaChanged
from pipeline.warehouse.files import SCHEMAS, Table, macros, statement, tables
from pipeline.warehouse.staging import run

Shapes: TypeAlias = dict[str, list[tuple[str, str]]]


def prepare(
    connection: duckdb.DuckDBPyConnection, constants: Collection[str] = ()
) -> None:
    """Create the schemas, and the tables of core and ops, in an empty warehouse.

    A table that is new in sql/ would stay empty, because ops.landed_files says that
    its records are loaded. So a table absent beside others asks for a rebuild too. But
    ``constants``, by their names in core, come with the code: they are made anew, for
    the caller to fill.

    Marks of what changed lie beside them (`changes.py`).

    Raises:
        SchemaChanged: a table is absent, or has other columns or types than its file.
    """
    connection.execute(statement("following/marks"))
    filled = [table for table in tables() if table.schema != "marts"]
    wanted, held = _declared(tuple(filled)), shapes(connection)
    for one in filled if held else ():
        if one.schema == "core" and one.name in constants:
            if held.get(one.qualified) != wanted[one.qualified]:
                with transaction(connection):
                    run(connection, "drop table if exists $name", name=one.qualified)
                    connection.execute(one.body)
                    describe(connection, one)
            held[one.qualified] = wanted[one.qualified]
    if held:
        absent = [one.qualified for one in filled if one.qualified not in held]
        changed = [
            one.qualified
            for one in filled
            if held.get(one.qualified, wanted[one.qualified]) != wanted[one.qualified]
        ]
        if absent:
            raise SchemaChanged(f"{', '.join(absent)}: absent, but sql/ declares it")
        if changed:
            raise SchemaChanged(
                f"{', '.join(changed)}: held with other columns than sql/ declares"
            )
        return
    with transaction(connection):
        for schema in SCHEMAS:
            connection.execute(f"create schema if not exists {schema}")
        for table in filled:
            connection.execute(table.body)
            describe(connection, table)


def shapes(connection: duckdb.DuckDBPyConnection) -> Shapes:
    """Name and type of every column in order, by `schema.table`."""
    rows = connection.execute(statement("questions/warehouse_tables")).fetchall()
    found: Shapes = {}
    for schema, name in rows:
        if schema == "changes":
            continue
        held = connection.table(f'"{schema}"."{name}"')
        types = map(str, held.dtypes)
        found[f"{schema}.{name}"] = list(zip(held.columns, types, strict=True))
    return found


@functools.cache
def _declared(filled: tuple[Table, ...]) -> Shapes:
    """The columns that the files declare, read from an empty database in memory."""
    with duckdb.connect(":memory:", config={"threads": 1}) as scratch:
        scratch.execute("set timezone = 'UTC'")
        scratch.execute("pragma disable_optimizer")  # there is not a row to read
        scratch.execute(macros())
        for schema in SCHEMAS:
            scratch.execute(f"create schema {schema}")
        for table in filled:
            if table.schema == "marts":
                build(scratch, table)
            else:
                scratch.execute(table.body)
        return shapes(scratch)


def declared_shapes() -> Shapes:
    """Name and type of every column of core, ops and marts, by `schema.table`."""
    return _declared(tables())
