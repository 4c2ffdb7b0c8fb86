"""A file's header, taken apart: its words, fields and columns, and the body after it.

The format is described in sql/README.md; what its fields mean for a table or a check is
in `files.py`.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from pipeline.warehouse.errors import BadTableFile

_COLUMN = re.compile(r"^(?P<name>[a-z_][a-z0-9_]*): +(?P<description>\S.*)$")
_FIELD = re.compile(
    r"^(?P<name>grain|key|stands|follows|answers|reads|like|table|severity"
    r"|question_es|question_pt|question_en): *"
    r"(?P<value>.*)$"
)


class Column(NamedTuple):
    """A column as the header describes it."""

    name: str
    description: str


class Header(NamedTuple):
    """The leading comment lines of a file, taken apart, and what follows them."""

    words: list[str]
    fields: dict[str, str]
    columns: tuple[Column, ...]
    body: str


def read(path: Path, demanded: Sequence[str]) -> Header:
    """The header of a file and its body.

    Raises:
        BadTableFile: words, a required field or the body is missing, or a line does not
            belong in a header.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    length = next(
        (number for number, line in enumerate(lines) if not line.startswith("--")),
        len(lines),
    )
    comments = [line[2:].strip() for line in lines[:length]]
    words: list[str] = []
    fields: dict[str, str] = {}
    columns: list[Column] = []
    in_columns = False
    for comment in comments:
        if in_columns:
            columns.append(_column(path, comment))
        elif comment == "columns:":
            in_columns = True
        elif field := _FIELD.match(comment):
            fields[field["name"]] = field["value"]
        elif fields:
            raise BadTableFile(f"{path}: {comment!r} comes after the header's words")
        elif comment:
            words.append(comment)
    body = "\n".join(lines[length:]).strip().removesuffix(";").rstrip()
    if not words or not body:
        raise BadTableFile(f"{path}: a file is a header with words, then a statement")
    for name in demanded:
        if not fields.get(name):
            raise BadTableFile(f"{path}: the header has no `{name}:`")
    return Header(words, fields, tuple(columns), body)


def names(value: str, mark: str = ",") -> tuple[str, ...]:
    """What a field lists, separated by a mark; empty where it says `none`."""
    listed = (name.strip() for name in value.split(mark))
    return tuple(name for name in listed if name and name != "none")


def _column(path: Path, comment: str) -> Column:
    match = _COLUMN.match(comment)
    if match is None:
        raise BadTableFile(f"{path}: {comment!r} is not `name: description`")
    return Column(match["name"], match["description"])
