"""The bearer token of every request, renewed when it is not accepted.

Decides whether a 401 means that the token is dead or that one thing is refused to it.

Not here: which exception a 401 becomes (`refusals.py`).
"""

import itertools
from collections.abc import Generator
from typing import Final

import httpx

from pipeline.mercadolibre.tokens import Tokens

REFUSED_ALONE: Final = "meli_refused_alone"
"""Key of a 401's extensions: the token is accepted, only this request is refused."""

# One is enough, unless others use the new token up before this request is repeated.
_RENEWALS: Final = 3


class BearerAuth(httpx.Auth):
    """Sets the `Authorization` header, never the query, from `tokens`.

    A 401 means either that the token is dead or that it may not read this one thing. To
    find out, the same token requests `/users/me` once. If that succeeds, the request is
    repeated with the same token, without a renewal, and a second 401 is marked
    `REFUSED_ALONE`. If it is refused too, the token is renewed and the request
    repeated, at most three times and only if there is another token.

    If the API does not know `/users/me`, another answer decides: one that came with the
    token to a request begun later than the refused one. Without any, the token is
    renewed once.

    Safe to share between threads: each passes the token that was refused, so only the
    first of them refreshes.
    """

    def __init__(self, tokens: Tokens, owner_url: httpx.URL) -> None:
        self._tokens = tokens
        self._owner_url = owner_url
        self._numbers = itertools.count()
        self._accepted: tuple[str, int] = ("", 0)

    def auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        """Send with the token; after a 401 find out whether the token is dead."""
        token = self._tokens.access_token()
        for renewals in range(_RENEWALS):
            number = next(self._numbers)
            response = yield _bearing(request, token)
            if response.status_code != 401:
                self._note(token, number, response)
                return
            if request.url != self._owner_url:
                response = yield _bearing(self._owner_of(request), token)
                is_unclear = response.status_code != 401
                self._note(token, next(self._numbers), response)
                if is_unclear and self._is_accepted(token, number):
                    response = yield _bearing(request, token)
                    response.extensions[REFUSED_ALONE] = True
                    return
                if is_unclear and renewals:
                    break
            refused, token = token, self._tokens.renew(token)
            if token == refused and response.status_code == 401:
                return
            if token == refused:
                break
        yield _bearing(request, token)

    def _owner_of(self, request: httpx.Request) -> httpx.Request:
        """The request for `/users/me`, with another request's headers and time-outs."""
        return httpx.Request(
            "GET",
            self._owner_url,
            headers={
                name: request.headers[name]
                for name in ("User-Agent", "Accept")
                if name in request.headers
            },
            extensions=request.extensions,
        )

    def _note(self, token: str, number: int, response: httpx.Response) -> None:
        """Remember the latest request that succeeded with this token."""
        held, latest = self._accepted
        if response.is_success and (held != token or latest < number):
            self._accepted = (token, number)

    def _is_accepted(self, token: str, since: int) -> bool:
        held, latest = self._accepted
        return held == token and latest > since


def _bearing(request: httpx.Request, token: str) -> httpx.Request:
    request.headers["Authorization"] = f"Bearer {token}"
    return request
