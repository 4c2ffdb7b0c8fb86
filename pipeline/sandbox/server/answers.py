"""Answers: JSON with exact decimals, and every shape of error that is documented.

Who gets which answer is decided in `app`, `search`, `tokens` and `faults`.
"""

from collections.abc import Mapping

import msgspec
from starlette.responses import Response

_ENCODE = msgspec.json.Encoder(decimal_format="number").encode


def encode(content: object) -> bytes:
    """Print JSON; a `Decimal` keeps every digit it has."""
    return _ENCODE(content)


def answer(
    content: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer with JSON."""
    return Response(encode(content), status, headers, "application/json; charset=utf-8")


class Refusal(Exception):
    """Carries an error answer to the edge of the application."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


def error(status: int, code: str, message: str, **others: object) -> Refusal:
    """Make the shape of most resources: message, error, status, cause (§9)."""
    body = {"message": message, "error": code, "status": status, "cause": []}
    return Refusal(answer(body | others, status))


def unauthorized(message: str) -> Refusal:
    """Make the gateway's 401: code and message, nothing else (§6)."""
    return Refusal(answer({"code": "unauthorized", "message": message}, 401))


def refused(status: int) -> Refusal:
    """Make the 401 or 403 of one thing that nobody may see, whatever the token."""
    if status == 401:
        return error(401, "unauthorized", "Unauthorized caller")
    return error(403, "forbidden", "Invalid caller.id")


def policy() -> Refusal:
    """Make the PolicyAgent's 403 (§6)."""
    body = {
        "status": 403,
        "code": "PA_UNAUTHORIZED_RESULT_FROM_POLICIES",
        "message": "At least one policy returned UNAUTHORIZED.",
        "blocked_by": "PolicyAgent",
    }
    return Refusal(answer(body, 403))


def too_many(retry_after: float | None, *, with_status: bool) -> Response:
    """Make a 429: with and without `status` were seen; no error, no cause (§7)."""
    body: dict[str, object] = {"message": "local_rate_limited"}
    if with_status:
        body["status"] = 429
    headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    return answer(body, 429, headers)


def oauth_error(code: str, description: str, status: int = 400) -> Refusal:
    """Make an OAuth error: error_description where others have message (§6)."""
    body = {
        "error_description": description,
        "error": code,
        "status": status,
        "cause": [],
    }
    return Refusal(answer(body, status))


def limit_exceeded(limit: int) -> Refusal:
    """Make the 400 of a search that asks for too much or too far (§1.5)."""
    message = f"Limit must be a lower or equal than {limit}"
    return error(400, "limit.maximum_exceeded", message)


def wrong_caller() -> Refusal:
    """Make the 403 of a search for somebody else (§1.5)."""
    message = "caller.id does not match buyer or seller"
    return error(403, "caller.id.invalid", message)


def not_owned() -> Refusal:
    """Make the 403 of somebody else's order or pack (§2)."""
    return error(403, "not_owned_order", "The user has not access to the order")
