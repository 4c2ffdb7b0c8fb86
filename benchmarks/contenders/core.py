"""Ours, core only: fetches, lands, loads and certifies; no Dagster, no marts."""

import os
from pathlib import Path

from benchmarks.contenders.asked import answer
from benchmarks.contenders.warehouse import amounts, environment


def run(url: str, folder: Path) -> None:
    """Read what is due, a year, and load it with its certificates."""
    from pipeline import settings
    from pipeline.sync import loading, orders
    from pipeline.sync.project import Project

    os.environ.update(environment(url, folder))
    with Project(settings.read()) as project:
        orders.orders(project, None)
        loading.load(project, ["windows"])
        problems = project.run.problems
        red = [one for one in project.run.certificates if one.verdict != "complete"]
    if problems or red:
        raise SystemExit(f"not proven: {problems} {red[:3]}")


if __name__ == "__main__":
    answer(run, amounts)
