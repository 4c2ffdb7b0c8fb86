"""The files that other engines run keep to what all of them understand alike.

Marts, checks and the cookbook are selects over tables that any engine can hold; sqlglot
turns them into its dialect, macros written out. The rest of sql/ is DuckDB's alone, and
`OWN` says why. The rules look at the syntax tree, not at the text. That the figures are
equal is the claim of `tests/engines/`.
"""

import functools
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlglot import exp
from sqlglot.errors import OptimizeError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

from pipeline import sql
from pipeline.engines.dialect import parsed
from pipeline.warehouse.prepare import declared_shapes

PORTABLE = ("checks", "cookbook", "engines", "marts")
OWN = {
    "core": "`create table`: another engine gets the tables with their rows",
    "following": "marks in the work file, whose rows change in place",
    "macros": "`create macro`: other engines get what a call stands for",
    "loading": "temporary tables, `columns(*)`, and hashes of rows that decide ties",
    "ops": "`create table`, as core",
    "questions": "variables and DuckDB's own catalogue; asked of the published file",
    "wanted": "variables; asked of the work file before anything is fetched",
}
FILES = [
    path
    for folder in PORTABLE
    for path in sorted((sql.folder() / folder).glob("*.sql"))
]
# Equal on DuckDB, ClickHouse and Spark, some by what `pipeline/engines/` makes of them.
FUNCTIONS = (
    *(exp.Abs, exp.And, exp.ArgMin, exp.Array, exp.ArrayContains, exp.ArraySize),
    *(exp.Case, exp.Cast, exp.Coalesce, exp.Count, exp.DateDiff, exp.Explode),
    *(exp.Extract, exp.GenerateSeries, exp.Greatest, exp.If, exp.Lag, exp.LastDay),
    *(exp.Lead, exp.Least, exp.Max, exp.Min, exp.Nullif, exp.Or, exp.Pad, exp.Round),
    *(exp.RowNumber, exp.Sum, exp.TimestampTrunc, exp.Trim, exp.UnixToTime),
)
OTHER_FUNCTIONS = {"epoch_us"}
UNITS = {"DAY", "MONTH", "SECOND"}
REFUSED: dict[type[exp.Expr], str] = {
    exp.Filter: "`case` inside the aggregate says the same",
    exp.Qualify: "number the rows in a step, and choose in the next",
    exp.AtTimeZone: "local days are cut in frames/",
    exp.Bracket: "subscripts begin at 0 or at 1",
    exp.Lambda: "functions over lists differ",
    exp.Struct: "structs differ",
    exp.Lateral: "explode in a select",
    exp.Pivot: "`case` inside aggregates says the same",
    exp.TableSample: "no engine draws the same rows",
    exp.Limit: "which rows remain is not said",
}
INTEGERS = exp.DataType.INTEGER_TYPES


@functools.cache
def schema() -> MappingSchema:
    held = MappingSchema(dialect="duckdb")
    for name, columns in declared_shapes().items():
        held.add_table(name, dict(columns))
    return held


def broken(text: str, *, may_cut_time_zones: bool = False) -> Iterator[str]:
    """What of a file is not portable, in words."""
    tree = parsed(text)
    if not isinstance(tree, exp.Query):
        yield "not one select"
        return
    for node in tree.walk():
        if type(node) in REFUSED and not (
            may_cut_time_zones and isinstance(node, exp.AtTimeZone)
        ):
            yield f"{node.sql('duckdb')}: {REFUSED[type(node)]}"
        yield from _of_a_function(node)
        yield from _of_a_clause(node)
    yield from _of_names_and_types(tree)


def _of_a_function(node: exp.Expr) -> Iterator[str]:
    if isinstance(node, exp.Anonymous):
        if node.name.lower() not in OTHER_FUNCTIONS:
            yield f"{node.name}: not known to be equal everywhere"
    elif isinstance(node, exp.Func) and not isinstance(node, FUNCTIONS):
        yield f"{node.sql_name()}: not known to be equal everywhere"
    unit = node.args.get("unit")
    is_interval = isinstance(node, exp.Interval)
    if unit is not None and not is_interval and unit.name.upper() not in UNITS:
        yield f"{node.sql('duckdb')}: only {', '.join(sorted(UNITS))}"
    if isinstance(node, exp.Div) and not all(
        isinstance(side.unnest(), exp.Cast) and side.unnest().is_type("double")
        for side in (node.left, node.right)
    ):
        yield f"{node.sql('duckdb')}: a ratio is `a::double / b::double`"
    if isinstance(node, exp.Interval) and isinstance(node.parent, exp.Mul):
        yield f"{node.parent.sql('duckdb')}: few engines multiply an interval"
    if (
        isinstance(node, exp.Window)
        and isinstance(node.this, exp.RowNumber | exp.Lag | exp.Lead)
        and not node.args.get("order")
    ):
        yield f"{node.sql('duckdb')}: nothing says in which order"


def _of_a_clause(node: exp.Expr) -> Iterator[str]:
    if isinstance(node, exp.Star) and not isinstance(node.parent, exp.Count):
        yield "select *: name the columns"
    if isinstance(node, exp.Distinct) and node.args.get("on"):
        yield "distinct on: number the rows in a step"
    if isinstance(node, exp.SetOperation) and node.args.get("by_name"):
        yield "union by name: write the columns in order"
    if isinstance(node, exp.Group) and (
        node.args.get("all")
        or any(isinstance(item, exp.Literal) for item in node.expressions)
    ):
        yield "group by: name the columns"
    if isinstance(node, exp.Join) and (
        node.method
        or node.args.get("using")
        or not (node.side or node.kind)
        or (node.kind != "CROSS" and not node.args.get("on"))
    ):
        yield f"{node.sql('duckdb')}: say the kind of join, and `on`"


def _of_names_and_types(tree: exp.Query) -> Iterator[str]:
    try:
        qualified = qualify(
            tree,
            schema=schema(),
            dialect="duckdb",
            expand_alias_refs=False,
            quote_identifiers=False,
        )
    except OptimizeError as error:
        yield f"a name that no table or step has, perhaps an alias beside it: {error}"
        return
    typed = annotate_types(qualified, schema=schema(), dialect="duckdb")
    for node in typed.find_all(exp.Sum):
        whole = node.find_ancestor(exp.Cast, exp.Select)
        if node.this.is_type(*INTEGERS) and not isinstance(whole, exp.Cast):
            yield f"{node.sql('duckdb')}: cast a sum of whole numbers"


@pytest.mark.parametrize(
    "path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_a_portable_file_keeps_the_rules(path: Path) -> None:
    is_of_the_cookbook = path.parent.name == "cookbook"
    text = path.read_text(encoding="utf-8")
    assert list(broken(text, may_cut_time_zones=is_of_the_cookbook)) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("select a from t qualify row_number() over (order by a) = 1", "number the"),
        ("select sum(a) filter (where b) as a from t", "`case`"),
        ("select * from t", "name the columns"),
        ("select sum(quantity) as a from marts.order_items", "sum of whole"),
        ("select order_id / 2 as a from core.orders", "a::double"),
        ("select median(order_id) as a from core.orders", "not known"),
        ("select hash(order_id) as a from core.orders", "not known"),
        ("select order_id, count(*) as n from core.orders group by 1", "group by"),
        ("select order_id, count(*) as n from core.orders group by all", "group by"),
        ("select order_id as a, a + 1 as b from core.orders", "an alias beside it"),
        ("select row_number() over () as n from core.orders", "in which order"),
        ("select o.order_id from core.orders as o join core.packs as p using (pack_id)",
         "kind of join"),
        ("select created_at at time zone 'UTC' as a from core.orders", "frames/"),
        ("select date_diff('week', created_at, updated_at) as a from core.orders",
         "only DAY"),
        ("create table t as select 1 as a", "not one select"),
    ],
)  # fmt: skip
def test_what_only_some_engines_know_is_refused(text: str, words: str) -> None:
    assert any(words in found for found in broken(text))


def test_every_folder_is_portable_or_says_why_not() -> None:
    folders = {path.parent.name for path in sql.folder().rglob("*.sql")}
    assert folders == {*PORTABLE, *OWN}
