-- A month that the values of a dimension do not add up to: units, goods, net sales, fees,
-- shipping, proceeds, cost.
-- table: marts.profit_months
-- reads: core.calendar, marts.order_item_margins
-- severity: error
with months as (
    select
        order_item_margins.seller_id,
        order_item_margins.site_id,
        calendar.month_start_date,
        order_item_margins.currency_id,
        sum(order_item_margins.quantity)::bigint as unit_count,
        sum(order_item_margins.total_amount)::decimal(18, 2) as gross_sales_amount,
        sum_where(
            order_item_margins.is_sale,
            coalesce(
                order_item_margins.net_sales_amount, order_item_margins.total_amount
            )
        ) as net_sales_amount,
        sum_of(order_item_margins.estimated_proceeds_amount)
            as estimated_proceeds_amount,
        sum_of(order_item_margins.cost_amount) as cost_amount
    from marts.order_item_margins
    inner join core.calendar
        on order_item_margins.sold_date = calendar.calendar_date
    group by
        order_item_margins.seller_id,
        order_item_margins.site_id,
        calendar.month_start_date,
        order_item_margins.currency_id
),

dimensions as (
    select dimensions.dimension
    from
        (
            values
            ('all'), ('item'), ('seller_sku'), ('category'), ('listing_type'),
            ('logistic_type'), ('state'), ('channel'), ('hour'), ('weekday')
        ) as dimensions (dimension)
),

cut_months as (
    select
        seller_id,
        site_id,
        month_start_date,
        currency_id,
        dimension,
        sum(unit_count)::bigint as unit_count,
        sum(gross_sales_amount)::decimal(18, 2) as gross_sales_amount,
        sum(net_sales_amount)::decimal(18, 2) as net_sales_amount,
        sum(estimated_proceeds_amount)::decimal(18, 2) as estimated_proceeds_amount,
        sum_of(cost_amount) as cost_amount
    from marts.profit_months
    group by
        seller_id,
        site_id,
        month_start_date,
        currency_id,
        dimension
)

select
    months.seller_id,
    months.site_id,
    months.month_start_date,
    months.currency_id,
    dimensions.dimension,
    months.gross_sales_amount,
    cut_months.gross_sales_amount as cut_gross_sales_amount,
    months.estimated_proceeds_amount,
    cut_months.estimated_proceeds_amount as cut_estimated_proceeds_amount,
    months.cost_amount,
    cut_months.cost_amount as cut_cost_amount
from months
cross join dimensions
left join cut_months
    on
        months.seller_id = cut_months.seller_id
        and months.site_id = cut_months.site_id
        and months.month_start_date = cut_months.month_start_date
        and months.currency_id = cut_months.currency_id
        and dimensions.dimension = cut_months.dimension
where
    months.unit_count is distinct from cut_months.unit_count
    or months.gross_sales_amount is distinct from cut_months.gross_sales_amount
    or months.net_sales_amount is distinct from cut_months.net_sales_amount
    or months.estimated_proceeds_amount
    is distinct from cut_months.estimated_proceeds_amount
    or months.cost_amount is distinct from cut_months.cost_amount
