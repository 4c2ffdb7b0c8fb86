"""A day of `meli-sales ui`, with its own processes, on a clock that jumps by the hour.

`python -m tests.service_life [FOLDER] [HOURS]` lives through 24 hours with the real web
server, daemon and runs, starts them anew as systemd would, and takes the alerts in. It
prints a line an hour, holds the alerts of each to what docs/alerts.md promises, and the
end to the world's own objects. `test_service_life.py` lives through fewer hours.
"""

import asyncio
import contextlib
import dataclasses
import json
import os
import re
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from http.client import HTTPException
from itertools import islice, product
from pathlib import Path
from typing import Any, Self
from unittest import mock
from urllib.request import Request, urlopen

from time_machine import escape_hatch

from pipeline import alerts
from pipeline.sandbox.server.answers import Response, policy
from pipeline.sandbox.server.app import App
from pipeline.sandbox.server.connection import Connection
from pipeline.sandbox.server.switches import Switches
from pipeline.warehouse.read import query
from tests.alert_receiver import receiving
from tests.long_life import HOUR, START, Life, Moment, Sizes, faulty, requests

_CLOCK = Path(__file__).with_name("clock_ahead.c")
_MINUTE = timedelta(minutes=1)
_PATIENCE_SECONDS = 600.0  # a slow machine is no claim of ours
_OVER = ("SUCCESS", "FAILURE", "CANCELED")


def can_be_lived() -> bool:
    """Whether this machine can set the clock of a process: Linux with a C compiler."""
    return (
        sys.platform == "linux"
        and not subprocess.run(
            ["sh", "-c", "command -v cc"], capture_output=True
        ).returncode
    )


class Clock:
    """What the clock of a service says: the machine's, some minutes ahead or behind."""

    def __init__(self, folder: Path) -> None:
        self._library, self._ahead = folder / "clock_ahead.so", folder / "ahead"
        subprocess.run(
            ["cc", "-shared", "-fPIC", "-O2", "-o", self._library, _CLOCK], check=True
        )
        self._ahead.write_bytes(struct.pack("l", 0))

    @property
    def surroundings(self) -> Mapping[str, str]:
        """What gives a process this clock."""
        return {"LD_PRELOAD": str(self._library), "CLOCK_AHEAD": str(self._ahead)}

    def set(self, now: datetime) -> datetime:
        """Set it to the next moment with the seconds that the machine's clock has.

        Dagster's scheduler looks at its clock when a minute ends: minutes stay what
        they are, so that no jump makes it wait for longer. Returns that moment.
        """
        is_moved = escape_hatch.is_travelling()
        seconds = escape_hatch.time.time() if is_moved else time.time()
        machine = datetime.fromtimestamp(seconds, UTC)
        ahead = -((machine - now) // _MINUTE) * _MINUTE
        with self._ahead.open("r+b") as file:
            file.write(struct.pack("l", ahead // timedelta(seconds=1)))
        return machine + ahead


@dataclass(frozen=True)
class Process:
    """One of the service's processes, with its share of the memory."""

    pid: int
    name: str
    megabytes: int


_NAMES = {
    "pipeline.instance.webserver": "web",
    "dagster._daemon": "daemon",
    "api grpc": "code",
    "left_behind": "watcher",
    "meli-sales": "ui",
}
"""Processes by what their command line holds; any other one is a run."""


class Service:
    """`meli-sales ui` as a process, asked by what its web server answers."""

    def __init__(self, folder: Path, surroundings: Mapping[str, str]) -> None:
        self._folder = folder
        self._surroundings = surroundings
        self._process: subprocess.Popen[bytes] | None = None
        self._killed: list[Process] = []
        self.url = ""

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        command = Path(sys.executable).with_name("meli-sales")
        with (self._folder / "service.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(command), "ui", "--port", str(port)],
                env=self._surroundings,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_until(lambda: self.looked() is not None, "the web server answers")

    def ended(self) -> int:
        """Wait until it has ended with all its processes; its exit code."""
        assert self._process
        before = [one.pid for one in [*self._killed, *self.processes()]]
        code = self._process.wait(_PATIENCE_SECONDS)
        wait_until(lambda: not any(map(_is_there, before)), "nothing is left of it")
        return code

    def stop(self) -> None:
        """End it as systemd does."""
        if self._process and self._process.poll() is None:
            self._process.terminate()
            assert self.ended() == 0

    def kill(self, name: str) -> None:
        """Kill -9 of one of its processes."""
        self._killed = self.processes()
        (pid,) = [one.pid for one in self._killed if one.name == name]
        os.kill(pid, signal.SIGKILL)

    def processes(self) -> list[Process]:
        """Its processes, each with the memory that it holds."""
        assert self._process
        parents = {
            int(path.name): int(_read(path / "stat").rpartition(")")[2].split()[1])
            for path in Path("/proc").glob("[0-9]*")
            if _read(path / "stat")
        }
        mine = {self._process.pid}
        while more := {pid for pid, by in parents.items() if by in mine} - mine:
            mine |= more
        return [_process(pid) for pid in sorted(mine) if _is_there(pid)]

    def ask(self, asked: str, **variables: object) -> Any:
        """What Dagster's GraphQL answers."""
        body = json.dumps({"query": asked, "variables": variables}).encode()
        headers = {"Content-Type": "application/json"}
        with urlopen(Request(f"{self.url}/graphql", body, headers), timeout=60) as told:
            return json.loads(told.read())["data"]

    def runs(self) -> Mapping[str, str]:
        """The status of each run by id, the newest first."""
        told = self.ask(
            "{runsOrError(limit: 100) {... on Runs {results {runId status}}}}"
        )
        return {one["runId"]: one["status"] for one in told["runsOrError"]["results"]}

    def looked(self) -> str | None:
        """The newest look for alerts: empty before any, none while it goes on."""
        told = self.ask(
            "query ($which: SensorSelector!) {sensorOrError(sensorSelector: $which) {"
            "... on Sensor {sensorState {ticks(limit: 1) {id status skipReason}}}}}",
            which={
                "repositoryName": "__repository__",
                "repositoryLocationName": "meli-sales",
                "sensorName": "watch",
            },
        )
        found = told["sensorOrError"]["sensorState"]["ticks"]
        if not found:
            return ""
        return None if found[0]["status"] == "STARTED" else str(found[0]["id"])


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # the process has ended meanwhile
        return ""


def _process(pid: int) -> Process:
    place = Path(f"/proc/{pid}")
    said = _read(place / "cmdline").replace("\0", " ")
    name = next((name for part, name in _NAMES.items() if part in said), "run")
    kilobytes = re.search(r"Pss:\s*(\d+)", _read(place / "smaps_rollup"))
    return Process(pid, name, int(kilobytes[1]) // 1000 if kilobytes else 0)


def _is_there(pid: int) -> bool:
    status = _read(Path(f"/proc/{pid}/status"))
    return bool(status) and "\nState:\tZ" not in status


def wait_until(has_come: Callable[[], object], what: str, every: float = 0.2) -> None:
    """Wait for something.

    Raises:
        AssertionError: it does not come.
    """
    ends_at = time.monotonic() + _PATIENCE_SECONDS
    while True:
        # A service that is just being started does not answer, or not all.
        with contextlib.suppress(OSError, HTTPException, LookupError, TypeError):
            if has_come():
                return
        assert time.monotonic() < ends_at, f"waited in vain until {what}"
        time.sleep(every)


Told = tuple[str, str]
"""An alert: its name in `words.toml`, and the order or seller that it is about."""


_ABOUT = {"fraud": r"\b2000\d{12}\b", "windows": r"\b7001002\d\d\b"}
"""What an alert is about: an order, a seller."""


def told(message: Mapping[str, Any]) -> Iterator[tuple[str, Told]]:
    """What a message tells, each as new, over or digest."""
    text = Path(alerts.__path__[0], "words.toml").read_text()
    for said in tomllib.loads(text).values():
        if message["title"] == f"meli-sales: {said['digest']}":
            yield "digest", ("digest", "")
            return
        ended = said["over"].partition("(")[0]
        names = [name for name in said if f"{name}_text" in said]
        for line, name in product(message["message"].splitlines(), names):
            found = re.search(_ABOUT.get(name, "^"), line)
            if line.startswith(f"{said[name]}. "):
                yield "new", (name, found[0] if found else "")
            if line.startswith(ended.format(title=said[name])):
                yield "over", (name, found[0] if found else "")


class ServiceLife(Life):
    """A life that is followed by a service.

    Attributes:
        refused: the seller whose searches are refused, if there is one.
        drips: how many searches get an answer that never ends.
    """

    sync_at = timedelta(minutes=4)

    def __init__(self, folder: Path, *, orders: int, changes: int) -> None:
        super().__init__(folder / "data", orders=orders, changes=changes)
        self.home = folder
        self.clock = Clock(folder)
        self.refused: int | None = None
        self.drips = 0
        self.open: set[Told] = set()
        self.wrong: list[str] = []
        self._digested: date | None = None
        self._seen: set[str] = set()
        self._heard = 0

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            for patched in (
                mock.patch.object(App, "begin", self._beginning(App.begin)),
                mock.patch.object(Connection, "_write", _dripping(Connection._write)),
            ):
                stack.enter_context(patched)
            url, self.received = stack.enter_context(receiving())
            super().__enter__()
            stack.push(super().__exit__)
            mine = {**self.surroundings(self.folder), **self.clock.surroundings}
            del mine["MELI_ACCESS_TOKEN"]
            tokens = [f"{one}=TG-sandbox-{one}" for one in self.world.sellers]
            self.service = Service(
                self.home,
                mine
                | {
                    "MELI_CLIENT_ID": "1234567890123456",
                    "MELI_CLIENT_SECRET": "secret-of-a-test",
                    "MELI_REFRESH_TOKEN": ",".join(tokens),
                    "MELI_ALERT_URLS": url,
                },
            )
            stack.callback(self.service.stop)
            self._stack_of_service = stack.pop_all()
        return self

    def __exit__(self, *ended: Any) -> None:
        self._stack_of_service.__exit__(*ended)

    def _beginning(self, begin: Callable[..., Any]) -> Callable[..., Any]:
        def beginning(app: App, request: Any) -> Any:
            if request.path == "/orders/search":
                if request.query_params.get("seller") == str(self.refused):
                    return 0.0, lambda: policy().response
                if self.drips:
                    self.drips -= 1
                    return 0.0, lambda: Response(_DRIPPING)
            return begin(app, request)

        return beginning

    def set_clock(self, now: datetime) -> None:
        """Set the clocks of the world and of the service."""
        super().set_clock(self.clock.set(now))

    # --- an hour ---

    def start(self) -> None:
        """Start the service, some minutes before its schedule is due."""
        self.set_clock(START)
        self.service.start()
        kept = self.folder / "dagster" / "schedules" / "schedules.db"

        def is_scheduled() -> bool:
            with contextlib.closing(sqlite3.connect(kept)) as connection:
                (count,) = connection.execute(
                    "select count(*) from instigators where instigator_type = ?",
                    ["SCHEDULE"],
                ).fetchone()
                return bool(count)

        wait_until(is_scheduled, "the scheduler has begun")

    def run(self) -> str:
        """Wait for the run of this hour, and how it ends."""
        self.begun()
        wait_until(lambda: self.ended() in _OVER, "the run ends", every=1)
        return self.ended()

    def ended(self) -> str:
        """The status of the newest run of this hour."""
        (ended, *_) = [
            status
            for run, status in self.service.runs().items()
            if run not in self._before
        ]
        return ended

    def begun(self) -> None:
        """Wait until the run of this hour is asked for."""
        self._before = set(self._seen)

        def is_begun() -> bool:
            self._seen |= set(self.service.runs())
            return self._seen != self._before

        wait_until(is_begun, f"a run begins at {self.now}", every=1)

    def look(self, now: datetime) -> None:
        """Jump to a moment, and wait until the sensor has looked for alerts."""
        before = self.service.looked()
        self.set_clock(now)
        self.wait_for_look(before)

    def wait_for_look(self, before: str | None) -> None:
        """Wait until the look after another one is over."""
        wait_until(
            lambda: self.service.looked() not in (None, before), "alerts are looked for"
        )

    def hold(self, more: Sequence[Told], passed: Sequence[Told]) -> None:
        """Hold what was received since the last time to what was to be told.

        Args:
            more: alerts that are open now, beside those of fraud risks and windows.
            passed: alerts that came and went since the last time.
        """
        now_open = {
            *(("fraud", str(order_id)) for order_id in self._risks()),
            *(("windows", str(seller)) for seller in self._unproven()),
            *more,
        }
        wanted = {("new", one) for one in now_open - self.open}
        wanted |= {("over", one) for one in self.open - now_open}
        wanted |= {(how, one) for how in ("new", "over") for one in passed}
        if self.now.hour >= 9 and self._digested != self.now.date():
            wanted.add(("digest", ("digest", "")))
            self._digested = self.now.date()
        self.open = now_open
        messages = self.received[self._heard :]
        self._heard += len(messages)
        came = [one for message in messages for one in told(message)]
        languages = 2  # of the two sellers: each its own digest
        digests = came.count(("digest", ("digest", "")))
        is_right = sorted(set(came)) == sorted(wanted) and len(came) == len(wanted) + (
            languages - 1 if digests else 0
        )
        if not is_right:
            self.wrong.append(
                f"{self.now}: wanted {sorted(wanted)}, came {came}: {messages}"
            )

    def _unproven(self) -> Sequence[int]:
        """Sellers of whom an hour is not complete."""
        rows = query(
            self.folder,
            "select distinct seller_id from marts.hour_completeness"
            " where not is_complete",
        )
        return rows["seller_id"].to_list()

    def _risks(self) -> Sequence[int]:
        """Orders not to be shipped: in the world, if its last run has read it all."""
        if self.ended() == "SUCCESS":
            told = self._sums().orders.items()
            return [order_id for order_id, one in told if one.is_to_be_cancelled]
        rows = query(
            self.folder, "select order_id from marts.orders where is_to_be_cancelled"
        )
        return rows["order_id"].to_list()


_DRIPPING = 299
"""A status of our own: an answer that goes on for ever."""


def _dripping(write: Callable[..., None]) -> Callable[..., None]:
    def written(connection: Any, response: Response, *more: Any, **named: Any) -> None:
        if response.status != _DRIPPING:
            write(connection, response, *more, **named)
            return
        transport = connection._transport
        transport.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
            b"content-length: 1000000\r\n\r\n{"
        )

        def drip() -> None:
            if not transport.is_closing():
                transport.write(b" ")
                asyncio.get_running_loop().call_later(2, drip)

        drip()

    return written


# --- what happens ---

Event = Callable[[ServiceLife], str]
"""Lives through the run of an hour; returns how it ended."""


def quiet(life: ServiceLife) -> str:
    return life.run()


def faults(life: ServiceLife) -> str:
    with _switched(life, faulty(life.now.hour)):
        return life.run()


def too_wide(life: ServiceLife) -> str:
    """No search reaches further than one order, and an hour has a dozen changes."""
    with _switched(life, Switches(ceiling=1)):
        return life.run()


@contextlib.contextmanager
def _switched(life: ServiceLife, switches: Switches) -> Iterator[None]:
    life.sandbox.switches.update(switches.as_json())
    try:
        yield
    finally:
        life.sandbox.switches.update(Switches().as_json())


def refused(life: ServiceLife) -> str:
    """Searches of the second seller are refused."""
    life.refused = life.world.sellers[1]
    try:
        return life.run()
    finally:
        life.refused = None


def never_ending(life: ServiceLife) -> str:
    """One answer never ends."""
    life.drips = 1
    ended = life.run()
    assert not life.drips, "it was not asked for"
    return ended


def killed(name: str, moment: Moment) -> Event:
    """One of the processes is killed while a run is at work; systemd starts anew."""

    def killed_then(life: ServiceLife) -> str:
        has_come = moment(life)
        life.sandbox.switches.latency_seconds = 0.05
        life.begun()
        wait_until(has_come, "the run has come so far", every=0.01)
        life.service.kill(name)
        assert life.service.ended() != 0
        life.sandbox.switches.latency_seconds = 0.0
        life.service.start()
        return life.ended()

    return killed_then


def clock_ahead(life: ServiceLife) -> str:
    """The clock of the service is three days ahead for a run and a look, then not."""
    world, ahead = life.world.clock.now, timedelta(days=3)
    life.clock.set(world + ahead)
    assert life.run() == "FAILURE", "it asks for nothing with such a clock"
    before = life.service.looked()
    life.clock.set(world + ahead + timedelta(minutes=20))
    life.wait_for_look(before)
    life.set_clock(life.now)
    return life.run()


@dataclass(frozen=True)
class Lived:
    """An hour: what happens, how its run ends, what is told beside the published."""

    name: str = ""
    event: Event = quiet
    ends: str = "SUCCESS"
    open: Sequence[Told] = ()
    passed: Sequence[Told] = ()


REFUSED = Lived("a seller is refused", refused, "FAILURE", [("run", "")])
"""Of the run of a refused seller more is said than that windows are not complete."""

WHOLE: Sequence[Sequence[Lived]] = (
    [Lived("kill -9 of the daemon", killed("daemon", requests(20)), "FAILURE")],
    [Lived("kill -9 of ui", killed("ui", requests(20)), "FAILURE")],
    [Lived("kill -9 of the web server", killed("web", requests(5)), "FAILURE")],
    [
        Lived(
            "the clock is three days ahead",
            clock_ahead,
            passed=[("stale", "")],
        )
    ],
    [REFUSED, REFUSED],
    [Lived("an answer never ends", never_ending)],
    [Lived("hours are too wide", too_wide, "FAILURE")],
)
"""What happens, evenly spread; of the hours between, every second one has faults."""


def plan(hours: int) -> Iterator[Lived]:
    """What happens hour by hour, the last one included; all of it once."""
    between = (hours - sum(map(len, WHOLE))) // len(WHOLE)
    assert between >= 1, "too few hours"
    quiet_hours = hours + 1 - sum(map(len, WHOLE))
    rest = iter(
        Lived("faults", faults) if number % 2 and number < quiet_hours - 1 else Lived()
        for number in range(quiet_hours)
    )
    yield next(rest)
    for happening in WHOLE:
        yield from happening
        yield from islice(rest, between)
    yield from rest


def live(life: ServiceLife, hours: Sequence[Lived]) -> None:
    """Live through hours, and hold each to what it should have told."""
    for number, lived in enumerate(hours):
        if not number:
            life.start()
        begun = time.monotonic()
        life.pass_hour(number)
        ended = lived.event(life)
        life.look(START + number * HOUR + timedelta(minutes=30))
        if ended != lived.ends:
            life.wrong.append(f"hour {number}, {lived.name}: the run ended {ended}")
        life.hold(lived.open, lived.passed)
        _print(number, ended, time.monotonic() - begun, life, lived.name)
        for line in life.wrong:
            print("  WRONG", line, flush=True)


def _print(
    number: int, ended: str, seconds: float, life: ServiceLife, name: str
) -> None:
    memory = [f"{one.name} {one.megabytes}" for one in life.service.processes()]
    sizes = dataclasses.asdict(Sizes.of(life.folder))
    print(
        f"{number:4} {ended} {seconds:6.1f}",
        *(f"{value:>11,}" for value in sizes.values()),
        " ".join(memory), name, flush=True,
    )  # fmt: skip


def finish(life: ServiceLife, fresh: Path) -> None:
    """Hold the end to the truth.

    Raises:
        AssertionError: something is missing, differs, is left over, was told wrongly.
    """
    assert set(life.service.runs().values()) <= set(_OVER), life.service.runs()
    life.service.stop()
    hours = query(life.folder, "from marts.hour_completeness where not is_complete")
    assert not hours.height, hours
    life.compare(fresh, lambda: life.sync(command="rebuild"))
    assert not life.wrong, "\n".join(life.wrong)


def main() -> None:
    """Live, and print what it takes."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
    hours = int(sys.argv[2]) if len(sys.argv) > 2 else 24
    folder.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    with ServiceLife(folder, orders=60, changes=12) as life:
        live(life, list(plan(hours)))
        finish(life, folder / "fresh")
    print(f"equal to the world after {time.monotonic() - begun:.0f} seconds")


if __name__ == "__main__":
    main()
