"""The other Definitions: buckets of sellers, dealt to workers on several machines.

A bucket is a data folder of its own, whose landed files have a home that every worker
reaches; so any worker goes on with any bucket. Which run each worker gets is for the
instance to say (`deploy/celery/dagster.yaml`). Not here: what a sync does
(`definitions.py`), and which seller is in which bucket (`settings.py`).
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg

from pipeline import definitions, folder_access, settings
from pipeline.defs import jobs, order_reading
from pipeline.defs.catalog import OWNERS
from pipeline.extraction.reachability import answering
from pipeline.instance import running
from pipeline.instance.history import at_work, forget_old_runs
from pipeline.settings import Settings
from pipeline.sync.project import Project

JOB = "read_buckets"
TAG = "meli-sales/bucket"
"""Of a run, its bucket: the run queue lets one run of a bucket begin at a time."""

FIRST_DAY = datetime(2025, 1, 1, tzinfo=UTC)
"""Dagster advises at most 100 000 partitions: 64 buckets reach them in April 2029."""

LOOKS_EVERY_SECONDS = 60
SHOWN_PROBLEMS = 20


def _asset(wanted: Settings) -> dg.AssetsDefinition:
    of_bucket_and_day = dg.MultiPartitionsDefinition(
        {
            "bucket": dg.StaticPartitionsDefinition(
                [str(bucket) for bucket in sorted(wanted.buckets())]
            ),
            "day": dg.DailyPartitionsDefinition(
                FIRST_DAY, timezone="UTC", end_offset=1
            ),
        }
    )

    @dg.asset(
        key=["landing", "buckets"],
        partitions_def=of_bucket_and_day,
        group_name="landing",
        kinds={"json", "parquet", "duckdb"},
        owners=OWNERS,
    )
    def buckets(
        context: dg.AssetExecutionContext, config: order_reading.Wanted
    ) -> dg.MaterializeResult[None]:
        """A bucket's sellers, synced: read, proven, sent to its home, and published.

        A partition is a bucket and the UTC day on which its orders were last updated. A
        run is one whole sync; of a partition picked by hand, it reads that day again.
        """
        bucket = _dimension(context.partition_key, "bucket")
        return _synced(context, bucket, order_reading.span_of(context, config))

    return buckets


def _synced(
    context: dg.AssetExecutionContext, bucket: str, span: Any
) -> dg.MaterializeResult[None]:
    """Run the job of a sync in this process, on the data folder of a bucket."""
    folder_access.keep_private()
    wanted = settings.read(seller_bucket=int(bucket))
    folder_access.check_folder(wanted.data_dir, is_written=True)
    answering(wanted, context.log.warning)
    with (
        running.killed_if_hung(wanted),
        Project(
            wanted, asked=f"bucket {bucket} by Dagster", notice=context.log.warning
        ) as project,
    ):
        ended = running.run(
            definitions.assembled().resolve_job_def(jobs.sync.name),
            project,
            config=jobs.config(span),
        )
        requests = sum(project.requests().values())
    forget_old_runs(context.instance)
    certificates = project.run.certificates
    for day, count in order_reading.day_counts(certificates).items():
        key = dg.MultiPartitionKey({"bucket": bucket, "day": day})
        made = dg.AssetMaterialization(
            context.asset_key,
            partition=key,
            metadata={"dagster/partition_row_count": count},
        )
        if key != context.partition_key:
            context.log_event(made)
    if not ended.is_good:
        # Published all the same; the next hour's run takes up what is missing.
        found = [*ended.failed_steps, *ended.problems][:SHOWN_PROBLEMS]
        raise dg.Failure("; ".join(found), allow_retries=False)
    return dg.MaterializeResult(
        metadata={
            "sellers": len(wanted.seller_ids),
            "windows": len(certificates),
            "requests": requests,
        }
    )


def _dimension(key: str, name: str) -> str:
    if not isinstance(key, dg.MultiPartitionKey):
        raise TypeError(f"{key} is not the key of a bucket and a day")
    return key.keys_by_dimension[name]


@dg.sensor(
    job_name=JOB,
    minimum_interval_seconds=LOOKS_EVERY_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def every_bucket(
    context: dg.SensorEvaluationContext,
) -> dg.SensorResult | dg.SkipReason:
    """Asks for every bucket once an hour, as soon as the hour before can be proven.

    Leaves out a bucket whose run is not over: the next hour reads what it left.
    """
    wanted = settings.read()
    now = datetime.now(UTC)
    hour = f"{now - timedelta(minutes=wanted.holdback_minutes):%Y-%m-%dT%H}"
    if context.cursor == hour:
        return dg.SkipReason(f"every bucket was asked for in the hour {hour}")
    runs = [
        dg.RunRequest(
            run_key=f"{bucket} {hour}",
            partition_key=dg.MultiPartitionKey(
                {"bucket": str(bucket), "day": f"{now:%Y-%m-%d}"}
            ),
            run_config={"ops": {"landing__buckets": {"config": {"due": True}}}},
            tags={TAG: str(bucket), **running.limit_tags(wanted)},
        )
        for bucket in sorted(wanted.buckets())
        if not at_work(context.instance, JOB, tags={TAG: str(bucket)})
    ]
    return dg.SensorResult(run_requests=runs, cursor=hour)


@dg.definitions
def defs() -> dg.Definitions:
    """The asset of all buckets, its job, and the sensor that asks for each."""
    wanted = settings.read()
    return dg.Definitions(
        assets=[_asset(wanted)],
        jobs=[
            dg.define_asset_job(JOB, dg.AssetSelection.assets(["landing", "buckets"]))
        ],
        sensors=[every_bucket],
        executor=dg.in_process_executor,
    )
