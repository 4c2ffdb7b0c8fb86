"""What is asked for by its id is asked for once a run, whatever the answer."""

import functools
import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from pipeline.extraction import accounts
from pipeline.extraction import by_id as asking
from pipeline.extraction.by_id import Tally
from pipeline.extraction.windows import Range
from pipeline.landing.record import Record
from pipeline.mercadolibre.connection import connect
from pipeline.mercadolibre.wire import WireTransport
from pipeline.sandbox.server.server import RunningSandbox, serve
from pipeline.sandbox.world.world import World
from pipeline.sync import by_id, loading, orders, run_record
from pipeline.sync.project import Project
from pipeline.sync.sellers import missing_sellers
from tests.conftest import settings_for

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = Range(NOW - timedelta(days=1), NOW)


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with serve(World(orders=0, seed=5, now=NOW, sellers=1)) as running:
        [seller] = running.world.sellers
        running.world.add_orders(seller, DAY.start, 60, within=timedelta(hours=20))
        yield running


def a_project(sandbox: RunningSandbox, folder: Path) -> Project:
    """A run on the test's own folder."""
    return Project(settings_for(sandbox, folder / "data"))


@pytest.fixture
def project(sandbox: RunningSandbox, tmp_path: Path) -> Iterator[Project]:
    """A run whose orders are loaded and whose packs are not asked for yet."""
    with a_project(sandbox, tmp_path) as one:
        missing_sellers(one)
        loading.load(one, ["sellers"])
        orders.orders(one, DAY)
        loading.load(one, ["orders"])
        yield one


def test_a_pack_that_is_refused_is_asked_for_once_a_run(
    project: Project, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = asking.record

    def refused(*given: object, **named: object) -> Record:
        answer = real(*given, **named)  # type: ignore[arg-type]  # handed on as it came
        return answer._replace(payload='{"id": "no pack"}')

    monkeypatch.setattr(asking, "record", refused)
    tally = by_id.fetch_wanted(project, "packs")

    assert sandbox.log.requests["/packs/{id}"] == tally.landed > 1
    assert tally.failed == {}


Rules = dict[str, Callable[[httpx.Response], httpx.Response]]


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Rules:
    """What becomes of an answer, by the path that was asked; nobody waits for long."""
    rules: Rules = {}
    real = WireTransport.handle_request

    def handle(self: WireTransport, asked: httpx.Request) -> httpx.Response:
        answer = real(self, asked)
        change = rules.get(asked.url.path)
        if change is None:
            return answer
        answer.read()
        return change(answer)

    monkeypatch.setattr(WireTransport, "handle_request", handle)
    quick = functools.partial(connect, attempts=2, first_wait=0.01, longest_wait=0.02)
    monkeypatch.setattr(accounts, "connect", quick)
    return rules


def says(status: int, **body: object) -> Callable[[httpx.Response], httpx.Response]:
    """Answer so instead."""
    headers = {"Location": "https://elsewhere.test/"} if status == 302 else {}
    return lambda _: httpx.Response(status, json=body, headers=headers)


UNAUTHORISED = says(401, code="unauthorized", message="invalid access token")
BY_POLICY = says(
    403, code="PA_UNAUTHORIZED_RESULT_FROM_POLICIES", message="At least one policy"
)


def core(project: Project, statement: str) -> list[tuple[Any, ...]]:
    return project.warehouse().execute(statement).fetchall()


@pytest.mark.parametrize(
    ("refusal", "advice"),
    [
        (UNAUTHORISED, "the token is good"),
        (says(302), "redirects are not followed"),
        (says(403, error="forbidden", message="not yours"), "403: forbidden"),
    ],
)
@pytest.mark.parametrize("name", ["packs", "shipments"])
def test_one_thing_that_is_refused_is_passed_over_and_waits(
    project: Project,
    sandbox: RunningSandbox,
    answers: Rules,
    name: str,
    refusal: Callable[[httpx.Response], httpx.Response],
    advice: str,
) -> None:
    wanted = len(core(project, f"select distinct {name[:-1]}_id from core.orders"))
    [(thing,)] = core(
        project,
        f"select {name[:-1]}_id from core.orders where {name[:-1]}_id is not null"
        " order by all limit 1",
    )
    answers[f"/{name}/{thing}"] = refusal

    tally = by_id.fetch_wanted(project, name)
    loading.load(project, [name])

    assert tally.failed.keys() == {str(thing)}
    assert tally.landed >= wanted - 2, "all others, but for those without one"
    [problem] = project.run.problems
    assert advice in problem
    assert "login" not in problem
    assert sandbox.log.requests["/oauth/token"] == 0
    # It is not there for us; that does not say that it does not exist.
    assert core(
        project, f"select count(*) from core.{name} where {name[:-1]}_id = {thing}"
    ) == [(0,)]

    sandbox.log.clear()
    assert by_id.fetch_wanted(project, name) == Tally(), (
        "it waits, and that is no failure"
    )
    assert sandbox.log.total == 0
    project.now = lambda: datetime.now(UTC) + timedelta(days=60)
    assert str(thing) in by_id.fetch_wanted(project, name).failed, (
        "after a quarter of its age"
    )


def test_a_resource_refused_by_policy_stops_itself_and_no_other(
    project: Project, sandbox: RunningSandbox, answers: Rules
) -> None:
    ids = core(project, "select distinct pack_id from core.orders")
    for (pack,) in ids:
        answers[f"/packs/{pack}"] = BY_POLICY
    workers = project.settings.max_concurrency
    tally = by_id.fetch_wanted(project, "packs")
    assert tally.landed == 0
    assert sandbox.log.requests["/packs/{id}"] <= 3 + 3 * workers
    [problem] = project.run.problems
    assert "the application lacks the permission" in problem
    assert by_id.fetch_wanted(project, "shipments").landed > 1
    assert len(project.run.problems) == 1


def test_details_of_orders_that_fail_are_a_problem_of_the_run(
    sandbox: RunningSandbox, answers: Rules, tmp_path: Path
) -> None:
    sandbox.switches.trims_search = frozenset({"cancel_detail"})
    cancelled = sandbox.world.order_ids()[:3]
    for order_id in cancelled:
        sandbox.world.cancel(order_id)
        answers[f"/orders/{order_id}"] = says(500, message="Oops")
    span = Range(DAY.start, NOW + timedelta(hours=1))
    with a_project(sandbox, tmp_path) as one:
        read = orders.orders(one, span)
        assert read.details.failed.keys() == set(map(str, cancelled))
        [problem] = run_record.problems(one.run)
        assert problem.startswith("order details that could not be fetched: 3, such as")
    answers.clear()
    with a_project(sandbox, tmp_path) as one:
        read = orders.orders(one, span)
        assert read.details == Tally(landed=3)
        assert run_record.problems(one.run) == []


@pytest.mark.parametrize("number", ["²", "9" * 5000, "-1", "1e3"])
def test_an_id_that_is_no_number_stops_nothing(
    sandbox: RunningSandbox, answers: Rules, tmp_path: Path, number: str
) -> None:
    sandbox.switches.trims_search = frozenset({"cancel_detail"})
    order_id = sandbox.world.order_ids()[0]
    sandbox.world.cancel(order_id)

    def renamed(answer: httpx.Response) -> httpx.Response:
        body = json.loads(answer.content)
        for row in body["results"]:
            row["id"] = number if row["id"] == order_id else row["id"]
        return httpx.Response(answer.status_code, json=body)

    answers["/orders/search"] = renamed
    with a_project(sandbox, tmp_path) as one:
        orders.orders(one, Range(DAY.start, NOW + timedelta(hours=1)))
        assert {row.verdict for row in one.run.certificates} == {"complete"}
        assert core(one, "select count(*) from core.orders") >= [(59,)]


def test_an_order_that_no_search_shows_comes_by_the_pack_that_names_it(
    tmp_path: Path,
) -> None:
    made = World(orders=150, seed=5, now=NOW, sellers=1, days=9)
    packs = {one: made.order(one)["pack_id"] for one in made.order_ids()}
    carts = Counter(pack for pack in packs.values() if pack)
    hidden = next(one for one, pack in packs.items() if carts[pack] > 1)
    made.clock.now = NOW + timedelta(hours=2)
    made.change(hidden)  # out of the range that is read below
    with serve(made) as sandbox, a_project(sandbox, tmp_path) as one:
        missing_sellers(one)
        loading.load(one, ["sellers"])
        orders.orders(one, Range(NOW - timedelta(days=10), NOW))
        by_id.fetch_wanted(one, "packs")
        loading.load(one, ["packs"])
        here = f"select count(*) from core.orders where order_id = {hidden}"
        assert core(one, here) == [(0,)]

        assert by_id.fetch_wanted(one, "orders").landed == 0, "a search may show it yet"
        one.now = lambda: datetime.now(UTC) + timedelta(days=1, minutes=1)
        assert by_id.fetch_wanted(one, "orders").answered == {str(hidden)}
        loading.load(one, ["orders"])
        assert core(one, here) == [(1,)]
        assert by_id.fetch_wanted(one, "orders").landed == 0, "it is asked for once"
