"""`explain`: the arithmetic of one order on one screen, or of each order of a pack.

Not here: finding the amounts (`inspection/explanation.py`, `inspection/arithmetic.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pipeline.cli import terminal
from pipeline.cli.oneline import refusals, warn_of_change
from pipeline.inspection.arithmetic import OUTCOMES
from pipeline.inspection.explanation import (
    Explanation,
    LandedRecord,
    UnknownOrder,
    explain,
    orders_of,
)

_TITLE_LETTERS = 40


def run(data_dir: Path, number: int, form: Literal["table", "json"]) -> None:
    """Print where each amount of an order comes from, or of each order of a pack.

    As JSON an order is one object, and a pack a list of them.

    Raises:
        typer.Exit: 1 if the published warehouse has neither.
    """
    with refusals():
        warn_of_change(data_dir)
        orders = orders_of(data_dir, number) or [number]
        try:
            found = [explain(data_dir, order_id) for order_id in orders]
        except UnknownOrder as error:
            terminal.fail(str(error))
    is_pack = orders != [number]
    if form == "json":
        told = [asdict(one) for one in found]
        terminal.write(terminal.json(told if is_pack else told[0]))
        return
    if is_pack:
        terminal.line(f"pack {number}, orders that are held: {len(found)}")
    for one in found:
        if is_pack:
            terminal.line("")
        for line in _lines(one):
            terminal.line(line)


def _lines(found: Explanation) -> Iterable[str]:
    yield from _head(found)
    yield from _goods(found)
    yield from _payments(found)
    yield from _shares(found)
    yield from _sum(found)
    yield from _proceeds(found)
    yield from _events(found)
    yield from _versions(found)


def _head(found: Explanation) -> Iterable[str]:
    order = found.order
    yield (
        f"order {order['order_id']}: {order['order_status']}, sold "
        f"{order['sold_date'] or 'not yet'}, {order['site_id']}, seller "
        f"{order['seller_id']}"
    )
    yield f"  outcome    {OUTCOMES[order['outcome']]}"
    if order["is_fraud_risk"]:
        yield "  warning    Mercado Libre suspects fraud: do not ship"
    reasons = [order[f"cancel_{name}"] for name in ("group", "code", "requested_by")]
    if any(reasons):
        yield f"  cancelled: {', '.join(str(one) for one in reasons if one)}"
    yield f"  landed     {_place(found.landed['orders'])}"
    if order["pack_id"] is not None:
        others = [one for one in found.pack if one["order_id"] != order["order_id"]]
        words = ", ".join(
            f"{one['order_id']} ({one['order_status'] or 'not read'})" for one in others
        )
        yield f"  pack       {order['pack_id']}, with {words or 'no other order'}"
        yield f"             {_place(found.landed['packs'])}"
    if order["shipment_id"] is not None:
        status = order["shipment_status"] or "status unknown"
        yield f"  shipment   {order['shipment_id']}, {status}"
        yield f"             {_place(found.landed['shipments'])}"
        if found.landed["shipment_costs"]:
            yield f"  its costs  {_place(found.landed['shipment_costs'])}"
    for rate in found.rates:
        yield (
            f"  ratio      {rate['from_currency_id']}-{rate['to_currency_id']} of "
            f"{rate['rate_date']} for {rate['used_for']}: {rate['source']}, "
            f"{_place(rate['landed'])}"
        )


def _goods(found: Explanation) -> Iterable[str]:
    yield ""
    yield f"lines ({found.order['currency_id']})"
    yield from _columns(
        [
            (
                f"{one['line_number']}",
                f"{one['item_id']} {one['title'] or ''}"[:_TITLE_LETTERS],
                f"{one['quantity']} × {_money(one['unit_price'])} =",
                _money(one["line_amount"]),
                f"fee {one['quantity']} × {_money(one['unit_fee_amount'])} =",
                _money(one["line_fee_amount"]),
            )
            for one in found.lines
        ],
        right=(0, 2, 3, 4, 5),
    )


def _payments(found: Explanation) -> Iterable[str]:
    yield "payments"
    yield from _columns(
        [
            (
                f"{one['payment_id']}",
                f"{one['payment_status']}, {one['payment_type']}",
                f"{_money(one['transaction_amount'])} {one['currency_id']}",
                _given_back(one),
                f"marketplace_fee {_money(one['marketplace_fee_amount'])}",
            )
            for one in found.payments
        ],
        right=(2, 3, 4),
    )


def _given_back(payment: Mapping[str, Any]) -> str:
    """How much of a payment went back, and who gave it back."""
    for name, words in (
        ("covered_amount", "given back by Mercado Libre"),
        ("disputed_amount", "in dispute"),
    ):
        if payment[name] is None or payment[name]:
            return f"{words} {_money(payment[name])}"
    return f"given back {_money(payment['returned_amount'])}"


def _shares(found: Explanation) -> Iterable[str]:
    if len(found.shares) < 2:
        return
    cost = _money(found.order["lead_time_cost_amount"])
    yield f"shipping {cost} over the sales by total_amount, largest remainder"
    rows = [("order", "total", "exact part", "whole units", "unit", "part", "seller's")]
    for one in found.shares:
        mine = "*" if one.order_id == found.order["order_id"] else " "
        rows.append(
            (
                f"{one.order_id}{mine}",
                _money(one.total_amount),
                _money(one.exact),
                _money(one.floor_amount),
                _money(one.extra_amount or None) if one.extra_amount else "",
                _money(one.shipping_amount),
                _money(one.seller_shipping_amount),
            )
        )
    yield from _columns(rows, right=range(7))


def _sum(found: Explanation) -> Iterable[str]:
    yield ""
    yield from _columns(
        [
            (
                one.sign,
                one.name,
                _money(one.amount),
                one.currency_id or "",
                one.words,
            )
            for one in found.steps
        ],
        right=(2,),
    )


def _proceeds(found: Explanation) -> Iterable[str]:
    order = found.order
    yield ""
    yield f"what is left, estimated ({order['currency_id']})"
    rows = [
        (
            f"{one['amount_description']}",
            _money(one["amount"]),
            f"{one['amount_source']}",
        )
        for one in found.ledger
    ]
    left = order["estimated_proceeds_amount"]
    note = f"not known: {', '.join(order['unknown_inputs'])}" if left is None else ""
    yield from _columns(
        [*rows, ("estimated_proceeds_amount", _money(left), note)], right=(1,)
    )


def _events(found: Explanation) -> Iterable[str]:
    """The day on which each event counts, by event and by sale."""
    if not found.events:
        return
    yield ""
    yield "net sales, by event and by sale"
    yield from _columns(
        [
            (
                one["event"],
                f"{one['event_date']}",
                _money(one["amount"]),
                _counted(one),
            )
            for one in found.events
        ],
        right=(2,),
    )


def _counted(event: Mapping[str, Any]) -> str:
    if event["event"] in ("covered", "disputed"):
        return f"{_money(event['moved_amount'])} moved, net sales stay as they are"
    if event["event"] == "sold":
        return ""
    return f"daily_sales takes it off {event['sold_date']}, the day of the sale"


def _versions(found: Explanation) -> Iterable[str]:
    yield ""
    yield "versions"
    for number, one in enumerate(found.versions, start=1):
        changed = "; ".join(
            f"{name} {_value(before)} → {_value(after)}"
            for name, (before, after) in one.changes.items()
        )
        if number == 1:
            row = one.row
            changed = (
                f"{row['order_status']}, total_amount {_money(row['total_amount'])}, "
                f"paid_amount {_money(row['paid_amount'])}"
            )
        yield (
            f"  {number}  updated {_moment(one.updated_at)}, read "
            f"{_moment(one.fetched_at)}: {changed or 'nothing that is kept'}"
        )


def _columns(rows: Sequence[tuple[str, ...]], right: Iterable[int]) -> Iterable[str]:
    """Rows with aligned cells; those of columns ``right`` to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    marks = [">" if place in set(right) else "<" for place in range(len(widths))]
    for row in rows:
        cells = zip(row, marks, widths, strict=True)
        yield "  " + "  ".join(f"{cell:{mark}{n}}" for cell, mark, n in cells).rstrip()


def _place(landed: LandedRecord | None) -> str:
    if landed is None:
        return "in no landed file"
    return f"{landed.path}, read {_moment(landed.fetched_at)}"


def _money(amount: object) -> str:
    return "unknown" if amount is None else f"{amount}"


def _value(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case datetime():
            return _moment(value)
        case list():
            return f"[{', '.join(map(str, value))}]"
        case _:
            return str(value)


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z" if at else "at no known time"
