"""What a sync costs that changes nothing, after so many days of hourly syncs.

`python -m benchmarks.hours [--sellers 1 50] [--days 1 180] [--rounds 3]` prints the
table of docs/performance.md. What grows with every hour, whatever is sold, are the
certificates: the sellers here have no orders. Not here: how a sync grows with orders
(`growth.py`).
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.contenders.warehouse import environment
from benchmarks.measuring import Cost, measure, median, serving, table
from benchmarks.sales import SELLER
from pipeline.extraction.coverage import CANCELLED, EVERY_ORDER, RETENTION
from pipeline.extraction.windows import DAY, HOUR, Range, floor_hour, plan
from pipeline.landing import certificate, files
from pipeline.landing.certificate import Certificate

LOOKBACK = 48 * HOUR
QUIET = timedelta(hours=2)
"""The last sync is so long ago that the next one has hours to read."""


def certificates(day: datetime, sellers: int) -> Iterator[Certificate]:
    """What 24 hourly syncs of a day leave: each seller's last 48 hours, in both passes.

    Plain search is read by days, and what is cancelled counted over all at once.
    """
    for hour in range(24):
        end = day + hour * HOUR
        span = Range(end - LOOKBACK, end)
        for seller in range(SELLER, SELLER + sellers):
            for window in plan([span]):
                yield given(seller, EVERY_ORDER, window, end)
            yield given(seller, CANCELLED, span, end)


def given(seller: int, search_pass: str, window: Range, at: datetime) -> Certificate:
    """A certificate of hours without orders, given six minutes after an hour's end."""
    return Certificate(
        seller_id=seller,
        search_pass=search_pass,
        window_from=window.start,
        window_to=window.end,
        checked_at=at + timedelta(minutes=6),
        closed_to=at,
        total_before=0,
        total_after=0,
        order_count=0,
        inside_count=0,
        duplicate_count=0,
        page_count=1,
        request_count=1,
        run_id=f"{at:%Y%m%dT%H}0500",
        verdict="complete",
        reason=None,
    )


def land(landing: Path, sellers: int, days: int, until: datetime) -> int:
    """Land the certificates of so many days, a file a day; returns how many."""
    first = until.replace(hour=0) - days * DAY
    year = Range(until - RETENTION, first)
    before = [
        given(seller, name, year, first)
        for seller in range(SELLER, SELLER + sellers)
        for name in (EVERY_ORDER, CANCELLED)
    ]
    count = 0
    for number in range(days):
        day = first + number * DAY
        rows = certificate.frame([*before, *certificates(day, sellers)])
        path = landing / files.WINDOWS / f"date={day:%Y-%m-%d}" / "hours.parquet"
        files.write(rows.sort("checked_at"), path)
        before, count = [], count + rows.height
    return count


def measured(sellers: int, days: int, rounds: int) -> tuple[int, Cost]:
    """The certificates landed, and the median cost of a sync after them."""
    now = datetime.now(UTC)
    server = [sys.executable, "-m", "benchmarks.server", "0", now.isoformat()]
    with (
        tempfile.TemporaryDirectory(prefix="meli-sales-hours-") as name,
        serving([*server, now.isoformat()]) as url,
    ):
        folder = Path(name)
        landing = folder / "data" / "landing"
        count = land(landing, sellers, days, floor_hour(now) - QUIET)
        numbers = map(str, range(SELLER, SELLER + sellers))
        variables = {**environment(url, folder), "MELI_SELLER_IDS": ",".join(numbers)}
        command = [sys.executable, "-m", "pipeline.cli.main", "sync"]
        costs = [
            measure(command, environment=variables, log=folder / "log")
            for _ in range(rounds + 2)  # the first loads, the second reads what is due
        ]
    return count, median(costs[2:])


def main() -> None:
    """Read the arguments, measure, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sellers", type=int, nargs="+", default=[1, 50])
    parser.add_argument("--days", type=int, nargs="+", default=[1, 180])
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    rows = []
    for sellers in asked.sellers:
        for days in asked.days:
            count, cost = measured(sellers, days, asked.rounds)
            rows.append(
                [
                    sellers,
                    days,
                    f"{count:,}",
                    f"{cost.wall_seconds:.1f}",
                    f"{cost.cpu_seconds:.1f}",
                    f"{cost.peak_megabytes:.0f}",
                ]
            )
            print(*rows[-1], flush=True)
    head = ["sellers", "days", "certificates", "wall s", "CPU s", "peak MB"]
    print(table(head, rows))


if __name__ == "__main__":
    main()
