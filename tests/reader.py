"""Readers of the published warehouse, as a process: they ask all the time.

`python -m tests.reader FOLDER READERS` reads until its standard input ends, then prints
as JSON how often, and what went wrong: an error, or figures that no publication has.
"""

import json
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import duckdb

from pipeline.warehouse.publish import LINK_NAME
from pipeline.warehouse.read import connect_published

PAUSE_SECONDS = 2.0

_FIGURES = """
select
    (select count(*) from core.orders),
    (select count(*) from marts.orders),
    (select bit_xor(hash(order_id, order_status)) from core.orders),
    (select bit_xor(hash(order_id, order_status)) from marts.orders),
    (select count(*) from ops.published)
"""

Open = Callable[[Path], AbstractContextManager[duckdb.DuckDBPyConnection]]


def as_a_tool(folder: Path) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    """The published file, as any tool with DuckDB in it opens it."""
    return duckdb.connect(str(folder / LINK_NAME), read_only=True)


class Reader(threading.Thread):
    """Reads again and again until ``over``; `count` times so far."""

    def __init__(self, folder: Path, opens: Open, over: threading.Event) -> None:
        super().__init__(daemon=True)
        self.count = 0
        self.wrong: list[str] = []
        self._folder, self._opens, self._over = folder, opens, over
        self._most_orders = 0

    def run(self) -> None:
        """Read, judge, pause."""
        while not self._over.wait(PAUSE_SECONDS):
            try:
                with self._opens(self._folder) as connection:
                    (row,) = connection.execute(_FIGURES).fetchall()
            except Exception as error:  # noqa: BLE001 - whatever it is, a reader saw it
                self.wrong.append(f"{type(error).__name__}: {error}")
                continue
            self.count += 1
            self._judge(*row)

    def _judge(
        self, orders: int, of_mart: int, sums: int, sum_of_mart: int, published: int
    ) -> None:
        if (orders, sums) != (of_mart, sum_of_mart) or published != 1:
            self.wrong.append(f"half a publication: {orders} and {of_mart} orders")
        if orders < self._most_orders:
            self.wrong.append(f"{orders} orders after {self._most_orders}")
        self._most_orders = max(orders, self._most_orders)


def main() -> None:
    """Read with several threads, every other one as a foreign tool."""
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    over = threading.Event()
    opens = (connect_published, as_a_tool)
    readers = [Reader(folder, opens[n % 2], over) for n in range(count)]
    for one in readers:
        one.start()
    sys.stdin.read()
    over.set()
    for one in readers:
        one.join()
    told = {
        "counts": [one.count for one in readers],
        "wrong": [line for one in readers for line in one.wrong],
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
