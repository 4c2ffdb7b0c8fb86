"""Publishes first figures while a long run still asks for details.

A first sync of 20,000 orders has read them all in minutes, then asks an hour for packs,
shipments and costs. It publishes before that what the orders say themselves, and again
as details come. `completeness` in `marts.orders` says what is still pending, and the
run is complete only with its last publication. Not here: that one (`project.py`).
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pipeline.sync.loading import load
from pipeline.sync.project import Project
from pipeline.sync.publishing import record
from pipeline.sync.resources import OF_RUNS, RESOURCES
from pipeline.warehouse.check import CheckOutcome
from pipeline.warehouse.files import tables
from pipeline.warehouse.refresh import check_changed, refresh_all

if TYPE_CHECKING:
    import duckdb

WORTH_MINUTES = 2.0
"""What is asked in less time is waited for."""

PART_MINUTES = 10.0
"""How long a run asks for details before it may publish again."""

SHARE = 20
"""Publishing early takes at most one part in so many of a run's time."""


def parts(
    project: Project, things: Sequence[Any], before: Callable[[], object]
) -> Iterator[Sequence[Any]]:
    """Cut what is asked for into parts; publish what is held before those that may be.

    ``before`` is done before a publication. With 1,500 requests a minute, 40,000
    shipments are three parts of 15,000, 15,000 and 10,000. The first one comes after
    figures from orders, the others after figures with the shipments of those before,
    if publishing takes less than half a minute; else the run asks on for longer.
    """
    pace = project.settings.requests_per_minute
    size = max(1, int(pace * PART_MINUTES))
    for start in range(0, len(things), size):
        left = len(things) - start
        if left > pace * WORTH_MINUTES and _may_publish(project):
            began, project.run.quiet_until = time.monotonic(), math.inf
            before()
            if _publish(project):
                project.notice(
                    f"first figures are published; {left:,} requests follow, about "
                    f"{left / pace:,.0f} min"
                )
            ended = time.monotonic()
            project.run.quiet_until = ended + (ended - began) * SHARE
        yield things[start : start + size]


def _may_publish(project: Project) -> bool:
    """Whether it is time, and people lose nothing by it.

    A warehouse that is loaded anew holds less than the one that they read. A run that
    follows notifications is short.
    """
    return (
        not project.is_anew
        and project.pointed is None
        and time.monotonic() >= project.run.quiet_until
    )


def _publish(project: Project) -> bool:
    """Load what has landed, build every mart, publish; False if a claim is broken.

    The steps that follow find the claim broken too, and say so.
    """
    load(project, [*RESOURCES, *OF_RUNS])
    record(project)
    if any(outcome.is_broken for outcome in _outcomes(project.warehouse())):
        return False
    project.publish(is_last=False)
    return True


def _outcomes(connection: "duckdb.DuckDBPyConnection") -> Iterator[CheckOutcome]:
    """What is found of the claims of every table, each mart being built first."""
    for loaded in tables():
        if loaded.schema != "marts":
            yield from check_changed(connection, loaded)
    for _, refreshed in refresh_all(connection):
        yield from refreshed.outcomes if refreshed else ()
