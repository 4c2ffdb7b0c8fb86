"""What landed without a text that a newer version reads is read again, once."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from msgspec import structs

from pipeline import settings
from pipeline.extraction.windows import Range
from pipeline.landing import (
    allowed,
    buyers,
    earlier,
    files,
    lost,
    manifest,
    rewriting,
)
from pipeline.landing.certificate import Certificate
from pipeline.landing.redaction import Permission
from pipeline.sandbox.server.server import RunningSandbox, serve
from pipeline.sandbox.world.world import World
from pipeline.sync import by_id, learning, orders
from pipeline.sync.project import Project
from pipeline.sync.resources import permissions
from pipeline.warehouse.read import query
from tests.conftest import run_sync

pytestmark = pytest.mark.untraced

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SPAN = Range(NOW - timedelta(days=2), NOW)
LATER = Range(NOW, NOW + timedelta(hours=1))
"""A range without an order: what is read besides was taken back."""

UNKNOWN = {
    "orders": ("context", "channel"),
    "packs": ("status",),
    "shipments": ("logistic", "type"),
}
"""Paths of texts that the version before did not read."""

COLUMNS = {
    "core.orders": "channel",
    "core.packs": "pack_status",
    "core.shipments": "logistic_type",
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with serve(World(orders=12, seed=3, now=NOW, days=2, sellers=1)) as running:
        running.switches.trims_search = frozenset({"cancel_detail"})
        for order_id in running.world.order_ids()[:2]:
            running.world.cancel(order_id)
        yield running


def without(permission: Permission, path: tuple[str, ...]) -> Permission:
    """What may land less the texts at a path."""
    key, *beneath = path
    if beneath:
        inside = without(permission.objects[key], tuple(beneath))
        return replace(permission, objects={**permission.objects, key: inside})
    texts = {name: form for name, form in permission.texts.items() if name != key}
    return replace(permission, texts=texts)


def permissions_before() -> dict[str, Permission]:
    return {
        name: without(one, UNKNOWN[name]) if name in UNKNOWN else one
        for name, one in permissions().items()
    }


@pytest.fixture(scope="module")
def before(sandbox: RunningSandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the version before."""
    data = tmp_path_factory.mktemp("before") / "data"
    with pytest.MonkeyPatch.context() as patch:
        for module in (orders, by_id, learning):
            patch.setattr(module, "permissions", permissions_before)
        _, ended = run_sync(sandbox, SPAN, data)
    assert ended.is_good, ended
    return data


@pytest.fixture
def data(before: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(before, tmp_path / "data", symlinks=True)


def learns(data: Path) -> tuple[list[str], list[Certificate]]:
    """What a run says that looks for learned texts, and what it revokes."""
    said: list[str] = []
    with Project(settings.read(data_dir=data), notice=said.append) as project:
        learning.learn(project)
    rows = earlier.certificates(data / "landing")
    return said, [row for row in rows if row.verdict == "revoked"]


def withheld(data: Path) -> list[str]:
    """The tables in which a text is missing."""
    return [
        table
        for table, column in COLUMNS.items()
        if "***" in query(data, f"select {column} from {table}")[column]
    ]


@pytest.mark.long
def test_texts_that_a_new_version_reads_are_read_again_once(
    sandbox: RunningSandbox, data: Path
) -> None:
    assert withheld(data) == list(COLUMNS)
    _, ended = run_sync(sandbox, LATER, data)
    assert ended.is_good, ended
    assert withheld(data) == []
    channels = query(data, "select distinct channel from core.orders")["channel"]
    assert channels.to_list() == ["marketplace"]

    sandbox.log.clear()
    _, ended = run_sync(sandbox, LATER, data)
    assert ended.is_good, ended
    assert sandbox.log.requests.keys() == {"/orders/search"}
    assert sandbox.log.requests["/orders/search"] <= 4


def test_what_was_withheld_is_told_in_one_line_and_its_hours_are_revoked(
    sandbox: RunningSandbox, data: Path
) -> None:
    [line], revoked = learns(data)
    world = sandbox.world
    hours = {world.facts(one).indexed // 3_600_000 for one in world.order_ids()}
    assert line == (
        "this version reads texts that earlier ones withheld, such as "
        f"orders.context.channel; read again: hours of orders {len(hours)}, things 19"
    )
    told = {
        int(row.window_from.timestamp()) // 3600 + hour
        for row in revoked
        if row.search_pass == "all"
        for hour in range((row.window_to - row.window_from) // timedelta(hours=1))
    }
    assert told == hours
    assert learns(data) == ([], revoked), "only once"


def test_hours_that_mercado_libre_answers_no_more_stay_proven(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.extraction.coverage.RETENTION", timedelta(hours=1))
    [line], revoked = learns(data)
    assert revoked == []
    assert "read again: hours of orders 0, things " in line


def test_a_crash_before_the_list_is_noted_takes_back_the_same_again(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with Project(settings.read(data_dir=data)):
        pass  # holds what landed to today's rules, and notes them
    with monkeypatch.context() as patch:
        patch.setattr(allowed, "keep", crash)
        with pytest.raises(KeyboardInterrupt):
            learns(data)
    [_], revoked = learns(data)
    windows = [(row.search_pass, row.window_from, row.window_to) for row in revoked]
    half = len(windows) // 2
    assert windows
    assert sorted(windows[:half]) == sorted(windows[half:])


def test_what_a_crashed_run_landed_without_the_text_is_not_continued(
    data: Path,
) -> None:
    landing = data / "landing"
    earlier.open_run(landing, "crashed")
    learns(data)
    assert earlier.unfinished_runs(landing, "next") == []


def test_a_folder_without_a_list_is_taken_to_have_this_one(data: Path) -> None:
    (data / "landing" / ".allowed.json").unlink()
    assert learns(data) == ([], [])
    kept = allowed.read(data / "landing")
    assert kept is not None
    assert kept.texts["packs"] == allowed.texts(permissions()["packs"])


def test_texts_that_this_version_withholds_go_from_landing_and_the_work_file(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    landing = data / "landing"
    with Project(settings.read(data_dir=data)):
        pass  # holds what landed to today's rules, and notes them
    (path,), (orders_path, *_) = (
        files.listing(landing, one) for one in ("shipments", "orders")
    )
    rows = files.read(landing, "shipments", [path])
    looser = rows.with_columns(
        pl.col("payload").str.replace(r"\}$", ',"remark":"Ana Lopez"}')
    )
    files.write(looser, landing / path)
    untouched = manifest.entries(landing)[orders_path]
    told = allowed.read(landing)
    assert told is not None
    before = structs.replace(told, rules=told.rules | {"shipments": "looser"})
    allowed.keep(landing, before)
    assert list(rewriting.looser(landing, permissions())) == [path]

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(files, "write", killed)
        with pytest.raises(KeyboardInterrupt):
            Project(settings.read(data_dir=data)).__enter__()
    said: list[str] = []
    with Project(settings.read(data_dir=data), notice=said.append) as project:
        assert not project.folder.work.exists(), "its free pages may hold the text"
    assert said == ["hiding people in what has landed, then loading it again"]
    assert buyers.state(data).is_pending, "until a version without it is published"
    assert list(rewriting.looser(landing, permissions())) == []
    remarks = files.read(landing, "shipments", [path])["payload"]
    assert remarks.str.contains('"remark":"\\*\\*\\*"').all()
    assert manifest.entries(landing)[orders_path] == untouched
    assert lost.find(landing, lost.everything) == []
    said.clear()
    buyers.settle(data)
    with Project(settings.read(data_dir=data), notice=said.append):
        assert said == [], "once"
