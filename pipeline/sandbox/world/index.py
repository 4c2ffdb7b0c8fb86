"""The index of a world: a few columns per order, made for all orders at once.

It holds what searches filter and sort by, and what links orders. Not here: all other
fields, which are made when an order is read (`orders`).
"""

from datetime import UTC, date, datetime, timedelta

import polars as pl

from pipeline.sandbox.world import fates
from pipeline.sandbox.world.catalogue import ITEMS_PER_SELLER
from pipeline.sandbox.world.chance import column
from pipeline.sandbox.world.facts import BUYERS_PER_SELLER, DAY, SCHEMA
from pipeline.sandbox.world.oddities import CARTS, SPLIT_CARTS
from pipeline.sandbox.world.seasons import day_weights, hour_weights
from pipeline.sandbox.world.sites import FIRST_ABROAD, ORDER, site_of_seller

_TIE = 900
"""Seconds that orders are rounded to when a world is made with ties."""


def build(
    *, orders: int, seed: int, now: int, sellers: list[int], days: int, ties: bool
) -> pl.DataFrame:
    """Return one row per order in `SCHEMA`, in order of creation, numbered from 0.

    ``now`` is in seconds since 1970; nothing in the index is later. Orders spread over
    the ``days`` before it, and over the sellers with these numbers. With ``ties``,
    orders close on full quarters of an hour.
    """
    if not orders:
        return pl.DataFrame(schema=SCHEMA)
    purchases = _purchases(orders, seed, now, sellers, days, ties=ties)
    rows = (
        purchases.with_columns(pl.col("number").alias("purchase"))
        .drop("number")
        .select(pl.all().repeat_by("size").explode())
        .with_row_index("number")
        .with_columns(pl.col("number").cast(pl.Int64))
        .with_columns(
            (pl.col("number") - pl.col("first")).alias("position"),
        )
    )
    rows = _fated(_contents(rows, seed, orders, sellers, now), seed, now)
    return rows.select(
        pl.col(name).cast(dtype) for name, dtype in SCHEMA.items()
    ).rechunk()


def _purchases(
    orders: int, seed: int, now: int, sellers: list[int], days: int, *, ties: bool
) -> pl.DataFrame:
    """One row per purchase: who, when, how many orders, what they share."""

    def chance(purpose: int) -> pl.Expr:
        return column(seed, purpose)

    u_size, u_seller = chance(101), chance(102)
    size = (
        1 + (u_size > 0.78).cast(pl.Int64) + (u_size > 0.90) + (u_size > 0.95)
        + (u_size > 0.98)
    )  # fmt: skip
    drawn = (
        pl.DataFrame({"number": pl.int_range(orders, eager=True)})
        .with_columns(
            size.alias("size"),
            # The first seller sells most, as the square root spreads them.
            (u_seller * u_seller.sqrt() * len(sellers)).floor().cast(pl.Int64)
            .replace_strict(list(range(len(sellers))), sellers).alias("seller"),
        )
        .with_columns(pl.col("size").cum_sum().alias("until"))
        .filter(pl.col("until") - pl.col("size") < orders)
        .with_columns(
            (pl.col("size") - (pl.col("until") - orders).clip(lower_bound=0))
            .alias("size")
        )
    )  # fmt: skip
    drawn = drawn.with_columns(_created(drawn, seed, now, sellers, days).alias("made"))
    drawn = (
        drawn.sort("made", "number")
        .drop("number", "until")
        .with_row_index("number")
        .with_columns(pl.col("number").cast(pl.Int64))
    )
    u_lag, u_cart = chance(105), pl.col("size") > 1
    lag = (
        pl.when(u_lag < 0.9).then(5 + u_lag * 30)
        .when(u_lag < 0.97).then(60 + (u_lag - 0.9) * 200_000)
        .otherwise(3600 + (u_lag - 0.97) * 39e6)
        .floor().cast(pl.Int64)
    )  # fmt: skip
    made = pl.col("made")
    if ties:
        made, lag = made // _TIE * _TIE, pl.lit(0, dtype=pl.Int64)
    # Some are never paid; most of those are still young and may be paid later.
    never = pl.when(now - made < 20 * DAY).then(0.05).otherwise(0.01)
    # Twelve months ago not every order had a pack; today nearly all have one.
    age = (now - made) / (days * DAY)
    # So many that about one in seven comes back.
    pool = max(orders * 3 // len(sellers), 1)
    return drawn.with_columns(
        made.alias("created"),
        pl.when((made + lag <= now) & (chance(106) > never)).then(made + lag)
        .alias("closed"),
        (pl.col("seller") * BUYERS_PER_SELLER
         + (chance(107).pow(1.8) * pool).floor().cast(pl.Int64)).alias("buyer"),
        (u_cart | (chance(108) > age * 0.55)).alias("has_pack"),
        (chance(109) > 0.035).alias("ships"),
        (chance(110) < 0.006).alias("is_test"),
        (chance(111) < 0.04).alias("is_mshops"),
        (u_cart & (chance(CARTS) < SPLIT_CARTS)).alias("splits"),
        (chance(113) < age * 0.3).alias("legacy"),
        (pl.col("size").cum_sum() - pl.col("size")).alias("first"),
    )  # fmt: skip


def _created(
    drawn: pl.DataFrame, seed: int, now: int, sellers: list[int], days: int
) -> pl.Series:
    """Moment of each purchase, by the seasons and hours of the seller's site."""
    first = datetime.fromtimestamp(now - days * DAY, UTC).date()
    midnight = (first - date(1970, 1, 1)) // timedelta(days=1) * DAY
    units = drawn.select(
        column(seed, 103).alias("day"), column(seed, 104).alias("hour"),
        column(seed, 114).alias("second"),
    )  # fmt: skip
    day = pl.Series(day_weights(first, days)).search_sorted(units["day"])
    hour = pl.Series(hour_weights()).search_sorted(units["hour"])
    offsets = [site_of_seller(n).offset for n in sellers]
    moments = drawn.select(
        midnight
        + day.cast(pl.Int64).clip(0, days - 1) * DAY
        + hour.cast(pl.Int64).clip(0, 23) * 3600
        + (units["second"] * 3600).floor().cast(pl.Int64)
        - pl.col("seller").replace_strict(sellers, offsets) * 3600
    ).to_series()
    # A moment drawn after `now`, or before the first day, is moved inside.
    span = days * DAY
    return (moments - (now - span)) % span + (now - span)


def _contents(
    rows: pl.DataFrame, seed: int, orders: int, sellers: list[int], now: int
) -> pl.DataFrame:
    """Add what each order holds, and which orders replace one after a split."""
    last = pl.col("position") == pl.col("size") - 1
    before = pl.col("position") == pl.col("size") - 2
    split = pl.col("splits") & (pl.col("closed") + 2 * 3600 < now)
    ranks = max(min(ITEMS_PER_SELLER, orders // (2 * len(sellers))), 4)
    return rows.with_columns(
        (split & last).fill_null(value=False).alias("child"),
        (split & before).fill_null(value=False).alias("was_split"),
        (pl.col("created") // DAY).alias("priced"),
    ).with_columns(
        (pl.col("number") - pl.col("child").cast(pl.Int64)).alias("content"),
        # The replacement is made an hour later, and its sale closes then.
        (pl.col("created") + pl.col("child") * 3600).alias("created"),
        (pl.col("closed") + pl.col("child") * 3600).alias("closed"),
    ).with_columns(
        # Log-uniform ranks: Zipf's law, the first item sells the most.
        ((column(seed, 115, "content") * pl.lit(float(ranks)).log()).exp().floor() - 1)
        .cast(pl.Int64).clip(0, ranks - 1).alias("item"),
        (column(seed, 116) < 0.004).alias("is_fraud"),
        (column(seed, 117) * 20).floor().cast(pl.Int64).alias("rating"),
    )  # fmt: skip


def _fated(rows: pl.DataFrame, seed: int, now: int) -> pl.DataFrame:
    """Add the story of each order as far as it has come by ``now``."""
    is_open = pl.col("closed").is_null()
    old = pl.col("created") < now - 20 * DAY
    units = rows.select(open=column(seed, 118), closed=column(seed, 119))
    waiting = pl.lit(_lot(fates.OPEN, units["open"]))
    closed_lot = pl.lit(_lot(fates.CLOSED, units["closed"]))
    planned = (
        pl.when(is_open & (column(seed, 123) < fates.UNCLOSED_SHARE))
        .then(pl.lit(fates.UNCLOSED))
        .when(is_open & old).then(pl.lit(fates.EXPIRED))
        .when(is_open).then(waiting)
        .when(pl.col("was_split")).then(pl.lit(fates.SPLIT))
        .when(pl.col("child") | pl.col("is_test")).then(pl.lit(fates.PAID))
        .otherwise(closed_lot)
    )  # fmt: skip
    # Only in Mexico does a cancelled sale stay paid.
    mexican = (pl.col("seller") < FIRST_ABROAD) & (
        pl.col("seller") % len(ORDER) == ORDER.index("MLM")
    )
    planned = (
        pl.when(planned.is_in(fates.ONLY_MLM) & ~mexican)
        .then(pl.lit(fates.BUYER_CANCELLED)).otherwise(planned)
    )  # fmt: skip
    names = list(fates.FATES)
    low = [float(fates.FATES[name].days[0]) for name in names]
    high = [float(fates.FATES[name].days[1]) for name in names]
    since = pl.col("closed").fill_null(pl.col("created"))
    least = pl.col("plan").replace_strict(names, low)
    most = pl.col("plan").replace_strict(names, high)
    u_event = column(seed, 120)
    event = since + ((least + (most - least) * u_event) * DAY).cast(pl.Int64)
    rows = rows.with_columns(planned.alias("plan")).with_columns(event.alias("event"))
    happened = pl.col("event") <= now
    # The event is in the future: the order is as it was soon after it closed.
    soon = since + (u_event * pl.min_horizontal(now - since, pl.lit(1800))).cast(
        pl.Int64
    )
    fate = pl.when(happened | is_open).then("plan").otherwise(pl.lit(fates.PAID))
    rows = rows.with_columns(
        fate.alias("fate"),
        pl.when(happened).then("event").otherwise(soon).alias("updated"),
    )
    arrived = [name for name in names if fates.FATES[name].is_delivered]
    delivered = happened & pl.col("fate").is_in(arrived) & pl.col("ships")
    moment = pl.col("updated") * 1000
    late = (column(seed, 121) * (now * 1000 - moment)).cast(pl.Int64)
    lag = (
        pl.when(column(seed, 122) < 0.01).then(late)
        .otherwise(200 + (column(seed, 121) * 2300).cast(pl.Int64))
    )  # fmt: skip
    statuses = [fates.FATES[name].status for name in names]
    # Some are suspected before their story has come to its end: not to be shipped.
    suspected = ~happened & ~is_open & (column(seed, 124) < 0.04)
    return rows.with_columns(
        pl.col("fate").replace_strict(names, statuses).alias("status"),
        delivered.alias("delivered"),
        pl.min_horizontal(moment + lag, pl.lit(now * 1000)).alias("indexed"),
        (pl.col("is_fraud") | (pl.col("fate") == "fraud_cancelled") | suspected).alias(
            "is_fraud"
        ),
    )


def _lot(stories: dict[str, fates.Fate], units: pl.Series) -> pl.Series:
    """Draw the name of a story for each number in [0, 1) by the shares."""
    names = list(stories)
    running = pl.Series([story.share for story in stories.values()]).cum_sum()
    drawn = (running / running[-1]).search_sorted(units, side="right")
    return pl.Series(names).gather(drawn.clip(0, len(names) - 1))
