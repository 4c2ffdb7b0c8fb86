"""Reads the orders that carts of Global Selling name, one request each.

A row of that search is a cart with the ids of its orders and nothing of them. So each
page is followed by its orders, and only then its window can be proven: what is counted
are carts. Not here: the pages (`walk.py`), and a site's search, whose rows are orders
(`envelope.py`).

Worked example. A window claims 2 carts: one of orders 7 and 8, one of order 9. Order 8
answers 403. The orders 7 and 9 land, and so does the refusal; both carts were seen, but
the window is `short` and names order 8, because what it costs nobody knows.
"""

import hashlib
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import msgspec

from pipeline.extraction import envelope
from pipeline.extraction.evidence import SeenOrder
from pipeline.extraction.windows import Range
from pipeline.landing.earlier import LandedOrder
from pipeline.landing.journal import Journal
from pipeline.landing.record import Record
from pipeline.mercadolibre.client import MercadoLibre
from pipeline.mercadolibre.errors import (
    AnswerTooLarge,
    BadRequest,
    Forbidden,
    NotFound,
    PolicyRefused,
)
from pipeline.mercadolibre.page import Page

_ALONE = (AnswerTooLarge, BadRequest, Forbidden, NotFound)
"""Refusals that concern one order only."""


class _Named(msgspec.Struct):
    id: int | str


class _Cart(msgspec.Struct):
    orders: list[_Named] = []


_CART = msgspec.json.Decoder(_Cart)


@dataclass
class CartPage:
    """What a page of carts came to.

    Attributes:
        carts: a summary of each cart; its id is made of the ids of its orders.
        orders: a summary of each order that they name.
        unread: orders that could not be read, each with the reason.
    """

    carts: list[SeenOrder] = field(default_factory=list)
    orders: list[SeenOrder] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)


class _Reading(NamedTuple):
    """One order as it was read: for which window and when; why not, if it was not."""

    order: SeenOrder
    window: Range
    fetched_at: datetime
    refusal: str | None = None

    def is_enough(self, window: Range) -> bool:
        """Whether it holds every update within a window.

        Read at 12:05, it does for hours up to 12:00. Of hours after that nothing is
        certified, so it is enough for the window it was read for.
        """
        return self.window == window or self.fetched_at >= window.end


class CartReader:
    """Reads and lands carts' orders for one seller; safe to use from several threads.

    An order that is named again is asked for again only where that can tell more.
    """

    def __init__(
        self,
        client: MercadoLibre,
        journal: Journal,
        *,
        seller_id: int,
        workers: int,
        landed: Mapping[str, LandedOrder],
    ) -> None:
        """Prepare to read one seller, so many orders at once as there are workers.

        ``landed`` is what a crashed run landed, by order.
        """
        self._client = client
        self._journal = journal
        self._seller_id = seller_id
        self._workers = workers
        self._readings = {
            one.order_id: _Reading(
                SeenOrder(one.order_id, one.updated_at, one.is_cancelled),
                Range(one.window_from, one.window_to),
                one.fetched_at,
            )
            for one in landed.values()
        }
        self._lock = threading.Lock()

    def read(self, page: Page, *, search_pass: str, window: Range) -> CartPage:
        """Read and land the orders that a page of carts names.

        Raises:
            BrokenBody: the answer has no list of results.
            MercadoLibreError: an error that concerns more than one order; of those
                that pass, the client's own retries did not help.
        """
        carts = [(text, order_ids(text)) for text in page.records()]
        named = list(dict.fromkeys(one for _, ids in carts for one in ids))

        def one(order_id: str) -> None:
            self._read(order_id, search_pass, window)

        with ThreadPoolExecutor(self._workers, "order") as pool:
            list(pool.map(one, [id_ for id_ in named if self._is_wanted(id_, window)]))
        made = CartPage([self._cart(text, ids) for text, ids in carts])
        for id_ in named:
            made.orders.append(self._readings[id_].order)
            if refusal := self._readings[id_].refusal:
                made.unread[id_] = refusal
        if not all(ids for _, ids in carts):
            made.unread["of a cart"] = "it names no order"
        return made

    def _is_wanted(self, order_id: str, window: Range) -> bool:
        with self._lock:
            known = self._readings.get(order_id)
        return known is None or not known.is_enough(window)

    def _read(self, order_id: str, search_pass: str, window: Range) -> None:
        """Ask for one order, land it or its refusal, and only then note it as read."""
        record, order, refusal = self._asked(order_id)
        self._journal.add(
            [
                record._replace(
                    resource_id=order_id,
                    search_pass=search_pass,
                    window_from=window.start,
                    window_to=window.end,
                )
            ]
        )
        with self._lock:
            self._readings[order_id] = _Reading(
                order, window, record.fetched_at, refusal
            )

    def _asked(self, order_id: str) -> tuple[Record, SeenOrder, str | None]:
        try:
            page = self._client.order(order_id=int(order_id))
        except PolicyRefused:  # of every order
            raise
        except _ALONE as error:
            record = envelope.refused(
                error,
                resource="orders",
                resource_id=order_id,
                seller_id=self._seller_id,
                run_id=self._journal.run_id,
            )
            nothing = SeenOrder(order_id, None, is_cancelled=False)
            return record, nothing, str(error)
        [(record, order)] = envelope.orders(
            page, seller_id=self._seller_id, run_id=self._journal.run_id
        )
        return record, order, f"{page.request}: 404" if page.is_missing else None

    def _cart(self, text: bytes, ids: Sequence[str]) -> SeenOrder:
        """A cart's newest update, and whether an order of it is cancelled."""
        orders = [self._readings[id_].order for id_ in ids]
        moments = [one.updated_at for one in orders if one.updated_at]
        name = "+".join(sorted(ids)) or f"?{hashlib.sha256(text).hexdigest()[:16]}"
        return SeenOrder(
            name,
            max(moments) if moments and len(moments) == len(orders) else None,
            is_cancelled=any(one.is_cancelled for one in orders),
        )


def order_ids(text: bytes) -> list[str]:
    """Ids of a cart's orders; the id of the row itself is the cart's."""
    try:
        cart = _CART.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []
    ids = [str(one.id) for one in cart.orders]
    return ids if all(one.isdecimal() for one in ids) else []
