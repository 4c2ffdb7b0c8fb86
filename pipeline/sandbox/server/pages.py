"""Makes one page of a search: short or partial as the switches say.

Not here: which orders a search finds (`search`), and a row of it (`rows`).
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from pipeline.sandbox.server import rows, search
from pipeline.sandbox.server.answers import Response, answer, error, limit_exceeded
from pipeline.sandbox.server.asked import Asked
from pipeline.sandbox.world.objects import Object
from pipeline.sandbox.world.orders import order_id

Row = TypeVar("Row")

_SORTS = {"date_asc": "Date ascending", "date_desc": "Date descending"}


def page(asked: Asked, variant: str) -> Response:
    """Answer a search in the documented envelope.

    Without any filter the page is empty, as in the API.
    """
    query = dict(asked.request.query_params)
    offset, limit = window(asked, query, asked.switches.page_limit)
    numbers: list[int] = []
    if query.keys() - {"offset", "limit", "sort"}:
        numbers = search.select(
            asked.world, asked.switches, asked.owner, query, variant
        )
    if asked.switches.swaps_ties and numbers:
        seed = int(asked.luck("ties") * 2**31)
        numbers = search.swap_ties(asked.world, query, numbers, seed)
    found, missing = _rows(asked, shortened(asked, numbers[offset : offset + limit]))
    asked.sandbox.log.orders_served += len(found)
    total = len(numbers)
    if asked.switches.ends_total_at_page and 0 < limit < total - offset:
        total = total // limit * limit
    response = _answer(query, found, total, offset, limit, missing)
    move(asked, numbers)
    return response


def partial_headers(missing: list[str]) -> dict[str, str]:
    """The headers of a 206."""
    return {"X-Content-Missing": ", ".join(missing)}


def show(asked: Asked, made: Object) -> Object:
    """Hide an order's shipping id, if the switches say so."""
    if asked.switches.hides_shipping(made["id"]):
        made["shipping"] = {"id": None}
    return made


def _answer(
    query: Mapping[str, str],
    rows: Sequence[object],
    total: int,
    offset: int,
    limit: int,
    missing: list[str],
) -> Response:
    sort = "date_desc" if search.is_descending(query) else "date_asc"
    body = {
        "query": query.get("q", ""),
        "results": rows,
        "sort": {"id": sort, "name": _SORTS[sort]},
        "available_sorts": [
            {"id": other, "name": name}
            for other, name in _SORTS.items()
            if other != sort
        ],
        "filters": [],
        "paging": {"total": total, "offset": offset, "limit": limit},
        "display": "complete",
    }
    if missing:
        return answer(body, 206, partial_headers(missing))
    return answer(body)


def window(asked: Asked, query: Mapping[str, str], most: int) -> tuple[int, int]:
    """Offset and limit, within what the API allows: at most so many a page."""
    offset, limit = query.get("offset", "0"), query.get("limit", str(min(50, most)))
    if not (offset.isdecimal() and limit.isdecimal()):
        raise error(400, "bad_request", "Param not valid")
    if int(limit) > most:
        raise limit_exceeded(most)
    if int(offset) + int(limit) > asked.switches.ceiling:
        raise limit_exceeded(asked.switches.ceiling)
    return int(offset), int(limit)


def shortened(asked: Asked, rows: list[Row]) -> list[Row]:
    """Make a page short although it is not the last: the next page has the rest."""
    share = asked.switches.short_pages
    if len(rows) > 1 and asked.luck.falls("short", share):
        return rows[: 1 + int(asked.luck("how short") * (len(rows) - 1))]
    return rows


def _rows(asked: Asked, numbers: list[int]) -> tuple[Sequence[object], list[str]]:
    """The rows of a page, and the fields that some of them lack."""
    switches, world = asked.switches, asked.world
    if not (switches.null_shipping or switches.rate_206):
        kept = asked.sandbox.rows
        return kept.printed(world, numbers, switches.trims_search), []
    made = rows.made(world, numbers, switches.trims_search)
    for row in made:
        show(asked, row)
    return made, _leave_out(asked, made)


def _leave_out(asked: Asked, rows: list[Object]) -> list[str]:
    """Make the page partial: fields of some rows are absent or empty."""
    if not rows or not asked.luck.falls("206", asked.switches.rate_206):
        return []
    missing = [
        name
        for name in sorted(asked.switches.missing_fields)
        if asked.luck(f"lacks {name}") < 0.6
    ] or sorted(asked.switches.missing_fields)[:1]
    first = int(asked.luck("first lacking") * len(rows))
    for number, row in enumerate(rows):
        if number == first or asked.luck(f"row {number}") < 0.4:
            omit(row, missing, empty=asked.luck(f"empty {number}") < 0.5)
    return missing


def omit(row: Object, missing: list[str], *, empty: bool) -> None:
    """Leave fields out of an order: absent, or ``{}`` (``[]`` for a list)."""
    for name in missing:
        if not empty:
            row.pop(name, None)
        elif name in row:
            row[name] = [] if isinstance(row[name], list) else {}


def move(asked: Asked, numbers: list[int]) -> None:
    """Update an order of the window after making the page."""
    if numbers and asked.luck.falls("moves", asked.switches.moving):
        number = numbers[int(asked.luck("which moves") * len(numbers))]
        asked.world.change(order_id(asked.world.seed, number))
