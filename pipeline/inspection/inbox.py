"""The inbox of notifications as `status` and `doctor` see it; writes nothing into it.

Not here: what it is (`notifications/inbox.py`).
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.extraction.reachability import Diagnosis, ok, warn
from pipeline.notifications.inbox import Inbox, InboxState

WAITS_AT_MOST = timedelta(hours=3)
"""The hourly sync follows what waits, and one that is not there is given up after an
hour: what waits longer is followed by nobody."""


def inbox_state(data_dir: Path, now: datetime) -> InboxState | None:
    """What waits; None where nobody has listened, or the inbox cannot be read."""
    with contextlib.suppress(sqlite3.Error):
        return _state(data_dir, now)
    return None


def _state(data_dir: Path, now: datetime) -> InboxState | None:
    if (inbox := Inbox.existing(data_dir)) is None:
        return None
    with inbox:
        return inbox.state(now)


def words(state: InboxState) -> str:
    """An inbox in a line: what waits since when, and what was dropped for which reason.

    For example `2 waiting, the oldest since 2026-03-02 10:15 UTC; not acted on: 1
    topic not taken`.
    """
    waiting = f"{state.waiting:,} waiting" if state.waiting else "nothing waits"
    if state.oldest:
        waiting += f", the oldest since {state.oldest:%Y-%m-%d %H:%M} UTC"
    dropped = ", ".join(f"{count:,} {why}" for why, count in state.dropped.items())
    return f"{waiting}; not acted on: {dropped}" if dropped else waiting


def look(data_dir: Path) -> Iterator[Diagnosis]:
    """Whether what waits is followed; says nothing where nobody has listened."""
    now = datetime.now(UTC)
    try:
        state = _state(data_dir, now)
    except sqlite3.Error as fault:
        yield warn(
            "notifications",
            f"the inbox cannot be read ({fault})",
            "restart `meli-sales listen`, which sets it aside; no order is lost by it",
        )
        return
    if state is None:
        return
    if state.oldest and now - state.oldest > WAITS_AT_MOST:
        yield warn(
            "notifications",
            words(state),
            "run `meli-sales sync` every hour, or keep `meli-sales ui` running",
        )
    else:
        yield ok("notifications", words(state))
