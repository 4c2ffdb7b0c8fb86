"""`listen`: receives beside any sync, says where it is, and ends with Ctrl-C."""

import json
import signal
import socket
import time
import urllib.request
from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.cli.listen import READY, _Told
from pipeline.notifications import server
from pipeline.notifications.inbox import Inbox
from pipeline.notifications.receiver import TAKEN, Receiver
from pipeline.sandbox.server.server import RunningSandbox
from pipeline.sync.data_folder import DataFolder
from tests import notifying
from tests.cli.conftest import SELLERS, Commands
from tests.conftest import TODAY

OURS = {
    "client_id": str(notifying.APPLICATION_ID),
    "client_secret": "client-secret-of-a-test",
}


def about(order_id: int, **changed: Any) -> bytes:
    told = notifying.message(
        "orders_v2", f"/orders/{order_id}", seller_id=SELLERS[0], now=TODAY
    )
    return notifying.text(told | changed)


def waiting(commands: Commands) -> list[int]:
    with Inbox(commands.folder) as inbox:
        later = datetime.max.replace(tzinfo=TODAY.tzinfo)
        return sorted(one.thing_id for one in inbox.ripe(later, 100))


def until(check: Any) -> None:
    """Wait until something has happened in the other process."""
    deadline = time.monotonic() + 20
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.untraced
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_receives_while_a_sync_holds_the_folder_and_ends_when_told(
    empty: Commands, number: int
) -> None:
    empty.folder.mkdir()
    holding = DataFolder(empty.folder).held(notice=print, wait_seconds=0)
    with holding, empty.process("listen", "--port", "0", **OURS) as process:
        assert process.stdout
        line = process.stdout.readline()
        assert line.startswith(READY + "http://127.0.0.1:")
        url = line.removeprefix(READY).strip()
        bodies = [about(7), about(7, application_id=3), about(8, user_id=3), b"{}"]
        assert [status for status, _ in notifying.deliver(url, bodies, at_once=1)] == [
            200
        ] * 4
        with urllib.request.urlopen(f"{url}/health") as answer:
            assert json.load(answer) == {"status": "ok", "waiting": 1}
        process.send_signal(number)
        ended = empty.ended(process)
    assert ended.code == 0
    assert "Ctrl-C stops" in ended.err
    assert waiting(empty) == [7]
    told = empty.status(**OURS)["notifications"]
    assert isinstance(told, dict)
    assert told | {"ripe": 1, "oldest": None} == {
        "waiting": 1,
        "ripe": 1,
        "oldest": None,
        "counts": {"taken": 1},
        "dropped": {
            "not a notification": 1,
            "other application": 1,
            "unknown seller": 1,
        },
    }


@pytest.mark.untraced
def test_it_reads_what_was_missed_when_it_starts(
    sandbox: RunningSandbox, empty: Commands
) -> None:
    first, second = sandbox.world.order_ids(SELLERS[0])[:2]
    sandbox.missed[:] = notifying.messages(sandbox.world, [first])
    sandbox.missed.extend(
        one | {"application_id": 3}
        for one in notifying.messages(sandbox.world, [second])
    )
    empty.surroundings["MELI_BASE_URL"] = sandbox.url
    with empty.process("listen", "--port", "0", **OURS) as process:
        assert process.stdout
        process.stdout.readline()
        until(lambda: waiting(empty) == [first])
        until(lambda: sandbox.log.requests["/missed_feeds"] >= 2 * 8)
        process.send_signal(signal.SIGINT)
        ended = empty.ended(process)
    assert ended.code == 0
    assert waiting(empty) == [first]


def test_without_the_applications_id_it_says_what_cannot_be_checked(
    empty: Commands,
) -> None:
    with empty.process("listen", "--port", "0") as process:
        assert process.stdout
        url = process.stdout.readline().removeprefix(READY).strip()
        notifying.deliver(url, [about(7, application_id=3)], at_once=1)
        process.send_signal(signal.SIGINT)
        ended = empty.ended(process)
    assert "MELI_CLIENT_ID is not set" in ended.err
    assert waiting(empty) == [7]


def test_a_second_one_on_the_folder_is_one_line(empty: Commands) -> None:
    with server.alone(empty.folder):
        ended = empty("listen", "--port", "0", **OURS)
    assert ended.code == 1
    assert ended.error.startswith("error: another `meli-sales listen` works on ")


def test_a_taken_port_is_one_line(empty: Commands) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = empty("listen", "--port", str(port), **OURS)
    assert ended.code == 1
    assert ended.error.startswith(f"error: port {port} cannot be used")


def test_status_and_doctor_tell_of_an_inbox_and_only_then(filled: Commands) -> None:
    assert "notified" not in filled("status").out
    assert "notifications" not in filled("doctor").out
    with Inbox(filled.folder) as inbox:
        inbox.put([], now=TODAY, dropped={"topic not taken": 2})
    line = "nothing waits; not acted on: 2 topic not taken"
    assert f"notified     {line}" in filled("status").out
    assert f"ok    notifications: {line}" in filled("doctor").out


def test_the_terminal_is_told_what_came_since_the_last_line_and_no_body(
    capsys: pytest.CaptureFixture[str], empty: Commands
) -> None:
    with Inbox(empty.folder) as inbox:
        receiver = Receiver(inbox, application_id=None, sellers=())
        told = _Told()
        told.tell(receiver)
        assert capsys.readouterr().err == ""
        receiver.counts[TAKEN] += 1_200
        receiver.dropped["topic not taken"] += 3
        told.tell(receiver)
        line = (
            f"{datetime.now(UTC):%H:%M} UTC: 1,200 taken, 3 dropped (topic not taken)\n"
        )
        assert capsys.readouterr().err == line
        receiver.counts[TAKEN] += 1
        told.fail("database or disk is full")
        told.tell(receiver)
        told.tell(receiver)
        line = "1 taken; not all kept: database or disk is full\n"
        assert capsys.readouterr().err == f"{datetime.now(UTC):%H:%M} UTC: {line}"
        receiver.close()
