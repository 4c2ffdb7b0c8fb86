"""Workers of one application send no more than its budget together."""

import functools
import itertools
import time
from collections.abc import Iterator

import fakeredis
import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.workers import pace
from pipeline.workers.connection import Silent, connected
from pipeline.workers.pace import Pace
from tests.workers.conftest import URL


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(1_800_000_000.0, tick=False) as made:
        yield made


def paced(per_minute: int, name: str = "4711") -> Pace:
    return Pace(URL, name, per_minute, sleep=lambda seconds: None)


def test_workers_take_the_places_of_one_row(
    redis: fakeredis.FakeRedis, clock: time_machine.Traveller
) -> None:
    one, other = paced(122), paced(122)  # two at once, and 116 a minute
    found = [each.wait() for each in (one, other, one, other)]
    even = 60 / 116
    assert found == pytest.approx([0.0, 0.0, even, 2 * even], abs=1e-5)
    clock.shift(10)
    assert [one.wait(), other.wait(), one.wait()] == pytest.approx(
        [0.0, 0.0, even], abs=1e-5
    )


def test_another_application_has_a_row_of_its_own(
    redis: fakeredis.FakeRedis, clock: time_machine.Traveller
) -> None:
    assert [paced(1).wait(), paced(1, "4712").wait(), paced(1).wait()] == [0, 0, 60]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    per_minute=st.integers(60, 240),
    # Each lets a tenth of a minute's budget go.
    pauses=st.lists(st.floats(0, 20), min_size=11, max_size=14),
)
def test_no_sixty_seconds_hold_more_than_the_budget(
    per_minute: int,
    pauses: list[float],
    redis: fakeredis.FakeRedis,
    clock: time_machine.Traveller,
) -> None:
    redis.flushall()
    workers = itertools.cycle([paced(per_minute), paced(per_minute)])
    begun, let_go = time.time(), []
    for pause in pauses:
        clock.shift(pause)
        for _ in range(per_minute // 10 + 1):
            seconds = next(workers).wait()
            let_go.append(time.time() - begun + seconds)
    let_go.sort()
    for first, at in enumerate(let_go[:-per_minute]):
        assert let_go[first + per_minute] - at > 60
    assert let_go == sorted(let_go)


def test_nothing_is_sent_without_a_place_and_no_password_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pace, "connected", functools.partial(connected, repeats=0))
    one = paced(1500)
    with pytest.raises(Silent, match=r"^Redis at 127.0.0.1:9 does not answer") as told:
        one.wait()
    assert "sesame" not in str(told.value)
    monkeypatch.setattr(one, "_take", None)
    with pytest.raises(Silent, match="has not answered before"):
        one.wait()
