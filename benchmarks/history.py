"""Lands a year of made-up orders at a stroke, as a first sync would have left them.

Every record goes the product's way (envelope, redaction, journal), with a certificate a
day, so that a rebuild reads it all and the next sync asks for nothing of it again; only
the requests are saved. Packs, shipments and their costs come with the orders. Not here:
what syncs cost on such a history (`growth.py`).
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Self, TypeVar

from benchmarks.sales import (
    FIRST_PACK,
    FIRST_SHIPMENT,
    SELLER,
    Cart,
    Sales,
    is_cancelled_one,
)
from pipeline import settings
from pipeline.extraction import envelope
from pipeline.extraction.coverage import CANCELLED, EVERY_ORDER, due_horizon
from pipeline.extraction.windows import Range, plan
from pipeline.landing import allowed, journal
from pipeline.landing.certificate import Certificate
from pipeline.landing.journal import Journal
from pipeline.landing.record import Record
from pipeline.mercadolibre.client import PAGE_LIMIT, updated_within
from pipeline.mercadolibre.page import Page
from pipeline.sync.project import Project
from pipeline.sync.resources import permissions

QUIET = timedelta(days=4)
"""No order is younger: an hourly sync looks back 48 hours, and would read more of a
large history than of a small one. What it finds there is what a benchmark changes."""

_TOLD = "history.json"
_Value = TypeVar("_Value")


@dataclass(frozen=True)
class History:
    """A made history: its folder, and what a server needs to serve the same orders."""

    count: int
    start: datetime
    end: datetime

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The history of a folder.

        Raises:
            FileNotFoundError: the folder holds none, or only a part of one.
        """
        told = json.loads((folder / _TOLD).read_text())
        start, end = map(datetime.fromisoformat, (told["start"], told["end"]))
        return cls(told["count"], start, end)

    @property
    def sales(self) -> Sales:
        """Its orders."""
        return Sales(self.count, self.start, self.end, has_parcels=True)


def make(folder: Path, count: int) -> None:
    """Land a history of so many orders into `folder/data`."""
    chosen = settings.read(
        data_dir=folder / "data", access_token="none", seller_ids=(SELLER,)
    )
    with Project(chosen, asked="history of a benchmark") as project:
        now = project.run.started_at
        span = due_horizon(now, project.holdback)
        history = History(count, span.start, now - QUIET)
        landing = project.folder.landing
        # Else the first run looks for what an earlier version let land.
        allowed.keep(landing, allowed.of(permissions()))
        with journal.opened(landing, project.run.id, permissions()) as pages:
            _Landing(history.sales, pages, now).land(span)
    bounds = {"start": history.start.isoformat(), "end": history.end.isoformat()}
    (folder / _TOLD).write_text(json.dumps({"count": count, **bounds}))


class _Landing:
    """Lands a history through one journal, fetched at one moment."""

    def __init__(self, sales: Sales, pages: Journal, now: datetime) -> None:
        self._sales = sales
        self._pages = pages
        self._now = now

    def land(self, span: Range) -> None:
        """Land the seller, every window with its certificate, and what orders name."""
        account = f'{{"id":{SELLER},"site_id":"MLB","country_id":"BR"}}'
        self._pages.add([self._single("sellers", f"/users/{SELLER}", SELLER, account)])
        cancelled = 0
        for window in plan([span]):
            numbers = self._numbers(window)
            cancelled += sum(map(is_cancelled_one, numbers))
            for part in _batched(numbers, PAGE_LIMIT):
                self._pages.add(self._orders(window, part, len(numbers)))
            self._certify(window, EVERY_ORDER, len(numbers))
        self._certify(span, CANCELLED, cancelled)
        for records in _batched(self._parcels(), 1_000):
            self._pages.add(records)

    def _numbers(self, window: Range) -> range:
        first, end = (
            self._sales.first_indexed(int(at.timestamp() * 1000))
            for at in (window.start, window.end)
        )
        return range(first, end)

    def _orders(
        self, window: Range, numbers: Iterable[int], total: int
    ) -> list[Record]:
        texts = ",".join(map(self._sales.order, numbers))
        body = f'{{"results":[{texts}],"paging":{{"total":{total}}}}}'
        filters = updated_within(window.start, window.end)
        page = self._page("/orders/search", body, filters)
        found = envelope.orders(
            page,
            seller_id=SELLER,
            run_id=self._pages.run_id,
            search_pass=EVERY_ORDER,
            window_from=window.start,
            window_to=window.end,
        )
        return [record for record, _ in found]

    def _certify(self, window: Range, search_pass: str, count: int) -> None:
        self._pages.certify(
            Certificate(
                seller_id=SELLER,
                search_pass=search_pass,
                window_from=window.start,
                window_to=window.end,
                checked_at=datetime.now(UTC),
                closed_to=window.end,
                total_before=count,
                total_after=count,
                order_count=count,
                inside_count=count,
                duplicate_count=0,
                page_count=count // PAGE_LIMIT + 1,
                request_count=count // PAGE_LIMIT + 1,
                run_id=self._pages.run_id,
                verdict="complete",
                reason=None,
            )
        )

    def _parcels(self) -> Iterator[Record]:
        for number in range(self._sales.count):
            cart = self._sales.cart(number)
            if cart.first == number:
                yield from self._parcel(cart)

    def _parcel(self, cart: Cart) -> Iterator[Record]:
        shipment = FIRST_SHIPMENT + cart.first
        asked: Iterable[tuple[str, str, int, Callable[[Cart], str]]] = (
            ("packs", "/packs/{}", FIRST_PACK + cart.first, self._sales.pack),
            ("shipments", "/shipments/{}", shipment, self._sales.shipment),
            ("shipment_costs", "/shipments/{}/costs", shipment, self._sales.costs),
        )
        for resource, path, identity, text in asked:
            yield self._single(resource, path.format(identity), identity, text(cart))

    def _single(self, resource: str, path: str, identity: int, text: str) -> Record:
        return envelope.single(
            self._page(path, text, {}),
            resource=resource,
            resource_id=str(identity),
            seller_id=SELLER,
            run_id=self._pages.run_id,
        )

    def _page(self, path: str, body: str, params: dict[str, str]) -> Page:
        return Page(path, params, 200, (), self._now, body.encode())


def _batched(values: Iterable[_Value], size: int) -> Iterator[list[_Value]]:
    """Lists of so many values; the last may be shorter."""
    left = iter(values)
    while batch := list(islice(left, size)):
        yield batch


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]))
