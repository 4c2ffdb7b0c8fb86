"""The bearer token on every request, renewed when it is not accepted.

Not here: what a 401 then means for whoever asked (`refusals.py`).
"""

import itertools
from collections.abc import Generator
from typing import Final

import httpx

from pipeline.mercadolibre.tokens import Tokens

REFUSED_ALONE: Final = "meli_refused_alone"
"""Key of a 401's extensions: the token is accepted, only this was refused to it."""

# One is enough, unless others wear the new token out before this request is repeated.
_RENEWALS: Final = 3


class BearerAuth(httpx.Auth):
    """Sets the `Authorization` header, never the query, from `tokens`.

    A 401 says either that the token is dead or that this one thing is not for it. So
    the same token asks `/users/me`, once. Where that is answered, the request is
    repeated with the same token, no renewal is spent, and a second 401 is marked
    `REFUSED_ALONE`. Where that is refused too, the token is renewed and the request
    repeated, as long as there is another token and at most three times.

    An API that does not know `/users/me` proves nothing by it: then an answer that came
    with the token to a request begun later than the refused one does; without one the
    token is renewed once.

    Safe to share between threads: each says which token was refused, so that only the
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
        """Send with the token; after a 401 find out whose fault it is."""
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
        """The question whose token it is, with the headers and time-outs of another."""
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
        """Remember the latest request that this token got an answer to."""
        held, latest = self._accepted
        if response.is_success and (held != token or latest < number):
            self._accepted = (token, number)

    def _is_accepted(self, token: str, since: int) -> bool:
        held, latest = self._accepted
        return held == token and latest > since


def _bearing(request: httpx.Request, token: str) -> httpx.Request:
    request.headers["Authorization"] = f"Bearer {token}"
    return request
