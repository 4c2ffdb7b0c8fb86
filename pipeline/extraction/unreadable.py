r"""Makes JSON of a record's text that is not JSON, and names what was wrong.

What cannot be read becomes null; the rest stays as it was sent. So the record lands,
says who it is and of which day, and the judge keeps it aside with the reason. Not here:
whether a record that is JSON is sound (`payloads/`).

Example: `{"id": 7, "title": "\ud83d"}` lands as `{"id":7,"title":null}` with the fault
`title: not a JSON text`.
"""

import re
from typing import NamedTuple

from pipeline.mercadolibre.json_text import NotCut, cut, is_json
from pipeline.payloads.verdict import DEEPEST, SHOWN_ERRORS, is_too_deep, parse

LARGEST = 1_000_000
"""Bytes that a record may have; the largest orders have a few thousand."""

_LARGEST_MEMBER = 50_000
"""Bytes that are kept of each member of a record that is larger than `LARGEST`."""

# Keys that a record may have: any other may be a name.
_KEY = re.compile(rb'"([a-z][a-z0-9_]{0,40})"')
# Python reads no integer of more digits.
_ENDLESS = re.compile(rb"[0-9]{4301}")
_NULL = b"null"


class Mended(NamedTuple):
    """A record's text as JSON, and what was wrong with it: paths, never a value."""

    payload: str
    fault: str | None


def mend(text: bytes) -> Mended:
    """Give a record's text as it is, or without what cannot be read."""
    faults: list[str] = []
    payload = _mended(text, "", LARGEST, faults)
    more = len(faults) - SHOWN_ERRORS
    told = faults[:SHOWN_ERRORS] + ([f"and {more} more"] if more > 0 else [])
    return Mended(payload.decode(), "; ".join(told) or None)


def _mended(text: bytes, path: str, most: int, faults: list[str]) -> bytes:
    """Mend a value; add the faults in it. `path` is empty for the record itself."""
    excess = _excess(text, most)
    if excess is None and _is_readable(text):
        return text
    if excess and path:
        faults.append(f"{path}: {excess}")
        return _NULL
    try:
        parts = cut(text)
    except NotCut:
        kind = "text" if text.startswith(b'"') else "value"
        faults.append(f"{path or 'record'}: not a JSON {kind}")
        return _NULL
    is_object = text.lstrip().startswith(b"{")
    known = len(faults)
    mended = []
    for number, (key, part) in enumerate(parts):
        name = _KEY.fullmatch(key)
        step = f".{name[1].decode() if name else '?'}" if is_object else f"[{number}]"
        most_of_it = _LARGEST_MEMBER if excess else most
        value = _mended(part, f"{path}{step}".lstrip("."), most_of_it, faults)
        mended.append(_safe(key) + b":" + value if is_object else value)
    if len(faults) == known:
        faults.append(f"{path or 'record'}: {excess or 'not JSON'}")
    joined = b",".join(mended)
    if len(joined) > LARGEST:  # no member alone is too large
        joined = b""
    return b"{" + joined + b"}" if is_object else b"[" + joined + b"]"


def _excess(text: bytes, most: int) -> str | None:
    """Why a value is left out whole, in words; None if it is not."""
    if len(text) > most:
        return f"larger than {most} bytes"
    return f"nested deeper than {DEEPEST} levels" if is_too_deep(text) else None


def _is_readable(text: bytes) -> bool:
    if not is_json(text):
        return False
    if _ENDLESS.search(text):
        try:
            parse(text)
        except ValueError:
            return False
    return True


def _safe(key: bytes) -> bytes:
    """A key as it was sent, or one that can be read in its place."""
    return key if key.startswith(b'"') and is_json(key) else b'"?"'
