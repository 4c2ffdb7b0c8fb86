"""Every request bears the token, and a refused one is renewed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from pipeline.mercadolibre import errors
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
