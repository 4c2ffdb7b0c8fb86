"""Cuts JSON text into its parts without decoding them.

A decoder refuses a whole page for half a character in one title. Cutting needs brackets
that match and texts that end, nothing more. Not here: what becomes of a part that is
not JSON (`extraction/unreadable.py`).
"""

import re
from collections.abc import Iterator

import msgspec

_TOKEN = re.compile(
    rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{},:]|[^\s\[\]{},:"]+|"', re.DOTALL
)
_CLOSING = {b"{": b"}", b"[": b"]"}
_JSON = msgspec.json.Decoder(msgspec.Raw)


class NotCut(ValueError):
    """The text is not an object or array, or its brackets or quotes do not match."""


def is_json(text: bytes) -> bool:
    """Whether a text is JSON in UTF-8; checks all of it and builds nothing."""
    try:
        _JSON.decode(text)
        text.decode()
    except (ValueError, RecursionError):
        return False
    return True


def cut(text: bytes) -> list[tuple[bytes, bytes]]:
    """Give the members of an object, each with its key, or the elements of an array.

    `{"id": 7, "tags": ["paid"]}` gives `"id"` with `7` and `"tags"` with `["paid"]`, as
    text. An element has the empty key. A part is not judged: it may be `NaN`.

    Raises:
        NotCut: the text is not an object or array, or its brackets or quotes do not
            match.
    """
    parts: list[tuple[bytes, bytes]] = []
    is_object = text.lstrip().startswith(b"{")
    key, start, end = b"", -1, -1
    for is_part, mark in _matched(text):
        if is_part:
            start = mark.start() if start < 0 else start
            end = mark.end()
        elif is_object and mark[0] == b":" and not key:
            key, start = text[start:end] if start >= 0 else b"?", -1
        else:
            if start >= 0:
                parts.append((key, text[start:end]))
            key, start = b"", -1
    return parts


def _matched(text: bytes) -> Iterator[tuple[bool, re.Match[bytes]]]:
    """Give the marks within the outermost brackets, and whether each is in a part.

    Those that are not: commas and colons between the parts, and the last bracket.
    """
    closing: list[bytes] = []
    is_over = False
    for mark in _TOKEN.finditer(text):
        shape = mark[0]
        depth = len(closing)
        if is_over or shape == b'"' or not (depth or shape in _CLOSING):
            raise NotCut
        if shape in _CLOSING:
            closing.append(_CLOSING[shape])
        elif shape in _CLOSING.values():
            if closing.pop() != shape:
                raise NotCut
            is_over = not closing
        if depth:
            yield depth > 1 or not (is_over or shape in (b",", b":")), mark
    if not is_over:
        raise NotCut


def is_whole(text: bytes) -> bool:
    """Whether a text came whole: it is JSON, or can be cut into its parts."""
    if is_json(text):
        return True
    try:
        cut(text)
    except NotCut:
        return False
    return True
