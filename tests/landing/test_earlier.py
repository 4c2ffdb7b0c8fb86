"""Earlier runs' records are read as they were landed, and no others."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.landing import earlier, files, journal
from pipeline.landing.earlier import LandedOrder
from pipeline.landing.record import Record
from pipeline.sync.resources import permissions
from tests.landing.conftest import NOON, certified
from tests.landing.conftest import record as order

SELLER = 700_100_200


def test_certificates_come_in_the_order_of_their_giving_by_utc_day(
    tmp_path: Path,
) -> None:
    late = certified(checked_at=NOON + timedelta(days=1))
    early = certified(checked_at=NOON)
    with journal.opened(tmp_path, "run", permissions()) as pages:
        pages.certify(late)
        pages.certify(early)
    assert list(earlier.certificates(tmp_path)) == [early, late]
    assert [path.split("/")[1] for path in files.listing(tmp_path, "windows")] == [
        "date=2026-08-15",
        "date=2026-08-16",
    ]


def test_a_run_that_never_said_done_is_known_to_its_successor(tmp_path: Path) -> None:
    assert earlier.unfinished_runs(tmp_path, "a") == []
    for run_id in ("b", "a", "c"):
        earlier.open_run(tmp_path, run_id)
    assert earlier.unfinished_runs(tmp_path, "c") == ["a", "b"]
    earlier.close_runs(tmp_path)
    assert earlier.unfinished_runs(tmp_path, "d") == []


def of_run(run_id: str, *records: Record) -> list[Record]:
    return [one._replace(run_id=run_id) for one in records]


def test_only_orders_that_a_search_of_the_runs_named_brought_are_told(
    tmp_path: Path,
) -> None:
    with journal.opened(tmp_path, "dead", permissions()) as pages:
        pages.add(
            of_run(
                "dead",
                order("1", payload='{"id": 1, "status": "cancelled"}'),
                order("2", payload=None, page_offset=None),
                order("3", search_pass=None),  # a detail
            )
        )
    with journal.opened(tmp_path, "dead2", permissions()) as pages:
        pages.add(of_run("dead2", order("4")))
    assert list(earlier.orders_of(tmp_path, [])) == []
    assert list(earlier.orders_of(tmp_path, ["dead"])) == [
        LandedOrder(
            seller_id=SELLER,
            search_pass="all",
            window_from=NOON,
            window_to=NOON + timedelta(hours=1),
            page_offset=offset,
            page_total=1,
            order_id=order_id,
            updated_at=NOON,
            is_cancelled=cancelled,
            fetched_at=datetime(2026, 8, 17, 12, tzinfo=UTC),
        )
        for order_id, offset, cancelled in (("1", 0, True), ("2", None, False))
    ]
