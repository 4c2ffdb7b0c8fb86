"""The table of resources: what Mercado Libre has, one entry each.

Fetching, landing assets, loading, planning, retrying, quarantine, runs that follow
notifications and the live look follow from an entry; sql/wanted has a file of its name.
Not here: the searches for orders and what a row means.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

from pipeline.extraction.by_id import Ask
from pipeline.frames import (
    constants,
    exchange_rates,
    item_costs,
    order_answers,
    order_discounts,
    order_items,
    order_products,
    order_shipments,
    orders,
    pack_orders,
    packs,
    payments,
    sellers,
    shipment_costs,
    shipments,
)
from pipeline.frames.permission import permission
from pipeline.frames.tables import Frames, Maker, frames
from pipeline.landing import files
from pipeline.landing.redaction import Permission
from pipeline.mercadolibre import global_selling
from pipeline.payloads.exchange_rate import ExchangeRate
from pipeline.payloads.item_cost import ItemCost
from pipeline.payloads.order import Order
from pipeline.payloads.order_discounts import OrderDiscounts
from pipeline.payloads.order_product import OrderProduct
from pipeline.payloads.order_shipments import OrderShipments
from pipeline.payloads.pack import Pack
from pipeline.payloads.seller import Seller
from pipeline.payloads.shipment import Shipment
from pipeline.payloads.shipment_costs import ShipmentCosts
from pipeline.payloads.verdict import Model
from pipeline.settings import Settings
from pipeline.sites import GLOBAL_SELLING


@dataclass(frozen=True)
class Resource:
    """One kind of thing that lands and fills tables.

    Attributes:
        name: what landing calls it.
        endpoint: the path to ask for one of it, as a plan shows it; empty where the
            seller says it in a file, which lands when a command reads it.
        model: judges a record of it.
        makers: its tables, each with what makes the rows; rows after the first table's
            are kept or replaced with the first table's row of the same record.
        ask: asks the client for one of it; None where sql/wanted has no file for it.
        id_of: whose id it is asked for by, and that its tables hold as `<id_of>_id`;
            empty where that is another's, or none.
        estimated_by: what a plan counts to know how many requests one more order
            brings: a column of sql/questions/plan_shares.sql, less `_count`. Empty
            where that is `id_of`.
        after: resources that are loaded before it is asked for and loaded.
        words: what its landing asset is, as the catalogue shows it; empty where that
            asset is written by hand (orders, sellers).
        is_on: whether the settings want it.
        station: what a progress line and a problem of the run call it.
        is_chained: whether one of it may name another that is missing.
        also_fills: tables that loading it fills besides those of its frames.
        also_landed: further landing assets that bring records of it.
    """

    name: str
    endpoint: str
    model: Model
    makers: Mapping[str, Maker]
    ask: Ask | None = None
    id_of: Literal["order", "pack", "shipment", ""] = ""
    estimated_by: str = ""
    after: tuple[str, ...] = ()
    words: str = ""
    is_on: Callable[[Settings], bool] = lambda _: True
    station: str = ""
    is_chained: bool = False
    also_fills: tuple[str, ...] = ()
    also_landed: tuple[str, ...] = ()

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables of core that loading it fills."""
        framed = (name for name in self.makers if name.startswith("core."))
        return (*self.also_fills, *framed)

    def is_documented(self, site_id: str | None) -> bool:
        """Whether there is such an endpoint for sellers of a site."""
        return (
            site_id != GLOBAL_SELLING
            or not self.id_of
            or self.endpoint in global_selling.ENDPOINTS
        )

    def frames(self, records: pl.DataFrame, seller_sites: Mapping[int, str]) -> Frames:
        """Landed records of it as rows of its tables."""
        return frames(self.name, self.model, self.makers, records, seller_sites)


_RESOURCES = (
    Resource(
        "sellers",
        "/users/{id}",
        Seller,
        {"core.sellers": sellers.frame},
        also_fills=tuple(f"core.{name}" for name in constants.FRAMES),
    ),
    Resource(
        "orders",
        "/orders/{id}",
        Order,
        {
            "core.orders": orders.frame,
            "core.order_items": order_items.frame,
            "core.payments": payments.frame,
        },
        lambda client, order_id: client.order(order_id=order_id),
        id_of="order",
        estimated_by="detail",
        after=("sellers",),
        station="order details",
        also_fills=("core.order_versions",),
        also_landed=("notified_orders",),
    ),
    Resource(
        "packs",
        "/packs/{id}",
        Pack,
        {"core.packs": packs.frame, "core.pack_orders": pack_orders.frame},
        lambda client, pack_id: client.pack(pack_id=pack_id),
        id_of="pack",
        after=("orders",),
        words="Packs as Mercado Libre answers: which orders a buyer put into one cart. "
        "One record is one version of one pack. From 2024 on nearly every order names "
        "one, so this is about one request an order, again only when one of its orders "
        "changed.",
        is_chained=True,  # a child names its parent only once it is loaded
    ),
    Resource(
        "order_shipments",
        "/orders/{id}/shipments",
        OrderShipments,
        {
            "ops.order_answers": order_answers.frame,
            "core.order_shipments": order_shipments.frame,
        },
        lambda client, order_id: client.order_shipments(order_id=order_id),
        id_of="order",
        estimated_by="detail",  # those cancelled or given back, as with orders
        after=("orders",),
        words="Which shipments an order has, as Mercado Libre answers: of paid orders "
        "that name none themselves, and of those cancelled or given back, which may "
        "have one on its way back. One record an order and answer.",
    ),
    Resource(
        "shipments",
        "/shipments/{id}",
        Shipment,
        {"core.shipments": shipments.frame},
        lambda client, id_: client.shipment(shipment_id=id_),
        id_of="shipment",
        after=("orders", "packs", "order_shipments"),
        words="Shipments as Mercado Libre answers, in the new format. One record is "
        "one version of one shipment; one that is not there (404) is a record without "
        "payload. Settled shipments (delivered, cancelled) are never asked for again.",
    ),
    Resource(
        "exchange_rates",
        "/currency_conversions/search",
        ExchangeRate,
        {"core.exchange_rates": exchange_rates.frame},
        lambda client, pair: client.exchange_rate(
            from_currency=pair[0], to_currency=pair[1]
        ),
        # Loading works ratios out (MELI_RATE_FALLBACK) for what orders need.
        after=("orders", "shipments"),
        words="Today's ratio between two currencies as Mercado Libre answers. One "
        "record a pair and fetch; the API knows no history, so what is not fetched "
        "today is lost.",
        also_landed=("exchange_rates_csv",),
    ),
    Resource(
        "item_costs",
        "",
        ItemCost,
        {"core.item_costs": item_costs.frame},
        after=("sellers",),
    ),
    Resource(
        "order_discounts",
        "/orders/{id}/discounts",
        OrderDiscounts,
        {
            "ops.order_answers": order_answers.frame,
            "core.order_discounts": order_discounts.frame,
        },
        lambda client, order_id: client.order_discounts(order_id=order_id),
        id_of="order",
        estimated_by="discount",
        after=("orders",),
        words="Who funded which discount of an order, as Mercado Libre answers. One "
        "record an order and version, one request each: by default of orders whose own "
        "amounts do not say it (MELI_FETCH_DISCOUNTS says which).",
        is_on=lambda settings: settings.fetch_discounts != "none",
    ),
    Resource(
        "order_products",
        "/orders/{id}/product",
        OrderProduct,
        {
            "ops.order_answers": order_answers.frame,
            "core.order_products": order_products.frame,
        },
        lambda client, order_id: client.order_product(order_id=order_id),
        id_of="order",
        after=("orders",),
        words="Attributes of the very pieces sold, such as an IMEI, as Mercado Libre "
        "answers. One record an order and version, one request each; empty unless "
        "MELI_FETCH_PRODUCTS is set.",
        is_on=lambda settings: settings.fetch_products,
    ),
    Resource(
        "shipment_costs",
        "/shipments/{id}/costs",
        ShipmentCosts,
        {"core.shipment_costs": shipment_costs.frame},
        lambda client, id_: client.shipment_costs(shipment_id=id_),
        id_of="shipment",
        # After everything else: the most requests, and those that can wait longest.
        after=(
            "packs",
            "shipments",
            "exchange_rates",
            "order_discounts",
            "order_products",
        ),
        words="What each party pays for a shipment, as Mercado Libre answers. One "
        "record a version of a shipment; empty where MELI_FETCH_SHIPPING_COSTS is "
        "false.",
        is_on=lambda settings: settings.fetch_shipping_costs,
    ),
)

RESOURCES: dict[str, Resource] = {one.name: one for one in _RESOURCES}
"""By name, in the order in which a run asks for and loads them."""

OF_RUNS = {files.WINDOWS: "ops.windows", files.RUNS: "ops.runs"}
"""What a run lands about itself, and the table that it fills as it is."""


def everything() -> list[str]:
    """What can be landed, in an order in which all of it can be loaded."""
    return [*RESOURCES, *OF_RUNS]


def permissions() -> dict[str, Permission]:
    """What of the records of each resource may land."""
    return {name: permission(one.model) for name, one in RESOURCES.items()}
