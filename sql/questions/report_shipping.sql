-- How the sales of a month were sent, and what that cost buyers and the seller.
-- grain: one currency and kind of logistics
-- reads: core.calendar, marts.orders
-- variables: month (date: first day of the month)
select
    orders.currency_id,
    coalesce(orders.logistic_type, 'unknown') as logistic_type,
    count(*)::bigint as order_count,
    sum(orders.shipping_amount)::decimal(18, 2) as shipping_amount,
    sum(orders.seller_shipping_amount)::decimal(18, 2) as seller_shipping_amount,
    sum(case when orders.shipping_amount is null then 1 else 0 end)::bigint
        as unknown_shipping_count,
    sum(case when orders.seller_shipping_amount is null then 1 else 0 end)::bigint
        as unknown_seller_shipping_count
from marts.orders
inner join core.calendar
    on orders.sold_date = calendar.calendar_date
where
    calendar.month_start_date = getvariable('month')
    and orders.is_sale
group by
    orders.currency_id,
    coalesce(orders.logistic_type, 'unknown')
order by
    orders.currency_id asc,
    order_count desc,
    logistic_type asc
