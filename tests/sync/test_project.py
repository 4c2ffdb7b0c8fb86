"""One run on one data folder: it is held, waited for and let go."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from pipeline import settings
from pipeline.landing import files
from pipeline.sync.data_folder import DataFolderBusy
from pipeline.sync.mending import mend
from pipeline.sync.project import Project
from tests.landing import conftest

_HOLDER = """
import sys
from pathlib import Path
from pipeline import settings
from pipeline.sync.project import Project
with Project(settings.read(data_dir=Path(sys.argv[1]))):
    print("held", flush=True)
    sys.stdin.read()
"""


def hold(folder: Path) -> subprocess.Popen[str]:
    """Another process that holds a data folder until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(_HOLDER), str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_run_says_whom_it_waits_for_and_goes_on_when_that_ends(
    tmp_path: Path,
) -> None:
    said: list[str] = []
    wanted = settings.read(data_dir=tmp_path)
    with hold(tmp_path) as other:

        def notice(line: str) -> None:
            said.append(line)
            other.communicate()  # it ends when its input does

        with Project(wanted, notice=notice):
            assert other.returncode == 0
    assert said == [f"waiting for another run on {tmp_path} (process {other.pid})"]


def test_a_second_run_gives_up_in_one_line_when_the_first_does_not_end(
    tmp_path: Path,
) -> None:
    with hold(tmp_path) as other:
        waiting = Project(settings.read(data_dir=tmp_path), wait_seconds=0.3)
        with pytest.raises(DataFolderBusy, match=f"process {other.pid}.*stop it"):
            waiting.__enter__()
        other.kill()


def test_a_killed_run_holds_nothing(tmp_path: Path) -> None:
    with hold(tmp_path) as other:
        other.kill()
    said: list[str] = []
    with Project(settings.read(data_dir=tmp_path), notice=said.append):
        assert said == []


def test_tables_of_other_columns_are_thrown_away_and_made_anew(tmp_path: Path) -> None:
    wanted = settings.read(data_dir=tmp_path)
    with Project(wanted) as first:
        first.warehouse().execute("alter table core.packs add column colour varchar")
        first.warehouse().execute("insert into core.pack_orders values (1, 2)")
    said: list[str] = []
    with Project(wanted, notice=said.append) as second:
        rows = second.warehouse().execute("from core.pack_orders").fetchall()
    assert rows == []
    assert len(said) == 1
    assert "core.packs" in said[0]
    assert "loading everything again from landing" in said[0]


def test_what_lands_is_sent_elsewhere_and_what_is_lost_is_taken_from_there(
    tmp_path: Path,
) -> None:
    bucket = tmp_path / "bucket"
    bucket.mkdir()
    said: list[str] = []

    def run(folder: str) -> Project:
        wanted = settings.read(data_dir=tmp_path / folder, landing_url=bucket.as_uri())
        return Project(wanted, notice=said.append)

    def sent() -> int:
        return len(list(bucket.rglob("*.parquet")))

    path = "orders/date=2026-08-15/run-1.parquet"
    rows = conftest.frame(conftest.record(payload='{"id":1}'))

    def breaks_off() -> None:
        with run("one") as project:
            files.write(rows, project.folder.landing / path)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        breaks_off()
    assert sent() == 0
    with run("one"):
        pass
    assert sent() == 1
    with run("other") as project:
        assert said == [f"landed files taken from {bucket.as_uri()}: 1"]
        said.clear()
        landed = project.folder.landing / path
        whole = landed.read_bytes()
        landed.write_bytes(whole[:-9])
        assert mend(project) == []
        assert landed.read_bytes() == whole
    [line] = said
    assert line.endswith(f"bytes are there; taken from {bucket.as_uri()}")
