"""`login`: a person grants access, and from then on a sync needs no other token."""

import json
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from pipeline.cli import login
from pipeline.extraction import accounts
from pipeline.mercadolibre.oauth import Grant
from pipeline.sandbox.server.server import RunningSandbox
from pipeline.settings import read
from tests.cli.conftest import SECRET, Commands, commands, day


@pytest.fixture
def ours(sandbox: RunningSandbox, tmp_path: Path) -> Commands:
    """An application with its secret, and no token."""
    made = commands(sandbox.url, tmp_path / "data", client_id="1", client_secret=SECRET)
    del made.surroundings["MELI_ACCESS_TOKEN"]
    del made.surroundings["MELI_SELLER_IDS"]
    return made


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """A browser that grants access at once, as the seller it is told to be."""
    seller = [""]

    def visit(address: str) -> bool:
        httpx.get(f"{address}{seller[0]}", follow_redirects=True)
        return True

    def opened(address: str) -> bool:
        threading.Thread(target=visit, args=[address]).start()
        return True

    def become(one: str) -> None:
        seller[0] = f"&seller={one}"

    monkeypatch.setattr("webbrowser.open", opened)
    return become


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return str(one.getsockname()[1])


def stored_accounts(folder: Path) -> list[str]:
    return sorted(path.stem for path in (folder / "tokens").glob("*.json"))


@pytest.mark.untraced
def test_after_a_login_a_sync_needs_no_other_token(
    ours: Commands, browser: Callable[[str], None]
) -> None:
    browser("700100201")
    ended = ours("login", "--port", free_port())
    assert ended.code == 0, ended.err
    assert ended.out == (
        "logged in as 700100201: its tokens are kept in the data folder\n"
    )
    assert ended.err.endswith("next: `meli-sales plan`, then `meli-sales sync`\n")
    assert stored_accounts(ours.folder) == ["700100201"]
    synced = ours("sync", "--from", day(1))
    assert synced.code == 0, synced.err
    told = ours("status")
    (row,) = [line for line in told.out.splitlines() if " 700100201 " in line]
    assert row.strip().endswith("usable")


def test_two_accounts_keep_their_tokens_apart(
    ours: Commands, browser: Callable[[str], None]
) -> None:
    for seller in ("700100200", "700100201", "700100200"):
        browser(seller)
        assert ours("login", "--port", free_port()).code == 0
    assert stored_accounts(ours.folder) == ["700100200", "700100201"]
    assert ours("doctor").code == 0


def granted(page: str) -> str:
    """Where the browser ends up that opens a page: the address in its address bar."""
    return httpx.get(page).headers["Location"]


def test_without_a_browser_the_address_is_pasted(
    ours: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr("webbrowser.open", told.append)
    monkeypatch.setattr("pipeline.cli.terminal.say", told.append)

    class Keyboard:
        def readline(self) -> str:
            return granted(told[1].strip()) + "\n"

    monkeypatch.setattr("pipeline.cli.login.sys.stdin", Keyboard())
    wanted = read(
        base_url=ours.surroundings["MELI_BASE_URL"],
        data_dir=ours.folder,
        client_id="1",
        client_secret=SECRET,
    )
    login.run(wanted, site=None, port=8914, browser=False, redirect_uri=None)
    assert stored_accounts(ours.folder) == ["700100200"]
    assert "redirect_uri=https%3A%2F%2Flocalhost%3A8914%2Fcallback" in told[1]
    assert "paste the whole address" in told[2]
    assert "\n" not in "".join(told)  # it would be spelled out


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("\n", "no address was pasted: run `meli-sales login` again"),
        ("https://localhost/callback?code=TG-1&state=x\n", "does not belong to this"),
    ],
)
def test_what_is_pasted_must_be_this_logins_address(
    typed: str, error: str, ours: Commands
) -> None:
    ended = ours("login", "--no-browser", typed=typed)
    assert ended.code == 1
    assert error in ended.error
    assert stored_accounts(ours.folder) == []


def test_without_an_application_it_says_where_to_make_one(ours: Commands) -> None:
    for name in ("client_id", "client_secret"):
        ended = ours("login", **{name: None})
        assert ended.code == 1
        assert "MELI_CLIENT_ID and MELI_CLIENT_SECRET are needed" in ended.error
        assert "developers.mercadolibre" in ended.error


def test_a_taken_port_is_one_line(ours: Commands) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = ours("login", "--port", str(taken.getsockname()[1]))
    assert ended.code == 1
    assert "cannot be used" in ended.error


def test_what_keeps_the_new_tokens_from_being_used_is_said(
    ours: Commands, browser: Callable[[str], None]
) -> None:
    browser("700100200")
    static = ours("login", "--port", free_port(), access_token="APP_USR-other")
    assert "MELI_ACCESS_TOKEN is set and used instead: unset it" in static.err
    listed = ours("login", "--port", free_port(), seller_ids="700100201")
    assert "MELI_SELLER_IDS does not list 700100200: add it" in listed.err


def test_mercado_libre_has_a_page_for_each_site() -> None:
    real = read(base_url="https://api.mercadolibre.com")
    assert accounts.page(real, "mla") == (
        "https://auth.mercadolibre.com.ar/authorization"
    )
    assert accounts.page(real.model_copy(update={"site": "MLB"}), None) == (
        "https://auth.mercadolivre.com.br/authorization"
    )
    assert accounts.page(real, "CBT") == (
        "https://global-selling.mercadolibre.com/authorization"
    )
    assert accounts.page(read(base_url="http://127.0.0.1:8914"), "MLA") == (
        "http://127.0.0.1:8914/authorization"
    )


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ([], "which site is it: give --site (or set MELI_SITE) CBT, MBO, MCO, MCR"),
        (["--site", "BRA"], "BRA is not a site"),
    ],
)
def test_a_login_at_mercado_libre_needs_a_site(
    words: list[str], error: str, ours: Commands
) -> None:
    ended = ours("login", *words, base_url="https://api.mercadolibre.com")
    assert ended.code == 1
    assert error in ended.error


@pytest.mark.parametrize(
    ("words", "redirect", "pastes"),
    [
        ([], "https://localhost:8914/callback", True),
        (["--port", "7000"], "https://localhost:7000/callback", True),
        (["--redirect-uri", "https://my.shop/in"], "https://my.shop/in", True),
        (
            ["--redirect-uri", "http://localhost:{port}/callback"],
            "http://localhost:{port}/callback",
            False,
        ),
    ],
)
def test_who_cannot_be_answered_pastes(
    words: list[str],
    redirect: str,
    pastes: bool,
    ours: Commands,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    port = free_port()
    opened: list[str] = []

    def refuse(address: str) -> None:
        opened.append(address)
        if not pastes:
            state = parse_qs(urlsplit(address).query)["state"][0]
            back = f"http://127.0.0.1:{port}/callback?error=no&state={state}"
            threading.Thread(target=httpx.get, args=[back]).start()

    monkeypatch.setattr("webbrowser.open", refuse)
    ended = ours(
        "login",
        *(word.format(port=port) for word in words),
        "--site",
        "MLB",
        typed="\n",
        base_url="https://api.mercadolibre.com",
    )
    assert ended.code == 1
    query = parse_qs(urlsplit(opened[0]).query)
    assert opened[0].startswith("https://auth.mercadolivre.com.br/authorization?")
    assert query["redirect_uri"] == [redirect.format(port=port)]
    assert query["code_challenge_method"] == ["S256"]
    assert (
        "no address was pasted" if pastes else "access was not granted"
    ) in ended.error


def grant(user_id: int | None) -> Grant:
    return Grant("APP_USR-new", 21600, "TG-new", user_id)


@pytest.mark.parametrize(
    ("stored", "configured", "user_id", "account"),
    [
        ({}, None, 5, "5"),
        ({}, None, None, "shared"),
        # A token that MELI_REFRESH_TOKEN names without a seller is the shared one.
        ({}, "TG-1", 5, "shared"),
        ({"shared": '{"state": "reauthorisation_needed"}'}, None, 5, "shared"),
        ({"shared": '{"state": "usable", "user_id": 5}'}, None, 5, "shared"),
        ({"shared": "not ours"}, None, 5, "shared"),
        # Somebody else's pair is left alone.
        ({"shared": '{"state": "usable", "user_id": 6}'}, None, 5, "5"),
        ({"shared": '{"state": "usable", "user_id": 6}'}, "TG-1", 5, "5"),
        # A pair of its own comes first.
        ({"5": '{"state": "usable"}', "shared": '{"state": "usable"}'}, None, 5, "5"),
        ({}, "5=TG-1,6=TG-2", 5, "5"),
    ],
)
def test_a_pair_is_kept_where_a_sync_looks_for_it(
    stored: dict[str, str],
    configured: str | None,
    user_id: int | None,
    account: str,
    tmp_path: Path,
) -> None:
    tokens = tmp_path / "data" / "tokens"
    tokens.mkdir(parents=True)
    for name, text in stored.items():
        (tokens / f"{name}.json").write_text(text)
    settings = read(
        data_dir=tmp_path / "data",
        client_id="1",
        client_secret=SECRET,
        refresh_token=configured,
    )
    assert accounts.keep(settings, grant(user_id)) == account
    kept = json.loads((tokens / f"{account}.json").read_bytes())
    assert (kept["state"], kept["refresh_token"]) == ("usable", "TG-new")
    assert ("bootstrap_digest" in kept) == (
        configured is not None and account != "5"
    ) or (configured == "5=TG-1,6=TG-2")
