"""What a run asks for by id, step by step: what the warehouse lacks, asked and landed.

Not here: orders as they are found, by windows of time (`extracting.py`).
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from functools import partial
from typing import Any, TypeVar

from pipeline.extraction import (
    envelope,
    exchange_rates,
    order_details,
    packs,
    shipments,
)
from pipeline.extraction.accounts import Account
from pipeline.extraction.probe import FilterIgnored
from pipeline.extraction.single import Tally, fetch
from pipeline.landing import files, journal
from pipeline.landing.record import Record
from pipeline.mercadolibre.errors import MercadoLibreError
from pipeline.sync.loading import load
from pipeline.sync.project import Project
from pipeline.warehouse.ask import wanted

SELLERS_AT_ONCE = 8
"""The API counts requests by seller, so several do not slow each other down."""

SellerRefused = FilterIgnored | MercadoLibreError
"""What concerns one seller only: its token, its permission, its network."""

Result = TypeVar("Result")


def for_each(
    project: Project,
    work: Callable[[Account], Result],
    at_once: int = SELLERS_AT_ONCE,
) -> list[tuple[Account, Result | SellerRefused]]:
    """Do work in the name of every account; results in the order of the accounts.

    What is refused to one seller is its result and keeps no other from being read.
    Anything else, Ctrl-C above all, stops them all at their next answer.
    """
    accounts = project.accounts()

    def done(account: Account) -> Result | SellerRefused:
        try:
            return work(account)
        except (FilterIgnored, MercadoLibreError) as refused:
            return refused

    if min(at_once, len(accounts)) < 2:
        return [(account, done(account)) for account in accounts]
    with ThreadPoolExecutor(at_once, "seller") as pool:
        tasks = [pool.submit(done, account) for account in accounts]
        try:
            return [
                (account, task.result())
                for account, task in zip(accounts, tasks, strict=True)
            ]
        except BaseException:
            project.progress.stop()
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def wanted_orders(project: Project) -> Tally:
    """Land `/orders/{id}` of loaded orders that a search does not tell enough of."""
    rows = wanted(project.warehouse(), "orders", now=project.now())
    return _ask_for(
        project, "orders", rows, order_details.order, station="order details"
    )


def packs_and_parents(project: Project) -> Tally:
    """Land packs that are new or whose orders changed, and the parents of split ones.

    A child names its parent only once it is loaded, so this asks until nobody names a
    pack that is not there. A pack is asked for once, though its answer was refused or
    lost: it stays wanted, and the next run asks again.
    """
    total = Tally()
    load(project, ["packs"])  # what a run that died had landed is not asked for again
    asked: set[Any] = set()
    while rows := [
        row
        for row in wanted(project.warehouse(), "packs", now=project.now())
        if row[0] not in asked
    ]:
        asked.update(row[0] for row in rows)
        tally = _ask_for(project, packs.RESOURCE, rows, packs.pack)
        total.landed += tally.landed
        total.failed.update(tally.failed)
        load(project, ["packs"])
    return total


def wanted_shipments(project: Project) -> Tally:
    """Land shipments that are new, still moving, or whose orders changed."""
    load(project, ["shipments"])
    rows = wanted(project.warehouse(), "shipments", now=project.now())
    return _ask_for(project, shipments.RESOURCE, rows, shipments.shipment)


def wanted_shipment_costs(project: Project) -> Tally:
    """Land what shipments cost the seller, unless the settings do without it."""
    if not project.settings.fetch_shipping_costs:
        return Tally()
    load(project, ["shipments", "shipment_costs"])
    rows = wanted(project.warehouse(), "shipment_costs", now=project.now())
    return _ask_for(project, shipments.COSTS_RESOURCE, rows, shipments.costs)


def wanted_order_discounts(project: Project) -> Tally:
    """Land who funded which discount of an order, as far as the settings ask for it."""
    mode = project.settings.fetch_discounts
    if mode == "none":
        return Tally()
    load(project, ["order_discounts"])
    rows = wanted(
        project.warehouse(), "order_discounts", now=project.now(), discounts=mode
    )
    return _ask_for(project, "order_discounts", rows, order_details.discounts)


def wanted_order_products(project: Project) -> Tally:
    """Land attributes of the very pieces sold, when the settings ask for it."""
    if not project.settings.fetch_products:
        return Tally()
    load(project, ["order_products"])
    rows = wanted(project.warehouse(), "order_products", now=project.now())
    return _ask_for(project, "order_products", rows, order_details.product)


def wanted_exchange_rates(project: Project) -> Tally:
    """Land today's ratio of every pair that some amount needs.

    A pair that the API does not know is asked for once a day: its 404 is landed too.
    """
    today = f"date={project.now().astimezone(UTC):%Y-%m-%d}"
    paths = [
        path
        for path in files.listing(project.landing, exchange_rates.RESOURCE)
        if today in path
    ]
    asked = set(
        files.read(project.landing, exchange_rates.RESOURCE, paths, ["resource_id"])[
            "resource_id"
        ]
    )
    rows = [
        row
        for row in wanted(project.warehouse(), "exchange_rates", now=project.now())
        if f"{row[0]}-{row[1]}" not in asked
    ]
    return _ask_for(project, exchange_rates.RESOURCE, rows, exchange_rates.ratio)


def _ask_for(
    project: Project,
    resource: str,
    rows: Sequence[tuple[Any, ...]],
    ask: Callable[..., Record],
    *,
    station: str | None = None,
) -> Tally:
    """Fetch things whose last column names the seller in whose name to ask.

    What fails is a problem of the run. A seller whose token is refused half way does
    not keep the others from being asked.
    """
    total = Tally()
    if not rows:
        return total
    station = station or resource.replace("_", " ")
    project.progress.begin(station, expected=len(rows))
    wanted_by: dict[int, list[Any]] = {}
    for row in rows:
        thing = row[0] if len(row) == 2 else row[:-1]
        wanted_by.setdefault(row[-1], []).append(thing)
    with journal.opened(project.landing, project.run_id) as pages:

        def fetched(account: Account) -> Tally:
            def refused(thing: object, error: MercadoLibreError) -> Record:
                return envelope.refused(
                    error,
                    resource=resource,
                    resource_id=_resource_id(thing),
                    seller_id=account.seller_id,
                    run_id=project.run_id,
                )

            return fetch(
                wanted_by.get(account.seller_id, []),
                partial(
                    ask,
                    account.client,
                    seller_id=account.seller_id,
                    run_id=project.run_id,
                ),
                refused=refused,
                journal=pages,
                workers=project.settings.max_concurrency,
                progress=project.progress,
            )

        # One after the other: what a kill loses, answers on their way and those of the
        # last tenth of a second, would grow with the sellers.
        for account, tally in for_each(project, fetched, at_once=1):
            if isinstance(tally, Exception):
                total.failed[f"those of seller {account.seller_id}"] = str(tally)
                continue
            total.landed += tally.landed
            total.failed.update(tally.failed)
    if total.failed:
        one, reason = next(iter(total.failed.items()))
        project.problems.append(
            f"{len(total.failed)} {station} could not be fetched, "
            f"such as {one}: {reason}"
        )
    return total


def _resource_id(thing: object) -> str:
    """A thing's id as it lands: a number, or a pair as in `ARS-BRL`."""
    return "-".join(map(str, thing)) if isinstance(thing, tuple) else str(thing)
