"""`status`: what is proven, what is missing and what waits, seller by seller.

Not here: reading the state (`inspection/status.py`).
"""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec
import polars as pl

from pipeline.cli import terminal
from pipeline.cli.oneline import refusals
from pipeline.extraction.windows import HOUR, Range
from pipeline.inspection import inbox
from pipeline.inspection.status import (
    FolderStatus,
    Pending,
    SellerStatus,
    folder_status,
)
from pipeline.settings import Settings
from pipeline.sync.data_folder import DEMO_MARKER

_BEHIND = "older than what has landed: the last run ended without publishing"


def run(settings: Settings, form: Literal["table", "json"]) -> None:
    """Print the state of the data folder; sends no request."""
    with refusals():
        found = folder_status(settings, datetime.now(UTC))
    if form == "json":
        terminal.write(terminal.json(as_json(found)))
        return
    _print(found)


def as_json(found: FolderStatus) -> dict[str, Any]:
    """The same for a machine; instants are ISO 8601 in UTC, spans are in seconds."""
    run = found.last_run
    return {
        "data_dir": str(found.data_dir),
        "now": found.now,
        "held_by": found.holder,
        "is_interrupted": found.is_interrupted,
        "published_at": found.published_at,
        "is_behind": found.is_behind,
        "lost_files": found.lost,
        "warehouse_note": found.published.note,
        "notifications": asdict(found.inbox) if found.inbox else None,
        "last_run": run._asdict() | {"requests": msgspec.json.decode(run.requests)}
        if run
        else None,
        "sellers": [_seller(one) for one in found.sellers],
        "quarantine": [asdict(one) for one in found.published.quarantine or ()],
        "refused": [asdict(one) for one in found.published.refused],
        "dayless_sales": [asdict(one) for one in found.published.dayless],
        "fraud_risks": [asdict(one) for one in found.published.fraud_risks],
        "expiring_orders": [asdict(one) for one in found.published.expiring],
    }


def _seller(one: SellerStatus) -> dict[str, Any]:
    return {
        "seller_id": one.seller_id,
        "is_read": one.is_read,
        "token": one.token,
        "last_complete_hour": one.complete_until and one.complete_until - HOUR,
        "complete_until": one.complete_until,
        "lag_seconds": None if one.lag is None else int(one.lag.total_seconds()),
        "windows_not_complete": [
            {
                "pass": red.search_pass,
                "window_from": red.window.start,
                "window_to": red.window.end,
                "verdict": red.verdict,
                "reason": red.reason,
            }
            for red in one.red
        ],
        "gaps": [asdict(gap) for gap in one.gaps],
        "quarantined_count": one.quarantined_count,
        "pending_shipments": asdict(one.pending) if one.pending else None,
    }


def _print(found: FolderStatus) -> None:
    _line("data folder", str(found.data_dir))
    _line("in use", f"by {found.holder}" if found.holder else "no")
    if found.is_empty:
        _line("last run", "none: nothing has been read yet; run `meli-sales sync`")
    else:
        _line("last run", _last_run(found))
    if found.is_interrupted:
        _line("", "a run stopped half way: the next sync continues from there")
    _line("published", _moment(found.published_at) or "nothing yet")
    if found.is_behind:
        _line("", f"{_BEHIND}; `meli-sales doctor` says what to do")
    if found.published.note:
        _line("", found.published.note)
    if found.inbox:
        _line("notified", inbox.words(found.inbox))
    if found.sellers:
        is_demo = (found.data_dir / DEMO_MARKER).exists()
        terminal.table(pl.DataFrame([_row(one, is_demo) for one in found.sellers]))
        terminal.line(
            "No order updated before the hour that a seller is complete to can be "
            "missing."
        )
        if not is_demo and any(
            one.is_read and one.token == "none"  # noqa: S105
            for one in found.sellers
        ):
            terminal.line("Without a token nothing is read: run `meli-sales login`.")
        if not all(one.is_read for one in found.sellers):
            terminal.line("“not read”: the account is not in MELI_SELLER_IDS.")
        _print_shipments([one.pending for one in found.sellers if one.pending])
    else:
        _line("sellers", "none known: set MELI_SELLER_IDS or run `meli-sales login`")
    _list("do not ship", [str(one) for one in found.published.fraud_risks])
    _list("not paid yet", [str(one) for one in found.published.expiring])
    _list("lost (the next sync reads again what was in them)", list(found.lost))
    _list("windows not complete (the next sync reads them again)", _unproven(found))
    _list(
        "in quarantine (`meli-sales retry` reads them again with today's code)",
        [
            f"seller {one.seller_id}, {one.resource}: {one.record_count:,} such as "
            f"{one.sample_resource_id}: {one.reason}"
            for one in found.published.quarantine or ()
        ],
    )
    _list(
        "refused by Mercado Libre (asked for again as they age)",
        [str(one) for one in found.published.refused],
    )
    _list(
        "sales in no table of days or months",
        [str(one) for one in found.published.dayless],
    )


def _last_run(found: FolderStatus) -> str:
    run = found.last_run
    if run is None:
        return "none has ended yet"
    requests = sum(msgspec.json.decode(run.requests, type=dict[str, int]).values())
    took = timedelta(seconds=(run.finished_at - run.started_at) // timedelta(seconds=1))
    return (
        f"{run.asked}, {_moment(run.started_at)}, took {took}, "
        f"{terminal.counted(requests, 'request')}: {run.outcome}"
    )


def _row(one: SellerStatus, is_demo: bool) -> dict[str, Any]:
    return {
        "seller_id": one.seller_id,
        "complete to (UTC)": f"{one.complete_until:%Y-%m-%d %H:%M}"
        if one.complete_until
        else "nothing yet",
        "lag": lag_words(one.lag),
        "unproven": len(one.red) + len(one.gaps),
        "quarantine": one.quarantined_count,
        "token": _token(one, is_demo),
    }


def _token(one: SellerStatus, is_demo: bool) -> str:
    if not one.is_read:
        return "not read"
    return "sandbox" if is_demo else one.token


def _print_shipments(pending: list[Pending]) -> None:
    if not pending:
        return
    absent = sum(one.absent_count for one in pending)
    moving = sum(one.moving_count for one in pending)
    missing = sum(one.missing_count for one in pending)
    _line(
        "shipments",
        f"{absent:,} to fetch, {moving:,} on the way (fetched again until they "
        f"arrive), {missing:,} that Mercado Libre does not find (404)",
    )


def _unproven(found: FolderStatus) -> list[str]:
    return [
        line
        for seller in found.sellers
        for line in (
            *(
                f"seller {red.seller_id}, {red.search_pass}, {_span(red.window)}: "
                f"{red.verdict}: {red.reason}"
                for red in seller.red
            ),
            *(
                f"seller {seller.seller_id}, {_span(gap)}: not read yet"
                for gap in seller.gaps
            ),
        )
    ]


def _line(name: str, words: str) -> None:
    terminal.line(f"{name:<12} {words}")


def _list(title: str, lines: list[str]) -> None:
    if not lines:
        return
    terminal.line(f"{title}:")
    terminal.listed(lines, "more: --format json")


def _span(window: Range) -> str:
    return f"{window.start:%Y-%m-%dT%H:%M}Z to {window.end:%Y-%m-%dT%H:%M}Z"


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else ""


def lag_words(lag: timedelta | None) -> str:
    """A lag in words; empty without one."""
    if lag is None:
        return ""
    hours = lag / HOUR
    return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} days"
