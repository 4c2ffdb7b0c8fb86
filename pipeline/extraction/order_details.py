"""Fetches what search does not say of an order: `/orders/{id}` and what hangs on it."""

from pipeline.extraction import envelope
from pipeline.landing.record import Record
from pipeline.mercadolibre.client import MercadoLibre

DISCOUNTS_RESOURCE = "order_discounts"
PRODUCTS_RESOURCE = "order_products"


def order(
    client: MercadoLibre, order_id: int, *, seller_id: int, run_id: str
) -> Record:
    """One order in full, to land beside its versions from search (§2)."""
    page = client.order(order_id=order_id)
    [(record, _)] = envelope.orders(page, seller_id=seller_id, run_id=run_id)
    return record._replace(resource_id=str(order_id))


def discounts(
    client: MercadoLibre, order_id: int, *, seller_id: int, run_id: str
) -> Record:
    """Who funded which discount of an order, to land."""
    return envelope.single(
        client.order_discounts(order_id=order_id),
        resource=DISCOUNTS_RESOURCE,
        resource_id=str(order_id),
        seller_id=seller_id,
        run_id=run_id,
    )


def product(
    client: MercadoLibre, order_id: int, *, seller_id: int, run_id: str
) -> Record:
    """Attributes of the very pieces sold, such as an IMEI, to land."""
    return envelope.single(
        client.order_product(order_id=order_id),
        resource=PRODUCTS_RESOURCE,
        resource_id=str(order_id),
        seller_id=seller_id,
        run_id=run_id,
    )
