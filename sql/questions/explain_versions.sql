-- The landed versions of one order, the one that counts last.
-- A version ranks by updated_at, then indexed_at (fetched_at where it carries none),
-- then fetched_at.
-- grain: one version
-- reads: core.order_versions
-- variables: order_id (bigint)
select
    buyer_id,
    pack_id,
    shipment_id,
    coupon_id,
    order_status,
    status_detail,
    currency_id,
    total_amount,
    paid_amount,
    coupon_amount,
    shipping_cost_amount,
    taxes_amount,
    taxes_currency_id,
    tags,
    mediation_ids,
    cancel_group,
    cancel_code,
    cancel_requested_by,
    canceled_at,
    is_fulfilled,
    missing_fields,
    expires_at,
    closed_at,
    updated_at,
    indexed_at,
    sold_date,
    sold_hour,
    fetched_at
from core.order_versions
where order_id = getvariable('order_id')::bigint
order by
    updated_at nulls first,
    coalesce(indexed_at, fetched_at),
    fetched_at
