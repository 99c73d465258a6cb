"""What goes wrong outside the bot, as the core knows it: what is over by itself, and what no further try mends."""


class StoreUnavailable(Exception):
    """The store takes nothing just now, and the transaction left nothing: try it again. The text says why.

    `remedy` is what the operator can do.
    """

    def __init__(self, reason: str, remedy: str) -> None:
        """Keep both; neither holds anyone's words."""
        super().__init__(reason)
        self.remedy = remedy


class Halt(Exception):
    """No try mends this: everything stops, and nothing is lost."""


class AuthLost(Halt):
    """The homeserver no longer accepts our login."""


class LoginRanOut(AuthLost):
    """The login ran out, as logins may: whoever has the password goes on, on the same device, with a new one."""


class KeysStuck(Halt, OSError):
    """The keys of messages cannot be written down: what memory holds is ahead of the disk, so begin again from that."""


class Damaged(Halt):
    """The database is damaged, so what it says cannot be trusted. The text says what was found."""


def first_of(error: BaseException) -> BaseException:
    """Return the error itself, or the first in a group: tasks end together, and that one tells why."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
