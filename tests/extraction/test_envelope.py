"""What is known of a record at a glance, and that nothing can fail on reading it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extraction import envelope
from pipeline.extraction.evidence import SeenOrder
from pipeline.landing.record import Record
from pipeline.mercadolibre.errors import Withheld
from pipeline.mercadolibre.page import Page

FETCHED = datetime(2026, 9, 1, 12, tzinfo=UTC)
STAMP = "2026-03-02T14:17:40.512Z"


def page(
    *rows: str,
    status: int = 200,
    missing: tuple[str, ...] = (),
    body: bytes | None = None,
    path: str = "/orders/search",
) -> Page:
    text = f'{{"results": [{", ".join(rows)}], "paging": {{"total": {len(rows)}}}}}'
    return Page(
        path=path,
        params={"seller": "700100200"},
        status=status,
        missing_fields=missing,
        fetched_at=FETCHED,
        body=text.encode() if body is None else body,
    )


def search(*rows: str, missing: tuple[str, ...] = ()) -> list[tuple[Record, SeenOrder]]:
    status = 206 if missing else 200
    return envelope.orders(
        page(*rows, status=status, missing=missing),
        seller_id=700100200,
        run_id="run",
        search_pass="all",
        window_from=FETCHED,
        window_to=FETCHED,
        page_offset=51,
    )


def glance(row: str, missing: tuple[str, ...] = ()) -> SeenOrder:
    [(_, found)] = search(row, missing=missing)
    return found


def test_a_search_row_becomes_one_record_with_its_numbers_as_sent() -> None:
    row = (
        '{"id": 2000020000000001, "total_amount": 14.290000000000001, '
        f'"date_last_updated": "{STAMP}"}}'
    )
    [(record, found)] = search(row)
    assert record == Record(
        resource="orders",
        resource_id="2000020000000001",
        seller_id=700100200,
        updated_at=datetime(2026, 3, 2, 14, 17, 40, 512_000, tzinfo=UTC),
        fetched_at=FETCHED,
        run_id="run",
        request="/orders/search?seller=700100200",
        status=200,
        missing_fields=[],
        payload=row,
        search_pass="all",
        window_from=FETCHED,
        window_to=FETCHED,
        page_offset=51,
        page_total=1,
    )
    assert found == SeenOrder(
        order_id="2000020000000001",
        updated_at=record.updated_at,
        is_cancelled=False,
    )


@pytest.mark.parametrize(
    ("sent", "order_id"),
    [
        ("2000020000000001", "2000020000000001"),
        ('"2000020000000001"', "2000020000000001"),
        ('" 7 "', "7"),
    ],
)
def test_an_id_is_taken_as_number_or_text(sent: str, order_id: str) -> None:
    assert glance(f'{{"id": {sent}}}').order_id == order_id


@pytest.mark.parametrize(
    "sent",
    [
        "null",
        "true",
        "1.5",
        "1e999",
        "[1]",
        "{}",
        '""',
        '"²"',
        '"Ana Lopez"',
        "9" * 5000,
        f'"{"9" * 5000}"',
    ],
)
def test_anything_else_is_no_id(sent: str) -> None:
    found = glance(f'{{"id": {sent}, "status": "cancelled"}}')
    assert (found.order_id[0], len(found.order_id)) == ("?", 17)


@pytest.mark.parametrize(
    "row", ["1", "null", '"text"', "[]", "{}", '{"status": "paid"}']
)
def test_a_broken_row_is_landed_as_it_came_under_a_name_of_its_own(row: str) -> None:
    [(record, found)] = search(row)
    assert (record.payload, record.updated_at) == (row, None)
    assert not found.is_cancelled
    assert found.order_id == record.resource_id
    assert found.order_id.startswith("?")


def test_two_broken_rows_are_two_things_and_the_same_ones_next_time() -> None:
    first = [found.order_id for _, found in search('{"a": 1}', '{"a": 2}')]
    second = [found.order_id for _, found in search('{"a": 1}', '{"a": 2}')]
    assert first == second
    assert len(set(first)) == 2


def test_one_member_that_cannot_be_read_hides_no_other() -> None:
    row = '{"id": 5, "total_amount": 1e999, "status": "cancelled"}'
    assert (glance(row).order_id, glance(row).is_cancelled) == ("5", True)


def test_what_is_not_json_is_left_out_and_named_and_the_rest_is_kept() -> None:
    broken = page(body=b'{"results": [{"id": 5, "title": "\xff"}], "paging": {}}')
    [(record, found)] = envelope.orders(
        broken, seller_id=1, run_id="run", search_pass="all"
    )
    assert (found.order_id, record.page_total) == ("5", None)
    assert record.payload == '{"id":5,"title":null}'
    assert record.fault == "title: not a JSON text"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-02T10:17:40.000-04:00", datetime(2026, 3, 2, 14, 17, 40, tzinfo=UTC)),
        ("2026-03-02T10:17:40.000-0400", datetime(2026, 3, 2, 14, 17, 40, tzinfo=UTC)),
        ("2026-03-02T14:17:40Z", datetime(2026, 3, 2, 14, 17, 40, tzinfo=UTC)),
        ("2026-03-02T14:17:40", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        (1_772_460_000, None),
        (None, None),
    ],
)
def test_an_instant_needs_an_offset_in_any_of_its_spellings(
    text: object, moment: datetime | None
) -> None:
    assert envelope.instant(text) == moment


def test_without_an_index_stamp_the_order_s_own_is_taken() -> None:
    row = '{"id": 1, "last_updated": "2026-03-02T10:17:40.000-04:00"}'
    assert glance(row).updated_at == datetime(2026, 3, 2, 14, 17, 40, tzinfo=UTC)


def test_a_206_names_what_this_very_row_lacks() -> None:
    missing = ("buyer", "feedback", "shipping")
    rows = search(
        '{"id": 1, "buyer": {"id": 5}, "feedback": {"a": null}, "shipping": {"b": 6}}',
        '{"id": 2, "buyer": {}, "feedback": null, "shipping": {"id": null}}',
        '{"id": 3, "feedback": []}',
        missing=missing,
    )
    assert [(record.missing_fields, record.status) for record, _ in rows] == [
        ([], 206),
        (["buyer", "feedback"], 206),
        (["buyer", "feedback", "shipping"], 206),
    ]


def test_a_206_that_does_not_say_what_it_left_out_may_have_left_out_anything() -> None:
    row = '{"id": 1, "buyer": {"id": 5}, "feedback": {"sale": null}, "mediations": [7]}'
    [(record, _)] = envelope.orders(
        page(row, status=206), seller_id=1, run_id="run", search_pass="all"
    )
    assert record.missing_fields == ["seller", "shipping"]


def test_an_order_asked_for_by_its_id_has_no_search_columns() -> None:
    detail = page(
        path="/orders/5", body=b'{"id": 5, "last_updated": "2026-03-02T10:00:00Z"}'
    )
    [(record, _)] = envelope.orders(detail, seller_id=1, run_id="run")
    assert record == Record(
        resource="orders",
        resource_id="5",
        seller_id=1,
        updated_at=datetime(2026, 3, 2, 10, tzinfo=UTC),
        fetched_at=FETCHED,
        run_id="run",
        request="/orders/5?seller=700100200",
        status=200,
        missing_fields=[],
        payload='{"id": 5, "last_updated": "2026-03-02T10:00:00Z"}',
    )


def test_an_order_that_is_not_there_is_a_record_without_payload() -> None:
    gone = page(status=404, body=b'{"message": "Order does not exist"}')
    [(record, _)] = envelope.orders(gone, seller_id=1, run_id="run")
    assert (record.status, record.payload) == (404, None)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (
            200,
            b'{"id": 9, "last_updated": "2026-03-02T10:00:00.000-0400"}',
            {
                "status": 200,
                "payload": '{"id": 9, "last_updated": "2026-03-02T10:00:00.000-0400"}',
                "updated_at": datetime(2026, 3, 2, 14, tzinfo=UTC),
            },
        ),
        (
            404,
            b'{"message": "x"}',
            {"status": 404, "payload": None, "updated_at": None},
        ),
        (200, b"[1]", {"status": 200, "payload": "[1]", "updated_at": None}),
        (
            200,
            b"\xff",
            {
                "status": 200,
                "payload": "null",
                "updated_at": None,
                "fault": "record: not a JSON value",
            },
        ),
    ],
)
def test_a_single_thing_is_landed_whatever_it_is(
    status: int, body: bytes, expected: Mapping[str, object]
) -> None:
    record = envelope.single(
        page(status=status, body=body, path="/packs/9"),
        resource="packs",
        resource_id="9",
        seller_id=1,
        run_id="run",
    )
    assert record._asdict() == {
        "resource": "packs",
        "resource_id": "9",
        "seller_id": 1,
        "fetched_at": FETCHED,
        "run_id": "run",
        "request": "/packs/9?seller=700100200",
        "missing_fields": [],
        "search_pass": None,
        "window_from": None,
        "window_to": None,
        "page_offset": None,
        "page_total": None,
        "fault": None,
        **expected,
    }


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@pytest.mark.untraced
@given(
    st.dictionaries(
        st.sampled_from(
            ["id", "status", "payments", "cancel_detail", "date_last_updated", "buyer"]
        ),
        json_values,
    ),
    st.booleans(),
)
def test_no_row_whatever_it_holds_stops_the_page(
    row: dict[str, object], partial: bool
) -> None:
    found = search(json.dumps(row), missing=("buyer",) if partial else ())
    assert len(found) == 1


def test_a_refusal_is_a_record_that_tells_its_status_and_nothing_else() -> None:
    error = Withheld("GET /shipments/7: 401", status=401, path="/shipments/7")
    record = envelope.refused(
        error, resource="shipments", resource_id="7", seller_id=1, run_id="run"
    )
    assert record._replace(fetched_at=FETCHED) == Record(
        resource="shipments",
        resource_id="7",
        seller_id=1,
        updated_at=None,
        fetched_at=FETCHED,
        run_id="run",
        request="/shipments/7",
        status=401,
        missing_fields=[],
        payload=None,
    )
