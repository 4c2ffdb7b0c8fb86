"""The days on which a refused order may be missing, as wide as they must be."""

import json
from datetime import UTC, datetime

import pytest

from pipeline.frames.closing import closing

LANDED = datetime(2026, 3, 5, tzinfo=UTC)
BEGINNING = datetime(1999, 1, 1, tzinfo=UTC)
CREATED = "2026-03-01T23:30:00.000-04:00"
CREATED_AT = datetime(2026, 3, 2, 3, 30, tzinfo=UTC)
CLOSED = "2026-03-02T10:15:21.000-0400"
CLOSED_AT = datetime(2026, 3, 2, 14, 15, 21, tzinfo=UTC)


def paid(*payments: object) -> dict[str, object]:
    """An order that names no day of closing."""
    return {"date_closed": None, "date_created": CREATED, "payments": list(payments)}


@pytest.mark.parametrize(
    ("order", "found"),
    [
        # It names its instant, in any of the API's spellings.
        ({"date_closed": CLOSED, "date_created": CREATED}, (CLOSED_AT, CLOSED_AT)),
        ({"date_closed": CLOSED}, (CLOSED_AT, CLOSED_AT)),
        # It says that it is open: no day's sales lack it.
        ({"date_closed": None, "date_created": CREATED}, (None, None)),
        # It was paid all the same, once or twice: then it closed with a payment.
        (paid({"date_approved": CLOSED}, {"date_approved": None}), (CLOSED_AT,) * 2),
        (
            paid({"date_approved": CLOSED}, {"date_approved": CREATED}),
            (CREATED_AT, CLOSED_AT),
        ),
        (paid({"status": "rejected"}), (None, None)),
        (paid({"date_approved": "soon"}), (CREATED_AT, LANDED)),
        (paid({"date_approved": CLOSED}, "odd"), (CREATED_AT, LANDED)),
        (paid() | {"payments": "odd"}, (CREATED_AT, LANDED)),
        (paid(), (None, None)),
        # It does not say, or nothing that can be read: any time since it was created.
        ({"date_created": CREATED}, (CREATED_AT, LANDED)),
        ({"date_closed": 5, "date_created": CREATED}, (CREATED_AT, LANDED)),
        ({"date_closed": "1970-01-01T00:00:00Z"}, (BEGINNING, LANDED)),
        ({"date_closed": "2026-02-30T00:00:00Z"}, (BEGINNING, LANDED)),
        ({}, (BEGINNING, LANDED)),
        ([1], (BEGINNING, LANDED)),
    ],
)
def test_an_order_may_have_closed_when_it_says_or_cannot_say_otherwise(
    order: object, found: object
) -> None:
    assert closing(json.dumps(order), LANDED) == found


@pytest.mark.parametrize("payload", [None, "", '{"date_closed": null', "[" * 100_000])
def test_a_text_that_cannot_be_read_tells_nothing(payload: str | None) -> None:
    assert closing(payload, LANDED) == (BEGINNING, LANDED)
