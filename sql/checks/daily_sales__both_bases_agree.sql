-- A day of sale whose events do not add up to its net sales; or a seller whose returns by
-- event are not those by sale.
-- table: marts.daily_sales
-- reads: marts.orders, marts.sale_events
-- severity: error
with events as (
    select
        seller_id,
        site_id,
        currency_id,
        sold_date,
        sum_of(amount) as amount
    from marts.sale_events
    where sold_date is not null
    group by
        seller_id,
        site_id,
        currency_id,
        sold_date
),

day_differences as (
    select
        daily_sales.seller_id,
        daily_sales.site_id,
        daily_sales.currency_id,
        daily_sales.sold_date,
        daily_sales.net_sales_amount,
        events.amount
    from marts.daily_sales
    left join events
        on
            daily_sales.seller_id = events.seller_id
            and daily_sales.site_id = events.site_id
            and daily_sales.currency_id = events.currency_id
            and daily_sales.sold_date = events.sold_date
    where daily_sales.net_sales_amount <> coalesce(events.amount, 0)
),

day_sums as (
    select
        seller_id,
        site_id,
        currency_id,
        sum(
            gross_sales_amount
            - unpaid_amount
            - net_sales_amount
            - returns_by_event_amount
        )::decimal(18, 2) as returns_difference
    from marts.daily_sales
    group by
        seller_id,
        site_id,
        currency_id
),

unknown_sums as (
    select
        seller_id,
        site_id,
        currency_id,
        sum(total_amount)::decimal(18, 2) as unknown_amount
    from marts.orders
    where is_gross_sale and outcome = 'unknown' and sold_date is not null
    group by
        seller_id,
        site_id,
        currency_id
)

select
    seller_id,
    site_id,
    currency_id,
    sold_date,
    net_sales_amount as expected_amount,
    amount as event_amount
from day_differences
union all
select
    day_sums.seller_id,
    day_sums.site_id,
    day_sums.currency_id,
    null::date as sold_date,
    coalesce(unknown_sums.unknown_amount, 0) as expected_amount,
    day_sums.returns_difference as event_amount
from day_sums
left join unknown_sums
    on
        day_sums.seller_id = unknown_sums.seller_id
        and day_sums.site_id = unknown_sums.site_id
        and day_sums.currency_id = unknown_sums.currency_id
where day_sums.returns_difference <> coalesce(unknown_sums.unknown_amount, 0)
