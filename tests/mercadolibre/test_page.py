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


def test_a_body_nested_too_deeply_is_broken() -> None:
    with pytest.raises(BrokenBody, match=r"GET /orders/search: 200, .* \(Recursion"):
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
