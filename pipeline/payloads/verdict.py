"""The judge: takes a record's text, returns it typed or the path of what is wrong.

Not here: judging whole batches; `frames/decoding.py` does, and passes on only the
records that fail there.
"""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

import msgspec
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from pipeline.payloads.values import json_type

Model: TypeAlias = type[BaseModel]
"""What records of a resource are, typed: one of the classes of this folder."""

SHOWN_ERRORS = 5

DEEPEST = 100
"""Objects and arrays that may lie inside each other; the API's own are six at most."""

# A string that never ends reaches to the end of the text, so no text is searched twice.
_MARKS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)


@dataclass(frozen=True)
class Verdict:
    """A record that passed, or the reason why it did not; one of the two is None."""

    record: BaseModel | None
    reason: str | None


def _number(text: str) -> Decimal:
    """Read a number with fraction or exponent from its text, never through double."""
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent too large for Decimal
        return Decimal("Infinity")


_decoder = msgspec.json.Decoder(float_hook=_number)


def is_too_deep(text: bytes) -> bool:
    """Whether a JSON text nests deeper than `DEEPEST`.

    Counted, not tried: the depth at which a decoder gives up differs with the version
    of Python (900 levels or so in 3.11, 9,000 in 3.13) and with who calls it.
    """
    if text.count(b"[") + text.count(b"{") <= DEEPEST:
        return False
    depth = 0
    for mark in _MARKS.finditer(text):
        if mark[0] in (b"[", b"{"):
            depth += 1
            if depth > DEEPEST:
                return True
        elif mark[0] in (b"]", b"}"):
            depth -= 1
    return False


def parse(text: str | bytes) -> object:
    """Decode JSON with every number exact: int, or Decimal from the text as sent.

    Of a key sent twice the last value counts.

    Raises:
        ValueError: the text is not JSON, or `is_too_deep`; no value is in the message.
    """
    if is_too_deep(text if isinstance(text, bytes) else text.encode(errors="replace")):
        raise ValueError(f"record: nested deeper than {DEEPEST} levels")
    try:
        return _decoder.decode(text)
    except msgspec.DecodeError as error:
        raise ValueError(f"not JSON: {error}") from None


def judge(model: Model, text: str | bytes, *, asked: str | None = None) -> Verdict:
    """Judge one landed record by the model of its resource.

    `asked` is the id in the record's envelope, for answers that must match the request.
    An empty text where no text belongs, `"pack_id": ""`, is a null; so is an empty
    array in the place of an object or a value, `"coupon": []`, as PHP writes them.

    The reason names paths and types, `order_items[0].unit_price: expected an amount
    below 10^13, got string`, never a value: values may be personal.
    """
    try:
        return Verdict(_read(model, parse(text), {"asked": asked}), None)
    except ValidationError as error:
        # Only the JSON type of an input is printed, never the input.
        found = error.errors(include_url=False, include_context=False)
        reasons = [_reason(detail) for detail in found[:SHOWN_ERRORS]]
        more = len(found) - SHOWN_ERRORS
        return Verdict(
            None, "; ".join(reasons) + (f"; and {more} more" if more > 0 else "")
        )
    except ValueError as error:
        return Verdict(None, str(error))


def _read(model: Model, record: Any, context: dict[str, str | None]) -> BaseModel:
    """A record by its model; refused empty texts and arrays are nulls."""
    try:
        return model.model_validate(record, context=context)
    except ValidationError as error:
        if not _has_emptied(record, error):
            raise
    return model.model_validate(record, context=context)


def _has_emptied(record: Any, error: ValidationError) -> bool:
    """Put nulls in the places of refused empty texts and arrays; whether any were."""
    found = error.errors(include_url=False, include_context=False)
    places = [detail["loc"] for detail in found if detail["input"] in ("", [])]
    for *way, last in filter(None, places):
        inside = record
        for step in way:
            inside = inside[step]
        inside[last] = None
    return any(places)


def _reason(detail: ErrorDetails) -> str:
    """One of pydantic's errors as `path: what was wrong`."""
    path = "".join(
        f"[{step}]" if isinstance(step, int) else f".{step}" for step in detail["loc"]
    ).lstrip(".")
    match detail["type"]:
        case "missing":
            wrong = "missing"
        case "refused":
            wrong = detail["msg"]
        case "disagrees":  # about the whole record: its message names the path
            return str(detail["msg"])
        case "list_type":
            wrong = f"expected an array, got {json_type(detail['input'])}"
        case _:  # model_type, the only other one these models raise
            wrong = f"expected an object, got {json_type(detail['input'])}"
    return f"{path or 'record'}: {wrong}"
