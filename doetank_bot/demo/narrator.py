"""Tells what is seen in the chat: who says what to whom, what changes, what goes."""

from collections.abc import Sequence
from datetime import datetime

from rich.text import Text

from doetank_bot.demo.cast import BOT, Words
from doetank_bot.demo.play import Standing
from doetank_bot.demo.seen import Seen
from doetank_bot.demo.styled import styled
from doetank_bot.demo.terminal import Terminal
from doetank_bot.domain.group import Language
from doetank_bot.domain.hygiene import excerpt
from doetank_bot.domain.schedule import to_local
from doetank_bot.ports import Clock

_N_LINES_IN_PRIVATE, _N_SHOWN = 12, 3
_N_CHARACTERS_AGAIN = 200
_N_CHARACTERS = 60

_OPENING = Words(
    "{coach} maakt een ruimte voor de groep. {others} komen erbij. Dan nodigt {coach} {bot} uit.",
    "{coach} makes a room for the group. {others} come in. Then {coach} invites {bot}.",
)
_COMING_IN = Words("{who} komt erbij.", "{who} comes in.")
_EDITED = Words("✎ {name} past een bericht aan", "✎ {name} edits a message")
_EDITED_MORE = Words("✎ {name} past {n} berichten aan", "✎ {name} edits {n} messages")
_DELETED = Words("✗ {name} verwijdert", "✗ {name} deletes")
_PRIVATE = Words("{name} (privé)", "{name} (in private)")
_PRIVATE_WITH = Words("{name} (privé met {whom})", "{name} (in private with {whom})")
_AND = Words("{first} en {last}", "{first} and {last}")
_PICTURE = Words("▣ {name} (een plaatje van de ronde)", "▣ {name} (a picture of the cycle)")
_AGAIN = Words("(hetzelfde bericht, zonder de woorden die weg zijn)", "(the same message, without the words that went)")
_AS_BEFORE = Words("(zelfde bericht als eerder)", "(same message as before)")
_AND_SO_ON = Words("(en nog {n} regels)", "(and {n} more lines)")


class Narrator:
    """Writes to a terminal in `language`, with the times of `clock` in `timezone`.

    What someone else read already is not told whole again: a private message as before, a long one in private, a
    message that the bot posts again without the words that went.
    """

    def __init__(self, terminal: Terminal, clock: Clock, language: Language, timezone: str) -> None:
        self.timezone = timezone
        self._terminal = terminal
        self._clock = clock
        self._language = language
        self._gone: set[str] = set()
        self._private: set[str] = set()

    def opening(self, coach: str, others: Sequence[str]) -> None:
        """Tell how the room comes to be."""
        self.aside(self._put(_OPENING, coach=coach, others=self._listed(others), bot=BOT))

    def coming_in(self, who: str) -> None:
        """Tell that someone comes into the room."""
        self.aside(self._put(_COMING_IN, who=who))

    def aside(self, text: str) -> None:
        """Tell what happens around the chat."""
        self._terminal.aside(self._local(), text)

    async def message(self, seen: Seen, message: Standing, with_whom: Sequence[str]) -> None:
        """Tell what is said: `with_whom` are all who get it in private; an empty name is the room."""
        name = message.sender or BOT
        if message.with_whom:
            words = _PRIVATE if message.sender else _PRIVATE_WITH
            name = self._put(words, name=name, whom=self._listed(with_whom))
        await self._tell(name, self._text(seen, message), seen)

    async def edits(self, who: str, pairs: Sequence[tuple[Seen, Seen]]) -> None:
        """Tell the lines that are new in the first of the messages, each (before, after); the others change alike."""
        before, after = pairs[0]
        words = _EDITED if len(pairs) == 1 else _EDITED_MORE
        await self._tell(
            self._put(words, name=who or BOT, n=str(len(pairs))), "\n".join(new_lines(before, after)), before
        )

    async def deletion(self, who: str, message: Seen) -> None:
        """Tell that a message went."""
        self._gone.add(_head(message))
        await self._tell(self._put(_DELETED, name=who or BOT), f"“{excerpt(message.text, _N_CHARACTERS)}”", message)

    def sign(self, who: str, message: Seen, sign: str) -> None:
        """Tell that someone put a sign on the message that was told last."""
        self._terminal.remark(f"{sign} {who or BOT}", is_in_thread=message.thread is not None)

    async def _tell(self, name: str, text: str | Text, message: Seen) -> None:
        await self._terminal.turn()
        self._terminal.message(self._local(), name, text, is_in_thread=message.thread is not None)

    def _text(self, seen: Seen, message: Standing) -> Text:
        if seen.picture is not None:
            return Text(self._put(_PICTURE, name=seen.picture[0]))
        if not message.sender and message.with_whom:
            return self._in_private(seen)
        if not message.sender and _head(seen) in self._gone:
            return Text(f"{_head(seen)}\n{self._put(_AGAIN)}")
        return styled(seen.text, seen.html)

    def _in_private(self, seen: Seen) -> Text:
        first, rest = seen.text.splitlines()[:_N_SHOWN], seen.text.splitlines()[_N_SHOWN:]
        if len(first + rest) > _N_LINES_IN_PRIVATE:
            return Text("\n".join([*first, self._put(_AND_SO_ON, n=str(len(rest)))]))
        if seen.text in self._private and len(seen.text) > _N_CHARACTERS_AGAIN:
            return Text(f"{excerpt(seen.text, _N_CHARACTERS)}\n{self._put(_AS_BEFORE)}")
        self._private.add(seen.text)
        return styled(seen.text, seen.html)

    def _listed(self, names: Sequence[str]) -> str:
        *first, last = names
        return self._put(_AND, first=", ".join(first), last=last) if first else last

    def _put(self, words: Words, **values: str) -> str:
        return words.get(self._language).format(**values)

    def _local(self) -> datetime:
        return to_local(self._clock.now(), self.timezone)


def new_lines(before: Seen, after: Seen) -> list[str]:
    """Return the lines that an edit brings."""
    old = set(before.text.splitlines())
    return [line for line in after.text.splitlines() if line not in old]


def _head(seen: Seen) -> str:
    """Return the first two lines: of a digest, which one it is."""
    return "\n".join(seen.text.splitlines()[:2])
