-- Sellers that the published warehouse knows.
-- grain: one seller
-- reads: core.sellers
select
    seller_id,
    site_id
from core.sellers
order by seller_id
