"""GET /orders/search: which orders a query selects, and in which order.

Not here: making a page of them (`pages`).
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import reduce
from typing import Any

import polars as pl

from pipeline.sandbox.server.answers import error, wrong_caller
from pipeline.sandbox.server.switches import Switches
from pipeline.sandbox.server.tokens import Owner
from pipeline.sandbox.world import catalogue, order_lines, orders, people
from pipeline.sandbox.world.catalogue import ITEMS_PER_SELLER
from pipeline.sandbox.world.chance import column
from pipeline.sandbox.world.clock import milliseconds
from pipeline.sandbox.world.facts import DAY, FIRST_SELLER_ID
from pipeline.sandbox.world.fates import FATES
from pipeline.sandbox.world.oddities import CARTS, KIT_CARTS, SPLIT_CARTS
from pipeline.sandbox.world.people import FIRST_BUYER_ID
from pipeline.sandbox.world.world import World

Query = Mapping[str, str]
Judge = Callable[[dict[str, Any]], bool]

_HOUR = 3_600_000
_OF_UPDATES = {
    "seller",
    "sort",
    "offset",
    "limit",
    "order.status",
    "order.date_last_updated.from",
    "order.date_last_updated.to",
}
"""Parameters of a search that `world.updates` answers."""
_STAMPS = {
    "order.date_created": pl.col("created") * 1000,
    "order.date_closed": pl.col("closed") * 1000,
    "order.date_last_updated": pl.col("indexed"),
}
_PAID = pl.col("status").is_in(["paid", "partially_refunded", "pending_cancel"])
_TAGS: dict[str, pl.Expr] = {
    "pack_order": pl.col("has_pack"),
    "test_order": pl.col("is_test"),
    "mshops": pl.col("is_mshops"),
    "fraud_risk_detected": pl.col("is_fraud"),
    "no_shipping": ~pl.col("ships"),
    "delivered": pl.col("delivered"),
    "not_delivered": ~pl.col("delivered"),
    "paid": _PAID,
    "not_paid": ~_PAID,
    "catalog": pl.col("number") % 5 == 0,
    **{
        tag: pl.col("fate").is_in([n for n, fate in FATES.items() if fate.tag == tag])
        for tag in ("unfulfilled", "manually_cancelled")
    },
}
_DISCOUNTED = "order_has_discount"
_BY_TAG = {"tags": True, "tags.not": False}
_MEDIATIONS = {
    stage: pl.col("fate").is_in(
        [name for name, fate in FATES.items() if fate.mediation == stage]
    )
    for stage in ("closed", "opened")
}
_MEDIATED = _MEDIATIONS["closed"] | _MEDIATIONS["opened"]
_KIT = "bundle_component"
_RATED = pl.col("delivered") & (pl.col("rating") >= 8)
_OPEN = pl.col("closed").is_null() & ~pl.col("status").is_in(
    ["cancelled", "invalid", "paid"]
)


def select(
    world: World,
    switches: Switches,
    owner: Owner,
    query: Query,
    variant: str,
    *,
    is_abroad: bool = False,
) -> list[int]:
    """Return the numbers of the orders that a query selects, sorted as it asks.

    ``variant`` is search, recent, archived or pending; ``is_abroad`` says that Global
    Selling is asked. Parameters that do not exist are ignored, as in the API.
    """
    seller = query.get("seller", "")
    sells = seller.isdecimal() and int(seller) in owner.sellers
    if sells and world.site(int(seller)).sold_on and not is_abroad:
        raise wrong_caller()
    if sells and variant == "search" and query.keys() <= _OF_UPDATES:
        return _updated(world, switches, query)
    terms = [_parties(owner, query), *_dates(switches, query)]
    terms += _plain(world, switches, query)
    terms += _variant(world, variant)
    terms += _tags(world, query)
    key = "closed" if "seller" in query else "created"
    matched = (
        world.index.lazy()
        .filter(reduce(lambda one, other: one & other, terms))
        .select("number", key)
        .sort(key, "number", descending=is_descending(query), nulls_last=True)
        .collect()
    )
    return _judged(world, query, matched["number"].to_list())


def _updated(world: World, switches: Switches, query: Query) -> list[int]:
    """A seller's orders by last update and status alone, without reading all."""
    start, end = _bounds(switches, query, "order.date_last_updated")
    is_wanted: Callable[[str], bool] | None = None
    if named := query.get("order.status"):
        is_wanted = named.split(",").__contains__
    elif switches.hides_cancelled:
        is_wanted = "cancelled".__ne__
    return world.updates(int(query["seller"])).within(
        start, end, is_wanted, is_descending=is_descending(query)
    )


def swap_ties(world: World, query: Query, numbers: list[int], seed: int) -> list[int]:
    """Shuffle orders of the same instant; keep the order of all others."""
    key = "closed" if "seller" in query else "created"
    return (
        world.index[numbers]
        .select("number", key)
        .sample(fraction=1.0, shuffle=True, seed=seed)
        .sort(
            key, descending=is_descending(query), nulls_last=True, maintain_order=True
        )
        .get_column("number")
        .to_list()
    )


def is_descending(query: Query) -> bool:
    """Whether the newest come first; any sort other than date_desc is date_asc."""
    return query.get("sort") == "date_desc"


def moment(text: str) -> int:
    """Milliseconds since 1970 of a client's date; UTC without an offset.

    Raises:
        Refusal: 400 if it is not a date, e.g. because its ``+`` was not encoded.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise error(400, "bad_request", "Invalid date format") from None
    return milliseconds(at if at.tzinfo else at.replace(tzinfo=UTC))


def _parties(owner: Owner, query: Query) -> pl.Expr:
    """The filter on seller and buyer, one of whom must be the caller."""
    seller, buyer = query.get("seller", ""), query.get("buyer", "")
    sells = seller.isdecimal() and int(seller) in owner.sellers
    buys = buyer.isdecimal() and int(buyer) == owner.user_id
    if not (sells or buys):
        raise wrong_caller()
    chosen = pl.lit(value=True)
    if seller.isdecimal():
        chosen &= pl.col("seller") == int(seller) - FIRST_SELLER_ID
    if buyer.isdecimal():
        chosen &= pl.col("buyer") == int(buyer) - FIRST_BUYER_ID
    return chosen


def _dates(switches: Switches, query: Query) -> list[pl.Expr]:
    """Date filters, cut to the hour; the end as the switches say."""
    terms: list[pl.Expr] = []
    for name, stamp in _STAMPS.items():
        start, end = _bounds(switches, query, name)
        if start is not None:
            terms.append(stamp >= start)
        if end is not None:
            terms.append(stamp < end)
    return terms


def _bounds(
    switches: Switches, query: Query, name: str
) -> tuple[int | None, int | None]:
    """First millisecond of a date filter, and the first one after it."""
    start: int | None = None
    end: int | None = None
    if not switches.filters_dates:
        return start, end
    if text := query.get(f"{name}.from"):
        start = moment(text)
        start = _hour(start) if switches.truncates_to_hour else start
    if text := query.get(f"{name}.to"):
        end = moment(text)
        if switches.truncates_to_hour:
            end = _hour(end) + _HOUR * switches.to_covers_its_hour
        end += switches.to_is_inclusive
    return start, end


def _hour(at: int) -> int:
    return at // _HOUR * _HOUR


def _plain(world: World, switches: Switches, query: Query) -> list[pl.Expr]:
    """Filters on what the index holds: status, item, words, mediations."""
    terms = []
    if statuses := query.get("order.status"):
        terms.append(pl.col("status").is_in(statuses.split(",")))
    elif switches.hides_cancelled and "seller" in query:
        terms.append(pl.col("status") != "cancelled")
    if wanted := query.get("item"):
        terms.append(_item(world, wanted))
    if words := query.get("q"):
        terms.append(_words(world, words))
    if stages := query.get("mediations.stage"):
        terms.append(_MEDIATED & pl.lit("claim" in stages.split(",")))
    if statuses := query.get("mediations.status"):
        carries = pl.lit(value=False)
        for status in statuses.split(","):
            carries |= _MEDIATIONS.get(status, pl.lit(value=False))
        terms.append(carries)
    if statuses := query.get("feedback.status"):
        wanted_now = statuses.split(",")
        rated = _RATED & pl.lit("closed" in wanted_now)
        terms.append(rated | (~_RATED & pl.lit("pending" in wanted_now)))
    return terms


def _item(world: World, item_id: str) -> pl.Expr:
    known = catalogue.rank_of(item_id)
    if known is None or known[0] + FIRST_SELLER_ID not in world.sellers:
        return pl.lit(value=False)
    seller, rank = known
    return (pl.col("seller") == seller) & _holds(world, [rank])


def _holds(world: World, ranks: list[int]) -> pl.Expr:
    """Orders with one of these items on their first or second line."""
    before = [(rank - order_lines.NEIGHBOUR) % ITEMS_PER_SELLER for rank in ranks]
    drawn = column(world.seed, order_lines.SECOND_LINE, "content")
    second = pl.col("item").is_in(before) & (drawn < order_lines.TWO_LINES)
    second &= ~_kits(world)
    return pl.col("item").is_in(ranks) | second


def _kits(world: World) -> pl.Expr:
    """Orders that are a component of a kit."""
    cart = column(world.seed, CARTS, "purchase")
    return (pl.col("size") > 1) & (cart >= SPLIT_CARTS) & (cart < KIT_CARTS)


def _words(world: World, words: str) -> pl.Expr:
    """Order id, item id, item title or the other's nickname; never a name."""
    found = _item(world, words)
    if words.isdecimal():
        number = orders.order_number(world.seed, int(words))
        found |= pl.col("number") == (-1 if number is None else number)
    for seller_id in world.sellers:
        seller = seller_id - FIRST_SELLER_ID
        site = world.site(seller_id)
        ranks = catalogue.titled(world.seed, seller, site, words)
        found |= (pl.col("seller") == seller) & _holds(world, ranks)
        buyer = people.number_in(words)
        if buyer is not None:
            person = people.buyer(world.seed, site, buyer)
            same = person.nickname == words.upper()
            found |= (pl.col("buyer") == buyer) & pl.lit(same)
    return found


def _tagged(world: World, tags: str) -> pl.Expr:
    """Orders with one of the tags; changed orders by their tags now."""
    wanted = tags.split(",")
    carries = pl.lit(value=False)
    known = _TAGS | {_KIT: _kits(world)}
    for tag in wanted:
        carries |= known.get(tag, pl.lit(value=False))
    changed = list(world.retagged)
    carrying = [n for n, now in world.retagged.items() if set(now) & set(wanted)]
    number = pl.col("number")
    return (carries & ~number.is_in(changed)) | number.is_in(carrying)


def _tags(world: World, query: Query) -> list[pl.Expr]:
    """``tags`` and ``tags.not``; a tag outside the index is tested later."""
    return [
        _tagged(world, tags) if is_wanted else ~_tagged(world, tags)
        for name, is_wanted in _BY_TAG.items()
        if (tags := query.get(name)) and _DISCOUNTED not in tags
    ]


def _variant(world: World, variant: str) -> list[pl.Expr]:
    """The legacy searches: recent (young, unrated), archived, pending (open)."""
    now = milliseconds(world.clock.now) // 1000
    since = pl.col("closed").fill_null(pl.col("created"))
    recent = (since + 28 * DAY > now) & ~_RATED
    choices = {"recent": recent, "archived": ~recent, "pending": _OPEN}
    return [choices[variant]] if variant in choices else []


def _judged(world: World, query: Query, numbers: list[int]) -> list[int]:
    """Apply the filters that need the whole order: discounts and ratings."""
    judges = _judges(query)
    if not judges:
        return numbers
    made = zip(numbers, world.objects(numbers), strict=True)
    return [number for number, one in made if all(judge(one) for judge in judges)]


def _judges(query: Query) -> list[Judge]:
    judges = [
        _carries(tags.split(","), wanted=is_wanted)
        for name, is_wanted in _BY_TAG.items()
        if _DISCOUNTED in (tags := query.get(name, ""))
    ]
    for side, now in (("sale", "seller"), ("purchase", "buyer")):
        for name in ("rating", "fulfilled"):
            values = query.get(f"feedback.{side}.{name}")
            judges += [_said((side, now), name, values.split(","))] if values else []
    return judges


def _carries(tags: list[str], *, wanted: bool) -> Judge:
    return lambda order: bool(set(tags) & set(order["tags"])) is wanted


def _said(keys: tuple[str, str], name: str, values: list[str]) -> Judge:
    def judge(order: dict[str, Any]) -> bool:
        said = [order["feedback"].get(key) for key in keys]
        return any(str(one.get(name)).lower() in values for one in said if one)

    return judge
