"""What a person can mend is one line; what is a fault of ours keeps its trace."""

import pytest
import typer
from polars.exceptions import ComputeError

from pipeline.cli.oneline import DISK_IS_FULL, refusals
from pipeline.mercadolibre.errors import FilterIgnored, ServerFault
from pipeline.settings import WrongSetting
from pipeline.sync.data_folder import DataFolderBusy
from pipeline.warehouse.errors import WarehouseLocked

_DISK = (
    "check the path, its permissions and the space on disk, or run `meli-sales doctor`"
)


@pytest.mark.parametrize(
    ("raised", "line"),
    [
        (DataFolderBusy("process 7 holds it"), "process 7 holds it"),
        (FilterIgnored("dates are ignored"), "dates are ignored"),
        (ServerFault("GET /orders/1: 503"), "GET /orders/1: 503"),
        (WrongSetting("MELI_SITE: which"), "MELI_SITE: which"),
        (WarehouseLocked("held by [7]"), "held by [7]"),
        (
            ComputeError("parquet:\n  bad magic"),
            "a landed file cannot be read: parquet: bad magic; see `meli-sales doctor`",
        ),
        (
            OSError(28, "No space left on device"),
            DISK_IS_FULL,
        ),
        (
            PermissionError(13, "Permission denied", "/data/landing"),
            "/data/landing: Permission denied; " + _DISK,
        ),
        (
            IsADirectoryError(21, "Is a directory", "/data/.x.tmp", None, "/data/x"),
            "/data/x: a folder is where a file belongs: move it away and run it again",
        ),
        (
            NotADirectoryError(20, "Not a directory", "/data"),
            "/data: a file is where a folder belongs: move it away and run it again",
        ),
    ],
)
def test_each_refusal_is_one_line_and_exit_code_1(
    raised: Exception, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended, refusals():
        raise raised
    assert ended.value.exit_code == 1
    assert capsys.readouterr().err == f"error: {line}\n"


@pytest.mark.parametrize("raised", [KeyError("ours"), BrokenPipeError()])
def test_anything_else_goes_on_as_it_is(raised: Exception) -> None:
    with pytest.raises(type(raised)), refusals():
        raise raised
