-- A month that its channels do not add up to: orders, goods, net sales, returns, totals
-- with shipping, proceeds.
-- table: marts.channel_sales
-- reads: marts.monthly_sales
-- severity: error
with channels as (
    select
        seller_id,
        site_id,
        month_start_date,
        currency_id,
        sum(order_count)::bigint as order_count,
        sum(unit_count)::bigint as unit_count,
        sum(gross_sales_amount)::decimal(18, 2) as gross_sales_amount,
        sum(net_sales_amount)::decimal(18, 2) as net_sales_amount,
        sum(returns_by_event_amount)::decimal(18, 2) as returns_by_event_amount,
        sum(total_amount_with_shipping)::decimal(18, 2) as total_amount_with_shipping,
        sum(estimated_proceeds_amount)::decimal(18, 2) as estimated_proceeds_amount
    from marts.channel_sales
    group by
        seller_id,
        site_id,
        month_start_date,
        currency_id
)

select
    monthly_sales.seller_id,
    monthly_sales.site_id,
    monthly_sales.month_start_date,
    monthly_sales.currency_id,
    channels.gross_sales_amount as channel_gross_sales_amount,
    monthly_sales.gross_sales_amount,
    channels.net_sales_amount as channel_net_sales_amount,
    monthly_sales.net_sales_amount
from marts.monthly_sales
left join channels
    on
        monthly_sales.seller_id = channels.seller_id
        and monthly_sales.site_id = channels.site_id
        and monthly_sales.month_start_date = channels.month_start_date
        and monthly_sales.currency_id = channels.currency_id
where
    coalesce(channels.order_count, 0) <> monthly_sales.order_count
    or coalesce(channels.unit_count, 0) <> monthly_sales.unit_count
    or coalesce(channels.gross_sales_amount, 0) <> monthly_sales.gross_sales_amount
    or coalesce(channels.net_sales_amount, 0) <> monthly_sales.net_sales_amount
    or coalesce(channels.returns_by_event_amount, 0)
    <> monthly_sales.returns_by_event_amount
    or coalesce(channels.total_amount_with_shipping, 0)
    <> monthly_sales.total_amount_with_shipping
    or coalesce(channels.estimated_proceeds_amount, 0)
    <> monthly_sales.estimated_proceeds_amount
