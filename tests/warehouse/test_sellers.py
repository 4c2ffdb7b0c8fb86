"""Every seller of an order has a row, and all report in one currency or in none."""

from typing import Any

import pytest

from pipeline.warehouse.sellers import complete_sellers


@pytest.mark.parametrize(
    ("sites", "setting", "currency"),
    [
        (["MLB", "MLB"], None, "BRL"),  # one site: its own currency
        (["MLB", "MLA"], None, None),  # two currencies and no setting
        (["MLB", "MLA"], "USD", "USD"),  # the setting
    ],
)
def test_one_currency_for_all_sellers(
    work: Any, sites: list[str], setting: str | None, currency: str | None
) -> None:
    work.execute(
        "insert into core.sites by name select * from"
        " (values ('MLB', 'BRL'), ('MLA', 'ARS')) as given (site_id, currency_id)"
    )
    for seller_id, site_id in enumerate(sites):
        work.execute(
            "insert into core.orders (order_id, seller_id, site_id)"
            " values ($1, $1, $2)",
            [seller_id, site_id],
        )
    complete_sellers(work, setting)
    found = work.execute("from core.sellers order by seller_id").fetchall()
    assert found == [
        (seller_id, site_id, currency, None) for seller_id, site_id in enumerate(sites)
    ]
