"""Makes answers: JSON with exact decimals, and every documented shape of error.

Not here: who gets which answer (`app`, `search`, `tokens`, `faults`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

import msgspec

JSON = "application/json; charset=utf-8"

_ENCODE = msgspec.json.Encoder(decimal_format="number").encode


class Ending(Enum):
    """How an answer ends: whole, cut half way through its body, or never begun."""

    WHOLE = "whole"
    CUT = "cut"
    DROPPED = "dropped"


@dataclass(slots=True)
class Response:
    """An answer: status, body and the headers that are its own."""

    status: int = 200
    body: bytes = b""
    content_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    ending: Ending = Ending.WHOLE


def encode(content: object) -> bytes:
    """Print JSON; a `Decimal` keeps every digit it has."""
    return _ENCODE(content)


def answer(
    content: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer with JSON."""
    return Response(status, encode(content), JSON, headers or {})


class Refusal(Exception):
    """Carries an error answer to the edge of the application."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


def error(status: int, code: str, message: str, **others: object) -> Refusal:
    """An error as most resources send it: message, error, status, cause."""
    body = {"message": message, "error": code, "status": status, "cause": []}
    return Refusal(answer(body | others, status))


def unauthorized(message: str) -> Refusal:
    """The gateway's 401: only code and message."""
    return Refusal(answer({"code": "unauthorized", "message": message}, 401))


def refused(status: int) -> Refusal:
    """The 401 or 403 of one thing that no token may read."""
    if status == 401:
        return error(401, "unauthorized", "Unauthorized caller")
    return error(403, "forbidden", "Invalid caller.id")


def policy() -> Refusal:
    """The PolicyAgent's 403."""
    body = {
        "status": 403,
        "code": "PA_UNAUTHORIZED_RESULT_FROM_POLICIES",
        "message": "At least one policy returned UNAUTHORIZED.",
        "blocked_by": "PolicyAgent",
    }
    return Refusal(answer(body, 403))


def too_many(*, with_status: bool) -> Response:
    """A 429, without error and cause; both with and without `status` were seen."""
    body: dict[str, object] = {"message": "local_rate_limited"}
    if with_status:
        body["status"] = 429
    return answer(body, 429)


def oauth_error(code: str, description: str) -> Refusal:
    """An OAuth error: error_description instead of message."""
    body = {
        "error_description": description,
        "error": code,
        "status": 400,
        "cause": [],
    }
    return Refusal(answer(body, 400))


def limit_exceeded(limit: int) -> Refusal:
    """The 400 of a search beyond limit or ceiling."""
    message = f"Limit must be a lower or equal than {limit}"
    return error(400, "limit.maximum_exceeded", message)


def wrong_caller() -> Refusal:
    """The 403 of a search for another account's orders."""
    message = "caller.id does not match buyer or seller"
    return error(403, "caller.id.invalid", message)


def not_owned() -> Refusal:
    """The 403 of another account's order or pack."""
    return error(403, "not_owned_order", "The user has not access to the order")
