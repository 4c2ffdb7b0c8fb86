"""What people read: whole, old versions while they are open, never a stale log."""

import errno
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import duckdb
import pytest
import time_machine

from pipeline.warehouse.connection import connect
from pipeline.warehouse.errors import PublishRefused
from pipeline.warehouse.files import table
from pipeline.warehouse.publish import publish
from pipeline.warehouse.read import change, connect_published

NUMBER = "select number from marts.numbers"


def work_of(path: Path, number: int) -> Path:
    with connect(path) as connection:
        for schema in ("core", "marts", "ops"):
            connection.execute(f"create schema if not exists {schema}")
        connection.execute("drop table if exists ops.runs")
        connection.execute(table("ops.runs").body)
        connection.execute(
            f"create or replace table marts.numbers as select {number} as number"
        )
    return path


def published(data_dir: Path) -> list[tuple[int]]:
    with connect_published(data_dir) as connection:
        return connection.execute(NUMBER).fetchall()


def test_a_version_is_an_immutable_file_behind_a_relative_link(tmp_path: Path) -> None:
    version = publish(work_of(tmp_path / "work.duckdb", 1), tmp_path, "run/1")
    link = tmp_path / "warehouse.duckdb"
    assert version.parent.parent == tmp_path / "warehouse"
    assert version.parent.name.endswith("-run-1")
    assert link.readlink() == Path("warehouse") / version.parent.name / link.name
    assert version.stat().st_mode & 0o777 == 0o400
    assert list((tmp_path / "warehouse").glob("*.tmp")) == []
    moved = tmp_path.rename(tmp_path.with_name(f"{tmp_path.name}-moved"))
    assert published(moved) == [(1,)]


def test_schemas_core_marts_and_ops_are_published(tmp_path: Path) -> None:
    publish(work_of(tmp_path / "work.duckdb", 1), tmp_path, "run")
    with connect_published(tmp_path) as connection:
        schemas = connection.execute(
            "select schema_name from duckdb_schemas()"
            " where database_name = 'warehouse' and not internal"
        ).fetchall()
    assert {name for (name,) in schemas} >= {"core", "marts", "ops"}


def test_a_reader_keeps_its_version_while_newer_ones_are_published(
    tmp_path: Path,
) -> None:
    work = work_of(tmp_path / "work.duckdb", 1)
    publish(work, tmp_path, "run-1")
    with connect_published(tmp_path) as reader:
        for number in range(2, 7):
            publish(work_of(work, number), tmp_path, f"run-{number}")
            assert published(tmp_path) == [(number,)]
        assert reader.execute(NUMBER).fetchall() == [(1,)]
    versions = sorted(path.name for path in (tmp_path / "warehouse").iterdir())
    assert [name.split("-run-")[1] for name in versions] == ["4", "5", "6"]


def test_a_copy_that_a_full_disk_cuts_off_gives_its_room_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = work_of(tmp_path / "work.duckdb", 1)
    publish(work, tmp_path, "run-1")

    def full(_: object) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            publish(work_of(work, 2), tmp_path, "run-2")
    assert published(tmp_path) == [(1,)]
    assert len(list((tmp_path / "warehouse").iterdir())) == 1


def test_a_log_left_by_someone_who_wrote_never_reaches_the_next_version(
    tmp_path: Path,
) -> None:
    work = work_of(tmp_path / "work.duckdb", 1)
    first = publish(work, tmp_path, "run")
    first.chmod(0o644)
    script = (
        "import os, sys, duckdb\n"
        "connection = duckdb.connect(sys.argv[1])\n"
        "connection.execute('insert into marts.numbers values (99)')\n"
        "os._exit(1)\n"
    )
    link = tmp_path / "warehouse.duckdb"
    assert subprocess.run([sys.executable, "-c", script, link]).returncode == 1
    assert first.with_name(f"{first.name}.wal").exists()
    publish(work_of(work, 2), tmp_path, "run")
    assert published(tmp_path) == [(2,)]
    for number in (3, 4):
        publish(work_of(work, number), tmp_path, "run")
    assert list((tmp_path / "warehouse").glob("*/*.wal")) == []


def test_a_version_that_is_open_for_writing_does_not_hold_up_the_next(
    tmp_path: Path,
) -> None:
    work = work_of(tmp_path / "work.duckdb", 1)
    first = publish(work, tmp_path, "run-1")
    first.chmod(0o644)
    with duckdb.connect(str(first)):
        publish(work_of(work, 2), tmp_path, "run-2")
        assert published(tmp_path) == [(2,)]


def test_what_a_killed_run_left_is_swept(tmp_path: Path) -> None:
    folder = tmp_path / "warehouse"
    folder.mkdir()
    (folder / "20260101T000000000000Z-killed.tmp").mkdir()
    (folder / "warehouse-old.tmp").write_bytes(b"half, of the earlier layout")
    (tmp_path / ".warehouse.duckdb.123").symlink_to("warehouse/nowhere")
    version = publish(work_of(tmp_path / "work.duckdb", 1), tmp_path, "run")
    assert list(folder.iterdir()) == [version.parent]
    assert list(tmp_path.glob(".warehouse.duckdb.*")) == []


def test_every_tool_calls_the_database_warehouse(tmp_path: Path) -> None:
    publish(work_of(tmp_path / "work.duckdb", 1), tmp_path, "run")
    for path in (
        tmp_path / "warehouse.duckdb",
        (tmp_path / "warehouse.duckdb").resolve(),
    ):
        with duckdb.connect(str(path), read_only=True) as connection:
            names = connection.execute("select current_database()").fetchall()
            assert names == [("warehouse",)]
            assert connection.execute("from warehouse.marts.numbers").fetchall()


def test_versions_of_the_earlier_layout_are_pruned(tmp_path: Path) -> None:
    folder = tmp_path / "warehouse"
    folder.mkdir()
    for name in ("warehouse-20260101T000000000000Z-a.duckdb", "notes.txt"):
        (folder / name).write_bytes(b"")
    (folder / "warehouse-20260101T000000000000Z-a.duckdb.wal").write_bytes(b"")
    (tmp_path / "warehouse.duckdb").symlink_to(
        "warehouse/warehouse-20260101T000000000000Z-a.duckdb"
    )
    version = publish(work_of(tmp_path / "work.duckdb", 1), tmp_path, "run")
    assert sorted(folder.iterdir()) == sorted([version.parent, folder / "notes.txt"])
    assert published(tmp_path) == [(1,)]


def test_a_swap_killed_half_way_leaves_the_version_before(tmp_path: Path) -> None:
    work = work_of(tmp_path / "work.duckdb", 1)
    publish(work, tmp_path, "run-1")
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from pipeline.warehouse.publish import publish\n"
        "Path.replace = lambda *_: os._exit(9)\n"
        "publish(Path(sys.argv[1]), Path(sys.argv[2]), 'killed')\n"
    )
    killed = [sys.executable, "-c", script, str(work_of(work, 2)), str(tmp_path)]
    assert subprocess.run(killed).returncode == 9
    assert published(tmp_path) == [(1,)]
    publish(work, tmp_path, "run-2")
    assert published(tmp_path) == [(2,)]


def test_a_folder_in_the_place_of_the_link_is_set_aside(tmp_path: Path) -> None:
    work, link = work_of(tmp_path / "work.duckdb", 1), tmp_path / "warehouse.duckdb"
    for content in ("first", "second"):
        link.unlink(missing_ok=True)
        (link / "inside").mkdir(parents=True)
        (link / "inside" / "kept").write_text(content)
        publish(work, tmp_path, "run")
        assert published(tmp_path) == [(1,)]
    aside = tmp_path / "warehouse.duckdb.set-aside"
    assert (aside / "inside" / "kept").read_text() == "second"


def test_what_is_written_into_a_version_is_noticed_and_replaced(tmp_path: Path) -> None:
    work = work_of(tmp_path / "work.duckdb", 1)
    version = publish(work, tmp_path, "run-1")
    assert change(tmp_path) is None
    version.chmod(0o600)
    with duckdb.connect(str(version)) as stranger:
        stranger.execute("update marts.numbers set number = 99")
    assert "was written to by another program" in str(change(tmp_path))
    publish(work, tmp_path, "run-2")
    assert change(tmp_path) is None
    assert published(tmp_path) == [(1,)]


def test_a_copied_folder_is_no_change_and_a_forged_byte_is(tmp_path: Path) -> None:
    version = publish(work_of(tmp_path / "work.duckdb", 1), tmp_path, "run")
    os.utime(version, (1, 1))
    assert change(tmp_path) is None
    version.chmod(0o600)
    with version.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        last = file.read(1)
        file.seek(-1, os.SEEK_END)
        file.write(bytes([last[0] ^ 1]))
    assert change(tmp_path) is not None


def test_a_work_file_without_marts_is_not_published(tmp_path: Path) -> None:
    work = work_of(tmp_path / "work.duckdb", 1)
    publish(work, tmp_path, "run-1")
    with connect(work) as connection:
        connection.execute("drop table marts.numbers")
    with pytest.raises(PublishRefused, match="no marts"):
        publish(work, tmp_path, "run-2")
    assert published(tmp_path) == [(1,)]
    assert len(list((tmp_path / "warehouse").iterdir())) == 1


def test_a_copy_that_does_not_open_is_not_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = work_of(tmp_path / "work.duckdb", 1)

    def cut_short(source: BinaryIO, target: BinaryIO) -> None:
        target.write(b"cut short")

    monkeypatch.setattr("pipeline.warehouse.publish._copy", cut_short)
    with pytest.raises(PublishRefused, match="does not open"):
        publish(work, tmp_path, "run")
    assert not (tmp_path / "warehouse.duckdb").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone copies by itself")
def test_what_the_system_cannot_copy_is_read_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = os.copy_file_range

    def breaks_off(source: int, target: int, _: int) -> int:
        if os.lseek(source, 0, os.SEEK_CUR):
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return copied(source, target, 4096)

    work = work_of(tmp_path / "work.duckdb", 7)
    monkeypatch.setattr("os.copy_file_range", breaks_off)
    publish(work, tmp_path, "run")
    assert published(tmp_path) == [(7,)]


def test_no_work_file_is_nothing_to_publish(tmp_path: Path) -> None:
    with pytest.raises(PublishRefused, match="not there"):
        publish(tmp_path / "work.duckdb", tmp_path, "run")


def test_the_copy_keeps_other_writers_out_until_it_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = work_of(tmp_path / "work.duckdb", 1)
    tried: list[int] = []
    script = "import sys, duckdb\nduckdb.connect(sys.argv[1])\n"

    def try_to_write(path: Path, run_id: str) -> None:
        tried.append(
            subprocess.run(
                [sys.executable, "-c", script, work], stderr=subprocess.DEVNULL
            ).returncode
        )

    monkeypatch.setattr("pipeline.warehouse.publish._finish", try_to_write)
    publish(work, tmp_path, "run")
    assert tried == [1]


def outcomes(path: Path) -> list[tuple[str, str]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(
            "select run_id, outcome from ops.runs order by run_id"
        ).fetchall()


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        ("not published yet", "complete"),
        ("not published yet; seller 5: refused", "seller 5: refused"),
    ],
)
def test_only_the_copy_says_that_its_own_run_has_published(
    told: str, outcome: str, tmp_path: Path
) -> None:
    work = work_of(tmp_path / "work.duckdb", 1)
    with connect(work) as connection:
        connection.executemany(
            "insert into ops.runs (run_id, outcome) values ($1, $2)",
            [["run-1", "not published yet"], ["run-2", told]],
        )
    version = publish(work, tmp_path, "run-2")
    assert outcomes(version) == [("run-1", "not published yet"), ("run-2", outcome)]
    assert outcomes(work) == [("run-1", "not published yet"), ("run-2", told)]


def test_a_version_sorts_after_all_others_on_a_clock_that_was_set_back(
    tmp_path: Path,
) -> None:
    work = work_of(tmp_path / "work.duckdb", 1)
    with time_machine.travel(datetime(2026, 11, 29, tzinfo=UTC)):
        first = publish(work, tmp_path, "run-1")
    with time_machine.travel(datetime(2026, 11, 26, tzinfo=UTC)):
        second = publish(work, tmp_path, "run-0")
    assert first.parent.name < second.parent.name
