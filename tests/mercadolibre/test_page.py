"""A page keeps the answer as it came, and shows its question without secrets."""

from datetime import UTC, datetime

import pytest

from pipeline.mercadolibre.errors import BrokenBody
from pipeline.mercadolibre.page import Page


def page(
    body: bytes = b"{}", status: int = 200, params: dict[str, str] | None = None
) -> Page:
    return Page(
        path="/orders/search",
        params=params or {},
        status=status,
        missing_fields=(),
        fetched_at=datetime(2026, 3, 2, tzinfo=UTC),
        body=body,
    )


def test_records_are_the_text_of_each_result_with_numbers_as_sent() -> None:
    body = b'{"paging": {}, "results": [{"a": 14.290000000000001}, {"b":1.10},{}]}'
    assert page(body).records() == [
        b'{"a": 14.290000000000001}',
        b'{"b":1.10}',
        b"{}",
    ]


def test_a_total_is_read_even_when_sent_as_text() -> None:
    assert page(b'{"results": [], "paging": {"total": "7"}}').total == 7


@pytest.mark.parametrize("paging", ["", ', "paging": null', ', "paging": {}'])
def test_a_total_may_be_absent(paging: str) -> None:
    assert page(f'{{"results": []{paging}}}'.encode()).total is None


def test_a_record_that_is_not_json_costs_no_other() -> None:
    odd = [rb'{"t": "\ud83d"}', b"NaN", b'{"a": 1,}', b"[" * 5000 + b"]" * 5000, b"1 2"]
    whole = [b'{"id": 1}', *odd, b'{"id": 2, "t": "]}"}']
    body = b'{"results": [%b], "paging": {"total": "7"}}' % b", ".join(whole)
    assert page(body).records() == whole
    assert (page(body).count, page(body).total) == (7, 7)


@pytest.mark.parametrize(
    "body",
    [
        b'{"results": [{"t": "x]}',
        b'{"results": [NaN}]',
        b'{"results": [NaN]} {}',
        b'{"results": {"0": NaN}}',
        b'{"results": [NaN], "paging": {"total": -1}}',
        b'{"results": [NaN], "paging": {"total": 3000000000}}',
        b'{"results": [], "paging": {"total": 3000000000}}',
        b'{"paging": {"total": NaN}}',
        b"[NaN]",
        b'"results"',
        b"",
    ],
)
def test_an_envelope_that_cannot_be_cut_is_broken(body: bytes) -> None:
    with pytest.raises(BrokenBody, match="not a search result"):
        page(body).records()


def test_a_body_nested_too_deeply_is_broken() -> None:
    with pytest.raises(BrokenBody, match=r"GET /orders/search: 200, .* MELI_BASE_URL"):
        page(b'{"results": ' + b"[" * 100_000).records()


def test_the_request_is_written_in_order_and_readably() -> None:
    params = {"seller": "1", "order.status": "paid,x", "at": "12:00 -03&"}
    assert (
        page(params=params).request
        == "/orders/search?seller=1&order.status=paid,x&at=12:00%20-03%26"
    )


def test_a_request_without_query_is_its_path() -> None:
    assert page().request == "/orders/search"


def test_a_free_search_text_is_not_shown() -> None:
    assert page(params={"q": "TESTBUYER"}).request == "/orders/search?q=***"
