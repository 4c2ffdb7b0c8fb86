-- What changed since all marts were last built together; lies in the work file alone.
-- orders, shipments and packs are marked as they are loaded, and days of last update with
-- their certificates; days, months, listings, their months and buyers as marts change.
-- `marts` says of what each mart was built and whether it has changed since: null if not,
-- true if it was built whole. `followed` holds a row once all marts have followed all
-- marks, `checked` the day on which all of their claims were last held, `warned` which of
-- those that only warn did not hold.
-- reads: none
-- writes: changes.altered, changes.built, changes.buyers, changes.checked, changes.closed, changes.days, changes.followed, changes.item_months, changes.listings, changes.marts, changes.months, changes.orders, changes.packs, changes.shipments, changes.update_days, changes.warned
create schema if not exists changes;

create table if not exists changes.orders (order_id bigint);

create table if not exists changes.shipments (shipment_id bigint);

create table if not exists changes.packs (pack_id bigint);

create table if not exists changes.days (seller_id bigint, sold_date date);

create table if not exists changes.months (seller_id bigint, month_start_date date);

create table if not exists changes.item_months (
    seller_id bigint, item_id varchar, month_start_date date
);

create table if not exists changes.listings (seller_id bigint, item_id varchar);

create table if not exists changes.buyers (seller_id bigint, buyer_id bigint);

create table if not exists changes.update_days (seller_id bigint, update_date date);

create table if not exists changes.marts (
    name varchar primary key, built_of varchar, is_altered_whole boolean
);

delete from changes.marts
where
    -- An earlier version noted the same in other tables, and may have done so last.
    exists (
        select 1 from duckdb_tables()
        where
            database_name = current_database()
            and schema_name = 'changes'
            and table_name = 'built'
    );

drop table if exists changes.built;

drop table if exists changes.altered;

drop table if exists changes.closed;

create table if not exists changes.followed (followed_at timestamptz);

create table if not exists changes.checked (checked_date date);

create table if not exists changes.warned (name varchar, claim varchar);
