"""Landing assets: the only ones that touch the network.

Not here: which pages are asked for (`extracting.py`) and the proof (`extraction/`).
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import dagster as dg

from pipeline.defs import extracting, fetching, planning, rates
from pipeline.defs.catalog import OWNERS
from pipeline.defs.partitions import updated_on
from pipeline.defs.project import Project
from pipeline.defs.proof import describe
from pipeline.extraction.coverage import EVERY_ORDER, incomplete
from pipeline.extraction.single import Tally
from pipeline.extraction.windows import Range
from pipeline.mercadolibre.errors import MercadoLibreError

GROUP = "landing"
PLANNED_HOURS = 24 * 60
KINDS = {"json", "parquet"}


class Wanted(dg.Config):
    """Which orders to read; without any of this: the days of the run's partitions.

    Attributes:
        due: read what is due, seller by seller, whatever the partitions say.
        start: from this instant of last update on (ISO 8601), instead of the days.
        end: up to this instant.
    """

    due: bool = False
    start: str | None = None
    end: str | None = None


def _span(context: dg.AssetExecutionContext, config: Wanted) -> Range | None:
    if config.due:
        return None
    window = context.partition_time_window
    start = datetime.fromisoformat(config.start) if config.start else window.start
    end = datetime.fromisoformat(config.end) if config.end else window.end
    return extracting.range_of(start, end)


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
    check_specs=[
        dg.AssetCheckSpec(
            "every_window_is_complete",
            asset=["landing", "orders"],
            description="As many distinct orders landed as the search claimed to have, "
            "window by window; a short read is red, never green.",
        )
    ],
    group_name=GROUP,
    kinds=KINDS,
    owners=OWNERS,
)
def landed_orders(
    context: dg.AssetExecutionContext,
    config: Wanted,
    project: dg.ResourceParam[Project],
) -> Iterator[dg.MaterializeResult[None]]:
    """Orders as Mercado Libre's search answers, every version that was ever seen.

    One record is one version of one order; a partition is the UTC day on which it was
    last updated, so a late update lands in a later partition and changes no old one.
    An order that changes five times is here five times: count `core/orders` instead.
    """
    span = _span(context, config)
    planned = _planned(project, span)
    read = extracting.orders(project, span)
    _count_days(context, project)
    red = incomplete(read.certificates)
    yield dg.MaterializeResult(
        metadata={
            **planned,
            "windows": len(read.certificates),
            "windows_not_complete": len(red),
            "orders_in_windows": sum(
                row.inside_count
                for row in read.certificates
                if row.search_pass == EVERY_ORDER
            ),
            "details_read": read.details.landed,
            "requests": json.dumps(extracting.requests(project)),
        },
        check_results=[
            dg.AssetCheckResult(
                check_name="every_window_is_complete",
                passed=not red,
                metadata={
                    f"window {number}": describe(row)
                    for number, row in enumerate(red[:20], start=1)
                },
            )
        ],
    )


def _planned(project: Project, span: Range | None) -> dict[str, Any]:
    """What `meli-sales plan` would say, for a run that is long enough to wonder.

    It costs a request a seller and month of range, so hourly runs go without.
    """
    ranges = [span] if span else extracting.due_of_everyone(project)
    if sum(one.hours for one in ranges) < PLANNED_HOURS:
        return {}
    try:
        plans = planning.plan(
            project.settings, project.accounts(), span=span, now=project.started_at
        )
    except MercadoLibreError:
        return {}  # the reading that comes now will tell what is wrong
    return planning.metadata(plans)


def _count_days(context: dg.AssetExecutionContext, project: Project) -> None:
    """Tell each partition how many orders its certificates vouch for."""
    if not context.has_partition_key_range:
        return
    counts: dict[str, int] = {}
    for row in project.certificates:
        if row.search_pass == EVERY_ORDER:
            day = f"{row.window_from:%Y-%m-%d}"
            counts[day] = counts.get(day, 0) + row.inside_count
    for day in context.partition_keys:
        context.add_asset_metadata(
            {"dagster/partition_row_count": counts.get(day, 0)}, partition_key=day
        )


@dg.asset(
    key=["landing", "sellers"],
    deps=[["landing", "orders"]],
    group_name=GROUP,
    kinds=KINDS,
    owners=OWNERS,
)
def landed_sellers(project: dg.ResourceParam[Project]) -> dg.MaterializeResult[None]:
    """Sellers' own accounts as Mercado Libre answers, less everything personal.

    One record a seller, asked for once: the site decides the time zone in which a sale
    has its day. Names, contacts and tax ids are left behind before landing.
    """
    return _tally(extracting.missing_sellers(project))


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
    fetching.packs_and_parents,
)

landed_shipments = _single(
    "shipments",
    [["core", "orders"], ["core", "packs"]],
    "Shipments as Mercado Libre answers, in the new format. One record is one version "
    "of one shipment; one that is not there (404) is a record without payload. Settled "
    "shipments (delivered, cancelled) are never asked for again.",
    fetching.wanted_shipments,
)

landed_shipment_costs = _single(
    "shipment_costs",
    [["core", "shipments"]],
    "What each party pays for a shipment, as Mercado Libre answers. One record a "
    "version of a shipment; empty unless MELI_FETCH_SHIPPING_COSTS is set.",
    fetching.wanted_shipment_costs,
)

landed_exchange_rates = _single(
    "exchange_rates",
    [["core", "orders"], ["core", "shipments"]],
    "Today's ratio between two currencies as Mercado Libre answers. One record a pair "
    "and fetch; the API knows no history, so what is not fetched today is lost.",
    fetching.wanted_exchange_rates,
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
    "order and version, one request each; empty unless MELI_FETCH_DISCOUNTS is set.",
    fetching.wanted_order_discounts,
)

landed_order_products = _single(
    "order_products",
    [["core", "orders"]],
    "Attributes of the very pieces sold, such as an IMEI, as Mercado Libre answers. "
    "One record an order and version, one request each; empty unless "
    "MELI_FETCH_PRODUCTS is set.",
    fetching.wanted_order_products,
)

assets = [
    landed_sellers,
    landed_orders,
    landed_packs,
    landed_shipments,
    landed_shipment_costs,
    landed_exchange_rates,
    landed_exchange_rates_csv,
    landed_order_discounts,
    landed_order_products,
]
