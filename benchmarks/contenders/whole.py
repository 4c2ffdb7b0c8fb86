"""Ours whole: `meli-sales sync` with Dagster, marts, checks and publication."""

import os
import sys
from pathlib import Path

from benchmarks.contenders.asked import answer
from benchmarks.contenders.warehouse import amounts, environment


def run(url: str, folder: Path) -> None:
    """Become the command itself; it reads what is due: a year."""
    command = [sys.executable, "-m", "pipeline.cli.main", "sync"]
    os.execve(sys.executable, command, {**os.environ, **environment(url, folder)})


if __name__ == "__main__":
    answer(run, amounts)
