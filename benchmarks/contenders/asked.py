"""What a contender is asked: its arguments, and the windows that it reads.

A search answers for 10 000 orders at most, so a year is read in windows of 31 days.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.sales import SELLER

PAGE_LIMIT = 51
WINDOW = timedelta(days=31)
YEAR = timedelta(days=366)
SEARCH = "orders/search"

Amount = tuple[object, ...]
"""Order id, total, paid, unit price and sale fee of one line of an order."""


def windows(end: datetime | None = None) -> Iterator[tuple[str, str]]:
    """The windows of a year up to now, oldest first, as the API takes them."""
    last = end or datetime.now(UTC)
    start = last - YEAR
    while start < last:
        until = min(start + WINDOW, last)
        yield (
            start.isoformat(timespec="milliseconds"),
            until.isoformat(timespec="milliseconds"),
        )
        start = until


def filters(start: str, end: str) -> dict[str, str]:
    """The parameters of a search of one window."""
    return {
        "seller": str(SELLER),
        "sort": "date_asc",
        "limit": str(PAGE_LIMIT),
        "order.date_last_updated.from": start,
        "order.date_last_updated.to": end,
    }


def answer(
    run: Callable[[str, Path], None], amounts: Callable[[Path], Iterable[Amount]]
) -> None:
    """Do what the command line asks: `run URL FOLDER` or `amounts FOLDER`."""
    if sys.argv[1] == "run":
        run(sys.argv[2], Path(sys.argv[3]))
        return
    for row in amounts(Path(sys.argv[2])):
        print(*row, sep="\t")
