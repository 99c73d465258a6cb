"""A file for its owner alone: whole or not at all, on a disk that fills up as well."""

import errno
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from doetank_bot.private_file import write_private


@contextmanager
def files_of_at_most(n_bytes: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_only_the_owner_reads_it_and_folders_are_made_on_the_way(tmp_path: Path) -> None:
    file = tmp_path / "map" / "geheim"
    write_private(file, "é\r\n")
    assert file.read_bytes() == "é\r\n".encode()
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_what_does_not_fit_leaves_the_old_file_and_the_error_names_it(tmp_path: Path) -> None:
    file = tmp_path / "geheim"
    write_private(file, "oud")
    with files_of_at_most(1000), pytest.raises(OSError, match="too large") as trouble:
        write_private(file, "nieuw" * 1000)
    assert (trouble.value.errno, trouble.value.filename) == (errno.EFBIG, str(file))
    assert file.read_text() == "oud"
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_is_followed_and_one_that_leads_back_to_itself_is_replaced(tmp_path: Path) -> None:
    file, link, loop = tmp_path / "geheim", tmp_path / "link", tmp_path / "rond"
    link.symlink_to(file)
    write_private(link, "woord")
    assert link.is_symlink()
    assert file.read_text() == "woord"
    loop.symlink_to(loop)
    write_private(loop, "woord")
    assert loop.read_text() == "woord"
