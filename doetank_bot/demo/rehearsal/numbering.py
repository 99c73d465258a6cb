"""The numbers by which messages can be named in a rehearsal."""

from doetank_bot.domain.reference import MessageRef


class Numbering:
    """Numbers messages from 1 in the order in which they are asked for."""

    def __init__(self) -> None:
        """Begin."""
        self._numbers: dict[MessageRef, int] = {}
        self._messages: dict[int, MessageRef] = {}

    def number(self, message: MessageRef) -> int:
        """Return the number of a message; a new one gets the next."""
        if message not in self._numbers:
            self._numbers[message] = len(self._numbers) + 1
            self._messages[self._numbers[message]] = message
        return self._numbers[message]

    def message(self, number: int) -> MessageRef | None:
        """Return the message with that number; None when there is none."""
        return self._messages.get(number)
