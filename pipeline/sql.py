"""The files under sql/: where they lie, and the columns that a table there declares.

Not here: their headers (`warehouse/header.py`), and running them (`warehouse/`).
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_DECLARED = re.compile(
    r"^(?P<code> +(?P<name>\w+) (?P<data_type>.+?),?) -- (?P<description>\S.*)$", re.M
)


class DeclaredColumn(NamedTuple):
    """A column of a `create table`: its name, DuckDB's type and what it means."""

    name: str
    data_type: str
    description: str


def folder() -> Path:
    """Where sql/ is: beside the package in a checkout, inside it in a wheel."""
    inside = Path(__file__).parent / "_sql"
    return inside if inside.is_dir() else Path(__file__).parents[1] / "sql"


def declared(statement: str) -> Iterator[DeclaredColumn]:
    """The columns of a `create table`, a line each: `day date, -- day of the sale`."""
    for found in _DECLARED.finditer(statement):
        yield DeclaredColumn(found["name"], found["data_type"], found["description"])


def undescribed(statement: str) -> str:
    """A `create table` without what its columns mean, as it is run."""
    return _DECLARED.sub(r"\g<code>", statement)
