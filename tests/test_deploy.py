"""The files under deploy/ and their page name only what exists."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from dagster._core.instance.ref import InstanceRef

from pipeline.buckets import TAG
from pipeline.cli.main import app
from pipeline.instance.celery_launcher import Launcher
from pipeline.instance.running import longest_run, set_home
from pipeline.settings import Settings

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
PAGE = ROOT / "docs" / "deploy.md"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
SERVICES = sorted((DEPLOY / "systemd").glob("*.service"))
CONTAINERFILE = (DEPLOY / "Containerfile").read_text()
COMPOSE: Mapping[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def instructions(name: str) -> list[str]:
    whole = CONTAINERFILE.replace("\\\n", " ")
    return [
        line.removeprefix(f"{name} ")
        for line in whole.splitlines()
        if line.startswith(f"{name} ")
    ]


def command_lines() -> Iterator[list[str]]:
    program = "/opt/meli-sales/.venv/bin/meli-sales"
    for path in (*SERVICES, DEPLOY / "crontab"):
        for line in path.read_text().splitlines():
            if not line.startswith("#") and program in line:
                words = line.partition(program)[2].split()
                redirected = [n for n, word in enumerate(words) if word[0] in "2>|"]
                yield words[: min(redirected, default=None)]
    yield json.loads(instructions("CMD")[-1])
    for service in COMPOSE["services"].values():
        if "command" in service:
            yield service["command"]
    typed = r"^(?:docker .* exec meli-sales )?meli-sales ([a-z].*)$"
    for line in re.findall(typed, PAGE.read_text(), re.M):
        yield line.partition("#")[0].split()


@pytest.mark.parametrize("words", list(command_lines()), ids=" ".join)
def test_a_command_line_is_one_that_is_understood(words: list[str]) -> None:
    name, *options = words
    typer.main.get_group(app).commands[name].make_context(name, options)


@pytest.mark.parametrize("path", [*FILES, PAGE], ids=lambda path: path.name)
def test_a_setting_that_is_named_exists(path: Path) -> None:
    settings = {f"MELI_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"MELI_[A-Z_]+", path.read_text())) <= settings


def test_the_services_share_user_folder_and_what_they_may_not_do() -> None:
    parts = {
        re.split(r"\n\n(?=User=)|\n\n\[Install\]", path.read_text().rstrip("\n"))[1]
        for path in SERVICES
    }
    assert len(SERVICES) == 3
    [shared] = parts
    for line in ("NoNewPrivileges=true", "ProtectSystem=strict", "UMask=0077"):
        assert line in shared.splitlines()


def test_the_image_copies_all_that_the_wheel_is_made_of() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    made_of = {
        *("pyproject.toml", "requirements.lock", project["project"]["readme"]),
        *project["project"]["license-files"],
        *wheel["packages"],
        *wheel["force-include"],
    }
    copied = {
        word
        for line in instructions("COPY")
        if not line.startswith("--from")
        for word in line.split()[:-1]
    }
    assert copied == made_of
    extras = set(project["project"]["optional-dependencies"])
    for text in (CONTAINERFILE, PAGE.read_text()):
        [asked] = set(re.findall(r"[\"']\.\[([a-z,]+)\]", text))
        assert set(asked.split(",")) <= extras


def test_the_containers_are_reached_from_the_machine_alone() -> None:
    assert instructions("USER") == ["meli-sales"]
    mounted = set[str]()
    for service in COMPOSE["services"].values():
        assert all(one.startswith("127.0.0.1:") for one in service.get("ports", ()))
        assert set(service.get("depends_on", ())) <= set(COMPOSE["services"])
        mounted |= {one.partition(":")[0] for one in service["volumes"]}
    files = {name for name in mounted if name.startswith("./")}
    assert mounted - files == set(COMPOSE["volumes"])
    assert all((DEPLOY / name).is_file() for name in files)


def test_history_in_postgres_differs_from_ours_in_storage_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    ours = yaml.safe_load((set_home(tmp_path, print) / "dagster.yaml").read_text())
    theirs = yaml.safe_load((DEPLOY / "dagster.yaml").read_text())
    assert "postgres" in theirs.pop("storage")
    del ours["event_log_storage"]
    assert theirs == ours
    # A home that somebody has written stays, and Dagster takes it.
    (tmp_path / "dagster.yaml").write_text((DEPLOY / "dagster.yaml").read_text())
    monkeypatch.setenv("DAGSTER_PG_HOST", "127.0.0.1")
    monkeypatch.setenv("DAGSTER_PG_PASSWORD", "verysecret")
    set_home(tmp_path, print)
    storage = InstanceRef.from_dir(str(tmp_path)).storage_data
    assert storage is not None
    assert storage.class_name == "DagsterPostgresStorage"


def test_workers_share_history_a_queue_and_what_one_bucket_may_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = yaml.safe_load((DEPLOY / "dagster.yaml").read_text())
    shared = yaml.safe_load((DEPLOY / "celery" / "dagster.yaml").read_text())
    for part in ("storage", "compute_logs", "retention", "telemetry", "nux"):
        assert shared[part] == alone[part]
    [limit] = shared["concurrency"]["runs"]["tag_concurrency_limits"]
    assert (limit["key"], limit["limit"]) == (TAG, 1)
    wanted = longest_run(Settings()).total_seconds()
    assert shared["run_monitoring"]["max_runtime_seconds"] == wanted
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump(shared))
    for name in ("DAGSTER_PG_HOST", "DAGSTER_PG_PASSWORD"):
        monkeypatch.setenv(name, "somewhere")
    monkeypatch.setenv("MELI_REDIS_URL", "redis://127.0.0.1:9/0")
    launcher = InstanceRef.from_dir(str(tmp_path)).run_launcher
    assert isinstance(launcher, Launcher)
    assert launcher.app_args()["broker"] == "redis://127.0.0.1:9/0"
    assert launcher.celery.conf.worker_disable_prefetch is True
