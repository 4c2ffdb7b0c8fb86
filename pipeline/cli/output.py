"""Writes the file that a person names with --output.

Not here: what is in it; each command decides that.
"""

import errno
import os
from pathlib import Path

from pipeline.landing import whole


def write(path: Path, content: bytes) -> None:
    """Write a file for this user only, whole or not at all.

    A link stays and its target is written. What is neither file nor folder, such as a
    pipe or /dev/stdout, takes the bytes as they come: it cannot be replaced.

    Raises:
        OSError: it cannot be written; its folder is not made.
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
    if path.exists() and not path.is_file() and not path.is_dir():
        path.write_bytes(content)
    else:
        whole.write(path.resolve(), content)
