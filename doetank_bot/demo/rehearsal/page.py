"""The chat as it scrolls by in a rehearsal, in the look of the demo."""

from collections.abc import Iterable, Iterator

from doetank_bot.chat.memory import MemoryChat
from doetank_bot.demo.cast import Words
from doetank_bot.demo.rehearsal import texts
from doetank_bot.demo.rehearsal.bot import TIMEZONE
from doetank_bot.demo.rehearsal.happening import Happening, Happenings, What
from doetank_bot.demo.rehearsal.numbering import Numbering
from doetank_bot.demo.terminal import Terminal
from doetank_bot.domain.group import Language
from doetank_bot.domain.hygiene import excerpt
from doetank_bot.domain.schedule import to_local

_EXCERPT = 60  # characters


class Page:
    """Listens to `chat` from now on, and writes what happened when it is asked to."""

    def __init__(self, chat: MemoryChat, numbering: Numbering, terminal: Terminal, language: Language) -> None:
        """Begin to listen."""
        self._happenings = Happenings(chat)
        self._numbering = numbering
        self._terminal = terminal
        self._language = language
        self._last = ""

    def write(self) -> list[Happening]:
        """Write what happened since the last time, and return it."""
        happened = self._happenings.taken()
        for one in happened:
            match one.what:
                case What.SAID:
                    self._said(one)
                case What.SIGNED:
                    self._signed(one)
                case What.EDITED:
                    self._edited(one)
                case What.DELETED:
                    text = f"“{excerpt(one.before, _EXCERPT)}”"
                    self._remark(one, texts.DELETED, name=one.name, text=text)
        return happened

    def _said(self, one: Happening) -> None:
        text = self._put(texts.PICTURE, text=one.now.text) if one.now.picture else one.now.text
        note = " · ".join((f"({self._number(one)})", *self._place(one)))
        is_in_thread = one.now.thread is not None
        self._terminal.message(to_local(one.at, TIMEZONE), one.name, text, is_in_thread=is_in_thread, note=note)
        self._last = self._number(one)

    def _place(self, one: Happening) -> Iterator[str]:
        """Yield who sees it, and in which thread it is, where that is not the whole group in the room."""
        if one.who:
            yield self._put(texts.EACH_APART if one.copies else texts.ONLY_FOR, who=", ".join(sorted(one.who)))
        if one.now.thread is not None:
            yield self._put(texts.IN_THREAD, number=self._numbering.number(one.now.thread))

    def _signed(self, one: Happening) -> None:
        words = texts.SIGNED if self._number(one) == self._last else texts.SIGNED_EARLIER
        self._remark(one, words, sign=one.now.reactions[-1][1], name=one.name)

    def _edited(self, one: Happening) -> None:
        self._remark(one, texts.EDITED, name=one.name)
        for line in one.new_lines:
            self._remark(one, texts.NEW_LINE, line=line)
        for line in one.lost_lines if not one.new_lines else ():
            self._remark(one, texts.LOST_LINE, line=line)

    def _remark(self, one: Happening, words: Words, **values: str) -> None:
        text = self._put(words, number=self._number(one), **values)
        self._terminal.remark(text, is_in_thread=one.now.thread is not None)

    def _number(self, one: Happening) -> str:
        return _span(self._numbering.number(ref) for ref in (one.now.ref, *one.copies))

    def _put(self, words: Words, **values: object) -> str:
        return words.get(self._language).format(**values)


def _span(numbers: Iterable[int]) -> str:
    """Return `7`, or `7–9` for several."""
    first, *others = sorted(numbers)
    return f"{first}–{others[-1]}" if others else f"{first}"
