"""What the live API says of a search, an order or a pack, beside the warehouse.

Lands nothing, takes no lock, needs no warehouse. People are hidden as landing hides
them. Not here: printing it (`cli/live.py`).
"""

import functools
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeAlias

import polars as pl

from pipeline.extraction import by_id
from pipeline.extraction import live as asking
from pipeline.extraction.accounts import Account
from pipeline.extraction.live import RUN_ID, Search, settle
from pipeline.frames.tables import Frames
from pipeline.landing import buyers, record
from pipeline.landing.record import Record
from pipeline.mercadolibre.errors import Forbidden, MercadoLibreError
from pipeline.settings import Settings
from pipeline.sync.resources import RESOURCES, permissions
from pipeline.warehouse.ask import rows_of
from pipeline.warehouse.errors import WarehouseError
from pipeline.warehouse.files import table
from pipeline.warehouse.read import connect_published

Row: TypeAlias = Mapping[str, Any]
Hidden: TypeAlias = Callable[[str, str, str], str]
Held: TypeAlias = Callable[[str, str, int], pl.DataFrame]
"""The rows of a table of the warehouse that have a number in a column."""

_NOT_COMPARED = frozenset(
    # Only a search tells the second, and only a partial answer the third.
    {"fetched_at", "indexed_at", "missing_fields"}
)
_TOLD_ELSEWHERE: Mapping[str, frozenset[str]] = {
    # By the answer about its costs.
    "core.shipments": frozenset(
        {"seller_cost_amount", "seller_compensation_amount", "costs_fetched_at"}
    )
}
_TRIMMED = frozenset(
    {
        "channel",
        "flows",
        "has_cancel_detail",
        "cancel_group",
        "cancel_code",
        "cancel_requested_by",
        "canceled_at",
        "canceled_date",
        "gross_price",
        "gross_price_sent",
        "discount_amount",
        "discount_sent",
        "seller_discount_amount",
        "seller_discount_sent",
        "transaction_amount_refunded",
    }
)
"""Columns that /orders/{id} tells and a search leaves out (docs, Orders)."""

_DECIDED = (
    "outcome",
    "completeness",
    "currency_id",
    "total_amount",
    "taxes_amount",
    "shipping_amount",
    "total_amount_with_shipping",
    "refunded_amount",
    "estimated_proceeds_amount",
    "unknown_inputs",
)
"""What of `marts.orders` is shown beside an order."""


class NotShown(Exception):
    """Neither an order nor a pack of that number can be shown; says what to do."""


@dataclass(frozen=True)
class FoundOrders:
    """What a search says in one seller's name.

    Attributes:
        total: orders that the API counts, of Global Selling carts; None where it says
            nothing.
        counted: what it counts, in a word.
        payloads: the orders' JSON texts, as they would land.
        orders: those of them that can be read, with the columns of `core.orders`.
        refused: why the others cannot: an id and the path of what is wrong.
        failed: why nothing was found out; None when all is well.
    """

    seller_id: int
    total: int | None = None
    counted: str = "orders"
    payloads: Sequence[str] = ()
    orders: pl.DataFrame = field(default_factory=pl.DataFrame)
    refused: Sequence[str] = ()
    failed: str | None = None


@dataclass(frozen=True)
class Difference:
    """A value that the API tells otherwise than the warehouse holds it.

    ``row`` names one of several rows, such as `line_number 2`. A row that only one side
    has is a difference of the column `row`.
    """

    table: str
    row: str
    column: str
    live: Any
    held: Any

    @property
    def is_trimmed(self) -> bool:
        """Whether a search left out what an answer by id tells: nothing has changed."""
        return self.column in _TRIMMED and self.held in (None, [], False)


@dataclass(frozen=True)
class Part:
    """One answer, and the rows of the warehouse that came of earlier ones.

    Attributes:
        request: the path that was asked for.
        status: HTTP status; None where no answer is told.
        payload: JSON text as it would land; None where there is no such thing.
        failed: why there is no answer, or none that can be read; None if there is.
        held: tables of the published warehouse that have rows of it.
        read_at: when those were read; None without any.
        differences: what is told otherwise; empty too where nothing is held.
    """

    resource: str
    request: str
    status: int | None = None
    payload: str | None = None
    failed: str | None = None
    held: Sequence[str] = ()
    read_at: datetime | None = None
    differences: Sequence[Difference] = ()


@dataclass(frozen=True)
class Look:
    """An order or a pack: the answers about it, its own first.

    Attributes:
        kind: `order` or `pack`.
        status: its own status, as the API says.
        seller_id: in whose name it was asked for.
        decided: columns of `marts.orders`; None where it has no such row.
        warehouse: why there is no warehouse to compare with; None if there is one.
    """

    kind: str
    number: int
    status: str | None
    seller_id: int
    parts: Sequence[Part]
    decided: Row | None
    warehouse: str | None


def search(
    settings: Settings, accounts: Sequence[Account], asked: Search
) -> list[FoundOrders]:
    """Search in the name of each seller; who cannot be asked is named as failed.

    Raises:
        WrongSetting: the folder's rule about buyers cannot be read.
    """
    hidden = _hidden(settings)
    return [_found(account, asked, hidden) for account in accounts]


def _found(account: Account, asked: Search, hidden: Hidden | None) -> FoundOrders:
    try:
        found = asking.search(account, asked)
    except MercadoLibreError as error:
        return FoundOrders(account.seller_id, failed=str(error))
    rows = record.frame(found.records, permissions(), hidden)
    made = RESOURCES["orders"].frames(rows, {})
    return FoundOrders(
        account.seller_id,
        total=found.total,
        counted=found.counted,
        payloads=rows["payload"].to_list(),
        orders=made.tables["core.orders"].drop("record_number"),
        refused=[*found.refused, *_reasons(made)],
    )


def _reasons(made: Frames) -> list[str]:
    named = made.refused.select("resource_id", "reason").iter_rows()
    return [f"{resource_id}: {reason}" for resource_id, reason in named]


def _hidden(settings: Settings) -> Hidden | None:
    """How landing would hide buyers, in a folder that is not there yet too."""
    rule = buyers.read(settings.data_dir)
    if rule is None and settings.pseudonymise:
        # Pseudonyms that nobody meets again: the folder has no key yet.
        told = buyers.State(is_pseudonymised=True)
        rule = buyers.Buyers(secrets.token_bytes(32), told)
    return rule.hidden if rule else None


def order(settings: Settings, accounts: Sequence[Account], number: int) -> Look:
    """Ask for an order and all that hangs on it, or for a pack of that number.

    A part that is not there, or refused to us, is told as such; the others are shown.

    Raises:
        NotShown: nobody's order and nobody's pack.
        WrongSetting: the folder's rule about buyers cannot be read.
    """
    try:
        account, first = _first(accounts, number)
    except NotShown as error:
        if _is_held(settings, number):
            raise NotShown(
                f"{error}; the warehouse holds it: `meli-sales explain {number}`"
            ) from error
        raise
    looking = _Looking(accounts, account, _hidden(settings))
    looking.take(first)
    if first.resource == "orders":
        looking.follow(number)
    decided, without = None, None
    try:
        with connect_published(settings.data_dir) as connection:
            held = functools.partial(rows_of, connection)
            looking.compare(held)
            [*found] = held("marts.orders", "order_id", number).iter_rows(named=True)
            decided = {name: found[0][name] for name in _DECIDED} if found else None
    except WarehouseError as error:
        without = str(error)
    return Look(
        kind="order" if first.resource == "orders" else "pack",
        number=number,
        status=looking.status,
        seller_id=looking.account.seller_id,
        parts=looking.parts,
        decided=decided,
        warehouse=without,
    )


def _is_held(settings: Settings, number: int) -> bool:
    """Whether the published warehouse has an order of this number."""
    try:
        with connect_published(settings.data_dir) as connection:
            return not rows_of(
                connection, "marts.orders", "order_id", number
            ).is_empty()
    except WarehouseError:
        return False


def _first(accounts: Sequence[Account], number: int) -> tuple[Account, Record]:
    """The order or the pack of a number, and the account that may see it."""
    refusals: list[MercadoLibreError] = []
    for resource in ("orders", "packs"):
        for account in accounts:
            try:
                settle(account)
                answer = _ask(account, resource, number)
            except MercadoLibreError as error:
                refusals.append(error)
                continue
            if answer.payload is not None:
                return account, answer
        others = [one for one in refusals if not isinstance(one, Forbidden)]
        if others:
            raise NotShown(f"{number} cannot be shown: {others[0]}")
    named = ", ".join(str(account.seller_id) for account in accounts)
    if refusals:
        raise NotShown(
            f"{number} cannot be shown: {refusals[0]}; asked in the name of {named}; "
            "if another account sold it, run `meli-sales login` with that account"
        )
    raise NotShown(
        f"Mercado Libre has neither an order nor a pack {number} (asked in the name of "
        f"{named}): check the number; it keeps orders for 12 months"
    )


def _ask(account: Account, resource: str, number: int) -> Record:
    ask: Any = RESOURCES[resource].ask
    return by_id.record(account, resource, ask, number, run_id=RUN_ID)


class _Answer:
    """A landed record of one thing and the rows that would come of it."""

    def __init__(self, resource: str, number: int, rows: pl.DataFrame) -> None:
        self.resource = resource
        self.number = number
        self.made = RESOURCES[resource].frames(rows, {})
        self.is_partial = bool(rows["missing_fields"].list.len().sum())

    def value(self, column: str) -> Any:
        """A value of the first row of the resource's first table of core, or None."""
        for rows in self.tables.values():
            return rows[column][0] if rows.height and column in rows else None
        return None

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        """The rows for tables of core."""
        return {
            name: rows.drop("record_number")
            for name, rows in self.made.tables.items()
            if name.startswith("core.")
        }


class _Looking:
    """Asks for one thing after the other; `parts` and `answers` go together."""

    def __init__(
        self, accounts: Sequence[Account], account: Account, hidden: Hidden | None
    ) -> None:
        self.accounts = accounts
        self.account = account
        self.hidden = hidden
        self.parts: list[Part] = []
        self.answers: list[_Answer | None] = []

    @property
    def status(self) -> str | None:
        """The status of the first answer."""
        first = self.answers[0]
        name = "order_status" if self.parts[0].resource == "orders" else "pack_status"
        return first.value(name) if first else None

    def follow(self, order_id: int) -> None:
        """Ask for all that hangs on the order asked for first, in its seller's name."""
        seller_id = self._told("seller")
        for account in self.accounts:
            if account.seller_id == seller_id:
                self.account = account
        for one in RESOURCES.values():
            if not one.id_of or one.name == "orders":
                continue
            number = order_id if one.id_of == "order" else self._told(one.id_of)
            if number is not None and one.is_documented(self.account.site_id):
                self._look_at(one.name, number)

    def _told(self, thing: str) -> int | None:
        """An id that the order tells, else its pack, else the list of its shipments."""
        for answer in filter(None, self.answers):
            if (found := answer.value(f"{thing}_id")) is not None:
                return int(found)
        return None

    def _look_at(self, resource: str, number: int) -> None:
        try:
            self.take(_ask(self.account, resource, number))
        except MercadoLibreError as error:
            self.parts.append(
                Part(resource, error.path or "", error.status, failed=str(error))
            )
            self.answers.append(None)

    def take(self, answer: Record) -> None:
        """Show an answer as it would land."""
        rows = record.frame([answer], permissions(), self.hidden)
        made = _Answer(answer.resource, int(answer.resource_id), rows)
        reasons = _reasons(made.made)
        self.parts.append(
            Part(
                answer.resource,
                answer.request,
                answer.status,
                rows["payload"][0],
                f"cannot be read: {reasons[0]}" if reasons else None,
            )
        )
        is_comparable = answer.payload is not None and not reasons
        self.answers.append(made if is_comparable else None)

    def compare(self, held: Held) -> None:
        """Put beside each answer what the warehouse holds of it."""
        for place, answer in enumerate(self.answers):
            if answer is not None:
                self.parts[place] = _beside(held, self.parts[place], answer)


def _beside(held: Held, part: Part, answer: _Answer) -> Part:
    """A part with the tables that hold rows of it, and where the two differ."""
    holding: list[str] = []
    differences: list[Difference] = []
    read_at: datetime | None = None
    column = f"{RESOURCES[answer.resource].id_of}_id"
    for name, live in answer.tables.items():
        rows = held(name, column, answer.number)
        if rows.is_empty() and not holding:
            continue  # what has not been read yet does not differ
        holding.append(name)
        if read_at is None:
            read_at = rows["fetched_at"][0]
        differences += _differences(name, live, rows, is_partial=answer.is_partial)
    return replace(part, held=holding, read_at=read_at, differences=differences)


def _differences(
    name: str, live: pl.DataFrame, held: pl.DataFrame, *, is_partial: bool
) -> Iterator[Difference]:
    """Where the rows of one table differ; of a partial answer, where it says anything.

    A column that only one side has is not compared: the warehouse may have been made by
    another version.
    """
    key = [one for one in table(name).key if one in live.columns]
    ours, theirs = _by_key(held, key), _by_key(live, key)
    passed_over = {*key, *_NOT_COMPARED, *_TOLD_ELSEWHERE.get(name, ())}
    shared = [
        column
        for column in live.columns
        if column in held.columns and column not in passed_over
    ]
    for values in dict.fromkeys([*theirs, *ours]):
        named = dict(zip(key[1:], values[1:], strict=True))
        row = ", ".join(f"{column} {value}" for column, value in named.items())
        if values not in ours or values not in theirs:
            yield Difference(name, row, "row", values in theirs, values in ours)
            continue
        for column in shared:
            now, before = theirs[values][column], ours[values][column]
            if now != before and not (is_partial and now is None):
                yield Difference(name, row, column, now, before)


def _by_key(rows: pl.DataFrame, key: Sequence[str]) -> dict[tuple[Any, ...], Row]:
    return {tuple(row[name] for name in key): row for row in rows.iter_rows(named=True)}
