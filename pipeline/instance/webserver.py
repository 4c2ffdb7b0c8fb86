"""Dagster's web server behind a guard: it answers this machine's own pages only.

Dagster answers whoever asks, under any name, and executes mutations sent by GET. So a
page of another site, open in the same browser, could stop the schedule. Not here:
starting it, with the daemon (`cli/ui.py`).
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

from dagster_webserver import cli

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

OUR_NAMES = ("127.0.0.1", "localhost")


class Guard:
    """An ASGI application in front of another: lets through what is ours."""

    def __init__(self, guarded: Application) -> None:
        self._guarded = guarded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it: 403, or a web socket that never opens."""
        refused = _refused(scope)
        if refused is None:
            await self._guarded(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": refused})
        else:
            text = [(b"content-type", b"text/plain; charset=utf-8")]
            await send({"type": "http.response.start", "status": 403, "headers": text})
            await send({"type": "http.response.body", "body": refused.encode()})


def _refused(scope: Scope) -> str | None:
    """Why a request is refused; None if it is let through.

    A browser names the host that it believes to speak to, and the site whose page asks.
    """
    if scope["type"] not in ("http", "websocket"):
        return None
    headers = [
        (name.lower(), value.decode("latin-1")) for name, value in scope["headers"]
    ]
    hosts = [value for name, value in headers if name == b"host"]
    if len(hosts) != 1 or _name(f"//{hosts[0]}") not in OUR_NAMES:
        return "this server answers under 127.0.0.1 and localhost only"
    for name, value in headers:
        if name == b"origin" and value.partition("://")[2] != hosts[0]:
            return "a page of another site may not ask here"
    if "query" in parse_qs(scope["query_string"].decode("latin-1")):
        return "a query belongs in the body of a POST"
    return None


def _name(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def main() -> None:
    """Run `dagster-webserver` with its usual options, guarded."""
    served: Any = cli  # it makes its application by this name, and has no other door
    make = served.create_app_from_workspace_process_context

    def guarded(*arguments: Any, **options: Any) -> Guard:
        return Guard(make(*arguments, **options))

    served.create_app_from_workspace_process_context = guarded
    served.main()


if __name__ == "__main__":
    main()
