"""Makes faults: rate limits, server errors, cut and dropped answers.

Not here: how often (`switches`), and what a healthy answer holds.
"""

import time
from collections.abc import Callable

from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from pipeline.sandbox.server.answers import answer, too_many
from pipeline.sandbox.server.asked import Luck
from pipeline.sandbox.server.switches import Switches

CONNECTION = "sandbox.close"
"""Key in the ASGI scope of the server's function that closes the connection."""

_PAGE = "<html><head><title>502 Bad Gateway</title></head><body>502</body></html>"


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


class Dropped(Response):
    """No answer at all: the connection is closed; its status is logged as 0."""

    def __init__(self) -> None:
        super().__init__(None, 0)

    async def __call__(self, scope: Scope, receive: Receive, _send: Send) -> None:
        """Close the connection and wait until it is closed."""
        await _close(scope, receive)


class Cut(Response):
    """An answer whose body ends before its Content-Length is reached."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the head and half of the body, then close the connection."""
        await send(
            {
                "type": "http.response.start",
                "status": self.status_code,
                "headers": self.raw_headers,
            }
        )
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        await _close(scope, receive)


def instead(switches: Switches, luck: Luck) -> tuple[str, Response] | None:
    """Name and response of the fault that replaces the answer; None without one."""
    at = luck("fault")
    choices: tuple[tuple[str, float, Callable[[], Response]], ...] = (
        ("429", switches.rate_429, lambda: limited(switches, luck)),
        ("5xx", switches.rate_5xx, lambda: _broken(luck)),
        ("html", switches.rate_html, lambda: HTMLResponse(_PAGE, 502)),
        ("dropped", switches.rate_dropped, Dropped),
    )
    for name, rate, make in choices:
        at -= rate
        if at < 0:
            return name, make()
    return None


def cut(switches: Switches, luck: Luck, response: Response) -> Response | None:
    """The answer cut short, by connection or within its JSON; None if not cut."""
    body = bytes(response.body)
    if luck("cut") >= switches.rate_truncated or len(body) < 2:
        return None
    kind = Cut if luck("how cut") < 0.5 else Response
    part = body if kind is Cut else body[: len(body) // 2]
    return kind(part, response.status_code, media_type="application/json")


def limited(switches: Switches, luck: Luck) -> Response:
    """429, with and without `status`."""
    return too_many(switches.retry_after, with_status=luck("429 status") < 0.5)


def _broken(luck: Luck) -> Response:
    status = (500, 502, 503, 504)[int(luck("which 5xx") * 4)]
    body = {
        "message": "Oops! Something went wrong...",
        "error": "internal_server_error",
        "status": status,
        "cause": [],
    }
    return answer(body, status)


async def _close(scope: Scope, receive: Receive) -> None:
    close = scope.get(CONNECTION)
    if close is None:
        raise ConnectionResetError("the sandbox dropped the connection")
    close()
    while (await receive())["type"] != "http.disconnect":
        continue
