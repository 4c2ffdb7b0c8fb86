"""What several stations' tests share: the time of day, and a sync over a sandbox.

Whenever the suite is run, it is the same afternoon in it: an hour that strikes half
way, or a sandbox of another weekday, would make other tests.
"""

import contextlib
import functools
import gc
import logging
import os
import shutil
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import dagster as dg
import hypothesis
import pytest
import time_machine

warnings.filterwarnings("ignore", category=dg.BetaWarning)
# Read when polars is loaded; the workers of xdist share out the cores already.
os.environ.setdefault("POLARS_MAX_THREADS", "1")

from pipeline import settings  # noqa: E402
from pipeline.definitions import assembled  # noqa: E402
from pipeline.defs import jobs  # noqa: E402
from pipeline.extraction import accounts  # noqa: E402
from pipeline.extraction.windows import Range  # noqa: E402
from pipeline.instance import running  # noqa: E402
from pipeline.mercadolibre.connection import connect  # noqa: E402
from pipeline.sandbox.server.server import RunningSandbox  # noqa: E402
from pipeline.sync.project import Project  # noqa: E402
from pipeline.warehouse import connection  # noqa: E402
from tests import plain_run  # noqa: E402

# How fast the machine is at the moment is no claim of any test. The gate tries the same
# examples everywhere; `pytest --hypothesis-profile=search` looks for new ones.
hypothesis.settings.register_profile(
    "search",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.register_profile(
    "gate",
    hypothesis.settings.get_profile("search"),
    derandomize=True,
    max_examples=40,
)
hypothesis.settings.load_profile("gate")

Sync = Callable[..., tuple[Project, running.Ended]]

TODAY = datetime(2026, 11, 26, 12, 10, tzinfo=UTC)

ROOM = 6 * 1024**3
"""Bytes of which the folders of tests never fill a half: those that passed go."""

_AT_ANOTHER_TIME = """
import sys, time_machine
time_machine.travel(float(sys.argv.pop(1))).start()
from pipeline.cli.main import run
run()
"""


_run_by_dagster = running.run


def pytest_configure() -> None:
    """Begin at `TODAY`, from where the clock runs; run jobs without Dagster."""
    _write_in_memory()
    time_machine.travel(TODAY).start()
    connection.THREADS = 1  # the workers of xdist share out the cores already
    # A handful of rows a table fills no block of DuckDB's: 18 MB would be copied and
    # sealed at each publication, where 2 MB are.
    connection.CONFIG |= {
        "default_block_size": "16384",
        "force_compression": "uncompressed",
    }
    running.run = plain_run.run


def _write_in_memory() -> None:
    """Keep the folders of tests in memory, unless somebody says where they belong.

    A sync flushes each file to the disk, which a test need not wait for. Where programs
    may not be run from there, as in most containers, they stay where they are.
    """
    memory = Path("/dev/shm")
    if "TMPDIR" in os.environ or not os.access(memory, os.W_OK):
        return
    is_barred = os.statvfs(memory).f_flag & os.ST_NOEXEC
    if shutil.disk_usage(memory).free > ROOM and not is_barred:
        os.environ["TMPDIR"] = str(memory)
        tempfile.tempdir = None  # read anew


@pytest.fixture(autouse=True)
def _dagster(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give Dagster to the tests that are marked so."""
    if request.node.get_closest_marker("dagster"):
        monkeypatch.setattr(running, "run", _run_by_dagster)
    else:
        monkeypatch.setattr(dg.Definitions, "resolve_job_def", plain_run.job)


def meli_sales(*words: str) -> list[str]:
    """The command line of a process that has the suite's time of day."""
    return [sys.executable, "-c", _AT_ANOTHER_TIME, str(time.time()), *words]


@pytest.fixture(autouse=True)
def _own_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine, no `.env`, no Dagster home reaches a test."""
    for name in list(os.environ):
        if name.startswith("MELI_") or name == "DAGSTER_HOME":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def forgetful() -> contextlib.AbstractContextManager[dg.DagsterInstance | None]:
    """A Dagster without a history: keeping one takes longer than a small sync.

    None where jobs are run without Dagster: to make one takes half a second.
    """
    if running.run is plain_run.run:
        return contextlib.nullcontext()
    instance = dg.DagsterInstance.ephemeral()
    history: Any = instance.event_log_storage
    nothing = dg.EventRecordsResult([], "", has_more=False)
    history.store_event = lambda event: None
    history.get_asset_records = lambda asset_keys=None: []
    history.fetch_observations = lambda *wanted, **more: nothing
    history.fetch_materializations = lambda *wanted, **more: nothing
    return instance


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait as a real sync does, but a hundred times shorter."""
    quick = functools.partial(connect, first_wait=0.01, longest_wait=0.1)
    monkeypatch.setattr(accounts, "connect", quick)


def settings_for(
    sandbox: RunningSandbox, data_dir: Path, **overrides: Any
) -> settings.Settings:
    """Settings that read all of a sandbox's sellers into a folder, without a pace."""
    wanted = {
        "base_url": sandbox.url,
        "access_token": "APP_USR-sandbox",
        "seller_ids": tuple(sandbox.world.sellers),
        "data_dir": data_dir,
        "requests_per_minute": 1_000_000,
    }
    return settings.read(**(wanted | overrides))


def run_sync(
    sandbox: RunningSandbox,
    span: Range | None,
    data_dir: Path,
    **overrides: Any,
) -> tuple[Project, running.Ended]:
    """Run the sync job over a sandbox, as the command line does."""
    wanted = settings_for(sandbox, data_dir, **overrides)
    with forgetful() as instance, Project(wanted) as project:
        job = assembled().resolve_job_def("sync")
        config = jobs.config(span)
        ended = running.run(job, project, config=config, instance=instance)
    return project, ended


@pytest.fixture
def sync(tmp_path: Path) -> Sync:
    """Run the sync job on the test's own data folder, unless it names another."""

    def run(
        sandbox: RunningSandbox,
        span: Range | None = None,
        *,
        data_dir: Path | None = None,
        **overrides: Any,
    ) -> tuple[Project, running.Ended]:
        return run_sync(sandbox, span, data_dir or tmp_path / "data", **overrides)

    return run


def pytest_collection_finish() -> None:
    """Look for no garbage among what is there before the first test.

    Thousands of tests and all that they import stay until the end; looking through them
    again and again took a fortieth of the CPU.
    """
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Do not measure the coverage of tests marked ``untraced``.

    pytest-cov's own ``no_cover`` uncovers a second tracer in the workers of xdist.
    """
    if not item.get_closest_marker("untraced"):
        return (yield)
    mine, others = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(mine)
        threading.settrace(others)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that the workers end together.

    That is lives of hours, then whole syncs.
    """
    items.sort(
        key=lambda item: (
            not item.get_closest_marker("long"),
            item.path.parent.name not in ("tests", "cli"),
        )
    )


SECRET_OF_S3 = "sesame-of-the-bucket"


@pytest.fixture(scope="session")
def address_of_s3() -> Iterator[str]:
    """A local S3 with a bucket called `bucket`."""
    from moto.server import ThreadedMotoServer  # takes a second to load

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    urlopen(Request(f"http://{host}:{port}/bucket", method="PUT")).close()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(address_of_s3: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process and its children use the local S3."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", address_of_s3)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAOFNOBODY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_OF_S3)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
