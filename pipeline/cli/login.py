"""`login`: a person grants access in the browser; the pair of tokens is stored.

Not here: the flow (`mercadolibre/login.py`) and under which account the pair is
stored (`extraction/accounts.py`).
"""

import sys
import webbrowser
from functools import partial
from urllib.parse import urlsplit

from pipeline.cli import terminal
from pipeline.cli.oneline import refusals
from pipeline.extraction import accounts
from pipeline.mercadolibre import login
from pipeline.mercadolibre.connection import application
from pipeline.mercadolibre.errors import MercadoLibreError
from pipeline.settings import Settings, WrongSetting

_LOOPBACK = ("localhost", "127.0.0.1")


def run(
    settings: Settings,
    *,
    site: str | None,
    port: int,
    browser: bool,
    redirect_uri: str | None,
) -> None:
    """Let a person log in, and say what comes next; never prints a token."""
    with refusals():
        if not (settings.client_id and settings.client_secret):
            raise WrongSetting(
                "MELI_CLIENT_ID and MELI_CLIENT_SECRET are needed: make an "
                "application at https://developers.mercadolibre.com.ar/devcenter, "
                "its page shows both"
            )
        page = accounts.page(settings, site)
        pastes = not browser or not _is_answered(settings, redirect_uri)
        user_id = login.login(
            application=application(
                base_url=settings.base_url,
                client_id=settings.client_id,
                client_secret=settings.client_secret.get_secret_value(),
                attempts=3,
            ),
            authorization_url_base=page,
            keep=partial(accounts.keep, settings),
            open_browser=_open if browser else _show,
            port=(redirect_uri and urlsplit(redirect_uri).port) or port,
            redirect_uri=redirect_uri,
            paste=_paste if pastes else None,
        )
    terminal.line(f"logged in as {user_id}: its tokens are kept in the data folder")
    _warn(settings, user_id)


def _is_answered(settings: Settings, redirect_uri: str | None) -> bool:
    """Whether the browser is sent back to a listener: to http on this machine.

    Mercado Libre registers https addresses only, and nothing here answers those: then
    the person pastes the address that the browser ended up at.
    """
    if redirect_uri is None:
        return not accounts.is_mercado_libre(settings.base_url)
    parts = urlsplit(redirect_uri)
    return parts.scheme == "http" and parts.hostname in _LOOPBACK


def _show(address: str) -> None:
    terminal.say(
        "open this address in a browser and grant access (the redirect_uri in it must "
        "be registered for the application):"
    )
    terminal.say(f"  {address}")


def _open(address: str) -> None:
    """Open the address, and show it too: a server has no browser."""
    _show(address)
    webbrowser.open(address)


def _paste() -> str:
    terminal.say(
        "then paste the whole address that the browser ended up at (a page that does "
        "not load is all right) and press enter:"
    )
    address = sys.stdin.readline().strip()
    if not address:
        raise MercadoLibreError("no address was pasted: run `meli-sales login` again")
    return address


def _warn(settings: Settings, user_id: int | None) -> None:
    """Say if a setting keeps the new tokens from being used."""
    if settings.access_token:
        terminal.say("but MELI_ACCESS_TOKEN is set and used instead: unset it")
    elif not settings.is_read(user_id):
        terminal.say(f"but MELI_SELLER_IDS does not list {user_id}: add it")
    else:
        terminal.say("next: `meli-sales plan`, then `meli-sales sync`")
