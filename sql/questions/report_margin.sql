-- What the goods sold in a month cost, and what is left after that, as far as costs are known.
-- grain: one currency
-- reads: marts.profit_months
-- variables: month (date: first day of the month)
select
    currency_id,
    sum(cost_amount)::decimal(18, 2) as cost_amount,
    sum(margin_amount)::decimal(18, 2) as margin_amount,
    sum(unknown_margin_count)::bigint as unknown_margin_count
from marts.profit_months
where
    month_start_date = getvariable('month')
    and dimension = 'all'
group by currency_id
order by currency_id
