"""Hourly syncs over a world that lives, with something broken every few hours.

`python -m tests.long_life [FOLDER] [HOURS]` lives through 72 hours with real processes
of `meli-sales sync`, prints a line an hour, and compares what is published at the end
with the world's own objects. The seconds of a day are for people to compare: they move
with the machine. `test_long_life.py` lives through fewer hours.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Self
from unittest import mock
from urllib.request import urlopen

import polars as pl
import polars.selectors as cs

from pipeline.landing import lost, manifest
from pipeline.sandbox.server.server import serve
from pipeline.sandbox.server.switches import Switches
from pipeline.sandbox.world.world import World
from tests import oracle_tables
from tests.oracle import Oracle
from tests.oracle_sums import Sums
from tests.test_road import assert_same, tables

START = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
READERS = 6
REPORTING = "USD"

_PROCESS = """
import datetime, functools, os, sys, threading, time
import time_machine
at, to, mark = float(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
del sys.argv[1:4]
time_machine.travel(at).start()
def step():
    while not os.path.exists(mark):
        time.sleep(0.01)
    time_machine.travel(to).start()
if to:
    threading.Thread(target=step, daemon=True).start()
from pipeline.extraction import accounts, coverage
coverage.RETENTION = datetime.timedelta(days=30)
accounts.connect = functools.partial(
    accounts.connect, first_wait=0.01, longest_wait=0.1
)
from pipeline.cli.main import run
run()
"""
"""A command at another time, in a world that is a month old.

Its clock may be set as it runs, and its waits are short.
"""


@dataclass(frozen=True)
class Ended:
    """How a sync ended: its exit code, what it said, the seconds it took."""

    code: int
    said: str
    seconds: float = 0.0
    cpu_seconds: float = 0.0


@dataclass(frozen=True)
class Sizes:
    """What a data folder holds: bytes, but of landed files, runs, versions the count.

    ``runs`` are those that have not ended.
    """

    landed_files: int
    landed: int
    manifest: int
    runs: int
    journal: int
    dagster: int
    work: int
    published: int
    versions: int

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Measure a folder."""
        landing = folder / "landing"
        landed = list(landing.glob("[!.]*/date=*/*"))
        return cls(
            landed_files=len(landed),
            landed=sum(path.stat().st_size for path in landed),
            manifest=_bytes_of(landing / manifest.FOLDER),
            runs=len(list((landing / ".runs").glob("*"))),
            journal=_bytes_of(landing / ".journal"),
            dagster=_bytes_of(folder / "dagster"),
            work=_bytes_of(folder / "work"),
            published=_bytes_of(folder / "warehouse"),
            versions=len(list((folder / "warehouse").glob("*"))),
        )


def _bytes_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


class _TimeOf:
    """The module `time` with the time of a world, for the `Date` of answers."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __getattr__(self, name: str) -> object:
        return getattr(time, name)

    def time(self) -> float:
        return self._world.clock.now.timestamp()


Moment = Callable[["Life"], Callable[[], bool]]
"""Asked as a sync begins; what it returns says whether the sync has come so far."""


class Life:
    """A world, the sandbox that serves it, the data folder that follows it, readers.

    Attributes:
        sync_at: past each hour.
    """

    sync_at = timedelta(minutes=10)

    def __init__(
        self, folder: Path, *, orders: int, changes: int, sellers: int = 2
    ) -> None:
        self.folder = folder
        self.changes = changes
        self.world = World(orders=orders, seed=3, now=START, days=6, sellers=sellers)
        self.now = START + self.sync_at
        self._random = Random(72)
        self._stack = contextlib.ExitStack()
        self._readers: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            served = "pipeline.sandbox.server.connection.time"
            stack.enter_context(mock.patch(served, _TimeOf(self.world)))
            self.sandbox = stack.enter_context(serve(self.world))
            self.world.clock.running = True
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for one in self._readers:
            one.kill()
            one.communicate()
        self._stack.close()

    # --- what happens in the world ---

    def pass_hour(self, number: int) -> None:
        """Live from the sync of the hour before to that of an hour; 0 is the first."""
        begins = START + (number - 1) * HOUR + self.sync_at
        for one in range(self.changes if number else 0):
            self.world.clock.now = begins + HOUR * (one + 1) / (self.changes + 2)
            self._change()
        self.set_clock(START + number * HOUR + self.sync_at)

    def _change(self) -> None:
        luck, world = self._random, self.world
        order_id = luck.choice(world.order_ids())
        shipment = (world.order(order_id).get("shipping") or {}).get("id")
        what = luck.random()
        if what < 0.2:
            seller = luck.choice(world.sellers)
            world.add_orders(seller, world.clock.now, within=timedelta())
        elif what < 0.3:
            world.cancel(order_id)
        elif what < 0.4:
            with contextlib.suppress(ValueError):  # no payment holds so much
                world.refund(order_id, Decimal("1.10"))
        elif what < 0.5 and shipment is None:
            world.ship(order_id)
        elif what < 0.7 and shipment is not None:
            status = world.shipment(shipment)["status"]
            if status not in ("delivered", "cancelled"):
                world.change_shipment(shipment, status="shipped")
            world.change(order_id)
        else:
            world.change(order_id)

    def set_clock(self, now: datetime) -> None:
        """Set the world's clock, and wait until its answers have it."""
        self.now = self.world.clock.now = now
        while True:
            with urlopen(f"{self.sandbox.url}/sandbox/log") as answer:
                date = parsedate_to_datetime(answer.headers["Date"])
            if abs(date - self.world.clock.now) < timedelta(seconds=5):
                return
            time.sleep(0.02)

    # --- syncs ---

    def sync(
        self,
        *,
        ahead: timedelta = timedelta(),
        steps: timedelta | None = None,
        moment: Moment | None = None,
        dies: bool = False,
        folder: Path | None = None,
        command: str = "sync",
    ) -> Ended:
        """Run a sync as a process.

        Args:
            ahead: of the world's clock is the machine's.
            steps: how far the machine's clock is set ahead while the sync runs.
            moment: when that is, or when the sync dies.
            dies: by kill -9.
            folder: another data folder than that of this life.
            command: another command.
        """
        at = self.now + ahead
        to = at + steps if steps is not None else None
        with tempfile.TemporaryDirectory() as aside:
            mark, said = Path(aside, "step"), Path(aside, "said")
            begun = time.perf_counter()
            with said.open("w") as output:
                process = subprocess.Popen(
                    [
                        sys.executable, "-c", _PROCESS, str(at.timestamp()),
                        str(to.timestamp() if to else 0), str(mark), command,
                    ],
                    env=self.surroundings(folder or self.folder),
                    stdout=output,
                    stderr=subprocess.STDOUT,
                )  # fmt: skip
            if moment:
                self._wait(process.pid, moment(self))
                mark.touch()
                if dies:
                    os.kill(process.pid, signal.SIGKILL)  # it is not reaped yet
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = code = os.waitstatus_to_exitcode(status)
            seconds = time.perf_counter() - begun
            cpu = used.ru_utime + used.ru_stime
            return Ended(code, said.read_text(), seconds, cpu)

    def _wait(self, pid: int, has_come: Callable[[], bool]) -> None:
        """Wait until a process has come so far, or is over."""
        self.sandbox.switches.latency_seconds = 0.02
        over = os.WEXITED | os.WNOHANG | os.WNOWAIT
        while not (has_come() or os.waitid(os.P_PID, pid, over)):
            time.sleep(0.002)
        self.sandbox.switches.latency_seconds = 0.0

    def surroundings(self, folder: Path) -> Mapping[str, str]:
        return os.environ | {
            "MELI_BASE_URL": self.sandbox.url,
            "MELI_ACCESS_TOKEN": "APP_USR-sandbox",
            "MELI_SELLER_IDS": ",".join(map(str, self.world.sellers)),
            "MELI_DATA_DIR": str(folder),
            "MELI_REQUESTS_PER_MINUTE": "1000000",
            "MELI_REPORTING_CURRENCY": REPORTING,
            "NO_COLOR": "1",
        }

    # --- readers ---

    def read(self, processes: int, readers: int) -> None:
        """Start readers: processes with as many each."""
        command = [sys.executable, "-m", "tests.reader", str(self.folder), str(readers)]
        self._readers += [
            subprocess.Popen(
                command,
                cwd=Path(__file__).parents[1],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(processes)
        ]

    def read_enough(self) -> list[int]:
        """End the readers; returns how often each has read.

        Raises:
            AssertionError: one of them saw an error, or half a publication.
        """
        told = [json.loads(one.communicate("")[0]) for one in self._readers]
        self._readers.clear()
        wrong = [line for one in told for line in one["wrong"]]
        assert not wrong, wrong[:20]
        return [count for one in told for count in one["counts"]]

    # --- what is broken ---

    @contextlib.contextmanager
    def full_disk(self, left: int) -> Iterator[None]:
        """Leave so many bytes of the folder's disk."""
        ballast = self.folder / "ballast"
        disk = os.statvfs(self.folder)
        with ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, disk.f_bavail * disk.f_frsize - left)
        try:
            yield
        finally:
            ballast.unlink()

    def largest(self, resource: str) -> Path:
        """The largest landed file of a resource."""
        paths = (self.folder / "landing" / resource).glob("date=*/*.parquet")
        return max(paths, key=lambda path: path.stat().st_size)

    # --- the end ---

    def _sums(self) -> Sums:
        return Sums(Oracle(self.world, reporting=REPORTING), REPORTING)

    def compare(self, fresh: Path, rebuilds: Callable[[], Ended]) -> None:
        """Hold what is published to the world's objects, a rebuild, a fresh sync.

        Raises:
            AssertionError: something differs, or is left over.
        """
        found = oracle_tables.everything(self.folder, self._sums())
        assert not found, found
        landing = self.folder / "landing"
        assert lost.find(landing, lost.everything) == []
        left = [
            path
            for path in self.folder.rglob("*")
            if path.suffix == ".tmp" or path.parent.name in (".journal", ".runs")
        ]
        assert left == []
        before = tables(self.folder)
        ended = rebuilds()
        assert ended.code == 0, ended
        assert_same(before, tables(self.folder))
        ended = self.sync(folder=fresh)
        assert ended.code == 0, ended
        ours, theirs = tables(self.folder), tables(fresh)
        for told in (ours, theirs):
            # As in `test_faults.py`: a fresh folder has not seen the versions between,
            # nor what only /orders/{id} tells, nor the rates of the days before; it saw
            # shipments later, and read the hours that are a month old by now, not those
            # of a clock set back.
            for name in (
                "core.order_versions",
                "core.order_discounts",
                "core.order_shipments",
                "core.exchange_rates",
                "marts.conversion_rates",
                "marts.channel_days",
                "marts.channel_sales",
                "marts.shipping_performance",
                "marts.day_completeness",
                "marts.hour_completeness",
            ):
                del told[name]
            for name, frame in told.items():
                told[name] = frame.drop(
                    "channel", "flows", "taxes_rate_date", strict=False
                )
            for name in ("core.shipments", "marts.returns"):
                told[name] = told[name].drop("updated_at")
            told["core.order_items"] = told["core.order_items"].drop(
                cs.matches(
                    "^(gross_price|discount|seller_discount|requested_quantity|measure)"
                ),
                "store_id",
                "node_id",
            )
            told["marts.profit_months"] = told["marts.profit_months"].filter(
                pl.col("dimension") != "channel"
            )
        assert_same(ours, theirs)


Disturbance = Callable[[Life], Ended]


def requests(count: int) -> Moment:
    """When a sync has sent so many requests."""

    def begun(life: Life) -> Callable[[], bool]:
        before = life.sandbox.log.total
        return lambda: life.sandbox.log.total >= before + count

    return begun


def building(life: Life) -> Callable[[], bool]:
    """When a sync has landed its own row, after all that it reads."""
    runs = life.folder / "landing" / "runs"
    before = len(list(runs.glob("*/*.parquet")))
    return lambda: len(list(runs.glob("*/*.parquet"))) > before


def publishing(life: Life) -> Callable[[], bool]:
    """When a sync copies the work file to where people read it."""
    return lambda: any((life.folder / "warehouse").glob("*.tmp"))


def quiet(life: Life) -> Ended:
    return life.sync()


def faulty(hour: int) -> Switches:
    """Answers that fail, are cut, lack fields or orders, or change as they are read."""
    rate = 0.05
    return Switches.faulty(
        rate, rate_206=rate, rate_206_detail=rate, short_pages=rate, moving=rate,
        faults_seed=hour + 1,
    )  # fmt: skip


def faults(life: Life) -> Ended:
    life.sandbox.switches.update(faulty(life.now.hour).as_json())
    try:
        return life.sync()
    finally:
        life.sandbox.switches.update(Switches().as_json())


def killed(moment: Moment) -> Disturbance:
    def killed_then(life: Life) -> Ended:
        return life.sync(moment=moment, dies=True)

    return killed_then


def file_gone(life: Life) -> Ended:
    life.largest("orders").unlink()
    return life.sync()


def file_zeroed(life: Life) -> Ended:
    """400 bytes in the middle, in the week in which the file is verified again."""
    path = life.largest("shipments")
    data = bytearray(path.read_bytes())
    middle = len(data) // 2 - 200
    data[middle : middle + 400] = bytes(400)
    path.write_bytes(data)
    (life.folder / "landing" / manifest.FOLDER / "verified").unlink()
    return life.sync()


def full_disk(left: int) -> Disturbance:
    def with_full_disk(life: Life) -> Ended:
        with life.full_disk(left):
            return life.sync()

    return with_full_disk


def clock_ahead(life: Life) -> Ended:
    return life.sync(ahead=timedelta(days=3))


def clock_steps(by: timedelta) -> Disturbance:
    def clock_steps_then(life: Life) -> Ended:
        return life.sync(steps=by, moment=requests(10))

    return clock_steps_then


WHOLE: Sequence[tuple[str, Disturbance, int]] = (
    ("a landed file has zeroed bytes", file_zeroed, 0),
    ("kill -9 while it reads", killed(requests(20)), -9),
    ("the clock steps three days ahead", clock_steps(timedelta(days=3)), 0),
    ("the disk is full when it publishes", full_disk(12_000_000), 1),
    ("the clock steps two days back", clock_steps(timedelta(days=-2)), 0),
    ("kill -9 while it builds", killed(building), -9),
    ("a landed file is gone", file_gone, 0),
    ("kill -9 while it publishes", killed(publishing), -9),
    ("the disk is full at once", full_disk(1_000_000), 1),
    ("the clock is three days ahead", clock_ahead, 1),
    ("kill -9 as it begins", killed(requests(1)), -9),
)
"""What happens, evenly spread, and the exit code; of the other hours a third has
faults."""

LAST_QUIET = 1


def plan(hours: int) -> Iterator[tuple[str, Disturbance, int]]:
    """What happens hour by hour, the last one included; all of it at least once."""
    step = (hours - LAST_QUIET) // len(WHOLE)
    yield "", quiet, 0
    for number in range(1, hours + 1):
        nth, rest = divmod(number, step)
        if not rest and nth <= len(WHOLE):
            yield WHOLE[nth - 1]
        elif number % 3 == 1 and number < hours - LAST_QUIET:
            yield "faults", faults, 0
        else:
            yield "", quiet, 0


STEADY = ("runs", "journal", "dagster", "work", "published", "versions")
"""What a day fills and no later day; landed files grow by a few for each day."""


def grown(days: Sequence[Sequence[Sizes]]) -> list[str]:
    """What is more than a quarter larger at its largest on the last day of a few."""
    first, *_, last = days
    found = []
    for name in STEADY:
        before, after = (
            max(getattr(one, name) for one in day) for day in (first, last)
        )
        if after > before * 1.25:
            found.append(f"{name} grew from {before:,} to {after:,}")
    return found


def main() -> None:
    """Live, and print what it takes."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
    hours = int(sys.argv[2]) if len(sys.argv) > 2 else 72
    folder.mkdir(parents=True, exist_ok=True)
    with _own_disk(folder) as has_disk:
        live(folder / "life", folder / "fresh", hours, has_disk=has_disk)


@contextlib.contextmanager
def _own_disk(folder: Path) -> Iterator[bool]:
    """A disk that can be filled, if this user may mount one."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=2g", "meli-sales", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        print("no disk of its own: it is not filled", flush=True)
        yield False
        return
    try:
        yield True
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def live(folder: Path, fresh: Path, hours: int, *, has_disk: bool) -> None:
    """Live through so many hours and hold the end to the truth."""
    begun = time.monotonic()
    print("hour code seconds   cpu", *(one.name for one in fields(Sizes)), sep=" ")
    wrong: list[str] = []
    measured: list[Sizes] = []
    with Life(folder, orders=80, changes=24, sellers=1) as life:
        for number, (name, disturb, expected) in enumerate(plan(hours)):
            life.pass_hour(number)
            if "disk" in name and not has_disk:
                name, disturb, expected = "", quiet, 0
            ended = disturb(life)
            sizes = Sizes.of(folder)
            measured.append(sizes)
            spent = f"{ended.seconds:7.1f} {ended.cpu_seconds:5.1f}"
            print(
                f"{number:4} {ended.code:4} {spent}",
                *(f"{getattr(sizes, one.name):>11,}" for one in fields(Sizes)),
                name,
                flush=True,
            )
            if ended.code != expected or "Traceback" in ended.said:
                wrong.append(f"hour {number}, {name}: {ended.code}\n{ended.said}")
            if ended.code:
                print(
                    *(f"      {one}" for one in ended.said.splitlines()[-6:]), sep="\n"
                )
            if number == 0:
                life.read(READERS, 1)
        print("readings:", life.read_enough())
        life.compare(fresh, lambda: life.sync(command="rebuild"))
    if hours >= 72:
        wrong += grown([measured[24:48], measured[-24:]])
    assert not wrong, "\n".join(wrong)
    print(f"equal to the world after {time.monotonic() - begun:.0f} seconds")


if __name__ == "__main__":
    main()
