"""The sandbox's own endpoints: description, log, switches, changes, notifications.

They need no token, have no faults and are not in the log.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from pipeline.sandbox.server.answers import Response, answer
from pipeline.sandbox.server.asked import Sandbox
from pipeline.sandbox.server.notifications import messages
from pipeline.sandbox.server.request import Request, Route
from pipeline.sandbox.server.tokens import ACCESS, REFRESH
from pipeline.sandbox.world.objects import Object

_DECODE = msgspec.json.Decoder(Object, float_hook=Decimal).decode


_WRONG = (KeyError, ValueError, TypeError, msgspec.DecodeError)
"""What comes of a request for what does not exist; `WrongSwitch` is a ValueError."""


def routes(sandbox: Sandbox) -> list[Route[Callable[[Request], Response]]]:
    """Routes of /sandbox over one sandbox."""
    control = Control(sandbox)
    return [
        Route("/sandbox", control.describe),
        Route("/sandbox/log", control.log, ("GET", "HEAD", "DELETE")),
        Route("/sandbox/switches", control.switches, ("GET", "HEAD", "POST")),
        Route("/sandbox/changes", control.changes, ("POST",)),
        Route("/sandbox/notifications", control.notifications, ("GET", "HEAD", "POST")),
    ]


class Control:
    """Reads and changes a sandbox over HTTP, for other processes and for people."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def describe(self, request: Request) -> Response:
        """GET /sandbox: what this is and how to try it."""
        world = self._sandbox.world
        base = f"http://{request.headers.get('host', '')}"
        first = world.sellers[0] if world.sellers else 0
        search = f"{base}/orders/search?seller={first}&sort=date_desc&limit=2"
        sellers = [
            {
                "id": seller,
                "site_id": world.site(seller).id,
                "currency_id": world.site(seller).currency_id,
                "access_token": f"{ACCESS}-{seller}",
                "refresh_token": f"{REFRESH}-{seller}",
            }
            for seller in world.sellers
        ]
        return answer(
            {
                "what": "A Mercado Libre to try things on. Nothing in it is real.",
                "sellers": sellers,
                "access_token": ACCESS,
                "refresh_token": REFRESH,
                "orders": world.size,
                "seed": world.seed,
                "now": world.clock.now.isoformat(),
                "history": [
                    world.history_starts.isoformat(),
                    world.history_ends.isoformat(),
                ],
                "try": [
                    f"curl -H 'Authorization: Bearer {ACCESS}' '{search}'",
                    f"curl -H 'Authorization: Bearer {ACCESS}' {base}/users/me",
                    f"curl -d '{{\"rate_429\": 0.1}}' {base}/sandbox/switches",
                    f"curl -d '{{\"count\": 60}}' {base}/sandbox/changes",
                    f"curl {base}/sandbox/log",
                ],
                "switches": self._sandbox.switches.as_json(),
            }
        )

    def log(self, request: Request) -> Response:
        """GET or DELETE /sandbox/log: counts of requests; DELETE resets them."""
        counts = self._sandbox.log.as_json()
        if request.method == "DELETE":
            self._sandbox.log.clear()
        return answer(counts)

    def switches(self, request: Request) -> Response:
        """GET or POST /sandbox/switches: all of them; POST sets those it names."""
        if request.method == "POST":
            try:
                self._sandbox.switches.update(_DECODE(request.body or b"{}"))
            except _WRONG as wrong:
                return _refusal(wrong)
        return answer(self._sandbox.switches.as_json())

    def changes(self, request: Request) -> Response:
        """POST /sandbox/changes: change the world; several keys may be given.

        ``advance_seconds`` moves the clock forward first. ``count`` changes that many
        orders (cancelled, refunded, touched); ``order_id`` with ``fields`` changes
        one; ``cancel`` cancels an order id; ``ship`` gives one its shipment; ``add``
        takes ``seller_id``, ``at``, ``count`` and ``within_seconds``.
        """
        try:
            changed = self._change(_DECODE(request.body))
        except _WRONG as wrong:
            return _refusal(wrong)
        self._announce(changed)
        now = self._sandbox.world.clock.now.isoformat()
        return answer({"changed": changed, "now": now})

    def notifications(self, request: Request) -> Response:
        """GET or POST /sandbox/notifications: what was sent, and where changes go.

        ``url`` has every change from now on posted there (null: none), each ``copies``
        times, to ``application_id``. ``order_ids`` announces orders now, under
        ``topics``, among ``forged`` ones that point at nothing of ours; with ``missed``
        they are in `/missed_feeds` instead.
        """
        feed = self._sandbox.feed
        if request.method == "POST":
            try:
                self._notify(_DECODE(request.body or b"{}"))
            except _WRONG as wrong:
                return _refusal(wrong)
        return answer(
            {
                "url": feed.url,
                "copies": feed.copies,
                "application_id": feed.application_id,
                "missed": len(feed.missed),
                "answers": dict(feed.answers),
                "slowest_seconds": max(feed.seconds, default=0.0),
            }
        )

    def _notify(self, wanted: Object) -> None:
        feed = self._sandbox.feed
        known = {"url", "copies", "application_id", "order_ids", "topics", "forged"}
        if strange := wanted.keys() - known - {"missed"}:
            raise ValueError(f"cannot notify by {', '.join(sorted(strange))}")
        for name in ("url", "copies", "application_id"):
            setattr(feed, name, wanted.get(name, getattr(feed, name)))
        self._announce(
            wanted.get("order_ids", ()),
            topics=wanted.get("topics", ("orders_v2",)),
            forged=int(wanted.get("forged", 0)),
            is_missed=bool(wanted.get("missed", False)),
        )

    def _announce(
        self,
        order_ids: Sequence[int],
        *,
        topics: Sequence[str] = ("orders_v2",),
        forged: int = 0,
        is_missed: bool = False,
    ) -> None:
        feed = self._sandbox.feed
        made = messages(
            self._sandbox.world,
            order_ids,
            topics=topics,
            application_id=feed.application_id,
        )
        if is_missed:
            feed.missed.extend(made)
        else:
            feed.announce(made, forged=forged)

    def _change(self, wanted: Object) -> list[int]:
        world = self._sandbox.world
        known = {"advance_seconds", "count", "order_id", "fields", "cancel", "ship"}
        if strange := wanted.keys() - known - {"add"}:
            raise ValueError(f"cannot change by {', '.join(sorted(strange))}")
        changed: list[int] = []
        if "advance_seconds" in wanted:
            world.clock.advance(timedelta(seconds=float(wanted["advance_seconds"])))
        if "count" in wanted:
            changed += world.change_some(int(wanted["count"]))
        if "order_id" in wanted:
            world.change(wanted["order_id"], **wanted.get("fields", {}))
            changed.append(wanted["order_id"])
        for name, act in (("cancel", world.cancel), ("ship", world.ship)):
            if name in wanted:
                act(wanted[name])
                changed.append(wanted[name])
        if "add" in wanted:
            new = wanted["add"]
            changed += world.add_orders(
                new["seller_id"],
                datetime.fromisoformat(new["at"]),
                int(new.get("count", 1)),
                within=timedelta(seconds=float(new.get("within_seconds", 3600))),
            )
        return changed


def _refusal(wrong: Exception) -> Response:
    words = f"there is no {wrong}" if isinstance(wrong, KeyError) else str(wrong)
    return answer({"message": words, "status": 400}, 400)
