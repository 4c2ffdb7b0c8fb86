"""Whatever of the data folder is lost or damaged, one sync names it and heals it."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipeline import settings
from pipeline.extraction.windows import Range
from pipeline.inspection import integrity
from pipeline.landing import certificate, files, journal, lost, manifest
from pipeline.sandbox.server.server import RunningSandbox, serve
from pipeline.sandbox.world.world import World
from pipeline.sync import loading
from pipeline.sync.data_folder import DataFolder
from pipeline.sync.mending import SHOWN, mend
from pipeline.sync.project import Project
from pipeline.sync.resources import OF_RUNS, RESOURCES, everything
from pipeline.warehouse import unload
from pipeline.warehouse.files import tables as warehouse_tables
from pipeline.warehouse.read import query
from pipeline.warehouse.staging import fetch
from tests.conftest import run_sync
from tests.test_road import assert_same, tables

pytestmark = pytest.mark.untraced

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SPAN = Range(NOW - timedelta(days=3), NOW + timedelta(hours=1))
LATER = Range(NOW, NOW + timedelta(hours=1))
"""A range without an order: what is read besides, a loss is the reason of."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with serve(World(orders=30, seed=3, now=NOW, days=3)) as running:
        yield running


@pytest.fixture(scope="module")
def undisturbed(
    sandbox: RunningSandbox, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("undisturbed") / "data"
    _, ended = run_sync(sandbox, SPAN, folder)
    assert ended.is_good, ended
    return folder


@dataclass
class Damaged:
    """A copy of the undisturbed folder, to be damaged and synced."""

    sandbox: RunningSandbox
    undisturbed: Path
    folder: Path

    def sync(self, span: Range = LATER) -> tuple[list[str], Any]:
        """What a sync says, and how it ended."""
        said: list[str] = []
        project = Project.__init__

        def told(self: Project, *given: Any, **named: Any) -> None:
            project(self, *given, **(named | {"notice": said.append}))

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Project, "__init__", told)
            _, ended = run_sync(self.sandbox, span, self.folder)
        return said, ended

    def heals(self) -> list[str]:
        """What a sync says that ends as if nothing had been damaged."""
        said, ended = self.sync()
        assert ended.is_good, ended
        assert_same(tables(self.folder), tables(self.undisturbed))
        landing = self.folder / "landing"
        assert lost.find(landing, lost.everything) == []
        return said


@pytest.fixture
def damaged(sandbox: RunningSandbox, undisturbed: Path, tmp_path: Path) -> Damaged:
    folder = tmp_path / "data"
    shutil.copytree(undisturbed, folder, symlinks=True)
    return Damaged(sandbox, undisturbed, folder)


def delete(path: Path) -> None:
    path.unlink()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def zero(path: Path) -> None:
    """400 bytes in the middle become zeros, and nobody verified the file for a week."""
    data = bytearray(path.read_bytes())
    middle = len(data) // 2 - 200
    data[middle : middle + 400] = bytes(400)
    path.write_bytes(data)
    (path.parents[2] / manifest.FOLDER / "verified").unlink(missing_ok=True)


def garbage(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)


def largest(folder: Path, resource: str) -> Path:
    paths = (folder / "landing" / resource).glob("*/*.parquet")
    return max(paths, key=lambda path: path.stat().st_size)


@pytest.mark.parametrize(
    ("resource", "damage"),
    [
        ("orders", delete),
        ("orders", zero),
        ("shipments", empty),
        ("exchange_rates", cut),
        ("sellers", empty),
    ],
)
def test_a_lost_file_of_records_is_named_and_its_records_are_read_again(
    resource: str, damage: Callable[[Path], None], damaged: Damaged
) -> None:
    path = largest(damaged.folder, resource)
    damage(path)
    name = str(path.relative_to(damaged.folder))
    [line] = damaged.heals()
    assert line.startswith(f"{name} is ")
    assert line.endswith("; what was in it is read again")
    aside = damaged.folder / "landing" / lost.DAMAGED / name.removeprefix("landing/")
    assert aside.exists() == (damage is not delete)
    assert not path.exists()


@pytest.mark.parametrize(
    ("resource", "damage"),
    [("windows", cut), ("windows", delete), ("runs", zero)],
)
def test_a_lost_file_of_a_runs_own_is_no_dead_end(
    resource: str, damage: Callable[[Path], None], damaged: Damaged
) -> None:
    of_runs = "select run_id, started_at from ops.runs order by all"
    before = query(damaged.folder, of_runs)
    damage(largest(damaged.folder, resource))
    assert len(damaged.heals()) == 1
    runs = query(damaged.folder, of_runs)
    assert runs.join(before, on="run_id", how="semi").equals(before)


def scattered(landing: Path) -> None:
    """Each landed file in three: halves that overlap, and the state of a day before."""
    for path in files.everything(landing):
        resource, folder, name = path.split("/")
        rows = files.read(landing, resource, [path])
        if "payload" not in rows.columns:
            continue
        parts = rows.with_row_index("n").with_columns(pl.col("n") % 7)
        for number, part in enumerate((pl.col("n") < 5, pl.col("n") > 2)):
            half = parts.filter(part).drop("n")
            files.write(half, landing / resource / folder / f"{number}-{name}")
        day = f"date={date.fromisoformat(folder[5:]) - timedelta(days=1)}"
        before = parts.filter(pl.col("n") < 6).drop("n")
        before = before.with_columns(
            pl.col("fetched_at") - timedelta(days=1),
            pl.col("payload")
            .str.replace_all('"paid"', '"confirmed"')
            .str.replace_all('"cost":', '"cost":1'),
        )
        files.write(before, landing / resource / day / name)
        manifest.forget(landing, [path])
        (landing / path).unlink()


def held(project: Project) -> dict[str, pl.DataFrame]:
    """Every row of core and ops, but for counts of sightings, which loading adds up."""
    loading.load(project, everything())
    return {
        one.qualified: fetch(
            project.warehouse(), f"from {one.qualified} order by all"
        ).drop("loaded_at", strict=False)
        for one in warehouse_tables()
        if one.schema != "marts" and one.name not in ("unknown_fields", "published")
    }


def test_a_lost_file_costs_its_own_rows_only_and_the_rest_is_as_if_it_never_was(
    damaged: Damaged,
) -> None:
    landing = damaged.folder / "landing"
    shutil.rmtree(damaged.folder / "work")
    scattered(landing)
    with Project(settings.read(data_dir=damaged.folder)) as project:
        loading.load(project, everything())
        for resource in (*RESOURCES, *OF_RUNS):
            paths = files.listing(landing, resource)
            if paths and resource not in ("sellers", "exchange_rates"):
                delete(landing / paths[-1])
                assert len(mend(project)) == 1
                assert not project.is_anew, "nothing else is loaded again"
        mended = held(project)
        assert not project.folder.outdated.exists()
        assert mended["core.orders"].height > 0
        project.begin_anew()
        for name, rows in held(project).items():
            assert_frame_equal(mended[name], rows)


def test_a_crash_while_rows_are_taken_out_loads_everything_anew(
    damaged: Damaged, monkeypatch: pytest.MonkeyPatch
) -> None:
    delete(largest(damaged.folder, "shipments"))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(unload, "things", killed)
        with (
            pytest.raises(KeyboardInterrupt),
            Project(settings.read(data_dir=damaged.folder)) as project,
        ):
            mend(project)
    with Project(settings.read(data_dir=damaged.folder)) as project:
        assert mend(project) == []
        assert project.is_anew


def test_what_a_lost_file_proved_is_taken_back_until_it_is_read_again(
    damaged: Damaged,
) -> None:
    path = largest(damaged.folder, "orders")
    cut(path)
    with Project(settings.read(data_dir=damaged.folder)) as project:
        [found] = mend(project)
    assert found.windows
    taken_back = files.listing(damaged.folder / "landing", files.WINDOWS)[-1]
    rows = files.read(damaged.folder / "landing", files.WINDOWS, [taken_back])
    assert {certificate.row(row).verdict for row in rows.iter_rows(named=True)} == {
        "revoked"
    }
    name = str(path.relative_to(damaged.folder))
    assert all(name in reason for reason in rows["reason"])
    # Killed here: the sync that follows knows nothing but what lies in the folder.
    _, ended = damaged.sync(SPAN)
    assert ended.is_good, ended
    assert_same(tables(damaged.folder), tables(damaged.undisturbed))


def test_orders_that_mercado_libre_has_no_more_are_named(
    damaged: Damaged, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut(largest(damaged.folder, "orders"))
    monkeypatch.setattr("pipeline.extraction.coverage.RETENTION", timedelta(hours=1))
    _, ended = damaged.sync()
    assert not ended.failed_steps
    assert any("cannot be read again: Mercado Libre" in one for one in ended.problems)


def test_ratios_that_were_never_published_are_named(damaged: Damaged) -> None:
    cut(largest(damaged.folder, "exchange_rates"))
    (damaged.folder / "warehouse.duckdb").unlink()
    _, ended = damaged.sync()
    assert not ended.failed_steps
    assert any("cannot be asked for again" in one for one in ended.problems)


def test_what_a_killed_run_left_half_written_does_not_stay(damaged: Damaged) -> None:
    landing = damaged.folder / "landing"
    day = largest(damaged.folder, "orders").parent
    for folder in (day, landing / ".journal", landing / manifest.FOLDER):
        folder.mkdir(exist_ok=True)
        (folder / ".killed-1.parquet.tmp").write_bytes(bytes(1000))
    assert damaged.heals() == []
    assert list(damaged.folder.rglob("*.tmp")) == []


def test_a_folder_from_before_the_manifest_is_adopted_silently(
    damaged: Damaged,
) -> None:
    landing = damaged.folder / "landing"
    shutil.rmtree(landing / manifest.FOLDER)
    assert damaged.heals() == []
    assert manifest.entries(landing).keys() == set(files.everything(landing))


@pytest.mark.parametrize("is_worked_on", [True, False])
@pytest.mark.parametrize(
    "resources",
    # Of two, neither is read again because of the other.
    [("orders",), ("shipments",), ("exchange_rates", "packs"), ("runs", "windows")],
)
def test_a_file_lost_together_with_the_manifest_is_missed_by_the_warehouse(
    resources: Sequence[str], is_worked_on: bool, damaged: Damaged
) -> None:
    paths = [largest(damaged.folder, resource) for resource in resources]
    for path in paths:
        delete(path)
    shutil.rmtree(damaged.folder / "landing" / manifest.FOLDER)
    if not is_worked_on:  # what is published remembers it
        shutil.rmtree(damaged.folder / "work")
    gone = [f"{path.relative_to(damaged.folder)} is gone" for path in paths]
    assert integrity.faults(DataFolder(damaged.folder)) == gone
    assert damaged.heals() == [f"{one}; what was in it is read again" for one in gone]
    assert integrity.faults(DataFolder(damaged.folder)) == []


def test_all_that_landed_is_missed_and_read_again(damaged: Damaged) -> None:
    shutil.rmtree(damaged.folder / "landing")
    count = query(damaged.folder, "from ops.landed_files").height - SHOWN
    *said, last = damaged.heals()
    assert len(said) == SHOWN
    assert all(one.endswith(" is gone; what was in it is read again") for one in said)
    assert last == f"and {count:,} more landed files; what was in them too"


def test_a_damaged_file_that_no_manifest_knows_heals_too(damaged: Damaged) -> None:
    shutil.rmtree(damaged.folder / "landing" / manifest.FOLDER)
    cut(largest(damaged.folder, "orders"))
    assert len(damaged.heals()) == 1


@pytest.mark.parametrize("damage", [cut])
def test_a_damaged_journal_is_set_aside_and_its_windows_are_read_again(
    damage: Callable[[Path], None], damaged: Damaged
) -> None:
    landing = damaged.folder / "landing"
    path = largest(damaged.folder, "orders")
    rows = files.read(landing, "orders", [str(path.relative_to(landing))])
    run = path.name.rsplit("-", 1)[0]
    number = path.stem.rsplit("-", 1)[1]
    # As a kill leaves it: journalled and certified, but not sorted into its day.
    journalled = landing / ".journal" / f"{run}-{number}-{rows.height}.parquet"
    journalled.parent.mkdir(exist_ok=True)
    path.rename(journalled)
    manifest.forget(landing, [str(path.relative_to(landing))])
    for made in ("work", "warehouse"):
        shutil.rmtree(damaged.folder / made)
    (damaged.folder / "warehouse.duckdb").unlink()
    damage(journalled)
    assert journal.damaged(landing) == [str(journalled.relative_to(landing))]
    [line] = damaged.heals()
    assert line.startswith(f"landing/.journal/{journalled.name} is damaged: it cannot")


def folder(path: Path) -> None:
    """A folder where the file was."""
    path.unlink()
    (path / "inside").mkdir(parents=True)


def astray(path: Path) -> None:
    """A link that leads nowhere."""
    path.unlink()
    path.symlink_to(path.with_name("nowhere") / path.name)


LOADING_AGAIN = "work file is damaged: loading everything again from landing"


def shown(folder: Path) -> list[str]:
    looked = integrity.look(DataFolder(folder), is_deep=False)
    return [one.what for one in looked if one.level == "fail"]


@pytest.mark.parametrize("damage", [empty, cut, garbage])
def test_a_damaged_work_file_is_left_for_a_new_one(
    damage: Callable[[Path], None], damaged: Damaged
) -> None:
    damage(damaged.folder / "work" / "warehouse.duckdb")
    assert shown(damaged.folder) == ["work file"]
    said: list[str] = []
    of = settings.read(data_dir=damaged.folder)
    with Project(of, notice=said.append) as project:
        project.warehouse()
        assert project.is_anew
    assert said == [LOADING_AGAIN]


@pytest.mark.parametrize("damage", [folder, astray])
def test_what_is_no_work_file_makes_way_for_one_that_is_loaded_again(
    damage: Callable[[Path], None], damaged: Damaged
) -> None:
    damage(damaged.folder / "work" / "warehouse.duckdb")
    assert shown(damaged.folder) == ["work file"]
    assert damaged.heals() == [LOADING_AGAIN]


def test_damage_in_the_middle_of_the_work_file_is_found_once_a_run_broke_off(
    damaged: Damaged,
) -> None:
    work = damaged.folder / "work" / "warehouse.duckdb"
    data = bytearray(work.read_bytes())
    data[12_288:] = bytes(len(data) - 12_288)
    work.write_bytes(data)
    work.with_name(".unsettled").touch()
    assert damaged.heals() == [LOADING_AGAIN]


def test_a_file_that_breaks_a_run_off_is_found_by_the_next_whatever_its_size(
    damaged: Damaged, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its size is right, and its checksum is not due for days."""
    monkeypatch.setattr(manifest, "parts_due", lambda *_: frozenset())
    (path,) = (damaged.folder / "landing" / "runs").rglob("*-end.parquet")
    path.write_bytes(bytes(path.stat().st_size))
    _, broken = damaged.sync()
    assert broken.failed_steps
    name = path.relative_to(damaged.folder)
    assert damaged.heals() == [
        f"{name} is damaged: its checksum differs; what was in it is read again"
    ]
