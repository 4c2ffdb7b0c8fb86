-- What each listing sold and left in a month; all of them, the most profitable first.
-- grain: one listing and currency
-- reads: marts.item_months
-- variables: month (date: first day of the month)
select
    currency_id,
    item_id,
    title,
    unit_count,
    net_sales_amount,
    estimated_proceeds_amount,
    unknown_refund_count,
    unknown_proceeds_count
from marts.item_months
where month_start_date = getvariable('month')
order by
    currency_id asc,
    estimated_proceeds_amount desc nulls last,
    item_id asc
