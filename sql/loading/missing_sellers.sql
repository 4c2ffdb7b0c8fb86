-- A row for each seller of an order that has none: its account could not be read, but
-- its orders say where it sells.
-- reads: core.orders, core.sellers
-- writes: core.sellers
insert into core.sellers by name
select
    seller_id,
    min(site_id) as site_id,
    null::varchar as reporting_currency_id,
    null::timestamptz as fetched_at
from core.orders
where
    seller_id not in (select sellers.seller_id from core.sellers as sellers)
    and site_id is not null
group by seller_id
