"""Retries and their waits, as an HTTP transport around another one.

Only this module decides what is worth another attempt. Not here: the general pace of
requests (`budget.py`).
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from datetime import datetime
from typing import Final, NamedTuple, TypeAlias, cast

import httpx

from pipeline.mercadolibre.budget import endpoint_of
from pipeline.mercadolibre.clock import http_date, utc_now
from pipeline.mercadolibre.errors import (
    BrokenBody,
    MercadoLibreError,
    TooSlow,
    Unreachable,
)
from pipeline.mercadolibre.json_text import is_whole

RETRIED: Final = frozenset({429, 500, 502, 503, 504})

# Nothing was sent, so even a refresh of the token can be repeated.
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
# The address or the request is wrong; repeating does not help.
_HOPELESS = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)

_EVERYTHING: Final = "everything"
_SLOW_ATTEMPTS: Final = 2
_LONGEST_RETRY_AFTER: Final = 300.0  # seconds; a longer `Retry-After` is cut to it


def retry_after(value: str | None, now: datetime) -> float | None:
    """Read a `Retry-After` header: seconds from `now`, never negative.

    Takes both documented forms, seconds and an HTTP date; None if the header is absent
    or neither.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    moment = http_date(text)
    return None if moment is None else max(0.0, (moment - now).total_seconds())


Circle: TypeAlias = Hashable
"""What fails or answers together: everything, or one endpoint for one account."""


class CircuitBreaker:
    """Ends the waiting for what is down: one attempt each, until it answers.

    A request is tried for about three minutes. If nobody got an answer meanwhile, the
    other requests of a run need not be tried as long one after another. The same holds
    of one endpoint for one account while others answer: 20,000 shipments whose costs
    are not served would take days. Shared by all accounts of a run. An answer is any
    but a 5xx, a 429 too.
    """

    def __init__(self) -> None:
        self._open: set[Circle] = set()
        self._answers = Counter[Circle]()

    def is_open(self, circles: Iterable[Circle]) -> bool:
        """Whether one of these is known to be down."""
        return not self._open.isdisjoint(circles)

    def answer_counts(self, circles: Iterable[Circle]) -> tuple[int, ...]:
        """How many answers each of these has given."""
        return tuple(self._answers[circle] for circle in circles)

    def note_answer(self, circles: Iterable[Circle]) -> None:
        """Close these: they are there."""
        for circle in circles:
            self._answers[circle] += 1
            self._open.discard(circle)

    def note_given_up(
        self, circles: Iterable[Circle], answer_counts: tuple[int, ...]
    ) -> None:
        """Open those of which nobody got an answer while a request was tried.

        ``answer_counts`` are those of when it was first sent.
        """
        for circle, count in zip(circles, answer_counts, strict=True):
            if self._answers[circle] == count:
                self._open.add(circle)


class RetryTransport(httpx.BaseTransport):
    """Sends a request through `transport` until the answer is worth returning.

    Retries 429, 500, 502, 503, 504, failed connections, time-outs, dropped connections,
    bodies cut short, and successful answers that are not JSON. Waits as long as
    `Retry-After` says, else 1, 2, 4, 8 … seconds, always with jitter, because several
    threads usually have to wait at once. Returns 400, 401, 403 and 404 at once, unless
    their JSON body is cut short: the body says what they mean.

    A request other than GET is retried only if it certainly had no effect (no
    connection, or 429), or if a whole answer says so with a 5xx. The only such request
    spends a refresh token, and the next run would send that token again after a 5xx
    too. Without a whole answer it is sent once: a grant may have been on its way.

    Args:
        transport: sends; closed with this one.
        attempts: how often a request is sent at most.
        first_wait: seconds before the second attempt, doubled each time.
        longest_wait: the most seconds that doubling reaches.
        breaker: says what is down; by default its own.
        on_retry: called before each wait with path, seconds and what came: `503`.
        sleep: waits for seconds.
        jitter: a random number from 0 to 1.
    """

    def __init__(
        self,
        transport: httpx.BaseTransport,
        *,
        attempts: int = 8,
        first_wait: float = 1.0,
        longest_wait: float = 60.0,
        breaker: CircuitBreaker | None = None,
        on_retry: Callable[[str, float, str], None] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        if attempts < 1:
            raise ValueError("attempts must be at least 1")
        self._transport = transport
        self._attempts = attempts
        self._first_wait = first_wait
        self._longest_wait = longest_wait
        self._breaker = breaker or CircuitBreaker()
        self._on_retry = on_retry
        self._sleep = sleep
        self._jitter = jitter

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send until an answer needs no retry or the attempts are spent.

        Returns:
            The first answer that needs no retry, or the last one.

        Raises:
            Unreachable: the last attempt got no answer.
            TooSlow: two attempts got no whole answer in time.
            BrokenBody: the last attempt's body was cut short or not JSON.
            AnswerTooLarge, AskingEnded: at once, as the wrapped transport does.
        """
        circles = (_EVERYTHING, (self, endpoint_of(request.url.path)))
        answer_counts = self._breaker.answer_counts(circles)
        for number in range(1, self._attempts + 1):
            answer: httpx.Response | None = None
            fault: MercadoLibreError | None = None
            try:
                answer = self._attempt(request)
            except (Unreachable, BrokenBody) as caught:
                fault = caught
            outcome = _Outcome(answer, fault, number)
            if outcome.is_answer:
                self._breaker.note_answer(circles)
            is_last = number == self._attempts or self._breaker.is_open(circles)
            if is_last or not outcome.is_worth_another(request.method):
                break
            seconds = self._wait(outcome)
            if self._on_retry is not None:
                self._on_retry(request.url.path, seconds, outcome.words)
            self._sleep(seconds)
        if not outcome.is_answer and number > 1:
            self._breaker.note_given_up(circles, answer_counts)
        if answer is None:
            raise cast("MercadoLibreError", fault)
        return answer

    def close(self) -> None:
        """Close the wrapped transport."""
        self._transport.close()

    def _attempt(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        asked = f"{request.method} {path}"
        try:
            response = self._transport.handle_request(request)
        except httpx.TransportError as fault:
            words = f"{asked}: no answer ({type(fault).__name__})"
            raise Unreachable(words, path=path) from _cause(fault)
        status, body = response.status_code, response.read()
        is_refusal = response.is_client_error and status != 429
        if (
            (response.is_success and status != 204)
            or (is_refusal and request.method == "GET" and body[:1] == b"{")
        ) and not is_whole(body):
            raise BrokenBody(
                f"{asked}: {status}, but the body is not JSON", status=status, path=path
            )
        return response

    def _wait(self, outcome: "_Outcome") -> float:
        answer = outcome.answer
        header = None if answer is None else answer.headers.get("Retry-After")
        asked_for = retry_after(header, utc_now())
        if asked_for is not None:
            asked_for = min(asked_for, _LONGEST_RETRY_AFTER)
            return asked_for + self._jitter() * self._first_wait
        doubled = self._first_wait * 2.0 ** (outcome.number - 1)
        return min(doubled, self._longest_wait) * (1 + self._jitter() / 2)


def _cause(fault: httpx.TransportError) -> httpx.TransportError:
    """The fault, without words that may quote the answer, such as a header of it."""
    is_ours = isinstance(fault, httpx.NetworkError | httpx.TimeoutException)
    return fault if is_ours else type(fault)("")


class _Outcome(NamedTuple):
    """What came of an attempt: an answer or a fault; the first has number 1."""

    answer: httpx.Response | None
    fault: MercadoLibreError | None
    number: int

    @property
    def is_answer(self) -> bool:
        """Whether the API is there, whatever it says."""
        return self.answer is not None and self.answer.status_code < 500

    @property
    def words(self) -> str:
        """What came, in short."""
        if self.answer is not None:
            return str(self.answer.status_code)
        return "no answer" if isinstance(self.fault, Unreachable) else "no whole answer"

    def is_worth_another(self, method: str) -> bool:
        """Whether to send the request again."""
        if self.answer is not None:
            return self.answer.status_code in RETRIED
        cause = self.fault.__cause__ if self.fault else None
        if method != "GET":
            return isinstance(self.fault, Unreachable) and isinstance(
                cause, _NEVER_SENT
            )
        if isinstance(self.fault, TooSlow):
            return self.number < _SLOW_ATTEMPTS
        return not isinstance(cause, _HOPELESS)
