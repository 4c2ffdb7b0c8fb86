-- What Mercado Libre takes, by kind of listing and category.
-- Over sales. The rate is of the lines of which the fee is known, and what came back of
-- it: where a refund is unknown, so is that. It knows no fixed, instalment or advertising
-- fees: those stand in no order.
-- grain: one row per seller, currency, kind of listing and category
-- key: seller_id, currency_id, listing_type_id, category_id
-- answers: what does Mercado Libre take of a Premium listing
-- reads: marts.order_items
-- columns:
--   seller_id: who sold
--   currency_id: currency of every amount of the row
--   listing_type_id: kind of listing; `unknown` where none is sent
--   category_id: category of the listing; `unknown` where none is sent
--   line_count: lines of the sales
--   unknown_fee_count: those of them whose fee is not known: left out of the fee and the rate
--   unit_count: units of all lines
--   sales_amount: goods of all lines
--   sale_fee_amount: fee per unit x quantity, before what was returned
--   sale_fee_returned_amount: the part of it that came back with refunds, as far as known
--   sale_fee_rate: fee less what came back of it / goods, of the lines of which both are known; null without any
select
    seller_id,
    currency_id,
    coalesce(listing_type_id, 'unknown') as listing_type_id,
    coalesce(category_id, 'unknown') as category_id,
    count(*)::bigint as line_count,
    count_where(sale_fee_amount is null) as unknown_fee_count,
    sum(quantity)::bigint as unit_count,
    sum(line_amount)::decimal(18, 2) as sales_amount,
    sum_of(sale_fee_amount) as sale_fee_amount,
    sum_of(sale_fee_returned_amount) as sale_fee_returned_amount,
    ratio_of(
        sum_of(sale_fee_amount - sale_fee_returned_amount),
        sum_where(
            sale_fee_amount is not null and sale_fee_returned_amount is not null,
            line_amount
        )
    ) as sale_fee_rate
from marts.order_items
where is_sale
group by
    seller_id,
    currency_id,
    coalesce(listing_type_id, 'unknown'),
    coalesce(category_id, 'unknown')
