"""Of an account the id and the site are read."""

from pipeline.payloads.seller import Seller
from pipeline.payloads.verdict import judge


def test_a_seller_is_an_id_and_a_site() -> None:
    record = judge(
        Seller, '{"id": 700100200, "nickname": "X", "site_id": "MLB"}'
    ).record
    assert record == Seller(id=700100200, site_id="MLB")
    assert judge(Seller, '{"id": 700100200}').reason == "site_id: missing"
