"""`tables`: what there is to ask, in the words that lie in the warehouse."""

import pytest

from pipeline.cli import terminal
from pipeline.warehouse.files import tables
from tests.cli.conftest import Commands


def test_every_table_is_listed_with_its_sentence_and_rows(looked_at: Commands) -> None:
    ended = looked_at("tables")
    assert ended.code == 0
    lines = [" ".join(line.split()) for line in ended.out.splitlines()]
    for table in tables():
        assert any(line.startswith(f"{table.qualified} ") for line in lines)
    (orders,) = [line for line in lines if line.startswith("marts.orders ")]
    (wanted,) = [one for one in tables() if one.qualified == "marts.orders"]
    assert orders.startswith(f"marts.orders 120 {wanted.summary.split('. ')[0]}")


@pytest.mark.parametrize("name", ["marts.orders", "orders", "MARTS.ORDERS"])
def test_a_table_tells_its_columns_types_and_meaning(
    name: str, looked_at: Commands
) -> None:
    ended = looked_at("tables", name)
    assert ended.code == 0
    first, *_ = ended.out.splitlines()
    assert first == "marts.orders, 120 rows"
    (wanted,) = [one for one in tables() if one.qualified == "marts.orders"]
    shown = {line.split()[0]: line for line in ended.out.splitlines() if line.strip()}
    for column in wanted.columns:
        assert shown[column.name].split(maxsplit=2)[2].strip()
    assert "decimal(18,2)" in shown["total_amount"]


def test_a_table_that_is_not_there_names_the_nearest(looked_at: Commands) -> None:
    ended = looked_at("tables", "marts.order")
    assert ended.code == 1
    assert "did you mean marts.orders" in ended.error


@pytest.mark.parametrize("width", [20, 80])
def test_a_narrow_terminal_hides_no_meaning(
    width: int, looked_at: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal.out, "_width", width)
    shown = {"core.sites", "marts.orders", "marts.shipment_seller_shares"}
    for table in tables():
        if table.qualified not in shown:
            continue
        told = looked_at("tables", table.qualified).out
        assert "columns left out" not in told
        letters = "".join(told.split())
        for column in table.columns:
            assert "".join(column.description.split()) in letters
