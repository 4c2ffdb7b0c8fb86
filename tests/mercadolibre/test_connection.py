"""A connection is composed of plain values, and says nothing it should not."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from importlib import metadata
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from pipeline.mercadolibre import connection, errors
from pipeline.mercadolibre.budget import Budget
from pipeline.mercadolibre.tokens import StaticToken

if TYPE_CHECKING:
    from tests.mercadolibre.conftest import Api

GRANT = {"access_token": "APP_USR-1", "expires_in": 21600}
SETTINGS = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


def test_requests_name_the_program_and_its_version(api: Api) -> None:
    api.will(httpx.Response(200, json={}), httpx.Response(200, json=GRANT))
    api.connect().user()
    api.application().refresh("TG-0")  # the one request that no connection sends
    version = metadata.version("meli-sales")
    for asked in api.asked:
        assert asked.headers["User-Agent"] == f"meli-sales/{version}"
        assert asked.headers["Accept"] == "application/json"
        assert asked.extensions["timeout"] == {
            "connect": 10.0,
            "read": 60.0,
            "write": 60.0,
            "pool": 60.0,
        }
    assert len(api.asked) == 2


def test_a_checkout_that_is_not_installed_has_no_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert connection.user_agent() == "meli-sales/0"


def test_a_search_text_does_not_reach_the_log(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    api.will(httpx.Response(200, json={"results": []}))
    list(api.connect().search_orders(seller=1, filters={"q": "TESTBUYER"}))
    assert "TESTBUYER" not in caplog.text


def test_a_path_in_the_base_url_is_kept(api: Api) -> None:
    api.will(httpx.Response(200, json={}))
    with connection.connect(
        base_url="https://gateway.test/meli",
        tokens=StaticToken("t"),
        budget=Budget(1e9, 1),
        transport=api.transport(),
    ) as client:
        page = client.pack(pack_id=1)
    assert str(api.asked[0].url) == "https://gateway.test/meli/packs/1"
    assert page.request == "/packs/1"


@pytest.mark.parametrize(
    ("environment", "proxy"),
    [
        ({}, None),
        ({"https_proxy": "http://proxy:3128"}, "http://proxy:3128"),
        ({"all_proxy": "http://proxy:3128"}, "http://proxy:3128"),
        ({"http_proxy": "http://proxy:3128"}, None),
        ({"https_proxy": "http://proxy:3128", "no_proxy": "api.test"}, None),
    ],
)
def test_the_environments_proxy_is_used(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], proxy: str | None
) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert connection.proxy_of("https://api.test") == proxy


def test_without_a_transport_it_is_http() -> None:
    tokens, budget = StaticToken("t"), Budget(1e9, 1)
    client = connection.connect(
        base_url="http://127.0.0.1:9", tokens=tokens, budget=budget, attempts=1
    )
    application = connection.application(
        base_url="http://127.0.0.1:9", client_id="1", client_secret="s", attempts=1
    )
    with client, pytest.raises(errors.Unreachable, match=r"ConnectError"):
        client.user()
    with pytest.raises(errors.Unreachable, match=r"ConnectError"):
        application.refresh("TG-0")


def test_a_long_wait_for_another_attempt_is_told_and_a_short_one_is_not(
    api: Api,
) -> None:
    said: list[str] = []
    api.will(
        *(httpx.Response(503) for _ in range(4)),
        httpx.ConnectError("gone"),
        httpx.Response(200, json={}),
    )
    with connection.connect(
        base_url="https://api.test",
        tokens=StaticToken("t"),
        budget=Budget(1e9, 1),
        transport=api.transport(),
        sleep=lambda _: None,
        jitter=lambda: 0.0,
        on_long_wait=said.append,
    ) as client:
        client.pack(pack_id=7)
    # Waits of 1, 2, 4, 8 and 16 seconds.
    assert said == [
        "GET /packs/{id}: 503; trying again in 8 s",
        "GET /packs/{id}: no answer; trying again in 16 s",
    ]


THEIR_NOON = "Mon, 02 Mar 2026 12:00:00 GMT"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def reached(
    answer: httpx.Response | Exception, *, now: datetime = NOON
) -> connection.Reached:
    def handle(request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return connection.reach(
        "https://user:secret@api.test",
        transport=httpx.MockTransport(handle),
        attempts=2,
        sleep=lambda _: None,
        now=lambda: now,
    )


def test_an_api_that_refuses_a_stranger_is_there_and_tells_its_time() -> None:
    refused = httpx.Response(401, json={}, headers={"Date": THEIR_NOON})
    found = reached(refused, now=NOON + timedelta(seconds=90))
    assert found == connection.Reached(401, 0.0, 89.5)


@pytest.mark.parametrize(
    ("date", "ahead"),
    [(None, None), ("today", None), ("Mon, 02 Mar 2026 12:00:10 -0000", -10.5)],
)
def test_a_date_that_is_none_tells_nothing(
    date: str | None, ahead: float | None
) -> None:
    headers = {} if date is None else {"Date": date}
    assert reached(httpx.Response(401, headers=headers)).clock_ahead == ahead


def test_who_does_not_answer_is_named_with_the_reason_and_without_secrets() -> None:
    with pytest.raises(errors.Unreachable) as caught:
        reached(httpx.ConnectError("[Errno 111] Connection refused"))
    assert str(caught.value) == (
        "api.test does not answer (ConnectError: [Errno 111] Connection refused)"
    )
    with pytest.raises(errors.Unreachable, match=r"\(ReadTimeout\)$"):
        reached(httpx.ReadTimeout(""))


def test_a_login_page_in_between_is_not_the_api() -> None:
    with pytest.raises(errors.BrokenBody, match="not JSON"):
        reached(httpx.Response(200, html="<p>Log in to the hotel's network</p>"))


def test_nobody_at_home_is_told_over_real_http() -> None:
    with pytest.raises(errors.Unreachable, match="Connection refused"):
        connection.reach("http://127.0.0.1:9", attempts=1)


def test_requests_go_through_the_proxy_with_its_password(
    monkeypatch: pytest.MonkeyPatch, serving: Callable[..., Any]
) -> None:
    asked: list[tuple[str, str]] = []

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers["Proxy-Authorization"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_request(self, code: object = "-", size: object = "-") -> None:
            pass

    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with serving(Proxy) as url:
        monkeypatch.setenv("http_proxy", url.replace("//", "//me:word@"))
        tokens, budget = StaticToken("t"), Budget(1e9, 1)
        with connection.connect(
            base_url="http://api.test", tokens=tokens, budget=budget, attempts=1
        ) as client:
            assert client.pack(pack_id=7).body == b"{}"
    assert asked == [("http://api.test/packs/7", "Basic bWU6d29yZA==")]
