"""A shipment in its new shape and, where `x-format-new` was ignored, in the old one.

Fields: docs/mercado-libre-api.md, Shipments. Street, receiver and zip are not read.
"""

from typing import ClassVar

from pydantic import BaseModel, field_validator

from pipeline.payloads.values import (
    Capitals,
    Moment,
    Money,
    PlaceId,
    PlaceWord,
    PositiveId,
    Word,
    keys,
    or_null,
)


class Place(BaseModel):
    """A state or a city."""

    id: PlaceId | None = None
    name: PlaceWord | None = None

    _never_costs_a_shipment = field_validator("*", mode="wrap")(or_null)


class Address(BaseModel):
    """Where a shipment goes, no finer than the city.

    Personal is anything finer, and who lives there.
    """

    personal: ClassVar[frozenset[str]] = keys(
        "address_line street_name street_number comment zip_code neighborhood agency "
        "intersection latitude longitude receiver_name receiver_phone"
    )
    unread: ClassVar[frozenset[str]] = keys(
        "id address_id country municipality types delivery_preference node "
        "location_id scoring geolocation_type geolocation_source "
        "geolocation_last_updated"
    )
    state: Place | None = None
    city: Place | None = None

    _never_costs_a_shipment = field_validator("*", mode="wrap")(or_null)


class Destination(BaseModel):
    """The receiving end; who receives is personal."""

    personal: ClassVar[frozenset[str]] = keys("receiver_name receiver_phone comments")
    unread: ClassVar[frozenset[str]] = keys("type receiver_id snapshot")
    shipping_address: Address | None = None

    _never_costs_a_shipment = field_validator("*", mode="wrap")(or_null)


class Logistic(BaseModel):
    """Who moves the parcel, and in which direction."""

    mode: Word | None = None
    type: Word | None = None
    direction: Word | None = None

    _never_costs_a_shipment = field_validator("direction", mode="wrap")(or_null)


class Source(BaseModel):
    """Where the shipment was ordered; figures need only its site."""

    unread: ClassVar[frozenset[str]] = keys("market_place customer_id application_id")
    site_id: Capitals | None = None


class LastDay(BaseModel):
    """The last day of a promise that is a range of days."""

    unread: ClassVar[frozenset[str]] = keys("shipping")
    date: Moment | None = None

    _never_costs_a_shipment = field_validator("*", mode="wrap")(or_null)


class Promise(BaseModel):
    """A promised day, or the first of a range; not read: the hours behind it."""

    unread: ClassVar[frozenset[str]] = keys(
        "type unit time_frame pay_before shipping handling schedule"
    )
    date: Moment | None = None
    offset: LastDay | None = None

    _never_costs_a_shipment = field_validator("*", mode="wrap")(or_null)


class Limit(BaseModel):
    """The day after which nobody waits any longer; not read: its hours."""

    unread: ClassVar[frozenset[str]] = keys("offset")
    date: Moment | None = None

    _never_costs_a_shipment = field_validator("*", mode="wrap")(or_null)


class LeadTime(BaseModel):
    """The chosen delivery option: `cost` is what the buyer pays for the whole.

    Not read: its name and schedule, which hold no money.
    """

    unread: ClassVar[frozenset[str]] = keys(
        "option_id shipping_method service_id delivery_type delivery_promise "
        "processing_time priority_class buffering pickup_promise "
        "estimated_schedule_limit estimated_delivery_extended "
        "estimated_delivery_final"
    )
    cost: Money | None = None
    list_cost: Money | None = None
    cost_type: Word | None = None
    currency_id: Capitals | None = None
    estimated_delivery_time: Promise | None = None
    estimated_delivery_limit: Limit | None = None

    _never_costs_a_shipment = field_validator(
        "cost_type",
        "estimated_delivery_time",
        "estimated_delivery_limit",
        mode="wrap",
    )(or_null)


class ShippingOption(BaseModel):
    """The old shape's delivery option; the same is not read as of a lead time."""

    unread: ClassVar[frozenset[str]] = keys(
        "id name shipping_method_id speed delivery_type processing_time buffering "
        "pickup_promise estimated_schedule_limit estimated_delivery_extended "
        "estimated_delivery_final estimated_handling_limit desired_promised_delivery"
    )
    cost: Money | None = None
    list_cost: Money | None = None
    currency_id: Capitals | None = None
    estimated_delivery_time: Promise | None = None
    estimated_delivery_limit: Limit | None = None

    _never_costs_a_shipment = field_validator(
        "estimated_delivery_time", "estimated_delivery_limit", mode="wrap"
    )(or_null)


class Shipment(BaseModel):
    """One shipment; fields of the old shape are null in the new, and the reverse.

    Not read: the parcel (contents, sizes, labels, tracking), the
    history of its status, other shipments and orders, and other amounts:
    `declared_value` is insurance; `base_cost`, `order_cost` and `cost_components` are
    parts of a tariff. Not here: what the seller pays (`shipment_costs.py`).
    """

    personal: ClassVar[frozenset[str]] = keys("comments sender_address")
    unread: ClassVar[frozenset[str]] = keys(
        "external_reference declared_value items_types tracking_number "
        "tracking_method quotation tags snapshot_packing dimensions sibling "
        "priority_class origin application_id base_cost carrier_info "
        "created_by customer_id date_first_printed market_place order_cost order_id "
        "receiver_id return_details return_tracking_number sender_id "
        "service_id shipping_items shipping_method_id siblings status_history "
        "substatus_history type cost_components costs items payments delay"
    )
    id: PositiveId
    status: Word
    substatus: Word | None = None
    logistic: Logistic | None = None
    lead_time: LeadTime | None = None
    source: Source | None = None
    destination: Destination | None = None
    date_created: Moment | None = None
    last_updated: Moment | None = None
    mode: Word | None = None
    logistic_type: Word | None = None
    site_id: Capitals | None = None
    shipping_option: ShippingOption | None = None
    receiver_address: Address | None = None

    _never_costs_a_shipment = field_validator(
        "substatus", "destination", "date_created", "receiver_address", mode="wrap"
    )(or_null)
