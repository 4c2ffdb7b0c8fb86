"""The sites, their currencies and clocks: rows of `core.sites`, and local days.

Source: `mercado-libre-api.md` §10. A static table: nothing of it is fetched.
"""

import polars as pl

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "site_id": pl.String,
    "country": pl.String,
    "currency_id": pl.String,
    "time_zone": pl.String,
}

# Brazil spans three zones: the site's clock is Brasília's. Global Selling (CBT) has no
# country and no clock of its own; its days are cut in UTC.
_SITES = [
    ("CBT", "Global Selling", "USD", "UTC"),
    ("MCO", "Colombia", "COP", "America/Bogota"),
    ("MEC", "Ecuador", "USD", "America/Guayaquil"),
    ("MLA", "Argentina", "ARS", "America/Argentina/Buenos_Aires"),
    ("MLB", "Brazil", "BRL", "America/Sao_Paulo"),
    ("MLC", "Chile", "CLP", "America/Santiago"),
    ("MLM", "Mexico", "MXN", "America/Mexico_City"),
    ("MLU", "Uruguay", "UYU", "America/Montevideo"),
    ("MLV", "Venezuela", "VES", "America/Caracas"),
    ("MPE", "Peru", "PEN", "America/Lima"),
]


def frame() -> pl.DataFrame:
    """Make one row per site."""
    return pl.DataFrame(_SITES, schema=SCHEMA, orient="row")


def local_date(instant: str, site_id: str) -> pl.Expr:
    """Cut a UTC instant's calendar day on its site's clock, summer time included.

    Null where the instant is null or the site is not in the table: a guessed clock
    would move sales between days and months unseen.
    """
    day = pl.lit(None, dtype=pl.Date)
    for site, _, _, time_zone in _SITES:
        local = pl.col(instant).dt.convert_time_zone(time_zone).dt.date()
        day = pl.when(pl.col(site_id) == site).then(local).otherwise(day)
    return day
