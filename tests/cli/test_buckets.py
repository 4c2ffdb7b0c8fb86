"""Sellers dealt to buckets, each a folder of its own, gathered as if read by one."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from pipeline.landing import files
from pipeline.landing.elsewhere import Elsewhere
from pipeline.warehouse.read import query
from tests.cli.conftest import SPAN, Commands
from tests.test_road import assert_same, tables

DEAD = "http://127.0.0.1:9"
"""An API that nobody answers: a rebuild asks nothing."""

pytestmark = pytest.mark.untraced


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where all buckets have their homes."""
    folder = tmp_path / "home"
    for bucket in range(4):
        (folder / str(bucket)).mkdir(parents=True)
    return folder


def on(folder: Path, commands: Commands, home: Path) -> Commands:
    """The commands on another machine, where sellers are dealt to four buckets."""
    more = {
        "MELI_DATA_DIR": str(folder),
        "MELI_LANDING_URL": home.as_uri(),
        "MELI_SELLER_BUCKETS": "4",
    }
    return replace(commands, folder=folder, surroundings=commands.surroundings | more)


@pytest.mark.long
def test_a_bucket_is_synced_by_any_machine_and_all_are_gathered_by_a_rebuild(
    looked_at: Commands, home: Path, tmp_path: Path
) -> None:
    one, other = (on(tmp_path / name, looked_at, home) for name in ("one", "other"))
    assert one("sync", *SPAN, seller_bucket="3").code == 0
    assert other("sync", *SPAN, seller_bucket="0").code == 0
    told = other("sync", *SPAN, seller_bucket="3")
    assert (told.code, f"taken from {home.as_uri()}/3" in told.err) == (0, True)
    folder = tmp_path / "other" / "buckets" / "3"
    said = query(folder, "select complete_to, unproven_window_count from ops.published")
    assert said.height == 1
    assert said["complete_to"][0] is not None, (
        "other buckets' sellers are not waited for"
    )

    refused = one("sync", *SPAN)
    assert refused.code == 1
    assert "`meli-sales rebuild` gathers" in refused.error
    kept = one("forget", "800300400", "--yes", seller_bucket="3")
    assert (kept.code, "cannot be forgotten" in kept.error) == (1, True)
    gathered = on(tmp_path / "gathered", looked_at, home)
    assert gathered("rebuild", base_url=DEAD).code == 0
    assert_same(tables(looked_at.folder), tables(gathered.folder))


def test_a_pack_whose_orders_are_in_several_buckets_is_one_pack_once_gathered(
    looked_at: Commands, home: Path, tmp_path: Path
) -> None:
    landing = looked_at.folder / "landing"
    for bucket in (0, 1):
        part = tmp_path / f"part-{bucket}"
        for path in files.everything(landing):
            resource = path.partition("/")[0]
            rows = files.read(landing, resource, [path])
            if resource == "orders":  # an account's orders are not split so
                number = pl.col("resource_id").cast(pl.Int64)
                rows = rows.filter(number // 2 % 2 == bucket)
            elif resource in (files.WINDOWS, files.RUNS) and bucket:
                continue
            name = path.removesuffix(".parquet")
            files.write(rows, part / f"{name}-{bucket}.parquet")
        Elsewhere(part, f"{home.as_uri()}/{bucket}").send()
    split = query(
        looked_at.folder,
        "select pack_id from core.pack_orders group by pack_id"
        " having count(distinct order_id // 2 % 2) = 2",
    )
    assert split.height > 3
    gathered = on(tmp_path / "gathered", looked_at, home)
    assert gathered("rebuild", base_url=DEAD).code == 0
    assert_same(tables(looked_at.folder), tables(gathered.folder))
