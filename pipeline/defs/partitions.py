"""The only partitions: landed orders by UTC day of last update.

An update moves an order to a later day, so a day once read needs reading again only
because the index has a delay (the lookback). Everything after landing is unpartitioned.
"""

from datetime import UTC, datetime

import dagster as dg

FIRST_DAY = datetime(2023, 1, 1, tzinfo=UTC)

updated_on = dg.DailyPartitionsDefinition(
    start_date=FIRST_DAY, timezone="UTC", end_offset=1
)
"""`end_offset=1`: today is a partition although it is not over."""
