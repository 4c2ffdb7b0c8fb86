-- What the seller pays and is paid, put into the shipments that came before their costs.
-- Only costs of the shipment's own seller and currency.
-- reads: changed_rows
-- writes: core.shipments
update core.shipments
set
    seller_cost_amount = changed_rows.seller_cost_amount,
    seller_compensation_amount = changed_rows.seller_compensation_amount,
    costs_fetched_at = changed_rows.fetched_at
from changed_rows
where
    shipments.shipment_id = changed_rows.shipment_id
    and shipments.seller_id = changed_rows.seller_id
    and coalesce(changed_rows.currency_id, shipments.currency_id)
    is not distinct from shipments.currency_id
