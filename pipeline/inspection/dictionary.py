"""Writes docs/tables.md: every table and column, pictures, and the words for codes.

All of it is read from the code and from the headers under sql/; `make docs` runs this
module. Not here: the tables as they lie in a warehouse (`catalogue.py`).
"""

import sys
from collections.abc import Iterable, Mapping, Sequence

from pipeline.frames.constants import FRAMES
from pipeline.inspection.fields import fields
from pipeline.sync.resources import RESOURCES
from pipeline.warehouse.files import Table, tables
from pipeline.warehouse.header import Column
from pipeline.warehouse.prepare import declared_shapes

_SCHEMAS = {
    "marts": "what people read",
    "core": "what Mercado Libre said, typed",
    "ops": "why it can be trusted",
}
_PICTURED = (
    *("core.orders", "core.order_items", "core.payments", "core.order_discounts"),
    *("core.packs", "core.pack_orders", "core.shipments", "core.shipment_costs"),
    *("marts.orders", "marts.order_items", "marts.order_ledger", "marts.sale_events"),
    *("marts.daily_sales", "marts.item_sales"),
)
_CODES = {"logistic_types": "Logistic types", "listing_types": "Listing types"}
_LANGUAGES = {"name_es": "Spanish", "name_pt": "Portuguese", "name_en": "English"}

_OPENING = """\
# The tables

<!-- Made by `make docs` from the headers under sql/ and from the code. Do not edit. -->

Start with `marts.orders` (one row per order) and `marts.daily_sales`. `marts` is what
people read, `core` what Mercado Libre said, `ops` why it can be trusted. What the words
for money mean is in [money.md](money.md). In a warehouse, `meli-sales tables NAME` says
the same of one table.

How to read the columns of this page:

- **unit**: an amount is in the currency that the named column of the same row holds.
  Never sum over currencies. `UTC` is an instant; a `day` is on the clock that the
  meaning names. A `ratio` of 0.1 is 10 %.
- **field**: where it stands in the answer of the path above the columns; further fields
  stand in for the first, or count besides. Found by trying which fields change the
  column. A dash: no field of the answer, or not found.
- **null**: what it means there. A dash: the meaning says it, or nothing is null but
  what Mercado Libre left out.
- **Key**: the columns that name a row; `?` may be null.
"""
_ROAD = """\
## The road

```mermaid
flowchart LR
    api["Mercado Libre"] -->|pages| landing["landed pages<br>data/landing"]
    landing -->|typed| core["core<br>what was said"]
    landing -->|certificates| ops["ops<br>why it can be trusted"]
    core -->|SQL| marts["marts<br>what people read"]
    marts --> published["published copy<br>data/warehouse.duckdb"]
    ops --> published
    core --> published
```

Which answer fills which table (`/orders/search` gives orders too, of the same fields):
"""


_TOGETHER = """\
## How the tables hang together

Keys, and which rows name a row of another table. Besides, `seller_id` names a row of
`core.sellers`, `site_id` of `core.sites`, `currency_id` of `core.currencies`,
`logistic_type` of `core.logistic_types`, `listing_type_id` of `core.listing_types`.
"""


def page() -> str:
    """The whole page, in Markdown."""
    known = sorted(
        tables(), key=lambda one: (list(_SCHEMAS).index(one.schema), one.name)
    )
    types = {name: dict(columns) for name, columns in declared_shapes().items()}
    paths = fields()
    parts = [_OPENING, _contents(known), _ROAD, _answers(), _relations(known), _codes()]
    for table in known:
        of_it = {
            column: found
            for (name, column), found in paths.items()
            if name == table.qualified
        }
        parts.append(_section(table, types[table.qualified], of_it))
    return "\n".join(parts)


def _contents(known: Sequence[Table]) -> str:
    lines: list[str] = []
    for schema, words in _SCHEMAS.items():
        lines += [f"## {schema}: {words}", ""]
        rows = [
            (f"[{one.name}](#{one.schema}{one.name})", _sentence(one))
            for one in known
            if one.schema == schema
        ]
        lines += [*_grid(("table", "what it is"), rows), ""]
    return "\n".join(lines)


def _sentence(table: Table) -> str:
    words = f"{table.summary} {table.notes}".strip()
    return f"{words.partition('. ')[0].removesuffix('.')}."


_OWN = "a CSV of the seller's"
"""Where a resource without a path comes from."""


def _answers() -> str:
    lines = ["```mermaid", "flowchart LR"]
    for number, resource in enumerate(RESOURCES.values()):
        lines.append(f'    a{number}["{resource.endpoint or _OWN}"]')
        filled = [name for name in resource.makers if name.startswith("core.")]
        lines += [
            f'    a{number} --> {name.replace(".", "_")}["{name}"]' for name in filled
        ]
    return "\n".join([*lines, "```", ""])


def _relations(known: Sequence[Table]) -> str:
    """The picture of the tables that belong together by a key."""
    drawn = {one.qualified: one for one in known if one.qualified in _PICTURED}
    named = {name: _named(one, drawn.values()) for name, one in drawn.items()}
    lines = ["```mermaid", "erDiagram"]
    for name, child in drawn.items():
        for parent in named[name]:
            # A line of an order is not drawn to the day of that order as well.
            nearer = [one for one in named[name] if set(one.key) <= set(child.key)]
            is_far = any(parent in named[one.qualified] for one in nearer)
            if is_far and not set(parent.key) <= set(child.key):
                continue
            end = "||" if parent.key == child.key else "o{"
            lines.append(
                f'    "{parent.qualified}" ||--{end} "{name}" : '
                f'"{", ".join(parent.key)}"'
            )
    for name, one in drawn.items():
        keys = [f"        key {column} PK" for column in one.key]
        lines += [f'    "{name}" {{', *keys, "    }"]
    return "\n".join([_TOGETHER, *lines, "```", ""])


def _named(child: Table, drawn: Iterable[Table]) -> list[Table]:
    """The tables of which a row of the child names one: it has their whole key."""
    held = {column.name for column in child.columns}
    others = [one for one in drawn if one is not child and set(one.key) <= held]
    found: list[Table] = []
    for one in others:
        if one.key == child.key:
            is_named = one.qualified in child.reads  # a mart's row is that of core
        else:
            # A shipment's costs have the key of the shipment and more: that is named.
            is_part = any(set(other.key) < set(one.key) for other in (*others, child))
            is_named = one.schema == child.schema and not is_part
        if is_named:
            found.append(one)
    return found


def _codes() -> str:
    lines = ["## Words for codes", ""]
    for name, title in _CODES.items():
        frame = FRAMES[name]()
        rows = [
            (f"`{code}`", *words)
            for code, *words in frame.select(frame.columns[0], *_LANGUAGES).rows()
        ]
        lines += [f"{title} (`core.{name}`):", ""]
        lines += [*_grid(("code", *_LANGUAGES.values()), rows), ""]
    return "\n".join(lines)


def _section(
    table: Table, types: Mapping[str, str], paths: Mapping[str, Sequence[str]]
) -> str:
    lines = [f"## {table.qualified}", "", f"{table.summary} {table.notes}".rstrip()]
    key = [f"`{name}`{'?' * (name in table.nullable_key)}" for name in table.key]
    lines += ["", f"- Grain: {table.grain}", f"- Key: {', '.join(key)}"]
    if table.answers:
        lines.append(f"- Answers: {'; '.join(table.answers)}")
    if table.reads:
        lines.append(f"- Made of: {', '.join(f'`{name}`' for name in table.reads)}")
    lines += [
        f"- Path: `{one.endpoint}`"
        for one in RESOURCES.values()
        if table.qualified in one.makers and one.endpoint
    ]
    titles = ["column", "type", "unit", "meaning", "null"]
    rows = []
    for column in table.columns:
        meaning, null = _parted(column.description)
        if column.name in table.key and column.name not in table.nullable_key:
            null = "never"
        unit = _unit(table, column, types[column.name])
        row = [f"`{column.name}`", types[column.name].lower(), unit, meaning, null]
        if paths:
            field = ", ".join(f"`{path}`" for path in paths.get(column.name, ()))
            row.insert(3, field)
        rows.append(row)
    if paths:
        titles.insert(3, "field")
    return "\n".join([*lines, "", *_grid(titles, rows), ""])


def _parted(description: str) -> tuple[str, str]:
    """What a column means, and what null means; the second may be empty.

    "who bought; null where it was left out" is `who bought`, `where it was left out`.
    """
    parts = description.split("; ")
    nulls = [part for part in parts if part.startswith("null")]
    meaning = "; ".join(part for part in parts if part not in nulls)
    return meaning, "; ".join(part.removeprefix("null").strip() for part in nulls)


def _unit(table: Table, column: Column, data_type: str) -> str:
    name = column.name
    match data_type:
        case "TIMESTAMP WITH TIME ZONE":
            return "UTC"
        case "DATE":
            return "day"
        case "DECIMAL(18,2)" | "DECIMAL(19,6)" if "quantity" not in name:
            return _currency(table, column)
    for mark in ("hours", "days"):
        if name.startswith(f"average_{mark}") or name.endswith(f"_{mark}"):
            return mark
    if name.endswith(("_count", "quantity")):
        return "count"
    return "ratio" if data_type in ("DOUBLE", "DECIMAL(28,12)") else ""


def _currency(table: Table, column: Column) -> str:
    """The column that holds an amount's currency, else the word for it."""
    name, names = column.name, {one.name for one in table.columns}
    if name.startswith("taxes_amount") and "taxes_currency_id" in names:
        return "`taxes_currency_id`"
    if "reporting" in name:
        return "`reporting_currency_id`"
    return "`currency_id`" if "currency_id" in names else "the order's currency"


def _grid(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table in Markdown; an empty cell is a dash."""
    lines = [f"| {' | '.join(titles)} |", "|" + "---|" * len(titles)]
    for row in rows:
        cells = [cell.replace("|", "\\|") or "–" for cell in row]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


if __name__ == "__main__":
    sys.stdout.write(page())
