"""What is worth another attempt gets one after the right wait; nothing else does."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.mercadolibre import errors
from pipeline.mercadolibre.budget import Budget
from pipeline.mercadolibre.connection import connect
from pipeline.mercadolibre.retry import (
    CircuitBreaker,
    RetryTransport,
    retry_after,
)
from pipeline.mercadolibre.tokens import StaticToken

if TYPE_CHECKING:
    from tests.mercadolibre.conftest import Api

    Serving = Callable[[type[BaseHTTPRequestHandler]], AbstractContextManager[str]]

GOOD = httpx.Response(200, json={"id": 1})
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "fault",
    [
        httpx.Response(429, json={"message": "local_rate_limited"}),
        httpx.Response(500, json={"error": "internal_server_error"}),
        httpx.Response(502, html="<html>Bad Gateway</html>"),
        httpx.Response(503),
        httpx.Response(504),
        httpx.Response(200, html="<html>Maintenance</html>"),
        httpx.Response(200),
        httpx.Response(200, content=b'{"id": 1'),
        httpx.Response(206, content=b'{"id": 1'),
        httpx.Response(200, content=b'{"title": "\xff}'),
        httpx.Response(200, content=b"[" * 100_000),
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("late"),
        httpx.ReadTimeout("late"),
        httpx.ReadError("reset"),
        httpx.RemoteProtocolError("dropped"),
    ],
    ids=repr,
)
def test_a_passing_fault_is_tried_again(
    api: Api, fault: httpx.Response | Exception
) -> None:
    api.will(fault, fault, GOOD)
    budget = api.budget()
    page = api.connect(budget=budget).order(order_id=1)
    assert (page.status, page.body) == (200, b'{"id":1}')
    assert api.waits == [1.0, 2.0]
    usage = budget.usage()
    assert (usage.requests, usage.retries) == ({"/orders/{id}": 3}, 2)
    assert usage.waited_seconds >= 3.0


@pytest.mark.parametrize("status", [400, 401, 403, 404, 501])
def test_a_lasting_answer_is_handed_on_at_once(api: Api, status: int) -> None:
    api.will(httpx.Response(status, json={"message": "no"}))
    http = httpx.Client(transport=RetryTransport(api.transport()))
    assert http.get("https://api.test/x").status_code == status
    assert len(api.asked) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_refusal_cut_short_is_asked_for_again(api: Api, status: int) -> None:
    whole = b'{"message": "no", "error": "not_found"}'
    api.will(httpx.Response(status, content=whole[:9]))
    api.will(httpx.Response(status, content=whole))
    transport = RetryTransport(api.transport(), sleep=lambda _seconds: None)
    answer = httpx.Client(transport=transport).get("https://api.test/x")
    assert (answer.status_code, answer.content) == (status, whole)
    assert len(api.asked) == 2


@pytest.mark.parametrize(
    "body",
    [
        b'{"title": "\xff"}',
        rb'{"title": "half of a pair \ud83d"}',
        b'{"total_amount": NaN}',
        b'{"tags": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    ],
    ids=lambda body: body[:40],
)
def test_an_answer_that_came_whole_is_not_asked_for_again(
    api: Api, body: bytes
) -> None:
    api.will(httpx.Response(200, content=body))
    assert api.connect().order(order_id=1).body == body
    assert len(api.asked) == 1


def test_a_page_that_is_not_the_api_s_is_no_answer_cut_short(api: Api) -> None:
    api.will(httpx.Response(404, html="<p>nothing here</p>"))
    with pytest.raises(errors.NotFound, match="check MELI_BASE_URL"):
        api.connect().order(order_id=1)
    assert len(api.asked) == 1


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (httpx.Response(429), errors.RateLimited, "429"),
        (httpx.Response(503), errors.ServerFault, "503"),
        (httpx.Response(200, html="<p>"), errors.BrokenBody, "200, but the body is no"),
        (httpx.ReadTimeout("late"), errors.Unreachable, r"no answer \(ReadTimeout\)"),
    ],
)
def test_after_the_last_attempt_the_fault_has_its_type(
    api: Api,
    fault: httpx.Response | Exception,
    kind: type[errors.MercadoLibreError],
    words: str,
) -> None:
    api.will(fault)
    with pytest.raises(kind, match=rf"GET /orders/1: {words}") as caught:
        api.connect().order(order_id=1)
    assert type(caught.value) is kind
    assert len(api.asked) == 8
    assert api.waits == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0]


def test_a_wrong_address_is_not_tried_again(api: Api) -> None:
    api.will(httpx.UnsupportedProtocol("ftp"))
    with pytest.raises(errors.Unreachable, match="UnsupportedProtocol"):
        api.connect().order(order_id=1)
    assert len(api.asked) == 1


def test_a_bug_beneath_is_not_hidden_by_retries(api: Api) -> None:
    api.will(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        api.connect().order(order_id=1)
    assert len(api.asked) == 1


def test_retry_after_is_honoured_and_cut(api: Api) -> None:
    told = [
        httpx.Response(429, headers={"Retry-After": seconds})
        for seconds in ("7", "0", "86400", "soon")
    ]
    api.will(*told, GOOD)
    api.connect().order(order_id=1)
    assert api.waits == [7.0, 0.0, 300.0, 8.0]  # "soon" says nothing: fourth doubling


def test_waits_are_spread_by_jitter(api: Api) -> None:
    api.will(
        httpx.Response(503), httpx.Response(503, headers={"Retry-After": "5"}), GOOD
    )
    waits: list[float] = []
    http = httpx.Client(
        transport=RetryTransport(
            api.transport(), first_wait=2.0, sleep=waits.append, jitter=lambda: 0.5
        )
    )
    http.get("https://api.test/x")
    assert waits == [2.5, 6.0]


def test_attempts_must_be_at_least_one(api: Api) -> None:
    with pytest.raises(ValueError, match="attempts must be at least 1"):
        RetryTransport(api.transport(), attempts=0)


def test_retry_after_takes_seconds_and_a_date() -> None:
    assert retry_after(" 120 ", NOON) == 120.0
    assert retry_after("Mon, 02 Mar 2026 12:00:30 GMT", NOON) == 30.0
    assert retry_after("Mon, 02 Mar 2026 12:00:30 -0000", NOON) == 30.0
    assert retry_after("Mon, 02 Mar 2026 11:00:00 GMT", NOON) == 0.0
    assert retry_after(None, NOON) is None
    assert retry_after("²", NOON) is None


@given(wait=st.integers(0, 10**6))
def test_any_date_to_come_is_as_many_seconds_away(wait: int) -> None:
    written = format_datetime(NOON + timedelta(seconds=wait), usegmt=True)
    assert retry_after(written, NOON) == wait


@given(st.text() | st.from_regex(r"\w{3}, \d+ \w{3} \d+ \d+:\d+:\d+ [+-]?\w+"))
def test_no_retry_after_is_beyond_reading(text: str) -> None:
    wait = retry_after(text, NOON)
    assert wait is None or wait >= 0


class Broken(BaseHTTPRequestHandler):
    """Drops the first call, cuts the second short, garbles the third, answers."""

    protocol_version = "HTTP/1.1"
    timeout = 10
    calls = 0

    def do_GET(self) -> None:
        type(self).calls += 1
        body = gzip.compress(b'{"id": 1}' + b" " * 5000)
        if self.calls == 1:
            self.close_connection = True
            return
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.calls == 2:
            self.wfile.write(body[:10])
            self.close_connection = True
        elif self.calls == 3:
            self.wfile.write(b"x" * len(body))
        else:
            self.wfile.write(body)

    def log_request(self, code: object = "-", size: object = "-") -> None:
        pass


def test_connections_dropped_and_bodies_cut_short_are_tried_again(
    serving: Serving,
) -> None:
    waits: list[float] = []
    budget = Budget(1e9, 2)
    with (
        serving(Broken) as url,
        connect(
            base_url=url,
            tokens=StaticToken("t"),
            budget=budget,
            sleep=waits.append,
            jitter=lambda: 0.0,
        ) as client,
    ):
        assert client.order(order_id=1).body.strip() == b'{"id": 1}'
    assert waits == [1.0, 2.0, 4.0]
    assert budget.usage().requests == {"/orders/{id}": 4}


def test_a_body_cut_short_to_the_end_is_told_as_such(serving: Serving) -> None:
    class Cut(Broken):
        def do_GET(self) -> None:
            type(self).calls = 1
            super().do_GET()

    with (
        serving(Cut) as url,
        connect(
            base_url=url,
            tokens=StaticToken("t"),
            budget=Budget(1e9, 2),
            attempts=2,
            first_wait=0.0,
        ) as client,
        pytest.raises(errors.BrokenBody) as caught,
    ):
        client.order(order_id=1)
    assert str(caught.value) == (
        "GET /orders/1: 200, but the body broke off (RemoteProtocolError)"
    )


DOWN = httpx.Response(503)


def beside(
    api: Api, breaker: CircuitBreaker, sleep: Callable[[float], None] | None = None
) -> httpx.Client:
    """A connection of a run that has others."""
    transport = RetryTransport(
        api.transport(), attempts=3, sleep=sleep or api.waits.append, breaker=breaker
    )
    return httpx.Client(transport=transport, base_url="https://api.test")


def test_an_api_that_is_down_is_tried_once_until_it_answers(api: Api) -> None:
    breaker = CircuitBreaker()
    one, other = beside(api, breaker), beside(api, breaker)
    api.will(DOWN, httpx.ConnectError("refused"), DOWN)
    assert one.get("/a").status_code == 503
    assert len(api.asked) == 3, "nobody knew"
    assert other.get("/b").status_code == 503
    assert one.get("/c").status_code == 503
    assert len(api.asked) == 5, "once each"
    assert len(api.waits) == 2, "without a wait"
    api.will(GOOD, DOWN)  # the first of them is that of before
    assert other.get("/d").status_code == 503
    assert other.get("/e").status_code == 200
    assert one.get("/f").status_code == 503
    assert len(api.asked) == 10, "it had answered"


class Endpoints:
    """One account's connection to an API that answers by path; it counts the tries."""

    def __init__(self, breaker: CircuitBreaker, **answers: int) -> None:
        self.answers = answers
        self.tries: list[str] = []
        self.meanwhile: Callable[[], object] = lambda: None
        transport = RetryTransport(
            httpx.MockTransport(self._answer),
            attempts=3,
            breaker=breaker,
            sleep=lambda _: (self.meanwhile(), None)[1],
        )
        self.client = httpx.Client(transport=transport, base_url="https://api.test")

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.tries.append(request.url.path)
        name = request.url.path.strip("/").replace("/", "_")
        return httpx.Response(self.answers[name], json={})

    def tried(self, path: str) -> int:
        """Ask for it; how often it was sent."""
        before = self.tries.count(path)
        self.client.get(path)
        return self.tries.count(path) - before


@pytest.mark.parametrize("status", [200, 404])
def test_what_fails_alone_shortens_no_other(status: int) -> None:
    """Another thing of the same endpoint is answered while one is tried."""
    api = Endpoints(CircuitBreaker(), packs_1=503, packs_2=status)
    api.meanwhile = lambda: api.client.get("/packs/2")
    assert [api.tried("/packs/1") for _ in range(2)] == [3, 3]


def test_an_endpoint_that_is_down_is_tried_once_while_others_answer() -> None:
    breaker = CircuitBreaker()
    api = Endpoints(breaker, packs_1=503, packs_2=503, packs_3=200, orders_1=503)
    other = Endpoints(breaker, packs_1=503, users_me=200)
    api.meanwhile = other.meanwhile = lambda: other.client.get("/users/me")
    assert api.tried("/packs/1") == 3, "nobody knew"
    assert api.tried("/packs/2") == 1
    assert api.tried("/orders/1") == 3, "another endpoint"
    assert other.tried("/packs/1") == 3, "another account"
    assert api.tried("/packs/3") == 1
    assert api.tried("/packs/2") == 3, "it had answered"
