"""The columns of every table are known before any of them is built."""

from pipeline.warehouse.files import tables
from pipeline.warehouse.prepare import declared_shapes


def test_every_table_has_the_columns_of_its_header() -> None:
    found = declared_shapes()
    assert {
        name: [column for column, _ in columns] for name, columns in found.items()
    } == {
        table.qualified: [column.name for column in table.columns] for table in tables()
    }
    assert dict(found["marts.orders"])["total_amount"] == "DECIMAL(18,2)"
