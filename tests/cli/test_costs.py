"""Costs of goods into the warehouse, or not one of them; the last file counts."""

from pathlib import Path

from tests.cli.conftest import Commands

HEADER = "seller_sku,valid_from,unit_cost,currency_id\n"
RULE = "an SKU, currency and day that had one takes the new one"
HELD = (
    "select seller_id, seller_sku, currency_id, valid_from, unit_cost"
    " from core.item_costs order by all"
)
WITHOUT = (
    "select count(*) from marts.order_item_margins"
    " where is_sale and seller_sku is not null and cost_amount is null"
)
MARGINS = (
    "select count(*), count(distinct unit_cost)"
    " from marts.order_item_margins where is_sale and unit_cost is not null"
    " and cost_amount = round(unit_cost * quantity, 2)"
    " and margin_amount is not distinct from estimated_proceeds_amount - cost_amount"
)


def made(tmp_path: Path, text: str, name: str = "costs.csv") -> str:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return str(file)


def asked(commands: Commands, question: str) -> list[str]:
    """The rows of an answer, as CSV."""
    ended = commands("query", question, "--format", "csv")
    assert ended.code == 0, ended.err
    return ended.out.splitlines()[1:]


def test_costs_make_margins_and_the_last_file_counts_also_after_a_rebuild(
    filled: Commands, tmp_path: Path
) -> None:
    sold = asked(
        filled,
        "select distinct seller_sku, currency_id from marts.order_item_margins"
        " where is_sale and seller_sku is not null order by all",
    )
    lines = [row.split(",") for row in sold]
    text = HEADER + "".join(f"{sku},2020-01-01,1.5,{money}\n" for sku, money in lines)
    assert int(asked(filled, WITHOUT)[0]) > 0
    assert asked(filled, MARGINS) == ["0,0"]

    file = made(tmp_path, text)
    ended = filled("costs", file)
    assert ended.code == 0, ended.err
    assert ended.out.splitlines() == [
        f"{len(lines)} costs loaded; {RULE}",
    ]
    assert asked(filled, WITHOUT) == ["0"]
    [counts] = asked(filled, MARGINS)
    assert counts.endswith(",1")
    assert filled("costs", file).out.splitlines() == [
        "costs.csv says nothing new: nothing to do"
    ]

    sku, money = lines[0]
    dearer = made(tmp_path, HEADER + f"{sku},2020-01-01,2.25,{money}\n", "dearer.csv")
    assert filled("costs", dearer).out.startswith("1 costs loaded")
    assert asked(filled, MARGINS) == [counts.removesuffix("1") + "2"]
    held = asked(filled, HELD)
    assert f"0,{sku},{money},2020-01-01,2.250000" in held
    assert len(held) == len(lines)

    assert filled("rebuild").code == 0
    assert asked(filled, HELD) == held
    assert asked(filled, MARGINS) == [counts.removesuffix("1") + "2"]

    again = filled("costs", file).out
    assert again.startswith("1 costs loaded"), (
        "the cost of the first file is news again"
    )
    assert asked(filled, MARGINS) == [counts]

    held = asked(filled, HELD)
    for path in (filled.folder / "landing" / "item_costs").glob("*/*.parquet"):
        path.write_bytes(b"")
    filled("rebuild")
    assert asked(filled, HELD) == held, "out of the published copy"
    assert asked(filled, MARGINS) == [counts]


def test_a_file_without_the_columns_is_told_so(empty: Commands, tmp_path: Path) -> None:
    file = made(tmp_path, "sku,cost\nA,1\n")
    assert empty("costs", file).error == (
        "error: costs.csv: no column seller_sku, valid_from, unit_cost, currency_id: "
        "the first line names the columns seller_sku, valid_from, unit_cost, "
        "currency_id"
    )
