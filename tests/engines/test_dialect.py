"""What sqlglot leaves different between DuckDB and Spark."""

import pytest

from pipeline.engines.dialect import translated


@pytest.mark.parametrize(
    ("select", "words"),
    [
        # Both schemas may have a table of one name.
        ("select a from core.orders", "FROM core__orders AS orders"),
        ("select b.a from marts.orders as b", "FROM marts__orders AS b"),
        ("select a::hugeint as a from t", "CAST(a AS DECIMAL(38, 0))"),
        ("select epoch_us(epoch_us(a)) as a from t", "UNIX_MICROS(UNIX_MICROS(a))"),
        # From 10:00:00.9 to 10:00:01.1 it is 1 second, not 0.
        (
            "select date_diff('second', a, b) as a from t",
            "(UNIX_SECONDS(b) - UNIX_SECONDS(a))",
        ),
        ("select date_diff('day', a, b) as a from t", "DATEDIFF(DAY, a, b)"),
        # Nulls are last in both directions in DuckDB, first at times in Spark.
        (
            "select row_number() over (order by a, b desc) as n from t",
            "ORDER BY a NULLS LAST, b DESC)",
        ),
        ("select unnest(range(a, b)) as a from t", "IF(a > (b - 1), ARRAY(), SEQUENCE"),
        # A macro is written out, and one that it calls.
        (
            "select or_0(a - b) as a from t",
            "CAST(COALESCE((a - b), 0) AS DECIMAL(18, 2))",
        ),
        ("select sum_where(a, b) as a from t", "SUM((CASE WHEN (a) THEN (b) END))"),
    ],
)
def test_a_select_means_the_same_on_spark(select: str, words: str) -> None:
    assert words in translated(select)
