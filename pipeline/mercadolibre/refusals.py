"""What an answer that is not a success means: the one place that reads error bodies.

The shapes are a union and an open one (`mercado-libre-api.md §9`): anything else,
HTML and nothing at all are understood by their status alone.
"""

import re
from typing import NamedTuple

import msgspec

from pipeline.mercadolibre import errors

# What could be a token, a secret, an e-mail address; the word before it may stay.
_SECRETS = (
    re.compile(r"()\b(?:APP_USR|TEST|TG)-[\w.-]+"),
    re.compile(r"(?i)(\b(?:access_token|refresh_token|client_secret|code)\W{1,3})\S+"),
    re.compile(r"(?i)(\bbearer\s+)\S+"),
    re.compile(r"()\S+@\S+"),
    re.compile(r"()\b(?=[\w-]*\d)[\w-]{20,}"),
)
_CEILING = re.compile(r"lower or equal (?:than|to) (\d+)", re.IGNORECASE)
_APPLICATION_CODES = frozenset(
    {"invalid_client", "unauthorized_client", "unauthorized_application"}
)

_REAUTHORISE = "run `meli-sales login` to grant access again"
_ANOTHER_NEEDED = (
    "the access token is not accepted: if it is MELI_ACCESS_TOKEN, it has died "
    "(after 6 hours), set a new one; otherwise run `meli-sales login`"
)
_APPLICATION_REFUSED = "check MELI_CLIENT_ID and MELI_CLIENT_SECRET"
_NOT_ADMINISTRATOR = (
    "only the administrator of the account, not an operator, can grant access"
)
_POLICY = (
    "the application lacks the permission, or it, its user or this address is "
    "blocked; grant it in the developer panel; retrying will not help"
)
_OTHERS_ORDER = "what was asked for belongs to another account than the token's"
_WITHHELD = (
    "the token is good and only this is refused to it: it may belong to another "
    "account; it is asked for again later"
)
_NOT_FOLLOWED = (
    "redirects are not followed; if everything is answered so, check MELI_BASE_URL"
)
_SLOW_DOWN = "lower MELI_REQUESTS_PER_MINUTE or MELI_MAX_CONCURRENCY, or try later"
_TRY_LATER = "Mercado Libre is in trouble: try again later"
_NOT_THE_API = "this does not look like the API: check MELI_BASE_URL"


class ErrorWords(NamedTuple):
    """What the body of an error says: the API's own code and message, redacted."""

    code: str | None
    message: str | None


def told(body: bytes) -> ErrorWords:
    """Read code and message out of any of the documented shapes; never raises.

    `error` is the code, else `code`; `message` the message, else
    `error_description`. Both are redacted and cut to a line. Null when absent, of
    another type, or the body is no JSON object.
    """
    try:
        content = msgspec.json.decode(body)
    except (ValueError, RecursionError):  # msgspec's and Unicode errors are values
        return ErrorWords(None, None)
    if not isinstance(content, dict):
        return ErrorWords(None, None)
    return ErrorWords(
        code=_first(content, "error", "code"),
        message=_first(content, "message", "error_description"),
    )


def is_answer(body: bytes) -> bool:
    """Tell the API's own 404 (an object, or nothing at all) from a stray page's."""
    return not body.strip() or told(body) != ErrorWords(None, None)


def refusal(
    method: str,
    path: str,
    status: int,
    body: bytes,
    *,
    owner: int | None = None,
    is_token_good: bool = False,
) -> errors.MercadoLibreError:
    """Make the exception for an answer that is not a success.

    Args:
        method: the HTTP method that was sent.
        path: the path that was asked, without its query.
        status: the HTTP status of the answer.
        body: the answer's body, in any shape.
        owner: user id of the token's owner, if known; named on a mismatch.
        is_token_good: whether the token is known to be accepted for other things.

    Returns:
        The exception of `errors.py`, to be raised: sources are
        `mercado-libre-api.md §1.5, §6, §7, §9`.
    """
    code, message = told(body)
    kind, advice = _kind(status, code, message, owner)
    if status == 401 and is_token_good:
        kind, advice = errors.Withheld, _WITHHELD
    words = [f"{method} {path}: {status}"]
    words += [word for word in (code, message) if word and word not in words]
    text = ": ".join(words) + (f" ({advice})" if advice else "")
    if issubclass(kind, errors.LimitExceeded):
        found = _CEILING.search(message or "")
        ceiling = int(found[1]) if found else None
        return kind(text, ceiling=ceiling, status=status, code=code, path=path)
    return kind(text, status=status, code=code, path=path)


def redacted(text: str) -> str:
    """Blank out what could be a token, a secret or an address, and cut to a line."""
    for secret in _SECRETS:
        text = secret.sub(r"\1***", text)
    return " ".join(text.split())[:200]


def _first(content: dict[object, object], *keys: str) -> str | None:
    for key in keys:
        value = content.get(key)
        if isinstance(value, str) and value.strip():
            return redacted(value)
    return None


def _kind(
    status: int, code: str | None, message: str | None, owner: int | None
) -> tuple[type[errors.MercadoLibreError], str | None]:
    by_code = _kind_by_code(status, code or "", (message or "").lower())
    if by_code is not None:
        return by_code
    if status == 429:
        return errors.RateLimited, _SLOW_DOWN
    if status >= 500:
        return errors.ServerFault, _TRY_LATER
    if status == 401:
        return errors.Unauthorised, _ANOTHER_NEEDED
    if status in (403, 451):
        return _forbidden(code, message, owner)
    if status == 404:
        return errors.NotFound, None if code or message else _NOT_THE_API
    if 400 <= status < 500:
        return errors.BadRequest, None
    if 300 <= status < 400:
        return errors.Redirected, _NOT_FOLLOWED
    return errors.MercadoLibreError, _NOT_THE_API


def _kind_by_code(
    status: int, code: str, message: str
) -> tuple[type[errors.MercadoLibreError], str | None] | None:
    if status == 429 or not 400 <= status < 500:
        return None
    if code == "invalid_grant":
        return errors.ReauthorisationNeeded, _REAUTHORISE
    if code in _APPLICATION_CODES:
        return errors.Unauthorised, _APPLICATION_REFUSED
    if code == "invalid_operator_user_id":
        return errors.Unauthorised, _NOT_ADMINISTRATOR
    if status == 400 and message.startswith("malformed access_token"):
        return errors.Unauthorised, _ANOTHER_NEEDED
    if status == 400 and (code == "limit.maximum_exceeded" or _CEILING.search(message)):
        return errors.LimitExceeded, None
    return None


def _forbidden(
    code: str | None, message: str | None, owner: int | None
) -> tuple[type[errors.MercadoLibreError], str | None]:
    if code == "PA_UNAUTHORIZED_RESULT_FROM_POLICIES":
        return errors.PolicyRefused, _POLICY
    if code == "caller.id.invalid" or "caller.id" in (message or "").lower():
        whose = f"is {owner}" if owner else "is shown by `meli-sales doctor`"
        return (
            errors.CallerMismatch,
            f"check MELI_SELLER_IDS: the token's owner {whose}",
        )
    if code == "not_owned_order":
        return errors.Forbidden, _OTHERS_ORDER
    return errors.Forbidden, None
