"""The figures of one month for the page, each with the query that gives it.

Not here: drawing them (`charts.py`) and the words around them (`words.toml`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from pipeline.tie_out.kept import KeptTieOut, kept
from pipeline.warehouse.files import statement
from pipeline.warehouse.read import Ask, asking

QUESTIONS = (
    "trust",
    "months",
    "comparison",
    "days",
    "prices",
    "margin",
    "items",
    "buyers",
    "payments",
    "shipping",
    "losses",
    "unknown",
)
"""The questions of the page, each a file `sql/questions/report_<name>.sql`."""


class NoSuchMonth(Exception):
    """The warehouse has no sale in the month that is asked for."""


@dataclass(frozen=True)
class Figures:
    """What one page shows.

    Attributes:
        month: first day of the month.
        site_id: the site with the most orders, whose language is spoken.
        seller_count: sellers with sales in the month.
        frames: rows by question; amounts are decimals.
        queries: SQL by question, as `meli-sales query` takes it.
        tie_outs: how Mercado Libre's own exports compared, whatever their month.
    """

    month: date
    site_id: str
    seller_count: int
    frames: Mapping[str, pl.DataFrame]
    queries: Mapping[str, str]
    tie_outs: Sequence[KeptTieOut] = ()

    @property
    def currencies(self) -> list[str]:
        """Currencies with sales in the month, the one with the most orders first."""
        months = self.frames["months"].filter(
            pl.col("month_start_date") == self.month, pl.col("order_count") > 0
        )
        ordered = months.sort(["order_count", "currency_id"], descending=[True, False])
        return list(ordered["currency_id"])

    def of(self, question: str, currency_id: str) -> pl.DataFrame:
        """The rows of a question in one currency."""
        return self.frames[question].filter(pl.col("currency_id") == currency_id)


def figures(data_dir: Path, month: date | None) -> Figures:
    """Read one month, or the newest with sales, from the published warehouse.

    Raises:
        NoSuchMonth: there is no sale in it, or none at all.
        NothingPublished, CannotOpen, QueryRefused: as `warehouse.read.query`.
    """
    with asking(data_dir) as ask:
        return _figures(ask, kept(data_dir), month)


def _figures(ask: Ask, tie_outs: Sequence[KeptTieOut], month: date | None) -> Figures:
    known = ask(statement("questions/report_range"))
    if known.is_empty():
        raise NoSuchMonth("the warehouse has no sale yet: run `meli-sales sync`")
    chosen = month or known["month_start_date"][0]
    row = known.filter(pl.col("month_start_date") == chosen)
    if row.is_empty():
        first, last = known["month_start_date"][-1], known["month_start_date"][0]
        raise NoSuchMonth(
            f"there is no sale in {chosen:%Y-%m}: sales go from {first:%Y-%m} to "
            f"{last:%Y-%m}"
        )
    queries = {name: asked(name, chosen) for name in QUESTIONS}
    return Figures(
        month=chosen,
        site_id=row["site_id"][0],
        seller_count=row["seller_count"][0],
        frames={name: ask(sql) for name, sql in queries.items()},
        queries=queries,
        tie_outs=tie_outs,
    )


def asked(name: str, month: date) -> str:
    """The SQL of a question with the month in the place of its variable.

    So whoever reads the page can ask the same by `meli-sales query`.
    """
    sql = statement(f"questions/report_{name}")
    return sql.replace("getvariable('month')", f"date '{month.isoformat()}'")
