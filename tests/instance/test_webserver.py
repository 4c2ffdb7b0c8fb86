"""The web UI answers this machine's own pages, and no other site's."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from pipeline.instance.webserver import Guard

OURS = "127.0.0.1:3000"


def answered(
    *headers: tuple[str, str], kind: str = "http", query: str = ""
) -> list[MutableMapping[str, Any]]:
    """What the guard sends; a status of 200 comes from behind it."""
    sent: list[MutableMapping[str, Any]] = []

    async def behind(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request"}

    scope = {
        "type": kind,
        "headers": [(name.encode(), value.encode()) for name, value in headers],
        "query_string": query.encode(),
    }
    asyncio.run(Guard(behind)(scope, receive, send))
    return sent


@pytest.mark.parametrize(
    "headers",
    [
        [("host", OURS)],
        [("host", "localhost:3000")],
        [("host", OURS), ("origin", f"http://{OURS}")],
    ],
)
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_our_own_page_is_answered(headers: list[tuple[str, str]], kind: str) -> None:
    (begun,) = answered(*headers, kind=kind, query="op=RootQuery")
    assert begun["status"] == 200


@pytest.mark.parametrize(
    "headers",
    [
        [("host", "evil.example:3000")],
        [("host", "127.0.0.1.evil.example")],
        [("host", "[::1")],
        [("host", OURS), ("host", "evil.example")],
        [],
        [("host", OURS), ("origin", "https://evil.example")],
        [("host", OURS), ("origin", "http://127.0.0.1:8000")],
        [("host", OURS), ("origin", "null")],
        [("host", OURS), ("origin", "http://[")],
    ],
)
def test_another_name_or_site_is_refused(headers: list[tuple[str, str]]) -> None:
    begun, _ = answered(*headers)
    assert begun["status"] == 403
    (closed,) = answered(*headers, kind="websocket")
    assert closed["type"] == "websocket.close"


@pytest.mark.parametrize("name", ["query", "%71uery"])
def test_a_query_in_the_address_is_refused(name: str) -> None:
    begun, _ = answered(("host", OURS), query=f"{name}=mutation%7Bx%7D")
    assert begun["status"] == 403
