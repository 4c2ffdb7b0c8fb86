"""The sales export of any site, language and spreadsheet."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from pipeline.cli.workbook import Sheet
from pipeline.tie_out.delimited import RefusedLine, Unreadable
from pipeline.tie_out.sales_export import COLUMNS, ExportRow, plain, read
from tests.workbooks import as_file

D = Decimal

SPANISH = """\
Ventas de tu cuenta;;
;;
# de venta;Fecha de venta;Estado;Unidades;Ingresos por productos (ARS);\
Cargo por venta e impuestos;Ingresos por envío (ARS);Costos de envío (ARS);\
Anulaciones y reembolsos (ARS);Total (ARS);Estado
2000000000000001;2 de marzo;Entregado;2;$ 1.179,80;-$ 28,76;$ 18,90;;;$ 1.169,94;SP
2000000000000002;2 de marzo;Entregado;1;$ 45,50;;-;;;;SP
;;;;$ 1.225,30;;;;;;
"""
PORTUGUESE = """\
N.º de venda,Data da venda,Unidades,Receita por produtos (BRL),\
Tarifa de venda e impostos (BRL),Receita por envio (BRL),Tarifas de envio (BRL),\
Cancelamentos e reembolsos (BRL),Total (BRL)
2000000000000001,2 de março,2,"1.179,80","-28,76","18,90",,,"1.169,94"
2000000000000002,2 de março,1,"45,50",,-,,,
"""
ENGLISH = """\
order_id\tunit_count\ttotal_amount\tsale_fee_amount\tshipping_amount\testimated_proceeds_amount
#2000000000000001\t2\t1,179.80\t28.76\t18.90\t1,169.94
#2000000000000002\t1\t45.50\t\t\t
"""


@pytest.mark.parametrize(
    ("data", "fee", "line"),
    [
        (SPANISH.encode("cp1252"), "-28.76", 4),
        (SPANISH.encode("utf-8-sig"), "-28.76", 4),
        (PORTUGUESE.encode(), "-28.76", 2),
        (PORTUGUESE.replace("\n", "\r\n\r\n").encode("utf-16"), "-28.76", 3),
        (ENGLISH.encode(), "28.76", 2),
    ],
    ids=["es-latin1", "es-bom", "pt", "pt-excel", "en-tabs"],
)
def test_every_layout_gives_the_same_rows(data: bytes, fee: str, line: int) -> None:
    export = read(data)
    first, second = export.rows.values()
    assert first == ExportRow(
        2000000000000001,
        line,
        {
            "unit_count": D("2.00"),
            "total_amount": D("1179.80"),
            "sale_fee_amount": D(fee),
            "shipping_amount": D("18.90"),
            "estimated_proceeds_amount": D("1169.94"),
        },
    )
    # An empty cell and a dash say nothing.
    assert second.amounts == {"unit_count": D("1.00"), "total_amount": D("45.50")}
    assert export.unread == []


def test_titles_totals_and_currencies_are_told() -> None:
    export = read(SPANISH.encode())
    assert export.header_line == 3
    assert export.without_number == [6]
    assert export.columns["sale_fee_amount"] == "Cargo por venta e impuestos"
    assert export.currencies == dict.fromkeys(
        (
            *("total_amount", "shipping_amount", "seller_shipping_amount"),
            *("refunded_amount", "estimated_proceeds_amount"),
        ),
        "ARS",
    )


def test_several_lines_of_an_order_are_added_up() -> None:
    export = read(b"order_id,total\n1,10.00\n2,5\n1,2.50\n1,\n")
    assert export.rows[1] == ExportRow(1, 2, {"estimated_proceeds_amount": D("12.50")})
    assert list(export.rows) == [1, 2]


def test_lines_that_are_not_understood_are_named_and_the_rest_goes_on() -> None:
    export = read(
        b"order_id,total_amount\n"
        b"2.00001E+15,5.00\n"  # a spreadsheet has eaten its last digits
        b'7,"1.234,56"\n'  # another mark than everywhere else
        b"8,5.00\n"
        b"9,6.00\n"
        b"10\n"  # nothing behind the number: nothing to compare
    )
    assert export.unread == [
        RefusedLine(
            2,
            "'2.00001E+15' was rounded by a spreadsheet; format the column as text "
            "before you paste or save",
        ),
        RefusedLine(
            3,
            "total_amount: '1.234,56' is not an amount with “.” before its decimals",
        ),
    ]
    assert list(export.rows) == [8, 9, 10]


def test_columns_may_be_named_by_hand() -> None:
    data = b"Venta nro;Importe;Total\n1;5,50;3,00\n"
    export = read(data, {"order_id": "VENTA NRO.", "total_amount": "importe (ARS)"})
    assert export.rows[1].amounts == {
        "total_amount": D("5.50"),
        "estimated_proceeds_amount": D("3.00"),
    }


@pytest.mark.parametrize(
    ("data", "named", "reason"),
    [
        (b"", {}, "no line names the columns"),
        # A number alone has nothing to be compared with.
        (b"order_id\n1\n", {}, "no line names the columns"),
        (b"a,b\n1,2\n", {}, "no line names the columns"),
        (
            b"order_id,total\n1,2\n",
            {"total_amount": "Importe"},
            "line 1 names no column “Importe” .for total_amount.; it names: order_id",
        ),
        (b"x\n" * 60 + b"order_id,total\n1,2\n", {}, "no line names the columns"),
    ],
)
def test_a_file_without_the_columns_says_what_to_do(
    data: bytes, named: dict[str, str], reason: str
) -> None:
    with pytest.raises(Unreadable, match=reason):
        read(data, named)


def test_names_are_compared_without_what_differs_between_exports() -> None:
    assert plain("N.º de  venda") == plain("Nº de Venda (BRL)") == "no de venda"
    assert plain("Ingresos por ENVÍO (ARS)") == "ingresos por envio"
    assert plain("order_id") == "order id"


def test_the_page_for_people_tells_every_title_that_is_known() -> None:
    page = Path(__file__).parents[2] / "docs" / "tie-out.md"
    told = {
        row[1].strip(" `").split("`")[0]: {
            plain(title) for cell in row[2:5] for title in cell.split(",")
        }
        for row in (line.split("|") for line in page.read_text().splitlines())
        if len(row) == 7
    }
    for name, titles in COLUMNS.items():
        # Each NAME is itself a known title: the page says so once for all.
        assert {plain(one) for one in titles if one != name} <= told[name], name


def test_a_workbook_is_read_as_its_sheet_saved_as_csv() -> None:
    rows = pl.DataFrame(
        {
            "# de venta": ["2000010000000065", "2000010000000066"],
            "Ingresos por productos (ARS)": [Decimal("1234.50"), Decimal("12.00")],
            "Unidades": [1, 2],
            "Cargo por venta": ["-1.234,56", None],
        },
        {
            "# de venta": pl.String,
            "Ingresos por productos (ARS)": pl.Decimal(18, 2),
            "Unidades": pl.Int64,
            "Cargo por venta": pl.String,
        },
    )
    few = Sheet("ayuda", pl.DataFrame({"texto": ["x"]}))
    numbers = rows.drop("Cargo por venta")
    export = read(as_file(few, Sheet("ventas", numbers)))
    assert {number: row.amounts for number, row in export.rows.items()} == {
        2000010000000065: {
            "total_amount": Decimal("1234.50"),
            "unit_count": Decimal(1),
        },
        2000010000000066: {"total_amount": Decimal(12), "unit_count": Decimal(2)},
    }
    assert export.currencies == {"total_amount": "ARS"}
    texts = read(as_file(Sheet("ventas", rows.select("# de venta", "Cargo por venta"))))
    assert texts.rows[2000010000000065].amounts == {
        "sale_fee_amount": Decimal("-1234.56")
    }
    with pytest.raises(Unreadable, match="the workbook cannot be read"):
        read(b"PK\x03\x04 nothing")
