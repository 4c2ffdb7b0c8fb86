-- One reporting currency for every seller: the setting's, else the one that all sites
-- share.
-- reads: core.sellers, core.sites
-- writes: core.sellers
-- variables: reporting_currency_id (varchar, null where the setting is not given)
update core.sellers
set reporting_currency_id = chosen.currency_id
from (
    select
        coalesce(
            getvariable('reporting_currency_id')::varchar,
            case
                when count(distinct sites.currency_id) = 1 then min(sites.currency_id)
            end
        ) as currency_id
    from core.sellers
    left join core.sites on sellers.site_id = sites.site_id
) as chosen
where sellers.reporting_currency_id is distinct from chosen.currency_id
