"""The leaves of a payload: how each kind of value is read, and what it refuses.

Not here: which field holds which kind (one module a thing), and reading whole columns,
which `frames/decoding.py` derives from the same kinds.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Context, Decimal, localcontext
from typing import Annotated, Any, ClassVar

from pydantic import (
    GetCoreSchemaHandler,
    ValidationError,
    ValidatorFunctionWrapHandler,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

DIGITS = re.compile(r"-?[0-9]{1,40}")
NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][-+]?[0-9]{1,3})?")
# Seconds are optional; the offset is not (a local time without one is a guess).
INSTANT = re.compile(
    r"((?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2})(:[0-5][0-9])?"
    r"(\.[0-9]{1,9})?(Z|[+-](?:0[0-9]|1[0-4]):?[0-5][0-9])"
)
# A word of theirs, `cc_rejected_other_reason` or `mp-channel`: in small letters,
# as they will write tomorrow's. A document's or a phone's digits are none.
WORD = re.compile(
    r"(?=.{1,64}\Z)(?=[0-9_-]*[a-z])(?!.*[0-9]{5})[a-z0-9]+(?:[_-][a-z0-9]+)*"
)
# What has a digit, such as `MLB1743`, `P-MLB0000001` or a UUID.
IDENTIFIER = re.compile(r"(?=[A-Za-z_.:/-]*[0-9])[A-Za-z0-9_.:/-]{1,64}")
# What stands where nothing is read and so nobody knows what may: no single word, which
# may be a name or a street (`lopez`, `ROSARIO`), but `MLB`, `default_buying_address`.
CODE = re.compile(
    rf"{IDENTIFIER.pattern}|[A-Z]{{2,4}}"
    r"|(?=.{1,64}\Z)(?:[a-z]+(?:[_-][a-z]+)+|[A-Z]+(?:[_-][A-Z]+)+)"
)
WORD_OR_CODE = re.compile(f"{WORD.pattern}|{CODE.pattern}")
_EXACT = Context(prec=60)
_FINEST = Decimal(1).scaleb(-18)


def keys(names: str) -> frozenset[str]:
    """The words of a text: keys of an object that a model names."""
    return frozenset(names.split())


def json_type(value: object) -> str:
    """The JSON type of a decoded value; never the value itself."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | Decimal() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def refusal(wanted: str, value: object) -> PydanticCustomError:
    """Say what was expected and which JSON type came; reasons contain no values."""
    return PydanticCustomError(
        "refused",
        "expected {wanted}, got {found}",
        {"wanted": wanted, "found": json_type(value)},
    )


def or_null(value: object, read: ValidatorFunctionWrapHandler) -> Any:
    """Read a field that no figure is made of; null where its shape is not known.

    For `field_validator(..., mode="wrap")`: such a field never costs a record.
    """
    try:
        return read(value)
    except ValidationError:
        return None


def without_nulls(value: object) -> object:
    """Drop the nulls of an array whose elements only name something.

    For `field_validator(..., mode="before")`; what is not an array stays as it is.
    """
    if isinstance(value, list):
        return [one for one in value if one is not None]
    return value


@dataclass(frozen=True)
class Kind:
    """A kind of leaf: pydantic calls `read`; frames check columns with its limits.

    Used as `Annotated[type, Kind()]`. `form` is what a text in its place must match as
    a whole to land; other texts could be a person's.
    """

    read: ClassVar[Callable[..., Any]]
    form: ClassVar[re.Pattern[str]]

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Let `read` alone decide, whatever the annotated type accepts."""
        return core_schema.no_info_plain_validator_function(self.read)


@dataclass(frozen=True)
class Whole(Kind):
    """An integer: a JSON number without fraction or its digits as a string.

    Documents show `buyer.id` and `payments[].id` as strings; 1.0 and 1e3 are integers
    too.
    """

    form = DIGITS
    lowest: int = -(2**63)
    highest: int = 2**63 - 1
    wanted: str = "an integer in bigint range"

    def read(self, value: object) -> int:
        """The integer; refuses booleans, fractions, other text, out of range."""
        number: int | None = None
        if isinstance(value, bool):
            number = None
        elif isinstance(value, int):
            number = value
        elif (isinstance(value, str) and DIGITS.fullmatch(value)) or (
            isinstance(value, Decimal)
            and abs(value) <= 2**63
            and value == value.to_integral_value()
        ):
            number = int(value)
        if number is None or not self.lowest <= number <= self.highest:
            raise refusal(self.wanted, value)
        return number


@dataclass(frozen=True)
class Amount(Kind):
    """A finite decimal number, exactly as sent: a JSON number or one in a string.

    Only amounts below 10^13 pass, so that a thousand of the largest still add up in
    decimal(18,2). Digits past the 18th decimal are cut: rounding half away from zero
    to fewer decimals gives the same with and without them.
    """

    form = NUMBER
    lowest: Decimal = Decimal("-9999999999999.995")
    highest: Decimal = Decimal("9999999999999.995")
    wanted: str = "an amount below 10^13"

    def read(self, value: object) -> Decimal:
        """The number; the limits themselves are outside."""
        number: Decimal | None = None
        if (
            isinstance(value, Decimal)
            or (isinstance(value, int) and not isinstance(value, bool))
            or (isinstance(value, str) and NUMBER.fullmatch(value))
        ):
            number = Decimal(value)
        if number is None or not self.lowest < number < self.highest:
            raise refusal(self.wanted, value)
        return number.quantize(_FINEST, ROUND_DOWN, _EXACT)


@dataclass(frozen=True)
class Ratio(Amount):
    """An exchange ratio: above 0 and below 10 000 000 when rounded to 12 decimals.

    Zero and less convert nothing; below 10 000 000, conversions of `decimal(18,2)` are
    exact (19 digits times 18). The largest real ratio was VES a dollar in 2021: 4.2
    million.
    """

    lowest: Decimal = Decimal("0.0000000000005")
    highest: Decimal = Decimal("9999999.9999999999995")
    wanted: str = "a ratio above 0 and below 10 000 000"


@dataclass(frozen=True)
class Total(Amount):
    """The sum of an object's amounts, `{"charge_flex": 390}`; nulls add nothing.

    A bare number is its own sum, so the judge can read its own result.
    """

    wanted: str = "an object of amounts below 10^13"

    def read(self, value: object) -> Decimal:
        """The sum, 0 for an empty object; refuses a member that is not an amount."""
        read = super().read
        if not isinstance(value, dict):
            return read(value)
        found = [read(one) for one in value.values() if one is not None]
        with localcontext(prec=60):
            total = sum(found, start=Decimal(0))
        return read(total)


@dataclass(frozen=True)
class Flag(Kind):
    """A boolean; no text."""

    form = re.compile(r"(?!)")

    def read(self, value: object) -> bool:
        """The boolean; refuses numbers and words."""
        if isinstance(value, bool):
            return value
        raise refusal("a boolean", value)


@dataclass(frozen=True)
class Presence(Kind):
    """Whether anything stands there, in whatever shape; no text."""

    form = re.compile(r"(?!)")

    def read(self, value: object) -> bool:
        """True but for null, false and what is empty; refuses nothing."""
        return value is not None and value is not False and value not in ({}, [])


@dataclass(frozen=True)
class Text(Kind):
    """A word of Mercado Libre's, such as a status; an integer becomes its digits."""

    form = WORD

    def read(self, value: object) -> str:
        """The string."""
        if isinstance(value, str):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        raise refusal("a string", value)


@dataclass(frozen=True)
class Letters(Text):
    """A code of three or four capital letters: a currency, a site."""

    form = re.compile(r"[A-Z]{3,4}")


@dataclass(frozen=True)
class Identifier(Text):
    """A text with a digit: the id of a listing or an offer, a serial number, a day."""

    form = IDENTIFIER


@dataclass(frozen=True)
class Code(Text):
    """A code in either case, such as `IMEI` or `entry_date`."""

    form = WORD_OR_CODE


@dataclass(frozen=True)
class OwnText(Text):
    """A text that the seller wrote about a listing: a title, an SKU."""

    form = re.compile(r".*", re.DOTALL)


@dataclass(frozen=True)
class Key(Text):
    """An identifier in letters of both cases, such as a city's `TUxBUENBUGw3M2E1`."""

    form = re.compile(r"[A-Za-z0-9_.:=/+-]{1,64}")


@dataclass(frozen=True)
class PlaceName(Text):
    """The name of a city or a state: words without digits or signs of an address."""

    form = re.compile(r"[^\W\d_](?:[^\W\d_]|[ .,'\u2019`\u00b4()/-]){0,63}")


@dataclass(frozen=True)
class Detail(Text):
    """A `status_detail`: null or a string, in Global Selling an object with `code`."""

    def read(self, value: object) -> str | None:  # type: ignore[override] # null is an answer
        """The string, or the object's code; None without one."""
        if isinstance(value, dict):
            value = value.get("code")
        return None if value is None else super().read(value)


@dataclass(frozen=True)
class Instant(Kind):
    """A point in time with its offset: `-04:00`, `-0400` or `Z`, years 1900 to 2099.

    The API uses all three forms. Fractions of a second are optional and cut at
    microseconds.
    """

    form = INSTANT

    def read(self, value: object) -> datetime:
        """The instant, with its offset as sent."""
        found = INSTANT.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise refusal("a date with its offset", value)
        minute, second, fraction, offset = found.groups()
        text = minute + (second or ":00") + (fraction or ".0")[:7].ljust(7, "0")
        try:
            return datetime.fromisoformat(text + offset)
        except ValueError:  # the 30th of February, 24 o'clock
            raise refusal("a date of the calendar", value) from None


Id = Annotated[int, Whole()]
PositiveId = Annotated[int, Whole(1, 2**63 - 1, "a positive integer in bigint range")]
Quantity = Annotated[int, Whole(1, 10**9, "an integer from 1 to 10^9")]
Small = Annotated[int, Whole(0, 2**31 - 1, "an integer from 0 to 2^31")]
Money = Annotated[Decimal, Amount()]
Rate = Annotated[Decimal, Ratio()]
TotalMoney = Annotated[Decimal, Total()]
Truth = Annotated[bool, Flag()]
Present = Annotated[bool, Presence()]
Word = Annotated[str, Text()]
Capitals = Annotated[str, Letters()]
TextId = Annotated[str, Identifier()]
AnyCode = Annotated[str, Code()]
OwnWord = Annotated[str, OwnText()]
PlaceId = Annotated[str, Key()]
PlaceWord = Annotated[str, PlaceName()]
StatusDetail = Annotated[str | None, Detail()]
Moment = Annotated[datetime, Instant()]
