-- How rows are added up.

-- Money; 0 where there is none.
create or replace temp macro sum_of(amount) as
coalesce(sum(amount), 0)::decimal(18, 2);

create or replace temp macro sum_where(condition, amount) as
sum_of(case when condition then amount end);

create or replace temp macro count_where(condition) as
count(case when condition then 1 end)::bigint;

-- Baskets among orders: packs, and orders without one.
create or replace temp macro basket_count(pack_id) as
(count(distinct pack_id) + count(case when pack_id is null then 1 end))::bigint;

-- An amount of a row that may be absent.
create or replace temp macro or_0(amount) as
coalesce(amount, 0)::decimal(18, 2);
