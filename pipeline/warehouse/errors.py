"""What can go wrong with the warehouse; each message says what to do."""


class WarehouseError(Exception):
    """The root; its text is one message for a person."""


class BadTableFile(WarehouseError):
    """A file under sql/ breaks the format of sql/README.md."""


class WarehouseLocked(WarehouseError):
    """Another process held the file until the wait was over."""


class WarehouseDamaged(WarehouseError):
    """The file is there and DuckDB cannot read it."""


class SchemaChanged(WarehouseError):
    """Another version made the tables: rebuild them from landing."""


OTHER_VERSION = (
    "the published warehouse was made by another version: run `meli-sales rebuild`"
)
"""What `SchemaChanged` says of it where a statement of ours finds a column absent."""


class BadFrame(WarehouseError):
    """A frame has other columns than its table."""


class HeaderBroken(WarehouseError):
    """A mart has other columns than its header names."""


class NothingPublished(WarehouseError):
    """No sync has published a warehouse in this data folder yet."""


class CannotOpen(WarehouseError):
    """The published version does not open: the text says why and what to do."""


class PublishRefused(WarehouseError):
    """The work file cannot be published."""


class QueryRefused(WarehouseError):
    """A query that does not only read, or that DuckDB refuses; one line.

    Attributes:
        place: the line of the statement that is wrong, with a caret below the place;
            empty if DuckDB names none.
    """

    def __init__(self, message: str, place: str = "") -> None:
        super().__init__(message)
        self.place = place
