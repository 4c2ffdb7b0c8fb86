"""The tables that come with the code: whole, without nulls, each key once."""

import polars as pl
import pytest

from pipeline.frames import constants, currencies, listing_types, logistic_types
from pipeline.sites import CURRENCIES, SITES
from pipeline.warehouse.files import table


@pytest.mark.parametrize("name", constants.FRAMES)
def test_a_constant_table_has_every_value_and_each_key_once(name: str) -> None:
    frame = constants.FRAMES[name]()
    assert frame.height > 0
    assert frame.null_count().sum_horizontal().item() == 0
    assert frame.select(table(f"core.{name}").key).is_unique().all()


def test_every_site_has_a_currency_that_is_known() -> None:
    assert {site.currency_id for site in SITES.values()} <= set(CURRENCIES)
    whole = currencies.frame().filter(decimal_places=0)["currency_id"]
    assert whole.to_list() == ["CLP", "PYG"]
    assert set(currencies.frame()["decimal_places"]) == {0, 2}


def test_who_carries_does_not_keep_and_who_keeps_does_not_carry() -> None:
    types = logistic_types.frame()
    carried = types["is_carried_by_mercado_libre"]
    assert (carried != types["is_shipping_income"]).all()
    assert set(types.filter(carried)["logistic_type"]) == {
        *("cross_docking", "drop_off", "fulfillment", "me2", "xd_drop_off")
    }
    assert types.filter(logistic_type="self_service")["name_pt"].to_list() == ["Flex"]


def test_a_kind_of_listing_has_its_name_in_three_languages() -> None:
    classic = listing_types.frame().filter(pl.col("listing_type_id") == "gold_special")
    assert classic.rows() == [("gold_special", "Clásica", "Clássico", "Classic")]
