"""Makes faults: rate limits, server errors, cut and dropped answers.

Not here: how often (`switches`), and what a healthy answer holds.
"""

import time
from collections.abc import Callable
from dataclasses import replace

from pipeline.sandbox.server.answers import Ending, Response, error, too_many
from pipeline.sandbox.server.asked import Luck
from pipeline.sandbox.server.switches import Switches

_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body>502</body></html>"
_HTML = "text/html; charset=utf-8"


class Pace:
    """Limits requests per minute with a token bucket."""

    def __init__(self) -> None:
        self._limit: int | None = None
        self._left = 0.0
        self._at = 0.0

    def admits(self, limit: int | None) -> bool:
        """Count one request; False if it exceeds the limit."""
        now = time.monotonic()
        if limit != self._limit:
            self._limit, self._left, self._at = limit, float(limit or 0), now
        if limit is None:
            return True
        self._left = min(self._left + (now - self._at) * limit / 60, float(limit))
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


def instead(switches: Switches, luck: Luck) -> tuple[str, Response] | None:
    """Name and response of the fault that replaces the answer; None without one."""
    at = luck("fault")
    choices: tuple[tuple[str, float, Callable[[], Response]], ...] = (
        ("429", switches.rate_429, lambda: limited(luck)),
        ("5xx", switches.rate_5xx, lambda: _broken(luck)),
        ("html", switches.rate_html, lambda: Response(502, _PAGE, _HTML)),
        # No answer at all; its status is logged as 0.
        ("dropped", switches.rate_dropped, lambda: Response(0, ending=Ending.DROPPED)),
    )
    for name, rate, make in choices:
        at -= rate
        if at < 0:
            return name, make()
    return None


def cut(switches: Switches, luck: Luck, response: Response) -> Response | None:
    """The answer cut short, by connection or within its JSON; None if not cut."""
    body = response.body
    if len(body) < 2 or not luck.falls("cut", switches.rate_truncated):
        return None
    broken = Response(response.status, body, "application/json")
    if luck("how cut") < 0.5:
        return replace(broken, ending=Ending.CUT)
    return replace(broken, body=body[: len(body) // 2])


def limited(luck: Luck) -> Response:
    """429, with and without `status`."""
    return too_many(with_status=luck("429 status") < 0.5)


def _broken(luck: Luck) -> Response:
    status = (500, 502, 503, 504)[int(luck("which 5xx") * 4)]
    words = "Oops! Something went wrong..."
    return error(status, "internal_server_error", words).response
