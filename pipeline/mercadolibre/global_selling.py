"""The endpoints of Global Selling (site CBT): a seller sells in several countries.

The same client with other paths; its search answers with carts, which only name their
orders. Source: docs/mercado-libre-api.md, Global Selling. Not here: reading the orders
that carts name (`extraction/carts.py`), and the pace of the search (`budget.py`).
"""

from collections.abc import Iterator, Mapping

from pipeline.mercadolibre.client import MercadoLibre, Variant
from pipeline.mercadolibre.errors import BadRequest
from pipeline.mercadolibre.page import Page

LARGEST_PAGE = 50
"""The largest `limit` of this search; the documents also speak of 1000."""

ENDPOINTS: Mapping[str, str] = {
    "/orders/search": "/marketplace/orders/search",
    "/orders/{id}": "/marketplace/orders/{id}",
    "/packs/{id}": "/marketplace/orders/pack/{id}",
    "/shipments/{id}": "/marketplace/shipments/{id}",
    "/shipments/{id}/costs": "/marketplace/shipments/{id}/costs",
}
"""What is asked here for an endpoint of a site. Orders are in dollars and without a
`total_amount`; costs name their currency. Those of an order's discounts, product and
shipments are not documented here, and not asked."""

# This search knows its date filters without a prefix, and none by another name.
_FILTERS = {
    f"order.{theirs}.{end}": f"{ours}.{end}"
    for theirs, ours in (
        ("date_created", "date_created"),
        ("date_closed", "date_closed"),
        ("date_last_updated", "last_updated"),
    )
    for end in ("from", "to")
}


class GlobalSelling(MercadoLibre):
    """The endpoints of Global Selling that the pipeline reads, for one account."""

    _endpoints = ENDPOINTS

    def _search(
        self, seller: int, filters: Mapping[str, str], variant: Variant
    ) -> tuple[str, dict[str, str]]:
        """As the search of a site, with the same names of filters."""
        if variant != "search":
            raise BadRequest(f"Global Selling documents no search of {variant} orders")
        named = {_FILTERS.get(name, name): value for name, value in filters.items()}
        return ENDPOINTS["/orders/search"], {"seller.id": str(seller), **named}

    def _pages(
        self, path: str, filters: dict[str, str], offset: int, limit: int, ceiling: int
    ) -> Iterator[Page]:
        reach = min(limit, LARGEST_PAGE)
        return super()._pages(path, filters, offset, reach, ceiling)
