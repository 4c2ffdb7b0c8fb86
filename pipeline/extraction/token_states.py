"""In what state each seller's token is, without a request.

Not here: which token is sent (`accounts.py`) and what a state comes from (`tokens.py`).
"""

from collections.abc import Mapping
from typing import Literal

from pipeline.extraction.accounts import SHARED, tokens_folder
from pipeline.mercadolibre.errors import ReauthorisationNeeded
from pipeline.mercadolibre.tokens import TokenStore
from pipeline.settings import Settings

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
