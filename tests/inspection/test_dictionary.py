"""The page of the tables: every column with type, unit, field and what null means."""

import re

import pytest

from pipeline.inspection.dictionary import page
from pipeline.warehouse.files import tables


@pytest.fixture(scope="module")
def told() -> str:
    return page()


def section(text: str, table: str) -> str:
    _, _, after = text.partition(f"\n## {table}\n")
    return after.partition("\n## ")[0]


def test_every_column_of_every_table_stands_there_in_order(told: str) -> None:
    for table in tables():
        names = re.findall(
            r"^\| `([a-z_0-9]+)` \|", section(told, table.qualified), re.M
        )
        assert names == [column.name for column in table.columns], table.qualified


def test_a_table_says_grain_key_questions_and_what_it_is_made_of(told: str) -> None:
    text = section(told, "marts.price_changes")
    assert "- Answers: when did I change a price; by how much\n" in text
    assert "- Made of: " in text
    assert "- Grain: one row per " in text
    assert "- Key: `order_id`, `entry`\n" in section(told, "marts.order_ledger")
    assert "- Path: `/shipments/{id}/costs`" in section(told, "core.shipment_costs")


@pytest.mark.parametrize(
    ("table", "row"),
    [
        (
            "core.orders",
            (
                "| `buyer_id` | bigint | – | `buyer.id` | who bought |"
                " where the API left the buyer out |"
            ),
        ),
        (
            "core.orders",
            (
                "| `taxes_amount` | decimal(18,2) | `taxes_currency_id` |"
                " `taxes.amount` | taxes in taxes_currency_id |"
                " as sent on most orders |"
            ),
        ),
        (
            "core.orders",
            (
                "| `order_id` | bigint | – | `id` |"
                " Mercado Libre's number of the order | never |"
            ),
        ),
        (
            "marts.orders",
            (
                "| `net_sales_amount_reporting` | decimal(18,2) |"
                " `reporting_currency_id` | net_sales_amount likewise | – |"
            ),
        ),
        (
            "marts.fees",
            (
                "| `sale_fee_rate` | double | ratio | fee less what came back of it /"
                " goods, of the lines of which both are known | without any |"
            ),
        ),
    ],
)
def test_a_column_has_its_unit_its_field_and_what_null_means(
    told: str, table: str, row: str
) -> None:
    assert row in section(told, table).splitlines()


def test_codes_have_words_in_three_languages(told: str) -> None:
    assert "| `gold_special` | Clásica | Clássico | Classic |" in told
    assert "| `self_service` | Flex | Flex | Flex |" in told


def test_the_picture_draws_what_names_what(told: str) -> None:
    picture = told[told.index("erDiagram") :].partition("```")[0]
    drawn = re.findall(r'"([a-z_.]+)" \|\|--(..) "([a-z_.]+)"', picture)
    assert ("core.orders", "o{", "core.payments") in drawn
    assert ("core.orders", "||", "marts.orders") in drawn
    assert ("core.order_items", "||", "core.order_discounts") not in drawn
    assert ("marts.daily_sales", "o{", "marts.order_items") not in drawn
