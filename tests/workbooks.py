"""Workbooks as people have them, for tests that read them."""

import io

from pipeline.cli.workbook import Sheet, workbook


def as_file(*sheets: Sheet) -> bytes:
    """The bytes of a workbook's file."""
    file = io.BytesIO()
    workbook(sheets, file)
    return file.getvalue()
