"""The floor: httpx, pyarrow, delete and insert; nothing landed, nothing proven.

What reading these orders costs at least with the usual libraries. A page is cut into
orders by msgspec, as ours is.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import msgspec

from benchmarks.contenders.arrow_loading import Loader, amounts
from benchmarks.contenders.asked import PAGE_LIMIT, SEARCH, answer, filters, windows

AT_ONCE = 8


class _Paging(msgspec.Struct):
    total: int


class _Page(msgspec.Struct):
    results: list[msgspec.Raw]
    paging: _Paging


_PAGE = msgspec.json.Decoder(_Page)


def run(url: str, folder: Path) -> None:
    """Read each window's pages, several at a time."""
    with (
        httpx.Client(base_url=url) as http,
        ThreadPoolExecutor(AT_ONCE) as pool,
        Loader(folder) as loader,
    ):

        def page(asked: tuple[dict[str, str], int]) -> _Page:
            params, offset = asked
            response = http.get(SEARCH, params={**params, "offset": str(offset)})
            return _PAGE.decode(response.raise_for_status().content)

        for window in windows():
            params = filters(*window)
            first = page((params, 0))
            offsets = range(PAGE_LIMIT, first.paging.total, PAGE_LIMIT)
            for found in (first, *pool.map(page, ((params, at) for at in offsets))):
                for order in found.results:
                    loader.add(bytes(order))


if __name__ == "__main__":
    answer(run, amounts)
