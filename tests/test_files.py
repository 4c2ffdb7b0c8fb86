"""The headers under sql/ are true: columns, keys, what is read, and where it stands."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from pipeline import sql
from pipeline.warehouse import changes, files
from pipeline.warehouse.build import build, describe
from pipeline.warehouse.connection import connect
from pipeline.warehouse.files import Claim, Table
from pipeline.warehouse.prepare import prepare, shapes

TABLES = files.tables()
MARTS = [table for table in TABLES if table.schema == "marts"]
CHECKS = files.checks()
STEPS = [
    path
    for folder in ("loading", "following")
    for path in sorted((sql.folder() / folder).glob("*.sql"))
    if "-- writes: " in path.read_text(encoding="utf-8")
]


def tables_read(body: str) -> set[str]:
    statement = sqlglot.parse_one(body, dialect="duckdb")
    return {
        f"{found.db}.{found.name}"
        for found in statement.find_all(exp.Table)
        if found.db
    }


@pytest.fixture(scope="module")
def built(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(tmp_path_factory.mktemp("files") / "work.duckdb") as connection:
        prepare(connection)
        for table in MARTS:
            build(connection, table)
            describe(connection, table)
        yield connection


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.qualified)
def test_a_header_names_the_columns_that_are_built(
    table: Table, built: duckdb.DuckDBPyConnection
) -> None:
    held = [name for name, _ in shapes(built)[table.qualified]]
    assert held == [column.name for column in table.columns]
    assert set(table.key) <= set(held)


@pytest.mark.parametrize("table", MARTS, ids=lambda table: table.qualified)
def test_a_header_names_what_is_read(table: Table) -> None:
    assert sorted(tables_read(table.body)) == list(table.reads)


@pytest.mark.parametrize("table", MARTS, ids=lambda table: table.qualified)
def test_money_is_exact_and_types_are_narrow(
    table: Table, built: duckdb.DuckDBPyConnection
) -> None:
    for name, data_type in shapes(built)[table.qualified]:
        if name.endswith(("_amount", "_price")):
            assert data_type == "DECIMAL(18,2)", name
        elif name.endswith(("_ratio", "_rate", "_share")):
            assert data_type in ("DECIMAL(28,12)", "DOUBLE"), name
        elif name.endswith("_count"):
            assert data_type == "BIGINT", name
        elif name.startswith(("is_", "has_")):
            assert data_type == "BOOLEAN", name
        elif name.endswith("_at"):
            assert data_type == "TIMESTAMP WITH TIME ZONE", name
        else:
            assert data_type != "HUGEINT", name


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.path.stem)
def test_a_check_runs_and_reads_what_it_says(
    check: Claim, built: duckdb.DuckDBPyConnection
) -> None:
    table = files.table(check.table)
    assert sorted(tables_read(check.sql) - {table.qualified}) == list(check.reads)
    assert built.execute(check.sql).fetchall() == []


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.path.stem)
def test_a_check_reads_only_what_is_built_before_its_table(check: Claim) -> None:
    def ancestors(table: Table) -> set[str]:
        above = [files.table(name) for name in table.reads]
        return set(table.reads).union(*(ancestors(parent) for parent in above))

    marts = {name for name in check.reads if name.startswith("marts.")}
    assert marts <= ancestors(files.table(check.table))


@pytest.mark.parametrize("path", STEPS, ids=lambda path: path.stem)
def test_a_step_reads_and_writes_what_it_says(path: Path) -> None:
    header = [
        line.removeprefix("-- ").partition(": ")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("-- ")
    ]
    said = {field: set(value.split(", ")) - {"none"} for field, _, value in header}
    reads, writes = set[str](), set[str]()
    for part in sqlglot.parse(
        files.statement(f"{path.parent.name}/{path.stem}"), "duckdb"
    ):
        if part is None:
            continue
        tables = [
            (found, f"{found.db}.{found.name}" if found.db else found.name)
            for found in part.find_all(exp.Table)
            if found.name  # not a function, such as duckdb_tables()
        ]
        steps = {step.alias for step in part.find_all(exp.CTE)}
        changed = part.args["tables"][0] if isinstance(part, exp.Drop) else part.this
        target = changed.find(exp.Table) if not isinstance(part, exp.Select) else None
        reads |= {name for found, name in tables if found is not target} - steps
        writes |= {name for found, name in tables if found is target}
    assert said["writes"] == writes
    assert said["reads"] == reads - (writes - said["reads"])


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.qualified)
def test_a_mart_follows_something_that_is_marked(table: Table) -> None:
    if table.follows:
        assert changes.links(table.follows, table)
        # Its other inputs say which rows changed: by marks, or by being built whole.
        unmarked = [name for name in table.reads if not files.table(name).follows]
        marts = {name for name in unmarked if name.startswith("marts.")}
        assert marts <= {"marts.conversion_rates"}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.qualified)
def test_the_words_stand_in_the_warehouse(
    table: Table, built: duckdb.DuckDBPyConnection
) -> None:
    ((comment,),) = built.execute(
        "select comment from duckdb_tables()"
        " where schema_name = $1 and table_name = $2",
        [table.schema, table.name],
    ).fetchall()
    assert comment == table.description
    found = built.execute(
        "select column_name, comment from duckdb_columns()"
        " where schema_name = $1 and table_name = $2 order by column_index",
        [table.schema, table.name],
    ).fetchall()
    assert [tuple(column) for column in table.columns] == found


def test_every_file_under_sql_is_a_table_a_check_or_a_page() -> None:
    root = sql.folder()
    known = {table.path for table in TABLES} | {check.path for check in CHECKS}
    schemas = {*files.SCHEMAS, "checks"}
    found = {path for path in root.rglob("*.sql") if path.parent.name in schemas}
    assert found == known


@pytest.mark.parametrize(
    "path",
    sorted(sql.folder().rglob("*.sql")),
    ids=lambda path: f"{path.parent.name}-{path.stem}",
)
def test_lines_below_the_header_end_by_column_eighty_eight(path: Path) -> None:
    # A header holds one line a field and a column, however long its words are.
    lines = path.read_text(encoding="utf-8").splitlines()
    body = [line for line in lines if not line.startswith("--")]
    assert [line for line in body if len(line) > 88] == []


def test_a_wheel_carries_sql_inside_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = tmp_path / "pipeline" / "sql.py"
    (tmp_path / "pipeline" / "_sql").mkdir(parents=True)
    monkeypatch.setattr(sql, "__file__", str(module))
    assert sql.folder.__wrapped__() == tmp_path / "pipeline" / "_sql"
