"""No struct is made ready to be decoded at a call, where two threads may do it at once.

msgspec notes what it works out of a struct before it is all there: a thread that comes
in between reads through a null pointer, and the process is gone.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "pipeline"
MODULES = [
    path
    for path in PACKAGE.rglob("*.py")
    if not path.is_relative_to(PACKAGE / "sandbox")
]


def typed_calls(path: Path) -> Iterator[str]:
    """Calls of `msgspec.json.decode` or `msgspec.convert` that name a struct."""
    for call in ast.walk(ast.parse(path.read_text())):
        if isinstance(call, ast.Call) and ast.unparse(call.func) in (
            "msgspec.json.decode",
            "msgspec.convert",
        ):
            for one in call.keywords:
                wanted = ast.unparse(one.value)
                if one.arg == "type" and not wanted.startswith(("dict[", "list[")):
                    yield f"{path.name}:{call.lineno}: {wanted}"


@pytest.mark.parametrize(
    "path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix()
)
def test_a_struct_has_its_decoder_from_the_import_on(path: Path) -> None:
    assert [*typed_calls(path)] == []
