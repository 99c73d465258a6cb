"""What the operator reads when something cannot be done: a line with its remedy, an exit code, no traceback."""

import contextlib
import errno
import sys
from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import Any

import structlog
import typer

from doetank_bot.backup.archive import UnusableSet
from doetank_bot.chat.matrix import KeysLost
from doetank_bot.demo.homeserver import HomeserverError
from doetank_bot.demo.play import MissedError
from doetank_bot.domain.strict_yaml import Invalid
from doetank_bot.export import NoSuchGroup
from doetank_bot.observe import configure_logs
from doetank_bot.observe.presence import AlreadyRunning
from doetank_bot.observe.server import CannotListen
from doetank_bot.ports import AuthLost, Damaged, StoreUnavailable, first_of
from doetank_bot.settings import ConfigError
from doetank_bot.store.mark import RestoreBrokenOff
from doetank_bot.store.migration import Busy, SchemaTooNew, Unreadable

log = structlog.get_logger(__name__)


class Exit(IntEnum):
    """Exit codes, as in sysexits.h; starting again does not help after 65, 77 and 78."""

    WRONG = 1
    DATA = 65
    TEMPORARY = 75
    PERMISSIONS = 77
    CONFIG = 78


class Complaint(Exception):
    """Something the operator can mend, that only the command line knows of."""

    def __init__(self, code: Exit, line: str) -> None:
        """Keep the line and the code to exit with."""
        super().__init__(line)
        self.code = code


@contextlib.contextmanager
def complaints() -> Iterator[None]:
    """Turn what the operator can mend into one line each on stderr, and exit with its code.

    Any other error is our own fault: told by its kind and place alone, for its text may hold a member's words. Until
    the settings say otherwise, errors are all that is logged.
    """
    # First of all: left to itself, structlog prints the variables around an error, and the environment is among them.
    configure_logs("error", "text")
    try:
        yield
    except BaseExceptionGroup as group:
        # The bot's tasks end together; the first that failed tells why.
        _complain(first_of(group))
    except (typer.Exit, typer.Abort):
        raise
    except Exception as error:  # noqa: BLE001 - the last door: past it Python prints the text of whatever it is
        _complain(error)


def _complain(error: BaseException) -> None:
    for kind, code, explain in _KNOWN:
        if isinstance(error, kind):
            for line in explain(error):
                sys.stderr.write(f"{line}\n")
            sys.exit(_code(error, code))
    if not isinstance(error, Exception):
        raise error
    log.error("crashed", exc_info=error)
    sys.exit(Exit.WRONG)


def _code(error: BaseException, usual: Exit) -> Exit:
    if isinstance(error, Complaint):
        return error.code
    is_read_only = isinstance(error, OSError) and error.errno == errno.EROFS
    return Exit.PERMISSIONS if is_read_only else usual


def _login(error: AuthLost) -> tuple[str, ...]:
    remedy = "Check matrix.user_id and the password or token file, or run `doetank-bot init` again. Nothing is lost"
    return (f"The homeserver refuses the login ({error}). {remedy}",)


def _not_allowed(error: OSError) -> tuple[str, ...]:
    return (f"{error.filename or 'a file'}: this user may not read or write it. Run as the bot's own user",)


def _system(error: OSError) -> tuple[str, ...]:
    remedy = _REMEDIES.get(error.errno or 0, _LOOK)
    return (f"{error.filename or 'system'}: {error.strerror or type(error).__name__}. {remedy}",)


def _too_new(error: SchemaTooNew) -> tuple[str, ...]:
    return (f"The database cannot be used: {error}. Install the version of the bot that made it, or a later one",)


def _broken_off(error: RestoreBrokenOff) -> tuple[str, ...]:
    return (f"{error} is half restored: a restore was broken off. Run the same `doetank-bot restore` again",)


_REMEDIES = {
    errno.EROFS: "Choose a folder on a disk that can be written to, or mount it so",
    errno.ENOSPC: "Make room on that disk, and start again",
    errno.EDQUOT: "Make room on that disk, and start again",
    errno.ENOENT: "Make the folder first, or correct the name",
    errno.ENOTDIR: "Part of this name is a file, not a folder. Correct it",
    errno.EISDIR: "This is a folder. Name a file",
    errno.EADDRINUSE: "Another program listens there. Choose another port",
    errno.EIO: "The disk gives errors. Look after it, and keep a copy of your backups elsewhere",
    errno.EEXIST: "Choose another name, or move away what is there",
    errno.ELOOP: "Links there lead back to each other. Let them lead to a real file or folder",
    errno.ENAMETOOLONG: "Choose a shorter name",
    errno.ENOLCK: "Files cannot be locked on that disk. Choose a disk of this machine",
    errno.EOPNOTSUPP: "Files cannot be locked on that disk. Choose a disk of this machine",
    errno.EMFILE: "Let this user have more files open at a time (ulimit -n), and start again",
}
"""What to do about what the system says no to."""
_LOOK = "See what is the matter there, and try again"

_KNOWN: tuple[tuple[type[Exception], Exit, Callable[[Any], tuple[str, ...]]], ...] = (
    (Complaint, Exit.WRONG, lambda error: (str(error),)),
    (Invalid, Exit.CONFIG, lambda error: tuple(map(str, error.problems))),
    (ConfigError, Exit.CONFIG, lambda error: (str(error.problem),)),
    (AuthLost, Exit.CONFIG, _login),
    (KeysLost, Exit.CONFIG, lambda error: (f"Encryption: {error}. Run `doetank-bot init` again",)),
    (CannotListen, Exit.CONFIG, lambda error: (str(error),)),
    (NoSuchGroup, Exit.WRONG, lambda error: (str(error),)),
    (MissedError, Exit.WRONG, lambda error: (str(error),)),
    (HomeserverError, Exit.TEMPORARY, lambda error: (str(error),)),
    (AlreadyRunning, Exit.TEMPORARY, lambda _: ("Another bot already works on this database. Stop that one first",)),
    (SchemaTooNew, Exit.DATA, _too_new),
    (RestoreBrokenOff, Exit.DATA, _broken_off),
    (UnusableSet, Exit.DATA, lambda error: (f"The backup was not found whole and is gone again: {error}",)),
    (Unreadable, Exit.DATA, lambda error: (f"The database cannot be used: {error}. Put a backup in its place",)),
    (Damaged, Exit.DATA, lambda error: (f"The database is damaged ({error}). Put a backup in its place",)),
    (StoreUnavailable, Exit.TEMPORARY, lambda error: (f"The database takes nothing ({error}). {error.remedy}",)),
    (Busy, Exit.TEMPORARY, lambda error: (f"Another program holds the database ({error}). Close it, or try again",)),
    (PermissionError, Exit.PERMISSIONS, _not_allowed),
    (OSError, Exit.TEMPORARY, _system),
)
"""The first that fits counts: a PermissionError is an OSError too."""
