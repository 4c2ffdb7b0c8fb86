"""Dates look as the documents show them, by a clock that tests hold."""

from datetime import UTC, datetime, timedelta

from pipeline.sandbox.world.clock import (
    Clock,
    index_stamp,
    midnight,
    milliseconds,
    pack_stamp,
    stamp,
)

AT = datetime(2026, 3, 2, 14, 15, 4, 512_000, tzinfo=UTC)
SECOND = milliseconds(AT) // 1000


def test_every_kind_of_date_looks_as_documented() -> None:
    assert [
        stamp(SECOND), stamp(SECOND, -3), stamp(SECOND, -4, 477), pack_stamp(SECOND),
        index_stamp(milliseconds(AT)), midnight(SECOND, -3), midnight(SECOND, 2),
    ] == [
        "2026-03-02T10:15:04.000-04:00", "2026-03-02T11:15:04.000-03:00",
        "2026-03-02T10:15:04.477-04:00", "2026-03-02T10:15:04.000-0400",
        "2026-03-02T14:15:04.512Z", "2026-03-02T00:00:00.000-03:00",
        "2026-03-02T00:00:00.000+02:00",
    ]  # fmt: skip


def test_a_clock_stands_until_it_is_set_or_runs_from_where_it_was() -> None:
    still, running = Clock(AT), Clock(AT, running=True)

    assert still.now == still.now == AT
    assert still.advance(timedelta(hours=1)) == AT + timedelta(hours=1)
    first = running.now
    assert AT <= first < running.now + timedelta(microseconds=1)
    running.now = AT + timedelta(days=1)
    assert running.now >= AT + timedelta(days=1)
