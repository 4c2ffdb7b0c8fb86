"""Fetches today's ratio between two currencies (§5); history is made by keeping it."""

from pipeline.extraction import envelope
from pipeline.landing.record import Record
from pipeline.mercadolibre.client import MercadoLibre

RESOURCE = "exchange_rates"


def ratio(
    client: MercadoLibre, pair: tuple[str, str], *, seller_id: int, run_id: str
) -> Record:
    """One ratio to land, named `ARS-BRL`; an unknown pair has no payload."""
    from_currency, to_currency = pair
    return envelope.single(
        client.exchange_rate(from_currency=from_currency, to_currency=to_currency),
        resource=RESOURCE,
        resource_id=f"{from_currency}-{to_currency}",
        seller_id=seller_id,
        run_id=run_id,
    )
