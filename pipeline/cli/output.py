"""Writes the file that a person names with --output.

Not here: what is in it; each command decides that.
"""

import errno
import os
from pathlib import Path

from pipeline.landing import whole


def write(path: Path, content: bytes) -> None:
    """Write a file as `whole.write` does, but into a folder that is there.

    Raises:
        OSError: it cannot be written; its folder is not made.
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
    whole.write(path, content)
