"""Settings: what the environment may say, and one line for what it may not."""

from pathlib import Path

import pytest

from pipeline.settings import WrongSetting, read


def test_defaults_are_those_of_the_documents() -> None:
    found = read()
    assert found.base_url == "https://api.mercadolibre.com"
    assert found.data_dir == Path("data")
    assert found.seller_ids == ()
    assert found.requests_per_minute == 1500
    assert found.max_concurrency == 8
    assert (found.lookback_hours, found.holdback_minutes) == (48, 5)
    assert found.fetch_shipping_costs is True
    assert found.fetch_discounts == "needed"
    assert found.refresh_tokens() == {}


def test_the_environment_and_a_dot_env_are_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("MELI_SITE=MLB\nMELI_LOOKBACK_HOURS=3\n")
    monkeypatch.setenv("MELI_LOOKBACK_HOURS", "5")
    monkeypatch.setenv("MELI_SELLER_IDS", " 700100200, 700100201,")
    monkeypatch.setenv("MELI_BASE_URL", "http://127.0.0.1:8915/")
    monkeypatch.setenv("MELI_REPORTING_CURRENCY", "usd")
    found = read()
    assert found.site == "MLB"
    assert found.lookback_hours == 5, "the environment wins over the file"
    assert found.seller_ids == (700100200, 700100201)
    assert found.base_url == "http://127.0.0.1:8915"
    assert found.reporting_currency == "USD"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MELI_BASE_URL", "api.mercadolibre.com"),
        ("MELI_BASE_URL", "https://"),
        ("MELI_BASE_URL", "https:///orders"),
        ("MELI_BASE_URL", "https://me:verysecret@api.mercadolibre.com"),
        ("MELI_BASE_URL", "https://api.mercadolibre.com?access_token=verysecret"),
        ("MELI_BASE_URL", "https://api.mercadolibre.com#verysecret"),
        ("MELI_BASE_URL", "https://api.mercadolibre.com:verysecret"),
        ("MELI_BASE_URL", "https://[::1"),
        ("MELI_BASE_URL", "https://api mercadolibre.com"),
        ("MELI_BASE_URL", "https://api.mercadolíbre.com"),
        ("MELI_SELLER_IDS", "700100200,shop"),
        ("MELI_SELLER_IDS", "-1"),
        ("MELI_REQUESTS_PER_MINUTE", "0"),
        ("MELI_MAX_CONCURRENCY", "many"),
        ("MELI_HOLDBACK_MINUTES", "-5"),
        ("MELI_FETCH_SHIPPING_COSTS", "perhaps"),
        ("MELI_FETCH_DISCOUNTS", "perhaps"),
        ("MELI_SITE", "MLX"),
        ("MELI_ENGINE", "abacus"),
        ("MELI_RATE_FALLBACK", "guess"),
        ("MELI_REPORTING_CURRENCY", "DOLLARS"),
        ("MELI_REPORTING_CURRENCY", "UDS"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it_and_keeps_its_value(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(WrongSetting) as caught:
        read()
    assert str(caught.value).startswith(f"{name}: ")
    assert "verysecret" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("MELI_REQUESTS_PER_MINUTE", "0", "must be 1 or more"),
        ("MELI_MAX_CONCURRENCY", "65", "must be 64 or less"),
        ("MELI_MAX_CONCURRENCY", "many", "say a whole number"),
        ("MELI_MAX_RUN_HOURS", "0", "must be more than 0.0"),
        ("MELI_SELLER_IDS", str(2**63), f"must be less than {2**63}"),
        ("MELI_FETCH_SHIPPING_COSTS", "perhaps", "say true or false"),
        ("MELI_ENGINE", "abacus", "must be 'duckdb' or 'spark'"),
    ],
)
def test_what_is_wrong_is_told_in_plain_words(
    name: str, value: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(WrongSetting) as caught:
        read()
    assert str(caught.value) == f"{name}: {words}"


@pytest.mark.parametrize(
    ("said", "understood"),
    [("true", "all"), ("false", "none"), ("all", "all"), ("NEEDED", "needed")],
)
def test_discounts_are_fetched_of_orders_that_need_it_or_as_it_was_said_before(
    said: str, understood: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MELI_FETCH_DISCOUNTS", said)
    assert read().fetch_discounts == understood


def test_a_refresh_token_needs_the_application(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MELI_REFRESH_TOKEN", "TG-verysecret")
    with pytest.raises(WrongSetting) as caught:
        read()
    assert str(caught.value) == (
        "MELI_REFRESH_TOKEN needs MELI_CLIENT_ID and MELI_CLIENT_SECRET"
    )


APPLICATION = {"client_id": "1", "client_secret": "shh"}


def test_one_refresh_token_serves_every_seller() -> None:
    tokens = read(refresh_token="TG-secret", **APPLICATION).refresh_tokens()
    assert {name: one.get_secret_value() for name, one in tokens.items()} == {
        None: "TG-secret"
    }


def test_a_list_gives_each_seller_its_own() -> None:
    text = "700100200=TG-one, 700100201=TG-two"
    tokens = read(refresh_token=text, **APPLICATION).refresh_tokens()
    assert {name: one.get_secret_value() for name, one in tokens.items()} == {
        700100200: "TG-one",
        700100201: "TG-two",
    }


@pytest.mark.parametrize(
    "text", ["shop=TG-verysecret", "700100200=", "1=TG-a,TG-b", "TG-a,TG-verysecret"]
)
def test_a_list_that_names_no_seller_is_refused_without_its_value(text: str) -> None:
    with pytest.raises(WrongSetting) as caught:
        read(refresh_token=text, **APPLICATION)
    assert "700100200=TG-…" in str(caught.value)
    assert "verysecret" not in str(caught.value)


def test_two_tokens_for_one_seller_are_refused() -> None:
    with pytest.raises(WrongSetting, match="two tokens for 700100200"):
        read(refresh_token="700100200=TG-one,700100200=TG-two", **APPLICATION)


def test_what_a_copied_line_brings_along_is_no_part_of_a_setting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MELI_ACCESS_TOKEN", " APP_USR-1\r\n")
    monkeypatch.setenv("MELI_CLIENT_SECRET", "shh\n")
    monkeypatch.setenv("MELI_REQUESTS_PER_MINUTE", " ")
    monkeypatch.setenv("MELI_DATA_DIR", "\t")
    monkeypatch.setenv("MELI_SITE", "mlb ")
    found = read()
    assert found.access_token is not None
    assert found.access_token.get_secret_value() == "APP_USR-1"
    assert found.client_secret is not None
    assert found.client_secret.get_secret_value() == "shh"
    assert (found.requests_per_minute, found.data_dir, found.site) == (
        1500,
        Path("data"),
        "MLB",
    )


@pytest.mark.parametrize("name", ["access_token", "client_secret", "refresh_token"])
@pytest.mark.parametrize("text", ["two words", "two\nlines", "…", "ñandú"])
def test_what_no_request_can_carry_is_refused_without_its_value(
    name: str, text: str
) -> None:
    with pytest.raises(WrongSetting) as refused:
        read(**(APPLICATION | {name: text}))
    assert str(refused.value) == (
        f"MELI_{name.upper()}: must be one word of letters, digits and signs"
    )


def test_secrets_are_not_shown() -> None:
    shown = repr(read(access_token="APP_USR-verysecret", **APPLICATION))
    assert "verysecret" not in shown
    assert "shh" not in shown


@pytest.mark.parametrize("in_file", [False, True])
def test_a_name_that_is_not_a_setting_is_refused_with_the_nearest_that_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, in_file: bool
) -> None:
    if in_file:
        (tmp_path / ".env").write_text("# mine\nexport MELI_SELER_IDS=1\nOTHER=1\n")
    else:
        monkeypatch.setenv("MELI_SELER_IDS", "1")
    with pytest.raises(WrongSetting) as refused:
        read()
    assert str(refused.value) == (
        "MELI_SELER_IDS: there is no such setting; is it MELI_SELLER_IDS?"
    )


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"# caf\xe9\n", "line 1: not UTF-8: save the file as UTF-8"),
        (b"\xff\xfeM\x00", "line 1: not UTF-8: save the file as UTF-8"),
        (b"OTHER\nMELI_SITE: MLA\n", "line 2: say NAME=value"),
        (b"MELI_SITE MLA\n", "line 1: say NAME=value"),
        (b"export MELI SITE=MLA\n", "line 1: say NAME=value"),
        (b"MELI_SITE\n", "line 1: say NAME=value"),
        (b'MELI_SITE="MLA\n', "line 1: say NAME=value"),
    ],
)
def test_a_line_that_would_be_passed_over_is_refused(
    content: bytes, line: str, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_bytes(content)
    with pytest.raises(WrongSetting) as refused:
        read()
    assert str(refused.value) == f".env, {line}"


def test_a_file_of_settings_may_hold_what_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(
        b"\xef\xbb\xbfMELI_SITE = 'mlb' # Brazil\n\nKEY=\"-----BEGIN\nabc\n-----END\"\n"
        b"# MELI_SITE is above\nexport MELI_LOOKBACK_HOURS=3\r\nmelissa\n"
    )
    settings = read()
    assert (settings.site, settings.lookback_hours) == ("MLB", 3)


@pytest.mark.parametrize("name", ["data_dir", "tokens_dir"])
def test_a_tilde_is_the_user_s_folder_in_a_file_too(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", "/home/ana")
    (tmp_path / ".env").write_text(f"MELI_{name.upper()}=~/shop\n")
    assert getattr(read(), name) == Path("/home/ana/shop")
    (tmp_path / ".env").write_text(f"MELI_{name.upper()}=~nobody-here/shop\n")
    assert getattr(read(), name) == Path("~nobody-here/shop")


OF_BUCKETS = {
    "seller_buckets": 4,
    "seller_ids": "700100200,700100201,700100202,700100203,700100204",
    "landing_url": "s3://bucket/landing",
}


def test_a_seller_stays_in_its_bucket_whoever_else_there_is() -> None:
    found = read(**OF_BUCKETS)
    assert found.buckets() == {
        3: [700100200],
        0: [700100201],
        2: [700100202, 700100204],
        1: [700100203],
    }
    assert found.gathers
    assert found.homes() == [f"s3://bucket/landing/{number}" for number in range(4)]
    fewer = read(**(OF_BUCKETS | {"seller_ids": "700100204"}))
    assert fewer.buckets() == {2: [700100204]}


def test_a_bucket_is_a_data_folder_and_a_home_of_its_own() -> None:
    found = read(**OF_BUCKETS, seller_bucket=2)
    assert found.seller_ids == (700100202, 700100204)
    assert found.data_dir == Path("data/buckets/2")
    assert found.tokens_dir == Path("data/tokens")
    assert found.homes() == [found.landing_url] == ["s3://bucket/landing/2"]
    assert not found.gathers
    shared = read(**OF_BUCKETS, seller_bucket=2, tokens_dir="/shared")
    assert shared.tokens_dir == Path("/shared")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"seller_bucket": 1}, "MELI_SELLER_BUCKET needs MELI_SELLER_BUCKETS"),
        (OF_BUCKETS | {"seller_ids": ""}, "needs MELI_SELLER_IDS and MELI_LANDING"),
        (OF_BUCKETS | {"landing_url": None}, "needs MELI_SELLER_IDS and MELI_LANDING"),
        (OF_BUCKETS | {"pseudonymise": True}, "MELI_PSEUDONYMISE does not go with"),
        (
            OF_BUCKETS | {"seller_ids": "700100204", "seller_bucket": 1},
            "MELI_SELLER_BUCKET: none of MELI_SELLER_IDS is in bucket 1 of 4",
        ),
        ({"redis_url": "localhost:6379"}, "MELI_REDIS_URL: must be as in redis://"),
    ],
)
def test_buckets_that_cannot_be_are_refused(
    values: dict[str, object], words: str
) -> None:
    with pytest.raises(WrongSetting, match=words):
        read(**values)
