"""How many requests a minute all workers of an application send together.

Every request takes the next place of one even row, which Redis keeps by its own clock:
clocks of workers do not matter, and nobody asks twice for one place. Not here: the pace
of one account, and slowing down (`mercadolibre/budget.py`).

Example: 1500 a minute are 25 a second, of which a burst may hold 25. The row is slower
by three times as many, 1425 a minute: for the burst, and for requests that were on
their way for two seconds, so that no minute holds more than 1500 where the server
counts.
"""

import threading
from collections.abc import Callable
from urllib.parse import urlsplit

from pipeline.workers.connection import Silent, connected, told

_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local last = tonumber(redis.call('GET', KEYS[1]) or 0)
local at = math.max(last + interval, now - (burst - 1) * interval)
redis.call('SET', KEYS[1], string.format('%.0f', at), 'EX', 3600)
return math.max(0, math.ceil(at - now))
"""
"""Microseconds until the place that is taken, which is kept for an hour: a row longer
than that would hold more threads than there are."""


class Pace:
    """The row of places of one application.

    Args:
        url: of Redis.
        name: of the application; others have rows of their own.
        requests_per_minute: of all who take places.
        sleep: waits for seconds.
    """

    def __init__(
        self,
        url: str,
        name: str,
        requests_per_minute: int,
        *,
        sleep: Callable[[float], None],
    ) -> None:
        self._url = url
        self._key = f"meli-sales:pace:{name}"
        self._sleep = sleep
        burst = max(1, requests_per_minute // 60)
        even = requests_per_minute - (3 * burst if requests_per_minute >= 60 else 0)
        self._row = (60_000_000 / even, burst)
        self._take = connected(url).register_script(_TAKE)
        self._is_silent = threading.Event()

    def wait(self) -> float:
        """Take the next place and wait for it; returns the seconds.

        Raises:
            Silent: Redis does not answer. Nothing is sent without a place, so nobody
                exceeds the budget; from then on it raises at once.
        """
        if self._is_silent.is_set():
            raise Silent(self._words)
        try:
            with told(self._url):
                seconds = self._take(keys=[self._key], args=list(self._row)) / 1e6
        except Silent:
            self._is_silent.set()
            raise
        self._sleep(seconds)
        return float(seconds)

    @property
    def _words(self) -> str:
        return f"Redis at {urlsplit(self._url).hostname} has not answered before"
