-- What the seller pays and is paid, put into the shipments that come after their costs.
-- Only costs of the shipment's own seller and currency.
-- reads: core.shipment_costs
-- writes: incoming_rows
update incoming_rows
set
    seller_cost_amount = shipment_costs.seller_cost_amount,
    seller_compensation_amount = shipment_costs.seller_compensation_amount,
    costs_fetched_at = shipment_costs.fetched_at
from core.shipment_costs
where
    incoming_rows.shipment_id = shipment_costs.shipment_id
    and incoming_rows.seller_id = shipment_costs.seller_id
    and coalesce(shipment_costs.currency_id, incoming_rows.currency_id)
    is not distinct from incoming_rows.currency_id
