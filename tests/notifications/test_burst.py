"""A burst, duplicated and shuffled among forged ones, into a process that is killed."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.cli.listen import READY
from pipeline.notifications.inbox import Inbox
from pipeline.sandbox.server.notifications import (
    APPLICATION_ID,
    deliver,
    forgeries,
    message,
    text,
)
from pipeline.sandbox.world.chance import drawn

SELLER = 700100200


class Listening:
    """A receiver in a process of its own, on a port that stays its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self.process = self._begun()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _begun(self) -> "subprocess.Popen[str]":
        surroundings = os.environ | {
            "MELI_DATA_DIR": str(self.folder),
            "MELI_SELLER_IDS": str(SELLER),
            "MELI_CLIENT_ID": str(APPLICATION_ID),
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


def burst(folder: Path, count: int) -> tuple[list[float], Counter[int]]:
    """Send ``count`` notifications as Mercado Libre does, killing the receiver twice.

    Half of them are duplicates, a tenth more are forged; what is not answered 200 is
    sent again. Returns the seconds of the answers, and how often each status came.
    """
    orders = range(1, count // 2 + 1)
    told = [
        message("orders_v2", f"/orders/{one}", seller_id=SELLER, now=datetime.now(UTC))
        for one in orders
    ]
    foreign = [one | {"resource": f"/orders/{10**9 + n}"} for n, one in enumerate(told)]
    bodies = [text(one) for one in told + told]
    bodies += forgeries(foreign, count // 10, APPLICATION_ID)
    bodies.sort(key=lambda body: drawn(7, len(body), hash(body)))
    listening = Listening(folder)
    seconds: list[float] = []
    statuses: Counter[int] = Counter()

    def killing() -> None:
        for _ in range(2):
            time.sleep(count / 10_000)
            listening.kill()

    killer = threading.Thread(target=killing)
    killer.start()
    url, waiting = listening.url, bodies
    while waiting:
        answers = deliver(url, waiting, at_once=12)
        seconds += [took for status, took in answers if status == 200]
        statuses.update(status for status, _ in answers)
        waiting = [
            body
            for body, (status, _) in zip(waiting, answers, strict=True)
            if status != 200
        ]
        time.sleep(0.2 if waiting else 0)
    killer.join()
    with urllib.request.urlopen(f"{url}/health") as answer:
        assert json.load(answer) == {"status": "ok", "waiting": len(orders)}
    assert listening.end() == 0
    with Inbox(folder) as inbox:
        # The process has another clock than the suite.
        later = datetime.now(UTC) + timedelta(days=10_000)
        held = [one.thing_id for one in inbox.ripe(later, count)]
    assert sorted(held) == list(orders)
    return sorted(seconds), statuses


@pytest.mark.untraced
def test_a_burst_survives_two_kills_and_folds_to_what_was_pointed_at(
    tmp_path: Path,
) -> None:
    seconds, statuses = burst(tmp_path, 1_000)
    assert statuses[200] == 1_100
    assert seconds[len(seconds) * 99 // 100] < 0.5


@pytest.mark.long
@pytest.mark.untraced
def test_ten_thousand_survive_two_kills_and_are_answered_in_time(
    tmp_path: Path,
) -> None:
    seconds, statuses = burst(tmp_path, 10_000)
    assert statuses[200] == 11_000
    assert statuses[0] > 0  # it was killed while they came
    assert seconds[len(seconds) * 99 // 100] < 0.5
