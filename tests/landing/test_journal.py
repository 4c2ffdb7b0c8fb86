"""The journal loses nothing that was flushed, whenever the process dies."""

import contextlib
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.landing import earlier, files, journal, record
from pipeline.landing.journal import Journal
from tests.landing.conftest import NOON, certified
from tests.landing.conftest import record as order

SELLER = 700_100_200


def landed(landing: Path) -> list[tuple[str, str]]:
    """Resource and id of everything that lies in its place."""
    return sorted(
        row
        for resource in ("orders", "packs")
        for row in files.read(landing, resource, files.listing(landing, resource))
        .select("resource", "resource_id")
        .iter_rows()
    )


def in_journal(landing: Path) -> list[Path]:
    return sorted((landing / ".journal").glob("*.parquet"))


steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(1, 4)),
        st.tuples(
            st.sampled_from(
                ["flush", "settle", "die", "die settling", "die unlinking", "again"]
            ),
            st.integers(0, 3),
        ),
    ),
    max_size=25,
)


class Died(BaseException):
    """The process is gone."""


DEATHS: dict[str, tuple[object, str]] = {
    "die settling": (files, "write"),
    "die unlinking": (Path, "unlink"),
}


def dying_after(calls: int, real: Callable[..., None]) -> Callable[..., None]:
    left = iter(range(calls))

    def call(*given: object, **named: object) -> None:
        if next(left, None) is None:
            raise Died
        real(*given, **named)

    return call


@settings(max_examples=120, deadline=None)
@given(steps, st.sampled_from([3, 6, 10_000]))
def test_nothing_flushed_is_lost_whatever_happens_in_whatever_order(
    story: list[tuple[str, int]], settle_rows: int
) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        landing = Path(folder)
        patch.setattr(journal, "SETTLE_ROWS", settle_rows)
        patch.setattr(journal, "FLUSH_SECONDS", 1e9)
        written, held, number = set(), set(), 0
        pages, run = Journal(landing, "run0", {}), 0
        for step, count in story:
            if step == "add":
                some = []
                for _ in range(count):
                    number += 1
                    resource = "packs" if number % 3 == 0 else "orders"
                    day = NOON + timedelta(days=number % 2)
                    some.append(order(str(number), resource=resource, updated_at=day))
                    held.add((resource, str(number)))
                pages.add(some)
            elif step == "flush":
                pages.flush()
                written |= held
                held = set()
            elif step == "settle":
                journal.settle(landing)
            else:
                if step in DEATHS:
                    owner, name = DEATHS[step]
                    with patch.context() as death, contextlib.suppress(Died):
                        mortal = dying_after(count, getattr(owner, name))
                        death.setattr(owner, name, mortal)
                        journal.settle(landing)
                held = set()
                # The same name again, as when a run is tried once more.
                run += step != "again"
                pages = Journal(landing, f"run{run}", {})
        journal.settle(landing)
        found = landed(landing)
        assert set(found) >= written
        assert not in_journal(landing)
        everything = pl.concat(
            files.read(landing, one, files.listing(landing, one))
            for one in ("orders", "packs")
        )
        once = everything.unique(maintain_order=True)
        assert once.height == once["resource_id"].n_unique()


def test_records_go_to_their_resource_and_the_day_on_which_they_were_fetched(
    tmp_path: Path,
) -> None:
    late = NOON + timedelta(hours=12)
    with journal.opened(tmp_path, "run", {}) as pages:
        pages.add(
            [
                order("1"),
                order("2", updated_at=late),
                order("3", resource="packs", updated_at=None),
            ]
        )
    days = {
        resource: [path.split("/")[1] for path in files.listing(tmp_path, resource)]
        for resource in ("orders", "packs")
    }
    # Updates of many days are one file.
    assert days == {"orders": ["date=2026-08-17"], "packs": ["date=2026-08-17"]}
    assert landed(tmp_path) == [("orders", "1"), ("orders", "2"), ("packs", "3")]


def test_two_journals_of_one_run_never_replace_each_other_s_files(
    tmp_path: Path,
) -> None:
    for number in range(5):
        with journal.opened(tmp_path, "run", {}) as pages:
            pages.add([order(str(number))])
            pages.certify(certified(order_count=number))
    assert landed(tmp_path) == [("orders", str(number)) for number in range(5)]
    counts = [row.order_count for row in earlier.certificates(tmp_path)]
    assert sorted(counts) == list(range(5))


def test_a_journal_of_a_dead_run_is_settled_by_the_next(tmp_path: Path) -> None:
    dead = Journal(tmp_path, "dead", {})
    dead.add([order("1")])
    dead.flush()
    dead.add([order("2")])  # never flushed: lost with the process
    with journal.opened(tmp_path, "next", {}):
        assert landed(tmp_path) == [("orders", "1")]
    assert not in_journal(tmp_path)


def test_a_journal_written_by_an_older_version_is_settled_too(tmp_path: Path) -> None:
    rows = record.frame([order("1")], {}).drop("page_total")
    files.write(rows, tmp_path / ".journal" / "old-000001-1.parquet")
    newer = Journal(tmp_path, "run", {})
    newer.add([order("2")])
    newer.flush()
    journal.settle(tmp_path)
    assert landed(tmp_path) == [("orders", "1"), ("orders", "2")]


def test_what_is_half_written_in_the_journal_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / ".journal").mkdir()
    (tmp_path / ".journal" / ".run-1-1.parquet").write_bytes(b"half")
    journal.settle(tmp_path)
    assert landed(tmp_path) == []


def test_records_are_flushed_when_there_are_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "FLUSH_SECONDS", 1e9)
    pages = Journal(tmp_path, "run", {})
    pages.add([order(str(number)) for number in range(journal.FLUSH_ROWS - 1)])
    assert not in_journal(tmp_path)
    pages.add([order("last")])
    assert len(in_journal(tmp_path)) == 1


def test_a_single_record_is_on_disk_soon_although_nothing_follows(
    tmp_path: Path,
) -> None:
    with journal.opened(tmp_path, "run", {}) as pages:
        pages.add([order("1")])
        until = time.monotonic() + 5
        while not in_journal(tmp_path) and time.monotonic() < until:
            time.sleep(0.005)
        assert len(in_journal(tmp_path)) == 1


def test_a_full_disk_is_told_to_whoever_adds_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = threading.Event()

    def full(*_: object) -> None:
        tried.set()
        raise OSError("No space left on device")

    with journal.opened(tmp_path, "run", {}) as pages, monkeypatch.context() as disk:
        disk.setattr(files, "write", full)
        with monkeypatch.context() as slow:
            slow.setattr(journal, "FLUSH_SECONDS", 1e9)
            pages.add([order("1")])
        assert tried.wait(5)
        with pytest.raises(OSError, match="No space"):
            pages.add([order("2")] * journal.FLUSH_ROWS)
    assert ("orders", "1") in landed(tmp_path)  # there was room again


def test_a_long_run_settles_as_it_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "SETTLE_ROWS", 4)
    pages = Journal(tmp_path, "run", {})
    for number in range(9):
        pages.add([order(str(number))])
        pages.flush()
    assert len(landed(tmp_path)) == 8
    assert len(in_journal(tmp_path)) == 1


def test_many_threads_lose_nothing(tmp_path: Path) -> None:
    def add(pages: Journal, first: int) -> None:
        for number in range(first, first + 100):
            pages.add([order(str(number))])

    with journal.opened(tmp_path, "run", {}) as pages:
        threads = [
            threading.Thread(target=add, args=(pages, first * 100))
            for first in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(set(landed(tmp_path))) == len(landed(tmp_path)) == 400


def test_a_certificate_is_never_on_disk_before_its_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_of_writing: list[str] = []
    real = files.write

    def write(rows: pl.DataFrame, path: Path) -> None:
        order_of_writing.append(path.relative_to(tmp_path).parts[0])
        real(rows, path)

    monkeypatch.setattr(files, "write", write)
    pages = Journal(tmp_path, "run", {})
    pages.add([order("1")])
    pages.certify(certified())
    pages.flush()
    assert order_of_writing == [".journal", "windows"]
