"""Races contenders from an empty folder to a loaded year of orders.

`python -m benchmarks.end_to_end [--orders 20000] [--rounds 3] [--only NAME ...]` serves
the same pages to all, runs them in turn, each as a process of its own, and prints the
medians as the table of docs/performance.md. Without `--peers` only ours and the floor.
"""

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from benchmarks import exactness
from benchmarks.environments import python_of
from benchmarks.exactness import Loaded
from benchmarks.measuring import Cost, ProgramFailed, measure, median, serving, table

YEAR = timedelta(days=363)
SETTLED = timedelta(days=2)
"""No order is younger, so that no contender reads an hour that is not over."""


@dataclass(frozen=True)
class Contender:
    """A program that reads the orders; without a group it runs in the product's."""

    name: str
    module: str
    words: str
    group: str | None = None

    @property
    def python(self) -> Path:
        """The Python that runs it."""
        return python_of(self.group) if self.group else Path(sys.executable)


@dataclass
class Results:
    """What a contender took, run by run, and what it had loaded last."""

    name: str
    costs: list[Cost] = field(default_factory=list)
    loaded: Loaded = field(default_factory=lambda: Loaded(0, 0, 0, 0, Decimal(0)))

    def __str__(self) -> str:
        """The last run in a line."""
        cost, found = self.costs[-1], self.loaded
        return (
            f"{self.name:8} {cost}, {found.orders:,} orders, "
            f"{found.lost} lost, money {found.money}"
        )


_QUICK = (
    Contender("whole", "whole", "ours, whole sync"),
    Contender("core", "core", "ours, core only"),
    Contender("floor", "floor", "floor", "bench-floor"),
)
_PEERS = (
    Contender("dlt", "dlt_rest_api", "dlt `rest_api`", "bench-dlt"),
    Contender("airbyte", "airbyte_declarative", "Airbyte CDK", "bench-airbyte"),
    Contender("singer", "singer_tap", "Singer SDK", "bench-singer"),
)


def served(orders: int) -> AbstractContextManager[str]:
    """A server of a year of orders; gives its address."""
    now = datetime.now(UTC)
    bounds = (now - YEAR).isoformat(), (now - SETTLED).isoformat()
    return serving([sys.executable, "-m", "benchmarks.server", str(orders), *bounds])


def race(contenders: Sequence[Contender], orders: int, rounds: int) -> str:
    """Run the contenders in turn; returns the table."""
    results = {one.name: Results(one.name) for one in contenders}
    pythons = {one.name: one.python for one in contenders}
    with served(orders) as url:
        for number in range(rounds):
            for one in contenders:
                try:
                    run(one, pythons[one.name], url, orders, results[one.name])
                except ProgramFailed as failure:
                    print(f"round {number + 1}: {one.name} failed: {failure}")
                    continue
                print(f"round {number + 1}: {results[one.name]}", flush=True)
    return tables([one for one in contenders if results[one.name].costs], results)


def run(
    contender: Contender, python: Path, url: str, orders: int, results: Results
) -> None:
    """Run one contender in a new folder, and compare what it has loaded."""
    module = f"benchmarks.contenders.{contender.module}"
    with tempfile.TemporaryDirectory(prefix="meli-sales-bench-") as name:
        folder = Path(name) / "run"
        folder.mkdir()
        log = Path(name) / "log"
        results.costs.append(
            measure([python, "-m", module, "run", url, folder], log=log)
        )
        results.loaded = exactness.loaded(python, module, folder, orders)


def tables(contenders: Sequence[Contender], results: Mapping[str, Results]) -> str:
    """The medians as a table, with CPU as a ratio to ours whole and ours core."""
    medians = {one.name: median(results[one.name].costs) for one in contenders}
    rows = []
    for one in contenders:
        cost, found = medians[one.name], results[one.name].loaded
        rows.append(
            [
                one.words,
                f"{cost.wall_seconds:.1f}",
                f"{cost.cpu_seconds:.1f}",
                f"{cost.peak_megabytes:.0f}",
                *(
                    _ratio(medians[to], cost) if to in medians else "–"
                    for to in ("whole", "core")
                ),
                f"{found.orders:,}",
                found.lost,
                found.money,
            ]
        )
    head = ["", "wall s", "CPU s", "peak MB", "whole : it", "core : it"]
    return table([*head, "orders", "lost", "money"], rows)


def _ratio(ours: Cost, other: Cost) -> str:
    return f"{ours.cpu_seconds / other.cpu_seconds:.2f}"


def main() -> None:
    """Read the arguments, race, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", action="store_true", help="all contenders")
    parser.add_argument("--only", nargs="+", help="these contenders", default=[])
    asked = parser.parse_args()
    everyone = (*_QUICK, *_PEERS)
    chosen: Sequence[Contender] = everyone if asked.peers else _QUICK
    if asked.only:
        chosen = [one for one in everyone if one.name in asked.only]
    print(race(chosen, asked.orders, asked.rounds))


if __name__ == "__main__":
    main()
