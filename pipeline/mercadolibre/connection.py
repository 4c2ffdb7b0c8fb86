"""Composes client, tokens, retries and budget into one connection for one account.

Takes plain values. Not here: which settings they come from (`extraction/accounts.py`).
"""

import logging
import random
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from urllib.parse import urlsplit

import httpx

from pipeline.mercadolibre.bearer import BearerAuth
from pipeline.mercadolibre.bounds import BoundedTransport, Bounds
from pipeline.mercadolibre.budget import Budget, BudgetTransport, endpoint_of
from pipeline.mercadolibre.client import MercadoLibre
from pipeline.mercadolibre.clock import http_date, utc_now
from pipeline.mercadolibre.errors import Unreachable
from pipeline.mercadolibre.oauth import Application
from pipeline.mercadolibre.retry import CircuitBreaker, RetryTransport
from pipeline.mercadolibre.tokens import Tokens
from pipeline.mercadolibre.wire import WireTransport

TIMEOUT = httpx.Timeout(60.0, connect=10.0)

LONG_WAIT = 5.0
"""A wait of so many seconds for another attempt is told: nothing else moves then."""


def user_agent() -> str:
    """The program and its version, as sent with every request."""
    try:
        return f"meli-sales/{metadata.version('meli-sales')}"
    except metadata.PackageNotFoundError:  # run from a checkout, not installed
        return "meli-sales/0"


def connect(
    *,
    base_url: str,
    tokens: Tokens,
    budget: Budget,
    bounds: Bounds | None = None,
    attempts: int = 8,
    first_wait: float = 1.0,
    longest_wait: float = 60.0,
    transport: httpx.BaseTransport | None = None,
    sleep: Callable[[float], None] | None = None,
    jitter: Callable[[], float] = random.random,
    breaker: CircuitBreaker | None = None,
    on_long_wait: Callable[[str], None] = lambda _: None,
) -> MercadoLibre:
    """Open a connection for one account; the caller closes it (`with`).

    Args:
        base_url: of the API, e.g. `https://api.mercadolibre.com`.
        tokens: the account's: a `TokenStore` or a `StaticToken`.
        budget: the account's, shared by all its requests; it also sizes the pool of
            connections.
        bounds: of every answer, and of the asking as a whole; by default its own.
        attempts: how often a request is sent at most.
        first_wait: seconds before the second attempt, doubled each time.
        longest_wait: the most seconds that doubling reaches.
        transport: sends; by default HTTP, through the proxy that the environment names
            for this address.
        sleep: waits for seconds before a retry; by default until the asking ends.
        jitter: a random number from 0 to 1.
        breaker: says what is down; by default its own.
        on_long_wait: takes a line before a wait of `LONG_WAIT` seconds or more.
    """

    def note_retry(path: str, seconds: float, found: str) -> None:
        budget.note_retry(seconds)
        if seconds >= LONG_WAIT:
            asked = f"GET {endpoint_of(path)}: {found}"
            on_long_wait(f"{asked}; trying again in {seconds:.0f} s")

    bounds = bounds or Bounds()
    # httpx logs whole addresses at level INFO, and a search text can name a person.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    width = budget.max_concurrency
    sender = transport or WireTransport(width=width, proxy=proxy_of(base_url))
    return MercadoLibre(
        httpx.Client(
            base_url=base_url,
            auth=BearerAuth(tokens, httpx.URL(f"{base_url.rstrip('/')}/users/me")),
            headers={"User-Agent": user_agent(), "Accept": "application/json"},
            timeout=TIMEOUT,
            transport=RetryTransport(
                BudgetTransport(BoundedTransport(sender, bounds), budget),
                attempts=attempts,
                first_wait=first_wait,
                longest_wait=longest_wait,
                breaker=breaker,
                on_retry=note_retry,
                sleep=sleep or bounds.wait,
                jitter=jitter,
            ),
        )
    )


def application(
    *,
    base_url: str,
    client_id: str,
    client_secret: str,
    attempts: int = 8,
    transport: Callable[[], httpx.BaseTransport] | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Application:
    """Make the application that refreshes tokens, retried only where that is safe.

    That is where a request never arrived or got a 429 or a 5xx. No budget counts these
    requests: there is one in six hours. ``transport`` makes that of one call.
    """

    def make() -> httpx.BaseTransport:
        sender = transport() if transport else WireTransport(proxy=proxy_of(base_url))
        # The run may end meanwhile: an answer given up would be a token lost.
        within = BoundedTransport(sender, Bounds())
        return RetryTransport(within, attempts=attempts, sleep=sleep)

    return Application(
        base_url=base_url,
        client_id=client_id,
        client_secret=client_secret,
        user_agent=user_agent(),
        timeout=TIMEOUT,
        transport=make,
    )


@dataclass(frozen=True)
class Reached:
    """An answer to a request without a token: whatever it says, the API is there.

    Attributes:
        status: HTTP status; without a token the API answers 401.
        seconds: how long the answer took.
        clock_ahead: seconds that our clock is ahead of the server's (its `Date`, whole
            seconds, against the middle of the request); None without a `Date`.
    """

    status: int
    seconds: float
    clock_ahead: float | None


def reach(
    base_url: str,
    *,
    attempts: int = 3,
    transport: httpx.BaseTransport | None = None,
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], datetime] = utc_now,
) -> Reached:
    """Check that an API answers, and read its time; needs no token.

    Raises:
        Unreachable: no answer; the text says why, and never a query or a token.
        BrokenBody: the answer is not JSON: another site, or a login page.
    """
    host = urlsplit(base_url).netloc.rpartition("@")[2]
    sender = transport or WireTransport(proxy=proxy_of(base_url))
    retrying = RetryTransport(
        BoundedTransport(sender, Bounds(seconds=30.0)),
        attempts=attempts,
        first_wait=0.5,
        sleep=sleep,
    )
    with httpx.Client(
        base_url=base_url,
        headers={"User-Agent": user_agent(), "Accept": "application/json"},
        timeout=httpx.Timeout(10.0),
        transport=retrying,
    ) as http:
        asked_at = now()
        try:
            response = http.get("/users/me")
        except Unreachable as fault:
            why = f"{type(fault.__cause__).__name__}: {fault.__cause__}"
            raise Unreachable(
                f"{host} does not answer ({why.strip(': ')})", path=fault.path
            ) from fault
        took = (now() - asked_at).total_seconds()
    theirs = http_date(response.headers.get("Date"))
    ahead = None if theirs is None else (asked_at - theirs).total_seconds() + took / 2
    # Their second has begun and not ended: half of it is the best guess.
    return Reached(response.status_code, took, None if ahead is None else ahead - 0.5)


def proxy_of(base_url: str) -> str | None:
    """The proxy for an address; a transport made by hand does not look it up."""
    parts = urlsplit(base_url)
    if urllib.request.proxy_bypass(parts.hostname or ""):
        return None
    proxies = urllib.request.getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")
