"""Fetches packs: the orders that a buyer put into one cart (§3.1)."""

from pipeline.extraction import envelope
from pipeline.landing.record import Record
from pipeline.mercadolibre.client import MercadoLibre

RESOURCE = "packs"


def pack(client: MercadoLibre, pack_id: int, *, seller_id: int, run_id: str) -> Record:
    """One pack to land; a pack that is not there is a record without payload."""
    return envelope.single(
        client.pack(pack_id=pack_id),
        resource=RESOURCE,
        resource_id=str(pack_id),
        seller_id=seller_id,
        run_id=run_id,
    )
