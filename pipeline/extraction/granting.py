"""Under which account a login's pair of tokens is kept, and where one logs in.

Not here: the login itself (`mercadolibre/authorization.py`).
"""

from contextlib import suppress
from urllib.parse import urlsplit

from pipeline.extraction.accounts import SHARED, tokens_folder
from pipeline.mercadolibre.errors import ReauthorisationNeeded
from pipeline.mercadolibre.oauth import Grant
from pipeline.mercadolibre.token_file import TokenFile
from pipeline.mercadolibre.tokens import TokenStore
from pipeline.settings import Settings, WrongSetting
from pipeline.sites import SITES


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
