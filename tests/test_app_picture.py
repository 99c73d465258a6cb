"""The picture in the chat: with its words, once, and never at the cost of what stands beside it."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path

import pytest
from group import Group, group
from house import TEXTS, FakeClock, of_bot
from pictured import picture

from doetank_bot.chat.memory import MemoryChat
from doetank_bot.chat.memory.adapter import Trouble
from doetank_bot.domain.digest.picture import CyclePicture
from doetank_bot.domain.document import paragraph
from doetank_bot.domain.effect import About, Effect, Purpose, Show, ShowPicture
from doetank_bot.domain.reference import GroupId, Place, Private, Room, UserRef
from doetank_bot.ports import Ambiguous, Capabilities, Rejected, UnitOfWork, Views, Work
from doetank_bot.service.interpreter import Interpreter, Origin

WORDS = "De ronde tot nu toe: we zijn in week 5 van 8, in de fase Experimenteren."
PNG = b"\x89PNG\r\n"


class WithoutPictures(MemoryChat):
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities(), has_pictures=False)


class Watchful(MemoryChat):
    """Notes whether a transaction was open when the bot asked about pictures, which it does as it draws."""

    def __init__(self) -> None:
        super().__init__(now().now)
        self.is_writing = False
        self.asked_while_writing: list[bool] = []

    def capabilities(self) -> Capabilities:
        self.asked_while_writing.append(self.is_writing)
        return super().capabilities()


class Watched:
    """The store as it is; the chat knows when it is being written to."""

    def __init__(self, store: UnitOfWork, chat: Watchful) -> None:
        self._store, self._chat = store, chat

    def read(self) -> AbstractAsyncContextManager[Views]:
        return self._store.read()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Work]:
        async with self._store.write() as work:
            self._chat.is_writing = True
            try:
                yield work
            finally:
                self._chat.is_writing = False


def now() -> FakeClock:
    return FakeClock("2027-02-03 10:00")


async def carry_out(doetank: Group, *effects: Effect) -> None:
    house = doetank.house
    interpreter = Interpreter(house.store, house.chat, house.engine.outbox, TEXTS.catalogue, TEXTS.words, house.rules)
    await interpreter.carry_out(effects, Origin("nl", "Europe/Amsterdam", GroupId(1)), house.clock.now())
    await house.settle()


def shows(doetank: Group, place: Place | None = None) -> ShowPicture:
    return ShowPicture(place or Room(doetank.room), picture())


async def test_the_room_sees_the_picture_and_reads_what_it_shows(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await carry_out(doetank, shows(doetank))
        last = doetank.of_bot()[-1]
        assert last.text.startswith(WORDS)
        assert last.picture is not None
        assert last.picture.startswith(PNG)
        assert last.mentions == ()


async def test_a_picture_for_one_person_is_not_in_the_room(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        before = doetank.of_bot()
        await carry_out(doetank, shows(doetank, Private(doetank.joke.user)))
        private = doetank.joke.private_chat()
        assert private is not None
        assert of_bot(doetank.house, doetank.joke, private)[-1].picture
        assert doetank.of_bot() == before


async def test_a_picture_whose_answer_was_lost_is_there_once(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        doetank.house.chat.troubles.append(Trouble(Ambiguous("cut"), is_done=True))
        await carry_out(doetank, shows(doetank))
        assert len([one for one in doetank.of_bot() if one.picture]) == 1


@pytest.mark.parametrize("is_refused", [False, True])
async def test_nothing_of_the_picture_stays_in_the_database(tmp_path: Path, *, is_refused: bool) -> None:
    async with group(tmp_path) as doetank:
        if is_refused:
            doetank.house.chat.troubles.append(Trouble(Rejected("413 M_TOO_LARGE")))
        await carry_out(doetank, shows(doetank))
        assert any(one.picture for one in doetank.of_bot()) is not is_refused
        with closing(sqlite3.connect(tmp_path / "doetank.db")) as database:
            last = database.execute("SELECT state, payload FROM outbox ORDER BY id DESC LIMIT 1").fetchone()
    assert last == ("rejected" if is_refused else "sent", None)


async def test_a_chat_without_pictures_gets_the_words_alone(tmp_path: Path) -> None:
    async with group(tmp_path, chat=WithoutPictures(now().now)) as doetank:
        await carry_out(doetank, shows(doetank))
        last = doetank.of_bot()[-1]
        assert last.text.startswith(WORDS)
        assert last.picture is None


async def test_what_cannot_be_drawn_is_said_and_the_digest_beside_it_goes_out(tmp_path: Path) -> None:
    sound = picture()
    flawed = CyclePicture(week=5, n_weeks=0, phases=sound.phases)
    async with group(tmp_path) as doetank:
        room = Room(doetank.room)
        await carry_out(doetank, Show(room, paragraph("Weekbericht 5")), ShowPicture(room, flawed))
        digest, words = doetank.of_bot()[-2:]
        assert digest.text == "Weekbericht 5"
        assert words.text.startswith("De ronde tot nu toe")
        assert words.picture is None


async def test_a_picture_is_drawn_before_the_transaction_opens(tmp_path: Path) -> None:
    chat = Watchful()
    async with group(tmp_path, chat=chat) as doetank:
        house = doetank.house
        watched = Watched(house.store, chat)
        interpreter = Interpreter(watched, chat, house.engine.outbox, TEXTS.catalogue, TEXTS.words, house.rules)
        await interpreter.carry_out([shows(doetank)], Origin("nl", "Europe/Amsterdam", GroupId(1)), house.clock.now())
        await house.settle()
    assert chat.asked_while_writing == [False]


@pytest.mark.parametrize("purpose", [Purpose.PROMPT, Purpose.DIGEST, Purpose.DRAFT])
def test_a_picture_cannot_pass_for_a_prompt_or_a_digest(purpose: Purpose) -> None:
    with pytest.raises(ValueError, match="a picture is no"):
        ShowPicture(Private(UserRef("@bot:test", "@joke:test")), picture(), About(purpose))


async def test_the_picture_shows_what_was_said_of_each_experiment(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.says(here.maaike, "!instel weekbericht plaatje aan")
        await here.house.move_to("2027-02-09 10:00")
        for said, number in (("gepland", 1), ("loopt", 2), ("klaar", 3), ("gestopt", 4)):
            card = await here.says(here.bas, f"!proef Belletje {said}")
            await here.says(here.bas, "stop", thread=card)
            await here.says(here.joke, f"!proef {number * 2 - 1} {said}")
        await here.house.move_to("2027-02-12 15:00")
        words = here.of_bot()[-1].text
    for line in ("lopen: #3.", "gepland zijn: #1.", "klaar zijn: #5.", "gestopt zijn: #7."):
        assert line in words


async def test_a_group_of_four_in_which_one_stopped_is_too_small_to_count(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        cor = here.house.chat.person("@cor:test", "Cor")
        cor.join(here.room)
        await here.house.settle()
        await here.says(here.maaike, "!instel weekbericht plaatje aan")
        await here.house.move_to("2027-02-09 10:00")
        for day, is_counted in (("2027-02-12 15:00", True), ("2027-02-19 15:00", False)):
            await here.says(here.bas, f"!zag rij {day}")
            await here.house.move_to(day)
            assert ("Zo vaak" in here.of_bot()[-1].text) is is_counted
            stop = await here.says(cor, "!stop")
            await here.says(cor, "ja", thread=stop)


async def test_what_was_given_in_private_is_not_counted_as_shared(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        cor = here.house.chat.person("@cor:test", "Cor")
        cor.join(here.room)
        await here.says(here.maaike, "!instel weekbericht plaatje aan")
        await here.house.move_to("2027-02-09 10:00")
        await here.says(here.bas, "!zag De rij was lang.")
        await here.says(here.joke, "!zag De rij was kort.")
        await here.says(here.joke, "!deel 2 niemand")
        await here.house.move_to("2027-02-12 15:00")
        assert "jullie samen iets in week 1: 1." in here.of_bot()[-1].text
