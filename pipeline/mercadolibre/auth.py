"""The bearer token on every request, renewed when it is not accepted."""

from collections.abc import Generator
from typing import Final

import httpx

from pipeline.mercadolibre.tokens import Tokens

# One is enough, unless others wear the new token out before this request is repeated.
_RENEWALS: Final = 3


class BearerAuth(httpx.Auth):
    """Sets the `Authorization` header, never the query, from `tokens`.

    A 401 renews the token and repeats the request, as long as there is another token
    and at most three times; then the 401 is handed on. Safe to share between threads:
    each says which token was refused, so that only the first of them refreshes.
    """

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        """Send with the token, and again with another one after a 401."""
        token = self._tokens.access_token()
        for _ in range(_RENEWALS):
            request.headers["Authorization"] = f"Bearer {token}"
            response = yield request
            if response.status_code != 401:
                return
            refused, token = token, self._tokens.renew(token)
            if token == refused:
                return
        request.headers["Authorization"] = f"Bearer {token}"
        yield request
