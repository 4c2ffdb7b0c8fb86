"""The one Definitions: assembles what is in `defs/`, decides nothing."""

import logging
import warnings
from collections.abc import Sequence

import dagster as dg

# Single-run backfills are marked beta; the warning would greet every command.
warnings.filterwarnings("ignore", category=dg.BetaWarning)
# It warns of each claim that a run need not hold, because it holds as it did.
logging.getLogger("dagster._core.execution.plan.active").setLevel(logging.ERROR)

from pipeline.defs import catalog, core, jobs, landing, marts, published, sensors  # noqa: E402
from pipeline.defs.resources import project  # noqa: E402

ASSETS = [*landing.assets, *core.assets, *marts.assets, *published.assets]


@dg.definitions
def defs() -> dg.Definitions:
    """What Dagster's processes load: tables show their columns."""
    return assembled(dg.map_asset_specs(catalog.columns(), ASSETS))


def assembled(assets: Sequence[dg.AssetsDefinition] = ASSETS) -> dg.Definitions:
    """Assets, jobs, schedule and sensor, and the project that they work on."""
    return dg.Definitions(
        assets=assets,
        jobs=jobs.jobs,
        schedules=[jobs.hourly],
        sensors=sensors.sensors,
        resources={"project": project},
        # DuckDB lets one process write: steps in one process need no lock between them.
        executor=dg.in_process_executor,
    )
