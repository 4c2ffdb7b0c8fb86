-- Marks the days (UTC) of last update that the certificates just written are about.
-- reads: changed_rows
-- writes: changes.followed, changes.update_days
insert into changes.update_days
select
    seller_id,
    unnest(
        generate_series(
            window_from::date,
            (window_to - interval 1 microsecond)::date,
            interval 1 day
        )
    )::date as update_date
from changed_rows
except
select
    seller_id,
    update_date
from changes.update_days;

delete from changes.followed;
