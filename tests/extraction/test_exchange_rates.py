"""A ratio lands under its pair of currencies, known to the API or not."""

from pipeline.extraction.exchange_rates import ratio
from tests.extraction.conftest import SELLER, Opener, empty_world


def test_a_ratio_is_named_by_its_pair_and_an_unknown_pair_has_no_payload(
    desk: Opener,
) -> None:
    d = desk(empty_world())
    known = ratio(d.client, ("ARS", "BRL"), seller_id=SELLER, run_id="run")
    assert (known.resource, known.resource_id, known.status) == (
        "exchange_rates",
        "ARS-BRL",
        200,
    )
    assert "ratio" in str(known.payload)
    unknown = ratio(d.client, ("ZZZ", "BRL"), seller_id=SELLER, run_id="run")
    assert (unknown.resource_id, unknown.status, unknown.payload) == (
        "ZZZ-BRL",
        404,
        None,
    )
