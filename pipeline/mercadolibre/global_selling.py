"""The endpoints of Global Selling (site CBT): a seller sells in several countries.

The same client with other paths; its search answers with carts, which only name their
orders. Source: docs/mercado-libre-api.md, Global Selling. Not here: reading the orders
that carts name (`extraction/carts.py`), and the pace of the search (`budget.py`).
"""

from collections.abc import Iterator, Mapping

from pipeline.mercadolibre.client import (
    CEILING,
    NEW_FORMAT,
    PAGE_LIMIT,
    MercadoLibre,
    Sort,
    Variant,
)
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
"""What is asked here for an endpoint of a site. Those of an order's discounts,
product and shipments are not documented here, and not asked."""

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

    def search_orders(
        self,
        *,
        seller: int,
        filters: Mapping[str, str] | None = None,
        sort: Sort = "date_asc",
        offset: int = 0,
        limit: int = PAGE_LIMIT,
        ceiling: int = CEILING,
        variant: Variant = "search",
    ) -> Iterator[Page]:
        """Yield pages of `/marketplace/orders/search`: rows are carts, not orders.

        As the search of a site, with the same names of filters.

        Raises:
            BadRequest: another variant than `search`, which is not documented here.
            LimitExceeded: the API refuses limit or offset, or there are rows beyond
                `ceiling`.
        """
        if variant != "search":
            raise BadRequest(f"Global Selling documents no search of {variant} orders")
        params = {"seller.id": str(seller)}
        for name, value in (filters or {}).items():
            params[_FILTERS.get(name, name)] = value
        params["sort"] = sort
        reach = min(limit, LARGEST_PAGE)
        path = ENDPOINTS["/orders/search"]
        return self._pages(path, params, offset, reach, ceiling)

    def order(self, *, order_id: int) -> Page:
        """Read `/marketplace/orders/{id}`: in dollars, without a `total_amount`."""
        return self._single(_path("/orders/{id}", order_id))

    def pack(self, *, pack_id: int) -> Page:
        """Read `/marketplace/orders/pack/{id}`: the orders of one cart."""
        return self._single(_path("/packs/{id}", pack_id))

    def shipment(self, *, shipment_id: int) -> Page:
        """Read `/marketplace/shipments/{id}` in the new format."""
        path = _path("/shipments/{id}", shipment_id)
        return self._single(path, headers=NEW_FORMAT)

    def shipment_costs(self, *, shipment_id: int) -> Page:
        """Read `/marketplace/shipments/{id}/costs`; the costs name their currency."""
        path = _path("/shipments/{id}/costs", shipment_id)
        return self._single(path, headers=NEW_FORMAT)


def _path(endpoint: str, identity: int) -> str:
    return ENDPOINTS[endpoint].format(id=int(identity))
