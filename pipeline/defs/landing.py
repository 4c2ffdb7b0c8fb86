"""Landing assets: the only ones that touch the network.

Not here: which pages to ask for (`sync/orders.py`), the metadata of the orders read
(`order_reading.py`) and the proof (`extraction/`).
"""

from collections.abc import Callable, Iterator

import dagster as dg

from pipeline.defs import order_reading
from pipeline.defs.catalog import FRESH, OWNERS
from pipeline.defs.partitions import updated_on
from pipeline.extraction.by_id import Tally
from pipeline.sync import by_id, notified, orders, rates, sellers
from pipeline.sync.project import Project
from pipeline.sync.resources import RESOURCES, Resource

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
    freshness_policy=FRESH,
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
    order_reading.report_days(context, read)
    yield dg.MaterializeResult(
        metadata={**planned, **order_reading.metadata(project, read)},
        check_results=[order_reading.proof(read)],
    )


class Notified(dg.Config):
    """How notifications are followed.

    Attributes:
        alone: the run does nothing else.
    """

    alone: bool = False


@dg.asset(
    key=["landing", "notified_orders"],
    deps=[["landing", "orders"]],
    group_name=GROUP,
    kinds=KINDS,
    owners=OWNERS,
    tags=TAGS,
)
def landed_notified_orders(
    config: Notified, project: dg.ResourceParam[Project]
) -> dg.MaterializeResult[None]:
    """Orders that Mercado Libre's notifications point at, asked for by their number.

    One record is one version of one order, beside those of the search. It is quick,
    never sure: no window is proven by it, and nothing comes where nobody listens.
    """
    return _tally(notified.follow(project, alone=config.alone))


def _landed(
    name: str,
    deps: list[list[str]],
    words: str,
    step: Callable[[Project], Tally],
    group: str = GROUP,
) -> dg.AssetsDefinition:
    """An asset of records that one function of `sync/` lands."""

    @dg.asset(
        key=["landing", name],
        deps=deps,
        description=words,
        group_name=group,
        kinds=KINDS,
        owners=OWNERS,
        tags=TAGS,
    )
    def landed(project: dg.ResourceParam[Project]) -> dg.MaterializeResult[None]:
        return _tally(step(project))

    return landed


def by_id_asset(resource: Resource) -> dg.AssetsDefinition:
    """An asset of things that a run asks for by their id.

    It is of the group of the tables that name the ids, so that groups read as a road.
    """
    return _landed(
        resource.name,
        [["core", name] for name in resource.after],
        resource.words,
        lambda project: by_id.fetch_wanted(project, resource.name),
        "core",
    )


landed_sellers = _landed(
    "sellers",
    [["landing", "orders"]],
    "Sellers' own accounts as Mercado Libre answers, less everything personal.\n\n"
    "One record a seller, asked for once: the site decides the time zone in which a "
    "sale has its day. Names, contacts and tax ids are dropped before landing.",
    sellers.missing_sellers,
)
landed_exchange_rates_csv = _landed(
    "exchange_rates_csv",
    # Not for its content: with landed orders alone at the root, days are one run.
    [["landing", "orders"]],
    "Ratios of older days from the CSVs that lie in the data folder's `rates/`, one "
    "record a line. A file lands once; one with a line that is not a valid rate does "
    "not land and makes the run red. A day and pair that has a ratio keeps it.",
    rates.land_folder,
)

assets = [
    landed_sellers,
    landed_orders,
    landed_notified_orders,
    landed_exchange_rates_csv,
    *(by_id_asset(resource) for resource in RESOURCES.values() if resource.words),
]
