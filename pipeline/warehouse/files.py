"""The files under sql/: where they are, and what their headers say.

Nothing here runs SQL; the format is described in sql/README.md.
"""

import functools
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pipeline.warehouse.errors import BadTableFile

SCHEMAS = ("core", "ops", "marts")
SEVERITIES = ("error", "warn")

_COLUMN = re.compile(r"^(?P<name>[a-z_][a-z0-9_]*): +(?P<description>\S.*)$")
_FIELD = re.compile(r"^(?P<name>grain|key|reads|table|severity): *(?P<value>.*)$")


class Column(NamedTuple):
    """A column as the header describes it."""

    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Table:
    """One file of sql/core, sql/ops or sql/marts.

    `summary` is the first line of the header, `notes` the lines up to `grain:`.
    `nullable_key` names the columns of the key that may be null.
    """

    schema: str
    name: str
    summary: str
    notes: str
    grain: str
    key: tuple[str, ...]
    nullable_key: frozenset[str]
    reads: tuple[str, ...]
    columns: tuple[Column, ...]
    body: str
    path: Path

    @property
    def qualified(self) -> str:
        """The name with its schema, as in `marts.orders`."""
        return f"{self.schema}.{self.name}"

    @property
    def description(self) -> str:
        """The words for the table: the summary, what is to be known, the grain."""
        grain = f"Grain: {self.grain}."
        return " ".join(part for part in (self.summary, self.notes, grain) if part)

    @property
    def code_version(self) -> str:
        """The sha256 of the body, so that a changed word leaves it alone."""
        return hashlib.sha256(self.body.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class CheckFile:
    """One file of sql/checks: a select whose every returned row is a breach."""

    table: str
    claim: str
    description: str
    severity: str
    reads: tuple[str, ...]
    body: str
    path: Path


class _Header(NamedTuple):
    """The leading comment lines of a file, taken apart, and what follows them."""

    words: list[str]
    fields: dict[str, str]
    columns: tuple[Column, ...]
    body: str


def folder() -> Path:
    """Where sql/ is: beside the package in a checkout, inside it in a wheel."""
    inside = Path(__file__).parents[1] / "_sql"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "sql"


@functools.cache
def tables(root: Path | None = None) -> tuple[Table, ...]:
    """Every table of sql/, core first, marts after what they read.

    Raises:
        BadTableFile: a header breaks the format, or marts read in a circle.
    """
    root = root or folder()
    found = [
        read_table(path)
        for schema in SCHEMAS
        for path in sorted((root / schema).glob("*.sql"))
    ]
    return tuple(_after_what_they_read(found))


def table(qualified: str, root: Path | None = None) -> Table:
    """The table of that name, as in `marts.orders`.

    Raises:
        BadTableFile: sql/ has no such file.
    """
    for candidate in tables(root):
        if candidate.qualified == qualified:
            return candidate
    raise BadTableFile(f"sql/ has no table {qualified}")


@functools.cache
def checks(root: Path | None = None) -> tuple[CheckFile, ...]:
    """Every check of sql/checks, by table and claim."""
    root = root or folder()
    found = [read_check(path) for path in sorted((root / "checks").glob("*.sql"))]
    return tuple(sorted(found, key=lambda check: (check.table, check.claim)))


@functools.cache
def statement(name: str) -> str:
    """The text of a file that is no table, by its folder and name: `wanted/packs`."""
    return (folder() / f"{name}.sql").read_text(encoding="utf-8")


def read_table(path: Path) -> Table:
    """One file of a table.

    Raises:
        BadTableFile: words, grain, key, reads or columns are missing or not in order.
    """
    header = _header(path)
    _demand(path, header, ("grain", "key", "reads"))
    if not header.columns:
        raise BadTableFile(f"{path}: the header has no `columns:`")
    key = _names(header.fields["key"])
    names = {column.name for column in header.columns}
    if unknown := [name for name in key if name.rstrip("?") not in names]:
        raise BadTableFile(f"{path}: the key names no column {', '.join(unknown)}")
    return Table(
        schema=path.parent.name,
        name=path.stem,
        summary=header.words[0],
        notes=" ".join(header.words[1:]),
        grain=header.fields["grain"].rstrip("."),
        key=tuple(name.rstrip("?") for name in key),
        nullable_key=frozenset(name[:-1] for name in key if name.endswith("?")),
        reads=_names(header.fields["reads"]),
        columns=header.columns,
        body=header.body,
        path=path,
    )


def read_check(path: Path) -> CheckFile:
    """One file of a check.

    Raises:
        BadTableFile: its name or its header breaks the format.
    """
    header = _header(path)
    _demand(path, header, ("table", "reads", "severity"))
    name, parted, claim = path.stem.partition("__")
    on = header.fields["table"]
    if not parted or on.partition(".")[2] != name:
        raise BadTableFile(f"{path}: `table:` and the file's name differ")
    severity = header.fields["severity"]
    if severity not in SEVERITIES:
        raise BadTableFile(f"{path}: `severity:` is error or warn, not {severity!r}")
    return CheckFile(
        table=on,
        claim=claim,
        description=" ".join(header.words),
        severity=severity,
        reads=_names(header.fields["reads"]),
        body=header.body,
        path=path,
    )


def _header(path: Path) -> _Header:
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
            raise BadTableFile(f"{path}: {comment!r} stands after the header's words")
        elif comment:
            words.append(comment)
    body = "\n".join(lines[length:]).strip().removesuffix(";").rstrip()
    if not words or not body:
        raise BadTableFile(f"{path}: a file is a header with words, then a statement")
    return _Header(words, fields, tuple(columns), body)


def _demand(path: Path, header: _Header, fields: tuple[str, ...]) -> None:
    for field in fields:
        if not header.fields.get(field):
            raise BadTableFile(f"{path}: the header has no `{field}:`")


def _column(path: Path, comment: str) -> Column:
    match = _COLUMN.match(comment)
    if match is None:
        raise BadTableFile(f"{path}: {comment!r} is no `name: description`")
    return Column(match["name"], match["description"])


def _names(value: str) -> tuple[str, ...]:
    names = (name.strip() for name in value.split(","))
    return tuple(name for name in names if name and name != "none")


def _after_what_they_read(found: list[Table]) -> list[Table]:
    """The same tables, each after those it reads; by name where that leaves a choice.

    Tables that are read but have no file are taken to be there already.
    """
    waiting = {candidate.qualified: candidate for candidate in found}
    ordered: list[Table] = []
    while waiting:
        ready = [
            candidate
            for candidate in waiting.values()
            if not any(read in waiting for read in candidate.reads)
        ]
        if not ready:
            raise BadTableFile(f"tables read in a circle: {', '.join(waiting)}")
        for candidate in ready:
            del waiting[candidate.qualified]
        ordered.extend(ready)
    return ordered
