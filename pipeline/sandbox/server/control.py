"""The sandbox's own endpoints: description, log, switches, changes.

They need no token, have no faults and are not in the log.
"""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import msgspec

from pipeline.sandbox.server.answers import Response, answer
from pipeline.sandbox.server.asked import Sandbox
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
        """POST /sandbox/changes: change ``count`` orders (cancelled or touched).

        ``advance_seconds`` moves the clock forward first.
        """
        world = self._sandbox.world
        try:
            wanted = _DECODE(request.body)
            if strange := wanted.keys() - {"advance_seconds", "count"}:
                raise ValueError(f"cannot change by {', '.join(sorted(strange))}")
            world.clock.advance(timedelta(seconds=wanted.get("advance_seconds", 0)))
            changed = world.change_some(int(wanted.get("count", 0)))
        except _WRONG as wrong:
            return _refusal(wrong)
        return answer({"changed": changed, "now": world.clock.now.isoformat()})


def _refusal(wrong: Exception) -> Response:
    words = f"there is no {wrong}" if isinstance(wrong, KeyError) else str(wrong)
    return answer({"message": words, "status": 400}, 400)
