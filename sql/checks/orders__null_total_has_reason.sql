-- A total that is null without a reason in completeness, or known in spite of one.
-- table: marts.orders
-- reads: none
-- severity: error
select
    order_id,
    completeness,
    total_amount_with_shipping,
    total_amount_with_full_shipping
from marts.orders
where
    (
        completeness in ('complete', 'no_shipment')
        and (
            total_amount_with_shipping is null
            or total_amount_with_full_shipping is null
        )
    )
    or (
        completeness not in ('complete', 'no_shipment')
        and (
            total_amount_with_shipping is not null
            or total_amount_with_full_shipping is not null
        )
    )
