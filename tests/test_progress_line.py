import pytest

from pipeline.progress_line import SECONDS, ProgressLine, with_progress


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    return now


def test_what_takes_long_says_now_and_then_how_far_it_is(clock: list[float]) -> None:
    said: list[str] = []
    line = ProgressLine(said.append, "loading orders", 1_000_000)
    for done in (50_000, 100_000, 150_000):
        clock[0] += SECONDS * 0.6
        line(done)
    assert said == ["loading orders: 100,000 of 1,000,000"]


def test_items_are_counted_as_they_are_done(clock: list[float]) -> None:
    said: list[str] = []
    for _ in with_progress(["a", "b", "c"], "searching files", said.append):
        clock[0] += SECONDS
    assert said == ["searching files: 1 of 3", "searching files: 2 of 3"]


def test_nothing_is_said_of_what_is_quick() -> None:
    said: list[str] = []
    assert list(with_progress([1, 2], "searching files", said.append)) == [1, 2]
    assert said == []
