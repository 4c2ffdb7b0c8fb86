"""Every environment variable of the product, once, with its type and default.

What they mean is in docs/settings.md. Not here: what a value does; the module that
takes it says so.
"""

import difflib
import hashlib
import os
import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from pipeline.sites import CURRENCIES, SITES


class WrongSetting(Exception):
    """An unusable setting; one line names it and what is expected."""


def _comma_list(value: object) -> object:
    """Split ``1,2`` into parts; pydantic judges anything other than text."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _word(text: str) -> str:
    """Accept only what a header and a form can carry."""
    if not re.fullmatch("[!-~]+", text):
        raise ValueError("must be one word of letters, digits and signs")
    return text


def _secret_word(value: SecretStr) -> SecretStr:
    _word(value.get_secret_value())
    return value


def _http_address(value: str) -> str:
    """Accept only ``http(s)://host[:port][/path]``; drop a trailing slash."""
    if not value.startswith(("http://", "https://")):
        raise ValueError("must start with https:// (or http:// for the sandbox)")
    try:
        parts = urlsplit(value)
        names_host = bool(parts.hostname) and parts.port != 0
    except ValueError:  # of the port, or of brackets; its text may quote a password
        names_host = False
    if (
        not names_host
        or "@" in parts.netloc
        or {"?", "#"} & set(value)
        or not re.fullmatch("[!-~]+", value)
    ):
        raise ValueError(
            "must be a host, perhaps with a port and a path: no user, query or fragment"
        )
    return value.rstrip("/")


def _of_home(value: Path | None) -> Path | None:
    """Put the user's folder in the place of `~`, as a shell does; `.env` has none."""
    with suppress(RuntimeError):  # of a user who is not there
        return value and value.expanduser()
    return value


def _landing_url(value: str | None) -> str | None:
    """Accept the address of a store, without a secret in it."""
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        has_more = bool(parts.password or parts.query or parts.fragment)
    except ValueError:  # its text may quote a password
        has_more = True
    if has_more:
        raise ValueError(
            "must be a bucket and perhaps a prefix, without a secret: credentials are "
            "the store's own variables, such as AWS_ACCESS_KEY_ID"
        )
    if parts.scheme not in _STORES:
        raise ValueError(
            "must begin with s3://, gs://, az://, abfss:// or file://, as in "
            "s3://bucket/prefix"
        )
    return value.rstrip("/")


def _redis_url(value: SecretStr | None) -> SecretStr | None:
    text = value.get_secret_value() if value else ""
    if text and not re.fullmatch(r"rediss?://[^/\s]+(/\d+)?", text):
        raise ValueError("must be as in redis://host:6379/0 (or rediss:// with TLS)")
    return value if text else None


_STORES = ("s3", "gs", "az", "abfs", "abfss", "file")


def _one_of(known: Collection[str]) -> AfterValidator:
    def in_capitals(value: str | None) -> str | None:
        if value is not None and value.upper() not in known:
            raise ValueError(f"must be one of {', '.join(known)}")
        return value.upper() if value else None

    return AfterValidator(in_capitals)


def _discounts(value: object) -> object:
    """Accept the booleans of older versions: true is all, false is none."""
    word = str(value).lower()
    if word in ("true", "1", "yes", "on"):
        return "all"
    return "none" if word in ("false", "0", "no", "off") else word


_BETWEEN_ADDRESSES = re.compile(r"[\s,]+(?=[A-Za-z][A-Za-z0-9+.-]*://)")
"""An address may hold commas of its own."""


def _alert_addresses(value: SecretStr | None) -> SecretStr | None:
    text = value.get_secret_value().strip(" ,") if value else ""
    if any("://" not in one for one in _BETWEEN_ADDRESSES.split(text) if one):
        raise ValueError("must be addresses as apprise takes them, such as tgram://…")
    return value if text else None


class Settings(BaseSettings):
    """The environment (or ``.env``), typed; every name begins with ``MELI_``."""

    model_config = SettingsConfigDict(
        env_prefix="MELI_",
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    base_url: Annotated[str, AfterValidator(_http_address)] = (
        "https://api.mercadolibre.com"
    )
    client_id: Annotated[str, AfterValidator(_word)] | None = None
    client_secret: Annotated[SecretStr, AfterValidator(_secret_word)] | None = None
    refresh_token: SecretStr | None = None
    access_token: Annotated[SecretStr, AfterValidator(_secret_word)] | None = None
    seller_ids: Annotated[
        tuple[Annotated[int, Field(gt=0, lt=2**63)], ...],
        NoDecode,
        BeforeValidator(_comma_list),
    ] = ()
    seller_buckets: Annotated[int, Field(ge=2, le=4096)] | None = None
    seller_bucket: Annotated[int, Field(ge=0)] | None = None
    data_dir: Annotated[Path, AfterValidator(_of_home)] = Path("data")
    tokens_dir: Annotated[Path | None, AfterValidator(_of_home)] = None
    landing_url: Annotated[str | None, AfterValidator(_landing_url)] = None
    reporting_currency: Annotated[str | None, _one_of(CURRENCIES)] = None
    redis_url: Annotated[SecretStr | None, AfterValidator(_redis_url)] = None
    requests_per_minute: Annotated[int, Field(ge=1, le=1_000_000)] = 1500
    max_concurrency: Annotated[int, Field(ge=1, le=64)] = 8
    max_answer_megabytes: Annotated[int, Field(ge=1, le=1_000)] = 64
    max_run_hours: Annotated[float, Field(gt=0, le=24 * 31)] = 12
    lookback_hours: Annotated[int, Field(ge=0, le=24 * 365)] = 48
    holdback_minutes: Annotated[int, Field(ge=0, le=24 * 60)] = 5
    fetch_shipping_costs: bool = True
    fetch_discounts: Annotated[
        Literal["needed", "all", "none"], BeforeValidator(_discounts)
    ] = "needed"
    fetch_products: bool = False
    pseudonymise: bool = False
    rate_fallback: Literal["none", "inverse", "triangulate"] = "none"
    site: Annotated[str | None, _one_of(SITES)] = None
    engine: Literal["duckdb", "spark"] = "duckdb"
    spark_remote: str = "local[*]"
    alert_urls: Annotated[SecretStr | None, AfterValidator(_alert_addresses)] = None
    alert_after_hours: Annotated[int, Field(ge=1, le=24 * 31)] = 3
    alert_digest: bool = True

    @model_validator(mode="before")
    @classmethod
    def _without_blanks_around(cls, values: Mapping[str, object]) -> dict[str, object]:
        """Drop what a copied line brings along: blanks and ends of lines.

        A setting of nothing else is not set. Of the name of a folder blanks are a part.
        """
        stripped = {
            name: value.strip() if isinstance(value, str) else value
            for name, value in values.items()
        }
        return {
            name: values[name] if name.endswith("_dir") else value
            for name, value in stripped.items()
            if value != ""
        }

    @model_validator(mode="after")
    def _refreshing_needs_the_application(self) -> Self:
        """Refuse a refresh token without the application that OAuth needs with it."""
        if self.refresh_token and not (self.client_id and self.client_secret):
            raise ValueError(
                "MELI_REFRESH_TOKEN needs MELI_CLIENT_ID and MELI_CLIENT_SECRET"
            )
        return self

    @model_validator(mode="after")
    def _buckets_are_whole(self) -> Self:
        """Refuse buckets without what holds them together, or that do not exist."""
        if self.seller_buckets is None:
            if self.seller_bucket is not None:
                raise ValueError("MELI_SELLER_BUCKET needs MELI_SELLER_BUCKETS")
            return self
        if not (self.seller_ids and self.landing_url):
            raise ValueError(
                "MELI_SELLER_BUCKETS needs MELI_SELLER_IDS and MELI_LANDING_URL"
            )
        if self.pseudonymise:
            raise ValueError(
                "MELI_PSEUDONYMISE does not go with MELI_SELLER_BUCKETS: each bucket "
                "would hide a buyer under another name"
            )
        if self.seller_bucket is not None and self.seller_bucket not in self.buckets():
            raise ValueError(
                f"MELI_SELLER_BUCKET: none of MELI_SELLER_IDS is in bucket "
                f"{self.seller_bucket} of {self.seller_buckets}"
            )
        return self

    def buckets(self) -> Mapping[int, Sequence[int]]:
        """The sellers of each bucket that has any.

        A seller's bucket hangs on the seller's id and the number of buckets alone.
        """
        dealt: dict[int, list[int]] = {}
        for seller_id in dict.fromkeys(self.seller_ids):
            digest = hashlib.sha256(str(seller_id).encode()).digest()
            bucket = int.from_bytes(digest[:8]) % (self.seller_buckets or 1)
            dealt.setdefault(bucket, []).append(seller_id)
        return dealt

    def homes(self) -> Sequence[str]:
        """Where else the landed files of the data folder are: each bucket's, or one."""
        if self.landing_url is None:
            return []
        if not self.gathers:
            return [self.landing_url]
        return [
            f"{self.landing_url}/{bucket}" for bucket in range(self.seller_buckets or 0)
        ]

    @property
    def gathers(self) -> bool:
        """Whether the data folder gathers what landed of all buckets, and reads none.

        Without MELI_SELLER_BUCKET it is the folder around those of the buckets.
        """
        return self.seller_buckets is not None and self.seller_bucket is None

    def is_read(self, seller_id: int | None) -> bool:
        """Whether a seller is read: everybody is, unless some are named."""
        return not self.seller_ids or seller_id in self.seller_ids

    def alert_addresses(self) -> Sequence[str]:
        """Where alerts go, each a secret."""
        if self.alert_urls is None:
            return ()
        text = self.alert_urls.get_secret_value().strip(" ,")
        return _BETWEEN_ADDRESSES.split(text)

    def refresh_tokens(self) -> Mapping[int | None, SecretStr]:
        """Refresh tokens by seller; ``None`` is the one for every seller listed.

        ``TG-…`` serves all; ``700100200=TG-…,700100201=TG-…`` gives each its own.

        Raises:
            WrongSetting: a part of the list names no seller, or one named before.
        """
        if self.refresh_token is None:
            return {}
        text = self.refresh_token.get_secret_value()
        if "=" not in text and "," not in text:
            return {None: _refresh_token(text)}
        tokens: dict[int | None, SecretStr] = {}
        for part in text.split(","):
            seller, _, token = part.strip().partition("=")
            if not (seller.strip().isdecimal() and token.strip()):
                raise WrongSetting(
                    "MELI_REFRESH_TOKEN: a list gives each seller its token, "
                    "as in 700100200=TG-…,700100201=TG-…"
                )
            if int(seller) in tokens:
                raise WrongSetting(f"MELI_REFRESH_TOKEN: two tokens for {int(seller)}")
            tokens[int(seller)] = _refresh_token(token)
        return tokens


def _refresh_token(text: str) -> SecretStr:
    try:
        return SecretStr(_word(text.strip()))
    except ValueError as error:
        raise WrongSetting(f"MELI_REFRESH_TOKEN: {error}") from None


_IN_WORDS = {
    "bool_parsing": "say true or false",
    "int_parsing": "say a whole number",
    "float_parsing": "say a number",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be {le} or less",
    "literal_error": "must be {expected}",
}
"""What pydantic says in words of a programmer."""


def first_in_words(error: object) -> str | None:
    """The first thing that pydantic finds wrong; None if the error is another's."""
    if not isinstance(error, ValidationError):
        return None
    return _in_words(error.errors(include_input=False, include_url=False)[0])


def _in_words(problem: ErrorDetails) -> str:
    words = _IN_WORDS.get(problem["type"])
    if words is None:
        return problem["msg"].removeprefix("Value error, ")
    return words.format(**problem.get("ctx", {}))


def read(**overrides: object) -> Settings:
    """Read the settings from the environment; ``overrides`` win.

    Raises:
        WrongSetting: one line that names each wrong variable, never its value.
    """
    _demand_known_names()
    try:
        settings = Settings(**overrides)  # type: ignore[arg-type]  # judged by pydantic
        settings.refresh_tokens()
        if settings.seller_bucket is not None:
            settings = _of_bucket(settings)
    except ValidationError as error:
        reasons = []
        for problem in error.errors(include_input=False, include_url=False):
            name = "MELI_" + "_".join(str(part) for part in problem["loc"][:1]).upper()
            message = _in_words(problem)
            reasons.append(f"{name}: {message}" if problem["loc"] else message)
        raise WrongSetting("; ".join(dict.fromkeys(reasons))) from None
    return settings


def _of_bucket(whole: Settings) -> Settings:
    """The settings with which one bucket is a data folder of its own."""
    bucket = whole.seller_bucket or 0
    return whole.model_copy(
        update={
            "data_dir": whole.data_dir / "buckets" / str(bucket),
            "tokens_dir": whole.tokens_dir or whole.data_dir / "tokens",
            "landing_url": f"{whole.landing_url}/{bucket}",
            "seller_ids": tuple(whole.buckets()[bucket]),
        }
    )


def _demand_known_names() -> None:
    """Refuse a ``MELI_`` name that is not a setting, in the environment or ``.env``."""
    known = [f"MELI_{name.upper()}" for name in Settings.model_fields]
    named = {name.upper() for name in os.environ} | _names_in(Path(".env"))
    for name in sorted(named - set(known)):
        if name.startswith("MELI_"):
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)[0]
            raise WrongSetting(f"{name}: there is no such setting; is it {near}?")


_ASSIGNMENT = re.compile(r"\s*(?:export\s+)?([^\s=#]+)\s*=\s*(.*)")
_OURS = re.compile(r"\s*(?:export\s+)?MELI\b", re.IGNORECASE)


def _names_in(env_file: Path) -> set[str]:
    """The names that a file assigns, in capitals.

    Raises:
        WrongSetting: the file is not UTF-8, or a line on a setting is no assignment,
            which is otherwise passed over.
    """
    if not env_file.is_file():
        return set()
    names = set()
    for number, raw in enumerate(env_file.read_bytes().splitlines(), start=1):
        try:
            line = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise WrongSetting(
                f"{env_file}, line {number}: not UTF-8: save the file as UTF-8"
            ) from None
        if found := _ASSIGNMENT.match(line):
            names.add(found[1].upper())
        value = found[2] if found else ""
        is_open = value[:1] in {"'", '"'} and value[:1] not in value[1:]
        if _OURS.match(line.replace("_", " ")) and (not found or is_open):
            raise WrongSetting(f"{env_file}, line {number}: say NAME=value")
    return names
