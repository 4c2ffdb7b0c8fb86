"""With MELI_LANDING_URL everything ends as without it, and another machine goes on."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.inspection.traces import search
from pipeline.warehouse.read import query
from tests.cli.conftest import SPAN, Commands
from tests.test_road import assert_same, tables

URL = "s3://bucket/of one/shop"
DEAD = "http://127.0.0.1:9"
"""An API that nobody answers: a rebuild asks nothing."""

pytestmark = pytest.mark.untraced


@pytest.fixture
def other(filled: Commands, tmp_path: Path) -> Commands:
    """The commands of another machine, where nothing is yet."""
    folder = tmp_path / "another machine"
    return replace(
        filled,
        folder=folder,
        surroundings={**filled.surroundings, "MELI_DATA_DIR": str(folder)},
    )


@pytest.mark.long
def test_sync_doctor_forget_and_a_lost_file_elsewhere_as_here(
    s3: None, filled: Commands, other: Commands
) -> None:
    before = tables(filled.folder)
    assert filled("sync", *SPAN, landing_url=URL).code == 0
    assert_same(before, tables(filled.folder))
    assert other("rebuild", landing_url=URL, base_url=DEAD).code == 0
    assert_same(before, tables(other.folder))
    told = other("doctor", "--deep", landing_url=URL).out
    assert f"elsewhere: {URL} has what was sent" in " ".join(told.split())

    ((number,),) = query(other.folder, "select max(buyer_id) from core.orders").rows()
    assert other("forget", str(number), "--yes", landing_url=URL).code == 0
    refused = filled("sync", *SPAN, landing_url=URL)
    assert (refused.code, "copy `secret` and" in refused.error) == (1, True)
    for name in ("secret", "buyers.json"):
        shutil.copy(other.folder / name, filled.folder)
    landed = sorted(filled.folder.glob("landing/orders/*/*.parquet"))
    landed[0].unlink()
    ended = filled("sync", *SPAN, landing_url=URL)
    assert ended.code == 0, ended.err
    assert f"landed files taken from {URL}" in ended.err
    assert search(filled.folder, [number]).places == []
    assert other("rebuild", landing_url=URL).code == 0
    assert_same(tables(filled.folder), tables(other.folder))


def test_a_bucket_that_is_not_there_is_one_line(s3: None, filled: Commands) -> None:
    ended = filled("sync", *SPAN, landing_url="s3://nobody")
    assert ended.code == 1
    assert ended.error.startswith(
        "error: s3://nobody does not answer as it should (404 NoSuchBucket): make the"
    )
