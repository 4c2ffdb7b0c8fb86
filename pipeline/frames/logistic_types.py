"""Rows of `core.logistic_types`: what a code means, and who keeps the buyer's shipping.

A static table: nothing of it is fetched (docs/mercado-libre-api.md, Shipments).
"""

import polars as pl

from pipeline.sql import schema

SCHEMA = schema("core.logistic_types")

# Who contracts the carrier keeps what the buyer pays for it: the seller in Flex, ME1
# and whatever is agreed between the two. A shipment without a type is looked up by
# its mode, so me1 and me2 have a row too.
_CARRIED = (
    ("fulfillment", "Full", "Full", "Full"),
    ("cross_docking", "Colecta", "Coleta", "Collection"),
    ("xd_drop_off", "Places", "Agência", "Places"),
    ("drop_off", "Correo", "Correios", "Post office"),
    ("me2", "Mercado Envíos", "Mercado Envios", "Mercado Envios"),
)
# Mercado Libre may charge for these all the same, and pays for carrying.
_BY_THE_SELLER = (
    ("self_service", "Flex", "Flex", "Flex"),
    ("turbo", "Turbo", "Turbo", "Turbo"),
)
_APART = (
    ("default", "Mercado Envíos 1", "Mercado Envios 1", "Mercado Envios 1"),
    ("me1", "Mercado Envíos 1", "Mercado Envios 1", "Mercado Envios 1"),
    ("custom", "Envío propio", "Envio próprio", "Seller's own delivery"),
    ("not_specified", "A convenir", "A combinar", "To be agreed"),
)


def frame() -> pl.DataFrame:
    """Make one row per logistic type, and per mode that stands in for one."""
    rows = [(*names, True, True, False) for names in _CARRIED]
    rows += [(*names, False, True, True) for names in _BY_THE_SELLER]
    rows += [(*names, False, False, True) for names in _APART]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")
