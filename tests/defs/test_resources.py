"""A run that Dagster starts itself tells its end as one of the command line does."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from pipeline import settings
from pipeline.defs import resources
from pipeline.sync import loading
from pipeline.sync.project import Project
from tests.instance.test_running import proofs


@dg.op(
    ins={"after": dg.In(dg.Nothing)},
    required_resource_keys={"project"},
    config_schema={"fault": str},
)
def marts(context: dg.OpExecutionContext) -> None:
    if context.op_config["fault"]:
        raise ValueError(context.op_config["fault"])


@dg.op(ins={"after": dg.In(dg.Nothing)}, name="published__verdict")
def verdict() -> None:
    raise dg.Failure("says again what the windows say", allow_retries=False)


@dg.job(resource_defs={"project": resources.project})
def nightly() -> None:
    told = proofs()
    marts(after=told)
    verdict(after=told)


def ran(fault: str) -> dg.ExecuteInProcessResult:
    with dg.DagsterInstance.ephemeral() as instance:
        return nightly.execute_in_process(
            instance=instance,
            run_config={"ops": {"marts": {"config": {"fault": fault}}}},
            raise_on_error=False,
        )


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MELI_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def runs(data_dir: Path) -> list[tuple[Any, ...]]:
    """`ops.runs` as the next run loads it: what was asked, how it ended."""
    with Project(settings.read(data_dir=data_dir)) as project:
        loading.load(project, ["runs"])
        return (
            project.warehouse().execute("select asked, outcome from ops.runs")
        ).fetchall()


@pytest.mark.untraced
@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ("the disk is full", "marts: the disk is full"),
        # The verdict failed too: it is no step that could not be done.
        ("", "not published yet"),
    ],
)
def test_a_run_of_dagsters_own_is_told_at_its_end_with_what_failed(
    fault: str, outcome: str, data_dir: Path
) -> None:
    before = datetime.now(UTC)
    ran(fault)
    assert runs(data_dir) == [("nightly by Dagster", outcome)]
    paths = (data_dir / "landing" / "runs").glob(f"date={before:%Y}*/*.parquet")
    assert sum(path.stem.endswith("-end") for path in paths) == 1


def test_assets_picked_in_the_ui_are_told_as_such(data_dir: Path) -> None:
    @dg.asset(required_resource_keys={"project"})
    def picked() -> None:
        raise ValueError("not today")

    definitions = dg.Definitions(
        assets=[picked], resources={"project": resources.project}
    )
    with dg.DagsterInstance.ephemeral() as instance:
        definitions.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=instance, raise_on_error=False
        )
    assert runs(data_dir) == [("assets picked in Dagster", "picked: not today")]


def test_a_data_folder_that_cannot_serve_is_named_in_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").touch()
    monkeypatch.setenv("MELI_DATA_DIR", str(tmp_path / "data"))
    result = ran("")
    assert not result.success
    assert f"MELI_DATA_DIR: {tmp_path / 'data'} is a file, not a folder; choose" in str(
        [event.event_specific_data for event in result.all_events]
    )
