"""The sandbox's own endpoints: description, log, switches, changes.

They need no token, have no faults and are not in the log.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from pipeline.sandbox.server.answers import Response, answer
from pipeline.sandbox.server.asked import Sandbox
from pipeline.sandbox.server.request import Request, Route
from pipeline.sandbox.server.switches import WrongSwitch
from pipeline.sandbox.server.tokens import ACCESS, REFRESH

Object = dict[str, Any]

_DECODE = msgspec.json.Decoder(Object, float_hook=Decimal).decode


class WrongChange(ValueError):
    """A request for a change that does not exist."""


def routes(sandbox: Sandbox) -> list[Route[Callable[[Request], Response]]]:
    """Routes of /sandbox over one sandbox."""
    control = Control(sandbox)
    return [
        Route("/sandbox", control.describe),
        Route("/sandbox/log", control.log, ("GET", "HEAD", "DELETE")),
        Route("/sandbox/switches", control.switches, ("GET", "HEAD", "POST")),
        Route("/sandbox/changes", control.changes, ("POST",)),
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
            except (WrongSwitch, msgspec.DecodeError) as wrong:
                return answer({"message": str(wrong), "status": 400}, 400)
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
        except KeyError as unknown:
            wrong: Exception = WrongChange(f"there is no {unknown}")
        except (ValueError, TypeError) as failed:
            wrong = failed
        else:
            now = self._sandbox.world.clock.now.isoformat()
            return answer({"changed": changed, "now": now})
        return answer({"message": str(wrong), "status": 400}, 400)

    def _change(self, wanted: Object) -> list[int]:
        world = self._sandbox.world
        known = {"advance_seconds", "count", "order_id", "fields", "cancel", "ship"}
        if strange := wanted.keys() - known - {"add"}:
            raise WrongChange(f"cannot change by {', '.join(sorted(strange))}")
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
