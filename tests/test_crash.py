"""Kill -9 at any moment of a sync, then one sync: the warehouse of an undisturbed one.

Two random moments by default; `KILLS=50` tries fifty. A moment is a number of
requests, not of seconds: how far a sync has come by then hangs on the machine.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.extraction.windows import Range
from pipeline.sandbox.server.server import RunningSandbox, serve
from pipeline.sandbox.world.world import World
from tests.conftest import Sync, meli_sales, run_sync
from tests.test_road import assert_same, tables

KILLS = int(os.environ.get("KILLS", "2"))
pytestmark = pytest.mark.untraced

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SPAN = Range(NOW - timedelta(days=3), NOW + timedelta(hours=1))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with serve(World(orders=130, seed=3, now=NOW, days=3)) as running:
        yield running


@dataclass(frozen=True)
class Undisturbed:
    """A sync that nobody killed: what it left and how much it asked for."""

    folder: Path
    request_count: int


@pytest.fixture(scope="module")
def undisturbed(
    sandbox: RunningSandbox, tmp_path_factory: pytest.TempPathFactory
) -> Undisturbed:
    folder = tmp_path_factory.mktemp("undisturbed") / "data"
    sandbox.log.clear()
    _, ended = run_sync(sandbox, SPAN, folder)
    assert ended.is_good, ended
    return Undisturbed(folder, sandbox.log.total)


def start(sandbox: RunningSandbox, folder: Path) -> subprocess.Popen[bytes]:
    """A sync of the whole span as a process of its own, as a person would start it."""
    surroundings = os.environ | {
        "MELI_BASE_URL": sandbox.url,
        "MELI_ACCESS_TOKEN": "APP_USR-sandbox",
        "MELI_SELLER_IDS": ",".join(map(str, sandbox.world.sellers)),
        "MELI_DATA_DIR": str(folder),
        "MELI_REQUESTS_PER_MINUTE": "100000",
    }
    span = ("--from", SPAN.start.isoformat(), "--to", SPAN.end.isoformat())
    return subprocess.Popen(
        meli_sales("sync", *span),
        env=surroundings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_for(
    process: subprocess.Popen[bytes], sandbox: RunningSandbox, moment: float, last: int
) -> None:
    """Wait until a sync has come so far: 1 is its last request, 1.5 well after it."""
    while sandbox.log.total < min(moment, 1) * last and process.poll() is None:
        time.sleep(0.002)
    if moment > 1:  # what has come is loaded, built and published
        time.sleep((moment - 1) * 6)


_KILLED_AT = """
import importlib, os, signal, sys
module, name = sys.argv.pop(1), sys.argv.pop(1)
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
setattr(importlib.import_module(module), name, die)
from pipeline.cli.main import run
run()
"""


@pytest.mark.long
def test_a_rebuild_killed_at_any_step_leaves_what_was_published(
    undisturbed: Undisturbed, tmp_path: Path
) -> None:
    before = tables(undisturbed.folder)
    folder = shutil.copytree(undisturbed.folder, tmp_path / "data", symlinks=True)
    surroundings = os.environ | {"MELI_DATA_DIR": str(folder)}
    for step in (
        ("pipeline.sync.loading", "merge"),
        ("pipeline.warehouse.build", "build"),
        ("pipeline.sync.project", "publish"),
    ):
        killed = subprocess.run(
            [sys.executable, "-c", _KILLED_AT, *step, "rebuild"],
            env=surroundings,
            capture_output=True,
            timeout=120,
        )
        assert killed.returncode == -signal.SIGKILL, (step, killed.stderr)
        assert_same(tables(folder), before)
    ended = subprocess.run(
        meli_sales("rebuild"), env=surroundings, capture_output=True, timeout=120
    )
    assert ended.returncode == 0, ended.stderr
    assert_same(tables(folder), before)
    assert not (folder / "work" / "rebuilding.duckdb").exists()


@pytest.mark.parametrize("number", range(KILLS))
def test_killed_at_any_moment_one_more_sync_mends_everything(
    number: int,
    sandbox: RunningSandbox,
    undisturbed: Undisturbed,
    sync: Sync,
    tmp_path: Path,
) -> None:
    sandbox.log.clear()
    sandbox.switches.latency_seconds = 0.02
    # Every part of the sync has its share of the moments, however few they are.
    moment = (number + random.Random(number).random()) / KILLS * 1.4
    process = start(sandbox, tmp_path / "data")
    wait_for(process, sandbox, moment, undisturbed.request_count)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    sandbox.switches.latency_seconds = 0.0

    _, ended = sync(sandbox, SPAN)

    assert ended.is_good, ended
    assert_same(tables(undisturbed.folder), tables(tmp_path / "data"))
    asked = sandbox.log.requests["/shipments/{id}"]
    shipments = len(tables(tmp_path / "data")["core.shipments"])
    # What is lost at worst: the answers of the last tenth of a second, in which eight
    # connections of 20 ms bring forty, eight that waited while those before them were
    # written, and eight on their way.
    assert asked <= shipments + 56, "what had landed was asked for again"
