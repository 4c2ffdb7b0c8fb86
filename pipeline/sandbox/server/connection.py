"""Speaks HTTP/1.1 on one connection: reads requests, writes answers in their order.

Not here: what is answered (`app`), and the port (`server`).
"""

import asyncio
import time
import traceback
from collections import deque
from email.utils import formatdate
from functools import lru_cache, partial
from http import HTTPStatus
from typing import cast
from urllib.parse import unquote

import httptools

from pipeline.sandbox.server.answers import Ending, Response
from pipeline.sandbox.server.app import Answer, App
from pipeline.sandbox.server.request import Request

_BODILESS = (204, 304)


class Connection(asyncio.Protocol):
    """One client's connection; ``among`` holds those that are open."""

    def __init__(self, app: App, among: set[asyncio.Transport]) -> None:
        self._app = app
        self._among = among
        self._parser = httptools.HttpRequestParser(self)
        self._waiting: deque[tuple[Request, bool]] = deque()
        self._is_busy = False
        self._forget()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)
        self._among.add(self._transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """Drop what is not answered yet."""
        self._among.discard(self._transport)
        self._waiting.clear()

    def data_received(self, data: bytes) -> None:
        """Parse what came; answer the requests that are whole."""
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            refused = b"Invalid HTTP request received."
            self._write(Response(400, refused, "text/plain; charset=utf-8"), "GET")
            self._transport.close()
            return
        self._answer()

    def on_url(self, url: bytes) -> None:
        """Called by the parser, perhaps with a part."""
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser."""
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        """Called by the parser, perhaps with a part."""
        self._body += body

    def on_message_complete(self) -> None:
        """Called by the parser when a request is whole."""
        target = httptools.parse_url(self._target)
        path = target.path.decode("ascii")
        request = Request(
            self._parser.get_method().decode("ascii"),
            unquote(path) if "%" in path else path,
            (target.query or b"").decode("latin-1"),
            self._headers,
            self._body,
        )
        self._waiting.append((request, self._parser.should_keep_alive()))
        self._forget()

    def _forget(self) -> None:
        self._target, self._body = b"", b""
        self._headers: dict[str, str] = {}

    def _answer(self) -> None:
        """Answer one after the other; a slow answer holds up those behind it."""
        while self._waiting and not self._is_busy:
            request, is_kept = self._waiting.popleft()
            seconds, answer = self._app.begin(request)
            if seconds:
                self._is_busy = True
                late = partial(self._late, request, answer, is_kept=is_kept)
                asyncio.get_running_loop().call_later(seconds, late)
            else:
                self._finish(request, answer, is_kept=is_kept)

    def _late(self, request: Request, answer: Answer, *, is_kept: bool) -> None:
        self._is_busy = False
        self._finish(request, answer, is_kept=is_kept)
        self._answer()

    def _finish(self, request: Request, answer: Answer, *, is_kept: bool) -> None:
        try:
            response = answer()
        except Exception:  # noqa: BLE001 - a bug of the sandbox is a 500 like any other
            traceback.print_exc()
            plain = "text/plain; charset=utf-8"
            response = Response(500, b"Internal Server Error", plain)
        if response.ending is not Ending.DROPPED:
            self._write(response, request.method, is_kept=is_kept)
        if response.ending is not Ending.WHOLE or not is_kept:
            self._waiting.clear()
            self._transport.close()

    def _write(self, response: Response, method: str, *, is_kept: bool = True) -> None:
        body, lines = (
            response.body,
            [_status_line(response.status), _date_at(int(time.time()))],
        )
        lines += [f"{name}: {value}\r\n" for name, value in response.headers.items()]
        if response.status not in _BODILESS:
            lines.append(f"content-length: {len(body)}\r\n")
        if response.content_type:
            lines.append(f"content-type: {response.content_type}\r\n")
        lines.append("\r\n" if is_kept else "connection: close\r\n\r\n")
        if method == "HEAD":
            body = b""
        elif response.ending is Ending.CUT:
            body = body[: len(body) // 2]
        self._transport.write("".join(lines).encode("latin-1") + body)


@lru_cache
def _status_line(status: int) -> str:
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"


@lru_cache(maxsize=1)
def _date_at(second: int) -> str:
    return f"date: {formatdate(second, usegmt=True)}\r\n"
