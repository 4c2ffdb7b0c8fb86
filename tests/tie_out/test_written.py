"""Numbers as people and spreadsheets write them."""

from decimal import Decimal

import pytest

from pipeline.tie_out.delimited import NoNumber, decimal_mark, number, order_number


@pytest.mark.parametrize(
    ("text", "mark", "value"),
    [
        ("1.234,56", ",", "1234.56"),
        ("1,234.56", ".", "1234.56"),
        ("1234.56", ".", "1234.56"),
        ("1.234.567", ",", "1234567.00"),
        ("R$ 1.234,50", ",", "1234.50"),
        ("-R$ 12,3", ",", "-12.30"),
        ("R$ -12,3", ",", "-12.30"),
        ("$ 12", ".", "12.00"),
        ("US$ 12.5", ".", "12.50"),
        ("$U 12", ",", "12.00"),
        ("S/ 12.5", ".", "12.50"),
        ("12,5 BRL", ",", "12.50"),
        ("€1 234,5", ",", "1234.50"),
        ("1'234.5", ".", "1234.50"),
        ("(5,00)", ",", "-5.00"),
        ("5,00-", ",", "-5.00"),
        ("−5,00", ",", "-5.00"),
        # Float noise, and half a cent: away from zero.
        ("14.290000000000001", ".", "14.29"),
        ("1.005", ".", "1.01"),
        ("-1.005", ".", "-1.01"),
        ("0.00", ".", "0.00"),
    ],
)
def test_an_amount_is_read_exactly(text: str, mark: str, value: str) -> None:
    found = number(text, mark)
    assert found == Decimal(value)
    assert str(found) == value


@pytest.mark.parametrize("text", ["", "-", "–", " R$ ", "$ -"])
def test_a_dash_says_nothing(text: str) -> None:
    assert number(text, ".") is None


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("1.234,56", "."),
        ("12,34.5", "."),
        ("1,23", "."),
        ("Sim", ","),
        ("--5", "."),
        ("1e3", "."),
        ("12%", "."),
    ],
)
def test_what_is_no_amount_says_so(text: str, mark: str) -> None:
    with pytest.raises(NoNumber, match="is not an amount with"):
        number(text, mark)


@pytest.mark.parametrize(
    ("texts", "mark"),
    [
        # Both marks, or decimals that are not three: they tell.
        (["1.234,56"], ","),
        (["1,234.56", "x"], "."),
        (["12,5"], ","),
        (["12.50", "1.234"], "."),
        (["0.125"], "."),
        (["1.234.567"], ","),
        (["1,234,567"], "."),
        # More of one than of the other.
        (["1,5", "2,5", "3.5"], ","),
        # Nothing tells: three digits are thousands.
        (["1.234", "5"], ","),
        (["1,234"], "."),
        (["5", "12"], "."),
        ([], "."),
    ],
)
def test_the_decimal_mark_is_found_out_from_all_amounts(
    texts: list[str], mark: str
) -> None:
    assert decimal_mark(texts) == mark


@pytest.mark.parametrize(
    "text",
    [
        *("2000010000000158", "#2000010000000158", "# 2000010000000158"),
        *('="2000010000000158"', "'2000010000000158", "2000010000000158.0"),
    ],
)
def test_an_orders_number_is_its_digits(text: str) -> None:
    assert order_number(text) == 2000010000000158


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2,00001E+15", "was rounded by a spreadsheet"),
        ("2.00001e15", "was rounded by a spreadsheet"),
        ("Total", "is not an order's number"),
        ("12345678901234567890", "is not an order's number"),
        ("٣", "is not an order's number"),
    ],
)
def test_a_number_that_was_spoilt_says_so(text: str, reason: str) -> None:
    with pytest.raises(NoNumber, match=reason):
        order_number(text)
