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

ranked as (
    select
        order_id,
        buyer_id,
        shipment_id,
        channel,
        mediation_ids,
        purchase_rating,
        sale_rating,
        is_purchase_unfulfilled,
        is_sale_unfulfilled,
        indexed_at,
        coalesce(missing_fields, []::varchar[]) as missing_fields,
        row_number() over (
            partition by order_id
            order by
                updated_at desc nulls last,
                coalesce(indexed_at, fetched_at) desc nulls last,
                fetched_at desc nulls last,
                version_hash desc
        ) as place
    from versions
),

-- Of buyer, shipment, mediations and feedback what the newest version says that has
-- each, be it null; of the channel the newest there is.
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

-- All columns but nine as the version has them, and core.order_versions says which.
select
    versions.* exclude (version_hash) replace ( -- noqa: AM04,RF02
        case
            when list_contains(versions.missing_fields, 'buyer') then known.buyer_id
            else versions.buyer_id
        end as buyer_id,
        case
            when list_contains(versions.missing_fields, 'shipping')
                then known.shipment_id
            else versions.shipment_id
        end as shipment_id,
        case
            when list_contains(versions.missing_fields, 'mediations')
                then known.mediation_ids
            else versions.mediation_ids
        end as mediation_ids,
        case
            when list_contains(versions.missing_fields, 'feedback')
                then known.purchase_rating
            else versions.purchase_rating
        end as purchase_rating,
        case
            when list_contains(versions.missing_fields, 'feedback')
                then known.sale_rating
            else versions.sale_rating
        end as sale_rating,
        case
            when list_contains(versions.missing_fields, 'feedback')
                then known.is_purchase_unfulfilled
            else versions.is_purchase_unfulfilled
        end as is_purchase_unfulfilled,
        case
            when list_contains(versions.missing_fields, 'feedback')
                then known.is_sale_unfulfilled
            else versions.is_sale_unfulfilled
        end as is_sale_unfulfilled,
        coalesce(versions.channel, known.channel) as channel,
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
