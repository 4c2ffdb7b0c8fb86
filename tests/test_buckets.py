"""Every bucket is asked for once an hour, by day, and its run is one whole sync."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest
import time_machine

from pipeline import buckets
from pipeline.sandbox.server.server import RunningSandbox, serve
from pipeline.sandbox.world.world import World
from tests.conftest import TODAY

pytestmark = pytest.mark.dagster

BUCKETS = {700100200: "3", 700100201: "0"}
"""Of four; a seller never moves."""


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with serve(World(orders=20, seed=5, sellers=2, days=3)) as running:
        yield running


@pytest.fixture(autouse=True)
def _settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sandbox: RunningSandbox
) -> None:
    wanted = {
        "ACCESS_TOKEN": "APP_USR-sandbox",
        "BASE_URL": sandbox.url,
        "DATA_DIR": str(tmp_path / "data"),
        "LANDING_URL": (tmp_path / "home").as_uri(),
        "REQUESTS_PER_MINUTE": "1000000",
        "SELLER_BUCKETS": "4",
        "SELLER_IDS": ",".join(map(str, BUCKETS)),
    }
    for name, value in wanted.items():
        monkeypatch.setenv(f"MELI_{name}", value)
    for bucket in BUCKETS.values():
        (tmp_path / "home" / bucket).mkdir(parents=True)


def asked(instance: dg.DagsterInstance, cursor: str | None) -> dg.SensorResult | str:
    context = dg.build_sensor_context(instance, cursor=cursor)
    told = buckets.every_bucket(context)
    if isinstance(told, dg.SkipReason):
        return str(told.skip_message)
    assert isinstance(told, dg.SensorResult)
    return told


def test_every_bucket_with_sellers_is_asked_for_once_an_hour() -> None:
    with (
        dg.DagsterInstance.ephemeral() as instance,
        time_machine.travel(TODAY, tick=False) as clock,
    ):
        first = asked(instance, None)
        assert isinstance(first, dg.SensorResult)
        assert first.cursor == "2026-11-26T12"
        assert [
            (run.run_key, run.partition_key, run.tags[buckets.TAG])
            for run in first.run_requests or ()
        ] == [
            ("0 2026-11-26T12", "0|2026-11-26", "0"),
            ("3 2026-11-26T12", "3|2026-11-26", "3"),
        ]
        assert asked(instance, first.cursor) == (
            "every bucket was asked for in the hour 2026-11-26T12"
        )
        clock.move_to(TODAY.replace(hour=13, minute=4))
        assert isinstance(asked(instance, first.cursor), str), "it is not proven yet"
        clock.move_to(TODAY.replace(hour=13, minute=5))
        at_work = instance.create_run_for_job(
            buckets.defs().resolve_job_def(buckets.JOB), tags={buckets.TAG: "3"}
        )
        then = asked(instance, first.cursor)
        assert isinstance(then, dg.SensorResult)
        assert [run.run_key for run in then.run_requests or ()] == ["0 2026-11-26T13"]
        instance.report_run_failed(at_work)
        later = asked(instance, first.cursor)
        assert isinstance(later, dg.SensorResult)
        assert len(later.run_requests or ()) == 2


def run(
    instance: dg.DagsterInstance, day: str, **config: object
) -> dg.ExecuteInProcessResult:
    job = buckets.defs().resolve_job_def(buckets.JOB)
    return job.execute_in_process(
        instance=instance,
        partition_key=str(dg.MultiPartitionKey({"bucket": "3", "day": day})),
        run_config={"ops": {"landing__buckets": {"config": config}}},
        raise_on_error=False,
    )


@pytest.mark.untraced
def test_a_run_syncs_the_bucket_and_reports_its_days(
    tmp_path: Path, sandbox: RunningSandbox
) -> None:
    yesterday = f"{TODAY - timedelta(days=1):%Y-%m-%d}"
    with dg.DagsterInstance.ephemeral() as instance:
        assert run(instance, yesterday).success
        folder = tmp_path / "data" / "buckets" / "3"
        assert (folder / "warehouse.duckdb").exists()
        assert any((tmp_path / "home" / "3").glob("windows/*/*.parquet"))
        key = dg.AssetKey(["landing", "buckets"])
        assert instance.get_materialized_partitions(key) == {f"3|{yesterday}"}

        sandbox.switches.policy_refuses = frozenset({"/orders/search"})
        ended = run(instance, yesterday)
        assert not ended.success
        (fault,) = ended.get_step_failure_events()
        assert "seller 700100200" in str(fault.step_failure_data.error)
