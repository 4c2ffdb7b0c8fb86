"""One entry is a resource: assets, loading and quarantine follow from it."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import polars as pl
import pytest
from pydantic import BaseModel

from pipeline import settings, sql
from pipeline.defs import core, landing
from pipeline.extraction.by_id import Tally
from pipeline.frames.batch import Batch, shaped
from pipeline.mercadolibre.page import Page
from pipeline.payloads.values import Id, Word
from pipeline.sandbox.server import app
from pipeline.sql import UTC_MICROSECONDS, Schema
from pipeline.sync import by_id, loading
from pipeline.sync.project import Project
from pipeline.sync.resources import RESOURCES, Resource, everything
from pipeline.warehouse import ask, files

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Claim(BaseModel):
    """What the toy API says of a claim."""

    id: Id
    status: Word


def claims(batch: Batch) -> pl.DataFrame:
    schema: Schema = {
        "claim_id": pl.Int64,
        "status": pl.String,
        "fetched_at": UTC_MICROSECONDS,
    }
    found = batch.with_envelope("fetched_at")
    return found.select(shaped({"claim_id": pl.col("id")}, schema))


CORE = """-- One claim, as told last.
-- grain: one row per claim
-- key: claim_id
-- stands: fetched_at desc
-- reads: none
-- columns:
--   claim_id: the claim
--   status: its status as sent
--   fetched_at: when the answer came
create table core.claims (claim_id bigint, status varchar, fetched_at timestamptz)
"""
WANTED = """-- Two claims that are not loaded.
select number as claim_id, 7 as seller_id
from unnest([1, 2]) as claims(number)
where number not in (select claim_id from core.claims)
order by number
"""
ENTRY = Resource(
    "claims",
    "/claims/{id}",
    Claim,
    {"core.claims": claims},
    lambda client, claim_id: client.claim(claim_id),  # type: ignore[attr-defined]
    after=("orders",),
    words="Claims, one record a version.",
)


class FakeClient:
    """Knows claims; the second is broken until it is mended."""

    is_mended = False

    def claim(self, claim_id: int) -> Page:
        is_bad = claim_id == 2 and not self.is_mended
        body = b'{"id": 2}' if is_bad else b'{"id": %d, "status": "open"}' % claim_id
        return Page(f"/claims/{claim_id}", {}, 200, (), datetime.now(UTC), body)


@pytest.fixture
def client() -> FakeClient:
    return FakeClient()


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, client: FakeClient
) -> Iterator[Project]:
    """A run in which claims are a resource like any other."""
    root = tmp_path / "sql"
    shutil.copytree(sql.folder(), root)
    (root / "core" / "claims.sql").write_text(CORE, encoding="utf-8")
    (root / "wanted" / "claims.sql").write_text(WANTED, encoding="utf-8")
    for module in (files, ask):
        monkeypatch.setattr(module, "folder", lambda: root)
    monkeypatch.setitem(RESOURCES, "claims", ENTRY)
    account: Any = SimpleNamespace(seller_id=7, client=client)
    monkeypatch.setattr(Project, "accounts", lambda _: [account])
    with Project(settings.read(data_dir=tmp_path / "data")) as one:
        yield one


def test_a_new_resource_is_fetched_loaded_and_judged_by_its_entry_alone(
    project: Project, client: FakeClient
) -> None:
    def held() -> tuple[list[Any], list[Any]]:
        rows = project.warehouse().execute
        return (
            rows("select claim_id, status from core.claims order by 1").fetchall(),
            rows(
                "select resource_id, reason, is_resolved from ops.quarantine"
            ).fetchall(),
        )

    assert by_id.fetch_wanted(project, "claims") == Tally(landed=2)
    loading.load(project, everything())
    assert held() == ([(1, "open")], [("2", "status: missing", False)])

    client.is_mended = True
    assert by_id.fetch_wanted(project, "claims") == Tally(landed=1)
    loading.load(project, ["claims"])
    assert held() == (
        [(1, "open"), (2, "open")],
        [("2", "status: missing", True)],
    )
    assert by_id.fetch_wanted(project, "claims") == Tally(), "nothing is lacking"


@pytest.mark.usefixtures("project")
def test_the_catalogue_follows_from_an_entry() -> None:
    landed = landing.by_id_asset(ENTRY)
    assert isinstance(landed, dg.AssetsDefinition)
    assert landed.key == dg.AssetKey(["landing", "claims"])
    assert landed.asset_deps[landed.key] == {dg.AssetKey(["core", "orders"])}
    assert landed.descriptions_by_key[landed.key] == ENTRY.words
    assert ENTRY.tables == ("core.claims",)
    assert everything()[-3:] == ["claims", "windows", "runs"]
    loaded = core.of_resource_asset(ENTRY)
    assert loaded.keys == {dg.AssetKey(["core", "claims"])}
    assert loaded.asset_deps[dg.AssetKey(["core", "claims"])] == {
        dg.AssetKey(["landing", "claims"]),
        dg.AssetKey(["core", "orders"]),
    }


def test_what_an_entry_needs_comes_before_it() -> None:
    names = list(RESOURCES)
    for name, resource in RESOURCES.items():
        assert all(names.index(one) < names.index(name) for one in resource.after)


def test_what_is_asked_for_by_id_is_wanted_and_has_an_asset() -> None:
    asked = {name for name, one in RESOURCES.items() if one.ask}
    assert asked == set(ask.names())
    assert asked - {"orders"} == {name for name, one in RESOURCES.items() if one.words}


def test_parts_stand_with_the_table_that_their_frames_are_tied_to() -> None:
    for resource in RESOURCES.values():
        first, *parts = resource.makers
        for part in parts:
            assert files.table(part).stands == f"with {first}"


def test_the_sandbox_serves_every_endpoint() -> None:
    for resource in RESOURCES.values():
        is_given = resource.name == "item_costs"  # by the seller, in a CSV
        assert is_given or resource.endpoint in app.ENDPOINTS, resource.name
