"""One entry is a resource: all that is done with one follows from it and its files."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest
from pydantic import BaseModel

from pipeline import sql
from pipeline.defs import core, landing
from pipeline.extraction.accounts import Account
from pipeline.extraction.windows import Range
from pipeline.frames.batch import Batch, shaped
from pipeline.inspection import live
from pipeline.inspection.live import Part
from pipeline.landing import buyers
from pipeline.mercadolibre.client import MercadoLibre
from pipeline.mercadolibre.page import Page
from pipeline.notifications.inbox import Inbox
from pipeline.payloads.notification import pointer
from pipeline.payloads.values import Id, Word
from pipeline.sandbox.server import app
from pipeline.sandbox.server.answers import Response, answer
from pipeline.sandbox.server.asked import Asked
from pipeline.sandbox.server.server import RunningSandbox, serve
from pipeline.sandbox.world.world import World
from pipeline.sql import UTC_MICROSECONDS, Schema
from pipeline.sync import by_id, loading, notified, planning
from pipeline.sync.forgetting import forget
from pipeline.sync.project import Project
from pipeline.sync.resources import RESOURCES, Resource, everything
from pipeline.sync.retrying import retry
from pipeline.warehouse import ask, files
from pipeline.warehouse.read import query
from tests import notifying
from tests.conftest import TODAY, run_sync, settings_for
from tests.frames.conftest import DOCUMENTED

ENDPOINT = "/orders/{id}/toys"
SPAN = Range(TODAY - timedelta(days=4), TODAY)


class Toy(BaseModel):
    """What the toy API says of an order's toy."""

    id: Id
    status: Word


class LooserToy(BaseModel):
    """The same, as a later version of the code reads it."""

    id: Id
    status: Word | None = None


def toys(batch: Batch) -> pl.DataFrame:
    schema: Schema = {
        "order_id": pl.Int64,
        "status": pl.String,
        "fetched_at": UTC_MICROSECONDS,
    }
    found = batch.with_envelope("fetched_at")
    return found.select(shaped({"order_id": pl.col("id")}, schema))


CORE = """-- The toy of one order, as told last.
-- grain: one row per order
-- key: order_id
-- stands: fetched_at desc
-- reads: none
-- columns:
--   order_id: the order
--   status: its status as sent
--   fetched_at: when the answer came
create table if not exists core.order_toys (
    order_id bigint,
    status varchar,
    fetched_at timestamptz
)
"""
WANTED = """-- Orders whose toy is not loaded, or that changed since.
-- grain: one order
-- reads: core.order_toys, core.orders
select orders.order_id, orders.seller_id
from core.orders
left join core.order_toys on orders.order_id = order_toys.order_id
where order_toys.order_id is null or orders.fetched_at > order_toys.fetched_at
order by orders.order_id
"""


def order_toy(client: MercadoLibre, order_id: int) -> Page:
    """A method of the client."""
    return client._single(f"/orders/{int(order_id)}/toys")


ENTRY = Resource(
    "order_toys",
    ENDPOINT,
    Toy,
    {"core.order_toys": toys},
    order_toy,
    id_of="order",
    after=("orders",),
    words="Toys, one record a version.",
)


class Toys:
    """The sandbox's endpoint: says `open` of every order, but nothing of some."""

    def __init__(self) -> None:
        self.status = "open"
        self.silent: set[int] = set()

    def __call__(self, asked: Asked) -> Response:
        order_id = int(asked.request.path_params["id"])
        said = {} if order_id in self.silent else {"status": self.status}
        return answer({"id": order_id, **said})


@pytest.fixture
def api() -> Toys:
    return Toys()


@pytest.fixture
def sandbox(
    api: Toys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RunningSandbox]:
    """A sandbox and a code base in which toys are a resource like any other."""
    root = tmp_path / "sql"
    shutil.copytree(sql.folder(), root)
    (root / "core" / "order_toys.sql").write_text(CORE, encoding="utf-8")
    (root / "wanted" / "order_toys.sql").write_text(WANTED, encoding="utf-8")
    for module in (files, ask):
        monkeypatch.setattr(module, "folder", lambda: root)
    monkeypatch.setitem(RESOURCES, "order_toys", ENTRY)
    monkeypatch.setattr(app, "ENDPOINTS", {ENDPOINT: api, **app.ENDPOINTS})
    with serve(World(orders=12, seed=5, sellers=1, days=3, now=TODAY)) as running:
        yield running


class Folder:
    """A data folder over the sandbox."""

    def __init__(self, sandbox: RunningSandbox, path: Path) -> None:
        self.path = path
        self.sandbox = sandbox
        self.sync = partial(run_sync, sandbox, SPAN, path)

    def opened(self) -> Project:
        return Project(settings_for(self.sandbox, self.path), now=lambda: TODAY)

    def planned(self) -> int:
        """Requests for toys that a plan foresees."""
        with self.opened() as project:
            accounts: list[Account] = project.accounts()
            [plan] = planning.plan(project.settings, accounts, span=SPAN, now=TODAY)
        assert plan.failed is None
        return plan.requests.get(ENDPOINT, 0)

    def held(self) -> list[tuple[Any, ...]]:
        """Toys of the published warehouse."""
        found = query(self.path, "from core.order_toys order by order_id")
        return found.select("order_id", "status").rows()

    def quarantined(self) -> list[tuple[Any, ...]]:
        asked = "from ops.quarantine where resource = 'order_toys'"
        return query(self.path, asked).select("resource_id", "reason").rows()

    def toy(self, order_id: int) -> Part:
        """What a look at an order says of its toy."""
        with self.opened() as project:
            look = live.order(project.settings, project.accounts(), order_id)
        [part] = [one for one in look.parts if one.resource == "order_toys"]
        return part

    def asked(self) -> int:
        """Requests for toys since the log began."""
        return self.sandbox.log.requests.get(ENDPOINT, 0)


@pytest.fixture
def folder(sandbox: RunningSandbox, tmp_path: Path) -> Folder:
    return Folder(sandbox, tmp_path / "data")


def loaded(project: Project) -> dict[int, str | None]:
    """Toys of the work file."""
    rows = project.warehouse().execute("select order_id, status from core.order_toys")
    return dict(rows.fetchall())


def test_a_new_resource_is_planned_fetched_loaded_judged_and_read_again(
    folder: Folder, api: Toys, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = folder.sandbox.world.order_ids()
    first, second, *_ = sorted(ids)
    api.silent = {first, second}
    assert folder.planned() == len(ids)
    _, ended = folder.sync()
    assert ended.is_good, ended
    assert folder.asked() == len(ids)
    assert folder.held() == [(one, "open") for one in sorted(ids)[2:]]
    assert sorted(folder.quarantined()) == [
        (str(first), "status: missing"),
        (str(second), "status: missing"),
    ]
    assert folder.planned() == 2, "what is lacking waits"

    api.silent = {second}
    with folder.opened() as project:
        assert by_id.fetch_wanted(project, "order_toys").landed == 2
        loading.load(project, ["order_toys"])
        assert by_id.fetch_wanted(project, "order_toys").landed == 1
        monkeypatch.setitem(RESOURCES, "order_toys", replace(ENTRY, model=LooserToy))
        retried = retry(project)
        assert (retried.resolved_count, retried.remaining.height) == (1, 0)
        assert loaded(project) == {
            one: None if one == second else "open" for one in ids
        }
        assert by_id.fetch_wanted(project, "order_toys").landed == 0


def test_a_new_resource_is_followed_looked_at_and_hidden(
    folder: Folder, api: Toys
) -> None:
    world = folder.sandbox.world
    _, ended = folder.sync()
    assert ended.is_good, ended
    order_id = sorted(world.order_ids())[0]
    assert (folder.toy(order_id).held, folder.toy(order_id).differences) == (
        ["core.order_toys"],
        [],
    )

    api.status = "closed"
    [difference] = folder.toy(order_id).differences
    assert (difference.column, difference.live, difference.held) == (
        "status",
        "closed",
        "open",
    )

    with Inbox(folder.path) as inbox:
        about = notifying.messages(world, [order_id], topics=("orders_v2",))
        inbox.put([pointer(notifying.text(one)) for one in about], now=TODAY)
    folder.sandbox.log.clear()
    with folder.opened() as project:
        # Every toy is wanted, as if all orders had changed.
        project.warehouse().execute("delete from core.order_toys")
        notified.follow(project, alone=True)
        by_id.fetch_wanted(project, "order_toys")
        loading.load(project, ["order_toys"])
        assert folder.asked() == 1, "that of the order that the message names"
        assert loaded(project) == {order_id: "closed"}
        assert forget(project.folder, world.order(order_id)["buyer"]["id"]) > 0
    rule = buyers.read(folder.path)
    assert rule
    home = '{"receiver_address": {"street_name": "Rua A"}}'
    assert "Rua A" not in rule.hidden("order_toys", str(order_id), home)
    assert "Rua A" in rule.hidden("order_toys", "1", home)


@pytest.mark.usefixtures("sandbox")
def test_the_catalogue_follows_from_an_entry() -> None:
    landed = landing.by_id_asset(ENTRY)
    assert isinstance(landed, dg.AssetsDefinition)
    assert landed.key == dg.AssetKey(["landing", "order_toys"])
    assert landed.asset_deps[landed.key] == {dg.AssetKey(["core", "orders"])}
    assert landed.descriptions_by_key[landed.key] == ENTRY.words
    assert ENTRY.tables == ("core.order_toys",)
    assert everything()[-3:] == ["order_toys", "windows", "runs"]
    loaded = core.of_resource_asset(ENTRY)
    assert loaded.keys == {dg.AssetKey(["core", "order_toys"])}
    assert loaded.asset_deps[dg.AssetKey(["core", "order_toys"])] == {
        dg.AssetKey(["landing", "order_toys"]),
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


def test_what_is_asked_for_by_id_says_whose_and_its_tables_hold_it() -> None:
    for resource in RESOURCES.values():
        if by := re.match(r"/(order|pack|shipment)s/\{id\}", resource.endpoint):
            assert resource.id_of == by[1], resource.name
        for name in resource.makers if resource.id_of else ():
            columns = [column.name for column in files.table(name).columns]
            assert f"{resource.id_of}_id" in columns, name


def test_what_a_plan_counts_is_counted() -> None:
    counted = set(re.findall(r"\w+_count", files.statement("questions/plan_shares")))
    words = {one.estimated_by or one.id_of for one in RESOURCES.values()} - {""}
    assert {f"{word}_count" for word in words} == counted


def test_parts_stand_with_the_table_that_their_frames_are_tied_to() -> None:
    for resource in RESOURCES.values():
        first, *parts = resource.makers
        for part in parts:
            assert files.table(part).stands == f"with {first}"


def test_the_sandbox_serves_every_endpoint_and_a_documented_answer_is_tried() -> None:
    asked = {name: one for name, one in RESOURCES.items() if one.endpoint}
    assert RESOURCES.keys() - asked == {"item_costs"}, "by the seller, in a CSV"
    for resource in asked.values():
        path, _, _ = resource.endpoint.partition("?")
        assert path in app.ENDPOINTS, resource.name
    assert asked.keys() == {resource for resource, _ in DOCUMENTED}
