"""Builds the marts by Spark from what has landed, for readers of Parquet.

    landing ─▶ buckets of things ─▶ rows of core and ops ─▶ marts, checked ─▶ latest

What needs all rows at once (one reporting currency, derived ratios) is worked out in
DuckDB at the driver, from one order of each kind. The data folder must be at the same
path on all machines. Not here: fetching, and tables that no mart reads.
"""

import os
import shutil
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import polars as pl
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as of

from pipeline.engines.buckets import exploded
from pipeline.engines.dialect import spark_type, translated, view
from pipeline.landing import certificate, files, record
from pipeline.sql import UTC_MICROSECONDS
from pipeline.sync import loading
from pipeline.sync.project import Project
from pipeline.sync.resources import RESOURCES
from pipeline.warehouse.check import claims
from pipeline.warehouse.connection import transaction
from pipeline.warehouse.derived_rates import derive
from pipeline.warehouse.errors import WarehouseError
from pipeline.warehouse.files import Table, statement, table, tables
from pipeline.warehouse.prepare import declared_shapes
from pipeline.warehouse.sellers import complete_sellers
from pipeline.warehouse.staging import given

SETTINGS = {
    "spark.sql.ansi.enabled": "true",  # an overflow fails, it is not null
    # A product keeps all its places, as in DuckDB, and is rounded once.
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.session.timeZone": "UTC",
}

SMALL = ("sellers", "exchange_rates", "item_costs")
"""Resources of few records, whose rows depend on one another."""

BUCKET_BYTES = 32_000_000
"""Landed bytes that one worker takes at a time."""

FEWEST_BUCKETS = 8
_PORTS = {"sc": 15002, "spark": 7077}

_TYPES = {
    pl.Int16(): "smallint",
    pl.Int32(): "int",
    pl.Int64(): "bigint",
    pl.List(pl.String()): "array<string>",
    pl.String(): "string",
    UTC_MICROSECONDS: "timestamp",
}
"""How Spark writes the types of landed columns."""

_KEPT_BUILDS = 2
_WINDOWS = "ops.windows"
_QUARANTINE = "ops.quarantine"


class SparkFailed(WarehouseError):
    """Spark does not answer, or a mart breaks a claim; `latest` is as it was."""


def session(remote: str) -> SparkSession:
    """Connect to Spark: `sc://…` by Spark Connect, anything else names a master.

    Raises:
        SparkFailed: it cannot be reached or started.
    """
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("meli-sales")
    with _told("MELI_SPARK_REMOTE"):
        parts = urlsplit(remote)
        if parts.scheme in _PORTS and "," not in remote:  # one of several may be down
            _demand_answer(parts.hostname or "", parts.port or _PORTS[parts.scheme])
        is_remote = parts.scheme == "sc"
        made = builder.remote(remote) if is_remote else builder.master(remote)
        return made.getOrCreate()


def _demand_answer(host: str, port: int) -> None:
    """Refuse what Spark's client would try for minutes."""
    try:
        socket.create_connection((host, port), timeout=10).close()
    except OSError as error:
        raise SparkFailed(
            f"MELI_SPARK_REMOTE: nothing answers at {host}:{port}; start Spark "
            "there, or correct the address"
        ) from error


def build(project: Project, spark: SparkSession) -> Path:
    """Build every mart; returns the folder that `spark/latest` links to from now on.

    Its `marts/<mart>/` hold Parquet files. DuckDB's warehouse stays as it is.

    Raises:
        SparkFailed: Spark gives up, or a claim of severity error does not hold.
    """
    folder = (project.folder.path / "spark" / project.run.id).absolute()
    (folder / "core").mkdir(parents=True)
    try:
        with _told("the landed records"):
            for name, value in SETTINGS.items():
                spark.conf.set(name, value)
            _fill(spark, project, folder)
        for mart in tables():
            if mart.schema == "marts":
                project.notice(f"{mart.qualified} by Spark")
                with _told(mart.qualified):
                    _build(spark, mart, folder / "marts" / mart.name)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder / "core")
    return _published(folder)


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Name what failed and Spark's class of error; its text may quote a value."""
    try:
        yield
    except PySparkException as error:
        condition = error.getCondition() or type(error).__name__
        raise SparkFailed(f"{what}: Spark says {condition}; see its log") from error


def _fill(spark: SparkSession, project: Project, folder: Path) -> None:
    """Show the tables of core and ops that marts read as views, each whole."""
    names = sorted({name for one in tables() for name in one.reads})
    names = [name for name in names if not name.startswith("marts.")]
    large = [name for name in names if name in _of_things()]
    project.begin_anew()
    loading.load(project, SMALL)
    _explode(spark, project, large, folder / "core" / "things")
    _settle(spark, project)
    windows = _landed(spark, project, [files.WINDOWS], certificate.SCHEMA)
    _show(_WINDOWS, windows.dropDuplicates(table(_WINDOWS).key))
    for name in names:
        if name not in {*large, _WINDOWS}:
            path = folder / "core" / f"{name}.parquet"
            project.warehouse().execute(f"copy (from {name}) to '{path}'")
            _show(name, spark.read.parquet(_url(path)))


def _of_things() -> set[str]:
    """The tables that are filled thing by thing, each from its own records."""
    things = (one for name, one in RESOURCES.items() if name not in SMALL)
    return {_QUARANTINE}.union(*(one.tables for one in things))


def _explode(
    spark: SparkSession, project: Project, names: Sequence[str], folder: Path
) -> None:
    """Make rows of these tables, a bucket of things at a time on any worker."""
    resources = [name for name in RESOURCES if name not in SMALL]
    size = sum(path.stat().st_size for path in _paths(project, resources))
    sites = loading.seller_sites(project.warehouse(), project)
    shapes = declared_shapes()
    schema = ", ".join(f"{view(name)} struct<{_ddl(shapes[name])}>" for name in names)
    (
        _landed(spark, project, resources, record.SCHEMA)
        .repartition(max(FEWEST_BUCKETS, size // BUCKET_BYTES), "resource_id")
        .mapInArrow(exploded(names, sites), schema)
        .write.parquet(_url(folder))
    )
    rows = spark.read.schema(schema).parquet(_url(folder))
    for name in names:
        its_own = rows.where(of.col(view(name)).isNotNull())
        _show(name, its_own.select(f"{view(name)}.*"))


def _ddl(columns: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{name}: {spark_type(data_type)}" for name, data_type in columns)


def _settle(spark: SparkSession, project: Project) -> None:
    """Complete sellers and derive ratios, as a load does, from an order of a kind."""
    found = spark.sql(translated(statement("engines/order_kinds"))).toArrow()
    kinds = pl.DataFrame(found)
    home, settings = project.warehouse(), project.settings
    with transaction(home):
        for of_kinds, name in (
            (kinds.drop("shipment_currency_id"), "core.orders"),
            (
                kinds.select("shipment_id", currency_id="shipment_currency_id"),
                "core.shipments",
            ),
        ):
            with given(home, "kinds", of_kinds):
                home.execute(f"insert into {name} by name from kinds")
        complete_sellers(home, settings.reporting_currency)
        derive(home, settings.rate_fallback)


def _landed(
    spark: SparkSession,
    project: Project,
    resources: Sequence[str],
    schema: Mapping[str, pl.DataType],
) -> DataFrame:
    """Landed rows; a column that an older file lacks is null."""
    columns = ", ".join(f"`{name}` {_TYPES[one]}" for name, one in schema.items())
    paths = [_url(path) for path in _paths(project, resources)]
    if not paths:
        return spark.createDataFrame([], columns)
    return spark.read.schema(columns).parquet(*paths)


def _paths(project: Project, resources: Sequence[str]) -> list[Path]:
    landing = project.folder.landing.absolute()
    return [
        landing / path
        for resource in resources
        for path in files.listing(landing, resource)
    ]


def _url(path: Path) -> str:
    """A local path for Spark, which reads `date%3D` as it is written."""
    return f"file://{path}"


def _show(name: str, rows: DataFrame) -> None:
    rows.createOrReplaceTempView(view(name))


def _build(spark: SparkSession, mart: Table, folder: Path) -> None:
    rows = spark.sql(translated(mart.body)).select(
        *(
            of.col(name).cast(spark_type(data_type))
            for name, data_type in declared_shapes()[mart.qualified]
        )
    )
    rows.write.parquet(_url(folder))
    _show(mart.qualified, spark.read.parquet(_url(folder)))
    counts = " union all ".join(
        f"select '{claim.name}' as claim, count(*) as breach_count"  # noqa: S608 a name
        f" from ({translated(claim.sql)}) as breaches"
        for claim in claims(mart)
        if claim.severity == "error"
    )
    for broken in spark.sql(counts).where("breach_count > 0").collect():
        raise SparkFailed(
            f"{mart.qualified}: {broken.claim} ({broken.breach_count} rows)"
        )


def _published(folder: Path) -> Path:
    """Swap the link onto the new folder; keeps the one before for who reads it."""
    link = folder.with_name("latest")
    aside = folder.with_name(".latest")
    aside.unlink(missing_ok=True)
    aside.symlink_to(folder.name)
    aside.replace(link)
    builds = sorted(one for one in folder.parent.iterdir() if one.name != link.name)
    for old in builds[:-_KEPT_BUILDS]:
        shutil.rmtree(old)
    return folder
