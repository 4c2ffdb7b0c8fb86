"""The only partitions: landed orders by UTC day of last update.

An update moves an order to a later day, so a day once read needs reading again only
because the index has a delay (the lookback). Everything after landing is unpartitioned.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

import dagster as dg

FIRST_DAY = datetime(2023, 1, 1, tzinfo=UTC)

updated_on = dg.DailyPartitionsDefinition(
    start_date=FIRST_DAY, timezone="UTC", end_offset=1
)
"""`end_offset=1`: today is a partition although it is not over."""


def today_tags() -> Mapping[str, str]:
    """Run tags for the partition of today, as Dagster demands one.

    A run that names the year that it reads would have two events of each day stored.
    """
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    return {
        "dagster/asset_partition_range_start": today,
        "dagster/asset_partition_range_end": today,
    }
