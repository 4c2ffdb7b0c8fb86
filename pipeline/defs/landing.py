"""Landing assets: the only ones that touch the network.

Not here: which pages are asked for (`orders.py`), what the catalogue is told of
the orders read (`order_reading.py`) and the proof (`extraction/`).
"""

from collections.abc import Callable, Iterator

import dagster as dg

from pipeline.defs import order_reading
from pipeline.defs.catalog import OWNERS
from pipeline.defs.partitions import updated_on
from pipeline.extraction.single import Tally
from pipeline.sync import by_id, orders, rates
from pipeline.sync.project import Project

GROUP = "landing"
KINDS = {"json", "parquet"}
TAGS = {"schema": GROUP}


def _tally(tally: Tally) -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(
        metadata={
            "landed": tally.landed,
            "failed": len(tally.failed),
            "failures": dict(list(tally.failed.items())[:20]),
        }
    )


@dg.asset(
    key=["landing", "orders"],
    partitions_def=updated_on,
    backfill_policy=dg.BackfillPolicy.single_run(),
    check_specs=[order_reading.EVERY_WINDOW],
    group_name=GROUP,
    kinds=KINDS,
    owners=OWNERS,
    tags=TAGS,
)
def landed_orders(
    context: dg.AssetExecutionContext,
    config: order_reading.Wanted,
    project: dg.ResourceParam[Project],
) -> Iterator[dg.MaterializeResult[None]]:
    """Orders as Mercado Libre's search answers, every version that was ever seen.

    One record is one version of one order; a partition is the UTC day on which it was
    last updated, so a late update lands in a later partition and changes no old one.
    An order that changes five times is here five times: count `core/orders` instead.
    """
    span = order_reading.span_of(context, config)
    planned = order_reading.planned(project, span)
    read = orders.orders(project, span)
    order_reading.count_days(context, read)
    yield dg.MaterializeResult(
        metadata={**planned, **order_reading.metadata(project, read)},
        check_results=[order_reading.proof(read)],
    )


@dg.asset(
    key=["landing", "sellers"],
    deps=[["landing", "orders"]],
    group_name=GROUP,
    kinds=KINDS,
    owners=OWNERS,
    tags=TAGS,
)
def landed_sellers(project: dg.ResourceParam[Project]) -> dg.MaterializeResult[None]:
    """Sellers' own accounts as Mercado Libre answers, less everything personal.

    One record a seller, asked for once: the site decides the time zone in which a sale
    has its day. Names, contacts and tax ids are left behind before landing.
    """
    return _tally(orders.missing_sellers(project))


def _single(
    name: str,
    deps: list[list[str]],
    description: str,
    step: Callable[[Project], Tally],
) -> dg.AssetsDefinition:
    """An asset whose things are each asked for by their id."""

    @dg.asset(
        key=["landing", name],
        deps=deps,
        description=description,
        group_name=GROUP,
        kinds=KINDS,
        owners=OWNERS,
        tags=TAGS,
    )
    def landed(project: dg.ResourceParam[Project]) -> dg.MaterializeResult[None]:
        return _tally(step(project))

    return landed


landed_packs = _single(
    "packs",
    [["core", "orders"]],
    "Packs as Mercado Libre answers: which orders a buyer put into one cart. One "
    "record is one version of one pack. From 2024 on nearly every order names one, so "
    "this is about one request an order, again only when one of its orders changed.",
    by_id.packs_and_parents,
)

landed_shipments = _single(
    "shipments",
    [["core", "orders"], ["core", "packs"]],
    "Shipments as Mercado Libre answers, in the new format. One record is one version "
    "of one shipment; one that is not there (404) is a record without payload. Settled "
    "shipments (delivered, cancelled) are never asked for again.",
    by_id.wanted_shipments,
)

landed_exchange_rates = _single(
    "exchange_rates",
    [["core", "orders"], ["core", "shipments"]],
    "Today's ratio between two currencies as Mercado Libre answers. One record a pair "
    "and fetch; the API knows no history, so what is not fetched today is lost.",
    by_id.wanted_exchange_rates,
)

landed_exchange_rates_csv = _single(
    "exchange_rates_csv",
    # Not for its content: with landed orders alone at the root, days are one run.
    [["landing", "orders"]],
    "Ratios of older days from the CSVs that lie in the data folder's `rates/`, one "
    "record a line. A file lands once; one with a line that is no rate lands not at "
    "all and makes the run red. A day and pair that has a ratio keeps it.",
    rates.land_folder,
)

landed_order_discounts = _single(
    "order_discounts",
    [["core", "orders"]],
    "Who funded which discount of an order, as Mercado Libre answers. One record an "
    "order and version, one request each: by default of orders whose own amounts do "
    "not tell it (MELI_FETCH_DISCOUNTS says which).",
    by_id.wanted_order_discounts,
)

landed_order_products = _single(
    "order_products",
    [["core", "orders"]],
    "Attributes of the very pieces sold, such as an IMEI, as Mercado Libre answers. "
    "One record an order and version, one request each; empty unless "
    "MELI_FETCH_PRODUCTS is set.",
    by_id.wanted_order_products,
)

landed_shipment_costs = _single(
    "shipment_costs",
    # After everything else: the most requests, and the ones that can wait longest.
    [
        ["core", name]
        for name in (
            "packs",
            "shipments",
            "exchange_rates",
            "order_discounts",
            "order_products",
        )
    ],
    "What each party pays for a shipment, as Mercado Libre answers. One record a "
    "version of a shipment; empty where MELI_FETCH_SHIPPING_COSTS is false.",
    by_id.wanted_shipment_costs,
)

assets = [
    landed_sellers,
    landed_orders,
    landed_packs,
    landed_shipments,
    landed_exchange_rates,
    landed_exchange_rates_csv,
    landed_order_discounts,
    landed_order_products,
    landed_shipment_costs,
]
