"""Run config of landing/orders, and the metadata and check that it reports.

Not here: the asset (`landing.py`) and the reading itself (`sync/orders.py`).
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import dagster as dg

from pipeline.extraction.coverage import EVERY_ORDER, incomplete
from pipeline.extraction.windows import Range, whole_hours
from pipeline.landing.certificate import Certificate
from pipeline.mercadolibre.errors import MercadoLibreError
from pipeline.sync import orders, planning
from pipeline.sync.orders import OrdersRead
from pipeline.sync.project import Project
from pipeline.sync.run_record import describe

PLANNED_HOURS = 24 * 60
"""A run that reads at least this many hours also reports the plan."""

SHOWN_WINDOWS = 20

EVERY_WINDOW = dg.AssetCheckSpec(
    "every_window_is_complete",
    asset=["landing", "orders"],
    description="As many distinct orders landed as the search claimed to have, "
    "window by window; a short read is red, never green.",
)


class Wanted(dg.Config):
    """Which orders to read; by default the days of the run's partitions.

    Attributes:
        due: read what is due, seller by seller; ignores the partitions.
        start: from this instant of last update (ISO 8601), instead of the days.
        end: up to this instant.
    """

    due: bool = False
    start: str | None = None
    end: str | None = None


def span_of(context: dg.AssetExecutionContext, wanted: Wanted) -> Range | None:
    """The range to read; None for what is due, seller by seller."""
    if wanted.due:
        return None
    window = context.partition_time_window
    start = datetime.fromisoformat(wanted.start) if wanted.start else window.start
    end = datetime.fromisoformat(wanted.end) if wanted.end else window.end
    return whole_hours(start, end)


def planned(project: Project, span: Range | None) -> dict[str, Any]:
    """What `meli-sales plan` says, for a long run; empty for a short one.

    It costs one or two requests for each seller and month, too many for hourly runs.
    Empty too if a seller cannot be asked: the reading that follows says why, and an API
    that is down is not asked seller by seller.
    """
    ranges = [span] if span else orders.due_of_everyone(project)
    if sum(one.hours for one in ranges) < PLANNED_HOURS:
        return {}
    try:
        accounts = project.accounts()
    except MercadoLibreError:
        return {}
    plans = []
    for one in planning.plan(
        project.settings, accounts, span=span, now=project.run.started_at
    ):
        if one.failed:
            return {}
        plans.append(one)
    return planning.metadata(plans)


def metadata(project: Project, read: OrdersRead) -> dict[str, Any]:
    """The results of a reading, in numbers."""
    return {
        "windows": len(read.certificates),
        "windows_not_complete": len(incomplete(read.certificates)),
        "orders_in_windows": sum(
            row.inside_count
            for row in read.certificates
            if row.search_pass == EVERY_ORDER
        ),
        "details_read": read.details.landed,
        "requests": json.dumps(project.requests()),
    }


def proof(read: OrdersRead) -> dg.AssetCheckResult:
    """Whether every window is complete, with the first that are not."""
    red = incomplete(read.certificates)
    return dg.AssetCheckResult(
        check_name=EVERY_WINDOW.name,
        passed=not red,
        metadata={
            f"window {number}": describe(row)
            for number, row in enumerate(red[:SHOWN_WINDOWS], start=1)
        },
    )


def report_days(context: dg.AssetExecutionContext, read: OrdersRead) -> None:
    """Report each day that the run has read whole, with its number of orders."""
    counts = day_counts(read.certificates)
    for day in context.partition_keys:
        if day in counts:
            context.add_asset_metadata(_count(counts.pop(day)), partition_key=day)
    for day, count in sorted(counts.items()):
        context.log_event(
            dg.AssetMaterialization(
                context.asset_key, partition=day, metadata=_count(count)
            )
        )


def day_counts(certificates: Iterable[Certificate]) -> dict[str, int]:
    """How many orders certificates count of each day of last update.

    Leaves out a day that was not read from its start on, or not of every seller: a run
    before has read and counted it whole, or one to come does. Example: at 15:05 on the
    30th the lookback begins on the 28th at 15:00. The 29th and 30th are counted.
    """
    counts: dict[str, int] = {}
    begun: dict[str, set[int]] = {}
    sellers: set[int] = set()
    for row in certificates:
        if row.search_pass == EVERY_ORDER:
            day = f"{row.window_from:%Y-%m-%d}"
            counts[day] = counts.get(day, 0) + row.inside_count
            sellers.add(row.seller_id)
            if row.window_from.hour == 0:
                begun.setdefault(day, set()).add(row.seller_id)
    return {day: count for day, count in counts.items() if begun.get(day) == sellers}


def _count(orders: int) -> dict[str, int]:
    return {"dagster/partition_row_count": orders}
