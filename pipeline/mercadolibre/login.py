"""The authorization-code flow with PKCE: a person grants access in the browser.

The browser is sent back either to loopback, where a listener waits for it, or to an
address that the person pastes: Mercado Libre registers `https` addresses only, and
nothing on this machine answers those.
"""

import base64
import hashlib
import html
import queue
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from pipeline.mercadolibre.errors import (
    MercadoLibreError,
    ReauthorisationNeeded,
    StrayAddress,
)
from pipeline.mercadolibre.oauth import Application, Grant

_CALLBACK = "/callback"


def authorization_url(
    *, base: str, client_id: str, redirect_uri: str, state: str, verifier: str
) -> str:
    """The address at which a person grants access.

    ``base`` is the site's page, ``redirect_uri`` where the browser goes next. ``state``
    comes back unchanged, which ties the answer to this login. Of ``verifier``, the PKCE
    secret, only the SHA-256 is in the address.
    """
    digest = hashlib.sha256(verifier.encode()).digest()
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    return f"{base}?{urlencode(query)}"


def code_from(address: str, state: str) -> str:
    """The code in the address that the browser was sent back to.

    Raises:
        StrayAddress: the state is not this login's, or there is no code.
        ReauthorisationNeeded: access was not granted.
    """
    query = parse_qs(urlsplit(address.strip()).query)
    returned = query.get("state", [""])[0]
    if not secrets.compare_digest(returned.encode(), state.encode()):
        raise StrayAddress("the address does not belong to this login")
    if "error" in query:
        raise ReauthorisationNeeded("access was not granted in the browser")
    if not query.get("code", [""])[0]:
        raise StrayAddress("the address holds no code")
    return query["code"][0]


def login(
    *,
    application: Application,
    authorization_url_base: str,
    keep: Callable[[Grant], object],
    open_browser: Callable[[str], object],
    port: int = 8914,
    redirect_uri: str | None = None,
    paste: Callable[[], str] | None = None,
    timeout_seconds: float = 300.0,
) -> int | None:
    """Let a person grant access in the browser, and store the pair of tokens.

    Args:
        application: whose access is granted.
        authorization_url_base: the site's page for granting.
        keep: stores the pair.
        open_browser: shows an address to the person.
        port: of the listener on 127.0.0.1; 0 takes a free one.
        redirect_uri: as registered for the application; by default
            `http://localhost:<port>/callback`. Another one must lead to the listener,
            or needs `paste`.
        paste: asks the person for the address that the browser ended up at; replaces
            the listener.
        timeout_seconds: how long the listener waits.

    Returns:
        The user id of the account that granted access; None if the API sends none.

    Raises:
        ReauthorisationNeeded: access was not granted, or the code is not accepted.
        MercadoLibreError: nobody answered in time, the port is taken, or the exchange
            failed.
        StrayAddress: the pasted address is not this login's.
    """
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)

    def show(where: str) -> None:
        open_browser(
            authorization_url(
                base=authorization_url_base,
                client_id=application.client_id,
                redirect_uri=where,
                state=state,
                verifier=verifier,
            )
        )

    if paste is not None:
        where = redirect_uri or f"https://localhost:{port}{_CALLBACK}"
        show(where)
        code = code_from(paste(), state)
    else:
        with _listener(port, state) as (bound, answers):
            where = redirect_uri or f"http://localhost:{bound}{_CALLBACK}"
            show(where)
            code = _first(answers, timeout_seconds)
    grant = application.redeem(code, redirect_uri=where, verifier=verifier)
    keep(grant)
    return grant.user_id


Answers = queue.Queue[str | ReauthorisationNeeded]


def _first(answers: Answers, timeout_seconds: float) -> str:
    try:
        answer = answers.get(timeout=timeout_seconds)
    except queue.Empty:
        raise MercadoLibreError(
            f"nobody granted access within {timeout_seconds:.0f} seconds: "
            "run `meli-sales login` again"
        ) from None
    if isinstance(answer, ReauthorisationNeeded):
        raise answer
    return answer


@contextmanager
def _listener(port: int, state: str) -> Iterator[tuple[int, Answers]]:
    """Listen on loopback; yields the port and the queue for code or refusal."""
    answers: Answers = queue.Queue()

    class Callback(BaseHTTPRequestHandler):
        timeout = 10  # browsers open connections and never use them

        def do_GET(self) -> None:
            if urlsplit(self.path).path != _CALLBACK:
                self._say(404, "There is nothing here.")
                return
            try:
                answers.put(code_from(self.path, state))
                self._say(200, "Done. You can close this tab.")
            except ReauthorisationNeeded as refused:
                answers.put(refused)
                self._say(200, "Access was not granted. You can close this tab.")
            except StrayAddress:  # not ours: keep waiting
                self._say(400, "This address does not belong to the login under way.")

        def _say(self, status: int, words: str) -> None:
            page = (
                "<!doctype html><meta charset=utf-8><title>meli-sales</title>"
                f"<p>{html.escape(words)}</p>"
            ).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            """Log nothing, because the address contains the code."""

    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), Callback)
    except OSError as fault:
        raise MercadoLibreError(
            f"port {port} on 127.0.0.1 cannot be used ({fault.strerror}): take another"
        ) from None
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_port, answers
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
