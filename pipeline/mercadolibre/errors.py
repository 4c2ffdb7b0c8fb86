"""The exceptions of everything that talks to Mercado Libre.

```
MercadoLibreError
├── Passing
│   ├── Unreachable
│   │   └── TooSlow
│   ├── RateLimited
│   ├── ServerFault
│   ├── BrokenBody
│   └── AnswerTooLarge
├── BadRequest
│   └── LimitExceeded
├── Redirected
├── NotFound
├── Forbidden
│   ├── Withheld
│   ├── PolicyRefused
│   └── CallerMismatch
├── Unauthorised
├── ReauthorisationNeeded
├── TokensNotWritten
├── StrayAddress
├── FilterIgnored
├── WrongClock
└── AskingEnded
```

Not here: which answer becomes which exception (`refusals.py`).
"""


class MercadoLibreError(Exception):
    """Root of the tree; its text says what was requested, what came and what to do.

    The text holds method and path, never a query, a token or personal data.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        path: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.path = path


class Passing(MercadoLibreError):
    """May be gone at the next sync, which retries; others need a person."""


class Unreachable(Passing):
    """No answer: refused, timed out, dropped, after the last attempt."""


class TooSlow(Unreachable):
    """No answer came whole within the time for one. Raised after one repeat."""


class RateLimited(Passing):
    """Still 429 after the last attempt."""


class ServerFault(Passing):
    """Still 5xx after the last attempt."""


class BrokenBody(Passing):
    """A successful answer that is cut short, empty, not JSON or of another shape."""


class AnswerTooLarge(Passing):
    """It is larger than MELI_MAX_ANSWER_MEGABYTES; not retried."""


class BadRequest(MercadoLibreError):
    """400 and its like: the API does not accept the request, and will not."""


class LimitExceeded(BadRequest):
    """`limit`, or `offset + limit`, is above `ceiling` (None if the API names none)."""

    def __init__(
        self,
        message: str,
        *,
        ceiling: int | None,
        status: int | None = None,
        code: str | None = None,
        path: str | None = None,
    ) -> None:
        super().__init__(message, status=status, code=code, path=path)
        self.ceiling = ceiling


class Redirected(MercadoLibreError):
    """3xx, not followed: the token is never sent to another address."""


class NotFound(MercadoLibreError):
    """404 of a search, or of something that is not the API."""


class Forbidden(MercadoLibreError):
    """403, 451: the token's owner may not read this."""


class Withheld(Forbidden):
    """401 for this one thing, to a token that is accepted for others."""


class PolicyRefused(Forbidden):
    """The application lacks a permission, or is blocked: only its owner can act."""


class CallerMismatch(Forbidden):
    """The seller asked for is not the owner of the token."""


class Unauthorised(MercadoLibreError):
    """The access token, or the application's id and secret, is not accepted."""


class ReauthorisationNeeded(MercadoLibreError):
    """No working refresh token is left: the account must grant access again."""


class TokensNotWritten(MercadoLibreError):
    """A new pair could not be written before its process ended."""


class StrayAddress(MercadoLibreError):
    """A redirect with another login's `state`, or without a code."""


class FilterIgnored(MercadoLibreError):
    """The search does not filter by date, so nothing it says can be proven."""


class WrongClock(MercadoLibreError):
    """This machine's clock is so far from the server's that a person must set it."""


class AskingEnded(MercadoLibreError):
    """No request is sent any more: the run was stopped, or took too long."""
