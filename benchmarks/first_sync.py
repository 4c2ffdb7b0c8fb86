"""Says which stage the CPU of a first sync goes to: ours whole, and ours core.

`python -m benchmarks.first_sync [--orders 20000]` prints the table of
docs/performance.md. Not here: how stages are told apart (`stages.py`).
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contenders.warehouse import environment
from benchmarks.end_to_end import served
from benchmarks.measuring import Cost, measure, table
from benchmarks.stages import CORE, PARTS, REST, STAGES, START


@dataclass(frozen=True)
class Spent:
    """What a sync took as a whole, and CPU seconds by stage and by part."""

    cost: Cost
    stages: Mapping[str, float]
    parts: Mapping[str, float]


def first_sync(url: str, *, is_core: bool) -> Spent:
    """Run a first sync into a new folder."""
    with tempfile.TemporaryDirectory(prefix="meli-sales-bench-") as name:
        folder = Path(name)
        told = folder / "stages.json"
        command = [CORE, url, folder] if is_core else ["sync"]
        cost = measure(
            [sys.executable, "-m", "benchmarks.stages", told, *command],
            environment=environment(url, folder),
            log=folder / "log",
        )
        found = json.loads(told.read_text())
    return Spent(cost, found["stages"], found["parts"])


def rows(whole: Spent, core: Spent) -> str:
    """CPU seconds by stage, then by part."""
    both = (whole, core)
    found = [
        [name, *(f"{one.stages.get(name, 0.0):.1f}" for one in both)]
        for name in (START, *STAGES, REST)
    ]
    found.append(["whole process", *(f"{one.cost.cpu_seconds:.1f}" for one in both)])
    found += [
        [f"in threads: {name}", *(f"{one.parts.get(name, 0.0):.1f}" for one in both)]
        for name in PARTS
    ]
    return table(["CPU seconds", "whole", "core"], found)


def main() -> None:
    """Read the arguments, run both, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=20_000)
    asked = parser.parse_args()
    with served(asked.orders) as url:
        print(rows(first_sync(url, is_core=False), first_sync(url, is_core=True)))


if __name__ == "__main__":
    main()
