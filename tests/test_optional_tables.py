"""What a setting switches on or off: discounts, products, costs, own rates."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipeline.extraction.windows import Range
from pipeline.sandbox.server.server import RunningSandbox, serve
from pipeline.sandbox.world.world import World
from pipeline.warehouse.read import query
from tests.conftest import Sync
from tests.oracle_money import money

pytestmark = pytest.mark.untraced

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SPAN = Range(NOW - timedelta(days=4), NOW + timedelta(hours=1))
ASKED = ("/orders/{id}/discounts", "/orders/{id}/product", "/shipments/{id}/costs")
AMOUNTS = ("total", "seller")
ON = {"fetch_discounts": "all", "fetch_products": True}
OFF = {"fetch_discounts": "none", "fetch_shipping_costs": False}

Rows = list[tuple[Any, ...]]


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with serve(World(orders=45, seed=11, now=NOW, days=3, sellers=2)) as running:
        yield running


def discounts(world: World) -> Rows:
    """What /orders/{id}/discounts says of every order, line by line."""
    rows: Rows = []
    for order_id in world.order_ids():
        currency = world.order(order_id)["currency_id"]
        found = [
            (
                detail["type"],
                line["id"],
                *tuple(money(line["amounts"][name], currency) for name in AMOUNTS),
            )
            for detail in world.discounts(order_id)["details"]
            for line in detail["items"]
        ]
        rows += [(order_id, number, *one) for number, one in enumerate(found, start=1)]
    return sorted(rows)


def products(world: World) -> Rows:
    """The sandbox notes two attributes of every sixth order."""
    return sorted(
        row
        for order_id in world.order_ids()
        if (number := world.number(order_id)) % 6 == 0
        for row in (
            (order_id, 1, 1, "IMEI", f"{number % 10**15:015d}"),
            (order_id, 2, 2, "entry_date", "01/01/2001"),
        )
    )


def held(data_dir: Path, table: str, columns: str) -> Rows:
    return query(data_dir, f"select {columns} from core.{table} order by all").rows()


def held_discounts(data_dir: Path) -> Rows:
    return held(
        data_dir,
        "order_discounts",
        "order_id, line_number, discount_type, item_id, total_amount, seller_amount",
    )


def held_products(data_dir: Path) -> Rows:
    return held(
        data_dir,
        "order_products",
        "order_id, line_number, attribute_id, attribute_name, attribute_value",
    )


def asked(sandbox: RunningSandbox) -> dict[str, int]:
    return {name: sandbox.log.requests.get(name, 0) for name in ASKED}


def test_switched_on_they_are_what_the_api_says_and_asked_for_once_a_version(
    sandbox: RunningSandbox, sync: Sync, tmp_path: Path
) -> None:
    _, ended = sync(sandbox, SPAN, **ON)
    assert ended.is_good, ended
    data = tmp_path / "data"
    assert held_discounts(data) == discounts(sandbox.world)
    assert held_products(data) == products(sandbox.world)
    assert len(held_discounts(data)) > 5
    unknown = query(
        data, "select distinct unnest(unknown_inputs) as name from marts.orders"
    )["name"]
    assert not {"seller_coupon_amount", "seller_shipping_amount"} & set(unknown)

    first = asked(sandbox)
    orders = len(sandbox.world.order_ids())
    assert (first[ASKED[0]], first[ASKED[1]]) == (orders, orders)
    _, ended = sync(sandbox, SPAN, **ON)
    assert ended.is_good, ended
    assert asked(sandbox) == first, "answers that name nothing are remembered too"

    sandbox.world.change(sandbox.world.order_ids()[0])
    _, ended = sync(sandbox, SPAN, fetch_discounts="all")
    assert ended.is_good, ended
    assert asked(sandbox)[ASKED[0]] == first[ASKED[0]] + 1, "it changed: asked again"


def test_switched_off_nothing_is_asked_for_and_the_tables_are_there(
    sandbox: RunningSandbox, sync: Sync, tmp_path: Path
) -> None:
    _, ended = sync(sandbox, SPAN, **OFF)
    assert ended.is_good, ended
    assert asked(sandbox) == dict.fromkeys(ASKED, 0)
    assert held_discounts(tmp_path / "data") == []
    assert held_products(tmp_path / "data") == []


def test_a_csv_in_the_folder_is_loaded_by_the_sync_and_a_bad_one_makes_it_red(
    sandbox: RunningSandbox, sync: Sync, tmp_path: Path
) -> None:
    folder = tmp_path / "data" / "rates"
    folder.mkdir(parents=True)
    header = "rate_date,from_currency_id,to_currency_id,ratio\n"
    # A seller's own quote of dollars, older than any sale: the inverse is needed.
    (folder / "old.csv").write_text(f"{header}2026-01-02,USD,BRL,5\n")
    wanted = {"reporting_currency": "USD", "rate_fallback": "inverse"}
    _, ended = sync(sandbox, SPAN, **wanted)
    assert ended.is_good, ended
    data = tmp_path / "data"
    rates = held(
        data,
        "exchange_rates",
        "rate_date::varchar, from_currency_id, to_currency_id, ratio, source",
    )
    assert rates[:2] == [
        ("2026-01-02", "BRL", "USD", Decimal("0.2"), "inverse of USD-BRL"),
        ("2026-01-02", "USD", "BRL", Decimal(5), "csv"),
    ]
    reported = query(
        data,
        "select distinct reporting_exchange_ratio from marts.orders"
        " where currency_id = 'BRL'",
    )
    assert reported.rows() == [(Decimal("0.2"),)]

    (folder / "bad.csv").write_text(f"{header}2026-01-02,USD,ARS,many\n")
    _, ended = sync(sandbox, SPAN, **wanted)
    assert ended.failed_steps == []
    assert [one.partition(":")[0] for one in ended.problems] == [
        "rates/bad.csv was not loaded"
    ]
