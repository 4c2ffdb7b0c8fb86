-- Forgets what changed, once every mart has followed it.
-- reads: none
-- writes: changes.altered, changes.buyers, changes.checked, changes.closed, changes.days, changes.item_months, changes.months, changes.orders, changes.packs, changes.shipments
delete from changes.orders;

delete from changes.shipments;

delete from changes.packs;

delete from changes.days;

delete from changes.months;

delete from changes.item_months;

delete from changes.buyers;

delete from changes.closed;

delete from changes.altered;

delete from changes.checked;

insert into changes.checked values (current_date);
