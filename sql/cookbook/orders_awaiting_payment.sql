-- Orders whose money has not come, or not whole, and still may; the next to expire first.
-- Beware: expires_at is null on many orders since 2025; old ones among these will hardly
-- be paid any more.
-- question_es: ¿Qué pedidos siguen sin pagar?
-- question_pt: Quais pedidos ainda não foram pagos?
-- question_en: Which orders are still unpaid?
-- grain: one row per order
-- key: order_id
-- reads: marts.orders, ops.published
-- columns:
--   order_id: Mercado Libre's number of the order
--   seller_id: who sold
--   site_id: site of the order
--   currency_id: currency of total_amount
--   order_status: status as sent
--   outcome: what became of it so far: open or unpaid, nearly always
--   total_amount: goods of the order
--   created_at: when it was created
--   expires_at: until when it may be paid; null where it is not sent
--   is_expired: that was over when this copy was published
select
    orders.order_id,
    orders.seller_id,
    orders.site_id,
    orders.currency_id,
    orders.order_status,
    orders.outcome,
    orders.total_amount,
    orders.created_at,
    orders.expires_at,
    coalesce(orders.expires_at < published.published_at, false) as is_expired
from marts.orders
cross join ops.published
where orders.is_awaiting_payment
order by
    orders.seller_id asc,
    is_expired asc,
    orders.expires_at asc nulls last,
    orders.order_id asc
