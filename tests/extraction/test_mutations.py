"""Whatever becomes of the bytes of a page, no good neighbour is lost on the way."""

import json
from datetime import UTC, datetime

import hypothesis
from hypothesis import strategies as st

from pipeline.extraction import envelope
from pipeline.frames.decoding import decode
from pipeline.landing import record
from pipeline.mercadolibre.errors import BrokenBody
from pipeline.mercadolibre.json_text import NotCut, cut
from pipeline.mercadolibre.page import Page
from pipeline.payloads.order import Order
from pipeline.sync.resources import permissions

STAMP = "2026-03-02T10:17:40.000-04:00"
FIRST, SPOILED, LAST = 2000020000000001, 2000020000000002, 2000020000000003


def order(order_id: int) -> bytes:
    """The least that the judge accepts, with every JSON type in it."""
    return json.dumps(
        {
            "id": order_id,
            "status": "paid",
            "currency_id": "BRL",
            "date_created": STAMP,
            "date_closed": None,
            "fulfilled": True,
            "total_amount": 15.00,
            "order_items": [
                {
                    "item": {
                        "id": "MLB3000000001",
                        "title": 'Luz "\u00e9" \U0001f4a1 ]}',
                    },
                    "quantity": 1,
                    "unit_price": 1.5e1,
                }
            ],
            "tags": ["paid"],
        }
    ).encode()


# Bytes that mean something to JSON, to UTF-8 or to a reader of numbers.
PIECES = [
    b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"\x00", b"\xff", b"\n", b"-",
    rb"\ud83d", rb"\u0000", b"NaN", b"Infinity", b"null", b"true", b"1e999",
    b"9" * 4400, b'"id":7,', b'"id":"\xc2\xb2",', b'"results":[', b"[" * 200,
    b"[" * 3000 + b"]" * 3000,
]  # fmt: skip


@st.composite
def mutations(draw: st.DrawFn, text: bytes) -> bytes:
    """Flip, cut, double and insert, up to four times."""
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        length = draw(st.integers(0, 40))
        piece = draw(st.sampled_from(PIECES) | st.binary(max_size=4))
        text = draw(
            st.sampled_from(
                [
                    text[:at] + piece + text[at:],
                    text[:at] + piece + text[at + length :],
                    text[:at] + text[at + length :],
                    text[: at + length] + text[at:],
                ]
            )
        )
    return text


def read(body: bytes) -> tuple[list[str], set[str]]:
    """What landing calls the records of a page, and those that the judge accepts."""
    page = Page(
        path="/orders/search",
        params={},
        status=200,
        missing_fields=(),
        fetched_at=datetime(2026, 9, 1, tzinfo=UTC),
        body=body,
    )
    found = envelope.orders(page, seller_id=1, run_id="run", search_pass="all")
    landed = record.frame([row for row, _ in found], permissions())
    decoded = decode("orders", Order, landed)
    assert decoded.record.height + decoded.refused.height == len(found)
    assert all(decoded.refused["reason"].to_list()), "each says why"
    accepted = landed[decoded.record["record_number"]]["resource_id"]
    return landed["resource_id"].to_list(), set(accepted)


@hypothesis.settings(max_examples=300)
@hypothesis.given(mutations(order(SPOILED)))
def test_a_spoiled_record_costs_neither_neighbour(spoiled: bytes) -> None:
    results = b",".join([order(FIRST), spoiled, order(LAST)])
    try:
        parts = cut(b"[" + spoiled + b"]")
    except NotCut:
        parts = []  # it reaches beyond itself: the whole page may be broken
    try:
        landed, accepted = read(b'{"paging":{"total":3},"results":[' + results + b"]}")
    except BrokenBody:
        assert not parts
        return
    if parts:
        assert {str(FIRST), str(LAST)} <= accepted
        assert len(landed) == 2 + len(parts)


@hypothesis.settings(max_examples=300)
@hypothesis.given(
    mutations(b'{"paging":{"total":1},"results":[' + order(SPOILED) + b"]}")
)
def test_a_spoiled_page_is_read_or_broken(body: bytes) -> None:
    try:
        landed, accepted = read(body)
    except BrokenBody:
        return
    assert accepted <= set(landed)
