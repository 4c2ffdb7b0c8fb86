"""Keeps of a record's JSON text only what is known to hold no person.

An allow-list: a text lands where a model says that texts of its form may, such as a
code, and where it is empty. Numbers, booleans, nulls and dates land under any key,
because a figure that a later version reads is read out of what has landed; but for keys
that sound personal. The text of a number stays as it was sent. Not here: which texts
may land (`frames/permission.py`).
"""

import functools
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

import msgspec

WITHHELD = "***"
"""Stands in for a text, and for a key, that did not land."""

UNREADABLE = '{"withheld": "not JSON"}'

Form: TypeAlias = re.Pattern[str]
"""What a text has to match as a whole to land."""

NEVER = re.compile(r"(?!)")
DATE = re.compile(
    r"(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}(?::[0-5][0-9])?"
    r"(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)

# A key that no model names is data too: `{"Ana Lopez": 1}`.
KEY = re.compile(r"(?!.*[0-9]{5})[a-z][a-z0-9_]{0,63}")
# Where not even a number lands: a phone, a document, a day of birth, a place.
_PERSONAL = re.compile(
    r"(?:.*_)?(?:address_line|birth(?:day|date)?|born|cellphone|cnpj|comments?|contact|"
    r"cpf|curp|dni|docs?|documents?|email|fax|identification|intersection|latitude|"
    r"longitude|message|mobile|name|neighborhood|nickname|notes?|payer|phones?|postal|"
    r"reply|rfc|rut|street|surname|tax_?id|tax_?payer|telephone|whatsapp|zip)(?:_.*)?"
)
_REMEMBERED = 4096
_NESTED = (dict, list)


@dataclass(frozen=True, eq=False)
class Permission:
    """What of an object may land.

    Attributes:
        texts: the form of texts by key, also of those in an array.
        objects: what of the objects may land that a key holds, also in an array.
        personal: keys of which nothing lands.
        other: the form of texts under any other key, and of those beneath it.
    """

    texts: Mapping[str, Form] = field(default_factory=dict)
    objects: Mapping[str, "Permission"] = field(default_factory=dict)
    personal: frozenset[str] = frozenset()
    other: Form = DATE

    @functools.cached_property
    def beneath(self) -> "Permission":
        """What may land beneath a key that is not named."""
        is_plain = not (self.texts or self.objects or self.personal)
        return self if is_plain else Permission(other=self.other)

    @functools.cached_property
    def plan(self) -> "Callable[[tuple[str, ...], tuple[type, ...]], _Plan]":
        """The plan of an object by its keys and types: the API's are much alike."""
        return functools.lru_cache(_REMEMBERED)(functools.partial(_plan, self))


NOTHING = Permission()
"""No text but dates."""


def rules(permission: Permission) -> str:
    """A digest of all that decides what lands of a record: lists, forms, names."""
    told = (_told(permission), [_form(one) for one in (DATE, KEY, _PERSONAL)])
    return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


def _told(one: Permission) -> tuple[object, ...]:
    return (
        sorted((key, _form(form)) for key, form in one.texts.items()),
        sorted((key, _told(inside)) for key, inside in one.objects.items()),
        sorted(one.personal),
        _form(one.other),
    )


def _form(form: Form) -> tuple[str, int]:
    return form.pattern, form.flags


class _Rule(NamedTuple):
    """What may land under one key: texts that fit, and what of the objects."""

    fits: Callable[[str], object]
    inside: Permission


class _Plan(NamedTuple):
    """What to do with the members of an object."""

    texts: list[tuple[str, Callable[[str], object]]]
    objects: list[tuple[str, Permission]]
    arrays: list[tuple[str, _Rule]]
    emptied: dict[str, None]
    removed: list[str]
    nested: list[str]
    """Objects and arrays of which nothing lands."""


_decoder = msgspec.json.Decoder(float_hook=msgspec.Raw)
_encode = msgspec.json.Encoder().encode


class Redacted(NamedTuple):
    """What lands of a record, and how many keys it had before, at all depths."""

    payload: str
    key_count: int


def redacted(text: str, permission: Permission) -> Redacted:
    """The JSON text with `WITHHELD` in place of every text that may not land.

    What is personal becomes null. Of a key sent twice the last value stays, as it is
    the one that counts. What is not JSON, or nests too deep to be looked through, is
    replaced whole: no record is better than one that may hold a name. Applied again, it
    changes nothing.
    """
    if text == UNREADABLE:
        return Redacted(UNREADABLE, 1)
    try:
        whole = [_decoder.decode(text)]
        count = _redact_all(whole, _Rule(NEVER.fullmatch, permission))
        return Redacted(_encode(whole[0]).decode(), count)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return Redacted(UNREADABLE, 0)


def _redact_all(elements: list[Any], rule: _Rule) -> int:
    """Redact an array in place; returns how many keys are in it."""
    count = 0
    for place, value in enumerate(elements):
        match value:
            case dict():
                count += _redact(value, rule.inside)
            case list():
                count += _redact_all(value, rule)
            case str() if not rule.fits(value):
                elements[place] = WITHHELD
    return count


def _redact(members: dict[str, Any], permission: Permission) -> int:
    """Redact an object in place; returns how many keys it had."""
    count = len(members)
    plan = permission.plan(tuple(members), tuple(map(type, members.values())))
    for key, fits in plan.texts:
        if not fits(members[key]):
            members[key] = WITHHELD
    for key, inside in plan.objects:
        count += _redact(members[key], inside)
    for key, rule in plan.arrays:
        count += _redact_all(members[key], rule)
    for key in plan.nested:
        count += _key_count(members[key])
    members.update(plan.emptied)
    for key in plan.removed:
        del members[key]
        members[WITHHELD] = WITHHELD
    return count


def _key_count(value: object) -> int:
    """How many keys there are in what does not land."""
    match value:
        case dict():
            return len(value) + sum(map(_key_count, value.values()))
        case list():
            return sum(map(_key_count, value))
    return 0


def _plan(
    permission: Permission, keys: tuple[str, ...], types: tuple[type, ...]
) -> _Plan:
    plan = _Plan([], [], [], {}, [], [])
    for key, kind in zip(keys, types, strict=True):
        is_named = key in permission.texts or key in permission.objects
        fits = _fits(permission.texts.get(key, permission.other))
        inside = permission.objects.get(key, permission.beneath)
        if key in permission.personal or (not is_named and _PERSONAL.fullmatch(key)):
            plan.emptied[key] = None
        elif not is_named and not KEY.fullmatch(key):
            plan.removed.append(key)
        elif kind is str:
            plan.texts.append((key, fits))
        elif kind is dict:
            plan.objects.append((key, inside))
        elif kind is list:
            plan.arrays.append((key, _Rule(fits, inside)))
    gone = {*plan.emptied, *plan.removed}
    kinds = zip(keys, types, strict=True)
    plan.nested.extend(key for key, kind in kinds if key in gone and kind in _NESTED)
    return plan


@functools.cache
def _fits(form: Form) -> Callable[[str], object]:
    """Whether a text is empty or has a form; remembers texts, as most are codes."""

    def fits(text: str) -> object:
        return not text or form.fullmatch(text)

    return functools.lru_cache(_REMEMBERED)(fits)
