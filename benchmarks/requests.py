"""What a request costs, in CPU: of the client beside bare httpx, and of the sandbox.

`python -m benchmarks.requests` asks for small answers (three times each, the median).
`python -m benchmarks.requests pace` sends at 1 500 a minute for a minute, with 100 ms
of latency. `python -m benchmarks.requests sandbox` asks a sandbox of 2 000 orders for
everything once. No test: figures move with the machine, so compare ratios of one run.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx

from pipeline.mercadolibre.budget import Budget
from pipeline.mercadolibre.client import MercadoLibre
from pipeline.mercadolibre.connection import connect
from pipeline.mercadolibre.tokens import StaticToken

TOKEN = "APP_USR-sandbox"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ORDERS = 2_000
REQUESTS = 1_000
_SERVING = """
import sys
from datetime import datetime
from pipeline.sandbox.server.server import run
from pipeline.sandbox.server.switches import Switches
from pipeline.sandbox.world.world import World
world = World(int(sys.argv[1]), now=datetime.fromisoformat(sys.argv[2]))
ready = lambda url: print(url, flush=True)
run(world, Switches(latency_seconds=float(sys.argv[3])), on_ready=ready)
"""


@contextmanager
def served(latency: float = 0.0) -> Iterator[tuple[str, int]]:
    """A sandbox as its own process: its address and the number of the process."""
    arguments = [str(ORDERS), NOW.isoformat(), str(latency)]
    with subprocess.Popen(
        [sys.executable, "-c", _SERVING, *arguments], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip(), process.pid
        finally:
            process.terminate()


def spent_by(process: int) -> float:
    """CPU seconds of another process so far, over all its threads (Linux)."""
    threads = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(one.read_text().split()[0]) for one in threads) / 1e9


def asking(threads: int, ask: Callable[[int], object]) -> float:
    """Microseconds of CPU that this process spends on a request."""
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(ask, range(threads * 4)))
        began = time.process_time()
        list(pool.map(ask, range(REQUESTS)))
        return (time.process_time() - began) / REQUESTS * 1e6


def opened(url: str, budget: Budget) -> MercadoLibre:
    """A client of the sandbox."""
    return connect(base_url=url, tokens=StaticToken(TOKEN), budget=budget)


def clients() -> None:
    """Our client beside bare httpx, with one and with eight threads."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with served() as (url, _), httpx.Client(base_url=url, headers=headers) as bare:
        for threads in (1, 8):
            with opened(url, Budget(1e9, threads)) as ours:
                measured = [
                    (
                        asking(threads, lambda _: ours.user()),
                        asking(threads, lambda _: bare.get("/users/me").content),
                    )
                    for _ in range(3)
                ]
            mine, theirs = (
                statistics.median(ones) for ones in zip(*measured, strict=True)
            )
            print(
                f"{threads} threads: ours {mine:5.0f} us a request, "
                f"httpx {theirs:5.0f} us, ratio {mine / theirs:.2f}"
            )


def pace() -> None:
    """A budget of 1 500 a minute against answers that take 100 ms."""
    with served(latency=0.1) as (url, _), opened(url, Budget(1_500, 8)) as ours:
        began, processor = time.perf_counter(), time.process_time()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: ours.user(), range(1_500)))
        seconds = time.perf_counter() - began
        share = (time.process_time() - processor) / seconds
        print(
            f"1 500 requests in {seconds:.1f} s: {1_500 / seconds * 60 / 1_500:.0%} of "
            f"the budget, {share:.3f} of a core"
        )


def sandbox() -> None:
    """What the sandbox spends on an answer of each kind, asked once and again."""
    headers = {"Authorization": f"Bearer {TOKEN}", "x-format-new": "true"}
    with (
        served() as (url, process),
        httpx.Client(base_url=url, headers=headers) as http,
    ):
        sellers = [one["id"] for one in http.get("/sandbox").json()["sellers"]]
        searches = list(_days(sellers))
        rows = [row for path in searches for row in http.get(path).json()["results"]]
        for kind, paths in _kinds(searches, rows, sellers).items():
            before = spent_by(process)
            for path in paths:
                http.get(path)
            each = (spent_by(process) - before) / len(paths) * 1e6
            print(f"{kind:<24}{len(paths):6} requests {each:8.0f} us each")
        print(f"{'all, with its start':<24}{spent_by(process):24.2f} s")


def _days(sellers: Iterable[int]) -> Iterator[str]:
    for seller, day in product(sellers, range(365)):
        start = NOW - timedelta(days=day + 1)
        yield "/orders/search?" + urlencode(
            {
                "seller": seller,
                "order.date_last_updated.from": start.isoformat(),
                "order.date_last_updated.to": (start + timedelta(days=1)).isoformat(),
                "limit": 51,
            }
        )


def _kinds(
    searches: list[str], rows: list[dict[str, Any]], sellers: list[int]
) -> dict[str, list[str]]:
    packs = {row["pack_id"] for row in rows} - {None}
    shipments = {row["shipping"]["id"] for row in rows} - {None}
    offsets = range(0, ORDERS // 3, 51)
    return {
        "search of a day": searches,
        "search, 51 orders": [
            f"/orders/search?seller={sellers[0]}&offset={offset}&limit=51"
            for offset in offsets
        ],
        "order": [f"/orders/{one}" for one in dict.fromkeys(row["id"] for row in rows)],
        "pack": [f"/packs/{one}" for one in sorted(packs)],
        "shipment": [f"/shipments/{one}" for one in sorted(shipments)],
        "costs": [f"/shipments/{one}/costs" for one in sorted(shipments)],
        "user": ["/users/me"] * 500,
    }


if __name__ == "__main__":
    {"": clients, "pace": pace, "sandbox": sandbox}["".join(sys.argv[1:])]()
