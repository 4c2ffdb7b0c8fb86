"""What can go wrong with the warehouse, told so that the reader can act.

```
WarehouseError
├── BadTableFile      a file under sql/ breaks the format of sql/README.md
├── WarehouseLocked   another process held the file until the wait was over
├── SchemaChanged     the held tables are of other code: rebuild from landing
├── BadFrame          a frame's columns are not the table's
├── HeaderBroken      a mart was built with other columns than its header says
├── NothingPublished  no sync has published a warehouse yet
├── PublishRefused    the work file is not fit to be published
└── QueryRefused      a query that does not only read, or that DuckDB refuses
```
"""


class WarehouseError(Exception):
    """The root; its text is one message for a person."""


class BadTableFile(WarehouseError):
    """A file under sql/ breaks the format of sql/README.md."""


class WarehouseLocked(WarehouseError):
    """Another process held the file until the wait was over."""


class SchemaChanged(WarehouseError):
    """The held tables were made by other code: rebuild them from landing."""


class BadFrame(WarehouseError):
    """A frame's columns are not the table's."""


class HeaderBroken(WarehouseError):
    """A mart was built with other columns than its header says."""


class NothingPublished(WarehouseError):
    """No sync has published a warehouse in this data folder yet."""


class PublishRefused(WarehouseError):
    """The work file is not fit to be published."""


class QueryRefused(WarehouseError):
    """A query that does not only read, or that DuckDB refuses; one line."""
