"""The sales notebook: overview, profit, cohorts, baskets, completeness, a free corner.

`make notebook` opens it in marimo. It only reads the published warehouse.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Sales")

with app.setup:
    import altair as alt
    import marimo as mo
    import polars as pl

    from pipeline.warehouse.errors import QueryRefused
    from pipeline.warehouse.read import published


@app.cell(hide_code=True)
def _():
    mo.md("""
    # Sales

    What the published warehouse says, section by section. Each figure is one query, to
    be read and changed. Nothing is written, and a sync may run meanwhile: run the next
    cell again to see the version it has published.

    Amounts are exact decimals in one currency; only a chart rounds them, to draw.
    """)


@app.cell
def _():
    warehouse = published()
    state = warehouse.sql("""
        select
            published_at,
            complete_to,
            quarantined_count,
            unproven_window_count
        from ops.published
    """)
    state
    return state, warehouse


@app.cell
def _(warehouse):
    # One row per seller, currency and month that has sales; the newest months first.
    choices = warehouse.sql("""
        select distinct
            seller_id,
            currency_id,
            month_start_date,
            sum(order_count) over (partition by currency_id) as currency_order_count
        from marts.monthly_sales
        where order_count > 0
        order by
            currency_order_count desc,
            currency_id,
            month_start_date desc
    """)
    mo.stop(choices.is_empty(), mo.md("There is no sale yet: run `meli-sales sync`."))
    return (choices,)


@app.cell
def _(choices):
    currencies = choices["currency_id"].unique(maintain_order=True).to_list()
    currency = mo.ui.dropdown(currencies, value=currencies[0], label="Currency")
    return (currency,)


@app.cell
def _(choices, currency):
    sold = choices.filter(pl.col("currency_id") == currency.value)
    months = {f"{day:%Y-%m}": day for day in sold["month_start_date"].unique().sort()}
    month = mo.ui.dropdown(months, value=list(months)[-1], label="Month")
    sellers = {str(one): one for one in sold["seller_id"].unique().sort()}
    seller = mo.ui.dropdown({"all": None} | sellers, value="all", label="Seller")
    mo.hstack([currency, month, seller], justify="start")
    return month, seller


@app.cell
def _(currency, month, seller):
    # What every query below is asked for. No seller (null) means all of them.
    chosen = {
        "currency": currency.value,
        "month": month.value,
        "seller": seller.value,
    }
    return (chosen,)


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Overview

    Net sales are gross sales less what was cancelled, not completed, not paid or given
    back. Pale: not every hour of every seller is read, so that orders may be missing.
    """)


@app.cell
def _(chosen, warehouse):
    # A seller without a row for a month was not read, or is of former days: then all
    # sellers of today were read beyond it.
    overview = warehouse.sql(
        """
        with sellers as (
            select
                seller_id,
                min(month_start_date) as first_month_date
            from marts.monthly_sales
            where currency_id = $currency
            group by seller_id
        ),

        read_months as (
            select
                seller_id,
                month_start_date,
                bool_and(is_complete) as is_read
            from marts.day_completeness
            group by all
        )

        select
            months.month_start_date,
            sum(sales.order_count)::bigint as order_count,
            sum(sales.gross_sales_amount) as gross_sales_amount,
            sum(sales.net_sales_amount) as net_sales_amount,
            sum(sales.estimated_proceeds_amount) as estimated_proceeds_amount,
            sum(sales.unknown_refund_count)::bigint as unknown_refund_count,
            sum(sales.unknown_proceeds_count)::bigint as unknown_proceeds_count,
            bool_and(coalesce(
                read_months.is_read,
                published.complete_to::date
                >= months.month_start_date + interval 1 month,
                false
            )) as is_read_completely
        from (select distinct month_start_date from marts.monthly_sales) as months
        cross join ops.published
        inner join sellers
            on
                months.month_start_date >= sellers.first_month_date
                and ($seller is null or sellers.seller_id = $seller)
        left join read_months
            on
                sellers.seller_id = read_months.seller_id
                and months.month_start_date = read_months.month_start_date
        left join marts.monthly_sales as sales
            on
                sellers.seller_id = sales.seller_id
                and months.month_start_date = sales.month_start_date
                and sales.currency_id = $currency
        where months.month_start_date between $month - interval 12 month and $month
        group by months.month_start_date
        having count(sales.order_count) > 0
        order by months.month_start_date
        """,
        **chosen,
    )
    overview
    return (overview,)


@app.cell
def _(overview):
    month_chart = (
        alt.Chart(overview, title="Net sales by month", width="container")
        .mark_bar()
        .encode(
            x=alt.X("yearmonth(month_start_date):O", title=None),
            y=alt.Y("net_sales_amount", title=None),
            opacity=alt.condition(
                "datum.is_read_completely", alt.value(1), alt.value(0.4)
            ),
            tooltip=["month_start_date", "order_count", "net_sales_amount"],
        )
    )
    month_chart
    return (month_chart,)


@app.cell
def _(chosen, warehouse):
    days = warehouse.sql(
        """
        with sellers as (
            select
                seller_id,
                min(sold_date) as first_date
            from marts.daily_sales
            where currency_id = $currency
            group by seller_id
        )

        select
            calendar.calendar_date as sold_date,
            sum(sales.order_count)::bigint as order_count,
            sum(sales.net_sales_amount) as net_sales_amount,
            bool_and(coalesce(
                days.is_complete,
                published.complete_to::date > calendar.calendar_date,
                false
            )) as is_read_completely
        from core.calendar
        cross join ops.published
        inner join sellers
            on
                calendar.calendar_date >= sellers.first_date
                and ($seller is null or sellers.seller_id = $seller)
        left join marts.day_completeness as days
            on
                sellers.seller_id = days.seller_id
                and calendar.calendar_date = days.calendar_date
        left join marts.daily_sales as sales
            on
                sellers.seller_id = sales.seller_id
                and calendar.calendar_date = sales.sold_date
                and sales.currency_id = $currency
        where calendar.month_start_date = $month
        group by calendar.calendar_date
        having count(sales.order_count) > 0
        order by calendar.calendar_date
        """,
        **chosen,
    )
    day_chart = (
        alt.Chart(days, title="Net sales by day", width="container")
        .mark_bar()
        .encode(
            x=alt.X("date(sold_date):O", title=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("net_sales_amount", title=None),
            opacity=alt.condition(
                "datum.is_read_completely", alt.value(1), alt.value(0.4)
            ),
            tooltip=["sold_date", "order_count", "net_sales_amount"],
        )
    )
    day_chart
    return day_chart, days


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Profit

    From the goods of the month's orders to what is left of them: the entries of the
    ledger add up to the estimated proceeds, to the cent. `unknown_count` says how many
    entries have no amount yet; their orders are left out as a whole.

    A margin is what is left less the cost of the goods, which `meli-sales costs` loads.
    It is null where no cost is known; `unknown_margin_count` counts the lines left out.
    """)


@app.cell
def _(chosen, warehouse):
    ledger = warehouse.sql(
        """
        select
            entries.entry_number,
            entries.amount_description,
            sum(entries.amount) filter (
                where orders.estimated_proceeds_amount is not null
            ) as amount,
            count(*) filter (where entries.amount is null)::bigint as unknown_count
        from marts.order_ledger as entries
        inner join marts.orders
            on entries.order_id = orders.order_id
        where
            orders.currency_id = $currency
            and ($seller is null or orders.seller_id = $seller)
            and orders.sold_date >= $month
            and orders.sold_date < $month + interval 1 month
            and orders.is_gross_sale
        group by
            entries.entry_number,
            entries.amount_description
        order by entries.entry_number
        """,
        **chosen,
    )
    ledger
    return (ledger,)


@app.cell
def _(ledger):
    ledger_chart = (
        alt.Chart(ledger, title="What adds to the proceeds, and what takes")
        .mark_bar()
        .encode(
            x=alt.X("amount", title=None),
            y=alt.Y(
                "amount_description",
                title=None,
                sort=alt.EncodingSortField("entry_number"),
                axis=alt.Axis(labelLimit=320),
            ),
            color=alt.condition(
                "datum.amount < 0", alt.value("#c0392b"), alt.value("#2e8b57")
            ),
            tooltip=["amount_description", "amount", "unknown_count"],
        )
    )
    ledger_chart
    return (ledger_chart,)


@app.cell
def _(chosen, warehouse):
    items = warehouse.sql(
        """
        select
            item_id,
            max(title) as title,
            sum(unit_count)::bigint as unit_count,
            sum(net_sales_amount) as net_sales_amount,
            sum(estimated_proceeds_amount) as estimated_proceeds_amount,
            sum(unknown_proceeds_count)::bigint as unknown_proceeds_count
        from marts.item_months
        where
            currency_id = $currency
            and ($seller is null or seller_id = $seller)
            and month_start_date = $month
        group by item_id
        order by
            estimated_proceeds_amount desc,
            item_id
        limit 20
        """,
        **chosen,
    )
    items
    return (items,)


@app.cell
def _(chosen, warehouse):
    dimensions = warehouse.sql(
        """
        select distinct dimension
        from marts.profit_months
        where currency_id = $currency
        order by dimension
        """,
        currency=chosen["currency"],
    )["dimension"].to_list()
    dimension = mo.ui.dropdown(dimensions, value="category", label="Margin by")
    dimension
    return (dimension,)


@app.cell
def _(chosen, dimension, warehouse):
    margins = warehouse.sql(
        """
        select
            dimension_value,
            sum(unit_count)::bigint as unit_count,
            sum(net_sales_amount) as net_sales_amount,
            sum(estimated_proceeds_amount) as estimated_proceeds_amount,
            sum(cost_amount) as cost_amount,
            sum(margin_amount) as margin_amount,
            sum(unknown_margin_count)::bigint as unknown_margin_count
        from marts.profit_months
        where
            dimension = $dimension
            and currency_id = $currency
            and ($seller is null or seller_id = $seller)
            and month_start_date = $month
        group by dimension_value
        order by
            estimated_proceeds_amount desc,
            dimension_value
        """,
        dimension=dimension.value,
        **chosen,
    )
    margins
    return (margins,)


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Cohorts

    Of the buyers who first bought in a month: how many bought again, months later, in
    this currency.
    """)


@app.cell
def _(chosen, warehouse):
    cohorts = warehouse.sql(
        """
        with cohorts as (
            select
                seller_id,
                cohort_month_date,
                month_number,
                cohort_buyer_count,
                buyer_count,
                gross_sales_amount
            from marts.buyer_cohorts
            where
                currency_id = $currency
                and ($seller is null or seller_id = $seller)
        ),

        -- A cohort is as large in months in which nobody of a seller came back.
        sizes as (
            select
                cohort_month_date,
                sum(cohort_buyer_count)::bigint as cohort_buyer_count
            from (
                select distinct
                    seller_id,
                    cohort_month_date,
                    cohort_buyer_count
                from cohorts
            )
            group by cohort_month_date
        )

        select
            cohorts.cohort_month_date,
            cohorts.month_number,
            sizes.cohort_buyer_count,
            sum(cohorts.buyer_count)::bigint as buyer_count,
            sum(cohorts.gross_sales_amount) as gross_sales_amount,
            sum(cohorts.buyer_count)::double / sizes.cohort_buyer_count
                as retention_rate
        from cohorts
        inner join sizes
            on cohorts.cohort_month_date = sizes.cohort_month_date
        group by
            cohorts.cohort_month_date,
            cohorts.month_number,
            sizes.cohort_buyer_count
        order by
            cohorts.cohort_month_date,
            cohorts.month_number
        """,
        currency=chosen["currency"],
        seller=chosen["seller"],
    )
    cohort_chart = (
        alt.Chart(
            cohorts.filter(pl.col("month_number") > 0),
            title="Buyers who came back, by months since",
        )
        .mark_rect()
        .encode(
            x=alt.X("month_number:O", title=None),
            y=alt.Y("yearmonth(cohort_month_date):O", title=None),
            color=alt.Color(
                "retention_rate", title=None, legend=alt.Legend(format="%")
            ),
            tooltip=["cohort_month_date", "buyer_count", "cohort_buyer_count"],
        )
    )
    cohort_chart
    return cohort_chart, cohorts


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Baskets

    Over all months: how many orders a basket holds, and what such baskets are worth.
    """)


@app.cell
def _(chosen, warehouse):
    baskets = warehouse.sql(
        """
        select
            gross_order_count,
            sum(basket_count)::bigint as basket_count,
            sum(unit_count)::bigint as unit_count,
            sum(total_amount) as total_amount,
            sum(shipping_amount) as shipping_amount,
            sum(incomplete_basket_count)::bigint as incomplete_basket_count
        from marts.baskets
        where
            currency_id = $currency
            and ($seller is null or seller_id = $seller)
        group by gross_order_count
        order by gross_order_count
        """,
        currency=chosen["currency"],
        seller=chosen["seller"],
    )
    baskets
    return (baskets,)


@app.cell
def _(baskets):
    basket_chart = (
        alt.Chart(baskets, title="Goods by orders in the basket")
        .mark_bar()
        .encode(
            x=alt.X("total_amount", title=None),
            y=alt.Y("gross_order_count:O", title=None),
            tooltip=["gross_order_count", "basket_count", "total_amount"],
        )
    )
    basket_chart
    return (basket_chart,)


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Completeness

    A day is complete when every hour into which its orders may have moved was read and
    counted. Only then can no order be missing.
    """)


@app.cell
def _(chosen, warehouse):
    completeness = warehouse.sql(
        """
        select
            calendar_date,
            seller_id,
            complete_hour_count,
            needed_hour_count,
            refused_count,
            is_complete
        from marts.day_completeness
        where
            month_start_date = $month
            and ($seller is null or seller_id = $seller)
        order by
            calendar_date,
            seller_id
        """,
        month=chosen["month"],
        seller=chosen["seller"],
    )
    completeness_chart = (
        alt.Chart(completeness, title="Days of the month, by seller")
        .mark_rect()
        .encode(
            x=alt.X("date(calendar_date):O", title=None),
            y=alt.Y("seller_id:N", title=None),
            color=alt.Color(
                "is_complete:N",
                title="complete",
                scale=alt.Scale(domain=[True, False], range=["#2e8b57", "#d97706"]),
            ),
            tooltip=["calendar_date", "complete_hour_count", "needed_hour_count"],
        )
    )
    completeness_chart
    return completeness, completeness_chart


@app.cell
def _(chosen, warehouse):
    # Hours of last update that are not proven; the next sync reads them again.
    unproven_hours = warehouse.sql(
        """
        select
            seller_id,
            hour_at
        from marts.hour_completeness
        where
            not is_complete
            and ($seller is null or seller_id = $seller)
        order by
            seller_id,
            hour_at
        """,
        seller=chosen["seller"],
    )
    unproven_hours
    return (unproven_hours,)


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Your own corner

    One statement that reads; `meli-sales tables` lists what there is. In Jupyter the
    same three lines give the same frames:

    ```python
    from pipeline.warehouse.read import published
    warehouse = published()
    warehouse.sql("from marts.daily_sales limit 10")
    ```
    """)


@app.cell
def _():
    own_query = mo.ui.code_editor(
        "from marts.daily_sales\norder by sold_date desc\nlimit 10", language="sql"
    )
    own_query
    return (own_query,)


@app.cell
def _(own_query, warehouse):
    try:
        own_rows = warehouse.sql(own_query.value)
        refusal = None
    except QueryRefused as error:
        own_rows = None
        refusal = mo.md(f"{error}\n\n```\n{error.place}\n```")
    # Ids are names: no separators between their digits.
    ids = (
        {}
        if own_rows is None
        else {name: str for name in own_rows.columns if name.endswith("_id")}
    )
    refusal if own_rows is None else mo.ui.table(
        own_rows, format_mapping=ids, selection=None
    )
    return (own_rows,)


if __name__ == "__main__":
    app.run()
