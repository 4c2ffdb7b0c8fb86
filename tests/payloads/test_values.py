"""Each kind of leaf takes what the API sends of it, exactly, and nothing else."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic_core import PydanticCustomError

from pipeline.payloads.values import (
    Amount,
    Code,
    Detail,
    Flag,
    Identifier,
    Instant,
    Kind,
    Letters,
    Ratio,
    Text,
    Total,
    Whole,
    json_type,
)


def refusal(kind: Kind, value: Any) -> str:
    with pytest.raises(PydanticCustomError) as caught:
        kind.read(value)
    return caught.value.message()


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (5, 5),
        ("5", 5),  # buyer.id and payments[].id are strings in the documents' sample
        ("-007", -7),
        (Decimal("2.0"), 2),
        (Decimal("1e3"), 1000),
        (2**63 - 1, 2**63 - 1),
        (-(2**63), -(2**63)),
    ],
)
def test_an_id_is_an_integer_or_its_digits(sent: object, read: int) -> None:
    assert Whole().read(sent) == read


@pytest.mark.parametrize(
    "sent",
    [
        *(True, None, "", " 5", "5\n", "1_000", "\u0661", "5.0", [], {}),
        *(2**63, "9" * 30, Decimal("1.5"), Decimal("1e400"), Decimal("Infinity")),
    ],
)
def test_anything_else_is_no_id(sent: object) -> None:
    assert refusal(Whole(), sent) == (
        f"expected an integer in bigint range, got {json_type(sent)}"
    )


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (Decimal("1.005"), "1.005"),
        (Decimal("14.290000000000001"), "14.290000000000001"),
        (Decimal("123456789012.67"), "123456789012.67"),
        (Decimal("9999999999999.99"), "9999999999999.99"),
        (Decimal("1e3"), "1000"),
        (499, "499"),
        (-5, "-5"),
        ("12.50", "12.50"),
        ("1e3", "1000"),
        # Cut, not rounded: 0.004999... stays below the half cent.
        (Decimal("0.00499999999999999999999"), "0.004999999999999999"),
        (Decimal("5.551115123125783e-17"), "0.000000000000000055"),
    ],
)
def test_an_amount_is_the_number_of_the_text(sent: object, read: str) -> None:
    assert Amount().read(sent) == Decimal(read)


@pytest.mark.parametrize(
    "sent",
    [
        *(True, None, "", "1,5", " 1", "NaN", "Infinity", "1_000", "+1", ".5", [], {}),
        *(10**13, Decimal("1e400"), Decimal("-9999999999999.995"), "9" * 20),
        Decimal("Infinity"),
    ],
)
def test_anything_else_is_no_amount(sent: object) -> None:
    assert refusal(Amount(), sent) == (
        f"expected an amount below 10^13, got {json_type(sent)}"
    )


@pytest.mark.parametrize(
    "sent", ["0.0704988", "0.0000000000006", "4181781.55", "9999999.9999999999994"]
)
def test_a_ratio_stays_within_its_limits_at_twelve_decimals(sent: str) -> None:
    assert Ratio().read(Decimal(sent)) == Decimal(sent)


@pytest.mark.parametrize(
    "sent",
    [
        "0",
        "-0.07",
        "0.0000000000004",
        "0.0000000000005",  # the limits themselves are outside
        "9999999.9999999999995",  # 10 000 000 at twelve decimals
        "10000000",
    ],
)
def test_anything_else_is_no_ratio(sent: str) -> None:
    assert refusal(Ratio(), Decimal(sent)) == (
        "expected a ratio above 0 and below 10 000 000, got number"
    )


def test_a_text_may_come_as_an_integer() -> None:
    assert Text().read("SKU-A") == "SKU-A"
    assert Text().read(7092) == "7092"
    others: list[Any] = [None, True, Decimal("1.5"), [], {}]
    for sent in others:
        assert refusal(Text(), sent) == f"expected a string, got {json_type(sent)}"


def test_a_status_detail_is_a_text_or_an_object_with_a_code() -> None:
    assert Detail().read(None) is None
    assert Detail().read("accredited") == "accredited"
    assert Detail().read({"code": "mediation", "description": "..."}) == "mediation"
    assert Detail().read({"description": "..."}) is None
    assert refusal(Detail(), []) == "expected a string, got array"


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("2026-03-02T10:15:04.000-04:00", datetime(2026, 3, 2, 14, 15, 4, tzinfo=UTC)),
        ("2026-03-02T10:15:04.000-0400", datetime(2026, 3, 2, 14, 15, 4, tzinfo=UTC)),
        ("2026-03-02T14:15:04Z", datetime(2026, 3, 2, 14, 15, 4, tzinfo=UTC)),
        ("2026-08-31T23:33-04:00", datetime(2026, 9, 1, 3, 33, tzinfo=UTC)),
        (
            "2020-02-14T02:55:49.8119999Z",
            datetime(2020, 2, 14, 2, 55, 49, 811999, tzinfo=UTC),
        ),
    ],
)
def test_an_instant_has_its_offset_with_or_without_colon_and_fraction(
    sent: str, read: datetime
) -> None:
    assert Instant().read(sent) == read


@pytest.mark.parametrize(
    ("sent", "wanted"),
    [
        (None, "a date with its offset, got null"),
        (1772460904, "a date with its offset, got number"),
        ("", "a date with its offset, got string"),
        ("2026-03-02", "a date with its offset, got string"),
        ("2026-03-02T10:15:04", "a date with its offset, got string"),
        ("2026-03-02 10:15:04Z", "a date with its offset, got string"),
        ("2026-03-02T10:15:60Z", "a date with its offset, got string"),
        ("0001-01-01T00:00:00Z", "a date with its offset, got string"),
        ("2026-02-30T10:15:04Z", "a date of the calendar, got string"),
        ("2026-03-02T24:00:00Z", "a date of the calendar, got string"),
    ],
)
def test_anything_else_is_no_instant(sent: object, wanted: str) -> None:
    assert refusal(Instant(), sent) == f"expected {wanted}"


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ({"charge_flex": 390, "other": Decimal("0.5"), "text": "1.25"}, "391.75"),
        ({"charge_flex": None}, "0"),
        ({}, "0"),
        (Decimal("3.5"), "3.5"),  # what the judge hands on
    ],
)
def test_a_total_is_the_sum_of_an_objects_amounts(sent: object, read: str) -> None:
    assert Total().read(sent) == Decimal(read)


@pytest.mark.parametrize(
    "sent", [None, [], "x", {"a": "x"}, {"a": {}}, {"a": True}, {"a": 10**13}]
)
def test_a_total_of_anything_else_is_refused(sent: object) -> None:
    assert refusal(Total(), sent).startswith(
        "expected an object of amounts below 10^13"
    )


def test_a_total_of_too_much_is_refused() -> None:
    half = 6 * 10**12
    assert "10^13" in refusal(Total(), {"a": half, "b": half})


@pytest.mark.parametrize("sent", [None, 0, 1, "true", [], {}])
def test_a_flag_is_true_or_false_and_nothing_like_it(sent: object) -> None:
    assert (Flag().read(True), Flag().read(False)) == (True, False)
    assert refusal(Flag(), sent) == f"expected a boolean, got {json_type(sent)}"


@pytest.mark.parametrize(
    ("kind", "lands", "withheld"),
    [
        (
            Text(),
            "paid cc_rejected_other_reason me2 b2b mp-channel xd_drop_off 7eleven",
            "LOPEZ Lopez Lopez_1 ana.lopez 30111222 30.111.222 11-5555-4444 a/b a_ _a",
        ),
        (Letters(), "BRL MLB USDC", "brl Ana LOPEZ M1 AR"),
        (
            Identifier(),
            "MLB1743 P-MLB0000001 MLB3-off1 MXP10000600001 01/01/2001 2026-03-02 490",
            "lopez LOPEZ Ana_Lopez ana.lopez",
        ),
        (Code(), "IMEI entry_date ITEM_CONDITION active", "LOPEZ Lopez Ana_Lopez"),
    ],
)
def test_a_text_lands_where_its_shape_is_that_of_its_place(
    kind: Text, lands: str, withheld: str
) -> None:
    told = {
        one: bool(kind.form.fullmatch(one)) for one in f"{lands} {withheld}".split()
    }
    assert told == dict.fromkeys(lands.split(), True) | dict.fromkeys(
        withheld.split(), False
    )
    assert not kind.form.fullmatch("a_1" * 22)  # 66 signs
