"""Rows of `core.listing_types`: the names of the kinds of listing.

A static table: nothing of it is fetched.
"""

import polars as pl

from pipeline.sql import schema

SCHEMA = schema("core.listing_types")

_NAMES = (
    ("gold_special", "Clásica", "Clássico", "Classic"),
    ("gold_pro", "Premium", "Premium", "Premium"),
    ("gold_premium", "Oro Premium", "Diamante", "Gold Premium"),
    ("gold", "Oro", "Ouro", "Gold"),
    ("silver", "Plata", "Prata", "Silver"),
    ("bronze", "Bronce", "Bronze", "Bronze"),
    ("free", "Gratuita", "Grátis", "Free"),
)


def frame() -> pl.DataFrame:
    """Make one row per kind of listing."""
    return pl.DataFrame(list(_NAMES), schema=SCHEMA, orient="row")
