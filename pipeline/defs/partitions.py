"""The only partitions: landed orders by UTC day of last update.

An update moves an order to a later day, so a day once read needs reading again only
because the index has a delay (the lookback). Everything after landing is unpartitioned.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import dagster as dg

FIRST_DAY = datetime(2023, 1, 1, tzinfo=UTC)

updated_on = dg.DailyPartitionsDefinition(
    start_date=FIRST_DAY, timezone="UTC", end_offset=1
)
"""`end_offset=1`: today is a partition although it is not over."""


def range_tags(start: datetime, end: datetime) -> Mapping[str, str]:
    """Run tags for the days that [start, end) touches, as far as they are partitions.

    A range of days is one run, whatever its length.
    """
    today = datetime.now(UTC)
    first = min(max(start, FIRST_DAY), today)
    last = min(max(end - timedelta(microseconds=1), first), today)
    return {
        "dagster/asset_partition_range_start": f"{first:%Y-%m-%d}",
        "dagster/asset_partition_range_end": f"{last:%Y-%m-%d}",
    }
