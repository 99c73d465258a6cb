"""Errors that people see. Anything else that is raised is our own fault."""

from datetime import timedelta

from doetank_bot.domain.effect import Params


class UserError(Exception):
    """A person's slip: `key` names a kind, localised sentence that says the next step. Nothing was changed."""

    def __init__(self, key: str, **params: Params) -> None:
        """Keep the message key and its parameters."""
        super().__init__(key)
        self.key = key
        self.params = params


class Unreachable(Exception):
    """The chat could not be asked just now; what needed it is tried again later.

    `after` is how long the other side asked to wait.
    """

    def __init__(self, reason: str, after: timedelta | None = None) -> None:
        """Keep a reason without content, and the wait."""
        super().__init__(reason)
        self.after = after
