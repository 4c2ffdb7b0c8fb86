"""Published tables beside what the oracle works out: what differs, readably."""

import functools
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline.warehouse.read import query
from tests import oracle_above, oracle_lines
from tests.oracle import Expected
from tests.oracle_compare import differences, named, rows_of
from tests.oracle_money import whole
from tests.oracle_published import Published, Row, compare
from tests.oracle_sums import Event, Item, Sales, Sums


def everything(folder: Path, sums: Sums) -> str:
    """What differs in any table that the oracle knows; empty without a difference."""
    found = (
        orders(folder, sums),
        order_ledger(folder, sums),
        sale_events(folder, sums),
        sales(folder, sums, "daily_sales"),
        sales(folder, sums, "monthly_sales"),
        channels(folder, sums),
        item_sales(folder, sums),
        above(folder),
    )
    return "\n".join(filter(None, found))


def above(folder: Path) -> str:
    """Marts that add up published orders, payments and lines."""
    return above_of(lambda table: query(folder, f"from {table}").to_dicts())


def above_of(read: Callable[[str], Sequence[Row]]) -> str:
    """The same of a warehouse whose rows ``read`` gives."""
    world = Published(functools.cache(read))
    marts = oracle_above.MARTS | oracle_lines.MARTS
    found = (
        compare(world, f"marts.{mart}", keys, work_out(world))
        for mart, (work_out, keys) in marts.items()
    )
    return "\n".join(filter(None, found))


def orders(folder: Path, sums: Sums) -> str:
    names = [one.name for one in fields(Expected)]
    held, missing = rows_of(folder, "marts.orders", names, ("order_id",))
    for row in held.values():
        row["unknown_inputs"] = frozenset(row.get("unknown_inputs") or ())
    expected = {(key,): named(one) for key, one in sums.orders.items()}
    seen = _channels_seen(folder, sums)
    for (order_id,), row in expected.items():
        row["channel"] = seen[order_id]
    return differences("marts.orders", held, expected, missing)


def order_ledger(folder: Path, sums: Sums) -> str:
    """Entries of an order, added up."""
    rows = query(folder, "select order_id, amount from marts.order_ledger")
    parts: dict[int, list[Decimal | None]] = defaultdict(list)
    for order_id, amount in rows.iter_rows():
        parts[order_id].append(amount)
    held = {key: {"amount": whole(one)} for key, one in parts.items()}
    expected = {key: {"amount": one} for key, one in sums.ledger().items()}
    return differences("marts.order_ledger", held, expected, [])


def sale_events(folder: Path, sums: Sums) -> str:
    names = [one.name for one in fields(Event)]
    keys = ("order_id", "event", "payment_id")
    held, missing = rows_of(folder, "marts.sale_events", names, keys)
    expected = {
        (one.order_id, one.event, one.payment_id): named(one) for one in sums.events()
    }
    return differences("marts.sale_events", held, expected, missing)


def sales(folder: Path, sums: Sums, table: str) -> str:
    """`daily_sales` or `monthly_sales`."""
    of_days = table == "daily_sales"
    day = "sold_date" if of_days else "month_start_date"
    keys = ("seller_id", "site_id", "currency_id", day)
    names = [one.name for one in fields(Sales)]
    complete = ["is_read_completely", "is_complete"]
    held, missing = rows_of(folder, f"marts.{table}", [*names, *complete], keys)
    expected = {
        key: named(one)
        for key, one in (sums.daily() if of_days else sums.monthly()).items()
    }
    for key, row in held.items():
        # Which hours were read is not the oracle's business; what follows from it is.
        is_read = row.get("is_read_completely")
        right = expected.get(key)
        if right is not None:
            unknown = any(right[name] for name in names if name.startswith("unknown_"))
            right["is_read_completely"] = is_read
            right["is_complete"] = bool(is_read and not unknown)
    return differences(f"marts.{table}", held, expected, missing)


def channels(folder: Path, sums: Sums) -> str:
    names = [one.name for one in fields(Sales)]
    month = ("seller_id", "site_id", "currency_id", "month_start_date")
    keys = (*month, "channel", "is_mshops")
    held, missing = rows_of(folder, "marts.channel_sales", names, keys)
    seen = _channels_seen(folder, sums)
    expected = {key: named(one) for key, one in sums.channels(seen).items()}
    return differences("marts.channel_sales", held, expected, missing)


def _channels_seen(folder: Path, sums: Sums) -> dict[int, str | None]:
    """Channels as they should be held: null where rows of older orders lack them.

    Whether an order was asked for by its number too is not the oracle's business.
    """
    held, _ = rows_of(folder, "marts.orders", ["channel"], ("order_id",))
    return {
        order_id: None
        if held.get((order_id,), {}).get("channel") is None
        and not sums.tells_channel(order_id)
        else one.channel
        for order_id, one in sums.orders.items()
    }


def item_sales(folder: Path, sums: Sums) -> str:
    """However finely the table is cut: an item's rows are added up."""
    names = [one.name for one in fields(Item)]
    rows = query(folder, "from marts.item_sales")
    missing = [name for name in names if name not in rows.columns]
    held: dict[Any, dict[str, Any]] = {}
    for row in rows.to_dicts():
        key = (row["seller_id"], row["item_id"], row["currency_id"])
        item = held.setdefault(key, dict.fromkeys(set(names) - set(missing), 0))
        for name in item:
            item[name] += row[name] or 0
    expected = {key: named(one) for key, one in sums.items().items()}
    return differences("marts.item_sales", held, expected, missing)
