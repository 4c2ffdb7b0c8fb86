"""The table of resources: what Mercado Libre has, one entry each.

Fetching, landing assets, loading, planning and retrying follow from an entry. Its name
is the key of the payload model (`payloads.verdict.MODELS`), the frames
(`frames.tables.TABLES`), the endpoint (`extraction.by_id.ENDPOINTS`) and the file of
sql/wanted. Not here: the searches for orders and what a row means.
"""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.extraction.by_id import ENDPOINTS
from pipeline.frames import constants
from pipeline.frames.tables import TABLES
from pipeline.landing import files
from pipeline.settings import Settings


@dataclass(frozen=True)
class Resource:
    """One kind of thing that lands and fills tables.

    Attributes:
        name: what landing calls it.
        endpoint: the path that one of it is asked for at, as a plan shows it.
        after: resources that are loaded before it is asked for and loaded.
        words: what its landing asset is, as the catalogue shows it; empty where that
            asset is written by hand (orders, sellers).
        is_on: whether the settings want it.
        station: what a progress line and a problem of the run call it.
        is_chained: whether one of it may name another that is lacking.
        also_fills: tables that loading it fills besides those of its frames.
        also_landed: further landing assets that bring records of it.
    """

    name: str
    endpoint: str
    after: tuple[str, ...] = ()
    words: str = ""
    is_on: Callable[[Settings], bool] = lambda _: True
    station: str = ""
    is_chained: bool = False
    also_fills: tuple[str, ...] = ()
    also_landed: tuple[str, ...] = ()

    @property
    def is_wanted(self) -> bool:
        """Whether what is lacking of it is asked for by id, as sql/wanted says."""
        return self.name in ENDPOINTS

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables of core that loading it fills."""
        framed = (name for name in TABLES[self.name] if name.startswith("core."))
        return (*self.also_fills, *framed)


_RESOURCES = (
    Resource(
        "sellers",
        "/users/{id}",
        also_fills=tuple(f"core.{name}" for name in constants.FRAMES),
    ),
    Resource(
        "orders",
        "/orders/{id}",
        after=("sellers",),
        station="order details",
        also_fills=("core.order_versions",),
    ),
    Resource(
        "packs",
        "/packs/{id}",
        after=("orders",),
        words="Packs as Mercado Libre answers: which orders a buyer put into one cart. "
        "One record is one version of one pack. From 2024 on nearly every order names "
        "one, so this is about one request an order, again only when one of its orders "
        "changed.",
        is_chained=True,  # a child names its parent only once it is loaded
    ),
    Resource(
        "shipments",
        "/shipments/{id}",
        after=("orders", "packs"),
        words="Shipments as Mercado Libre answers, in the new format. One record is "
        "one version of one shipment; one that is not there (404) is a record without "
        "payload. Settled shipments (delivered, cancelled) are never asked for again.",
    ),
    Resource(
        "exchange_rates",
        "/currency_conversions/search",
        # Loading works ratios out (MELI_RATE_FALLBACK) for what orders need.
        after=("orders", "shipments"),
        words="Today's ratio between two currencies as Mercado Libre answers. One "
        "record a pair and fetch; the API knows no history, so what is not fetched "
        "today is lost.",
        also_landed=("exchange_rates_csv",),
    ),
    Resource(
        "order_discounts",
        "/orders/{id}/discounts",
        after=("orders",),
        words="Who funded which discount of an order, as Mercado Libre answers. One "
        "record an order and version, one request each: by default of orders whose own "
        "amounts do not tell it (MELI_FETCH_DISCOUNTS says which).",
        is_on=lambda settings: settings.fetch_discounts != "none",
    ),
    Resource(
        "order_products",
        "/orders/{id}/product",
        after=("orders",),
        words="Attributes of the very pieces sold, such as an IMEI, as Mercado Libre "
        "answers. One record an order and version, one request each; empty unless "
        "MELI_FETCH_PRODUCTS is set.",
        is_on=lambda settings: settings.fetch_products,
    ),
    Resource(
        "shipment_costs",
        "/shipments/{id}/costs",
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
