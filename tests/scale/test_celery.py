"""Buckets of sellers by two Celery workers, one of them killed, equal one plain sync.

Postgres, Redis, an S3, a sandbox, Dagster's daemon and the workers are processes of
their own, as deploy/celery/ has them; the workers are two machines to each other: they
share no folder but that of the tokens. Run by `make test-scale`.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from pipeline import settings
from pipeline.buckets import TAG
from tests.programs import Programs, answers, free_port, wait_for
from tests.test_road import assert_same, tables

pytest.importorskip("dagster_celery", reason="`make test-scale` has dagster-celery")
POSTGRES = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"))), None)
if POSTGRES is None or not shutil.which("redis-server"):
    pytest.skip("Postgres and Redis are not installed", allow_module_level=True)

pytestmark = pytest.mark.long

DEPLOY = Path(__file__).parents[2] / "deploy" / "celery"
OF_WHEN = ("marts.day_completeness", "marts.hour_completeness")
"""Which hours are over, and within twelve months, hangs on when they are read."""

DEAD = "http://127.0.0.1:9"
"""An API that nobody answers: a rebuild asks nothing."""

BUCKETS = 8
"""Of which four have sellers, one of them two."""

REQUESTS_PER_MINUTE = 600
PATIENCE_SECONDS = 900


def postgres(machines: Programs, stack: Path) -> int:
    """A Postgres with the database `dagster`; root may not run one itself."""
    assert POSTGRES is not None
    folder, port = stack / "postgres", free_port()
    folder.mkdir()
    other: dict[str, Any] = {}
    if os.getuid() == 0:
        other = {"user": "postgres", "group": "postgres"}
        shutil.chown(folder, "postgres", "postgres")
        stack.chmod(0o711)
    made = [str(POSTGRES / "initdb"), "--auth=trust", "--username=dagster", str(folder)]
    subprocess.run(made, check=True, stdout=subprocess.DEVNULL, cwd=stack, **other)
    machines.start(
        "postgres",
        *(str(POSTGRES / "postgres"), "-D", str(folder), "-p", str(port)),
        *("-c", f"unix_socket_directories={folder}", "-c", "fsync=off"),
        cwd=stack,
        **other,
    )
    wait_for(lambda: answers(port), "postgres", PATIENCE_SECONDS)
    named = ("--host", "127.0.0.1", "--port", str(port), "--username", "dagster")
    wait_for(
        lambda: (
            not subprocess.run([POSTGRES / "createdb", *named, "dagster"]).returncode
        ),
        "createdb",
        PATIENCE_SECONDS,
    )
    return port


def redis(machines: Programs, stack: Path) -> str:
    port = free_port()
    words = ("redis-server", "--port", str(port), "--save", "", "--dir", str(stack))
    machines.start("redis", *words)
    wait_for(lambda: answers(port), "redis", PATIENCE_SECONDS)
    return f"redis://127.0.0.1:{port}/0"


def home_of_dagster(stack: Path, port: int) -> Path:
    """The home that deploy/celery/ describes, quicker to notice who is gone."""
    home = stack / "dagster"
    home.mkdir()
    told = yaml.safe_load((DEPLOY / "dagster.yaml").read_text())
    told["storage"]["postgres"]["postgres_db"]["port"] = port
    told["run_monitoring"]["poll_interval_seconds"] = 5
    told["concurrency"]["runs"]["max_concurrent_runs"] = 2
    (home / "dagster.yaml").write_text(yaml.safe_dump(told))
    return home


@pytest.fixture
def stack() -> Iterator[Path]:
    """A folder that another user may pass through."""
    folder = Path(tempfile.mkdtemp(prefix="meli-sales-scale-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def machines(stack: Path) -> Iterator[Programs]:
    made = Programs(stack)
    try:
        yield made
    finally:
        made.close()


def meli_sales(surroundings: Mapping[str, str], *words: str) -> None:
    program = Path(sys.executable).with_name("meli-sales")
    done = subprocess.run(
        [program, *words],
        env=os.environ | surroundings,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]


def named(surroundings: Mapping[str, str]) -> dict[str, str]:
    """Settings by their names in Python."""
    return {
        name.removeprefix("MELI_").lower(): value
        for name, value in surroundings.items()
        if name.startswith("MELI_")
    }


def most_in_a_minute(times: list[float]) -> int:
    times = sorted(times)
    first = most = 0
    for number, at in enumerate(times, start=1):
        while times[first] <= at - 60:
            first += 1
        most = max(most, number - first)
    return most


def test_two_workers_one_of_them_killed_equal_a_plain_sync(
    machines: Programs, stack: Path, s3: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = (sys.executable, "-W", "ignore", "-m")
    came = stack / "requests"
    sandbox = machines.start(
        "sandbox",
        *(*python, "tests.scale.watched_sandbox", str(came)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=DEPLOY.parents[1],
    )
    assert sandbox.stdout is not None
    url, sellers = sandbox.stdout.readline().split()
    shared = {
        "MELI_BASE_URL": url,
        "MELI_REPORTING_CURRENCY": "USD",
        "MELI_SELLER_IDS": sellers,
    }
    redis_url = redis(machines, stack)
    together = shared | {
        "DAGSTER_HOME": str(home_of_dagster(stack, postgres(machines, stack))),
        "DAGSTER_PG_HOST": "127.0.0.1",
        "DAGSTER_PG_PASSWORD": "trusted",
        "MELI_CLIENT_ID": "4711",
        "MELI_CLIENT_SECRET": "the-secret",
        "MELI_LANDING_URL": "s3://bucket/landing",
        "MELI_REDIS_URL": redis_url,
        "MELI_REFRESH_TOKEN": ",".join(
            f"{seller}=TG-sandbox-{seller}" for seller in sellers.split(",")
        ),
        "MELI_REQUESTS_PER_MINUTE": str(REQUESTS_PER_MINUTE),
        "MELI_SELLER_BUCKETS": str(BUCKETS),
        "MELI_TOKENS_DIR": str(stack / "tokens"),
    }

    def start(name: str, *words: str) -> subprocess.Popen[str]:
        own = {"MELI_DATA_DIR": str(stack / name)}
        return machines.start(
            name, *python, *words, env=os.environ | together | own, cwd=stack
        )

    # As docs/scale.md says: those that start at one moment would all make the tables.
    subprocess.run(
        [*python, "dagster", "instance", "migrate"],
        env=os.environ | together,
        cwd=stack,
        check=True,
    )
    celery = ("celery", "--app", "pipeline.instance.celery_worker", "worker")
    lost, _ = (
        start(name, *celery, "--concurrency", "1", "--hostname", f"{name}@%h")
        for name in ("one", "two")
    )
    workspace = str(DEPLOY / "workspace.yaml")
    start("daemon", "dagster._daemon", "run", "--workspace", workspace)

    wait_for(
        lambda: any((stack / "one" / "buckets").glob("*/landing/orders/*/*.parquet")),
        "the first worker lands orders",
        PATIENCE_SECONDS,
    )
    machines.kill(lost)
    (half,) = (stack / "one" / "buckets").iterdir()
    assert not (half / "warehouse.duckdb").exists(), "in the middle of a bucket"

    for name in ("DAGSTER_PG_HOST", "DAGSTER_PG_PASSWORD", "MELI_REDIS_URL"):
        monkeypatch.setenv(name, together[name])
    buckets = settings.read(**named(together)).buckets()
    assert len(buckets) == 4
    with dg.DagsterInstance.from_config(together["DAGSTER_HOME"]) as instance:

        def done() -> list[dg.DagsterRun]:
            return list(
                instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.SUCCESS]))
            )

        wait_for(
            lambda: {run.tags[TAG] for run in done()} == set(map(str, buckets)),
            "every bucket is read",
            PATIENCE_SECONDS,
        )
        (failed,) = instance.get_runs(
            dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE])
        )
        assert failed.tags[TAG] == half.name
        (again,) = [run for run in done() if run.parent_run_id == failed.run_id]
        assert again.tags[TAG] == half.name

    seen = [float(line) for line in came.read_text().splitlines()]
    assert most_in_a_minute(seen) <= REQUESTS_PER_MINUTE

    one_machine = {"MELI_DATA_DIR": str(stack / "plain")}
    alone = {
        "MELI_ACCESS_TOKEN": "APP_USR-sandbox",
        "MELI_REQUESTS_PER_MINUTE": "99999",
    }
    meli_sales(shared | one_machine | alone, "sync")
    gathered = {"MELI_DATA_DIR": str(stack / "gathered"), "MELI_BASE_URL": DEAD}
    meli_sales(together | gathered, "rebuild")
    plain, together_made = (tables(stack / name) for name in ("plain", "gathered"))
    for name in OF_WHEN:
        assert plain.pop(name)["is_complete"].any()
        assert together_made.pop(name)["is_complete"].any()
    assert_same(plain, together_made)
    print(
        f"{len(seen)} requests in {max(seen) - min(seen):.0f} seconds,"
        f" at most {most_in_a_minute(seen)} in a minute"
    )
