"""Opens one account for each seller to read, with its token and its budget.

One account is one seller: a token may serve several, but the API counts its limit by
seller (docs/mercado-libre-api.md, Rate limits). Not here: how a token is stored and
refreshed (`mercadolibre/tokens.py`).
"""

import contextlib
import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pipeline.extraction import sellers
from pipeline.landing import earlier
from pipeline.landing.record import Record
from pipeline.mercadolibre.bounds import Bounds
from pipeline.mercadolibre.budget import Budget
from pipeline.mercadolibre.client import MercadoLibre
from pipeline.mercadolibre.connection import application, connect
from pipeline.mercadolibre.errors import AskingEnded, ReauthorisationNeeded
from pipeline.mercadolibre.global_selling import GlobalSelling
from pipeline.mercadolibre.oauth import Application, Grant
from pipeline.mercadolibre.retry import CircuitBreaker
from pipeline.mercadolibre.token_file import TokenFile
from pipeline.mercadolibre.tokens import StaticToken, Tokens, TokenStore
from pipeline.settings import Settings, WrongSetting
from pipeline.sites import GLOBAL_SELLING, SITES
from pipeline.workers.connection import Silent
from pipeline.workers.pace import Pace

SHARED = "shared"
"""The account name of a token that serves every seller listed."""


@dataclass
class Account:
    """One seller with its connection, its budget and, once known, its site."""

    seller_id: int
    client: MercadoLibre
    budget: Budget
    site_id: str | None = None

    def settle(self, site_id: str | None) -> None:
        """Ask the endpoints of the account's site from now on."""
        self.site_id = site_id
        if site_id == GLOBAL_SELLING:
            self.client = self.client.speaking(GlobalSelling)


def settled(account: Account, *, run_id: str) -> Record:
    """Ask for a seller's account and settle its site; the record to land.

    Raises:
        BrokenBody: the answer is not an account.
    """
    record = sellers.seller(account.client, account.seller_id, run_id=run_id)
    account.settle(sellers.site_of(record))
    return record


def tokens_folder(settings: Settings) -> Path:
    """The folder of the token files."""
    return settings.tokens_dir or settings.data_dir / "tokens"


def _application(settings: Settings) -> Application | None:
    if not (settings.client_id and settings.client_secret):
        return None
    return application(
        base_url=settings.base_url,
        client_id=settings.client_id,
        client_secret=settings.client_secret.get_secret_value(),
    )


def _store(settings: Settings, account: str) -> TokenStore:
    """The stored pair of one account, whether or not it exists yet."""
    token = settings.refresh_tokens().get(None if account == SHARED else int(account))
    return TokenStore(
        tokens_folder(settings),
        account,
        application=_application(settings),
        bootstrap=token.get_secret_value() if token else None,
    )


def stores(settings: Settings) -> Mapping[int | None, TokenStore]:
    """Stored and configured pairs by seller; None is the one for all sellers listed."""
    names = [SHARED if one is None else str(one) for one in settings.refresh_tokens()]
    stored = sorted(path.stem for path in tokens_folder(settings).glob("*.json"))
    names += [name for name in stored if name == SHARED or name.isdecimal()]
    return {
        None if name == SHARED else int(name): _store(settings, name)
        for name in dict.fromkeys(names)
    }


def bounds(settings: Settings) -> Bounds:
    """What answers may be at most, and how long from now on any are asked for."""
    return Bounds(megabytes=settings.max_answer_megabytes, hours=settings.max_run_hours)


def _of_application(settings: Settings, within: Bounds) -> Callable[[], float] | None:
    """Waits for the application's pace over all workers; None if it is not shared."""
    if settings.redis_url is None:
        return None
    try:
        pace = Pace(
            settings.redis_url.get_secret_value(),
            settings.client_id or "without an id",
            settings.requests_per_minute,
            sleep=within.wait,
        )
    except Silent as fault:
        raise WrongSetting(str(fault)) from None

    def wait() -> float:
        try:
            return pace.wait()
        except Silent as fault:
            raise AskingEnded(f"{fault}; the run asks for nothing more") from None

    return wait


class _Sparing:
    """Passes a line on, and then none for a minute: many threads wait at once."""

    def __init__(
        self,
        notice: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._notice = notice
        self._clock = clock
        self._lock = threading.Lock()
        self._quiet_until = -math.inf

    def __call__(self, line: str) -> None:
        with self._lock:
            now = self._clock()
            if now < self._quiet_until:
                return
            self._quiet_until = now + 60
        self._notice(line)


def _chosen(
    settings: Settings, tokens: Mapping[int | None, Tokens]
) -> Iterator[tuple[int | None, Tokens]]:
    """Each seller of the settings with its token; None stands for a token's owner."""
    if not settings.seller_ids:
        yield from tokens.items()
    for seller_id in dict.fromkeys(settings.seller_ids):
        own = tokens.get(seller_id, tokens.get(None))
        if own is None:
            raise WrongSetting(
                f"MELI_SELLER_IDS: there is no token for seller {seller_id}; run "
                "`meli-sales login` with that account"
            )
        yield seller_id, own


@contextlib.contextmanager
def opened(
    settings: Settings,
    within: Bounds | None = None,
    notice: Callable[[str], None] = lambda _: None,
) -> Iterator[list[Account]]:
    """Connections for every seller of the settings, closed on leaving.

    Without `MELI_SELLER_IDS` the sellers are the tokens' owners, one request to
    `/users/me` each. Sites are known of sellers that have landed. ``notice`` takes a
    line, at most one a minute, while requests wait long for another attempt.

    Raises:
        WrongSetting: there is no token, or none for a listed seller.
        MercadoLibreError: the owner of a token cannot be read; on leaving, a pair that
            was refreshed meanwhile cannot be written.
    """
    within = within or bounds(settings)
    tokens: Mapping[int | None, StaticToken | TokenStore] = stores(settings)
    if settings.access_token:
        tokens = {None: StaticToken(settings.access_token.get_secret_value())}
    if not tokens:
        raise WrongSetting(
            "no token: set MELI_ACCESS_TOKEN for a quick try, or MELI_CLIENT_ID, "
            "MELI_CLIENT_SECRET and run `meli-sales login`; the demo needs no token"
        )
    paced, sparing = _of_application(settings, within), _Sparing(notice)
    breaker = CircuitBreaker()
    with contextlib.ExitStack() as stack:
        for one in tokens.values():
            stack.callback(one.settle)
        accounts: list[Account] = []
        for seller, own in _chosen(settings, tokens):
            budget = Budget(
                settings.requests_per_minute,
                settings.max_concurrency,
                of_application=paced,
                sleep=within.wait,
            )
            client = connect(
                base_url=settings.base_url,
                tokens=own,
                budget=budget,
                bounds=within,
                breaker=breaker,
                on_long_wait=sparing,
            )
            stack.callback(client.close)
            seller_id = seller or sellers.owner(client)
            if seller_id not in {account.seller_id for account in accounts}:
                accounts.append(Account(seller_id, client, budget))
        sites = earlier.told(settings.data_dir / "landing", "sellers", "site_id")
        for account in accounts:
            account.settle(sites.get(account.seller_id))
        yield accounts


TokenState = Literal[
    "static", "usable", "not used yet", "reauthorisation needed", "none"
]
"""`static` is MELI_ACCESS_TOKEN, whose state only a request can show; `not used yet` is
a MELI_REFRESH_TOKEN before its first refresh."""

_WORDS: Mapping[str, TokenState] = {
    "usable": "usable",
    "empty": "not used yet",
    "reauthorisation_needed": "reauthorisation needed",
}


def token_states(settings: Settings) -> dict[int | None, TokenState]:
    """The state of every token by seller; None is the one for all sellers listed."""
    if settings.access_token:
        return {None: "static"}
    states: dict[int | None, TokenState] = {}
    for seller, store in stores(settings).items():
        try:
            states[seller] = _WORDS[store.state()]
        except ReauthorisationNeeded:  # the file is not one of ours
            states[seller] = "reauthorisation needed"
    return states


def unused_since(settings: Settings) -> dict[int | None, datetime]:
    """When the access token of each stored pair dies or died: it is renewed before.

    What is not renewed is not used, and Mercado Libre ends it after four months.
    """
    since: dict[int | None, datetime] = {}
    for seller, store in stores(settings).items():
        with suppress(ReauthorisationNeeded):  # `token_states` says so
            if expired := store.expires_at():
                since[seller] = expired
    return since


def state_of(states: Mapping[int | None, TokenState], seller_id: int) -> TokenState:
    """The state of the token that reads a seller."""
    return states.get(seller_id, states.get(None, "none"))


def is_mercado_libre(base_url: str) -> bool:
    """Whether an address is Mercado Libre's own, not a sandbox's."""
    host = urlsplit(base_url).hostname or ""
    return host.endswith((".mercadolibre.com", ".mercadolivre.com.br"))


def page(settings: Settings, site: str | None) -> str:
    """The address of the page where a person grants access.

    Mercado Libre has one for each site; a sandbox serves its own.

    Raises:
        WrongSetting: no site is given or set, or there is no such site.
    """
    if not is_mercado_libre(settings.base_url):
        return f"{settings.base_url}/authorization"
    chosen = (site or settings.site or "").upper()
    if chosen not in SITES:
        wrong = f"{chosen} is not a site" if chosen else "which site is it"
        raise WrongSetting(
            f"{wrong}: give --site (or set MELI_SITE) {', '.join(SITES)}"
        )
    return f"https://{SITES[chosen].host}/authorization"


def keep(settings: Settings, grant: Grant) -> str:
    """Store a pair under the account that granted it, where `stores` finds it.

    That is `<user id>.json`; but `shared.json` for the account whose refresh token is
    or was in MELI_REFRESH_TOKEN without a seller. A pair stored twice would be spent
    twice. Returns the account's name.
    """
    account = _account_of(settings, grant.user_id)
    _store(settings, account).save(grant)
    return account


def _account_of(settings: Settings, user_id: int | None) -> str:
    if user_id is None:
        return SHARED
    configured = settings.refresh_tokens()
    folder = tokens_folder(settings)
    if user_id in configured or (folder / f"{user_id}.json").exists():
        return str(user_id)
    if None not in configured and not (folder / f"{SHARED}.json").exists():
        return str(user_id)
    stored = None
    with suppress(ReauthorisationNeeded):  # an unreadable file is replaced
        stored = TokenFile(folder, SHARED).read()
    owner = stored.user_id if stored else None
    return SHARED if owner in (None, user_id) else str(user_id)
