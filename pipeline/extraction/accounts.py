"""Whose orders are read, with which token and within which budget.

One account is one seller: a token may serve several, but the API's limit is counted by
seller (mercado-libre-api.md §7). Where a token is kept is `mercadolibre/tokens.py`.
"""

import contextlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import SecretStr

from pipeline.extraction import sellers
from pipeline.mercadolibre.budget import Budget, Usage
from pipeline.mercadolibre.client import MercadoLibre
from pipeline.mercadolibre.connection import application, connect
from pipeline.mercadolibre.errors import ReauthorisationNeeded
from pipeline.mercadolibre.oauth import Grant
from pipeline.mercadolibre.token_file import TokenFile
from pipeline.mercadolibre.tokens import StaticToken, Tokens, TokenStore
from pipeline.settings import Settings, WrongSetting
from pipeline.sites import SITES

SHARED = "shared"
"""The account name of a token that serves every seller listed."""


@dataclass(frozen=True)
class Account:
    """One seller with the connection that asks in its name."""

    seller_id: int
    client: MercadoLibre
    budget: Budget

    def usage(self) -> Usage:
        """What has been asked for in this account's name so far."""
        return self.budget.usage()


def tokens_folder(settings: Settings) -> Path:
    """Where rotating pairs are kept."""
    return settings.data_dir / "tokens"


def _stores(settings: Settings) -> Mapping[int | None, Tokens]:
    """The tokens at hand by seller; the one under None serves every seller listed."""
    if settings.access_token:
        return {None: StaticToken(settings.access_token.get_secret_value())}
    folder = tokens_folder(settings)
    configured = settings.refresh_tokens()
    names: dict[int | None, SecretStr | None] = dict(configured)
    for path in sorted(folder.glob("*.json")):
        seller = None if path.stem == SHARED else path.stem
        if seller is None or seller.isdecimal():
            names.setdefault(None if seller is None else int(seller), None)
    client = None
    if settings.client_id and settings.client_secret:
        client = application(
            base_url=settings.base_url,
            client_id=settings.client_id,
            client_secret=settings.client_secret.get_secret_value(),
        )
    return {
        seller: TokenStore(
            folder,
            SHARED if seller is None else str(seller),
            application=client,
            bootstrap=token.get_secret_value() if token else None,
        )
        for seller, token in names.items()
    }


def _connect(settings: Settings, tokens: Tokens) -> tuple[MercadoLibre, Budget]:
    budget = Budget(settings.requests_per_minute, settings.max_concurrency)
    return connect(base_url=settings.base_url, tokens=tokens, budget=budget), budget


@contextlib.contextmanager
def opened(settings: Settings) -> Iterator[list[Account]]:
    """Connections for every seller of the settings, closed on leaving.

    Without `MELI_SELLER_IDS` each token's owner is asked for once (`/users/me`).

    Raises:
        WrongSetting: when there is no token, or none for a seller that is listed.
        MercadoLibreError: when a token's owner cannot be found out.
    """
    stores = _stores(settings)
    if not stores:
        raise WrongSetting(
            "no token: set MELI_ACCESS_TOKEN for a quick try, or MELI_CLIENT_ID, "
            "MELI_CLIENT_SECRET and run `meli-sales login`; the demo needs no token"
        )
    with contextlib.ExitStack() as stack:
        accounts: list[Account] = []
        if settings.seller_ids:
            for seller_id in dict.fromkeys(settings.seller_ids):
                tokens = stores.get(seller_id, stores.get(None))
                if tokens is None:
                    raise WrongSetting(
                        f"MELI_SELLER_IDS: there is no token for seller {seller_id}; "
                        "run `meli-sales login` with that account"
                    )
                client, budget = _connect(settings, tokens)
                stack.callback(client.close)
                accounts.append(Account(seller_id, client, budget))
        else:
            for seller, tokens in stores.items():
                client, budget = _connect(settings, tokens)
                stack.callback(client.close)
                seller_id = seller or sellers.owner(client)
                if seller_id not in {account.seller_id for account in accounts}:
                    accounts.append(Account(seller_id, client, budget))
        yield accounts


TokenState = Literal[
    "static", "usable", "not used yet", "reauthorisation needed", "none"
]
"""`static` is MELI_ACCESS_TOKEN, which nothing is known of without asking; `not used
yet` is a MELI_REFRESH_TOKEN that waits for its first refresh."""

_WORDS: Mapping[str, TokenState] = {
    "usable": "usable",
    "empty": "not used yet",
    "reauthorisation_needed": "reauthorisation needed",
}


def token_states(settings: Settings) -> dict[int | None, TokenState]:
    """The state of every token at hand by seller; None is the one for all listed."""
    if settings.access_token:
        return {None: "static"}
    folder = tokens_folder(settings)
    configured = settings.refresh_tokens()
    stored = {
        None if path.stem == SHARED else int(path.stem)
        for path in folder.glob("*.json")
        if path.stem == SHARED or path.stem.isdecimal()
    }
    states: dict[int | None, TokenState] = {}
    for seller in {*configured, *stored}:
        token = configured.get(seller)
        store = TokenStore(
            folder,
            SHARED if seller is None else str(seller),
            bootstrap=token.get_secret_value() if token else None,
        )
        try:
            states[seller] = _WORDS[store.state()]
        except ReauthorisationNeeded:  # a file that is none of ours
            states[seller] = "reauthorisation needed"
    return states


def state_of(states: Mapping[int | None, TokenState], seller_id: int) -> TokenState:
    """The state of the token that a seller is asked with."""
    return states.get(seller_id, states.get(None, "none"))


def is_mercado_libre(base_url: str) -> bool:
    """Whether an address is Mercado Libre's own, and not a sandbox's."""
    host = urlsplit(base_url).hostname or ""
    return host.endswith((".mercadolibre.com", ".mercadolivre.com.br"))


def page(settings: Settings, site: str | None) -> str:
    """The address of the page on which a person grants access.

    Mercado Libre has one for each site; anything else serves its own.

    Raises:
        WrongSetting: no site is given or set, or there is no such site.
    """
    if not is_mercado_libre(settings.base_url):
        return f"{settings.base_url}/authorization"
    chosen = (site or settings.site or "").upper()
    if chosen not in SITES:
        wrong = f"{chosen} is none of the sites" if chosen else "which site is it"
        raise WrongSetting(
            f"{wrong}: give --site (or set MELI_SITE) {', '.join(SITES)}"
        )
    return f"https://{SITES[chosen].host}/authorization"


class ByOwner:
    """Keeps a pair under the account that granted it, where `accounts.py` finds it.

    That is `<user id>.json`; but `shared.json` for the account whose refresh token
    MELI_REFRESH_TOKEN names without a seller, or did: a pair kept twice would be
    spent twice.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.account: str | None = None

    def save(self, grant: Grant) -> None:
        """Store the pair under its account, which `account` tells afterwards."""
        configured = self._settings.refresh_tokens()
        self.account = self._account(grant.user_id)
        seller = None if self.account == SHARED else int(self.account)
        token = configured.get(seller)
        TokenStore(
            tokens_folder(self._settings),
            self.account,
            bootstrap=token.get_secret_value() if token else None,
        ).save(grant)

    def _account(self, user_id: int | None) -> str:
        if user_id is None:
            return SHARED
        configured = self._settings.refresh_tokens()
        folder = tokens_folder(self._settings)
        if user_id in configured or (folder / f"{user_id}.json").exists():
            return str(user_id)
        if None not in configured and not (folder / f"{SHARED}.json").exists():
            return str(user_id)
        stored = None
        with suppress(ReauthorisationNeeded):  # an unreadable file is to be replaced
            stored = TokenFile(folder, SHARED).read()
        owner = stored.user_id if stored else None
        return SHARED if owner in (None, user_id) else str(user_id)
