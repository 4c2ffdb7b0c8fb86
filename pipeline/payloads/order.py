"""An order as `/orders/search` and `/orders/{id}` send it.

Fields: docs/mercado-libre-api.md, Orders. Not here: packs and shipments, which an order
only names.
"""

from collections.abc import Iterator
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, localcontext
from typing import Any, ClassVar, Self

from pydantic import BaseModel, create_model, field_validator, model_validator
from pydantic_core import PydanticCustomError

from pipeline.payloads.values import (
    Amount,
    Capitals,
    Id,
    Moment,
    Money,
    OwnWord,
    PositiveId,
    Present,
    Quantity,
    Small,
    StatusDetail,
    TextId,
    Truth,
    Word,
    keys,
    or_null,
    without_nulls,
)

FIRST_YEAR, LAST_YEAR = 1999, 2060
"""The years of `core.calendar`: an order closed in another year would have no day."""

_FLOAT_NOISE = Decimal("1e-14")  # of an amount: 14.290000000000001
_CENT, _FINEST_SENT = Decimal("0.01"), Decimal("0.000001")
_CAME_IN = keys(
    "approved refunded partially_refunded in_mediation charged_back"
)  # status of a payment that took money, whatever became of it


class Reference(BaseModel):
    """Another resource by its id; `{}` if a 206 answer left it out.

    Not read: what the shipment's own record has, and whose restrictions there are.
    """

    personal: ClassVar[frozenset[str]] = keys(
        "nickname first_name last_name email phone alternative_phone billing_info"
    )
    unread: ClassVar[frozenset[str]] = keys(
        "user_type tags status buy_restrictions substatus service_id currency_id "
        "shipping_mode shipping_type cost date_created"
    )
    id: Id | None = None


class Item(BaseModel):
    """The listing that was bought.

    Not read: what describes the listing (attributes, warranty, weight), and a
    `global_price` that nobody pays.
    """

    unread: ClassVar[frozenset[str]] = keys(
        "variation_attributes attributes warranty global_price net_weight release_date"
    )
    id: TextId
    title: OwnWord | None = None
    category_id: TextId | None = None
    variation_id: Id | None = None
    seller_sku: OwnWord | None = None
    seller_custom_field: OwnWord | None = None
    parent_item_id: TextId | None = None
    user_product_id: TextId | None = None
    condition: Word | None = None

    _never_costs_an_order = field_validator(
        "title",
        "category_id",
        "variation_id",
        "seller_sku",
        "seller_custom_field",
        "parent_item_id",
        "user_product_id",
        "condition",
        mode="wrap",
    )(or_null)


class DiscountAmounts(BaseModel):
    """What a price discount takes off a unit, and the seller's part of it."""

    full: Money | None = None
    seller: Money | None = None


class LineDiscount(BaseModel):
    """One price discount of a line."""

    amounts: DiscountAmounts | None = None


class ParentItem(BaseModel):
    """The listing of a kit, and the product behind it."""

    id: TextId | None = None
    user_product_id: TextId | None = None

    _never_costs_an_order = field_validator("*", mode="wrap")(or_null)


class Bundle(BaseModel):
    """The kit that a line is part of; its other parts are orders of their own."""

    unread: ClassVar[frozenset[str]] = keys("id components")
    parent_item: ParentItem | None = None


class Measured(BaseModel):
    """How much of goods that are weighed or cut: 1.5 of `kilogram`."""

    value: Money | None = None
    measure: Word | None = None


class Stock(BaseModel):
    """Where a line's goods lie; `node_id` came as `network_node_id`, too."""

    store_id: TextId | None = None
    node_id: TextId | None = None
    network_node_id: TextId | None = None


class OrderItem(BaseModel):
    """One line of an order; prices, discounts and the sale fee are per unit.

    `quantity` is what is charged, whatever was asked for and picked. `stock` is an
    object on one page and a list on another. What Mercado Libre buys to sell it itself
    may come without a `unit_price`; after judging it is never null. Not read: the
    currency of a list price (the line's), and numbers of a catalogue's own bookkeeping.
    """

    derived: ClassVar[frozenset[str]] = keys("unit_price")
    unread: ClassVar[frozenset[str]] = keys(
        "full_unit_price_currency_id compat_id differential_pricing_id"
    )
    in_lists: ClassVar[frozenset[str]] = keys("stock")
    item: Item
    quantity: Quantity
    unit_price: Money | None = None
    full_unit_price: Money | None = None
    gross_price: Money | None = None
    sale_fee: Money | None = None
    currency_id: Capitals | None = None
    listing_type_id: Word | None = None
    base_currency_id: Capitals | None = None
    base_exchange_rate: Money | None = None
    discounts: list[LineDiscount] | None = None
    bundle: Bundle | None = None
    element_id: Id | None = None
    kit_instance_id: TextId | None = None
    requested_quantity: Measured | None = None
    picked_quantity: Measured | None = None
    stock: Stock | None = None
    manufacturing_days: Small | None = None

    _never_costs_an_order = field_validator(
        "listing_type_id",
        "base_currency_id",
        "bundle",
        "element_id",
        "kit_instance_id",
        "requested_quantity",
        "picked_quantity",
        "stock",
        "manufacturing_days",
        mode="wrap",
    )(or_null)

    @field_validator("stock", mode="before")
    @classmethod
    def _first(cls, value: object) -> object:
        """Read the first of a list."""
        return (value[0] if value else None) if isinstance(value, list) else value

    @property
    def price(self) -> Decimal:
        """`unit_price`, once it is not null any more."""
        return self.unit_price or Decimal(0)

    def prices(self) -> Iterator[Decimal | None]:
        """Every amount of a unit, which later is multiplied by the quantity."""
        yield from (self.unit_price, self.full_unit_price, self.sale_fee)
        amounts = [one.amounts for one in self.discounts or () if one.amounts]
        yield sum((abs(one.full or Decimal(0)) for one in amounts), start=Decimal(0))
        yield sum((abs(one.seller or Decimal(0)) for one in amounts), start=Decimal(0))


class Payment(BaseModel):
    """One payment of an order.

    Not read: what the order itself has (its number, its title as
    `reason`), possible next actions, and internal references of the payment. A coupon's
    amount is read; its number is in the order.
    """

    personal: ClassVar[frozenset[str]] = keys("payer card_id authorization_code")
    unread: ClassVar[frozenset[str]] = keys(
        "order_id payer_id collector reason issuer_id "
        "atm_transfer_reference coupon_id activation_uri available_actions "
        "status_code deferred_period transaction_order_id reference_id"
    )
    id: Id
    status: Word
    status_detail: StatusDetail = None
    payment_type: Word | None = None
    payment_method_id: Word | None = None
    operation_type: Word | None = None
    installments: Small | None = None
    transaction_amount: Money | None = None
    transaction_amount_refunded: Money | None = None
    shipping_cost: Money | None = None
    taxes_amount: Money | None = None
    coupon_amount: Money | None = None
    overpaid_amount: Money | None = None
    total_paid_amount: Money | None = None
    installment_amount: Money | None = None
    marketplace_fee: Money | None = None
    currency_id: Capitals | None = None
    site_id: Capitals | None = None
    date_created: Moment | None = None
    date_approved: Moment | None = None
    date_last_modified: Moment | None = None
    tags: list[Word] | None = None

    _never_costs_an_order = field_validator(
        "payment_type",
        "payment_method_id",
        "operation_type",
        "installments",
        "site_id",
        "date_created",
        "date_last_modified",
        mode="wrap",
    )(or_null)

    _without_nulls = field_validator("tags", mode="before")(without_nulls)


class Coupon(BaseModel):
    """The order's coupon; gone from payloads since 2025."""

    id: Id | None = None
    amount: Money | None = None

    _never_costs_an_order = field_validator("id", mode="wrap")(or_null)


class Mediation(BaseModel):
    """A claim about the order; another resource has its status."""

    unread: ClassVar[frozenset[str]] = keys("status stage")
    id: Id | None = None


class Taxes(BaseModel):
    """Taxes of an order, null on most, sometimes in another currency.

    Not read: their internal `id`.
    """

    unread: ClassVar[frozenset[str]] = keys("id")
    amount: Money | None = None
    currency_id: Capitals | None = None


class Context(BaseModel):
    """Where an order was placed.

    Not read: the application and the physical shop behind it, which hold no money.
    """

    unread: ClassVar[frozenset[str]] = keys("application store_id product_id")
    channel: Word | None = None
    site: Capitals | None = None
    flows: list[Word] | None = None

    _never_costs_an_order = field_validator("*", mode="wrap")(or_null)

    _without_nulls = field_validator("flows", mode="before")(without_nulls)


class CancelDetail(BaseModel):
    """Why an order was cancelled.

    `description` is free text that may name a person; the code says the same.
    """

    personal: ClassVar[frozenset[str]] = keys("description")
    group: Word | None = None
    code: Word | None = None
    requested_by: Word | None = None
    date: Moment | None = None
    application_id: Id | None = None

    _never_costs_an_order = field_validator(
        "group", "requested_by", "date", "application_id", mode="wrap"
    )(or_null)


class Rating(BaseModel):
    """What one side said of an order, in codes.

    Personal is what they wrote. Not read: who wrote it and when, and what became of it.
    """

    personal: ClassVar[frozenset[str]] = keys("message reply reason from to")
    unread: ClassVar[frozenset[str]] = keys(
        "id status role date_created visibility_date modified restock_item "
        "has_seller_refunded_money extended_feedback order_id item site_id app_id"
    )
    rating: Word | None = None
    fulfilled: Truth | None = None

    _never_costs_an_order = field_validator("rating", "fulfilled", mode="wrap")(or_null)


class Feedback(BaseModel):
    """Ratings of both sides.

    `purchase` is the buyer's and `sale` the seller's; they came as `buyer` and
    `seller`, too, and in 2026 as both, then with no more than a number in these.
    """

    purchase: Rating | None = None
    sale: Rating | None = None
    buyer: Rating | None = None
    seller: Rating | None = None

    _never_costs_an_order = field_validator("*", mode="wrap")(or_null)


_REQUESTS: dict[str, Any] = dict.fromkeys(("change", "return"), (Present | None, None))
# What stands in them is nowhere documented; a class could name no field `return`.
OrderRequest = create_model(
    "OrderRequest",
    __doc__="Whether somebody asked to change the goods, or to send them back.",
    **_REQUESTS,
)


class Order(BaseModel):
    """One consistent order; after judging, `total_amount` is never null.

    `total_amount` is the sum of `unit_price` x `quantity`. Global Selling leaves it
    out, and the judge fills it in. `derived` names such fields: a null there needs the
    judge.

    Personal is what people wrote. Not read: references to the order (a purchase,
    related orders, which have their own amounts), and settings of the site without
    money (the application that placed it, internal tags).
    """

    personal: ClassVar[frozenset[str]] = keys("comments")
    unread: ClassVar[frozenset[str]] = keys(
        "application_id hidden_for_seller internal_tags purchase_id related_orders"
    )
    derived: ClassVar[frozenset[str]] = keys("total_amount")
    id: PositiveId
    status: Word
    currency_id: Capitals
    date_created: Moment
    order_items: list[OrderItem]
    status_detail: StatusDetail = None
    date_closed: Moment | None = None
    last_updated: Moment | None = None
    date_last_updated: Moment | None = None
    pack_id: Id | None = None
    total_amount: Money | None = None
    paid_amount: Money | None = None
    shipping_cost: Money | None = None
    coupon: Coupon | None = None
    taxes: Taxes | None = None
    payments: list[Payment] | None = None
    shipping: Reference | None = None
    seller: Reference | None = None
    buyer: Reference | None = None
    tags: list[Word] | None = None
    static_tags: list[Word] | None = None
    context: Context | None = None
    cancel_detail: CancelDetail | None = None
    mediations: list[Mediation] | None = None
    fulfilled: Truth | None = None
    expiration_date: Moment | None = None
    buying_mode: Word | None = None
    feedback: Feedback | None = None
    order_request: OrderRequest | None = None
    manufacturing_ending_date: Moment | None = None
    pickup_id: Id | None = None

    _never_costs_an_order = field_validator(
        "status_detail",
        "buyer",
        "static_tags",
        "context",
        "fulfilled",
        "expiration_date",
        "buying_mode",
        "feedback",
        "order_request",
        "manufacturing_ending_date",
        "pickup_id",
        mode="wrap",
    )(or_null)

    _without_nulls = field_validator(
        "mediations", "tags", "static_tags", mode="before"
    )(without_nulls)

    @field_validator("mediations", mode="before")
    @classmethod
    def _left_out(cls, value: object) -> object:
        """Read `{}` as null: a 206 answer leaves fields out that way."""
        return None if value == {} else value

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        """Refuse an order that no figure can be made of; fill in what is derived."""
        if not self.order_items:
            raise _refused("order_items: expected a line at least, got none")
        if any(
            line.currency_id not in (None, self.currency_id)
            for line in self.order_items
        ):
            raise _refused("order_items: a line is in another currency than the order")
        if any(line.unit_price is None for line in self.order_items):
            self._find_price()
        total = self._line_sum()
        if self.total_amount is None:
            self.total_amount = total
        elif not self._is_sum(self.total_amount, total):
            raise _refused("total_amount: it is not the sum of the lines")
        if self.date_closed and not FIRST_YEAR <= self.date_closed.year <= LAST_YEAR:
            raise _refused(f"date_closed: expected {FIRST_YEAR} to {LAST_YEAR}")
        return self

    def _find_price(self) -> None:
        """Share the total, else what the payments took, among the units of the line."""
        if len(self.order_items) > 1:
            raise _refused("order_items: one of several lines has no unit_price")
        line = self.order_items[0]
        self.total_amount = self.total_amount or self._taken()
        if self.total_amount is None:
            raise _refused(
                "order_items[0].unit_price: null, and no total or payment tells it"
            )
        with localcontext(prec=60):
            price = self.total_amount / line.quantity
            line.unit_price = price.quantize(_FINEST_SENT, ROUND_HALF_UP)

    def _taken(self) -> Decimal | None:
        """What the payments took that took money; null unless each of them says it."""
        taken = [one for one in self.payments or () if one.status in _CAME_IN]
        amounts = [
            one.transaction_amount
            for one in taken
            if one.transaction_amount is not None
            and one.currency_id in (None, self.currency_id)
        ]
        is_told = bool(taken) and len(amounts) == len(taken)
        return sum(amounts, start=Decimal(0)) if is_told else None

    def _line_sum(self) -> Decimal:
        amounts = []
        with localcontext(prec=60):
            for line in self.order_items:
                for price in line.prices():
                    if price and not abs(price * line.quantity) < Amount().highest:
                        raise _refused("order_items: a line comes to 10^13 or more")
                amounts.append(line.price * line.quantity)
            total = sum(amounts, start=Decimal(0))
        if not abs(total) < Amount().highest:
            raise _refused("order_items: the lines sum to 10^13 or more")
        return total

    def _is_sum(self, total: Decimal, lines: Decimal) -> bool:
        """Whether a total is its lines: as they were sent, and as core holds them.

        Half a cent a unit is for prices that the API rounds before it sends them. Above
        it the last digits of a float: 62032.270000000004 for a unit of 62032.265. Core
        holds a total's cents and six decimals of a price, which a check of
        marts.order_amounts compares: 10.006 for a unit of 10.001 would break it.
        """
        most = Decimal(sum(line.quantity for line in self.order_items)) / 200
        with localcontext(prec=60):
            held = total.quantize(_CENT, ROUND_HALF_UP)
            for line in self.order_items:
                price = line.price.quantize(_FINEST_SENT, ROUND_DOWN)
                held -= price * line.quantity
        noise = abs(total) * _FLOAT_NOISE
        return abs(total - lines) <= most + noise and abs(held) <= most


def _refused(reason: str) -> PydanticCustomError:
    return PydanticCustomError("disagrees", "{reason}", {"reason": reason})
