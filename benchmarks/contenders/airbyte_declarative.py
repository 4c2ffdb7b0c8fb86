"""Airbyte's declarative CDK, its records handed to the plain loader in one process.

In favour of it: a connector would write its records as lines, and a destination would
read them again. Windows are partitions, read several at once.
"""

import logging
from pathlib import Path
from typing import Any

from benchmarks.contenders.arrow_loading import Loader, amounts
from benchmarks.contenders.asked import PAGE_LIMIT, SEARCH, answer, filters, windows

AT_ONCE = 8


def run(url: str, folder: Path) -> None:
    """Read a year of orders with a manifest."""
    import orjson
    from airbyte_cdk.models import (
        AirbyteStream,
        ConfiguredAirbyteCatalog,
        ConfiguredAirbyteStream,
        DestinationSyncMode,
        SyncMode,
        Type,
    )
    from airbyte_cdk.sources.declarative.concurrent_declarative_source import (
        ConcurrentDeclarativeSource,
    )

    stream = AirbyteStream(
        name="orders", json_schema={}, supported_sync_modes=[SyncMode.full_refresh]
    )
    catalog = ConfiguredAirbyteCatalog(
        streams=[
            ConfiguredAirbyteStream(
                stream=stream,
                sync_mode=SyncMode.full_refresh,
                destination_sync_mode=DestinationSyncMode.append,
            )
        ]
    )
    source = ConcurrentDeclarativeSource(
        catalog=catalog, config={}, state=[], source_config=_manifest(url)
    )
    logger = logging.getLogger("airbyte")
    logger.setLevel(logging.ERROR)
    with Loader(folder) as loader:
        for message in source.read(logger, {}, catalog, []):
            if message.type == Type.RECORD:
                loader.add(orjson.dumps(message.record.data))


def _manifest(url: str) -> Any:
    params = filters(
        "{{ stream_partition.window.split('|')[0] }}",
        "{{ stream_partition.window.split('|')[1] }}",
    )
    return {
        "version": "6.0.0",
        "type": "DeclarativeSource",
        "check": {"type": "CheckStream", "stream_names": ["orders"]},
        "concurrency_level": {
            "type": "ConcurrencyLevel",
            "default_concurrency": AT_ONCE,
        },
        "streams": [
            {
                "type": "DeclarativeStream",
                "name": "orders",
                "primary_key": ["id"],
                "schema_loader": {"type": "InlineSchemaLoader", "schema": {}},
                "retriever": {
                    "type": "SimpleRetriever",
                    "requester": {
                        "type": "HttpRequester",
                        "url_base": url,
                        "path": SEARCH,
                        "http_method": "GET",
                        "request_parameters": params,
                    },
                    "record_selector": {
                        "type": "RecordSelector",
                        "extractor": {
                            "type": "DpathExtractor",
                            "field_path": ["results"],
                        },
                    },
                    "paginator": {
                        "type": "DefaultPaginator",
                        "page_token_option": {
                            "type": "RequestOption",
                            "inject_into": "request_parameter",
                            "field_name": "offset",
                        },
                        "pagination_strategy": {
                            "type": "OffsetIncrement",
                            "page_size": PAGE_LIMIT,
                        },
                    },
                    "partition_router": {
                        "type": "ListPartitionRouter",
                        "values": ["|".join(window) for window in windows()],
                        "cursor_field": "window",
                    },
                },
            }
        ],
    }


if __name__ == "__main__":
    answer(run, amounts)
