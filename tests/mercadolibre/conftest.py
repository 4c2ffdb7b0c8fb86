"""A Mercado Libre with prepared answers, without a network or waiting."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from pipeline.mercadolibre.budget import Budget
from pipeline.mercadolibre.client import MercadoLibre
from pipeline.mercadolibre.connection import application, connect
from pipeline.mercadolibre.oauth import Application
from pipeline.mercadolibre.tokens import StaticToken, Tokens

BASE_URL = "https://api.test"
TOKEN = "APP_USR-0000000000000000-030210-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-700100200"


class Api:
    """Gives its answers in order, the last one for ever; remembers questions."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []
        self.waits: list[float] = []
        self._answers: deque[httpx.Response | Exception] = deque()
        self._lock = threading.Lock()

    def will(self, *answers: httpx.Response | Exception) -> None:
        self._answers.extend(answers)

    def handle(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            # A copy: a request that is repeated is the same object, changed.
            self.asked.append(
                httpx.Request(
                    request.method,
                    request.url,
                    headers=request.headers,
                    content=request.content,
                    extensions=request.extensions,
                )
            )
            answers = self._answers
            answer = answers.popleft() if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        # A fresh copy: the last one is given many times.
        return httpx.Response(
            answer.status_code, headers=answer.headers, content=answer.content
        )

    def transport(self) -> httpx.BaseTransport:
        return httpx.MockTransport(self.handle)

    def budget(self) -> Budget:
        return Budget(1e9, 4, sleep=self.waits.append)

    def connect(
        self,
        *,
        tokens: Tokens | None = None,
        budget: Budget | None = None,
        attempts: int = 8,
    ) -> MercadoLibre:
        return connect(
            base_url=BASE_URL,
            tokens=tokens or StaticToken(TOKEN),
            budget=budget or self.budget(),
            attempts=attempts,
            transport=self.transport(),
            sleep=self.waits.append,
            jitter=lambda: 0.0,
        )

    def application(self) -> Application:
        return application(
            base_url=BASE_URL,
            client_id="1000000000000001",
            client_secret="secret-of-the-application",
            transport=self.transport,
            sleep=self.waits.append,
        )

    def forms(self) -> list[dict[str, str]]:
        """What was posted, form fields by name."""
        return [
            {
                name: values[0]
                for name, values in parse_qs(post.content.decode()).items()
            }
            for post in self.asked
        ]


@pytest.fixture
def api() -> Api:
    return Api()


class Clock:
    """A clock that moves only when set."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def found(first: int, rows: int, total: int | None = None) -> httpx.Response:
    """One page of a search: `rows` orders with ids from `first` on."""
    orders = [{"id": number} for number in range(first, first + rows)]
    paging = {} if total is None else {"paging": {"total": total}}
    return httpx.Response(200, json={"results": orders, **paging})


@pytest.fixture(name="found")
def found_fixture() -> Callable[..., httpx.Response]:
    return found


def granted(number: int, **changes: Any) -> httpx.Response:
    """Pair number so-and-so, as `/oauth/token` answers."""
    pair = {
        "access_token": f"APP_USR-access-{number}-700100200",
        "token_type": "bearer",
        "expires_in": 21600,
        "scope": "offline_access read write",
        "user_id": 700100200,
        "refresh_token": f"TG-refresh-{number}-700100200",
    }
    return httpx.Response(200, json={**pair, **changes})


INVALID_GRANT = httpx.Response(
    400,
    json={
        "error_description": "Error validating grant. Your authorization code or "
        "refresh token may be expired or it was already used",
        "error": "invalid_grant",
        "status": 400,
        "cause": [],
    },
)


class Served:
    """A real server on loopback whose access token dies every so many calls."""

    def __init__(self, calls_per_token: int) -> None:
        self.url = ""
        self.refreshes: list[str] = []
        self.refused = 0
        self.calls = 0
        self.first_refresh_token = "TG-0"
        self._calls_per_token = calls_per_token
        self._number = 0
        self._left = 0
        self._lock = threading.Lock()

    def refresh(self, refresh_token: str) -> tuple[int, dict[str, object]]:
        with self._lock:
            self.refreshes.append(refresh_token)
            if refresh_token != f"TG-{self._number}":
                return 400, {"error": "invalid_grant", "error_description": "used"}
            self._number += 1
            self._left = self._calls_per_token
            return 200, {
                "access_token": f"APP_USR-{self._number}",
                "expires_in": 21600,
                "refresh_token": f"TG-{self._number}",
            }

    def read(self, authorization: str) -> tuple[int, dict[str, object]]:
        with self._lock:
            if authorization != f"Bearer APP_USR-{self._number}" or not self._left:
                self.refused += 1
                return 401, {"code": "unauthorized", "message": "invalid access token"}
            self._left -= 1
            self.calls += 1
            return 200, {"id": 1}


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serve on a free port of loopback; gives the base URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(name="serving")
def serving_fixture() -> Callable[..., Any]:
    return serving


@pytest.fixture
def served() -> Iterator[Served]:
    world = Served(calls_per_token=30)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_GET(self) -> None:
            self.answer(*world.read(self.headers.get("Authorization", "")))

        def do_POST(self) -> None:
            form = parse_qs(
                self.rfile.read(int(self.headers["Content-Length"])).decode()
            )
            self.answer(*world.refresh(form["refresh_token"][0]))

        def answer(self, status: int, content: dict[str, object]) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_request(self, code: object = "-", size: object = "-") -> None:
            pass

    with serving(Handler) as url:
        world.url = url
        yield world
