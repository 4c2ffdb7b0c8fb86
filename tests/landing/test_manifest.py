"""The manifest tells what every landed file was, whenever its writer was cut off."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.landing import certificate, files, lost, manifest
from pipeline.landing.certificate import Certificate
from tests.landing import conftest

NOW = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)


def land(landing: Path, name: str = "run-1", count: int = 2) -> str:
    path = f"orders/date=2026-08-15/{name}.parquet"
    rows = [conftest.record(str(number)) for number in range(count)]
    files.write(conftest.frame(*rows), landing / path)
    return path


def log(landing: Path) -> Path:
    return landing / manifest.FOLDER / "files.jsonl"


def test_a_file_is_told_with_its_size_rows_and_windows(tmp_path: Path) -> None:
    path = land(tmp_path)
    one = manifest.entries(tmp_path)[path]
    assert one.byte_count == (tmp_path / path).stat().st_size
    assert one.row_count == 2
    assert one.checksum == manifest.checksum(tmp_path / path)
    assert one.windows == (
        (
            700_100_200,
            "all",
            conftest.NOON,
            conftest.NOON + timedelta(hours=1),
            "run",
        ),
    )


def test_hours_that_many_windows_of_a_file_share_are_told_once(tmp_path: Path) -> None:
    """Two hourly syncs read two hours each; another seller's and pass's stay theirs."""
    hour = timedelta(hours=1)

    def read(first: int, last: int, run_id: str, **others: object) -> Certificate:
        return conftest.certified(
            window_from=conftest.NOON + first * hour,
            window_to=conftest.NOON + last * hour,
            run_id=run_id,
            **others,
        )

    rows = [
        read(0, 2, "run-1"),
        read(1, 3, "run-2"),
        read(3, 4, "run-2"),
        read(6, 7, "run-1"),
        read(0, 1, "run-1", search_pass="cancelled"),
        read(0, 1, "run-1", seller_id=5),
    ]
    path = "windows/date=2026-08-15/run.parquet"
    files.write(certificate.frame(rows), tmp_path / path)
    found = manifest.entries(tmp_path)[path].windows
    assert [
        (
            one.seller_id,
            one.search_pass,
            (one.window_from - conftest.NOON) // hour,
            (one.window_to - conftest.NOON) // hour,
            one.run_id,
        )
        for one in found
    ] == [
        (5, "all", 0, 1, "run-1"),
        (700_100_200, "all", 0, 4, "run-2"),
        (700_100_200, "all", 6, 7, "run-1"),
        (700_100_200, "cancelled", 0, 1, "run-1"),
    ]


def test_a_line_that_was_cut_off_is_as_if_not_there_and_spoils_no_other(
    tmp_path: Path,
) -> None:
    first, second = land(tmp_path, "run-1"), land(tmp_path, "run-2")
    log(tmp_path).write_bytes(log(tmp_path).read_bytes()[:-5])
    third = land(tmp_path, "run-3")
    assert list(manifest.entries(tmp_path)) == [first, third]
    lost.adopt(tmp_path)
    assert set(manifest.entries(tmp_path)) == {first, second, third}
    assert lost.find(tmp_path, lost.everything) == []


def test_a_file_written_again_is_told_as_it_is_now(tmp_path: Path) -> None:
    land(tmp_path)
    path = land(tmp_path, count=5)
    assert manifest.entries(tmp_path)[path].row_count == 5
    assert lost.find(tmp_path, lost.everything) == []


def test_a_log_that_is_mostly_spent_is_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [land(tmp_path, f"run-{number}") for number in range(12)]
    manifest.forget(tmp_path, paths[:6])
    before, told = log(tmp_path).read_bytes(), manifest.entries(tmp_path)
    manifest.compact(tmp_path, lambda: paths)
    assert log(tmp_path).read_bytes() == before, "it is short"
    monkeypatch.setattr(manifest, "_SPENT_LINES", 6)
    manifest.compact(tmp_path, lambda: paths[5:])
    assert log(tmp_path).read_bytes().count(b"\n") == 7
    assert manifest.entries(tmp_path) == told
    assert manifest.taken_away(tmp_path) == {paths[5]}


@pytest.mark.parametrize(("hours", "count"), [(1, 1), (24, 24), (500, 168), (-72, 1)])
def test_syncs_verify_as_many_parts_as_hours_went_by(
    hours: int, count: int, tmp_path: Path
) -> None:
    assert len(manifest.parts_due(tmp_path, NOW)) == manifest.PARTS
    manifest.note_verified(tmp_path, NOW)
    due = manifest.parts_due(tmp_path, NOW + timedelta(hours=hours))
    assert len(due) == count


def test_a_week_of_hourly_syncs_verifies_every_part_once(tmp_path: Path) -> None:
    manifest.note_verified(tmp_path, NOW)
    parts: list[int] = []
    for number in range(1, manifest.PARTS + 1):
        at = NOW + timedelta(hours=number)
        parts.extend(manifest.parts_due(tmp_path, at))
        manifest.note_verified(tmp_path, at)
    assert sorted(parts) == list(range(manifest.PARTS))


def test_only_a_checksum_tells_of_a_byte_that_changed(tmp_path: Path) -> None:
    path = land(tmp_path)
    data = bytearray((tmp_path / path).read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / path).write_bytes(data)
    assert lost.find(tmp_path, lambda _: False) == []
    [one] = lost.find(tmp_path, lost.everything)
    assert str(one) == f"landing/{path} is damaged: its checksum differs"
