"""Of several machines one works on a bucket, and the next when that is gone."""

import os
import signal
import threading

import fakeredis
import pytest

from pipeline.workers import claim
from pipeline.workers.claim import Taken, claimed
from tests.workers.conftest import URL

HOME = "s3://bucket/3"


def test_a_second_machine_waits_until_the_first_has_ended(
    redis: fakeredis.FakeRedis,
) -> None:
    said: list[str] = []
    first = claimed(URL, HOME, notice=said.append, wait_seconds=0)
    first.__enter__()

    def notice(line: str) -> None:
        said.append(line)
        first.__exit__(None, None, None)

    with claimed(URL, HOME, notice=notice, wait_seconds=60):
        pass
    assert said == [f"waiting for another machine that works on {HOME}"]
    assert redis.keys() == []


def test_a_second_machine_gives_up_in_one_line(redis: fakeredis.FakeRedis) -> None:
    with (
        claimed(URL, HOME, notice=print, wait_seconds=0),
        pytest.raises(Taken, match=f"another machine still works on {HOME}"),
        claimed(URL, HOME, notice=print, wait_seconds=0),
    ):
        pass


def test_a_claim_ends_by_itself_and_another_bucket_is_free(
    redis: fakeredis.FakeRedis,
) -> None:
    with (
        claimed(URL, HOME, notice=print, wait_seconds=0),
        claimed(URL, "s3://bucket/4", notice=print, wait_seconds=0),
    ):
        ttls = [redis.pttl(key) for key in redis.scan_iter()]
    assert [0 < each <= claim.LASTS_SECONDS * 1000 for each in ttls] == [True, True]


@pytest.mark.parametrize("fault", ["taken", "silent"])
def test_who_cannot_renew_the_claim_ends_its_process(
    redis: fakeredis.FakeRedis, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    killed: list[tuple[int, int]] = []
    is_killed = threading.Event()

    def kill(*words: int) -> None:
        killed.append(words)  # type: ignore[arg-type]
        is_killed.set()

    monkeypatch.setattr(claim, "_RENEWED_EVERY_SECONDS", 0.01)
    monkeypatch.setattr(claim, "_ENDS_AFTER_SECONDS", 0.05)
    monkeypatch.setattr(os, "kill", kill)
    said: list[str] = []
    with claimed(URL, HOME, notice=said.append, wait_seconds=0):
        assert not is_killed.wait(0.1), "it renews"
        if fault == "taken":
            redis.flushall()
        else:
            redis.connection_pool.connection_kwargs["server"].connected = False
        assert is_killed.wait(60)
    assert killed[0] == (os.getpid(), signal.SIGKILL)
    assert said[0] == "this machine's claim is lost, so the run ends here"
