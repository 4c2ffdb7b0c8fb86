"""Where each amount of one order comes from, on one screen and for a machine."""

import json
from decimal import Decimal
from typing import Any

import pytest

from pipeline.sandbox.server.server import RunningSandbox
from pipeline.warehouse.read import query
from tests.cli.conftest import Commands, day


def one(commands: Commands, condition: str) -> int:
    """Number of the first order of marts.orders that is so."""
    ended = commands(
        "query",
        f"select order_id from marts.orders where {condition} order by 1 limit 1",
        *("--format", "csv"),
    )
    return int(ended.out.splitlines()[1])


def explained(commands: Commands, order_id: int) -> dict[str, Any]:
    ended = commands("explain", str(order_id), "--format", "json")
    assert ended.code == 0, ended.err
    told: dict[str, Any] = json.loads(ended.out, parse_float=Decimal)
    return told


def test_an_order_of_a_cart_is_told_from_landed_file_to_proceeds(
    looked_at: Commands,
) -> None:
    order_id = one(
        looked_at,
        "shipping_amount <> lead_time_cost_amount and completeness = 'complete'",
    )
    told = explained(looked_at, order_id)
    order = told["order"]
    assert order["order_id"] == order_id

    for resource in ("orders", "packs", "shipments", "shipment_costs"):
        landed = told["landed"][resource]
        assert (looked_at.folder / landed["path"]).is_file(), resource
        assert f"landing/{resource}/date=" in landed["path"]

    assert sum(row["line_amount"] for row in told["lines"]) == order["total_amount"]
    parts = {row["order_id"]: row for row in told["shares"]}
    assert (
        sum(row["shipping_amount"] for row in parts.values())
        == (order["lead_time_cost_amount"])
    )
    for row in parts.values():
        assert row["floor_amount"] <= row["exact"]
        assert row["extra_amount"] in (0, Decimal("0.01"))
        assert row["floor_amount"] + row["extra_amount"] == row["shipping_amount"]
    assert parts[order_id]["shipping_amount"] == order["shipping_amount"]
    summed = {step["name"]: step["amount"] for step in told["steps"]}
    assert (
        summed["total_amount"] + summed["taxes_amount"] + summed["shipping_amount"]
        == summed["total_amount_with_shipping"]
    )
    assert told["ledger"][0]["entry"] == "items"
    assert len(told["versions"]) >= 1

    shown = looked_at("explain", str(order_id))
    assert shown.code == 0
    for words in (
        f"order {order_id}: ",
        told["landed"]["orders"]["path"],
        f"  pack       {order['pack_id']}, with ",
        f"  shipment   {order['shipment_id']}, ",
        f"its part of {order['lead_time_cost_amount']} ",
        f"{order_id}*",
        "estimated_proceeds_amount",
    ):
        assert words in shown.out, words
    assert max(map(len, shown.out.splitlines())) < 200


def test_a_cancellation_after_the_fact_is_told_as_what_changed_when(
    sandbox: RunningSandbox, changing: Commands
) -> None:
    order_id = one(changing, "is_sale and order_status = 'paid'")
    sandbox.world.cancel(order_id)
    assert changing("sync", "--from", day(0)).code == 0

    told = explained(changing, order_id)
    changes: dict[str, Any] = {}
    for version in told["versions"]:
        changes |= version["changes"]
    assert changes["order_status"] == ["paid", "cancelled"]
    assert changes["paid_amount"][1] == 0
    shown = changing("explain", str(order_id)).out
    assert "cancelled: a gross sale, not a sale any more" in shown
    assert "order_status paid → cancelled" in shown


@pytest.mark.untraced
def test_a_ratio_is_told_with_its_day_its_source_and_the_file_it_came_in(
    filled: Commands, tmp_path: Any
) -> None:
    order_id = one(filled, "currency_id = 'ARS'")
    sold = filled(
        *(
            "query",
            f"select closed_at::date d from marts.orders where order_id={order_id}",
        ),
        *("--format", "csv"),
    ).out.splitlines()[1]
    file = tmp_path / "old.csv"
    file.write_text(
        "rate_date,from_currency_id,to_currency_id,ratio\n"
        # On the day of sale; nothing was fetched: no reporting currency was set then.
        f"{sold},ARS,CLP,0.65\n"
    )
    assert filled("rates", str(file), reporting_currency="CLP").code == 0
    told = explained(filled, order_id)
    [rate] = [one for one in told["rates"] if one["used_for"] == "reporting"]
    assert rate["ratio"] == Decimal("0.65")
    assert rate["source"] == "csv"
    assert rate["landed"]["request"] == "old.csv:2"
    assert "/csv-" in rate["landed"]["path"]
    shown = filled("explain", str(order_id)).out
    assert f"  ratio      ARS-CLP of {sold} for reporting: csv, landing/" in shown
    assert f"× 0.65 (ratio of {sold}, csv)" in shown


def test_a_fee_of_three_decimals_is_told_as_sent_without_further_zeros(
    looked_at: Commands,
) -> None:
    order_id = one(
        looked_at,
        "order_id in (select order_id from core.order_items"
        " where sale_fee_sent <> sale_fee_amount and unit_price_sent = unit_price)",
    )
    told = explained(looked_at, order_id)
    fees = {str(line["unit_fee_amount"]) for line in told["lines"]}
    assert {len(fee.partition(".")[2]) for fee in fees} == {3}
    assert {
        len(str(line["unit_price"]).partition(".")[2]) for line in told["lines"]
    } == {2}
    assert (
        sum(line["line_fee_amount"] for line in told["lines"])
        == (told["order"]["sale_fee_amount"])
    )
    shown = looked_at("explain", str(order_id)).out
    assert all(f" × {fee} = " in shown for fee in fees)


def test_an_order_without_a_shipment_has_no_parts_to_tell(looked_at: Commands) -> None:
    order_id = one(looked_at, "completeness = 'no_shipment'")
    shown = looked_at("explain", str(order_id)).out
    assert "no shipment" in shown
    assert "largest remainder" not in shown


def test_a_pack_is_explained_order_by_order(looked_at: Commands) -> None:
    row = query(
        looked_at.folder,
        "select pack_id, list(order_id order by order_id) as orders from core.orders"
        " where pack_id is not null group by pack_id having count(*) > 1"
        " order by pack_id limit 1",
    ).row(0, named=True)
    shown = looked_at("explain", str(row["pack_id"]))
    assert shown.code == 0
    assert f"pack {row['pack_id']}, orders that are held: {len(row['orders'])}" in (
        shown.out
    )
    heads = [line for line in shown.out.splitlines() if line.startswith("order ")]
    assert [int(line.split()[1].rstrip(":")) for line in heads] == row["orders"]
    told = json.loads(looked_at("explain", str(row["pack_id"]), "--format", "json").out)
    assert [one["order"]["order_id"] for one in told] == row["orders"]


def test_what_cannot_be_explained_is_a_line(looked_at: Commands) -> None:
    unknown = looked_at("explain", "5")
    assert (unknown.code, unknown.error) == (
        1,
        (
            "error: 5 is not an order or a pack of the published warehouse; if it is "
            "one of the last hours, run `meli-sales sync`"
        ),
    )
    assert looked_at("explain", "5", "--format", "csv").code == 2
    nothing = looked_at("explain", "5", data_dir="nowhere")
    assert nothing.code == 1
    assert "meli-sales sync" in nothing.error
