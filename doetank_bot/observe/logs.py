"""Logs on stderr.

No log line holds a message text, a name or a token.
"""

import contextlib
import logging
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO, cast

import structlog

_QUIET = ("nio", "sqlalchemy", "aiosqlite", "apscheduler", "alembic", "aiohttp", "asyncio", "peewee")
"""Libraries whose messages may hold content (nio logs malformed events whole): only their errors, without the text."""


def configure_logs(level: str, form: str) -> None:
    """Log at `level` (debug, info, warning, error) and above, as `text` or `json`, on stderr only."""
    renderer: Any = structlog.processors.JSONRenderer() if form == "json" else structlog.processors.KeyValueRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            fault_without_words,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Stderr())),
        cache_logger_on_first_use=False,
    )
    for name in _QUIET:
        library = logging.getLogger(name)
        library.handlers = [_WordlessHandler()]
        library.propagate = False
        library.setLevel(logging.ERROR)


def fault_without_words(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Replace an exception by its type and where it was raised: its text may hold a member's words."""
    fault = event.pop("exc_info", None)
    if fault:
        error = sys.exc_info()[1] if fault is True else fault
        if isinstance(error, BaseException):
            event["error"] = type(error).__name__
            event["at"] = _where(error)
    return event


def _where(error: BaseException) -> list[str]:
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in _frames(error)[-8:]]


def _frames(error: BaseException) -> traceback.StackSummary:
    return traceback.extract_tb(error.__traceback__)


class _Stderr:
    """The standard error stream, of which a full disk behind it does not end the bot."""

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.flush()


class _WordlessHandler(logging.Handler):
    """Passes on that a library reported an error, and where, but not what it said."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger(record.name).error("library_error", at=f"{record.filename}:{record.lineno}")
