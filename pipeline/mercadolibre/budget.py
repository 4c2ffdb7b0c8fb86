"""How many requests a minute, and how many at once, one account may send.

All endpoints and threads of an account share one budget. Retries (`retry.py`) wrap it,
so that every attempt counts.
"""

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

_ID = re.compile(r"(?<=/)\d+(?=/|$)")
_RATE_FLOOR = 1 / 16
# The pace that a 429 halved is back after 50 good answers; a quarter of the width, lost
# to a 5xx, after 13. Faults come singly, a 429 means that all threads are too fast.
_RATE_REGAINED = 1 / 100
_WIDTH_REGAINED = 1 / 50

DOCUMENTED = 1_500
SLOWER: Mapping[str, int] = {"/marketplace/orders/search": 100}
"""Requests a minute and account: of all endpoints together, and of those with a limit
of their own (docs/mercado-libre-api.md, Rate limits)."""


def endpoint_of(path: str) -> str:
    """Name the endpoint of a path: `/orders/2000020000000001` is `/orders/{id}`."""
    return _ID.sub("{id}", path)


@dataclass(frozen=True)
class Usage:
    """What a budget has spent so far.

    Attributes:
        requests: attempts by endpoint, including failed ones, without those for tokens.
        retries: attempts that repeated another one.
        waited_seconds: time spent waiting, for the pace and before retries, summed
            over the threads.
        rate_now: requests a minute in force, lower than the budget after a 429.
        concurrency_now: requests at once in force.
    """

    requests: dict[str, int]
    retries: int
    waited_seconds: float
    rate_now: float
    concurrency_now: int


class _Turn:
    """One attempt: when it started, and the status of its answer."""

    def __init__(self, started_at: float) -> None:
        self.started_at = started_at
        self.status: int | None = None


class Budget:
    """Paces requests evenly and slows down when the API says so.

    One burst may hold one second's worth of requests, at most `max_concurrency`. The
    even pace is slower by that much, so that for budgets from 60 requests a minute up
    no 60 seconds hold more than the budget.

    A 429 halves pace and width (to a sixteenth and 1 at least), a 5xx takes a quarter
    off the width; each good answer gives a little back. Requests started before the
    last cut do not cut again: they ran at the old pace. An endpoint of `SLOWER` is
    paced by its own limit too, evenly and without a burst; one that waits for that
    holds its place. A budget above the documented one is for another server, and
    raises that limit likewise.

    Args:
        requests_per_minute: of the account, all endpoints together.
        max_concurrency: requests under way at once.
        of_application: waits for the pace of all accounts and machines together, and
            returns the seconds; what it raises ends the turn.
        clock: seconds, monotonic.
        sleep: waits for seconds.

    Raises:
        ValueError: either number is not positive.
    """

    def __init__(
        self,
        requests_per_minute: float,
        max_concurrency: int,
        *,
        of_application: Callable[[], float] | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not requests_per_minute > 0:
            raise ValueError("requests_per_minute must be above 0")
        if max_concurrency < 1:
            raise ValueError("max_concurrency must be at least 1")
        self.requests_per_minute = requests_per_minute
        self.max_concurrency = max_concurrency
        self._of_application = of_application
        self._clock = clock
        self._sleep = sleep
        self._burst = max(1, min(max_concurrency, int(requests_per_minute / 60)))
        even = requests_per_minute - (self._burst if requests_per_minute >= 60 else 0)
        self._interval = 60.0 / even
        self._free = threading.Condition()
        self._rate_share = 1.0
        self._width_share = 1.0
        self._cut_at = float("-inf")
        self._next = float("-inf")
        self._next_of: dict[str, float] = {}
        self._under_way = 0
        self._requests: Counter[str] = Counter()
        self._retries = 0
        self._waited = 0.0

    @contextmanager
    def turn(self, endpoint: str) -> Iterator[_Turn]:
        """Wait for a free place and for the pace, then count the attempt made inside.

        The caller sets `.status` to the answer's; only answers change the pace.
        """
        turn = self._take(endpoint)
        try:
            if self._of_application:
                self._wait_for_others(turn, self._of_application)
            yield turn
        finally:
            self._give_back(turn)

    def note_retry(self, seconds: float) -> None:
        """Count one retry and the seconds it waits."""
        with self._free:
            self._retries += 1
            self._waited += seconds

    def usage(self) -> Usage:
        """What has been spent so far, and the pace in force."""
        with self._free:
            return Usage(
                requests=dict(self._requests),
                retries=self._retries,
                waited_seconds=self._waited,
                rate_now=self.requests_per_minute * self._rate_share,
                concurrency_now=self._width,
            )

    @property
    def _width(self) -> int:
        return max(1, int(self.max_concurrency * self._width_share + 1e-9))

    def _take(self, endpoint: str) -> _Turn:
        asked = self._clock()
        with self._free:
            while self._under_way >= self._width:
                self._free.wait()
            self._under_way += 1
            self._requests[endpoint] += 1
            now = self._clock()
            interval = self._interval / self._rate_share
            earliest = now - (self._burst - 1) * interval
            at = max(self._next, earliest)
            self._next = at + interval
            if endpoint in SLOWER:
                at = max(at, self._next_of.get(endpoint, at))
                self._next_of[endpoint] = max(at, now) + self._interval_of(endpoint)
            self._waited += max(at, now) - asked
        if at > now:
            self._sleep(at - now)
        return _Turn(max(at, now))

    def _wait_for_others(self, turn: _Turn, wait: Callable[[], float]) -> None:
        seconds = wait()
        turn.started_at = self._clock()
        with self._free:
            self._waited += seconds

    def _interval_of(self, endpoint: str) -> float:
        """Seconds between requests, so that no 60 seconds hold more than the limit."""
        limit = SLOWER[endpoint] * max(1.0, self.requests_per_minute / DOCUMENTED)
        return 60 / (limit - 1)

    def _give_back(self, turn: _Turn) -> None:
        with self._free:
            self._under_way -= 1
            if turn.status is not None:
                self._learn(turn.status, turn.started_at)
            self._free.notify_all()

    def _learn(self, status: int, started_at: float) -> None:
        if status == 429 or status >= 500:
            if started_at <= self._cut_at:
                return
            self._cut_at = self._clock()
            if status == 429:
                self._rate_share = max(_RATE_FLOOR, self._rate_share / 2)
            cut = 0.5 if status == 429 else 0.75
            self._width_share = max(1 / self.max_concurrency, self._width_share * cut)
            return
        self._rate_share = min(1.0, self._rate_share + _RATE_REGAINED)
        self._width_share = min(1.0, self._width_share + _WIDTH_REGAINED)


class BudgetTransport(httpx.BaseTransport):
    """Sends through `transport` when the budget allows.

    A turn includes the body if `transport` reads it (`bounds.py`).
    """

    def __init__(self, transport: httpx.BaseTransport, budget: Budget) -> None:
        self._transport = transport
        self._budget = budget

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Wait for a turn, and send within it.

        Raises:
            What the wrapped transport raises.
        """
        with self._budget.turn(endpoint_of(request.url.path)) as turn:
            response = self._transport.handle_request(request)
            turn.status = response.status_code
        return response

    def close(self) -> None:
        """Close the wrapped transport."""
        self._transport.close()
