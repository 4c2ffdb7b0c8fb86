"""What changed since all marts were last built: orders, and what hangs on them.

Loading marks orders, shipments and packs, and the days of last update that certificates
are about, in the transaction that writes them, so a crash loses no mark; building a
mart marks days, months, listings and buyers of rows that it replaces. Marks lie in the
schema `changes` of the work file, and are forgotten once every mart has followed them.
Not here: how a mart follows (`refresh.py`).
"""

from typing import NamedTuple

import duckdb

from pipeline.warehouse.files import Table, statement, tables
from pipeline.warehouse.staging import count_rows, run


class Link(NamedTuple):
    """Ties a row to a mark: these values of the row equal the key of the mark.

    Where the mark is a month or a day, ``day`` is the column with the row's day: rows
    before the first mark are passed over without working out theirs.
    """

    values: tuple[str, ...]
    marks: str
    key: tuple[str, ...]
    day: str | None = None


class Tie(NamedTuple):
    """A table with these columns is tied by any of these links."""

    columns: frozenset[str]
    links: tuple[Link, ...]


_ORDER = Link(("order_id",), "orders", ("order_id",))
_SHIPMENT = Link(("shipment_id",), "shipments", ("shipment_id",))
_PACK = Link(("pack_id",), "packs", ("pack_id",))
_BASKET = (
    Link(("case when is_pack then basket_id end",), "packs", ("pack_id",)),
    Link(("case when not is_pack then basket_id end",), "orders", ("order_id",)),
)
_DAY = Link(("seller_id", "sold_date"), "days", ("seller_id", "sold_date"))
_EVENT_DAY = Link(("seller_id", "event_date"), "days", ("seller_id", "sold_date"))
_MONTH = ("seller_id", "month_start_date")
_SOLD_MONTH = ("seller_id", "date_trunc('month', sold_date)::date")
_ITEM_MONTH = ("seller_id", "item_id", "month_start_date")
_LINE = ("seller_id", "coalesce(item_id, '')", "date_trunc('month', sold_date)::date")
_LISTING = ("seller_id", "item_id")
_BUYER = ("seller_id", "buyer_id")
_UPDATE_DAY = ("seller_id", "update_date")
_HOUR = Link(("seller_id", "hour_at::date"), "update_days", _UPDATE_DAY, "hour_at")
# A window may cover several days, so all of a seller that end after the first mark are
# shown; of what they say of other days nothing is replaced.
_WINDOW = Link(("seller_id",), "update_days", ("seller_id",), "window_to")

THINGS: dict[str, tuple[Tie, ...]] = {
    "orders": (
        Tie(frozenset({"order_id"}), (_ORDER,)),
        Tie(frozenset({"shipment_id"}), (_SHIPMENT,)),
        Tie(frozenset({"basket_id", "is_pack"}), _BASKET),
        Tie(frozenset({"pack_id"}), (_PACK,)),
    ),
    "days": (
        Tie(frozenset({"seller_id", "sold_date", "event_date"}), (_DAY, _EVENT_DAY)),
        Tie(frozenset({"seller_id", "sold_date"}), (_DAY,)),
    ),
    "months": (
        Tie(frozenset(_MONTH), (Link(_MONTH, "months", _MONTH),)),
        Tie(
            frozenset({"seller_id", "sold_date"}),
            (Link(_SOLD_MONTH, "months", _MONTH, "sold_date"),),
        ),
    ),
    "item_months": (
        Tie(frozenset(_ITEM_MONTH), (Link(_ITEM_MONTH, "item_months", _ITEM_MONTH),)),
        Tie(
            frozenset({"seller_id", "item_id", "sold_date"}),
            (Link(_LINE, "item_months", _ITEM_MONTH, "sold_date"),),
        ),
    ),
    "listings": (Tie(frozenset(_LISTING), (Link(_LISTING, "listings", _LISTING),)),),
    "buyers": (Tie(frozenset(_BUYER), (Link(_BUYER, "buyers", _BUYER),)),),
    "update_days": (
        Tie(frozenset({"seller_id", "hour_at"}), (_HOUR,)),
        Tie(frozenset({"seller_id", "window_to"}), (_WINDOW,)),
    ),
}
"""What the rows of a mart may hang on, as its header says in `follows:`.

Of each thing, how tables are tied to it: by the first tie whose columns they have.
`orders` are closed under shipments and packs (`sql/following/close_orders.sql`).
"""


def links(thing: str, table: Table) -> tuple[Link, ...]:
    """How the rows of a table are tied to a thing; empty if they are not.

    A tie by columns of the key goes before others: core.packs name a shipment too.
    """
    tie = _tie(thing, table)
    return tie.links if tie else ()


def _tie(thing: str, table: Table) -> Tie | None:
    for names in (set(table.key), {column.name for column in table.columns}):
        for tie in THINGS[thing]:
            if tie.columns <= names:
                return tie
    return None


def mark_rows(connection: duckdb.DuckDBPyConnection, table: Table, rows: str) -> None:
    """Mark the orders, shipments or packs of written rows of a table of core."""
    if table.schema != "core":
        return
    for link in links("orders", table):
        _mark(connection, link, rows)
        note_followed(connection, all_have=False)


def mark_orders(connection: duckdb.DuckDBPyConnection) -> None:
    """Mark the orders that `order_versions.merge` has changed."""
    _mark(connection, _ORDER, "changed_orders")
    note_followed(connection, all_have=False)


def mark_replaced(
    connection: duckdb.DuckDBPyConnection, table: Table, rows: str
) -> None:
    """Mark days, months, listings and buyers of rows of a mart, before and after.

    Only what marts that read it follow: one price of a listing that changes brings back
    all the listing's changes of price, whose days are of no concern.
    """
    followed = {mart.follows for mart in tables() if table.qualified in mart.reads}
    ties = [
        tie
        for thing in THINGS
        if thing in followed - {"orders"} and (tie := _tie(thing, table))
    ]
    if not ties:
        return
    columns = sorted(frozenset().union(*(tie.columns for tie in ties)))
    run(connection, _REPLACED, columns=", ".join(columns), rows=rows)
    for tie in ties:
        for link in tie.links:
            _mark(connection, link, "replaced_rows")


_REPLACED = """
create or replace temp table replaced_rows as
select distinct $columns from $rows
"""
"""Found once: the rows are few, and the mart that they are in is large."""

_MARK = """
insert into changes.$marks
with found as (select distinct $values from $rows where $known)
select $key from found anti join changes.$marks using ($key)
"""


def _mark(connection: duckdb.DuckDBPyConnection, link: Link, rows: str) -> None:
    run(
        connection,
        _MARK,
        marks=link.marks,
        key=", ".join(link.key),
        values=", ".join(map("{} as {}".format, link.values, link.key)),
        known=" and ".join(f"{value} is not null" for value in link.values),
        rows=rows,
    )


def note_followed(connection: duckdb.DuckDBPyConnection, *, all_have: bool) -> None:
    """Note whether every mart has followed all that is marked."""
    connection.execute("delete from changes.followed")
    if all_have:
        connection.execute("insert into changes.followed values (now())")


def is_followed(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether every mart has followed all that is marked."""
    return bool(connection.execute("from changes.followed").fetchall())


def is_check_due(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether claims are to be held over whole tables: once a day."""
    ((checked,),) = connection.execute(
        "select count(*) from changes.checked where checked_date = current_date"
    ).fetchall()
    return not checked


def forget(connection: duckdb.DuckDBPyConnection) -> None:
    """Forget all marks, and note that every claim has been held today."""
    connection.execute(statement("following/forget_marks"))


def _close_orders(connection: duckdb.DuckDBPyConnection) -> None:
    """Mark what shares a shipment or a pack with what is marked, until nothing does."""
    before, marked = 0, mark_count(connection)
    while marked != before:
        connection.execute(statement("following/close_orders"))
        before, marked = marked, mark_count(connection)


def mark_count(connection: duckdb.DuckDBPyConnection) -> int:
    """How many orders, shipments and packs are marked so far."""
    ((found,),) = connection.execute(statement("following/mark_count")).fetchall()
    return int(found)


_NOTE = "insert into changes.marts values ($1, $2, $3)"

_NOTE_AGAIN = (
    "update changes.marts set built_of = $2, is_altered_whole = $3 where name = $1"
)


class Notes:
    """What is noted of each mart since all were last built together.

    Read once and kept here while marts are brought up to date one after another.

    Attributes:
        built_of: what each mart was built of, by its name.
        fingerprints: those of the tables of core that no mark is tied to, by their
            names; nothing is loaded while marts are brought up to date.
        altered: the marts that have changed, and whether they were built whole.
        warned: the claims of severity warn that did not hold when read.
        is_check_due: whether claims are to be held over whole marts today.
        has_marks: whether loading has marked any order, shipment or pack.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        rows = connection.execute(
            "select name, built_of, is_altered_whole from changes.marts"
        ).fetchall()
        self.built_of = {name: built_of for name, built_of, _ in rows}
        self.altered = {name: whole for name, _, whole in rows if whole is not None}
        self.fingerprints: dict[str, str | None] = {}
        self.warned: dict[str, set[str]] = {}
        for name, claim in connection.execute("from changes.warned").fetchall():
            self.warned.setdefault(name, set()).add(claim)
        self.is_check_due = is_check_due(connection)
        self.has_marks = mark_count(connection) > 0
        self._order_count: int | None = None

    def count(self, thing: str) -> int:
        """How many of a thing are marked; orders with all that hangs on them.

        Those are counted once: only a change of rates marks any meanwhile.
        """
        if thing != "orders":
            return count_rows(self._connection, f"changes.{thing}")
        if self._order_count is None:
            _close_orders(self._connection)
            self._order_count = count_rows(self._connection, "changes.orders")
        return self._order_count

    def mark_orders_of_rates(self) -> None:
        """Mark the orders whose rates have changed, in the transaction of those."""
        self._connection.execute(statement("following/orders_of_rates"))
        self._order_count = None

    def write(self, mart: Table, built_of: str, *, is_whole: bool | None) -> None:
        """Note what a mart is built of now, in the transaction that builds it.

        ``is_whole`` is null where the mart is what it was before.
        """
        whole = self._whole(mart, is_whole=is_whole)
        # `insert or replace` would do for both, but takes DuckDB three times as long.
        self._connection.execute(
            _NOTE_AGAIN if mart.qualified in self.built_of else _NOTE,
            [mart.qualified, built_of, whole],
        )

    def keep(self, mart: Table, built_of: str, *, is_whole: bool | None) -> None:
        """Know what `write` has noted, once that is committed."""
        self.built_of[mart.qualified] = built_of
        whole = self._whole(mart, is_whole=is_whole)
        if whole is not None:
            self.altered[mart.qualified] = whole

    def _whole(self, mart: Table, *, is_whole: bool | None) -> bool | None:
        before = self.altered.get(mart.qualified)
        return before if is_whole is None else is_whole or bool(before)

    def note_warned(self, mart: Table, names: set[str]) -> None:
        """Note the claims of severity warn that do not hold, in a transaction."""
        if names == self.warned.get(mart.qualified, set()):
            return
        self._connection.execute(
            "delete from changes.warned where name = $1", [mart.qualified]
        )
        for name in names:
            self._connection.execute(
                "insert into changes.warned values ($1, $2)", [mart.qualified, name]
            )
