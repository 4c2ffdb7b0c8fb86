"""Mercado Libre's export against the published warehouse, from file to exit code."""

import csv
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from pipeline.cli.workbook import Sheet
from pipeline.tie_out.kept import kept
from pipeline.warehouse.read import query
from tests.cli.conftest import Commands
from tests.workbooks import as_file

SELLER = 700100200
TITLES = (
    "N.º de venda;Unidades;Receita por produtos (BRL);Receita por envio (BRL);"
    "Tarifa de venda e impostos (BRL);Tarifas de envio (BRL)"
)


def written(amount: Decimal | None) -> str:
    """As a Brazilian spreadsheet writes it."""
    if amount is None:
        return ""
    marks = str.maketrans(",.", ".,")
    return f"R$ {amount:,.2f}".translate(marks)


def lines(commands: Commands) -> list[str]:
    """The export that Mercado Libre would make of a seller's gross sales."""
    rows = query(
        commands.folder,
        "select order_id, unit_count, total_amount, shipping_amount, sale_fee_amount,"
        " seller_shipping_amount from marts.orders"
        f" where seller_id = {SELLER} and is_gross_sale order by created_at",
    )
    return [
        f"#{order_id};{units};{written(total)};{written(shipping)};"
        f"-{written(fee)};-{written(cost or Decimal(0))}"
        for order_id, units, total, shipping, fee, cost in rows.iter_rows()
    ]


def saved(tmp_path: Path, text: list[str]) -> str:
    file = tmp_path / "vendas.csv"
    file.write_bytes("\r\n".join(["Vendas", "", TITLES, *text, ""]).encode("cp1252"))
    return str(file)


@pytest.fixture
def complete(looked_at: Commands) -> list[str]:
    told = lines(looked_at)
    assert len(told) > 20
    return told


def test_an_export_that_ties_ends_well(
    looked_at: Commands, complete: list[str], tmp_path: Path
) -> None:
    ended = looked_at("tie-out", saved(tmp_path, complete))
    assert ended.code == 0, ended.out
    shown = ended.out.splitlines()
    assert shown[0].startswith("columns (line 3): order_id “N.º de venda”, unit_count")
    assert shown[1] == (
        "not in the file: taxes_amount, refunded_amount, estimated_proceeds_amount"
    )
    count = len(complete)
    assert shown[2] == (
        f"matched: {count}, of which {count} tie and 0 differ; missing here: 0; "
        "missing in the file: 0"
    )
    assert shown[-1] == "everything ties, to the cent"
    # The report says so, of the last run only.
    looked_at("tie-out", saved(tmp_path, complete))
    [one] = [one for one in kept(looked_at.folder) if one.ties]
    assert (one.seller_ids, one.matched_count) == ((SELLER,), count)


def test_what_does_not_tie_is_told_and_written_with_its_reason(
    looked_at: Commands, complete: list[str], tmp_path: Path
) -> None:
    first, second, third, *rest = complete
    order_id = int(third[1:].partition(";")[0])
    cells = first.split(";")
    total = Decimal(cells[2][3:].replace(".", "").replace(",", ".")) + Decimal("0.01")
    changed = ";".join([*cells[:2], written(total), *cells[3:]])
    told = [
        changed,
        second,
        *rest,
        "#99;1;R$ 1,00;;;",
        "Total;;R$ 5,00;;;",
        ";;R$ 5;;;",
    ]
    output = tmp_path / "differences.csv"

    ended = looked_at("tie-out", saved(tmp_path, told), "--output", str(output))

    assert ended.code == 1
    assert ended.error == (
        "error: not everything ties: orders that differ: 1; not here: 1; "
        "not in the file: 1; lines not understood: 1"
    )
    number = len(told) + 3
    assert f"left out, without an order's number: 1 (line {number})" in ended.out
    assert (
        f"not understood: line {number - 1}: 'Total' is not an order's number"
        in ended.out
    )
    assert "likely reasons" in ended.out
    with output.open(encoding="utf-8") as file:
        rows = [
            (row["order_id"], row["outcome"], row["column"], row["difference"])
            for row in csv.DictReader(file)
        ]
    assert rows == [
        (cells[0][1:], "different", "total_amount", "0.01"),
        ("99", "missing_here", "", ""),
        (str(order_id), "missing_in_file", "", ""),
    ]
    one = kept(looked_at.folder)[-1]
    assert not one.ties
    assert (one.different_count, one.missing_here_count) == (1, 1)
    assert (one.missing_in_file_count, one.unread_count) == (1, 1)
    assert one.differences == {"BRL": Decimal("0.01")}


def test_a_file_that_cannot_be_written_is_one_line(
    looked_at: Commands, complete: list[str], tmp_path: Path
) -> None:
    file = saved(tmp_path, complete)
    ended = looked_at("tie-out", file, "--output", "/nowhere/differences.csv")
    assert ended.code == 1
    assert ended.error.startswith("error: /nowhere/differences.csv: No such file")
    assert len(ended.err.splitlines()) == 1


def test_columns_may_be_named_and_what_is_nothing_is_refused(
    looked_at: Commands, complete: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "mine.csv"
    body = [";".join(line.split(";")[::2]) for line in complete]
    file.write_text("\n".join(["Pedido;Valor;Tarifa", *body]))
    options = ("--column", "order_id=pedido", "--column", "total_amount=Valor")
    assert looked_at("tie-out", str(file)).code == 1
    assert looked_at("tie-out", str(file), *options).code == 0

    for wrong in ("colour=Valor", "order_id", "order_id="):
        ended = looked_at("tie-out", str(file), "--column", wrong)
        assert ended.code == 2
        assert "give it as NAME=TITLE" in ended.err


def test_many_lines_are_summed_up(
    looked_at: Commands, complete: list[str], tmp_path: Path
) -> None:
    garbage = [f"x{number};1;;;;" for number in range(25)]
    nothing = [";;R$ 1,00;;;"] * 25
    other = [f"{number};1;R$ 1,00;;;" for number in range(1, 60)]
    ended = looked_at("tie-out", saved(tmp_path, complete + garbage + nothing + other))
    assert ended.code == 1
    assert "and 5 more lines" in ended.out
    assert ", …)" in ended.out
    assert "and 9 more: --output FILE.csv has all" in ended.out


def test_a_workbook_ties_as_it_is(
    looked_at: Commands, complete: list[str], tmp_path: Path
) -> None:
    rows = query(
        looked_at.folder,
        "select order_id, unit_count, total_amount from marts.orders"
        f" where seller_id = {SELLER} and is_gross_sale order by created_at",
    ).rename(
        {
            "order_id": "N.º de venda",
            "unit_count": "Unidades",
            "total_amount": "Receita por produtos (BRL)",
        }
    )
    file = tmp_path / "vendas.xlsx"
    file.write_bytes(as_file(Sheet("Vendas BR", rows)))
    ended = looked_at("tie-out", str(file))
    assert ended.code == 0, ended.out
    count = len(complete)
    assert f"matched: {count}, of which {count} tie and 0 differ" in ended.out
    cent = pl.lit(Decimal("0.01"))
    other = rows.with_columns(pl.col("Receita por produtos (BRL)") + cent)
    file.write_bytes(as_file(Sheet("Vendas BR", other)))
    assert looked_at("tie-out", str(file)).code == 1


def test_a_file_that_cannot_be_tied_is_told_in_a_line(
    looked_at: Commands, empty: Commands, tmp_path: Path
) -> None:
    assert "cannot be read: No such file" in looked_at("tie-out", "none.csv").error
    file = tmp_path / "book.xlsx"
    file.write_bytes(b"PK\x03\x04\0\0")
    assert looked_at("tie-out", str(file)).error.startswith(
        "error: book.xlsx: the workbook cannot be read: "
    )
    foreign = saved(tmp_path, ["#99;1;R$ 1,00;;;"])
    assert "no order of the file is in the warehouse" in (
        looked_at("tie-out", foreign).error
    )
    assert "run `meli-sales sync`" in empty("tie-out", foreign).error
