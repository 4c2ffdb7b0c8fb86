"""The inbox keeps one pointer a thing until it is followed, whatever dies meanwhile."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.notifications import inbox as inboxes
from pipeline.notifications.inbox import Inbox, InboxState, path_of
from pipeline.payloads.notification import Pointer

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def about(order_id: int, seller_id: int = 700100200) -> Pointer:
    return Pointer(
        "orders_v2", f"/orders/{order_id}", "order", order_id, seller_id, None
    )


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    with Inbox(tmp_path) as opened:
        yield opened


def test_duplicates_are_one_pointer_that_waits_since_the_last(inbox: Inbox) -> None:
    inbox.put([about(1), about(2), about(1)], now=NOW)
    inbox.put([about(1)], now=NOW + MINUTE)
    assert [
        (one.thing_id, one.sequence, one.received_at)
        for one in inbox.ripe(NOW + MINUTE, 10)
    ] == [(2, 2, NOW), (1, 3, NOW + MINUTE)]


def test_the_same_thing_of_another_seller_takes_no_ones_place(inbox: Inbox) -> None:
    inbox.put([about(1), about(1, seller_id=9)], now=NOW)
    assert {one.seller_id for one in inbox.ripe(NOW, 10)} == {700100200, 9}


def test_a_pointer_that_comes_again_while_it_is_followed_stays(inbox: Inbox) -> None:
    inbox.put([about(1), about(2)], now=NOW)
    followed = inbox.ripe(NOW, 10)
    inbox.put([about(1)], now=NOW + MINUTE)
    inbox.done(followed)
    [left] = inbox.ripe(NOW + MINUTE, 10)
    assert (left.thing_id, left.sequence) == (1, 3)
    inbox.drop(followed, "not there")
    inbox.put_off(followed, NOW + MINUTE)
    assert inbox.ripe(NOW + MINUTE, 10) == [left]


def test_one_that_is_put_off_waits_ever_longer_until_it_comes_again(
    inbox: Inbox,
) -> None:
    inbox.put([about(1)], now=NOW)
    now = NOW
    for minutes in (1, 2, 4, 8, 16, 32, 60, 60):
        inbox.put_off(inbox.ripe(now, 10), now)
        assert inbox.ripe(now + (minutes - 0.1) * MINUTE, 10) == []
        now += minutes * MINUTE
        assert len(inbox.ripe(now, 10)) == 1
    inbox.put([about(1)], now=now)
    assert inbox.ripe(now, 10)[0].attempts == 0


def test_its_mark_changes_with_what_comes_and_what_was_tried(inbox: Inbox) -> None:
    assert inbox.mark(NOW) is None
    inbox.put([about(1)], now=NOW)
    first = inbox.mark(NOW)
    inbox.put_off(inbox.ripe(NOW, 10), NOW)
    assert inbox.mark(NOW) is None
    again = inbox.mark(NOW + MINUTE)
    inbox.put([about(1)], now=NOW + MINUTE)
    assert len({first, again, inbox.mark(NOW + MINUTE), None}) == 4


def test_a_number_is_never_used_again(inbox: Inbox) -> None:
    inbox.put([about(1)], now=NOW)
    inbox.done(inbox.ripe(NOW, 10))
    inbox.put([about(1)], now=NOW)
    assert [one.sequence for one in inbox.ripe(NOW, 10)] == [2]


def test_a_full_inbox_takes_only_what_waits_already(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inboxes, "WAITING_AT_MOST", 3)
    inbox.put([about(1), about(2)], now=NOW)
    inbox.put([about(3), about(4), about(2), about(5)], now=NOW + MINUTE)
    waiting = {one.thing_id: one.sequence for one in inbox.ripe(NOW + MINUTE, 10)}
    assert set(waiting) == {1, 2, 3}
    assert waiting[2] > 2
    assert inbox.state(NOW).dropped == {"inbox full": 2}


def test_its_state_tells_what_waits_and_what_became_of_the_rest(inbox: Inbox) -> None:
    inbox.put(
        [about(1), about(2), about(3)],
        now=NOW,
        counts={"taken": 4},
        dropped={"topic not taken": 2},
    )
    first, second, _ = inbox.ripe(NOW, 10)
    inbox.done([first])
    inbox.put_off([second], NOW)
    assert inbox.state(NOW) == InboxState(
        waiting=2,
        ripe=1,
        oldest=NOW,
        counts={"taken": 4, "followed": 1},
        dropped={"topic not taken": 2},
    )


def test_who_has_never_listened_has_no_inbox(tmp_path: Path) -> None:
    assert Inbox.existing(tmp_path) is None
    assert not path_of(tmp_path).exists()


def test_what_was_put_is_there_after_a_kill(tmp_path: Path) -> None:
    program = (
        "import sys, os, signal; from datetime import datetime, UTC;"
        "from pathlib import Path;"
        "from pipeline.notifications.inbox import Inbox;"
        "from tests.notifications.test_inbox import about;"
        "inbox = Inbox(Path(sys.argv[1]));"
        "inbox.put([about(1)], now=datetime.now(UTC));"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    root = Path(__file__).parents[2]
    ended = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        env=os.environ | {"PYTHONPATH": str(root)},
        cwd=root,
    )
    assert ended.returncode == -signal.SIGKILL
    with Inbox(tmp_path) as inbox:
        assert [one.thing_id for one in inbox.ripe(datetime.max.replace(tzinfo=UTC), 9)]


def test_a_damaged_one_is_set_aside_by_who_listens_and_told_to_others(
    tmp_path: Path,
) -> None:
    Inbox(tmp_path).close()
    path_of(tmp_path).write_bytes(b"no database" * 1000)
    with pytest.raises(sqlite3.DatabaseError):
        Inbox(tmp_path)
    with Inbox(tmp_path, is_mended=True) as inbox:
        inbox.put([about(1)], now=NOW)
        assert inbox.state(NOW).waiting == 1
    [aside] = path_of(tmp_path).parent.glob("inbox.damaged-*")
    assert aside.read_bytes().startswith(b"no database")
