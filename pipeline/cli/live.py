"""`orders` and `order`: what the live API says, as a table, a tree, CSV or JSON.

Lands nothing. Not here: asking and comparing (`inspection/live.py`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
import polars as pl
import typer
from rich.text import Text
from rich.tree import Tree

from pipeline.cli import query, terminal
from pipeline.cli.oneline import refusals
from pipeline.cli.sync import instant
from pipeline.extraction.accounts import opened
from pipeline.extraction.live import Search
from pipeline.extraction.reachability import answering
from pipeline.inspection import live
from pipeline.inspection.live import Difference, FoundOrders, Look, NotShown, Part
from pipeline.mercadolibre.client import Variant, moment
from pipeline.settings import Settings

# The text of a number stays as it was sent.
_ANSWER = msgspec.json.Decoder(float_hook=str)
_EMPTY: tuple[object, ...] = (None, "", [], {})


def filters_of(
    named: Mapping[str, str | None],
    dates: Mapping[str, tuple[str | None, str | None]],
) -> dict[str, str]:
    """The filters that are given, by their documented names.

    ``dates`` has start and end by the name of a date, such as `created`.

    Raises:
        typer.BadParameter: a date is not valid.
    """
    found = {name: value for name, value in named.items() if value is not None}
    for name, (start, end) in dates.items():
        api_name = "last_updated" if name == "updated" else name
        for side, text in (("from", start), ("to", end)):
            if (at := instant(text, f"--{name}-{side}")) is not None:
                found[f"order.date_{api_name}.{side}"] = moment(at)
    return found


def variant_of(chosen: Mapping[Variant, bool]) -> Variant:
    """The one search that is chosen, else the usual one.

    Raises:
        typer.BadParameter: more than one is.
    """
    names: list[Variant] = [name for name, is_chosen in chosen.items() if is_chosen]
    if len(names) > 1:
        listed = " and ".join(f"--{name}" for name in names)
        raise typer.BadParameter(f"{listed} are two searches: give one")
    return names[0] if names else "search"


def run_search(
    settings: Settings, asked: Search, form: Literal["table", "csv", "json"]
) -> None:
    """Print what a search answers, seller by seller.

    Raises:
        typer.Exit: 1 if a seller could not be asked; the others are shown.
    """
    with refusals():
        answering(settings, terminal.say)
        with opened(settings, notice=terminal.say) as accounts:
            found = live.search(settings, accounts, asked)
    good = [one for one in found if one.failed is None]
    if form == "json":
        terminal.write(terminal.json([_as_json(one) for one in good]))
    elif form == "csv":
        frames = [one.orders for one in good]
        terminal.write(query.as_csv(pl.concat(frames)) if frames else "")
    else:
        for one in good:
            _print_found(one, asked)
    for one in found:
        for reason in one.refused:
            terminal.say(f"seller {one.seller_id}: an order cannot be read, {reason}")
        if one.failed is not None:
            terminal.say(f"seller {one.seller_id}: {one.failed}")
    if len(good) < len(found):
        terminal.fail(
            "not every seller could be asked; `meli-sales doctor` looks closer"
        )


def _as_json(found: FoundOrders) -> dict[str, Any]:
    return {
        "seller_id": found.seller_id,
        "total": found.total,
        "orders": [msgspec.Raw(payload.encode()) for payload in found.payloads],
    }


def _print_found(found: FoundOrders, asked: Search) -> None:
    if not found.orders.is_empty():
        terminal.table(_table(found.orders))
    shown = len(found.payloads)
    total = "an unknown number of" if found.total is None else f"{found.total:,}"
    newest = "newest" if asked.sort == "date_desc" else "oldest"
    is_all = found.total is not None and asked.offset + shown >= found.total
    what = f"{shown:,} of {total} orders"
    if found.counted == "carts":
        what = f"{terminal.counted(shown, 'order')} of {total} carts"
        is_all = shown < asked.limit
    line = f"seller {found.seller_id}: {what}, {newest} first"
    if asked.offset:
        line += f", after {asked.offset:,} others"
    if not is_all:
        line += "; --limit for more"
    terminal.line(line)


def _table(orders: pl.DataFrame) -> pl.DataFrame:
    """The columns that fit 80 characters; CSV has them all."""
    totals = [
        f"{terminal.number(amount)} {currency or ''}"
        for amount, currency in orders.select("total_amount", "currency_id").iter_rows()
    ]
    widest = max(map(len, totals))
    return orders.select(
        "order_id",
        pl.col("order_status").alias("status"),
        pl.col("sold_date").alias("sold"),
        pl.Series("total", [f"{total:>{widest}}" for total in totals]),
        "buyer_id",
    )


def run_order(settings: Settings, number: int, form: Literal["tree", "json"]) -> None:
    """Print all that the API says of an order, beside what the warehouse holds.

    Raises:
        typer.Exit: 1 if neither an order nor a pack of that number can be shown.
    """
    with refusals():
        answering(settings, terminal.say)
        with opened(settings, notice=terminal.say) as accounts:
            try:
                found = live.order(settings, accounts, number)
            except NotShown as error:
                terminal.fail(str(error))
    if form == "json":
        terminal.write(terminal.json(_look_as_json(found)))
        return
    if found.kind == "pack":
        terminal.line(
            f"{number} is a pack, not an order: `meli-sales order ID` shows one of "
            "its orders"
        )
    terminal.out.print(_tree(found), highlight=False)
    terminal.line("What is empty is left out; --format json has it.")


def _look_as_json(found: Look) -> dict[str, Any]:
    parts = [
        {
            **asdict(one),
            "payload": one.payload and msgspec.Raw(one.payload.encode()),
        }
        for one in found.parts
    ]
    return {**asdict(found), "parts": parts}


def _tree(found: Look) -> Tree:
    status = f", {found.status}" if found.status else ""
    tree = Tree(
        _words(
            f"{found.kind} {found.number}{status}, asked in the name of seller "
            f"{found.seller_id}",
            "bold",
        )
    )
    for part in found.parts:
        _add_part(tree, part, has_warehouse=found.warehouse is None)
    if found.decided is not None:
        decided = tree.add(_words("marts.orders", "bold"))
        for name, value in found.decided.items():
            decided.add(_words(f"{name}: {_value(value)}"))
    if found.warehouse is not None:
        tree.add(_words(f"nothing to compare with: {found.warehouse}"))
    return tree


def _add_part(tree: Tree, part: Part, *, has_warehouse: bool) -> None:
    status = "" if part.status is None else f": {part.status}"
    answer = None if part.payload is None else _ANSWER.decode(part.payload)
    if part.failed is None and _is_empty(answer):
        status += ", there is none" if part.payload is None else ", empty"
    branch = tree.add(_words(f"{part.request}{status}", "bold"))
    if not _is_empty(answer):
        _add_value(branch, answer)
    if part.failed is not None:
        branch.add(_words(part.failed, "red"))
    elif part.payload is not None and has_warehouse:
        _add_comparison(branch, part)


def _add_value(branch: Tree, value: object) -> None:
    """Add the members of a value, those that are empty left out."""
    for name, one in _members(value):
        if _is_empty(one):
            continue
        match one:
            case dict():
                _add_value(branch.add(_words(name)), one)
            case list() if any(isinstance(inner, dict | list) for inner in one):
                _add_value(branch.add(_words(name)), one)
            case list():
                branch.add(_words(f"{name}: {', '.join(map(_value, one))}"))
            case _:
                branch.add(_words(f"{name}: {_value(one)}"))


def _members(value: object) -> Iterator[tuple[str, object]]:
    match value:
        case dict():
            yield from ((str(key), one) for key, one in value.items())
        case list():
            yield from ((f"[{place}]", one) for place, one in enumerate(value, 1))
        case _:
            yield "answer", value


def _is_empty(value: object) -> bool:
    match value:
        case dict():
            return all(map(_is_empty, value.values()))
        case list():
            return all(map(_is_empty, value))
    return value in _EMPTY


def _add_comparison(branch: Tree, part: Part) -> None:
    if not part.held:
        branch.add(_words("warehouse: not there yet", "italic"))
        return
    where = f"{', '.join(part.held)}, read {_value(part.read_at)}"
    changed = [one for one in part.differences if not one.is_trimmed]
    if changed:
        held = branch.add(_words(f"warehouse: differs ({where})", "bold yellow"))
        for one in changed:
            held.add(_words(_told(one, part.held), "yellow"))
    else:
        held = branch.add(_words(f"warehouse: the same ({where})", "italic"))
    trimmed = dict.fromkeys(one.column for one in part.differences if one.is_trimmed)
    if trimmed:
        held.add(_words(f"not told by a search: {', '.join(trimmed)}", "italic"))


def _told(one: Difference, tables: Sequence[str]) -> str:
    place = f"{one.table} " if len(tables) > 1 else ""
    place += f"{one.row} " if one.row else ""
    if one.column == "row":
        return f"{place}is in {'the answer' if one.live else 'the warehouse'} only"
    return f"{place}{one.column}: {_value(one.live)} now, held {_value(one.held)}"


def _value(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"
        case list():
            return f"[{', '.join(map(_value, value))}]"
    return str(value)


def _words(text: str, style: str = "") -> Text:
    """Text for a tree: nothing in it is a code of the terminal."""
    return Text(terminal.visible(text), style)
