"""A file that only its owner may read, and that is there whole or not at all."""

import os
import tempfile
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Write `text` to `path` as UTF-8, line ends as they are, mode 0600: the new file or the old one, whatever happens.

    It is on the disk when this returns. Folders that are not there are made, with mode 0700. A link is followed.
    Raises OSError.
    """
    target = Path(os.path.realpath(path))
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        _replace(target, text.encode())
    except OSError as trouble:
        # Of the system it would be about a name that nobody chose, or about none.
        raise OSError(trouble.errno, trouble.strerror, str(target)) from None
    sync_folder(target.parent)


def _replace(target: Path, content: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Let what was made, renamed or removed in a folder outlast a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
