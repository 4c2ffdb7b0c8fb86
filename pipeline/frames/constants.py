"""The tables of core that come with the code: nothing of them is fetched."""

from collections.abc import Callable, Mapping

import polars as pl

from pipeline.frames import (
    calendar,
    currencies,
    listing_types,
    logistic_types,
    payment_outcomes,
    sites,
)

FRAMES: Mapping[str, Callable[[], pl.DataFrame]] = {
    "calendar": calendar.frame,
    "currencies": currencies.frame,
    "listing_types": listing_types.frame,
    "logistic_types": logistic_types.frame,
    "payment_outcomes": payment_outcomes.frame,
    "sites": sites.frame,
}
"""How each is made, by its name in core."""
