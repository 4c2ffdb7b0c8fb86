-- Quoted ratios, named as their landed records are, to land them again.
-- grain: one day, pair of currencies and source
-- reads: core.exchange_rates
select
    case
        when source = 'csv'
            then concat_ws('-', from_currency_id, to_currency_id, rate_date::varchar)
        else concat_ws('-', from_currency_id, to_currency_id)
    end as resource_id,
    0::bigint as seller_id,
    fetched_at,
    concat('{"ratio": ', ratio::varchar, '}') as payload
from core.exchange_rates
where source in ('mercado_libre', 'csv')
order by
    resource_id,
    fetched_at
