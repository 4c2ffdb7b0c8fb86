"""Every request bears the token, and a refused one is renewed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from pipeline.mercadolibre import errors
from pipeline.mercadolibre.bearer import REFUSED_ALONE, BearerAuth
from pipeline.mercadolibre.tokens import StaticToken

if TYPE_CHECKING:
    from tests.mercadolibre.conftest import Api

GOOD = httpx.Response(200, json={"id": 1})
REFUSED = httpx.Response(
    401, json={"code": "unauthorized", "message": "invalid access token"}
)


class Numbered:
    """Tokens t0, t1, …; remembers which were refused."""

    def __init__(self) -> None:
        self.refused: list[str] = []

    def access_token(self) -> str:
        return f"t{len(self.refused)}"

    def renew(self, refused: str, /) -> str:
        self.refused.append(refused)
        return self.access_token()


def sent(api: Api) -> list[str]:
    return [asked.headers["Authorization"] for asked in api.asked]


def test_the_token_is_in_the_header_and_nowhere_else(api: Api) -> None:
    api.will(GOOD)
    page = api.connect(tokens=StaticToken("t0")).user()
    assert sent(api) == ["Bearer t0"]
    assert page.request == "/users/me"
    assert "t0" not in f"{api.asked[0].url}"


def test_a_refused_token_is_renewed_and_the_request_repeated(api: Api) -> None:
    api.will(REFUSED, GOOD)
    tokens = Numbered()
    assert api.connect(tokens=tokens).user().status == 200
    assert (tokens.refused, sent(api)) == (["t0"], ["Bearer t0", "Bearer t1"])


def test_a_token_worn_out_by_others_is_renewed_again(api: Api) -> None:
    api.will(REFUSED, REFUSED, GOOD)
    assert api.connect(tokens=Numbered()).user().status == 200
    assert sent(api) == ["Bearer t0", "Bearer t1", "Bearer t2"]


def test_a_lasting_401_is_handed_on_with_what_to_do(api: Api) -> None:
    api.will(REFUSED)
    tokens = Numbered()
    with pytest.raises(errors.Unauthorised, match="run `meli-sales login`") as caught:
        api.connect(tokens=tokens).user()
    assert (caught.value.status, caught.value.code) == (401, "unauthorized")
    assert tokens.refused == ["t0", "t1", "t2"]
    assert len(api.asked) == 4


def test_a_static_token_is_never_renewed(api: Api) -> None:
    api.will(REFUSED)
    with pytest.raises(errors.Unauthorised, match="if it is MELI_ACCESS_TOKEN, it has"):
        api.connect(tokens=StaticToken("t0")).user()
    assert sent(api) == ["Bearer t0"]
    assert repr(StaticToken("t0")) == "StaticToken()"


def test_a_policys_refusal_renews_nothing(api: Api) -> None:
    api.will(httpx.Response(403, json={"code": "PA_UNAUTHORIZED_RESULT_FROM_POLICIES"}))
    tokens = Numbered()
    with pytest.raises(errors.PolicyRefused):
        api.connect(tokens=tokens).user()
    assert tokens.refused == []


def asked(api: Api) -> list[tuple[str, str]]:
    return [
        (one.url.path, one.headers["Authorization"].removeprefix("Bearer "))
        for one in api.asked
    ]


def test_a_thing_that_is_refused_to_a_good_token_costs_no_renewal(api: Api) -> None:
    api.will(REFUSED, GOOD, REFUSED)
    tokens = Numbered()
    with pytest.raises(errors.Withheld, match="the token is good") as caught:
        api.connect(tokens=tokens).shipment(shipment_id=7)
    assert "login" not in str(caught.value)
    assert caught.value.status == 401
    assert tokens.refused == []
    assert asked(api) == [
        ("/shipments/7", "t0"),
        ("/users/me", "t0"),
        ("/shipments/7", "t0"),
    ]
    probe = api.asked[1]
    assert "x-format-new" not in probe.headers
    assert probe.headers["User-Agent"] == api.asked[0].headers["User-Agent"]
    assert probe.extensions["timeout"] == api.asked[0].extensions["timeout"]


def test_a_401_that_was_a_mistake_is_asked_for_again(api: Api) -> None:
    api.will(REFUSED, GOOD, GOOD)
    tokens = Numbered()
    assert api.connect(tokens=tokens).shipment(shipment_id=7).status == 200
    assert tokens.refused == []


def test_a_dead_token_is_renewed_where_its_owner_is_refused_too(api: Api) -> None:
    api.will(REFUSED, REFUSED, GOOD)
    tokens = Numbered()
    assert api.connect(tokens=tokens).shipment(shipment_id=7).status == 200
    assert tokens.refused == ["t0"]
    assert asked(api)[-1] == ("/shipments/7", "t1")


def test_a_thing_refused_to_a_token_that_was_just_renewed_is_told_as_such(
    api: Api,
) -> None:
    api.will(REFUSED, REFUSED, REFUSED, GOOD, REFUSED)
    tokens = Numbered()
    with pytest.raises(errors.Withheld):
        api.connect(tokens=tokens).shipment(shipment_id=7)
    assert tokens.refused == ["t0"], "one renewal"


NO_SUCH = httpx.Response(404, json={"message": "not found"})


def test_an_api_that_does_not_tell_owners_costs_one_renewal_and_no_absence(
    api: Api,
) -> None:
    api.will(REFUSED, NO_SUCH, REFUSED, NO_SUCH, REFUSED)
    tokens = Numbered()
    with pytest.raises(errors.Unauthorised):
        api.connect(tokens=tokens).shipment(shipment_id=7)
    assert tokens.refused == ["t0"]
    assert asked(api)[-1] == ("/shipments/7", "t1")


def test_without_another_token_the_401_itself_is_handed_on(api: Api) -> None:
    api.will(REFUSED, NO_SUCH, REFUSED)
    with pytest.raises(errors.Unauthorised, match="/shipments/7"):
        api.connect(tokens=StaticToken("t0")).shipment(shipment_id=7)
    assert asked(api)[-1] == ("/shipments/7", "t0")


def test_an_answer_to_a_later_request_shows_too_that_the_token_is_good() -> None:
    tokens = Numbered()
    auth = BearerAuth(tokens, httpx.URL("https://api.test/users/me"))
    first = auth.auth_flow(httpx.Request("GET", "https://api.test/shipments/7"))
    next(first)
    other = auth.auth_flow(httpx.Request("GET", "https://api.test/shipments/8"))
    next(other)
    with pytest.raises(StopIteration):
        other.send(GOOD)
    assert first.send(REFUSED).url.path == "/users/me"
    assert first.send(NO_SUCH).url.path == "/shipments/7"
    last = httpx.Response(401)
    with pytest.raises(StopIteration):
        first.send(last)
    assert REFUSED_ALONE in last.extensions
    assert tokens.refused == []
