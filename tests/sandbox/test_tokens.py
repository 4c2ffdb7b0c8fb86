"""Tokens rotate, die and are refused as those of the API."""

import base64
import hashlib
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from pipeline.sandbox.server import tokens
from pipeline.sandbox.server.server import RunningSandbox
from pipeline.sandbox.server.switches import Switches

APPLICATION = {"client_id": "1234", "client_secret": "hush"}
INVALID_GRANT = {
    "error_description": "Error validating grant. Your authorization code or refresh "
    "token may be expired or it was already used",
    "error": "invalid_grant",
    "status": 400,
    "cause": [],
}


def refresh(client: httpx.Client, token: str) -> httpx.Response:
    form = {"grant_type": "refresh_token", "refresh_token": token} | APPLICATION
    return client.post("/oauth/token", data=form)


def me(client: httpx.Client, token: str) -> httpx.Response:
    return client.get("/users/me", headers={"authorization": f"Bearer {token}"})


def test_a_refresh_token_serves_once_and_rotates(
    sandbox: RunningSandbox, client: httpx.Client
) -> None:
    first = refresh(client, "TG-sandbox-700100201")
    again = refresh(client, "TG-sandbox-700100201")
    pair = first.json()

    assert first.status_code == 200
    assert pair.keys() == {
        "access_token", "token_type", "expires_in", "scope", "user_id", "refresh_token",
    }  # fmt: skip
    assert (pair["expires_in"], pair["user_id"]) == (21600, 700100201)
    assert pair["access_token"].startswith("APP_USR-1234-")
    assert me(client, pair["access_token"]).json()["id"] == 700100201
    assert (again.status_code, again.json()) == (400, INVALID_GRANT)
    assert refresh(client, pair["refresh_token"]).status_code == 200
    assert sandbox.log.refresh_tokens["TG-sandbox-700100201"] == 2
    assert sandbox.log.as_json()["refresh_tokens_sent_twice"] == 1


def test_one_token_owns_every_seller_and_others_their_own(
    client: httpx.Client,
) -> None:
    everyone = refresh(client, "TG-sandbox").json()["access_token"]
    found = {
        token: [
            client.get(
                "/orders/search",
                params={"seller": seller},
                headers={"authorization": f"Bearer {token}"},
            ).status_code
            for seller in (700100200, 700100201)
        ]
        for token in (everyone, "APP_USR-sandbox", "APP_USR-sandbox-700100201")
    }

    assert list(found.values()) == [[200, 200], [200, 200], [403, 200]]


@pytest.mark.parametrize(("header", "status", "body"), [
    (None, 401, {"code": "unauthorized", "message": "authorization value not present"}),
    ("Bearer APP_USR-other", 401,
     {"code": "unauthorized", "message": "invalid access token"}),
    ("Bearer rubbish", 400,
     {"message": "Malformed access_token: ********", "error": "bad_request",
      "status": 400, "cause": []}),
    ("Basic APP_USR-sandbox", 400,
     {"message": "Malformed access_token: ********", "error": "bad_request",
      "status": 400, "cause": []}),
])  # fmt: skip
def test_without_a_good_token_there_is_no_answer(
    header: str | None, status: int, body: dict[str, object], sandbox: RunningSandbox
) -> None:
    headers = {} if header is None else {"authorization": header}
    answer = httpx.get(f"{sandbox.url}/users/me", headers=headers)

    assert (answer.status_code, answer.json()) == (status, body)


def test_an_access_token_dies_of_age(
    client: httpx.Client, switches: Switches, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = [0.0]
    clock = SimpleNamespace(monotonic=lambda: seconds[0])
    monkeypatch.setattr(tokens, "time", clock)
    switches.access_token_seconds = 60
    token = refresh(client, "TG-sandbox").json()["access_token"]
    seconds[0] = 59.9
    young = me(client, token).status_code
    seconds[0] = 60.0

    assert (young, me(client, token).status_code) == (200, 401)
    assert me(client, "APP_USR-sandbox").status_code == 200


def log_in(client: httpx.Client, **query: str) -> httpx.Response:
    usual = {
        "response_type": "code",
        "client_id": "1234",
        "redirect_uri": "http://127.0.0.1:1/back",
        "state": "s1",
    }
    return client.get("/authorization", params=usual | query)


def code_in(answer: httpx.Response) -> str:
    assert answer.status_code == 302
    address = urlsplit(answer.headers["location"])
    query = parse_qs(address.query)
    assert query["state"] == ["s1"]
    return query["code"][0]


def exchange(client: httpx.Client, code: str, **others: str) -> httpx.Response:
    form = {"grant_type": "authorization_code", "code": code} | APPLICATION
    form |= {"redirect_uri": "http://127.0.0.1:1/back"} | others
    return client.post("/oauth/token", data=form)


def test_a_login_gives_a_code_that_pkce_guards(client: httpx.Client) -> None:
    verifier = "v" * 43
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    asked = {"code_challenge": challenge, "code_challenge_method": "S256"}
    stolen = exchange(client, code_in(log_in(client, **asked)), code_verifier="x" * 43)
    code = code_in(log_in(client, **asked, seller="700100202"))
    mine = exchange(client, code, code_verifier=verifier)
    twice = exchange(client, code, code_verifier=verifier)

    assert [stolen.json(), twice.json()] == [INVALID_GRANT, INVALID_GRANT]
    assert (mine.status_code, mine.json()["user_id"]) == (200, 700100202)


def test_a_plain_challenge_and_none_work_and_the_redirect_must_be_the_same(
    client: httpx.Client,
) -> None:
    plain = code_in(log_in(client, code_challenge="abc"))
    bare = code_in(log_in(client))
    moved = code_in(log_in(client))
    marked = log_in(client, redirect_uri="http://127.0.0.1:1/back?x=1")

    assert exchange(client, plain, code_verifier="abc").status_code == 200
    assert exchange(client, bare).json()["user_id"] == 700100200
    elsewhere = exchange(client, moved, redirect_uri="http://127.0.0.1:2/")
    assert elsewhere.json() == INVALID_GRANT
    assert "/back?x=1&code=" in marked.headers["location"]
    asked = {"response_type": "code", "client_id": "1", "redirect_uri": "http://x/"}
    stateless = client.get("/authorization", params=asked)
    assert "state" not in stateless.headers["location"]


@pytest.mark.parametrize("query", [
    {"client_id": ""}, {"redirect_uri": ""}, {"response_type": "token"},
    {"seller": "1"}, {"seller": "me"},
])  # fmt: skip
def test_a_wrong_login_is_an_invalid_request(
    query: dict[str, str], client: httpx.Client
) -> None:
    answer = log_in(client, **query)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(("form", "error"), [
    ({"grant_type": "refresh_token", "refresh_token": "TG-sandbox"}, "invalid_client"),
    ({"grant_type": "refresh_token", "refresh_token": "TG-no"} | APPLICATION,
     "invalid_grant"),
    ({"grant_type": "refresh_token"} | APPLICATION, "invalid_grant"),
    ({"grant_type": "authorization_code", "code": "TG-no"} | APPLICATION,
     "invalid_grant"),
    ({"grant_type": "password"} | APPLICATION, "unsupported_grant_type"),
    (APPLICATION, "unsupported_grant_type"),
])  # fmt: skip
def test_oauth_errors_are_the_documented_ones(
    form: dict[str, str], error: str, client: httpx.Client
) -> None:
    answer = client.post("/oauth/token", data=form)

    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.json().keys() == {"error_description", "error", "status", "cause"}


def test_parameters_go_into_the_body_as_a_form(client: httpx.Client) -> None:
    query = {"grant_type": "refresh_token", "refresh_token": "TG-sandbox"} | APPLICATION
    answer = client.post("/oauth/token", params=query)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert refresh(client, "TG-sandbox").status_code == 200
