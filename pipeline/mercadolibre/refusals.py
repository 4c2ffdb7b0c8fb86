"""Turns an unsuccessful answer into an exception; only this module reads error bodies.

Error bodies come in several shapes, and others may appear (docs/mercado-libre-api.md,
Errors). HTML, an empty body or an unknown shape is judged by its status alone. The
API's sentences help to judge and go no further: they may name a person.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from pipeline.mercadolibre import errors

# `caller.id.invalid`, `PA_UNAUTHORIZED_RESULT_FROM_POLICIES`, no one's words and no
# token: words of letters, in one case, joined. One word alone may be a name.
_CODE = re.compile(
    r"forbidden|unauthorized"
    r"|(?=.{1,64}\Z)(?:[a-z]+(?:[._-][a-z]+)+|[A-Z]+(?:[._-][A-Z]+)+)"
)
_CODES = ("error", "code")
_MESSAGES = ("message", "error_description")
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
_OWN_WITHHELD = (
    "the token is this account's own, so its orders are withheld; if it stays so, look "
    "at the account, and at the application in the developer panel"
)
_NO_SUCH_PACK = "there is no such pack, or it belongs to another account"
_NO_SUCH_ID = "an id must be a positive whole number"
_NOT_ABROAD = (
    "the account is not one of Global Selling, or the token is another account's: "
    "`meli-sales doctor` shows both"
)
_NOT_THERE = "there is no such thing, or it is not shown any more"
_NOT_FOLLOWED = (
    "redirects are not followed; if everything is answered so, check MELI_BASE_URL"
)
_SLOW_DOWN = "lower MELI_REQUESTS_PER_MINUTE or MELI_MAX_CONCURRENCY, or try later"
_TRY_LATER = "Mercado Libre is in trouble: try again later"
_NO_ANSWER = "not what was asked for; it is asked for again at the next sync"
_PROXY = "a proxy asks for a user and a password: name both in HTTPS_PROXY"
_NOT_THE_API = "this does not look like the API: check MELI_BASE_URL"


class ErrorWords(NamedTuple):
    """Code and message of an error body; the message is never shown or kept."""

    code: str | None
    message: str | None


def error_words(body: bytes) -> ErrorWords:
    """Read code and message from any documented shape; never raises.

    `error` is the code, else `code`, where it looks like one; `message` the message,
    else `error_description`. None if absent or of another type, or if the body is not
    a JSON object.
    """
    content = _content(body)
    return ErrorWords(
        code=next(filter(_CODE.fullmatch, _texts(content, *_CODES)), None),
        message=next(_texts(content, *_MESSAGES), None),
    )


def is_answer(body: bytes) -> bool:
    """Whether a 404 is the API's own (an object, or empty), not another server's."""
    return not body.strip() or any(_texts(_content(body), *_CODES, *_MESSAGES))


def refusal(
    method: str,
    path: str,
    status: int,
    body: bytes,
    *,
    owner: int | None = None,
    seller: str | None = None,
    is_token_good: bool = False,
) -> errors.MercadoLibreError:
    """Make the exception for an unsuccessful answer.

    Args:
        method: HTTP method of the request.
        path: of the request, without its query.
        status: HTTP status of the answer.
        body: of the answer, in any shape.
        owner: user id of the token's owner, if known; named on a mismatch.
        seller: user id of the seller whose orders were asked for.
        is_token_good: whether the API accepts the token for other things.

    Returns:
        An exception of `errors.py`, to be raised.
    """
    code, message = error_words(body)
    is_own = owner is not None and str(owner) == seller
    kind, advice = _kind(status, code, message, None if is_own else owner)
    if is_own and kind is errors.CallerMismatch:
        kind, advice = errors.Forbidden, _OWN_WITHHELD
    if status == 401 and is_token_good:
        kind, advice = errors.Withheld, _WITHHELD
    text = f"{method} {path}: {status}" + (f": {code}" if code else "")
    text += f" ({advice})" if advice else ""
    if issubclass(kind, errors.LimitExceeded):
        found = _CEILING.search(message or "")
        ceiling = int(found[1]) if found else None
        return kind(text, ceiling=ceiling, status=status, code=code, path=path)
    return kind(text, status=status, code=code, path=path)


def _content(body: bytes) -> dict[object, object]:
    """The object that a body is; empty for anything else."""
    try:
        content = msgspec.json.decode(body)
    except (ValueError, RecursionError):  # covers msgspec and Unicode errors
        return {}
    return content if isinstance(content, dict) else {}


def _texts(content: dict[object, object], *keys: str) -> Iterator[str]:
    for key in keys:
        value = content.get(key)
        if isinstance(value, str) and value.strip():
            yield value


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
        return errors.NotFound, _NOT_THERE if code or message else _NOT_THE_API
    if status == 407:
        return errors.BadRequest, _PROXY
    if 400 <= status < 500:
        is_id = (message or "").lower().startswith("invalid parameter")
        is_the_api = code or message
        return errors.BadRequest, (
            _NO_SUCH_ID if is_id else None if is_the_api else _NOT_THE_API
        )
    if 300 <= status < 400:
        return errors.Redirected, _NOT_FOLLOWED
    # 204, for example: it concerns what was asked for, and nothing else.
    return errors.BrokenBody, _NO_ANSWER


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
    said = (message or "").lower()
    if said.startswith("no orders found"):
        return errors.Forbidden, _NO_SUCH_PACK
    if said.startswith("can not identify the user"):
        return errors.Forbidden, _NOT_ABROAD
    return errors.Forbidden, None
