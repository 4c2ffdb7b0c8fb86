"""What the project writes is for its user only; a group reads what it is let."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.folder_access import keep_private
from pipeline.warehouse.connection import connect
from pipeline.warehouse.files import table
from pipeline.warehouse.publish import publish
from pipeline.warehouse.read import query
from tests.cli.conftest import DAYS, Commands, day


@pytest.fixture(autouse=True)
def umask() -> Iterator[None]:
    """The mask of most machines, for one test."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def rights(folder: Path) -> dict[str, int]:
    return {
        str(path.relative_to(folder)): path.stat().st_mode & 0o7777
        for path in sorted(folder.rglob("*"))
        if not path.is_symlink()
    }


@pytest.mark.untraced
def test_a_sync_writes_for_its_user_only(empty: Commands) -> None:
    ended = empty("sync", "--from", day(DAYS + 1))
    assert ended.code == 0, ended.err
    assert empty.folder.stat().st_mode & 0o7777 == 0o700
    found = rights(empty.folder)
    assert any(name.endswith("warehouse.duckdb") for name in found)
    assert {name: right for name, right in found.items() if right & 0o077} == {}
    for path, right in found.items():
        if path.startswith("warehouse/") and path.endswith("warehouse.duckdb"):
            assert right == 0o400


@pytest.mark.parametrize("form", ["csv", "json", "parquet", "xlsx"])
def test_what_a_query_writes_is_for_its_user_only_and_replaced_whole(
    form: str, filled: Commands, tmp_path: Path
) -> None:
    file = tmp_path / f"buyers.{form}"
    file.write_text("what was there before")
    held = file.open()
    words = ("query", "select buyer_id from marts.buyers", "--output", str(file))
    ended = filled(*words)
    assert ended.code == 0, ended.err
    assert file.stat().st_mode & 0o777 == 0o600
    assert held.read() == "what was there before"
    held.close()


@pytest.mark.parametrize("form", ["csv", "parquet", "xlsx"])
def test_what_is_no_file_is_written_to_and_stays(
    form: str, filled: Commands, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    words = ("query", "select 1 as a", "--format", form, "--output", str(pipe))
    ended = filled(*words)
    assert ended.code == 0, ended.err
    assert pipe.is_fifo()
    assert os.read(reader, 65_536)
    os.close(reader)


@pytest.mark.parametrize(
    ("folder", "file"), [(0o2750, 0o440), (0o700, 0o400), (0o755, 0o400)]
)
def test_a_group_reads_what_is_published_where_the_folder_lets_it(
    folder: int, file: int, tmp_path: Path
) -> None:
    keep_private()
    with connect(tmp_path / "work.duckdb") as connection:
        connection.execute("create schema marts; create table marts.a as select 1 as a")
        connection.execute("create schema ops")
        connection.execute(table("ops.runs").body)
    (tmp_path / "warehouse").mkdir()
    (tmp_path / "warehouse").chmod(folder)
    version = publish(tmp_path / "work.duckdb", tmp_path, "run")
    assert version.stat().st_mode & 0o777 == file
    assert version.parent.stat().st_mode & 0o007 == 0
    assert query(tmp_path, "from marts.a").rows() == [(1,)]
