"""Fetches shipments and what they cost the seller (§4)."""

from pipeline.extraction import envelope
from pipeline.landing.record import Record
from pipeline.mercadolibre.client import MercadoLibre

RESOURCE = "shipments"
COSTS_RESOURCE = "shipment_costs"


def shipment(
    client: MercadoLibre, shipment_id: int, *, seller_id: int, run_id: str
) -> Record:
    """One shipment to land; one that is not there is a record without payload."""
    return envelope.single(
        client.shipment(shipment_id=shipment_id),
        resource=RESOURCE,
        resource_id=str(shipment_id),
        seller_id=seller_id,
        run_id=run_id,
    )


def costs(
    client: MercadoLibre, shipment_id: int, *, seller_id: int, run_id: str
) -> Record:
    """Who pays what for one shipment, to land (§4.2)."""
    return envelope.single(
        client.shipment_costs(shipment_id=shipment_id),
        resource=COSTS_RESOURCE,
        resource_id=str(shipment_id),
        seller_id=seller_id,
        run_id=run_id,
    )
