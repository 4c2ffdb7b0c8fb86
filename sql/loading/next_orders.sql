-- The rows that core.orders is to hold of the orders of the batch, in its order of
-- columns.
-- The winner's row, but for what other versions know better: buyer_id, shipment_id,
-- mediation_ids and what feedback says where the winner is a 206 answer that left them
-- out (status 206, partial content), channel where it is null (rows of a search may lack
-- it, and it never changes), and the largest indexed_at.
-- reads: core.order_versions, core.orders, incoming_copies, winning_copies
-- writes: next_orders, next_versions
create or replace temp table next_versions as
with versions as (
    select
        columns(*),
        hash(row(*columns(* exclude (fetched_at))))::varchar as version_hash
    from core.order_versions
    where order_id in (select incoming_copies.order_id from incoming_copies)
),

-- Nobody knows better than the only version of an order, which has all its fields.
contested as (
    select order_id
    from versions
    group by order_id
    having count(*) > 1 or max(len(missing_fields)) > 0
),

ranked as (
    select
        versions.order_id,
        versions.buyer_id,
        versions.shipment_id,
        versions.channel,
        versions.mediation_ids,
        versions.purchase_rating,
        versions.sale_rating,
        versions.is_purchase_unfulfilled,
        versions.is_sale_unfulfilled,
        versions.indexed_at,
        coalesce(versions.missing_fields, []::varchar[]) as missing_fields,
        row_number() over (
            partition by versions.order_id
            order by
                (versions.version_hash = winning_copies.version_hash) desc,
                versions.updated_at desc nulls last,
                coalesce(versions.indexed_at, versions.fetched_at) desc nulls last,
                versions.fetched_at desc nulls last,
                versions.version_hash desc
        ) as place
    from contested
    inner join versions on contested.order_id = versions.order_id
    inner join winning_copies on contested.order_id = winning_copies.order_id
),

-- Of buyer, shipment, mediations and feedback what the first version says that has each,
-- be it null; of the channel the first there is. The winner is the first version.
known as (
    select
        order_id,
        arg_min_null(buyer_id, place)
        filter (where not list_contains(missing_fields, 'buyer')) as buyer_id,
        arg_min_null(shipment_id, place)
        filter (where not list_contains(missing_fields, 'shipping')) as shipment_id,
        arg_min(channel, place) as channel,
        coalesce(
            arg_min_null(mediation_ids, place)
            filter (where not list_contains(missing_fields, 'mediations')),
            []::bigint[]
        ) as mediation_ids,
        arg_min_null(purchase_rating, place)
        filter (where not list_contains(missing_fields, 'feedback'))
            as purchase_rating,
        arg_min_null(sale_rating, place)
        filter (where not list_contains(missing_fields, 'feedback')) as sale_rating,
        coalesce(
            arg_min_null(is_purchase_unfulfilled, place)
            filter (where not list_contains(missing_fields, 'feedback')), false
        ) as is_purchase_unfulfilled,
        coalesce(
            arg_min_null(is_sale_unfulfilled, place)
            filter (where not list_contains(missing_fields, 'feedback')), false
        ) as is_sale_unfulfilled,
        max(indexed_at) as indexed_at
    from ranked
    group by order_id
)

select versions.* exclude (version_hash) -- noqa: AM04,RF02
from winning_copies
inner join versions
    on
        winning_copies.order_id = versions.order_id
        and winning_copies.version_hash = versions.version_hash
anti join contested on winning_copies.order_id = contested.order_id
union all by name
-- All columns but nine as the version has them, and core.order_versions says which.
select
    versions.* exclude (version_hash) replace ( -- noqa: AM04,RF02
        known.buyer_id as buyer_id,
        known.shipment_id as shipment_id,
        known.mediation_ids as mediation_ids,
        known.purchase_rating as purchase_rating,
        known.sale_rating as sale_rating,
        known.is_purchase_unfulfilled as is_purchase_unfulfilled,
        known.is_sale_unfulfilled as is_sale_unfulfilled,
        known.channel as channel,
        known.indexed_at as indexed_at
    )
from winning_copies
inner join versions
    on
        winning_copies.order_id = versions.order_id
        and winning_copies.version_hash = versions.version_hash
inner join known on winning_copies.order_id = known.order_id;

create or replace temp table next_orders as
select columns(*) from core.orders
where false;

insert into next_orders by name
select columns(*) from next_versions;
