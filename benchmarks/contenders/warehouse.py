"""What our contenders share: settings of a sync, and the amounts in the warehouse."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.contenders.asked import Amount
from benchmarks.sales import SELLER


def environment(url: str, folder: Path) -> dict[str, str]:
    """The settings of a sync that does not wait for the API's pace."""
    return {
        "MELI_BASE_URL": url,
        "MELI_DATA_DIR": str(folder / "data"),
        "MELI_ACCESS_TOKEN": "APP_USR-benchmark",
        "MELI_SELLER_IDS": str(SELLER),
        "MELI_REQUESTS_PER_MINUTE": "1000000",
    }


def amounts(folder: Path) -> Iterator[Amount]:
    """Every line of an order in the work file, and the sum of all totals."""
    import duckdb  # only here: a measured run is not to pay for it

    file = folder / "data" / "work" / "warehouse.duckdb"
    with duckdb.connect(str(file), read_only=True) as connection:
        yield from connection.execute(
            "select sum(total_amount) from core.orders"
        ).fetchall()
        yield from connection.execute(
            """
            select
                orders.order_id,
                orders.total_amount,
                orders.paid_amount,
                items.unit_price_sent,
                items.sale_fee_sent
            from core.orders
            left join core.order_items as items on orders.order_id = items.order_id
            """
        ).fetchall()
