"""Leads a rehearsal: does what each typed line says, and moves the clock."""

from collections.abc import Callable
from datetime import UTC, datetime

from babel.dates import format_datetime

from doetank_bot.demo.cast import CAST, Words
from doetank_bot.demo.rehearsal import texts
from doetank_bot.demo.rehearsal.bot import TIMEZONE, RehearsedBot
from doetank_bot.demo.rehearsal.keyboard import MAX_CHARACTERS
from doetank_bot.demo.rehearsal.moment import moment_after, moment_of
from doetank_bot.demo.rehearsal.numbering import Numbering
from doetank_bot.demo.rehearsal.page import Page
from doetank_bot.demo.rehearsal.slip import Slip
from doetank_bot.demo.rehearsal.troupe import Troupe
from doetank_bot.demo.rehearsal.typed import Bare, Order, Word, read
from doetank_bot.demo.script import Aside, Deed, How
from doetank_bot.demo.terminal import Terminal
from doetank_bot.domain.group import Language
from doetank_bot.domain.hygiene import clean, is_blank
from doetank_bot.domain.schedule import to_local, to_utc

_INSIDE, _OUTSIDE = ("Maaike", "Fatima", "Bas", "Joke"), ("Erik",)
_WHO = {role.name: role.is_who for role in CAST} | {"Erik": Words("opdrachtgever", "sponsor")}
_STAYS = {How.SAY: How.SAY, How.UNDER_QUESTION: How.FURTHER, How.FURTHER: How.FURTHER, How.IN_PRIVATE: How.IN_PRIVATE}
"""Where someone goes on who spoke there; who does something else stays where they were."""
_END = datetime(2200, 1, 1, tzinfo=UTC)
_PROMPT, _MOMENT = "EEE d MMM HH:mm", "EEEE d MMMM y, HH:mm"


class Director:
    """Takes typed lines and tells `terminal` what becomes of them. `take_back` is called before they are shown."""

    def __init__(
        self, bot: RehearsedBot, terminal: Terminal, language: Language, take_back: Callable[[], None]
    ) -> None:
        """Let the people be there; the bot is asked in."""
        numbering = Numbering()
        self._bot = bot
        self._terminal = terminal
        self._language = language
        self._take_back = take_back
        self._page = Page(bot.chat, numbering, terminal, language)
        self._troupe = Troupe(bot.chat, numbering, texts.ROOM.get(language), _INSIDE, _OUTSIDE)
        self._speaker = self._troupe.coach
        self._where = How.SAY

    @property
    def prompt(self) -> str:
        """Return what stands before a line: the moment, and who says it where when no name is typed."""
        moment = format_datetime(self._local(), _PROMPT, locale=self._language)
        return f"{moment} · {self._speaker.name}{self._where} "

    async def begin(self) -> None:
        """Say what this is and how it goes, around the bot's own introduction."""
        self._terminal.title(texts.TITLE.get(self._language))
        self._tell(texts.OPENING)
        self._tell_who()
        await self._bot.settle()
        self._page.write()
        self._terminal.heading("")
        self._tell(texts.BEGIN)
        self._terminal.plain("")

    async def enter(self, line: str) -> bool:
        """Do what a typed line says, and wait until the bot is done; return False when it says to end."""
        line = clean(line)
        if is_blank(line):
            return True
        try:
            match read(line, self._troupe.names):
                case Bare(text):
                    await self._act(Deed(self._speaker.name, self._where, text))
                case Deed() as deed:
                    await self._act(deed)
                case Aside(text):
                    self._take_back()
                    self._terminal.aside(self._local(), text)
                case Order(word, rest):
                    await self._ordered(word, rest)
                    return word is not Word.QUIT
        except Slip as slip:
            self._terminal.hint(slip.told(self._language))
        return True

    def complain_of_length(self) -> None:
        """Say that a line was too long to be read."""
        self._hint(texts.TOO_LONG, most=MAX_CHARACTERS)

    async def _act(self, deed: Deed) -> None:
        person = self._troupe.do(deed)
        await self._bot.settle()
        self._take_back()
        if deed.how is How.COME_IN:
            self._terminal.aside(self._local(), self._put(texts.CAME_IN, name=person.name))
        happened = self._page.write()
        if deed.how in _STAYS:
            self._speaker, self._where = person, _STAYS[deed.how]
        thread = self._troupe.thread_of(person)
        if deed.how is How.SAY and any(one.now.thread == thread for one in happened):
            # The bot asks something under what was said: there the answer goes.
            self._where = How.FURTHER

    async def _ordered(self, word: Word, rest: str) -> None:
        match word:
            case Word.NEXT:
                await self._next()
            case Word.TO:
                await self._move(moment_of(rest, self._local()))
            case Word.AFTER:
                await self._move(moment_after(rest, self._local()))
            case Word.WHO:
                self._tell_who()
            case Word.HELP:
                self._tell(texts.HELP)
            case Word.QUIT:
                pass

    async def _next(self) -> None:
        """Move to the first moment at which something is to be seen."""
        while (due := await self._bot.next_due(_END)) is not None:
            await self._bot.advance_to(due)
            if self._page.write():
                return
        self._hint(texts.NOTHING_PLANNED)

    async def _move(self, local: datetime) -> None:
        target = to_utc(local, TIMEZONE)
        if target < self._bot.clock.instant:
            raise Slip(texts.BACKWARD, moment=self._moment())
        has_written = False
        while (due := await self._bot.next_due(target)) is not None:
            await self._bot.advance_to(due)
            has_written = bool(self._page.write()) or has_written
        await self._bot.advance_to(target)
        if not has_written:
            self._hint(texts.NOW_IT_IS, moment=self._moment())

    def _tell_who(self) -> None:
        for words, is_in in ((texts.IN_ROOM, True), (texts.OUTSIDE, False)):
            people = [self._introduced(name) for name in self._troupe.people(is_in=is_in)]
            if people:
                self._tell(words, people=", ".join(people))

    def _introduced(self, name: str) -> str:
        return f"{name} ({_WHO[name].get(self._language)})" if name in _WHO else name

    def _tell(self, words: Words, **values: object) -> None:
        self._terminal.plain(self._put(words, **values))

    def _hint(self, words: Words, **values: object) -> None:
        self._terminal.hint(self._put(words, **values))

    def _put(self, words: Words, **values: object) -> str:
        return words.get(self._language).format(**values)

    def _local(self) -> datetime:
        return to_local(self._bot.clock.now(), TIMEZONE)

    def _moment(self) -> str:
        return format_datetime(self._local(), _MOMENT, locale=self._language)
