"""A burst, duplicated and shuffled among forged ones, into a process that is killed."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.cli.listen import READY
from pipeline.notifications.inbox import Inbox
from pipeline.sandbox.server.server import RunningSandbox, serve
from pipeline.sandbox.world.world import World
from pipeline.sync import notified
from pipeline.sync.project import Project
from tests import notifying
from tests.conftest import TODAY, settings_for


class Listening:
    """A receiver in a process of its own, on a port that stays its own."""

    def __init__(self, folder: Path, sellers: Sequence[int]) -> None:
        self.folder = folder
        self.sellers = sellers
        self.port = 0
        self.process = self._begun()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _begun(self) -> "subprocess.Popen[str]":
        surroundings = os.environ | {
            "MELI_DATA_DIR": str(self.folder),
            "MELI_SELLER_IDS": ",".join(map(str, self.sellers)),
            "MELI_CLIENT_ID": str(notifying.APPLICATION_ID),
            "MELI_ACCESS_TOKEN": "APP_USR-sandbox",
            "MELI_BASE_URL": "http://127.0.0.1:1",
        }
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "pipeline.cli.main"),
                *("listen", "--port", str(self.port)),
            ],
            env=surroundings,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdout
        line = process.stdout.readline()
        assert line.startswith(READY), line
        self.port = int(line.rsplit(":", 1)[1])
        return process

    def kill(self) -> None:
        """Kill it with no chance to write anything, and begin another."""
        self.process.kill()
        self.process.wait()
        assert self.process.stdout
        self.process.stdout.close()
        self.process = self._begun()

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=20)
        assert self.process.stdout
        self.process.stdout.close()
        return code


@dataclass
class Outcome:
    """What came of a burst.

    Attributes:
        seconds: how long each answer of 200 took, the quickest first.
        statuses: how often each status came; 0 is no answer.
        asked: how often the API was asked for each order.
        held: orders in the warehouse, each as often as it is there.
        dropped: notifications not acted on, by reason.
    """

    seconds: list[float]
    statuses: Counter[int]
    asked: dict[str, int]
    held: list[int]
    dropped: Mapping[str, int]

    @property
    def slowest_but_one_percent(self) -> float:
        return self.seconds[len(self.seconds) * 99 // 100]


def burst(sandbox: RunningSandbox, folder: Path, count: int) -> Outcome:
    """Send notifications of every order of a world, killing the receiver twice.

    Each order is told of twice; a tenth more are forged, and point at nothing that
    exists. What is not answered 200 is sent again, as Mercado Libre does. Then follow
    what waits.
    """
    world = sandbox.world
    told = notifying.messages(world, world.order_ids())
    foreign = [one | {"resource": f"/orders/{10**9 + n}"} for n, one in enumerate(told)]
    bodies = [notifying.text(one) for one in told + told]
    bodies += notifying.forgeries(foreign, count // 10, notifying.APPLICATION_ID)
    random.Random(7).shuffle(bodies)
    listening = Listening(folder, world.sellers)
    seconds: list[float] = []
    statuses: Counter[int] = Counter()

    def killing() -> None:
        for _ in range(2):
            time.sleep(count / 10_000)
            listening.kill()

    killer = threading.Thread(target=killing)
    killer.start()
    waiting = bodies
    while waiting:
        answers = notifying.deliver(listening.url, waiting, at_once=12)
        seconds += [took for status, took in answers if status == 200]
        statuses.update(status for status, _ in answers)
        waiting = [
            body
            for body, (status, _) in zip(waiting, answers, strict=True)
            if status != 200
        ]
        time.sleep(0.2 if waiting else 0)
    killer.join()
    with urllib.request.urlopen(f"{listening.url}/health") as answer:
        assert json.load(answer) == {"status": "ok", "waiting": len(told)}
    assert listening.end() == 0
    sandbox.log.clear()
    # The process has another clock than the suite.
    later = datetime.now(UTC) + timedelta(days=10_000)
    with Project(settings_for(sandbox, folder), now=lambda: later) as project:
        notified.follow(project, alone=True)
        held = project.warehouse().execute("select order_id from core.orders")
        found = [order_id for (order_id,) in held.fetchall()]
        assert project.run.problems == []
    with Inbox(folder) as inbox:
        state = inbox.state(later)
    assert (state.waiting, state.counts["followed"]) == (0, len(told))
    return Outcome(
        sorted(seconds),
        statuses,
        dict(sandbox.log.by_id["/orders/{id}"]),
        found,
        state.dropped,
    )


def holds(sandbox: RunningSandbox, outcome: Outcome, count: int) -> None:
    orders = sorted(sandbox.world.order_ids())
    assert outcome.statuses[200] == count + count // 10
    assert outcome.asked == {
        str(one): 1 for one in orders
    }  # and of none that is forged
    assert sorted(outcome.held) == orders
    assert set(outcome.dropped) <= FORGED


FORGED = {
    "not a notification",
    "other application",
    "path not of its topic",
    "too large",
    "topic not taken",
    "unknown seller",
}


@pytest.mark.untraced
def test_a_burst_survives_two_kills_and_folds_to_what_was_pointed_at(
    tmp_path: Path,
) -> None:
    with serve(World(orders=300, seed=3, sellers=2, days=3, now=TODAY)) as sandbox:
        holds(sandbox, burst(sandbox, tmp_path, 600), 600)


@pytest.mark.long
@pytest.mark.untraced
def test_ten_thousand_survive_two_kills_and_are_answered_in_time(
    tmp_path: Path,
) -> None:
    with serve(World(orders=5_000, seed=3, sellers=3, now=TODAY)) as sandbox:
        outcome = burst(sandbox, tmp_path, 10_000)
        holds(sandbox, outcome, 10_000)
    assert outcome.statuses[0] > 0  # it was killed while they came
    assert outcome.slowest_but_one_percent < 0.5
