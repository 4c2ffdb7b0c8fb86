"""What a payment's status and detail mean for money, and which took any."""

import polars as pl
import pytest

from pipeline.frames import payment_outcomes

ROWS = payment_outcomes.frame()


def outcome(status: str, detail: str | None) -> tuple[str, bool, bool]:
    """Look a payment up as SQL does: exactly, else any other detail."""
    for looked_up in (detail or "none", ""):
        found = ROWS.filter(payment_status=status, status_detail=looked_up)
        if found.height:
            return found.select("outcome", "took_money", "is_amount_needed").row(0)
    return "unknown", False, False


@pytest.mark.parametrize(
    ("status", "detail", "found"),
    [
        ("approved", "accredited", ("taken", True, False)),
        ("approved", None, ("taken", True, False)),
        # The official form of a partial refund (Mercado Pago's table of results).
        ("approved", "partially_refunded", ("returned_by_seller", True, True)),
        ("approved", "partially_bpp_refunded", ("returned_by_seller", True, True)),
        (
            "approved",
            "partially_bpp_covered",
            ("returned_by_mercado_libre", True, True),
        ),
        ("partially_refunded", None, ("returned_by_seller", True, True)),
        ("partially_refunded", "bpp_refunded", ("returned_by_seller", True, True)),
        # A part that Mercado Libre paid, whether its words say so once or twice.
        *(
            (status, detail, ("returned_by_mercado_libre", True, True))
            for status in ("approved", "partially_refunded")
            for detail in ("bpp_covered", "ppv_covered_melienvio")
        ),
        ("partially_refunded", "by_admin", ("unknown", True, False)),
        ("partially_refunded", "a_new_word", ("unknown", True, False)),
        ("refunded", None, ("returned_by_seller", True, True)),
        ("refunded", "bpp_refunded", ("returned_by_seller", True, True)),
        ("refunded", "bpp_covered", ("returned_by_mercado_libre", True, True)),
        (
            "refunded",
            "ppv_covered_melienvio",
            ("returned_by_mercado_libre", True, True),
        ),
        # Nobody here knows who bore it.
        *(
            ("refunded", detail, ("unknown", True, False))
            for detail in ("by_admin", "compensated", "reconciled", "a_new_word")
        ),
        # A charge-back takes the payment whole.
        ("charged_back", "settled", ("returned_by_seller", True, False)),
        ("charged_back", "reimbursed", ("taken", True, False)),
        ("charged_back", "in_process", ("disputed", True, False)),
        ("charged_back", "bpp_covered", ("returned_by_mercado_libre", True, False)),
        ("charged_back", None, ("unknown", True, False)),
        ("in_mediation", "pending", ("disputed", True, False)),
        *(
            (status, "whatever", ("none", False, False))
            for status in (
                "pending",
                "in_process",
                "authorized",
                "rejected",
                "cancelled",
            )
        ),
        ("a_new_word", None, ("unknown", False, False)),
    ],
)
def test_a_payment_is_taken_returned_disputed_or_unknown(
    status: str, detail: str | None, found: tuple[str, bool, bool]
) -> None:
    assert outcome(status, detail) == found


def test_all_of_a_payment_went_back_where_its_words_say_so_and_no_part() -> None:
    """Of the rest only an amount tells whether anything is left."""
    whole = ROWS.filter("is_whole").select("payment_status", "status_detail").rows()
    covered = ("bpp_covered", "ppv_covered", "ppv_covered_melienvio")
    refunded = ("none", "accredited", "refunded", "bpp_refunded", *covered, "")
    assert sorted(whole) == sorted(
        [("refunded", detail) for detail in refunded]
        + [("charged_back", detail) for detail in ("settled", *covered)]
    )


def test_every_status_says_what_any_other_detail_means() -> None:
    others = ROWS.filter(status_detail="")["payment_status"]
    assert set(others) == set(ROWS["payment_status"]) == payment_outcomes.STATUSES
    assert ROWS.select("payment_status", "status_detail").is_unique().all()


def test_whether_money_was_taken_follows_from_the_status_alone() -> None:
    words = [*ROWS["payment_status"], "a_new_word", None]
    told = pl.DataFrame({"status": words}).select(payment_outcomes.took_money("status"))
    assert told["status"].to_list() == [*ROWS["took_money"], False, False]
