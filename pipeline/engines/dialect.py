"""A select of sql/ in Spark's dialect, giving the same rows to the cent.

sqlglot carries nearly everything over, the place of nulls in an order included; here is
what it leaves. Which selects can be carried over is held by
`tests/sql/test_portability.py`.
"""

import functools
from collections.abc import Callable
from typing import NamedTuple

import sqlglot
from sqlglot import exp

from pipeline.warehouse import files


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
    return _replaced(parsed(select), replaced).sql(dialect)


def parsed(select: str) -> exp.Expr:
    """The tree of a select in DuckDB's dialect, written out where it calls a macro."""
    return _replaced(sqlglot.parse_one(select, dialect="duckdb"), _written_out)


def _replaced(tree: exp.Expr, made: Callable[[exp.Expr], exp.Expr]) -> exp.Expr:
    for node in reversed(list(tree.walk())):  # what is inside goes first
        if (one := made(node)) is not node:
            node.replace(one)
    return tree


class _Macro(NamedTuple):
    parameters: list[str]
    body: exp.Expr


@functools.cache
def _macros() -> dict[str, _Macro]:
    """The macros of sql/macros by name; one may call those before it."""
    found: dict[str, _Macro] = {}
    for made in sqlglot.parse(files.macros(), dialect="duckdb"):
        if made is not None:
            head, body = made.this, made.expression
            parameters = [one.name for one in head.expressions]
            found[head.this.name] = _Macro(parameters, body)
    return found


def _written_out(node: exp.Expr) -> exp.Expr:
    """What a call of a macro stands for."""
    if not isinstance(node, exp.Anonymous) or node.name.lower() not in _macros():
        return node
    macro = _macros()[node.name.lower()]
    given = dict(zip(macro.parameters, node.expressions, strict=True))

    def put(part: exp.Expr) -> exp.Expr:
        is_parameter = isinstance(part, exp.Column) and part.name in given
        return exp.paren(given[part.name].copy()) if is_parameter else part

    body = exp.paren(macro.body.copy())
    return _replaced(body, put).transform(_written_out)


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
