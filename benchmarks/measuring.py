"""Runs a program as a whole process and measures it: wall, CPU, memory.

CPU is user and system time with all its children; memory is the peak of the largest of
its processes, not their sum.
"""

import os
import statistics
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.server import READY

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Cost:
    """What one process took."""

    wall_seconds: float
    cpu_seconds: float
    peak_megabytes: float

    def __str__(self) -> str:
        """All three in a line."""
        return (
            f"{self.wall_seconds:7.1f} s wall{self.cpu_seconds:7.1f} s CPU"
            f"{self.peak_megabytes:6.0f} MB"
        )


class ProgramFailed(Exception):
    """A measured program ended with an error; the text is the end of its output."""


def measure(
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str] | None = None,
    log: Path | None = None,
) -> Cost:
    """Run a program to its end and measure it.

    Args:
        command: the program and its arguments; it runs in the repository's root.
        environment: variables besides those of this process that are not the product's.
        log: takes what the program prints.

    Raises:
        ProgramFailed: it ended with an error.
    """
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MELI_", "DAGSTER_"))
    }
    target = log or Path(os.devnull)
    with target.open("ab") as output:
        began = time.perf_counter()
        program = subprocess.Popen(
            [str(part) for part in command],
            cwd=ROOT,
            env={**inherited, **(environment or {})},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        _, status, used = os.wait4(program.pid, 0)
        wall = time.perf_counter() - began
        program.returncode = os.waitstatus_to_exitcode(status)
    if program.returncode:
        said = target.read_text(errors="replace")[-2_000:] if log else ""
        raise ProgramFailed(f"{command}: exit code {program.returncode}\n{said}")
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def median(costs: Sequence[Cost]) -> Cost:
    """The median of each figure by itself."""
    return Cost(
        statistics.median(one.wall_seconds for one in costs),
        statistics.median(one.cpu_seconds for one in costs),
        statistics.median(one.peak_megabytes for one in costs),
    )


@contextmanager
def serving(command: Sequence[str | Path]) -> Iterator[str]:
    """The address of a server that lives as long as the block."""
    server = subprocess.Popen(
        [str(part) for part in command], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        yield server.stdout.readline().removeprefix(READY).strip()
    finally:
        server.terminate()
        server.wait()


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A markdown table, as docs/performance.md has them."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
