"""Waiting and trying again, as an HTTP transport around another one.

What is worth another attempt is told here and nowhere else; how fast attempts may
follow each other in general is `budget.py`'s business.
"""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, cast

import httpx
import msgspec
import tenacity

from pipeline.mercadolibre.errors import BrokenBody, MercadoLibreError, Unreachable

RETRIED: Final = frozenset({429, 500, 502, 503, 504})

# Nothing was sent: even a refresh of the token may be tried again.
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
# The address or the request is wrong, and stays wrong.
_HOPELESS = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)

_JSON = msgspec.json.Decoder(msgspec.Raw)


def _utc_now() -> datetime:
    return datetime.now(UTC)


def retry_after(value: str | None, now: datetime) -> float | None:
    """Read a `Retry-After` header: seconds from `now`, never negative.

    Takes both documented forms, seconds and an HTTP date; null when the header is
    absent or says neither.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    moment = http_date(text)
    return None if moment is None else max(0.0, (moment - now).total_seconds())


class RetryTransport(httpx.BaseTransport):
    """Sends a request through `transport` until an answer is worth handing on.

    Tried again: 429, 500, 502, 503, 504, no connection, time-outs, dropped
    connections, bodies cut short and answers of success that are not JSON. Waits as
    long as `Retry-After` says, else 1, 2, 4, 8 … seconds, always with some jitter,
    because several threads are usually told to wait at once. 400, 401, 403 and 404
    are handed on at once, unless what they say of themselves is cut short: what they
    mean is told by it.

    Anything but a GET is tried again only when it was certainly not acted upon (no
    connection, or 429), or when a whole answer says by its 5xx that it was not (§7):
    the only such request spends a refresh token, and the next run would send that
    token again after a 5xx too. Without a whole answer it is sent once: a grant may
    have been on its way.

    Args:
        transport: what really sends; closed with this one.
        attempts: how often a request is sent at most.
        first_wait: seconds before the second attempt, doubled each time.
        longest_wait: seconds that doubling stops at.
        longest_retry_after: seconds that a `Retry-After` is cut to.
        on_retry: told the path and the seconds, before each wait.
        sleep: waits for seconds.
        now: the time, UTC, that an HTTP date is measured from.
        jitter: a number from 0 to 1, another one each time.
    """

    def __init__(
        self,
        transport: httpx.BaseTransport,
        *,
        attempts: int = 8,
        first_wait: float = 1.0,
        longest_wait: float = 60.0,
        longest_retry_after: float = 300.0,
        on_retry: Callable[[str, float], None] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = _utc_now,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        if attempts < 1:
            raise ValueError("attempts must be at least 1")
        self._transport = transport
        self._attempts = attempts
        self._first_wait = first_wait
        self._longest_wait = longest_wait
        self._longest_retry_after = longest_retry_after
        self._on_retry = on_retry
        self._sleep = sleep
        self._now = now
        self._jitter = jitter

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send until it succeeds or the attempts are spent; the body is read.

        Returns:
            The first answer not worth a retry, or the last one.

        Raises:
            Unreachable: the last attempt got no answer.
            BrokenBody: the last attempt's body was cut short or not JSON.
        """
        path = request.url.path

        def tell(state: tenacity.RetryCallState) -> None:
            if self._on_retry is not None and state.next_action is not None:
                self._on_retry(path, state.next_action.sleep)

        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self._attempts),
            wait=self._wait,
            retry=_again if request.method == "GET" else _again_if_not_acted_upon,
            retry_error_callback=_last,
            before_sleep=tell,
            sleep=self._sleep,
        )
        return retrying(self._attempt, request)

    def close(self) -> None:
        """Close the transport beneath."""
        self._transport.close()

    def _attempt(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        asked = f"{request.method} {path}"
        try:
            response = self._transport.handle_request(request)
        except httpx.TransportError as fault:
            name = type(fault).__name__
            raise Unreachable(f"{asked}: no answer ({name})", path=path) from fault
        response.request = request
        status = response.status_code
        try:
            body = response.read()
        except (httpx.TransportError, httpx.DecodingError) as fault:
            raise BrokenBody(
                f"{asked}: {status}, but the body broke off ({type(fault).__name__})",
                status=status,
                path=path,
            ) from fault
        finally:
            response.close()
        is_refusal = response.is_client_error and status != 429
        if (
            response.is_success
            or (is_refusal and request.method == "GET" and body[:1] == b"{")
        ) and not _is_json(body):
            raise BrokenBody(
                f"{asked}: {status}, but the body is not JSON", status=status, path=path
            )
        return response

    def _wait(self, state: tenacity.RetryCallState) -> float:
        answer, _ = _outcome(state)
        header = None if answer is None else answer.headers.get("Retry-After")
        asked_for = retry_after(header, self._now())
        if asked_for is not None:
            asked_for = min(asked_for, self._longest_retry_after)
            return asked_for + self._jitter() * self._first_wait
        doubled = self._first_wait * 2.0 ** (state.attempt_number - 1)
        return min(doubled, self._longest_wait) * (1 + self._jitter() / 2)


def _is_json(body: bytes) -> bool:
    try:
        _JSON.decode(body)  # checks the whole text without building anything
        body.decode()
    except (ValueError, RecursionError):
        return False
    return True


def _again(state: tenacity.RetryCallState) -> bool:
    answer, fault = _outcome(state)
    if answer is not None:
        return answer.status_code in RETRIED
    return isinstance(fault, MercadoLibreError) and not isinstance(
        fault.__cause__, _HOPELESS
    )


def _again_if_not_acted_upon(state: tenacity.RetryCallState) -> bool:
    answer, fault = _outcome(state)
    if answer is not None:
        return answer.status_code in RETRIED
    return isinstance(fault, Unreachable) and isinstance(fault.__cause__, _NEVER_SENT)


def _outcome(
    state: tenacity.RetryCallState,
) -> tuple[httpx.Response | None, BaseException | None]:
    """Give the answer, or what was raised instead of one."""
    outcome = cast("tenacity.Future", state.outcome)  # set once there was an attempt
    fault = outcome.exception()
    return (outcome.result(), None) if fault is None else (None, fault)


def _last(state: tenacity.RetryCallState) -> httpx.Response:
    """Hand on the last answer, or raise what the last attempt raised."""
    answer: httpx.Response = cast("tenacity.Future", state.outcome).result()
    return answer


def http_date(header: str | None) -> datetime | None:
    """Read a date, aware of its zone; null when there is none or it is no date."""
    try:
        moment = parsedate_to_datetime(header or "")
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    # "-0000": UTC without a claim about the place
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
