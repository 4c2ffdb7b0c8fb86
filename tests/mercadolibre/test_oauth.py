"""A token is asked for in the body, once, and shown nowhere."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from pipeline.mercadolibre import connection, errors
from pipeline.mercadolibre.oauth import Application
from tests.mercadolibre.conftest import Api, granted


def test_a_refresh_is_posted_in_the_body(api: Api) -> None:
    api.will(granted(1))
    grant = api.application().refresh("TG-refresh-0")
    assert grant.access_token == "APP_USR-access-1-700100200"
    assert grant.refresh_token == "TG-refresh-1-700100200"
    assert (grant.expires_in, grant.user_id) == (21600, 700100200)
    (asked,) = api.asked
    assert (asked.method, asked.url.path, asked.url.query) == (
        "POST",
        "/oauth/token",
        b"",
    )
    assert asked.headers["Accept"] == "application/json"
    assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert "Authorization" not in asked.headers
    assert api.forms() == [
        {
            "grant_type": "refresh_token",
            "client_id": "1000000000000001",
            "client_secret": "secret-of-the-application",
            "refresh_token": "TG-refresh-0",
        }
    ]


def test_a_code_is_redeemed_with_its_verifier(api: Api) -> None:
    api.will(granted(1))
    api.application().redeem(
        "the-code", redirect_uri="https://here", verifier="the-verifier"
    )
    assert api.forms() == [
        {
            "grant_type": "authorization_code",
            "client_id": "1000000000000001",
            "client_secret": "secret-of-the-application",
            "code": "the-code",
            "redirect_uri": "https://here",
            "code_verifier": "the-verifier",
        }
    ]


@pytest.mark.parametrize(
    "never_acted_upon",
    [
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("late"),
        httpx.Response(429, json={"message": "local_rate_limited"}),
        # A whole answer that says it failed (mercado-libre-api.md 7).
        httpx.Response(500, json={"error": "internal_server_error"}),
        httpx.Response(502, html="<html>Bad Gateway</html>"),
        httpx.Response(503),
        httpx.Response(504),
    ],
    ids=repr,
)
def test_a_refresh_that_was_not_acted_upon_is_sent_again(
    api: Api, never_acted_upon: httpx.Response | Exception
) -> None:
    api.will(never_acted_upon, granted(1))
    grant = api.application().refresh("TG-refresh-0")
    assert grant.refresh_token == "TG-refresh-1-700100200"
    assert [form["refresh_token"] for form in api.forms()] == ["TG-refresh-0"] * 2


def test_a_refresh_that_fails_to_the_end_is_a_fault_of_the_server(api: Api) -> None:
    api.will(httpx.Response(503))
    with pytest.raises(errors.ServerFault, match="POST /oauth/token: 503"):
        api.application().refresh("TG-refresh-0")
    assert len(api.asked) == 8


def test_a_server_fault_whose_answer_broke_off_is_no_whole_answer() -> None:
    class Cut(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            raise httpx.ReadError("reset")

    asked: list[httpx.Request] = []

    class Sender(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            asked.append(request)
            return httpx.Response(503, stream=Cut())

    application = connection.application(
        base_url="https://api.test",
        client_id="1",
        client_secret="s3cret",
        transport=Sender,
        sleep=lambda _seconds: None,
    )
    with pytest.raises(errors.BrokenBody, match="503, but the body broke off"):
        application.refresh("TG-refresh-0")
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (httpx.ReadTimeout("late"), errors.Unreachable),
        (httpx.RemoteProtocolError("dropped"), errors.Unreachable),
        (httpx.ReadError("reset"), errors.Unreachable),
        (httpx.Response(200, html="<p>"), errors.BrokenBody),
        (httpx.Response(200, json={"token_type": "bearer"}), errors.BrokenBody),
        (httpx.Response(200, json=["APP_USR-leaked"]), errors.BrokenBody),
        (
            httpx.Response(400, json={"error": "invalid_grant"}),
            errors.ReauthorisationNeeded,
        ),
        (httpx.Response(400, json={"error": "invalid_client"}), errors.Unauthorised),
    ],
    ids=repr,
)
def test_a_refresh_that_may_have_been_acted_upon_is_not_sent_again(
    api: Api, fault: httpx.Response | Exception, kind: type[errors.MercadoLibreError]
) -> None:
    api.will(fault)
    with pytest.raises(kind) as caught:
        api.application().refresh("TG-refresh-0")
    assert len(api.asked) == 1
    for secret in ("TG-refresh-0", "secret-of-the-application", "leaked"):
        assert secret not in str(caught.value)


def test_no_connection_without_retries_is_our_error_too() -> None:
    def drop(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("secret words")

    application = Application(
        base_url="https://api.test",
        client_id="1",
        client_secret="s3cret",
        user_agent="a test",
        timeout=httpx.Timeout(1.0),
        transport=lambda: httpx.MockTransport(drop),
    )
    with pytest.raises(errors.Unreachable) as caught:
        application.refresh("TG-refresh-0")
    assert str(caught.value) == "POST /oauth/token: no answer (ConnectError)"


def test_grants_and_applications_show_no_secret(api: Api) -> None:
    api.will(granted(1))
    application = api.application()
    grant = application.refresh("TG-refresh-0")
    assert f"{grant} {grant!r}" == " ".join(
        ["Grant(user_id=700100200, expires_in=21600)"] * 2
    )
    assert repr(application) == "Application(client_id='1000000000000001')"
