"""The day and the hour of an instant on its site's own clock.

Not here: which sites there are, and their time zones (`pipeline/sites.py`).
"""

from collections.abc import Callable

import polars as pl

from pipeline.sites import SITES


def local_date(instant: str, site_id: str) -> pl.Expr:
    """Cut a UTC instant's calendar day on its site's clock, summer time included.

    Null where the instant is null or the site is not in the table: a guessed clock
    would move sales between days and months unseen.
    """
    return _on_the_clock(instant, site_id, lambda local: local.dt.date(), pl.Date())


def local_hour(instant: str, site_id: str) -> pl.Expr:
    """Cut a UTC instant's hour, 0 to 23, on its site's clock; null as `local_date`."""
    return _on_the_clock(
        instant, site_id, lambda local: local.dt.hour().cast(pl.Int32), pl.Int32()
    )


def _on_the_clock(
    instant: str, site_id: str, cut: Callable[[pl.Expr], pl.Expr], dtype: pl.DataType
) -> pl.Expr:
    found = pl.lit(None, dtype=dtype)
    for site in SITES.values():
        local = cut(pl.col(instant).dt.convert_time_zone(site.time_zone))
        found = pl.when(pl.col(site_id) == site.id).then(local).otherwise(found)
    return found
