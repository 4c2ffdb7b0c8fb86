"""Follows notifications: reads again what they point at, and what hangs together.

An order leads to its pack, that to its other orders, and all of them to distinct
shipments. A notification makes a figure quick, never sure: the search of the hourly
sync proves that nothing is missing. Not here: receiving (`notifications/`), and those
that were missed (`missed.py`).
"""

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta

from pipeline.extraction.by_id import Tally
from pipeline.notifications.inbox import KEPT_FOR, RETRIED_FOR, Inbox, Waiting, wait
from pipeline.sync import missed
from pipeline.sync.asked_again import Answers
from pipeline.sync.by_id import fetch_wanted
from pipeline.sync.pointed import Pointed
from pipeline.sync.project import Project
from pipeline.sync.recovery import recover
from pipeline.sync.sellers import load_orders, missing_sellers
from pipeline.warehouse.ask import ask

AT_ONCE = 5_000
"""Pointers that one run follows: the first figures of a burst do not wait for its end,
and a search reads fifty orders a request where this reads one."""

_ORDER_TOPICS = frozenset({"orders_v2", "marketplace_orders"})
"""Those that name an order to be read, whether the warehouse knows it or not."""

_LOST = "lost"
_NOT_THERE = "not there"
_UNKNOWN = "not known to the warehouse"
_REFUSED = "refused by the API"
_FOREIGN = "order of another seller"
_TOO_OLD = "too old"
_FINAL = frozenset({_REFUSED, _FOREIGN})


def follow(project: Project, *, alone: bool) -> Tally:
    """Follow what waits in the inbox; without an inbox there is nothing to do.

    Args:
        project: the run.
        alone: whether the run does nothing else. Then what crashed runs landed is
            loaded first, and from here on the run asks for nothing but what hangs
            together with what was pointed at.
    """
    if alone:
        recover(project)
        project.pointed = Pointed()
    try:
        inbox = Inbox.existing(project.settings.data_dir)
        if inbox is None:
            return Tally()
        with inbox:
            missed.read_when_due(project, inbox)
            return _Following(project, inbox).follow()
    except sqlite3.Error as fault:
        project.notice(f"the inbox of notifications cannot be used ({fault})")
        return Tally()


class _Following:
    """One run's way through the inbox."""

    def __init__(self, project: Project, inbox: Inbox) -> None:
        self._project = project
        self._inbox = inbox
        self._orders = Answers("orders")
        self._shipments = Answers("shipments")
        self._sellers = {account.seller_id for account in project.accounts()}

    def follow(self) -> Tally:
        """Follow every pointer whose time has come, and say what became of it."""
        waiting = self._inbox.ripe(self._project.now(), AT_ONCE)
        if not waiting:
            return Tally()
        if any(account.site_id is None for account in self._project.accounts()):
            missing_sellers(self._project)  # the site says which endpoints to ask
        targets = {one: {one.thing_id} for one in waiting if one.topic in _ORDER_TOPICS}
        self._land_orders(_with_sellers(targets))
        # Not before: a payment may be of an order that has just come.
        named = self._orders_of(waiting)
        self._land_orders(_with_sellers(named))
        if self._project.pointed:
            self._fetch_packs(self._project.pointed)
        shipments = self._shipments_of(waiting)
        self._shipments.fetch(self._project, _with_sellers(shipments))
        if self._project.pointed:
            self._project.pointed.shipment_ids |= self._shipments.landed
        self._settle({**targets, **named, **shipments})
        total = self._orders.tally
        total.add(self._shipments.tally)
        return total

    def _land_orders(self, orders: Iterable[tuple[int, int]]) -> None:
        """Land orders, each with its seller, and load them."""
        self._orders.fetch(self._project, orders)
        load_orders(self._project)
        if self._project.pointed:
            self._project.pointed.order_ids |= self._orders.landed

    def _fetch_packs(self, pointed: Pointed) -> None:
        """Land the packs of orders, and orders of those that the warehouse lacks.

        Orders that it has are not read again: each that changed has a notification of
        its own.
        """
        fetch_wanted(self._project, "packs")
        siblings = ask(
            self._project.warehouse(),
            "questions/notified_siblings",
            {"orders": list(pointed.order_ids)},
        )
        self._land_orders(siblings.rows())

    def _orders_of(self, waiting: Sequence[Waiting]) -> dict[Waiting, set[int]]:
        """The orders of pointers to payments, claims and feedback; may be none."""
        named = [
            one
            for one in waiting
            if one.thing != "shipment" and one.topic not in _ORDER_TOPICS
        ]
        if not named:
            return {}
        found = ask(
            self._project.warehouse(),
            "questions/notified_orders",
            {
                f"{thing}s": [one.thing_id for one in named if one.thing == thing]
                for thing in ("claim", "order", "payment")
            },
        )
        orders = defaultdict[tuple[str, int, int], set[int]](set)
        for thing, thing_id, order_id, seller_id in found.rows():
            orders[thing, thing_id, seller_id].add(order_id)
        return {one: orders[one.thing, one.thing_id, one.seller_id] for one in named}

    def _shipments_of(self, waiting: Sequence[Waiting]) -> dict[Waiting, set[int]]:
        """The shipments pointed at, if an order of their seller names them."""
        named = [one for one in waiting if one.thing == "shipment"]
        if not named:
            return {}
        found = ask(
            self._project.warehouse(),
            "questions/notified_shipments",
            {"shipments": [one.thing_id for one in named]},
        )
        known = set(found.rows())
        return {
            one: {one.thing_id} if (one.thing_id, one.seller_id) in known else set()
            for one in named
        }

    def _settle(self, targets: Mapping[Waiting, set[int]]) -> None:
        """Strike off what was followed, give up what is of no use, put off the rest."""
        now = self._project.now()
        done: list[Waiting] = []
        later: list[Waiting] = []
        given_up = defaultdict[str, list[Waiting]](list)
        for one, ids in targets.items():
            fate = self._fate(one, ids)
            if fate is None:
                done.append(one)
            elif fate in _FINAL:
                given_up[fate].append(one)
            elif fate == _LOST:
                is_old = now - one.received_at > KEPT_FOR
                (given_up[_TOO_OLD] if is_old else later).append(one)
            else:
                waited = sum(map(wait, range(one.attempts)), start=timedelta())
                is_over = waited >= RETRIED_FOR
                (given_up[fate] if is_over else later).append(one)
        self._inbox.done(done)
        self._inbox.put_off(later, now)
        for reason, rows in given_up.items():
            self._inbox.drop(rows, reason)

    def _fate(self, one: Waiting, ids: set[int]) -> str | None:
        """Why a pointer was not followed; None if it was."""
        answers = self._shipments if one.thing == "shipment" else self._orders
        if one.seller_id not in self._sellers:
            return _LOST  # another run may have this seller's token
        if not ids:
            return _UNKNOWN
        for reason, found in (
            (_REFUSED, answers.refused),
            (_FOREIGN, answers.foreign),
            (_NOT_THERE, answers.absent),
        ):
            if ids & found:
                return reason
        return None if ids <= answers.landed else _LOST


def _with_sellers(
    targets: Mapping[Waiting, Collection[int]],
) -> list[tuple[int, int]]:
    """Every thing of pointers with the seller in whose name to ask for it."""
    return [(thing, one.seller_id) for one, ids in targets.items() for thing in ids]
