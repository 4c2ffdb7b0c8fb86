"""A select of sql/ in Spark's dialect, giving the same rows to the cent.

sqlglot carries nearly everything over, the place of nulls in an order included; here is
what it leaves. Which selects can be carried over is held by
`tests/sql/test_portability.py`.
"""

from collections.abc import Callable

import sqlglot
from sqlglot import exp


def view(name: str) -> str:
    """The temporary view that stands for a table: `core__orders` for `core.orders`."""
    return name.replace(".", "__")


def translated(select: str) -> str:
    """A select in DuckDB's dialect over tables, in Spark's over their views."""
    return carried_over(select, "spark", _of)


def carried_over(
    select: str, dialect: str, replaced: Callable[[exp.Expr], exp.Expr]
) -> str:
    """A select of DuckDB's in another dialect.

    ``replaced`` gives what stands for each node there, or the node itself.
    """
    tree = sqlglot.parse_one(select, dialect="duckdb")
    for node in reversed(list(tree.walk())):  # what is inside goes first
        made = replaced(node)
        if made is not node:
            node.replace(made)
    return tree.sql(dialect)


def spark_type(data_type: str) -> str:
    """A type of DuckDB's as Spark writes it."""
    return exp.DataType.build(data_type, dialect="duckdb").sql("spark")


def _of(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Table) and node.db:
        alias = node.alias or node.name
        table = exp.to_table(view(f"{node.db}.{node.name}"))
        return exp.alias_(table, alias, table=True)
    if isinstance(node, exp.DataType) and node.is_type("hugeint"):
        return exp.DataType.build("decimal(38, 0)", dialect="spark")
    if isinstance(node, exp.Anonymous) and node.name.lower() == "epoch_us":
        return _call("unix_micros", *node.expressions)
    if isinstance(node, exp.DateDiff) and node.text("unit").upper() == "SECOND":
        # DuckDB counts the seconds that begin, Spark those that are over.
        sides = (_call("unix_seconds", side) for side in (node.this, node.expression))
        return exp.paren(exp.Sub(this=next(sides), expression=next(sides)))
    return node


def _call(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=[one.copy() for one in arguments])
