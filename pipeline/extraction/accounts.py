"""Whose orders are read, with which token and within which budget.

One account is one seller: a token may serve several, but the API's limit is counted by
seller (mercado-libre-api.md §7). Where a token is kept is `mercadolibre/tokens.py`.
"""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from pipeline.extraction import sellers
from pipeline.mercadolibre.budget import Budget, Usage
from pipeline.mercadolibre.client import MercadoLibre
from pipeline.mercadolibre.connection import application, connect
from pipeline.mercadolibre.tokens import StaticToken, Tokens, TokenStore
from pipeline.settings import Settings, WrongSetting

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
