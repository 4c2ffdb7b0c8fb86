"""A Singer tap (singer-sdk) piped into a plain target, as Singer is run.

The tap writes a line a record; the target hands it to the plain loader. Windows are
partitions of the stream, which the SDK reads one after the other.
"""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

from singer_sdk import RESTStream, Stream, Tap
from singer_sdk import typing as th
from singer_sdk.helpers._typing import TypeConformanceLevel
from singer_sdk.pagination import BaseOffsetPaginator

from benchmarks.contenders.asked import PAGE_LIMIT, SEARCH, answer, filters, windows

_TAP = "tap"
_TEXTS = (
    *("status", "status_detail", "currency_id", "expiration_date"),
    *("date_created", "date_closed", "last_updated", "date_last_updated"),
)
_AMOUNTS = ("total_amount", "paid_amount", "shipping_cost")
_NESTED = (
    *("order_items", "payments", "tags", "buyer", "seller", "shipping", "mediations"),
    *("taxes", "context", "cancel_detail", "fulfilled"),
)


class _Pages(BaseOffsetPaginator):  # type: ignore[misc]  # not installed beside mypy
    def has_more(self, response: Any) -> bool:
        paging: dict[str, int] = response.json()["paging"]
        return paging["offset"] + PAGE_LIMIT < paging["total"]


class _Orders(RESTStream[int]):  # type: ignore[misc]
    name = "orders"
    path = f"/{SEARCH}"
    primary_keys: ClassVar[tuple[str, ...]] = ("id",)
    records_jsonpath = "$.results[*]"
    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE
    schema: ClassVar[dict[str, Any]] = th.PropertiesList(
        th.Property("id", th.IntegerType),
        th.Property("pack_id", th.IntegerType),
        *(th.Property(name, th.StringType) for name in _TEXTS),
        *(th.Property(name, th.NumberType) for name in _AMOUNTS),
        *(th.Property(name, th.AnyType) for name in _NESTED),
    ).to_dict()

    @property
    def url_base(self) -> str:
        return str(self.config["url"])

    @property
    def partitions(self) -> list[dict[str, str]]:
        return [{"start": start, "end": end} for start, end in windows()]

    def get_new_paginator(self) -> _Pages:
        return _Pages(start_value=0, page_size=PAGE_LIMIT)

    def get_url_params(self, context: Any, next_page_token: int | None) -> Any:
        params = filters(context["start"], context["end"])
        return {**params, "offset": str(next_page_token or 0)}


class _MercadoLibreTap(Tap):  # type: ignore[misc]
    name = "tap-mercadolibre"
    config_jsonschema: ClassVar[dict[str, Any]] = th.PropertiesList(
        th.Property("url", th.StringType)
    ).to_dict()

    def discover_streams(self) -> list[Stream]:
        return [_Orders(self)]


def run(url: str, folder: Path) -> None:
    """Read a year of orders through a pipe."""
    import msgspec

    from benchmarks.contenders.arrow_loading import Loader

    class Message(msgspec.Struct):
        type: str
        record: msgspec.Raw = msgspec.Raw(b"null")

    decoder = msgspec.json.Decoder(Message)
    command = [sys.executable, "-m", "benchmarks.contenders.singer_tap", _TAP, url]
    with (
        Loader(folder) as loader,
        subprocess.Popen(command, stdout=subprocess.PIPE) as tap,
    ):
        assert tap.stdout is not None
        for line in tap.stdout:
            message = decoder.decode(line)
            if message.type == "RECORD":
                loader.add(bytes(message.record))
    if tap.returncode:
        raise SystemExit(tap.returncode)


def amounts(folder: Path) -> Iterable[Any]:
    """What the plain loader has loaded."""
    from benchmarks.contenders import arrow_loading

    return arrow_loading.amounts(folder)


if __name__ == "__main__":
    if sys.argv[1] == _TAP:
        _MercadoLibreTap(config={"url": sys.argv[2]}).sync_all()
    else:
        answer(run, amounts)
