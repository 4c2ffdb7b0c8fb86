-- Marks the orders of the days whose ratios have changed.
-- reads: held_rates, marts.conversion_rates, marts.order_amounts
-- writes: changes.orders
insert into changes.orders
with differing as (
    (
        select
            needed_date,
            from_currency_id,
            to_currency_id,
            rate_date,
            ratio,
            source
        from held_rates
        except
        select
            needed_date,
            from_currency_id,
            to_currency_id,
            rate_date,
            ratio,
            source
        from marts.conversion_rates
    )
    union all
    (
        select
            needed_date,
            from_currency_id,
            to_currency_id,
            rate_date,
            ratio,
            source
        from marts.conversion_rates
        except
        select
            needed_date,
            from_currency_id,
            to_currency_id,
            rate_date,
            ratio,
            source
        from held_rates
    )
)

select order_id
from marts.order_amounts
where rate_needed_date in (select differing.needed_date from differing)
except
select order_id from changes.orders;
