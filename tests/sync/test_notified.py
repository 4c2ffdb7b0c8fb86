"""Notifications are followed to the orders, packs and shipments that they are about."""

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.definitions import assembled
from pipeline.extraction.by_id import Tally
from pipeline.extraction.windows import Range
from pipeline.instance import running
from pipeline.instance.running import Ended
from pipeline.notifications.inbox import Inbox, path_of
from pipeline.payloads.notification import pointer
from pipeline.sandbox.server.server import RunningSandbox, serve
from pipeline.sandbox.world.orders import order_id
from pipeline.sandbox.world.world import World
from pipeline.sync import by_id, loading, notified, orders
from pipeline.sync.project import Project
from pipeline.sync.resources import RESOURCES
from pipeline.warehouse.read import query
from tests import notifying
from tests.conftest import TODAY, forgetful, run_sync, settings_for

SELLERS = 2
DAYS = 3
ALL = Range(TODAY - timedelta(days=DAYS + 1), TODAY)


def a_world() -> World:
    return World(orders=120, seed=5, sellers=SELLERS, days=DAYS, now=TODAY)


@pytest.fixture(scope="module")
def _loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the world up to its shipments, to be copied; no marts."""
    folder = tmp_path_factory.mktemp("loaded") / "data"
    with pytest.MonkeyPatch.context() as patch, serve(a_world()) as sandbox:
        patch.chdir(folder.parent)
        with Folder(sandbox, folder).opened() as project:
            orders.orders(project, ALL)
            for name in ("packs", "shipments"):
                by_id.fetch_wanted(project, name)
                loading.load(project, [name])
    return folder


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with serve(a_world()) as running:
        yield running


@dataclass
class Folder:
    """A data folder with its inbox, over a sandbox."""

    sandbox: RunningSandbox
    path: Path
    now: datetime = TODAY
    notices: list[str] = field(default_factory=list)
    project: Project | None = None

    def points(self, *messages: dict[str, Any]) -> None:
        """Put what messages point at into the inbox, as a receiver does."""
        with Inbox(self.path) as inbox:
            inbox.put([pointer(notifying.text(one)) for one in messages], now=self.now)

    def about(self, *orders: int, topics: Iterable[str] = ("orders_v2",)) -> None:
        self.points(*notifying.messages(self.sandbox.world, orders, topics=topics))

    def opened(self, **overrides: Any) -> Project:
        return Project(
            settings_for(self.sandbox, self.path, **overrides),
            now=lambda: self.now,
            notice=self.notices.append,
        )

    def follow(self, **overrides: Any) -> Tally:
        """Follow what waits, without building anything; the log begins anew."""
        self.sandbox.log.clear()
        with self.opened(**overrides) as project:
            self.project = project
            return notified.follow(project, alone=True)

    def follow_to_the_end(self) -> list[int]:
        """Follow every minute until nothing waits; the minutes between attempts."""
        self.sandbox.log.clear()
        minutes: list[int] = []
        since = 0
        with self.opened() as project:
            self.project = project
            while True:
                notified.follow(project, alone=False)
                if not self.state()[0]:
                    return minutes
                with Inbox(self.path) as inbox:
                    while inbox.mark(self.now) is None:
                        since += 1
                        self.now += timedelta(minutes=1)
                minutes.append(since)
                since = 0

    def refresh(self, **overrides: Any) -> Ended:
        """Run the whole job; the log begins anew."""
        self.sandbox.log.clear()
        with forgetful() as instance, self.opened(**overrides) as project:
            self.project = project
            job = assembled().resolve_job_def("refresh")
            return running.run(job, project, instance=instance)

    @property
    def problems(self) -> list[str]:
        assert self.project
        return self.project.run.problems

    def state(self) -> tuple[int, int, dict[str, int]]:
        """How many wait, how many were followed, and those dropped by reason."""
        with Inbox(self.path) as inbox:
            state = inbox.state(self.now)
        return state.waiting, state.counts.get("followed", 0), dict(state.dropped)

    def asked(self) -> dict[str, int]:
        """Requests by endpoint since the log began."""
        return {
            name: count for name, count in self.sandbox.log.requests.items() if count
        }

    def held(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the work file, which is not published."""
        with self.opened() as project:
            return project.warehouse().execute(sql).fetchall()


@pytest.fixture
def folder(sandbox: RunningSandbox, _loaded: Path, tmp_path: Path) -> Folder:
    """A folder that holds all of the sandbox's orders; nothing is published."""
    shutil.copytree(_loaded, tmp_path / "data", symlinks=True)
    return Folder(sandbox, tmp_path / "data")


@pytest.fixture
def empty(sandbox: RunningSandbox, tmp_path: Path) -> Folder:
    """A folder into which nothing has landed."""
    return Folder(sandbox, tmp_path / "data")


def pack_of_several(world: World) -> list[int]:
    """The orders of one pack that share a shipment."""
    packs: dict[int, list[int]] = {}
    for one in world.order_ids():
        found = world.order(one)
        if found["pack_id"] and (found["shipping"] or {}).get("id"):
            packs.setdefault(found["pack_id"], []).append(one)
    return next(
        orders
        for orders in packs.values()
        if len(orders) > 1
        and len({world.order(one)["shipping"]["id"] for one in orders}) == 1
    )


@pytest.mark.dagster
@pytest.mark.untraced
def test_one_order_leads_to_its_pack_the_packs_orders_and_their_shipment_once(
    empty: Folder,
) -> None:
    orders = pack_of_several(empty.sandbox.world)
    empty.about(orders[0])
    ended = empty.refresh()
    assert ended.is_good, ended
    asked = empty.asked()
    del asked["/users/{id}"]  # their sites
    each = {"order": len(orders), "pack": 1, "shipment": 1}
    once = {one.endpoint: each[one.id_of] for one in RESOURCES.values() if one.id_of}
    tags = [empty.sandbox.world.order(one)["tags"] for one in orders]
    once["/orders/{id}/discounts"] = sum("order_has_discount" in one for one in tags)
    assert asked == {name: once.get(name) for name in asked}
    assert asked.keys() >= {
        *("/orders/{id}", "/packs/{id}", "/shipments/{id}", "/shipments/{id}/costs")
    }
    rows = query(empty.path, "select order_id from marts.orders order by all").rows()
    assert rows == [(one,) for one in sorted(orders)]
    assert empty.state() == (0, 1, {})


def test_an_order_of_global_selling_is_asked_for_at_its_own_endpoints(
    tmp_path: Path,
) -> None:
    abroad = World(orders=60, seed=5, days=DAYS, now=TODAY, sites=("CBT",))
    one = pack_of_several(abroad)[0]
    with serve(abroad) as sandbox:
        folder = Folder(sandbox, tmp_path / "data")
        folder.about(one, topics=["marketplace_orders"])
        folder.follow()
        asked = folder.asked()
    del asked["/users/{id}"]
    orders = folder.held("select count(*), count(distinct pack_id) from core.orders")
    assert asked == {
        "/marketplace/orders/{id}": orders[0][0],
        "/marketplace/orders/pack/{id}": 1,
    }
    assert orders[0][0] > 1
    assert orders[0][1] == 1
    assert folder.state() == (0, 1, {})


@pytest.mark.untraced
def test_a_refresh_asks_for_what_was_pointed_at_and_nothing_else(
    folder: Folder,
) -> None:
    first, second, *_ = folder.sandbox.world.order_ids()
    # A week later a whole sync would ask for every parcel that was on its way.
    folder.now = TODAY + timedelta(days=7)
    folder.about(first, second, second, first)
    folder.follow()
    assert folder.sandbox.log.by_id["/orders/{id}"] == {str(first): 1, str(second): 1}
    assert set(folder.asked()) <= {"/orders/{id}", "/packs/{id}"}
    assert folder.asked().get("/packs/{id}", 0) <= 2
    assert folder.state() == (0, 2, {})


@dataclass
class Story:
    """A folder synced and refreshed, and a new one that holds the changed world."""

    folder: Folder
    anew: Path
    cancelled: int
    returned: int
    published: dict[int, tuple[Any, ...]]

    def figures(self, order: int) -> tuple[Any, ...]:
        [row] = query(
            self.folder.path,
            "select order_status, net_sales_amount from marts.orders"
            f" where order_id = {order}",
        ).rows()
        return row


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    path = tmp_path_factory.mktemp("story")
    with pytest.MonkeyPatch.context() as patch, serve(a_world()) as sandbox:
        patch.chdir(path)
        folder, world = Folder(sandbox, path / "data"), sandbox.world
        _, ended = run_sync(sandbox, ALL, folder.path)
        assert ended.is_good, ended
        cancelled = next(
            one for one in world.order_ids() if world.order(one)["status"] == "paid"
        )
        [[returned, parcel]] = query(
            folder.path,
            "select order_id, shipment_id from core.orders"
            " inner join core.shipments using (shipment_id)"
            " where shipment_status = 'delivered' order by all limit 1",
        ).rows()
        told = Story(folder, path / "anew", cancelled, parcel, {})
        told.published[cancelled] = told.figures(cancelled)
        changed = world.change_some(10)
        changed += world.add_orders(world.sellers[0], TODAY - timedelta(hours=2), 5)
        world.cancel(cancelled)
        world.change_shipment(parcel, status="returned")
        folder.about(*changed, cancelled, *changed)
        folder.about(returned, topics=["shipments"])
        assert folder.refresh().is_good
        later = Range(ALL.start, TODAY + timedelta(hours=1))
        _, ended = run_sync(sandbox, later, told.anew)
        assert ended.is_good, ended
        yield told


@pytest.mark.untraced
def test_a_cancellation_is_in_the_published_figures(story: Story) -> None:
    status, sold = story.published[story.cancelled]
    assert (status, sold > 0) == ("paid", True)
    assert story.figures(story.cancelled) == ("cancelled", 0)


@pytest.mark.untraced
def test_a_delivered_shipment_that_moves_again_is_read_again(story: Story) -> None:
    [(status,)] = query(
        story.folder.path,
        "select shipment_status from core.shipments"
        f" where shipment_id = {story.returned}",
    ).rows()
    assert status == "returned"


@pytest.mark.untraced
@pytest.mark.parametrize(
    "table",
    [
        "marts.orders",
        "marts.order_items",
        "marts.order_ledger",
        "marts.daily_sales",
        "marts.item_sales",
        "marts.payment_mix",
    ],
)
def test_what_was_refreshed_is_what_a_whole_sync_would_have_read(
    story: Story, table: str
) -> None:
    # The search leaves out in which channel an order was placed.
    question = f"select columns(c -> c <> 'channel') from {table} order by all"
    here, anew = (query(path, question) for path in (story.folder.path, story.anew))
    assert here.height > 0
    assert here.columns == anew.columns
    assert here.rows() == anew.rows()


@pytest.mark.untraced
def test_a_sync_follows_what_waits_and_its_search_changes_no_figure(
    story: Story,
) -> None:
    folder, question = story.folder, "from marts.orders order by all"
    before = query(folder.path, question).rows()
    old = folder.sandbox.world.order_ids()[7]
    folder.about(old)
    folder.sandbox.log.clear()
    _, ended = run_sync(
        folder.sandbox, Range(TODAY - timedelta(hours=3), TODAY), folder.path
    )
    assert ended.is_good, ended
    assert folder.sandbox.log.asked("/orders/{id}", old) == 1
    assert folder.state()[0] == 0
    after = query(folder.path, question).rows()
    assert len(after) == len(before)
    # One read by its number says more of itself, such as its channel.
    assert [row for row in after if row not in before and row[0] != old] == []


@pytest.mark.untraced
def test_an_order_that_is_not_there_yet_is_asked_for_again(folder: Folder) -> None:
    world = folder.sandbox.world
    seller = world.sellers[0]
    coming = order_id(world.seed, world.size)
    told = notifying.message(
        "orders_v2", f"/orders/{coming}", seller_id=seller, now=TODAY
    )
    folder.points(told)
    folder.follow()
    assert folder.problems == []
    assert folder.state() == (1, 0, {})
    assert folder.held("select count(*) from ops.absences where resource='orders'") == [
        (0,)
    ]
    assert world.add_orders(seller, TODAY, 1) == [coming]
    folder.follow()  # not before its minute is over
    assert folder.asked() == {}
    folder.now += timedelta(seconds=61)
    folder.follow()
    assert folder.state() == (0, 1, {})
    [(found,)] = folder.held(
        f"select count(*) from core.orders where order_id={coming}"
    )
    assert found == 1


def test_an_order_that_is_not_there_for_an_hour_is_given_up(folder: Folder) -> None:
    seller = folder.sandbox.world.sellers[0]
    folder.points(
        notifying.message(
            "orders_v2", "/orders/2000999999999999", seller_id=seller, now=TODAY
        )
    )
    waits = folder.follow_to_the_end()
    assert waits == [1, 2, 4, 8, 16, 32]
    assert folder.asked() == {"/orders/{id}": 7}
    assert folder.state() == (0, 0, {"not there": 1})
    assert folder.problems == []


def test_an_order_that_our_account_has_bought_is_no_sale(empty: Folder) -> None:
    ours, other = empty.sandbox.world.sellers
    bought = empty.sandbox.world.order_ids(other)[0]
    empty.points(
        notifying.message("orders_v2", f"/orders/{bought}", seller_id=ours, now=TODAY)
    )
    empty.follow(seller_ids=(ours,))
    assert empty.asked()["/orders/{id}"] == 1
    assert empty.state() == (0, 0, {"order of another seller": 1})
    assert not (empty.path / "landing" / "orders").exists()
    assert empty.held("select count(*) from core.orders") == [(0,)]


def test_an_order_that_the_api_refuses_is_no_problem_and_leaves_no_trace(
    folder: Folder,
) -> None:
    ours, other = folder.sandbox.world.sellers
    folder.points(
        notifying.message(
            "orders_v2",
            f"/orders/{folder.sandbox.world.order_ids(other)[0]}",
            seller_id=ours,
            now=TODAY,
        )
    )
    folder.follow(access_token=f"APP_USR-sandbox-{ours}", seller_ids=(ours,))
    assert folder.problems == []
    assert folder.state() == (0, 0, {"refused by the API": 1})
    assert folder.held("select count(*) from ops.absences where resource='orders'") == [
        (0,)
    ]


def test_what_was_lost_waits_and_is_told(folder: Folder) -> None:
    folder.about(folder.sandbox.world.order_ids()[0])
    folder.sandbox.switches.update({"policy_refuses": ["/orders/{id}"]})
    folder.follow()
    assert folder.state() == (1, 0, {})
    [problem] = folder.problems
    assert problem.startswith("notified orders that could not be fetched: 1, such as ")
    folder.sandbox.switches.update({"policy_refuses": []})
    folder.now += timedelta(minutes=2)
    folder.follow()
    assert folder.state() == (0, 1, {})


def test_a_pointer_of_another_runs_seller_waits_without_a_request(
    folder: Folder,
) -> None:
    ours, other = folder.sandbox.world.sellers
    folder.about(folder.sandbox.world.order_ids(other)[0])
    folder.follow(seller_ids=(ours,))
    assert folder.asked() == {}
    assert folder.state() == (1, 0, {})


def test_payments_feedback_and_shipments_lead_to_what_the_warehouse_knows(
    folder: Folder,
) -> None:
    world = folder.sandbox.world
    paid, rated, sent = _usual(world)[:3]
    folder.about(paid, topics=["payments"])
    folder.about(rated, topics=["orders_feedback"])
    folder.about(sent, topics=["shipments"])
    folder.follow()
    shipment = world.order(sent)["shipping"]["id"]
    assert folder.sandbox.log.by_id["/orders/{id}"] == {str(paid): 1, str(rated): 1}
    assert folder.sandbox.log.by_id["/shipments/{id}"] == {str(shipment): 1}
    assert folder.state()[0] == 0


def _usual(world: World) -> list[int]:
    """Orders with one payment and a shipment."""
    return [
        one
        for one in world.order_ids()
        if len(world.order(one)["payments"]) == 1
        and (world.order(one)["shipping"] or {}).get("id")
    ]


@pytest.mark.untraced
def test_a_claim_leads_to_its_order(folder: Folder) -> None:
    world = folder.sandbox.world
    one = world.order_ids()[5]
    world.change(one, mediations=[{"id": 5108684499}])
    folder.about(one)
    folder.follow()
    folder.points(
        notifying.message(
            "post_purchase",
            "post-purchase/v1/claims/5108684499",
            seller_id=world.order(one)["seller"]["id"],
            now=TODAY,
        )
    )
    folder.follow()
    assert folder.sandbox.log.by_id["/orders/{id}"] == {str(one): 1}
    assert folder.state() == (0, 2, {})


def test_what_the_warehouse_does_not_know_is_left_to_the_search(
    folder: Folder,
) -> None:
    seller = folder.sandbox.world.sellers[0]
    unknown = {
        "payments": "/collections/999999999999",
        "shipments": "/shipments/999999999999",
        "post_purchase": "/post-purchase/v1/claims/999999999999",
        "orders_feedback": "/orders/2000999999999999/feedback",
    }
    folder.points(
        *(
            notifying.message(topic, resource, seller_id=seller, now=TODAY)
            for topic, resource in unknown.items()
        )
    )
    assert sum(folder.follow_to_the_end()) == 63
    assert folder.asked() == {}
    assert folder.state() == (0, 0, {"not known to the warehouse": 4})


def test_a_payment_is_found_in_an_order_of_the_same_run(folder: Folder) -> None:
    world = folder.sandbox.world
    [new] = world.add_orders(world.sellers[0], TODAY, 1)
    folder.about(new, topics=["payments", "orders_v2"])
    folder.follow()
    assert folder.sandbox.log.asked("/orders/{id}", new) == 1
    assert folder.state()[0] == 0


def test_missed_notifications_are_read_once_an_hour(folder: Folder) -> None:
    world, missed = folder.sandbox.world, folder.sandbox.missed
    first, second = world.order_ids()[:2]
    folder.points()  # somebody has listened before
    missed[:] = notifying.messages(world, [first])
    missed += [
        one | {"application_id": 7} for one in notifying.messages(world, [second])
    ]
    ours = {"client_id": str(notifying.APPLICATION_ID), "client_secret": "x"}
    folder.follow(**ours)
    assert folder.sandbox.log.by_id["/orders/{id}"] == {str(first): 1}
    folder.follow(**ours)
    assert folder.asked() == {}
    # A message may count as missed two hours after it was sent, and stays two days.
    for _ in range(2):
        folder.now += timedelta(hours=3)
        folder.follow(**ours)
    assert set(folder.asked()) == {"/missed_feeds"}


def test_missed_notifications_that_cannot_be_read_are_no_problem(
    folder: Folder,
) -> None:
    folder.about(folder.sandbox.world.order_ids()[0])
    folder.sandbox.switches.update({"policy_refuses": ["/missed_feeds"]})
    folder.follow(client_id=str(notifying.APPLICATION_ID), client_secret="x")
    assert folder.problems == []
    assert folder.state() == (0, 1, {})
    assert any("missed notifications cannot be read" in one for one in folder.notices)


def test_a_folder_without_a_receiver_asks_for_nothing(folder: Folder) -> None:
    assert folder.follow() == Tally()
    assert folder.asked() == {}
    assert not path_of(folder.path).exists()


def test_a_damaged_inbox_stops_no_run(folder: Folder) -> None:
    folder.points()
    path_of(folder.path).write_bytes(b"x" * 8192)
    folder.follow()
    [notice] = folder.notices
    assert notice.startswith("the inbox of notifications cannot be used (")
