"""`POST /oauth/token`: a grant for a refresh token or for an authorization code.

Not here: where tokens are stored, and when they are refreshed (`tokens.py`).
"""

from collections.abc import Callable

import httpx
import msgspec

from pipeline.mercadolibre.errors import BrokenBody, Unreachable
from pipeline.mercadolibre.refusals import refusal

_PATH = "/oauth/token"


class Grant(msgspec.Struct, frozen=True):
    """What the API grants: tokens, how many seconds they live, and their owner."""

    access_token: str
    expires_in: int = 21_600
    refresh_token: str | None = None
    user_id: int | None = None

    def __repr__(self) -> str:
        return f"Grant(user_id={self.user_id}, expires_in={self.expires_in})"


_GRANT = msgspec.json.Decoder(Grant, strict=False)


class Application:
    """A Mercado Libre application: what its id and secret can request.

    Opens a connection for each call, because calls are hours apart.

    Args:
        base_url: of the API.
        client_id: the application's id.
        client_secret: the application's secret; never shown.
        user_agent: sent with every request.
        timeout: how long to wait for an answer.
        transport: makes the transport of one call, closed after it.
    """

    def __init__(
        self,
        *,
        base_url: str,
        client_id: str,
        client_secret: str,
        user_agent: str,
        timeout: httpx.Timeout,
        transport: Callable[[], httpx.BaseTransport] = httpx.HTTPTransport,
    ) -> None:
        self.client_id = client_id
        self._base_url = base_url
        self._client_secret = client_secret
        self._headers = {"User-Agent": user_agent, "Accept": "application/json"}
        self._timeout = timeout
        self._transport = transport

    def __repr__(self) -> str:
        return f"Application(client_id={self.client_id!r})"

    def refresh(self, refresh_token: str) -> Grant:
        """Spend a refresh token on a new pair.

        Raises:
            ReauthorisationNeeded: the token is expired, revoked or already used.
            Unauthorised: the application's id or secret is not accepted.
            Unreachable, RateLimited, ServerFault, BrokenBody: no usable answer; the
                token may or may not be spent.
        """
        return self._ask(
            {"grant_type": "refresh_token", "refresh_token": refresh_token}
        )

    def redeem(self, code: str, *, redirect_uri: str, verifier: str) -> Grant:
        """Exchange the code of an authorization and its PKCE verifier for a pair.

        Raises:
            As `refresh`.
        """
        return self._ask(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": redirect_uri,
                "code_verifier": verifier,
            }
        )

    def _ask(self, words: dict[str, str]) -> Grant:
        # In the body, never in the query: queries end up in logs.
        form = {
            "client_id": self.client_id,
            "client_secret": self._client_secret,
            **words,
        }
        try:
            with httpx.Client(
                base_url=self._base_url,
                headers=self._headers,
                timeout=self._timeout,
                transport=self._transport(),
            ) as http:
                response = http.post(_PATH, data=form)
        except httpx.TransportError as fault:
            name = type(fault).__name__
            raise Unreachable(f"POST {_PATH}: no answer ({name})", path=_PATH) from None
        if response.status_code != 200:
            raise refusal("POST", _PATH, response.status_code, response.content)
        try:
            return _GRANT.decode(response.content)
        except (ValueError, RecursionError):
            # Not chained: the decoder's error could quote the body, which is secret.
            raise BrokenBody(
                f"POST {_PATH}: 200, but the body grants no token",
                status=200,
                path=_PATH,
            ) from None
