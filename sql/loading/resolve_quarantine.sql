-- Refused records of which a copy, as new or newer, is in core by now are resolved.
-- A ratio that was worked out is no copy of one that was refused.
-- reads: core.exchange_rates, core.packs, core.sellers, core.shipment_costs, core.shipments, ops.order_answers, ops.order_reads
-- writes: ops.quarantine
update ops.quarantine
set is_resolved = true
from (
    select
        'orders' as loaded_resource,
        order_id::varchar as loaded_id,
        fetched_at
    from ops.order_reads
    union all
    select
        'packs' as loaded_resource,
        pack_id::varchar as loaded_id,
        fetched_at
    from core.packs
    union all
    select
        'shipments' as loaded_resource,
        shipment_id::varchar as loaded_id,
        fetched_at
    from core.shipments
    union all
    select
        'shipment_costs' as loaded_resource,
        shipment_id::varchar as loaded_id,
        fetched_at
    from core.shipment_costs
    union all
    select
        'sellers' as loaded_resource,
        seller_id::varchar as loaded_id,
        fetched_at
    from core.sellers
    union all
    select
        'exchange_rates' as loaded_resource,
        from_currency_id || '-' || to_currency_id as loaded_id,
        max(fetched_at) as fetched_at
    from core.exchange_rates
    where source in ('mercado_libre', 'csv')
    group by from_currency_id, to_currency_id
    union all
    select
        resource as loaded_resource,
        order_id::varchar as loaded_id,
        fetched_at
    from ops.order_answers
) as loaded
where
    not quarantine.is_resolved
    and quarantine.resource = loaded.loaded_resource
    and quarantine.resource_id = loaded.loaded_id
    and quarantine.landed_at <= loaded.fetched_at
