"""Finds a key that one object of a record has twice; decoders keep the last value.

Which of two amounts is meant nobody knows, so such a record is kept aside. Not here:
what lands of it (`redaction.py`: the last value).
"""

import json
import re
from typing import Any

from pipeline.landing.redaction import KEY

_SPACES = (" :", "\n", "\t", "\r")
_SPACED = re.compile(r'"\s+:')


class _Members(list[tuple[str, Any]]):
    """An object's members in their order, those of one key too."""


def fault(text: str, key_count: int) -> str | None:
    """The path of a key that is sent twice, in words; None without one.

    Looks through the text only where it may have more keys than the decoder found. Each
    has a quote and a colon behind it; those in a title only make for too many.

    ``key_count`` is what the decoder finds, at all depths.
    """
    has_spaces = any(one in text for one in _SPACES) and _SPACED.search(text)
    if text.count('":') == key_count and not has_spaces:
        return None
    try:
        whole = json.loads(
            text,
            object_pairs_hook=_Members,
            parse_int=str,
            parse_float=str,
            parse_constant=str,
        )
    except (ValueError, RecursionError):  # what is not JSON has its own fault
        return None
    path = _repeated(whole, "")
    return None if path is None else f"{path}: sent twice"


def _repeated(value: object, path: str) -> str | None:
    parts: list[tuple[str, object]] = []
    match value:
        case _Members():
            known: set[str] = set()
            for key, part in value:
                # A key that no model names may be a person's name.
                name = key if KEY.fullmatch(key) else "?"
                parts.append((f"{path}.{name}".lstrip("."), part))
                if key in known:
                    return parts[-1][0]
                known.add(key)
        case list():
            parts = [(f"{path}[{place}]", part) for place, part in enumerate(value)]
    for step, part in parts:
        if (found := _repeated(part, step)) is not None:
            return found
    return None
