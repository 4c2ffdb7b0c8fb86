-- Marks the orders of the days whose ratios have changed.
-- reads: held_rates, marts.conversion_rates, marts.order_amounts
-- writes: changes.orders
insert into changes.orders
with differing as (
    (
        select columns(*) from held_rates
        except
        select columns(*) from marts.conversion_rates
    )
    union all
    (
        select columns(*) from marts.conversion_rates
        except
        select columns(*) from held_rates
    )
)

select order_id
from marts.order_amounts
where rate_needed_date in (select differing.needed_date from differing)
except
select order_id from changes.orders;
