"""What a sync costs on histories of different size: hourly, of nothing, and a rebuild.

`python -m benchmarks.growth [--orders 20000 200000] [--rounds 3] [--cache FOLDER]`
makes each history once, copies it, and runs syncs on the copies in turn: after so many
changes each, and after none. Prints the table of docs/performance.md.
"""

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.contenders.warehouse import environment
from benchmarks.history import History
from benchmarks.measuring import Cost, measure, median, serving, table
from benchmarks.stages import MARTS

HOURLY, NOTHING, REBUILD = "hourly", "nothing changed", "rebuild"


@dataclass
class Measured:
    """The costs of one kind of run on one history, and the CPU of its marts."""

    costs: list[Cost] = field(default_factory=list)
    stages: list[Mapping[str, float]] = field(default_factory=list)

    @property
    def marts(self) -> float:
        """Median CPU seconds of the marts and their checks."""
        return statistics.median(one.get(MARTS, 0.0) for one in self.stages)


class Copy:
    """A copy of a history with a server of its own; its syncs are measured."""

    def __init__(self, folder: Path, history: History, url: str) -> None:
        self.history = history
        self.measured: dict[str, Measured] = {}
        self._folder = folder
        self._url = url

    def change(self, count: int) -> None:
        """Change orders of the recent past, and add some."""
        with urllib.request.urlopen(f"{self._url}/changes?count={count}"):
            pass

    def run(self, command: str, kind: str | None = None) -> None:
        """Run a command of ours; measured as a kind, or not at all."""
        told = self._folder / "stages.json"
        cost = measure(
            [sys.executable, "-m", "benchmarks.stages", told, command],
            environment=environment(self._url, self._folder),
            log=self._folder / "log",
        )
        if kind is None:
            return
        measured = self.measured.setdefault(kind, Measured())
        measured.costs.append(cost)
        measured.stages.append(json.loads(told.read_text())["stages"])
        print(f"{self.history.count:>9,} {kind:16}{cost}", flush=True)


def kept_history(cache: Path, count: int) -> Path:
    """The folder of a history, which is made if the cache lacks it.

    It holds landed records only; the warehouse is made of them on the copy.
    """
    folder = cache / str(count)
    try:
        History.read(folder)
    except FileNotFoundError:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        cost = measure(
            [sys.executable, "-m", "benchmarks.history", folder, str(count)],
            log=folder / "log",
        )
        print(f"{count:>9,} landed in {cost.wall_seconds:.0f} s", flush=True)
    return folder


@contextmanager
def copied(folder: Path) -> Iterator[Copy]:
    """A copy of a history, and a server of the same orders."""
    history = History.read(folder)
    bounds = history.start.isoformat(), history.end.isoformat()
    server = [sys.executable, "-m", "benchmarks.server", str(history.count), *bounds]
    with (
        tempfile.TemporaryDirectory(prefix="meli-sales-growth-") as name,
        serving([*server, "--parcels", "--lazy"]) as url,
    ):
        shutil.copytree(folder / "data", Path(name) / "data")
        yield Copy(Path(name), history, url)


def grow(cache: Path, counts: Sequence[int], changes: int, rounds: int) -> str:
    """Run every kind on every history, by turns; returns the table."""
    folders = [kept_history(cache, count) for count in counts]
    with ExitStack() as stack:
        copies = [stack.enter_context(copied(folder)) for folder in folders]
        for one in copies:
            one.run("rebuild", REBUILD)
            one.run("sync")  # reads the hours since the history was made
        for _ in range(rounds):
            for one in copies:
                one.change(changes)
                one.run("sync", HOURLY)
            for one in copies:
                one.run("sync", NOTHING)
        return rows(copies)


def rows(copies: Sequence[Copy]) -> str:
    """The medians as a table, and the CPU as a ratio to the first history's."""
    found = []
    for kind in (HOURLY, NOTHING, REBUILD):
        first = median(copies[0].measured[kind].costs)
        for one in copies:
            measured = one.measured[kind]
            cost = median(measured.costs)
            found.append(
                [
                    kind,
                    f"{one.history.count:,}",
                    f"{cost.wall_seconds:.1f}",
                    f"{cost.cpu_seconds:.1f}",
                    f"{cost.peak_megabytes:.0f}",
                    f"{measured.marts:.1f}",
                    f"{measured.marts / cost.cpu_seconds:.0%}",
                    f"{cost.cpu_seconds / first.cpu_seconds:.2f}",
                ]
            )
    head = ["sync", "orders", "wall s", "CPU s", "peak MB", "marts CPU s", "share"]
    return table([*head, "CPU : smallest"], found)


def main() -> None:
    """Read the arguments, run, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, nargs="+", default=[20_000, 200_000])
    parser.add_argument("--changes", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--cache",
        type=Path,
        default=Path(tempfile.gettempdir()) / "meli-sales-history",
        help="keeps histories between runs",
    )
    asked = parser.parse_args()
    print(grow(asked.cache, asked.orders, asked.changes, asked.rounds))


if __name__ == "__main__":
    main()
