"""What holds of every published warehouse, whatever was sold: queries without a row.

Each is named for its claim and returns what breaks it. They know the names of the
contract and nothing of how a mart is made.
"""

from collections.abc import Iterator, Mapping

_OUTCOMES = (
    "('test', 'split', 'open', 'kept', 'cancelled', 'not_completed', 'unpaid', "
    "'sale', 'unknown')"
)
_TOTAL_IS_NULL = "('shipment_pending', 'shipment_missing', 'exchange_rate_missing')"

# What each measure of a day is, said of orders.
_MEASURES: Mapping[str, tuple[str, str]] = {
    "gross_sales_amount": ("is_gross_sale", "total_amount"),
    "cancelled_amount": ("is_gross_sale and outcome = 'cancelled'", "total_amount"),
    "not_completed_amount": (
        "is_gross_sale and outcome in ('not_completed', 'unknown')",
        "total_amount",
    ),
    "unpaid_amount": ("is_gross_sale and outcome = 'unpaid'", "total_amount"),
    "refunded_amount": ("is_sale", "refunded_amount"),
    "shipping_amount": ("is_sale", "shipping_amount"),
    "total_amount_with_shipping": ("is_sale", "total_amount_with_shipping"),
    "estimated_proceeds_amount": ("is_gross_sale", "estimated_proceeds_amount"),
    "sale_order_count": ("is_sale", "1"),
    "unknown_total_count": (
        "is_sale and total_amount_with_shipping is null",
        "1",
    ),
    "unknown_refund_count": ("is_sale and refunded_amount is null", "1"),
    "unknown_proceeds_count": (
        "is_gross_sale and estimated_proceeds_amount is null",
        "1",
    ),
}
# A sum is held to its parts only where all of them are known.
_ALL_KNOWN = {
    "refunded_amount": "unknown_refund_count = 0",
    "shipping_amount": "unknown_total_count = 0",
    "total_amount_with_shipping": "unknown_total_count = 0",
    "estimated_proceeds_amount": "unknown_proceeds_count = 0",
}
# Sums over days, months, items and months of items are the same money.
_ADDITIVE = (
    "gross_sales_amount",
    "cancelled_amount",
    "not_completed_amount",
    "unpaid_amount",
    "refunded_amount",
    "net_sales_amount",
    "shipping_amount",
    "estimated_proceeds_amount",
)
_OF_A_LINE = (
    "taxes_amount",
    "shipping_amount",
    "sale_fee_amount",
    "refunded_amount",
    "estimated_proceeds_amount",
)

_KNOWN_NET = "where unknown_refund_count = 0"


def _of_orders() -> Iterator[tuple[str, str]]:
    yield (
        "every order of core has exactly one row, with one known outcome",
        f"""select order_id, count(*), min(outcome) from (
                select order_id, outcome from marts.orders
                union all select order_id, 'sale' from core.orders
            ) group by order_id
            having count(*) <> 2
            union all
            select order_id, 1, outcome from marts.orders
            where outcome is null or outcome not in {_OUTCOMES}""",
    )
    yield (
        "a sale is a gross sale that was sold or kept",
        """select order_id, outcome, is_gross_sale, is_sale from marts.orders
           where is_sale <> (is_gross_sale and outcome in ('sale', 'kept'))""",
    )
    yield (
        "test, split and open orders are no gross sales, all others are",
        """select order_id, outcome, is_gross_sale from marts.orders
           where is_gross_sale = (outcome in ('test', 'split', 'open'))""",
    )
    yield (
        "a gross sale has a day",
        """select order_id from marts.orders
           where is_gross_sale and sold_date is null""",
    )
    yield (
        "a total is null exactly where completeness says why",
        f"""select order_id, completeness, total_amount_with_shipping
            from marts.orders
            where completeness is null
                or completeness not in {_TOTAL_IS_NULL[:-1]}, 'complete', 'no_shipment')
                or (total_amount_with_shipping is null)
                    <> (completeness in {_TOTAL_IS_NULL})""",
    )
    yield (
        "a total with shipping is goods, taxes and shipping",
        """select order_id, total_amount_with_shipping from marts.orders
           where total_amount_with_shipping
               <> total_amount + taxes_amount + shipping_amount""",
    )
    yield (
        "without a shipment there is no shipping, and nobody who tells it",
        """select order_id, shipping_amount, shipping_source from marts.orders
           where completeness = 'no_shipment' and (
               shipment_id is not null or shipping_amount is distinct from 0
               or shipping_source is not null)""",
    )
    yield (
        "shipping has a source exactly where there is a shipment and it is known",
        """select order_id, shipping_amount, shipping_source from marts.orders
           where completeness in ('complete', 'shipment_pending', 'shipment_missing')
               and (shipping_amount is null) <> (shipping_source is null)""",
    )
    yield (
        "proceeds are null exactly where an unknown input is named",
        """select order_id, estimated_proceeds_amount, unknown_inputs from marts.orders
           where (estimated_proceeds_amount is null)
               <> (coalesce(len(unknown_inputs), 0) > 0)""",
    )
    yield (
        "proceeds of a sale are the formula",
        """select order_id, estimated_proceeds_amount from marts.orders
           where is_sale and estimated_proceeds_amount is not null
               and estimated_proceeds_amount is distinct from
                   total_amount - sale_fee_amount + sale_fee_returned_amount
                   - coalesce(seller_shipping_amount, 0)
                   + coalesce(seller_compensation_amount, 0)
                   + shipping_income_amount - refunded_amount
                   - coalesce(seller_coupon_amount, 0)""",
    )
    yield (
        "what is no sale leaves nothing, or costs its shipping",
        """select order_id, outcome, estimated_proceeds_amount from marts.orders
           where not is_sale and estimated_proceeds_amount <> 0
               and estimated_proceeds_amount <> -seller_shipping_amount""",
    )
    yield (
        "nothing given back, covered or disputed is negative",
        """select order_id from marts.orders
           where refunded_amount < 0 or covered_amount < 0 or disputed_amount < 0
               or sale_fee_returned_amount < 0
               or sale_fee_returned_amount > sale_fee_amount""",
    )
    yield (
        "a currency without cents has none",
        """select o.order_id, o.currency_id
           from marts.orders as o
           inner join core.currencies as c on o.currency_id = c.currency_id
           where c.decimal_places = 0 and (
               o.shipping_amount <> round(o.shipping_amount)
               or o.taxes_amount <> round(o.taxes_amount)
               or o.sale_fee_returned_amount <> round(o.sale_fee_returned_amount)
               or o.estimated_proceeds_amount <> round(o.estimated_proceeds_amount))""",
    )


def _of_shipments() -> Iterator[tuple[str, str]]:
    yield (
        "the parts of a shipment make the whole, over sales where there are any",
        """with orders as (
               select *, bool_or(is_sale) over shared as has_sale,
                   bool_or(is_gross_sale) over shared as has_gross_sale
               from marts.orders where shipment_id is not null
               window shared as (partition by shipment_id)
           )
           select shipment_id, max(lead_time_cost_amount), sum(shipping_amount)
           from orders
           where shipping_source in ('lead_time', 'shipping_option')
               and (is_sale or not has_sale) and (is_gross_sale or not has_gross_sale)
           group by shipment_id
           having sum(shipping_amount) <> max(lead_time_cost_amount)
               or min(lead_time_cost_amount) <> max(lead_time_cost_amount)""",
    )
    yield (
        "an order that is no sale takes no part beside a sale",
        """select o.order_id, o.shipping_amount, o.seller_shipping_amount
           from marts.orders as o
           inner join marts.orders as s
               on o.shipment_id = s.shipment_id and s.is_sale
           where not o.is_sale
               and (o.shipping_amount <> 0 or o.seller_shipping_amount <> 0)""",
    )
    yield (
        "what the seller pays for a shipment is shared to the cent",
        """select o.shipment_id, max(s.seller_cost_amount),
               sum(o.seller_shipping_amount)
           from marts.orders as o
           inner join core.shipments as s on o.shipment_id = s.shipment_id
           inner join core.orders as c on o.order_id = c.order_id
           group by o.shipment_id
           having not bool_or(c.is_resale)
               and sum(o.seller_shipping_amount) <> max(s.seller_cost_amount)""",
    )
    yield (
        "shipping is income of the seller whole or not at all",
        """select order_id, logistic_type, shipping_income_amount from marts.orders
           where shipping_income_amount not in (0, coalesce(shipping_amount, 0))""",
    )


def _of_details() -> Iterator[tuple[str, str]]:
    yield (
        "the ledger sums to what is left of an order",
        """with entries as (
               select order_id, sum(amount) as amount
               from marts.order_ledger group by order_id
           )
           select o.order_id, o.estimated_proceeds_amount, e.amount
           from marts.orders as o
           left join entries as e on o.order_id = e.order_id
           where o.estimated_proceeds_amount <> coalesce(e.amount, 0)""",
    )
    for column in _OF_A_LINE:
        yield (
            f"{column} of the lines sums to the order's",
            f"""with lines as (
                    select order_id, sum({column}) as amount
                    from marts.order_items group by order_id
                )
                select o.order_id, o.{column}, l.amount
                from marts.orders as o
                inner join lines as l on o.order_id = l.order_id
                where o.{column} <> l.amount""",
        )
    for day in ("sold_date", "event_date"):
        yield (
            f"events by {day} add up to net sales",
            f"""with events as (
                    select seller_id, currency_id, sum(amount) as amount
                    from marts.sale_events where {day} is not null
                    group by seller_id, currency_id
                ),
                days as (
                    select seller_id, currency_id, sum(net_sales_amount) as amount
                    from marts.daily_sales
                    group by seller_id, currency_id
                    having sum(unknown_refund_count) = 0
                )
                select d.*, e.amount from days as d
                left join events as e
                    on d.seller_id = e.seller_id and d.currency_id = e.currency_id
                where d.amount <> coalesce(e.amount, 0)""",
        )
    yield (
        "events of a day of sale are its net sales",
        """with events as (
               select seller_id, site_id, currency_id, sold_date, sum(amount) as amount
               from marts.sale_events
               group by seller_id, site_id, currency_id, sold_date
           )
           select d.sold_date, d.net_sales_amount, e.amount
           from marts.daily_sales as d
           left join events as e
               on d.seller_id = e.seller_id and d.site_id = e.site_id
               and d.currency_id = e.currency_id and d.sold_date = e.sold_date
           where d.unknown_refund_count = 0
               and d.net_sales_amount <> coalesce(e.amount, 0)""",
    )


def _of_days() -> Iterator[tuple[str, str]]:
    for column, (which, what) in _MEASURES.items():
        yield (
            f"{column} of a day is that of its orders",
            f"""with orders as (
                    select seller_id, site_id, currency_id, sold_date,
                        sum(case when {which} then {what} else 0 end) as amount
                    from marts.orders
                    where is_gross_sale
                    group by seller_id, site_id, currency_id, sold_date
                )
                select coalesce(d.sold_date, o.sold_date), d.{column}, o.amount
                from marts.daily_sales as d
                full outer join orders as o
                    on d.seller_id = o.seller_id and d.site_id = o.site_id
                    and d.currency_id = o.currency_id and d.sold_date = o.sold_date
                where ({_ALL_KNOWN.get(column, "true")} or d.sold_date is null)
                    and coalesce(d.{column}, 0) <> coalesce(o.amount, 0)""",
        )
    yield (
        "net sales of a day are goods less refunds of its sales",
        f"""with orders as (
                select seller_id, site_id, currency_id, sold_date,
                    sum(total_amount - refunded_amount) as amount
                from marts.orders
                where is_sale
                group by seller_id, site_id, currency_id, sold_date
            )
            select d.sold_date, d.net_sales_amount, o.amount
            from marts.daily_sales as d
            left join orders as o
                on d.seller_id = o.seller_id and d.site_id = o.site_id
                and d.currency_id = o.currency_id and d.sold_date = o.sold_date
            {_KNOWN_NET}
                and d.net_sales_amount is distinct from coalesce(o.amount, 0)""",
    )
    for mart in ("daily_sales", "monthly_sales", "item_sales", "item_months"):
        yield (
            f"net sales of {mart} are gross less the four ways to lose them",
            f"""select gross_sales_amount, net_sales_amount from marts.{mart}
                {_KNOWN_NET} and net_sales_amount is distinct from
                    gross_sales_amount - cancelled_amount - not_completed_amount
                    - unpaid_amount - refunded_amount""",
        )
    for mart in ("daily_sales", "monthly_sales"):
        yield (
            f"{mart} is complete exactly when all was read and nothing is unknown",
            f"""select is_complete, is_read_completely from marts.{mart}
                where is_complete is null or is_read_completely is null
                    or is_complete <> (
                        is_read_completely and unknown_total_count = 0
                        and unknown_refund_count = 0 and unknown_proceeds_count = 0)""",
        )
    for column in _ADDITIVE:
        known = _ALL_KNOWN.get(column, "true")
        if column == "net_sales_amount":
            known = _ALL_KNOWN["refunded_amount"]
        unknown = known.removesuffix(" = 0")
        # A row whose sum leaves something out is of no month and of no item.
        having = "" if known == "true" else f"having sum({unknown}) = 0"
        yield (
            f"{column} of days sums to months",
            f"""with days as (
                    select seller_id, site_id, currency_id,
                        date_trunc('month', sold_date)::date as month_start_date,
                        sum({column}) as amount
                    from marts.daily_sales group by 1, 2, 3, 4 {having}
                )
                select m.month_start_date, m.{column}, d.amount
                from days as d
                left join marts.monthly_sales as m
                    on d.seller_id = m.seller_id and d.site_id = m.site_id
                    and d.currency_id = m.currency_id
                    and d.month_start_date = m.month_start_date
                where m.{column} is distinct from d.amount""",
        )
        yield (
            f"{column} of months sums to items, over all time and month by month",
            f"""with months as (
                    select seller_id, currency_id, sum({column}) as amount
                    from marts.monthly_sales group by 1, 2 {having}
                ),
                items as (
                    select seller_id, currency_id, sum({column}) as amount
                    from marts.item_sales group by 1, 2
                ),
                item_months as (
                    select seller_id, currency_id, sum({column}) as amount
                    from marts.item_months group by 1, 2
                )
                select m.*, i.amount, n.amount from months as m
                left join items as i
                    on m.seller_id = i.seller_id and m.currency_id = i.currency_id
                left join item_months as n
                    on m.seller_id = n.seller_id and m.currency_id = n.currency_id
                where i.amount is distinct from m.amount
                    or n.amount is distinct from m.amount""",
        )


INVARIANTS: Mapping[str, str] = dict(
    [*_of_orders(), *_of_shipments(), *_of_details(), *_of_days()]
)

FLAGS = """
    select schema_name || '.' || table_name, list(column_name)
    from duckdb_columns()
    where not internal
        and (starts_with(column_name, 'is_') or starts_with(column_name, 'has_'))
    group by all
"""
"""Every column that says yes or no, and so is never null: tables with their names."""
