-- How the sales of a month were sent, and what that cost buyers and the seller.
-- no_shipment where nothing is sent, unknown where nobody knows how.
-- grain: one currency and kind of logistics
-- reads: core.calendar, marts.orders
-- variables: month (date: first day of the month)
with sales as (
    select
        orders.currency_id,
        -- Without a shipment its shipping is 0; of one that was withheld it is unknown.
        coalesce(
            orders.logistic_type,
            case
                when orders.shipment_id is null and orders.shipping_amount is not null
                    then 'no_shipment'
                else 'unknown'
            end
        ) as logistic_type,
        orders.shipping_amount,
        orders.seller_shipping_amount
    from marts.orders
    inner join core.calendar
        on orders.sold_date = calendar.calendar_date
    where
        calendar.month_start_date = getvariable('month')
        and orders.is_sale
)

select
    currency_id,
    logistic_type,
    count(*)::bigint as order_count,
    sum(shipping_amount)::decimal(18, 2) as shipping_amount,
    sum(seller_shipping_amount)::decimal(18, 2) as seller_shipping_amount,
    sum(case when shipping_amount is null then 1 else 0 end)::bigint
        as unknown_shipping_count,
    sum(case when seller_shipping_amount is null then 1 else 0 end)::bigint
        as unknown_seller_shipping_count
from sales
group by
    currency_id,
    logistic_type
order by
    currency_id asc,
    order_count desc,
    logistic_type asc
