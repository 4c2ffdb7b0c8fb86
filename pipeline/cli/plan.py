"""`plan`: what a sync will request and how long it takes.

Not here: the estimate (`sync/planning.py`).
"""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import polars as pl

from pipeline.cli import terminal
from pipeline.cli.oneline import refusals
from pipeline.cli.terminal import counted
from pipeline.extraction.accounts import opened
from pipeline.extraction.reachability import answering
from pipeline.extraction.windows import Range
from pipeline.settings import Settings
from pipeline.sync.planning import SellerPlan, plan


def run(settings: Settings, span: Range | None) -> None:
    """Print requests by endpoint and seller, minutes and the time of the end.

    Raises:
        typer.Exit: 1 if a seller could not be planned; the others are shown.
    """
    now = datetime.now(UTC)
    with refusals():
        answering(settings, terminal.say)
        with opened(settings, notice=terminal.say) as accounts:
            plans = list(plan(settings, accounts, span=span, now=now))
    good = [one for one in plans if one.failed is None]
    if good:
        terminal.table(_table(good))
        _sum_up(good, now)
    for one in plans:
        if one.failed is not None:
            terminal.say(f"seller {one.seller_id}: {one.failed}")
    if len(good) < len(plans):
        terminal.fail(
            "not every seller could be planned; `meli-sales doctor` looks closer"
        )


def _table(plans: Sequence[SellerPlan]) -> pl.DataFrame:
    """A row for each endpoint and two for the sums, a column for each seller."""
    endpoints = dict.fromkeys(name for one in plans for name in one.requests)
    return pl.DataFrame(
        {
            "requests": [*endpoints, "together", "least possible"],
            **{
                str(one.seller_id): [
                    *(one.requests.get(name, 0) for name in endpoints),
                    one.request_count,
                    one.least_count,
                ]
                for one in plans
            },
        }
    )


def _sum_up(plans: Sequence[SellerPlan], now: datetime) -> None:
    for one in plans:
        rest = one.hours - one.proven_hours
        terminal.line(
            f"seller {one.seller_id}: {counted(one.order_count, 'order')} in "
            f"{counted(one.hours, 'hour')}; {one.held_count:,} of them have landed, "
            f"not proven yet: {counted(rest, 'hour')} "
            f"(packs and shipments: {one.basis})"
        )
    requests = sum(one.request_count for one in plans)
    least = sum(one.least_count for one in plans)
    minutes = sum(one.minutes for one in plans)
    rates = sorted({f"{one.requests_per_minute:,.0f}" for one in plans})
    ends = (now + timedelta(minutes=minutes)).astimezone()
    terminal.line(
        f"{least:,} is the least possible for as many things: full pages of orders, "
        "the rest by its id once; each window proves its own end, which takes more"
    )
    terminal.line(
        f"{counted(requests, 'request')} at {' and '.join(rates)} a minute: "
        f"{time_taken(minutes)}, begun now, done at {ends:%Y-%m-%d %H:%M}. Nothing was "
        "fetched; `meli-sales sync` begins"
    )


def time_taken(minutes: float) -> str:
    """Minutes in words, rounded up."""
    if minutes < 1:
        return "less than a minute"
    whole = math.ceil(minutes)
    return f"{whole} minutes" if whole < 120 else f"{minutes / 60:.1f} hours"
