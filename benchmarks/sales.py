"""Made-up orders of one seller as JSON text, each a function of its number.

Amounts are text from the start, so that what a reader makes of them can be compared to
what was sent. Not here: serving them (`server.py`), and the sandbox's world, which is
true to life and slower.
"""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

SELLER = 700100200
BUYERS = 40_000
ITEMS = 500
CANCELLED_EVERY = 25
"""Every 25th order is cancelled."""

FIRST_ORDER = 2_000_010_000_000_000
FIRST_PACK = 2_000_005_000_000_000
FIRST_SHIPMENT = 44_000_000_000
_FIRST_PAYMENT = 90_000_000_000
_LATER = 60_000
_ZONE = timedelta(hours=-4)

_ORDER = (
    '{"id":%(id)d,"date_created":"%(created)s","date_closed":"%(closed)s",'
    '"last_updated":"%(updated)s","date_last_updated":"%(indexed)s",'
    '"pack_id":%(pack)s,"fulfilled":null,"buying_mode":"buy_equals_pay",'
    '"shipping_cost":null,"mediations":[],"total_amount":%(total)s,'
    '"paid_amount":%(paid)s,"order_items":[{"item":{"id":"MLB30000%(item)05d",'
    '"title":"Cadeira Leve %(item)d","category_id":"MLB1631",'
    '"variation_id":183000%(item)06d,"seller_custom_field":null,'
    '"variation_attributes":[{"name":"Color","id":"COLOR","value_id":"52049",'
    '"value_name":"Preto"}],"warranty":null,"condition":"new",'
    '"seller_sku":"SKU-%(item)05d","global_price":null,"net_weight":null,'
    '"user_product_id":"MLBU%(item)d","release_date":null},"quantity":%(quantity)d,'
    '"requested_quantity":{"measure":"unit","value":%(quantity)d},'
    '"picked_quantity":null,"unit_price":%(price)s,"full_unit_price":%(price)s,'
    '"full_unit_price_currency_id":"BRL","gross_price":%(total)s,'
    '"currency_id":"BRL","manufacturing_days":null,"sale_fee":%(fee)s,'
    '"listing_type_id":"gold_special","base_exchange_rate":null,'
    '"base_currency_id":null,"element_id":null,"discounts":null,"bundle":null,'
    '"compat_id":null,"stock":{"store_id":null,"node_id":null},'
    '"kit_instance_id":null}],"currency_id":"BRL","payments":[{"id":%(payment)d,'
    '"order_id":%(id)d,"payer_id":%(buyer)d,"collector":{"id":%(seller)d},'
    '"card_id":null,"reason":"Cadeira Leve %(item)d","site_id":"MLB",'
    '"payment_method_id":"account_money","currency_id":"BRL","installments":1,'
    '"issuer_id":null,"atm_transfer_reference":{"transaction_id":null,'
    '"company_id":null},"coupon_id":null,"activation_uri":null,'
    '"operation_type":"regular_payment","payment_type":"account_money",'
    '"available_actions":["refund"],"status":"%(payment_status)s",'
    '"status_code":null,"status_detail":"%(payment_detail)s",'
    '"transaction_amount":%(total)s,"transaction_amount_refunded":%(refunded)s,'
    '"taxes_amount":0,"shipping_cost":0,"coupon_amount":0,"overpaid_amount":0,'
    '"total_paid_amount":%(total)s,"installment_amount":null,'
    '"deferred_period":null,"date_approved":"%(closed)s",'
    '"transaction_order_id":null,"date_created":"%(created)s",'
    '"date_last_modified":"%(closed)s","marketplace_fee":%(fee)s,'
    '"reference_id":null,"authorization_code":null}],"shipping":{"id":%(shipment)s},'
    '"status":"%(status)s","status_detail":null,"tags":[%(tags)s],'
    '"internal_tags":[],"static_tags":[],"feedback":{"seller":null,"buyer":null},'
    '"context":{"channel":"marketplace","site":"MLB","flows":[]},'
    '"seller":{"id":%(seller)d},"buyer":{"id":%(buyer)d,"nickname":"BUYER%(buyer)d",'
    '"first_name":"Ines","last_name":"Hiedra","billing_info":{"id":"1%(buyer)d"}},'
    '"taxes":{"amount":null,"currency_id":null,"id":null},'
    '"cancel_detail":%(cancel)s,"manufacturing_ending_date":null,'
    '"order_request":{"change":null,"return":null},"related_orders":null}'
)
_CANCEL = (
    '{"group":"buyer","code":"buyer_cancel_express","description":"","requested_by":'
    '"buyer","date":"%s","application_id":null}'
)
_PACK = (
    '{"id":%d,"status":"released","status_detail":null,"family_pack_id":null,'
    '"buyer":{"id":%d},"orders":[%s],"date_created":"%s","last_updated":"%s",'
    '"shipment":{"id":%d},"trash_pack_id":null}'
)
_SHIPMENT = (
    '{"id":%d,"external_reference":null,"status":"delivered","substatus":null,'
    '"date_created":"%s","last_updated":"%s","declared_value":100,"items_types":'
    '["new"],"tracking_number":"SBX000000000BR","tracking_method":"MEL Distribution",'
    '"tags":[],"logistic":{"mode":"me2","type":"fulfillment","direction":"forward"},'
    '"source":{"site_id":"MLB","market_place":"MELI","customer_id":null,'
    '"application_id":null},"destination":{"type":"buying_address","receiver_id":%d,'
    '"receiver_name":null,"shipping_address":{"city":{"id":"BR-MG-09","name":'
    '"Belo Horizonte"},"state":{"id":"BR-MG","name":"Minas Gerais"}}},"lead_time":'
    '{"currency_id":"BRL","cost":0,"list_cost":40.32,"cost_type":"free",'
    '"estimated_delivery_time":{"date":"%s"}}}'
)
_COSTS = (
    '{"gross_amount":40.32,"receiver":{"user_id":%d,"cost":0,"compensation":0,'
    '"save":0,"discounts":[]},"senders":[{"user_id":%d,"cost":20.16,'
    '"compensation":0,"save":0,"charges":{"charge_flex":0},"discounts":[]}]}'
)


@dataclass(frozen=True)
class Amounts:
    """The money of one order as its JSON has it."""

    total: str
    paid: str
    price: str
    fee: str


@dataclass(frozen=True)
class Cart:
    """Orders that were bought together: one order, or two that follow each other."""

    first: int
    size: int


class Sales:
    """Orders spread evenly from `start` to `end`, numbered by their creation.

    Args:
        count: how many.
        start: when the first was created, aware.
        end: when all are created.
        has_parcels: whether orders name packs and shipments; else none exist.
    """

    def __init__(
        self, count: int, start: datetime, end: datetime, *, has_parcels: bool = False
    ) -> None:
        self.count = count
        self.has_parcels = has_parcels
        self._start = _milliseconds(start)
        self._span = _milliseconds(end) - self._start

    def created(self, number: int) -> int:
        """When an order was created, in milliseconds since 1970."""
        return self._start + number * self._span // max(self.count, 1)

    def indexed(self, number: int) -> int:
        """Its `date_last_updated` until it changes, in milliseconds since 1970."""
        return self.created(number) + _LATER

    def first_indexed(self, at: int) -> int:
        """The number of the first order with a `date_last_updated` of `at` or later."""
        return bisect_left(range(self.count), at, key=self.indexed)

    def order(
        self, number: int, *, created: int | None = None, indexed: int | None = None
    ) -> str:
        """The JSON text of an order, as it came or as it is since a change."""
        created = self.created(number) if created is None else created
        changed = created + _LATER if indexed is None else indexed
        cart, is_cancelled = self.cart(number), is_cancelled_one(number)
        money = amounts(number)
        tags = ["not_paid" if is_cancelled else "paid"]
        tags.append("pack_order" if self.has_parcels else "no_shipping")
        if indexed is not None:
            tags.append("delivered")
        updated = local(changed)
        return _ORDER % {
            "id": FIRST_ORDER + number,
            "created": local(created),
            "closed": local(created + 20_000),
            "updated": updated,
            "indexed": _instant(changed, timedelta()) + "Z",
            "pack": FIRST_PACK + cart.first if self.has_parcels else "null",
            "shipment": FIRST_SHIPMENT + cart.first if self.has_parcels else "null",
            "payment": _FIRST_PAYMENT + number,
            "item": number % ITEMS,
            "quantity": _quantity(number),
            "total": money.total,
            "paid": money.paid,
            "price": money.price,
            "fee": money.fee,
            "refunded": money.total if is_cancelled else "0",
            "payment_status": "refunded" if is_cancelled else "approved",
            "payment_detail": "refunded" if is_cancelled else "accredited",
            "status": "cancelled" if is_cancelled else "paid",
            "cancel": _CANCEL % updated if is_cancelled else "null",
            "tags": ",".join(f'"{tag}"' for tag in tags),
            "buyer": _buyer(cart),
            "seller": SELLER,
        }

    def cart(self, number: int) -> Cart:
        """The cart of an order; every fifth pair of orders is one of two."""
        first = number - number % 2
        if first // 2 % 5 == 0 and first + 1 < self.count:
            return Cart(first, 2)
        return Cart(number, 1)

    def pack(self, cart: Cart) -> str:
        """The answer about a pack."""
        at = local(self.created(cart.first))
        orders = ",".join(
            f'{{"id":{FIRST_ORDER + number},"static_tags":[]}}'
            for number in range(cart.first, cart.first + cart.size)
        )
        return _PACK % (
            FIRST_PACK + cart.first,
            _buyer(cart),
            orders,
            at,
            at,
            FIRST_SHIPMENT + cart.first,
        )

    def shipment(self, cart: Cart) -> str:
        """The answer about a shipment: delivered, so that it is asked for once."""
        created = self.created(cart.first)
        at, later = local(created), local(created + _LATER)
        return _SHIPMENT % (FIRST_SHIPMENT + cart.first, at, later, _buyer(cart), later)

    def costs(self, cart: Cart) -> str:
        """The answer about a shipment's costs."""
        return _COSTS % (_buyer(cart), SELLER)


def amounts(number: int) -> Amounts:
    """The money of an order; every tenth is two units at a price of three decimals."""
    cents = 1_000 + number * 7_919 % 250_000
    quantity = _quantity(number)
    if quantity == 2:
        price = f"{cents // 100}.{cents % 100:02d}5"
        cents = 2 * cents + 1
    else:
        price = _text(cents)
    fee = _text(cents * 13 // (100 * quantity))
    total = _text(cents)
    return Amounts(total, "0" if is_cancelled_one(number) else total, price, fee)


def is_cancelled_one(number: int) -> bool:
    """Whether an order is cancelled."""
    return number % CANCELLED_EVERY == CANCELLED_EVERY - 1


def local(at: int) -> str:
    """Milliseconds since 1970 as the API writes the times of an order."""
    return f"{_instant(at, _ZONE)}-04:00"


def _quantity(number: int) -> int:
    return 2 if number % 10 == 7 else 1


def _buyer(cart: Cart) -> int:
    return 800_000_000 + cart.first % BUYERS


def _text(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _instant(at: int, zone: timedelta) -> str:
    moment = datetime.fromtimestamp(at // 1000, UTC) + zone
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at % 1000:03d}"
