"""The orders of one seller by their last update, so that a window is found at once.

Not here: other filters, which read the whole index (`sandbox/server/search.py`).
"""

from bisect import bisect_left
from collections.abc import Callable

import polars as pl


class Updates:
    """Orders of a seller as they are now; made anew after a change.

    A place is where an order stands when all are sorted by closing date and number;
    those that are not closed stand last.
    """

    def __init__(self, rows: pl.DataFrame) -> None:
        closing = (
            rows.select("number", "closed", "indexed", "status")
            .sort("closed", "number", nulls_last=True)
            .with_row_index("place")
        )
        self._numbers = closing["number"].to_list()
        self._closed_count = len(closing) - closing["closed"].null_count()
        updated = closing.sort("indexed")
        self._moments = updated["indexed"].to_list()
        self._places = updated["place"].to_list()
        self._statuses = updated["status"].to_list()

    def within(
        self,
        start: int | None,
        end: int | None,
        is_wanted: Callable[[str], bool] | None,
        *,
        is_descending: bool,
    ) -> list[int]:
        """Numbers of orders updated from ``start`` until before ``end``, by closing.

        Both are in milliseconds since 1970; None does not filter.
        ``is_wanted`` judges by status. Orders that are not closed come last either way.
        """
        first = 0 if start is None else bisect_left(self._moments, start)
        last = None if end is None else bisect_left(self._moments, end)
        places = self._places[first:last]
        if is_wanted is not None:
            found = zip(places, self._statuses[first:last], strict=True)
            places = [place for place, status in found if is_wanted(status)]
        places.sort(reverse=is_descending)
        if is_descending:
            open_count = sum(place >= self._closed_count for place in places)
            places = places[open_count:] + places[:open_count]
        return [self._numbers[place] for place in places]
