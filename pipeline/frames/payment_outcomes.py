"""Rows of `core.payment_outcomes`: what a payment's status and detail mean for money.

The only list of payment statuses. A payment is looked up by its status and its detail
(`none` where it has none), else by its status and the detail '', which stands for any
other. A status without a row is unknown. Source: Mercado Pago's table of payment
results. Not here: how much went back, which the payment itself says.
"""

from collections.abc import Iterator

import polars as pl

from pipeline.sql import schema

SCHEMA = schema("core.payment_outcomes")

NO_DETAIL = "none"
ANY_OTHER = ""
_Row = tuple[str, str, bool, str, bool, bool, bool, bool, bool]

_UNDECIDED = ("pending", "in_process", "authorized")

_TOOK_NOTHING = (*_UNDECIDED, "rejected", "cancelled")
_TOOK_MONEY = {
    "approved": "taken",
    "partially_refunded": "unknown",
    "refunded": "unknown",
    "charged_back": "unknown",
    "in_mediation": "disputed",
}
"""What each status means where the detail says nothing else."""

_BY_MERCADO_LIBRE = ("bpp_covered", "ppv_covered", "ppv_covered_melienvio")
# Part of a payment, whatever its status says.
_PARTS = {
    "partially_refunded": "returned_by_seller",
    "partially_bpp_refunded": "returned_by_seller",
    "partially_bpp_covered": "returned_by_mercado_libre",
}
# What the status of a refund means by its detail. Only the amount tells how much of it
# was goods; a charge-back takes the payment whole.
_REFUNDED = dict.fromkeys(
    (NO_DETAIL, "accredited", "refunded", "bpp_refunded"), "returned_by_seller"
) | dict.fromkeys(_BY_MERCADO_LIBRE, "returned_by_mercado_libre")
_CHARGED_BACK = {
    "settled": "returned_by_seller",
    "reimbursed": "taken",
    "in_process": "disputed",
} | dict.fromkeys(_BY_MERCADO_LIBRE, "returned_by_mercado_libre")


def frame() -> pl.DataFrame:
    """Make one row per status and detail; `ANY_OTHER` ends each status."""
    return pl.DataFrame(list(_rows()), schema=SCHEMA, orient="row")


def _rows() -> Iterator[_Row]:
    for status in _TOOK_NOTHING:
        yield _row(status, ANY_OTHER, "none")
    for status, otherwise in _TOOK_MONEY.items():
        for detail, outcome in _PARTS.items():
            yield _row(status, detail, outcome, is_needed=True)
        yield _row(status, ANY_OTHER, otherwise, is_whole=status == "refunded")
    for detail, outcome in _REFUNDED.items():
        yield _row("refunded", detail, outcome, is_whole=True, is_needed=True)
        yield _row("partially_refunded", detail, outcome, is_needed=True)
    for detail in _BY_MERCADO_LIBRE:
        yield _row("approved", detail, "returned_by_mercado_libre", is_needed=True)
    for detail, outcome in _CHARGED_BACK.items():
        is_whole = outcome.startswith("returned")
        yield _row("charged_back", detail, outcome, is_whole=is_whole)


def _row(
    status: str,
    detail: str,
    outcome: str,
    *,
    is_whole: bool = False,
    is_needed: bool = False,
) -> _Row:
    """One row; ``is_needed`` where only an amount tells how much of it was goods."""
    is_charged_back = status == "charged_back"
    return (
        status,
        detail,
        status in _TOOK_MONEY,
        outcome,
        is_whole,
        is_needed,
        outcome == "disputed" or (is_charged_back and outcome == "taken"),
        outcome == "disputed" or (is_charged_back and outcome == "unknown"),
        status not in _UNDECIDED,
    )


STATUSES = frozenset((*_TOOK_NOTHING, *_TOOK_MONEY))
"""The statuses that are known."""


def took_money(status: str) -> pl.Expr:
    """Whether a payment took money, from the column of its status alone.

    What became of the money since does not matter; an unknown status took none.
    """
    return pl.col(status).is_in(list(_TOOK_MONEY)).fill_null(value=False)
