-- Sellers whose account was read: not those that only their orders name.
-- reads: core.sellers
-- writes: none
select seller_id
from core.sellers
where fetched_at is not null
