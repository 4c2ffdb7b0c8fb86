-- How full baskets are: how many hold one order, two, and so on, and what they are worth.
-- Over baskets with a gross sale (marts.packs); baskets whose pack names orders that
-- are not here are counted by what is here.
-- grain: one row per seller, currency and size of basket
-- key: seller_id, currency_id, gross_order_count
-- reads: core.currencies, marts.packs
-- columns:
--   seller_id: who sold
--   currency_id: currency of every amount of the row
--   gross_order_count: gross sales in the basket
--   basket_count: baskets of that size
--   incomplete_basket_count: those of them whose pack names orders that are not here, or with an unknown total
--   unit_count: units in them
--   total_amount: goods in them
--   shipping_amount: what buyers pay for shipping them
--   average_basket_amount: total_amount / basket_count, rounded half away from zero
--   basket_share: basket_count / baskets of all sizes
select
    packs.seller_id,
    packs.currency_id,
    packs.gross_order_count,
    count(*)::bigint as basket_count,
    count_where(not packs.is_complete) as incomplete_basket_count,
    sum(packs.unit_count)::bigint as unit_count,
    sum(packs.total_amount)::decimal(18, 2) as total_amount,
    sum(packs.shipping_amount)::decimal(18, 2) as shipping_amount,
    average_amount(
        sum_of(packs.total_amount),
        count(*),
        max(cents_per_unit_of(currencies.decimal_places))::hugeint
    ) as average_basket_amount,
    count(*)::double
    / (
        sum(count(*)) over (partition by packs.seller_id, packs.currency_id)
    )::double as basket_share
from marts.packs
left join core.currencies
    on packs.currency_id = currencies.currency_id
where packs.gross_order_count > 0
group by
    packs.seller_id,
    packs.currency_id,
    packs.gross_order_count
