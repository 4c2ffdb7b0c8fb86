"""Small worlds on a port, a client without patience, and one reading of a range."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import polars as pl
import pytest

from pipeline.extraction.orders import OrderReader
from pipeline.extraction.progress import Progress, State
from pipeline.extraction.resume import Leftovers, leftovers
from pipeline.extraction.windows import Range, floor_hour
from pipeline.landing import earlier, files, journal
from pipeline.landing.certificate import Certificate, Verdict
from pipeline.mercadolibre.budget import Budget
from pipeline.mercadolibre.client import MercadoLibre
from pipeline.mercadolibre.connection import connect
from pipeline.mercadolibre.tokens import StaticToken
from pipeline.sandbox.server.server import RunningSandbox, serve
from pipeline.sandbox.server.switches import Switches
from pipeline.sandbox.world.world import World
from pipeline.sync.resources import permissions

NOW = datetime(2026, 9, 1, tzinfo=UTC)
SELLER = 700_100_200
SEARCH = "/orders/search"
HOUR = timedelta(hours=1)


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A moment of August 2026; day 32 is the first of September."""
    return datetime(2026, 8, 1, tzinfo=UTC) + timedelta(
        days=day - 1, hours=hour, minutes=minute
    )


def span(first: int, last: int) -> Range:
    """The days of August 2026 from the first to before the last."""
    return Range(at(first), at(last))


def certificate(
    window: Range,
    *,
    verdict: Verdict = "complete",
    search_pass: str = "all",
    checked_at: datetime = NOW,
    holdback: timedelta = timedelta(),
    seller_id: int = SELLER,
    run_id: str = "run",
) -> Certificate:
    """A certificate of which only window, verdict and moment matter."""
    return Certificate(
        seller_id=seller_id,
        search_pass=search_pass,
        window_from=window.start,
        window_to=window.end,
        checked_at=checked_at,
        closed_to=floor_hour(checked_at - holdback),
        total_before=0,
        total_after=0,
        order_count=0,
        inside_count=0,
        duplicate_count=0,
        page_count=1,
        request_count=1,
        run_id=run_id,
        verdict=verdict,
        reason=None,
    )


@dataclass
class Reading:
    """What one reading left: certificates, the reader and its progress."""

    reader: OrderReader
    states: list[State] = field(default_factory=list)

    @property
    def certificates(self) -> list[Certificate]:
        return self.reader.certificates

    def verdicts(self, search_pass: str = "all") -> set[str]:
        return {
            row.verdict for row in self.certificates if row.search_pass == search_pass
        }


class Desk:
    """One seller's sandbox, landing folder and client."""

    def __init__(
        self, sandbox: RunningSandbox, client: MercadoLibre, landing: Path
    ) -> None:
        self.sandbox = sandbox
        self.client = client
        self.landing = landing

    @property
    def world(self) -> World:
        return self.sandbox.world

    @property
    def searches(self) -> int:
        """How often the order search was asked since the log was cleared."""
        return self.sandbox.log.requests[SEARCH]

    def read(
        self,
        *ranges: Range,
        run_id: str = "run",
        workers: int = 2,
        left: Leftovers | None = None,
        client: MercadoLibre | None = None,
        seller_id: int = SELLER,
    ) -> Reading:
        """Read ranges into the landing folder, as a sync does."""
        states: list[State] = []
        with journal.opened(self.landing, run_id, permissions()) as pages:
            reader = OrderReader(
                client or self.client,
                pages,
                seller_id=seller_id,
                workers=workers,
                progress=Progress(states.append),
                leftovers=left,
            )
            reader.read(ranges)
        return Reading(reader, states)

    def leftovers(self, *runs: str, seller_id: int = SELLER) -> Leftovers:
        """What certain runs left of a seller."""
        found = leftovers(
            [row for row in earlier.certificates(self.landing) if row.run_id in runs],
            earlier.orders_of(self.landing, runs),
        )
        return found.get(seller_id, Leftovers())

    def landed(self) -> pl.DataFrame:
        """Everything that landed of orders."""
        return files.read(self.landing, "orders", files.listing(self.landing, "orders"))

    def landed_ids(self) -> set[str]:
        return set(self.landed()["resource_id"])


@contextmanager
def asking(url: str, *, attempts: int = 2) -> Iterator[MercadoLibre]:
    """A client that asks without pause and gives up soon."""
    with connect(
        base_url=url,
        tokens=StaticToken("APP_USR-sandbox"),
        budget=Budget(1_000_000, 8),
        attempts=attempts,
        first_wait=0.001,
        longest_wait=0.002,
    ) as client:
        yield client


class Opener(Protocol):
    """Opens a desk over a world, under the habits named."""

    def __call__(self, world: World, **habits: object) -> Desk: ...


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Opener]:
    """Opens desks over worlds; each has a landing folder of its own."""
    with ExitStack() as stack:
        folders = (tmp_path / f"landing{number}" for number in itertools.count())

        def open_desk(world: World, **habits: object) -> Desk:
            switches = Switches()
            switches.update(habits)
            sandbox = stack.enter_context(serve(world, switches))
            client = stack.enter_context(asking(sandbox.url))
            return Desk(sandbox, client, next(folders))

        yield open_desk


def ids_within(
    world: World, ranges: Iterable[Range], seller_id: int = SELLER
) -> set[str]:
    """The truth: the seller's orders whose last update lies in the ranges now."""
    spans: Sequence[Range] = list(ranges)
    found = set()
    for order_id in world.order_ids(seller_id):
        moment = datetime.fromtimestamp(world.facts(order_id).indexed / 1000, UTC)
        if any(one.holds(moment) for one in spans):
            found.add(str(order_id))
    return found


def hourly(world: World, day: int, count: int, hour: int = 0) -> None:
    """Add orders to a day of August, evenly from an hour on."""
    world.add_orders(SELLER, at(day, hour), count, within=timedelta(hours=24 - hour))


def empty_world() -> World:
    """One seller without orders; it is the end of August."""
    return World(orders=0, now=NOW, sellers=1)
