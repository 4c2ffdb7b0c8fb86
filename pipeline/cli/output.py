"""Writes the file that a person names with --output.

Not here: what is in it; each command decides that.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from pipeline import whole


def write(path: Path, content: bytes) -> None:
    """Write a file's content as `writing` does."""
    with writing(path) as file:
        file.write(content)


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """Write a file as `whole.writing` does, but into a folder that is there.

    Raises:
        OSError: it cannot be written; its folder is not made.
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
    with whole.writing(path) as file:
        yield file
