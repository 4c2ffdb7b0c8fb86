"""Which texts earlier versions let land, so that a newer one can ask for the others.

`landing/.allowed.json` has the allow-list of the last sync, by resource and path, a
digest of the rules that all landed files keep to, and the things to ask for again. A
path such as `payments.status` leads through arrays; `context.*` is every text beneath
`context`. Not here: the list of this version (`frames/permission.py`), and what a sync
does about the difference (`sync/learning.py`, `sync/forgetting.py`).
"""

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import NamedTuple

import msgspec
import polars as pl

from pipeline import whole
from pipeline.landing import files
from pipeline.landing.redaction import DATE, KEY, NEVER, WITHHELD, Permission, rules

_FILE = ".allowed.json"
_ANY = "*"
# Of each kind of sign that a form tells apart one; a form shows in four of them.
_SIGNS = "aZ1_-.:/=+ é"
_LONG = (
    "2026-03-02",
    "2026-03-02T10:20:00Z",
    "2026-03-02T10:20:00.000-04:00",
    "20260302102000",
    "abcde_fghij",
    "ABCDE",
    "abcde12345",
    "São Paulo, D'Oeste (norte)",
)
_BATCH_ROWS = 10_000  # about 30 MB of JSON text at a time

Again = dict[str, dict[str, int]]
"""Things to ask for once more: by resource and id the seller in whose name to ask."""


class Allowed(msgspec.Struct, frozen=True):
    """What may land, and what is asked for once more.

    Attributes:
        texts: the form of the texts that may land, by resource and path.
        again: what to ask for.
        rules: by resource the digest of the rules that all its landed files keep to.
    """

    texts: dict[str, dict[str, str]]
    again: Again = {}
    rules: dict[str, str] = {}


_DECODER = msgspec.json.Decoder(Allowed)


def of(permissions: Mapping[str, Permission]) -> Allowed:
    """What this version lets land, by resource."""
    return Allowed(
        texts={name: texts(one) for name, one in permissions.items()},
        rules={name: rules(one) for name, one in permissions.items()},
    )


def read(landing: Path) -> Allowed | None:
    """What the last sync left; None before one, and where its file is damaged."""
    try:
        return _DECODER.decode((landing / _FILE).read_bytes())
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def keep(landing: Path, allowed: Allowed) -> None:
    """Replace what the next sync compares with, whole or not at all."""
    whole.write(landing / _FILE, msgspec.json.encode(allowed))


def texts(permission: Permission) -> dict[str, str]:
    """The form of every text that may land, by its path."""
    return dict(_texts(permission, ""))


def _texts(permission: Permission, above: str) -> Iterator[tuple[str, str]]:
    for key, form in permission.texts.items():
        if form is not NEVER:
            yield above + key, form.pattern
    for key, inside in permission.objects.items():
        yield from _texts(inside, f"{above}{key}.")
    if permission.other is not DATE:
        yield above + _ANY, permission.other.pattern


def learned(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """The paths of which texts may land that might not before."""
    return [path for path, form in now.items() if _lets_more(form, _form(before, path))]


@functools.cache
def _lets_more(now: str, before: str) -> bool:
    """Whether a form takes texts that another does not, tried with some of each shape.

    A list that has become tighter has nothing to ask for again.
    """
    try:
        fits, fitted = (re.compile(form, re.DOTALL).fullmatch for form in (now, before))
    except re.error:
        return True
    return any(fits(text) and not fitted(text) for text in _probes())


@functools.cache
def _probes() -> tuple[str, ...]:
    short = ("".join(one) for n in range(1, 5) for one in product(_SIGNS, repeat=n))
    return (*short, *_LONG)


def _form(told: Mapping[str, str], path: str) -> str:
    """The form of texts at a path: its own, else that of what it lies beneath."""
    if path in told:
        return told[path]
    steps = path.split(".")
    for depth in range(len(steps) - 1, -1, -1):
        if (form := told.get(".".join([*steps[:depth], _ANY]))) is not None:
            return form
    return DATE.pattern


class Withheld(NamedTuple):
    """The envelope of a landed record that lacks a text."""

    resource_id: str
    seller_id: int
    search_pass: str | None
    updated_at: datetime | None
    window_from: datetime
    window_to: datetime


def withheld(landing: Path, resource: str, paths: Sequence[str]) -> Iterator[Withheld]:
    """The landed records of a resource that lack a text at one of these paths."""
    decoder = msgspec.json.Decoder(float_hook=msgspec.Raw)
    steps = [path.split(".") for path in paths]
    listed = files.listing(landing, resource)
    for rows, _ in files.batches(landing, resource, listed, _BATCH_ROWS):
        found = rows.filter(pl.col("payload").str.contains(WITHHELD, literal=True))
        for payload, *envelope in found.select(
            "payload", *Withheld._fields
        ).iter_rows():
            value = decoder.decode(payload)
            if any(_lacks(value, one) for one in steps):
                yield Withheld._make(envelope)


def _lacks(value: object, steps: Sequence[str]) -> bool:
    """Whether a text was withheld at a path of a landed value."""
    match value:
        case list():
            return any(_lacks(one, steps) for one in value)
        case str():
            return value == WITHHELD and (not steps or steps == [_ANY])
        case dict() if steps == [_ANY]:
            return any(_lacks(one, steps) for one in value.values())
        case dict() if steps:
            key, *beneath = steps
            if key in value:
                return _lacks(value[key], beneath)
            # A key that no model named landed only in small letters.
            return WITHHELD in value and not KEY.fullmatch(key)
    return False
