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
        coalesce(list_contains(missing_fields, 'buyer'), false) as lacks_buyer,
        coalesce(list_contains(missing_fields, 'shipping'), false) as lacks_shipping,
        coalesce(list_contains(missing_fields, 'mediations'), false)
            as lacks_mediations,
        coalesce(list_contains(missing_fields, 'feedback'), false) as lacks_feedback,
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

-- Of buyer, shipment, channel, mediations and feedback, the newest version that has each.
newest as (
    select
        order_id,
        min(case when not lacks_buyer then place end) as buyer_place,
        min(case when not lacks_shipping then place end) as shipping_place,
        min(case when channel is not null then place end) as channel_place,
        min(case when not lacks_mediations then place end) as mediations_place,
        min(case when not lacks_feedback then place end) as feedback_place
    from ranked
    group by order_id
),

known as (
    select
        newest.order_id,
        buyers.buyer_id,
        shipments.shipment_id,
        channels.channel,
        coalesce(mediations.mediation_ids, []::bigint[]) as mediation_ids,
        feedback.purchase_rating,
        feedback.sale_rating,
        coalesce(feedback.is_purchase_unfulfilled, false) as is_purchase_unfulfilled,
        coalesce(feedback.is_sale_unfulfilled, false) as is_sale_unfulfilled
    from newest
    left join ranked as buyers
        on
            newest.order_id = buyers.order_id
            and newest.buyer_place = buyers.place
    left join ranked as shipments
        on
            newest.order_id = shipments.order_id
            and newest.shipping_place = shipments.place
    left join ranked as channels
        on
            newest.order_id = channels.order_id
            and newest.channel_place = channels.place
    left join ranked as mediations
        on
            newest.order_id = mediations.order_id
            and newest.mediations_place = mediations.place
    left join ranked as feedback
        on
            newest.order_id = feedback.order_id
            and newest.feedback_place = feedback.place
),

indexed as (
    select
        order_id,
        max(indexed_at) as indexed_at
    from versions
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
        indexed.indexed_at as indexed_at
    )
from winning_copies
inner join versions
    on
        winning_copies.order_id = versions.order_id
        and winning_copies.version_hash = versions.version_hash
inner join known on winning_copies.order_id = known.order_id
inner join indexed on winning_copies.order_id = indexed.order_id;

create or replace temp table next_orders as
select columns(*) from core.orders
where false;

insert into next_orders by name
select columns(*) from next_versions;
