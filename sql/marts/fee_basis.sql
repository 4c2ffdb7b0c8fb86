-- Three readings of Mercado Libre's fee side by side, so that a seller's own data settles which is right.
-- Per unit as sent, per line (x quantity), and as charged on the payments: the
-- official example and live orders say per unit x quantity; the payments of some orders
-- say 0.
-- grain: one row per order
-- key: order_id
-- follows: orders
-- answers: is the fee per unit or per line; which orders were charged another fee than the one sent
-- reads: marts.order_amounts, marts.orders
-- columns:
--   order_id: Mercado Libre's number of the order
--   seller_id: who sold
--   currency_id: currency of the amounts
--   basis: which reading the payments confirm: line, unit, both (every quantity is 1), neither, or unknown
--   is_sale: as in marts.orders
--   unit_count: units over all lines
--   unit_fee_amount: sum of the fees as sent; null where one is unknown
--   line_fee_amount: sum of fee x quantity: what marts.orders calls sale_fee_amount; null where a line's fee is unknown
--   marketplace_fee_amount: fees on the payments; null where one is unknown
--   difference_amount: marketplace_fee_amount - line_fee_amount; null where either is
select
    orders.order_id,
    orders.seller_id,
    orders.currency_id,
    case
        when
            orders.marketplace_fee_amount is null
            or orders.sale_fee_amount is null
            or (orders.marketplace_fee_amount = 0 and orders.sale_fee_amount <> 0)
            then 'unknown'
        when
            orders.marketplace_fee_amount = orders.sale_fee_amount
            and orders.marketplace_fee_amount = order_amounts.unit_fee_amount
            then 'both'
        when orders.marketplace_fee_amount = orders.sale_fee_amount then 'line'
        when orders.marketplace_fee_amount = order_amounts.unit_fee_amount then 'unit'
        else 'neither'
    end as basis,
    orders.is_sale,
    orders.unit_count,
    order_amounts.unit_fee_amount,
    orders.sale_fee_amount as line_fee_amount,
    orders.marketplace_fee_amount,
    (orders.marketplace_fee_amount - orders.sale_fee_amount)::decimal(18, 2)
        as difference_amount
from marts.orders
inner join marts.order_amounts
    on orders.order_id = order_amounts.order_id
