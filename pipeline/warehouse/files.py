"""The files under sql/: where they are, and which tables and checks they define.

Not here: parsing a header (`header.py`), and running SQL.
"""

import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pipeline.sql import folder
from pipeline.warehouse import header
from pipeline.warehouse.errors import BadTableFile

SCHEMAS = ("core", "ops", "marts")


@dataclass(frozen=True, slots=True)
class Table:
    """One file of sql/core, sql/ops or sql/marts.

    `summary` is the first line of the header, `notes` the lines up to `grain:`.
    `nullable_key` names the columns of the key that may be null. `stands` says which
    of several rows with one key is kept; it is empty where rows do not compete.
    `follows` says what the rows of a mart hang on; it is empty where it is built whole.
    `answers` are questions that people ask of it.
    """

    schema: str
    name: str
    summary: str
    notes: str
    grain: str
    key: tuple[str, ...]
    nullable_key: frozenset[str]
    stands: str
    follows: str
    answers: tuple[str, ...]
    reads: tuple[str, ...]
    columns: tuple[header.Column, ...]
    body: str
    path: Path

    @property
    def qualified(self) -> str:
        """The name with its schema, as in `marts.orders`."""
        return f"{self.schema}.{self.name}"

    @property
    def description(self) -> str:
        """The description of the table: summary, notes and grain."""
        grain = f"Grain: {self.grain}."
        return " ".join(part for part in (self.summary, self.notes, grain) if part)

    @property
    def code_version(self) -> str:
        """The sha256 of macros and body; a changed description does not change it."""
        return hashlib.sha256(f"{macros()}{self.body}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that must hold of a table; `sql` returns the rows that breach it.

    `path` is its file under sql/checks; None for what holds of every table's key.
    """

    table: str
    name: str
    description: str
    severity: Literal["error", "warn"]
    reads: tuple[str, ...]
    sql: str
    path: Path | None = None


def tables(root: Path | None = None) -> tuple[Table, ...]:
    """Every table of sql/, core first, marts after the tables they read.

    Raises:
        BadTableFile: a header breaks the format, or marts read in a circle.
    """
    return _tables(root or folder())


@functools.cache
def _tables(root: Path) -> tuple[Table, ...]:
    found = [
        read_table(path)
        for schema in SCHEMAS
        for path in sorted((root / schema).glob("*.sql"))
    ]
    return tuple(_after_what_they_read(found))


def table(qualified: str, root: Path | None = None) -> Table:
    """The table with a name such as `marts.orders`.

    Raises:
        BadTableFile: sql/ has no such file.
    """
    for candidate in tables(root):
        if candidate.qualified == qualified:
            return candidate
    raise BadTableFile(f"sql/ has no table {qualified}")


@functools.cache
def checks(root: Path | None = None) -> tuple[Claim, ...]:
    """The claims of sql/checks, by table and name."""
    root = root or folder()
    found = [read_check(path) for path in sorted((root / "checks").glob("*.sql"))]
    return tuple(sorted(found, key=lambda one: (one.table, one.name)))


def statement(name: str) -> str:
    """The SQL of a file that is not a table, by folder and name: `wanted/packs`."""
    return _text(folder() / f"{name}.sql")


@functools.cache
def macros() -> str:
    """What marts and checks are written with: the macros of sql/macros."""
    return "\n".join(_text(path) for path in sorted(folder().glob("macros/*.sql")))


def step(name: str) -> str | None:
    """The SQL of a step of loading that a table may have; null if it has none."""
    path = folder() / "loading" / f"{name}.sql"
    return _text(path) if path.is_file() else None


@functools.cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def read_table(path: Path) -> Table:
    """One file of a table; with `like:` it has the columns of another table.

    Raises:
        BadTableFile: words, grain, key, reads or columns are missing or in disorder.
    """
    found = header.read(path, demanded=("grain", "key", "reads"))
    columns = found.columns
    if like := found.fields.get("like"):
        schema, _, name = like.partition(".")
        columns = read_table(path.parents[1] / schema / f"{name}.sql").columns
    if not columns:
        raise BadTableFile(f"{path}: the header has no `columns:` and no `like:`")
    key = header.names(found.fields["key"])
    names = {column.name for column in columns}
    if unknown := [name for name in key if name.rstrip("?") not in names]:
        raise BadTableFile(f"{path}: the key names no column {', '.join(unknown)}")
    return Table(
        schema=path.parent.name,
        name=path.stem,
        summary=found.words[0],
        notes=" ".join(found.words[1:]),
        grain=found.fields["grain"].rstrip("."),
        key=tuple(name.rstrip("?") for name in key),
        nullable_key=frozenset(name[:-1] for name in key if name.endswith("?")),
        stands=found.fields.get("stands", ""),
        follows=found.fields.get("follows", ""),
        answers=header.names(found.fields.get("answers", ""), mark=";"),
        reads=header.names(found.fields["reads"]),
        columns=columns,
        body=found.body,
        path=path,
    )


def read_check(path: Path) -> Claim:
    """The claim of one file.

    Raises:
        BadTableFile: its name or its header breaks the format.
    """
    found = header.read(path, demanded=("table", "reads", "severity"))
    on, parted, name = path.stem.partition("__")
    table = found.fields["table"]
    if not parted or table.partition(".")[2] != on:
        raise BadTableFile(f"{path}: `table:` and the file's name differ")
    severity: Any = found.fields["severity"]
    if severity not in ("error", "warn"):
        raise BadTableFile(f"{path}: `severity:` is error or warn, not {severity!r}")
    description, reads = " ".join(found.words), header.names(found.fields["reads"])
    return Claim(table, name, description, severity, reads, found.body, path)


def _after_what_they_read(found: list[Table]) -> list[Table]:
    """The same tables, each after those it reads; otherwise by name.

    A table that is read but has no file is assumed to exist.
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
