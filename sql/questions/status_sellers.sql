-- Sellers that the published warehouse knows.
-- grain: one seller
-- reads: core.sellers
with sellers as (
    select
        seller_id,
        site_id
    from core.sellers
)

select
    seller_id,
    site_id
from sellers
order by seller_id
