"""A budget paces, counts, and slows down when the API says so."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.mercadolibre.bounds import BoundedTransport, Bounds
from pipeline.mercadolibre.budget import Budget, BudgetTransport, endpoint_of

if TYPE_CHECKING:
    from tests.mercadolibre.conftest import Api


class Timeline:
    """A clock that sleeping moves on; remembers when each turn was let go."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.let_go: list[float] = []

    def clock(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    def budget(self, per_minute: float, width: int = 1) -> Budget:
        return Budget(per_minute, width, clock=self.clock, sleep=self.sleep)

    def spend(self, budget: Budget, status: int = 200, took: float = 0.0) -> None:
        with budget.turn("/x") as turn:
            self.let_go.append(self.seconds)
            self.seconds += took
            turn.status = status


def test_requests_follow_each_other_evenly() -> None:
    timeline = Timeline()
    budget = timeline.budget(61)  # one at once, and 60 a minute
    for _ in range(4):
        timeline.spend(budget)
    assert timeline.let_go == pytest.approx([1000.0, 1001.0, 1002.0, 1003.0])
    assert budget.usage().waited_seconds == pytest.approx(3.0)


def test_a_second_of_the_budget_may_be_sent_at_once() -> None:
    timeline = Timeline()
    budget = timeline.budget(240, width=8)  # four at once, and 236 a minute
    for _ in range(6):
        timeline.spend(budget)
    even = 60 / 236
    expected = [0.0, 0.0, 0.0, 0.0, even, 2 * even]
    assert [at - 1000 for at in timeline.let_go] == pytest.approx(expected)


@given(
    per_minute=st.integers(60, 5000),
    width=st.integers(1, 16),
    pauses=st.lists(st.floats(0, 20), max_size=20),
)
def test_no_sixty_seconds_hold_more_than_the_budget(
    per_minute: int, width: int, pauses: list[float]
) -> None:
    timeline = Timeline()
    budget = timeline.budget(per_minute, width)
    for pause in pauses:
        timeline.seconds += pause
        for _ in range(per_minute // 10 + 1):
            timeline.spend(budget)
    for first, at in enumerate(timeline.let_go):
        last = first + per_minute
        if last < len(timeline.let_go):
            assert timeline.let_go[last] - at > 60 - 1e-6


def test_a_slow_budget_is_kept_too() -> None:
    timeline = Timeline()
    budget = timeline.budget(0.5)
    timeline.spend(budget)
    timeline.spend(budget)
    assert timeline.let_go == [1000.0, 1120.0]


def test_a_high_budget_costs_nothing_to_speak_of() -> None:
    budget = Budget(1e12, 4)
    started = time.perf_counter()
    for _ in range(5000):
        with budget.turn("/x") as turn:
            turn.status = 200
    assert time.perf_counter() - started < 1.0
    assert budget.usage().waited_seconds < 1.0


@pytest.mark.parametrize("per_minute", [0, -1, float("nan")])
def test_a_budget_of_nothing_is_refused(per_minute: float) -> None:
    with pytest.raises(ValueError, match="requests_per_minute must be above 0"):
        Budget(per_minute, 1)


def test_a_width_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="max_concurrency must be at least 1"):
        Budget(1, 0)


def test_a_429_halves_pace_and_width_and_good_answers_give_them_back() -> None:
    timeline = Timeline()
    budget = timeline.budget(6000, width=8)
    timeline.spend(budget, 429, took=1.0)
    assert (budget.usage().rate_now, budget.usage().concurrency_now) == (3000, 4)
    for _ in range(10):
        timeline.spend(budget)
    assert budget.usage().rate_now == pytest.approx(3600)
    assert budget.usage().concurrency_now == 5
    for _ in range(100):
        timeline.spend(budget)
    assert (budget.usage().rate_now, budget.usage().concurrency_now) == (6000, 8)


def test_pace_and_width_have_a_floor() -> None:
    timeline = Timeline()
    budget = timeline.budget(1600, width=4)
    for _ in range(20):
        timeline.spend(budget, 429, took=1.0)
    assert (budget.usage().rate_now, budget.usage().concurrency_now) == (100, 1)


def test_a_fault_of_the_server_narrows_but_does_not_slow() -> None:
    timeline = Timeline()
    budget = timeline.budget(6000, width=8)
    timeline.spend(budget, 503, took=1.0)
    assert (budget.usage().rate_now, budget.usage().concurrency_now) == (6000, 6)


def test_answers_to_one_burst_cut_once() -> None:
    timeline = Timeline()
    budget = timeline.budget(60_000, width=8)
    with budget.turn("/x") as first, budget.turn("/x") as second:
        timeline.seconds += 1
        second.status = 429
        first.status = 429
    assert budget.usage().rate_now == 30_000


def test_not_more_than_the_width_are_under_way() -> None:
    budget = Budget(1e9, 3)
    under_way = 0
    seen: list[int] = []
    lock = threading.Lock()

    def work() -> None:
        nonlocal under_way
        for _ in range(10):
            with budget.turn("/x") as turn:
                with lock:
                    under_way += 1
                    seen.append(under_way)
                time.sleep(0.001)
                with lock:
                    under_way -= 1
                turn.status = 200

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(seen) == 3
    assert budget.usage().requests == {"/x": 80}


def test_usage_counts_attempts_by_endpoint_and_unanswered_ones_too(api: Api) -> None:
    api.will(
        httpx.Response(200, json={}), httpx.Response(404, json={}), httpx.ReadError("x")
    )
    budget = api.budget()
    http = httpx.Client(transport=BudgetTransport(api.transport(), budget))
    http.get("https://api.test/packs/1")
    http.get("https://api.test/packs/2")
    with pytest.raises(httpx.ReadError):
        http.get("https://api.test/orders/search?seller=1")
    usage = budget.usage()
    assert usage.requests == {"/packs/{id}": 2, "/orders/search": 1}
    assert usage.retries == 0


def test_a_turn_lasts_as_long_as_its_body() -> None:
    budget = Budget(1e9, 1)
    widths: list[bool] = []

    class Slow(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            widths.append(budget._under_way == 1)
            yield b"{}"

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=Slow())

    bounded = BoundedTransport(httpx.MockTransport(answer), Bounds())
    http = httpx.Client(transport=BudgetTransport(bounded, budget))
    assert http.get("https://api.test/x").content == b"{}"
    assert widths == [True]
    assert budget._under_way == 0


def test_endpoints_are_named_without_ids() -> None:
    paths = [
        "/orders/search",
        "/orders/2000020000000001",
        "/orders/2000020000000001/discounts",
        "/packs/1",
        "/shipments/46000000001/costs",
        "/users/me",
        "/users/700100200",
        "/oauth/token",
    ]
    assert [endpoint_of(path) for path in paths] == [
        "/orders/search",
        "/orders/{id}",
        "/orders/{id}/discounts",
        "/packs/{id}",
        "/shipments/{id}/costs",
        "/users/me",
        "/users/{id}",
        "/oauth/token",
    ]
    assert list(itertools.chain(endpoint_of("/1/2"))) == list("/{id}/{id}")


def test_a_search_of_carts_keeps_to_its_own_hundred_a_minute() -> None:
    timeline = Timeline()
    budget = timeline.budget(1_500, width=8)
    for _ in range(250):
        with budget.turn("/marketplace/orders/search") as turn:
            timeline.let_go.append(timeline.seconds)
            turn.status = 200
        for _ in range(5):
            with budget.turn("/marketplace/orders/{id}") as turn:
                turn.status = 200
    for number, at in enumerate(timeline.let_go):
        within = [one for one in timeline.let_go[number:] if one < at + 60]
        assert len(within) <= 100
    assert timeline.let_go[-1] - timeline.let_go[0] < 250 * 60 / 98


def test_a_turn_waits_for_the_pace_of_the_application_too() -> None:
    timeline = Timeline()

    def wait() -> float:
        timeline.sleep(7)
        return 7.0

    budget = Budget(
        60_000, 1, of_application=wait, clock=timeline.clock, sleep=timeline.sleep
    )
    for _ in range(2):
        timeline.spend(budget)
    assert timeline.let_go == pytest.approx([1007.0, 1014.0])
    assert budget.usage().waited_seconds == pytest.approx(14.0)


def test_a_turn_that_the_application_does_not_get_frees_its_place() -> None:
    answers: Iterator[Exception | float] = iter([RuntimeError("silent"), 0.0])

    def wait() -> float:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    budget = Budget(60_000, 1, of_application=wait)
    with pytest.raises(RuntimeError, match="silent"), budget.turn("/x"):
        pass
    with budget.turn("/x") as turn:
        turn.status = 200
    assert budget.usage().concurrency_now == 1
