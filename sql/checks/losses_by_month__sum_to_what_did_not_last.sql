-- A month whose losses are not its gross sales less its net sales.
-- table: marts.losses_by_month
-- reads: core.calendar, marts.orders
-- severity: error
with losses as (
    select
        seller_id,
        site_id,
        month_start_date,
        currency_id,
        sum(lost_amount)::decimal(18, 2) as lost_amount
    from marts.losses_by_month
    group by
        seller_id,
        site_id,
        month_start_date,
        currency_id
),

months as (
    select
        orders.seller_id,
        orders.site_id,
        calendar.month_start_date,
        orders.currency_id,
        sum(
            orders.total_amount
            - case
                when orders.is_sale
                    then orders.total_amount - coalesce(orders.refunded_amount, 0)
                else 0
            end
        )::decimal(18, 2) as lost_amount
    from marts.orders
    inner join core.calendar
        on orders.sold_date = calendar.calendar_date
    where orders.is_gross_sale
    group by
        orders.seller_id,
        orders.site_id,
        calendar.month_start_date,
        orders.currency_id
)

select
    months.seller_id,
    months.site_id,
    months.month_start_date,
    months.currency_id,
    months.lost_amount as month_lost_amount,
    losses.lost_amount
from months
left join losses
    on
        months.seller_id = losses.seller_id
        and months.site_id = losses.site_id
        and months.month_start_date = losses.month_start_date
        and months.currency_id = losses.currency_id
where months.lost_amount <> coalesce(losses.lost_amount, 0)
