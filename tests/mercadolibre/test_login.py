"""A person grants access in the browser, and only this login's answer counts."""

from __future__ import annotations

import base64
import hashlib
import socket
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from pipeline.mercadolibre import errors
from pipeline.mercadolibre.login import code_from, login
from pipeline.mercadolibre.tokens import TokenStore
from tests.mercadolibre.conftest import INVALID_GRANT, Api, granted

PAGE = "https://auth.test/authorization"


class Browser:
    """Follows the address to the consent page and back, as a person would."""

    def __init__(self, **answer: str) -> None:
        self.answer = answer
        self.asked: dict[str, str] = {}
        self.pages: list[tuple[int, str]] = []

    def open(self, address: str) -> None:
        assert address.startswith(f"{PAGE}?")
        query = parse_qs(urlsplit(address).query)
        self.asked = {name: values[0] for name, values in query.items()}

    def back(self, **answer: str) -> str:
        query = {"state": self.asked["state"], **answer}
        return f"{self.asked['redirect_uri']}?{urlencode(query)}"

    def visit(self, address: str) -> None:
        # The listener is on 127.0.0.1, which "localhost" may not lead to first.
        page = httpx.get(address.replace("localhost", "127.0.0.1"))
        self.pages.append((page.status_code, page.text))

    def open_and_grant(self, address: str) -> None:
        self.open(address)
        self.visit(self.back(**self.answer))


def store(tmp_path: Path) -> TokenStore:
    return TokenStore(tmp_path, "default")


def test_a_login_stores_the_pair(api: Api, tmp_path: Path) -> None:
    api.will(granted(1))
    browser = Browser(code="the-code")
    tokens = store(tmp_path)
    user_id = login(
        application=api.application(),
        authorization_url_base=PAGE,
        keep=tokens.save,
        open_browser=browser.open_and_grant,
        port=0,
    )
    assert user_id == 700100200
    assert tokens.access_token() == "APP_USR-access-1-700100200"
    ((status, page),) = browser.pages
    assert status == 200
    assert "Done. You can close this tab." in page
    assert "the-code" not in page


def test_the_code_is_bound_to_this_login_by_pkce(api: Api, tmp_path: Path) -> None:
    api.will(granted(1))
    browser = Browser(code="the-code")
    login(
        application=api.application(),
        authorization_url_base=PAGE,
        keep=store(tmp_path).save,
        open_browser=browser.open_and_grant,
        port=0,
    )
    (form,) = api.forms()
    asked = browser.asked
    digest = hashlib.sha256(form["code_verifier"].encode()).digest()
    assert asked["code_challenge"] == base64.urlsafe_b64encode(digest).decode()[:-1]
    assert asked["code_challenge_method"] == "S256"
    assert asked["response_type"] == "code"
    assert asked["client_id"] == form["client_id"] == "1000000000000001"
    assert asked["redirect_uri"] == form["redirect_uri"]
    assert 43 <= len(form["code_verifier"]) <= 128  # RFC 7636
    assert form["code"] == "the-code"


def test_stray_visitors_do_not_end_the_login(api: Api, tmp_path: Path) -> None:
    api.will(granted(1))
    browser = Browser()

    def grant(address: str) -> None:
        browser.open(address)
        right = browser.back(code="the-code")
        browser.visit(right.replace("/callback", "/favicon.ico"))
        browser.visit(right.replace("state=", "state=another"))
        browser.visit(right)

    login(
        application=api.application(),
        authorization_url_base=PAGE,
        keep=store(tmp_path).save,
        open_browser=grant,
        port=0,
    )
    assert [status for status, _ in browser.pages] == [404, 400, 200]


def test_access_not_granted_is_told(api: Api, tmp_path: Path) -> None:
    browser = Browser(error="access_denied")
    tokens = store(tmp_path)
    with pytest.raises(errors.ReauthorisationNeeded, match="access was not granted"):
        login(
            application=api.application(),
            authorization_url_base=PAGE,
            keep=tokens.save,
            open_browser=browser.open_and_grant,
            port=0,
        )
    assert "Access was not granted." in browser.pages[0][1]
    assert tokens.state() == "empty"


def test_a_code_that_is_not_accepted_stores_nothing(api: Api, tmp_path: Path) -> None:
    api.will(INVALID_GRANT)
    tokens = store(tmp_path)
    with pytest.raises(errors.ReauthorisationNeeded):
        login(
            application=api.application(),
            authorization_url_base=PAGE,
            keep=tokens.save,
            open_browser=Browser(code="old").open_and_grant,
            port=0,
        )
    assert tokens.state() == "empty"


def test_nobody_at_the_browser_is_told(api: Api, tmp_path: Path) -> None:
    with pytest.raises(
        errors.MercadoLibreError, match="nobody granted access within 0"
    ):
        login(
            application=api.application(),
            authorization_url_base=PAGE,
            keep=store(tmp_path).save,
            open_browser=lambda address: None,
            port=0,
            timeout_seconds=0.05,
        )


def test_a_port_in_use_is_told(api: Api, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(errors.MercadoLibreError, match=f"port {port} on 127.0.0.1"):
            login(
                application=api.application(),
                authorization_url_base=PAGE,
                keep=store(tmp_path).save,
                open_browser=lambda address: None,
                port=port,
            )


def test_the_address_can_be_pasted_when_only_https_is_registered(
    api: Api, tmp_path: Path
) -> None:
    api.will(granted(1))
    browser = Browser()
    user_id = login(
        application=api.application(),
        authorization_url_base=PAGE,
        keep=store(tmp_path).save,
        open_browser=browser.open,
        redirect_uri="https://example.com/meli",
        paste=lambda: f"  {browser.back(code='the-code')}\n",
    )
    assert user_id == 700100200
    assert api.forms()[0]["redirect_uri"] == "https://example.com/meli"


def test_an_address_to_paste_is_https_by_default(api: Api, tmp_path: Path) -> None:
    api.will(granted(1))
    browser = Browser()
    login(
        application=api.application(),
        authorization_url_base=PAGE,
        keep=store(tmp_path).save,
        open_browser=browser.open,
        paste=lambda: browser.back(code="the-code"),
    )
    assert browser.asked["redirect_uri"] == "https://localhost:8914/callback"


@pytest.mark.parametrize(
    "address",
    [
        "https://localhost/callback?code=c&state=another",
        "https://localhost/callback?code=c",
        "https://localhost/callback?state=mine",
        "https://localhost/callback?error=access_denied",
        "not an address",
        "",
    ],
)
def test_an_address_of_another_login_is_stray(address: str) -> None:
    with pytest.raises(errors.StrayAddress):
        code_from(address, "mine")
