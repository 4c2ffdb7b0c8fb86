-- How rows are added up.

-- Money; 0 where there is none.
create or replace temp macro sum_of(amount) as
coalesce(sum(amount), 0)::decimal(18, 2);

create or replace temp macro sum_where(condition, amount) as
sum_of(case when condition then amount end);

-- Money; null as soon as the amount of one row is unknown.
create or replace temp macro known_sum(amount) as
case when count(amount) = count(*) then sum(amount)::decimal(18, 2) end;

-- The amount of the one row for which something holds.
create or replace temp macro amount_where(condition, amount) as
max(case when condition then amount end);

create or replace temp macro count_where(condition) as
count(case when condition then 1 end)::bigint;

-- Baskets among orders: packs, and orders without one.
create or replace temp macro basket_count(pack_id) as
(count(distinct pack_id) + count(case when pack_id is null then 1 end))::bigint;

-- An amount of a row that may be absent.
create or replace temp macro or_0(amount) as
coalesce(amount, 0)::decimal(18, 2);

-- The same in the reporting currency; null where none of that kind is known, as
-- `known` tells by being null.
create or replace temp macro or_0_if_reported(amount, known) as
case when known is not null then or_0(amount) end;

-- Net sales: gross sales less what was cancelled, not completed, not paid or given back.
create or replace temp macro net_sales_of(
    gross_sales, cancelled, not_completed, unpaid, refunded
) as
(gross_sales - cancelled - not_completed - unpaid - refunded)::decimal(18, 2);
