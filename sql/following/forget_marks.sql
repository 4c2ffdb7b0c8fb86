-- Forgets what changed, once every mart has followed it.
-- reads: none
-- writes: changes.buyers, changes.checked, changes.days, changes.followed, changes.item_months, changes.listings, changes.marts, changes.months, changes.orders, changes.packs, changes.shipments, changes.update_days
delete from changes.orders;

delete from changes.shipments;

delete from changes.packs;

delete from changes.days;

delete from changes.months;

delete from changes.item_months;

delete from changes.listings;

delete from changes.buyers;

delete from changes.update_days;

update changes.marts set is_altered_whole = null
where is_altered_whole is not null;

delete from changes.followed;

delete from changes.checked;

insert into changes.checked values (current_date);
