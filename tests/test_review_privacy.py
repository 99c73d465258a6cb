"""A reviewer's faults, mended: nothing is lost, doubled, or shown to someone it was not meant for."""

from pathlib import Path
from typing import Any

import pytest
import structlog
from group import group, words_on_disk
from house import FakeClock, of_bot, running, texts

from doetank_bot.chat.matrix.translate import Room, happened
from doetank_bot.chat.memory import MemoryChat
from doetank_bot.complaint import Exit, complaints
from doetank_bot.domain.document import Document
from doetank_bot.domain.reference import SpaceRef, UserRef
from doetank_bot.ports import BotJoined, Rendered, Style


async def test_someone_who_left_keeps_their_name(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        await doetank.says(doetank.joke, "!zag drie mensen")
        doetank.joke.leave(doetank.room)
        await doetank.house.settle()
        await doetank.says(doetank.maaike, "!weekbericht stuur")
        assert "— Joke" in doetank.digests()[0]
        assert "@joke" not in doetank.digests()[0]


async def test_who_left_while_the_bot_was_away_is_no_member_any_more(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        await doetank.says(doetank.joke, "!zag iets voor de groep")
        doetank.maaike.kick_bot(doetank.room)
        await doetank.house.settle()
        doetank.bas.leave(doetank.room)
        doetank.maaike.invite_bot(doetank.room)
        await doetank.house.settle()
        private = doetank.bas.open_private()
        await doetank.house.settle()
        await doetank.house.say(doetank.bas, private, "weekbericht vooruitblik")
        assert not any("iets voor de groep" in text for text in texts(doetank.bas, private))


async def test_a_coach_who_left_gets_no_draft(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        await doetank.says(doetank.joke, "!zag iets voor de groep")
        doetank.maaike.leave(doetank.room)
        await doetank.house.settle()
        await doetank.house.move_to("2027-02-12 15:00")
        private = doetank.maaike.private_chat()
        shown = texts(doetank.maaike, private) if private else []
        assert not any("iets voor de groep" in text for text in shown)


async def test_a_draft_in_the_hands_of_someone_who_left_does_not_follow_any_more(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        said = await doetank.says(doetank.joke, "!zag iets voor de groep")
        other = await doetank.says(doetank.joke, "!zag nog iets")
        await doetank.says(doetank.bas, "!weekbericht vooruitblik")
        private = doetank.bas.private_chat()
        assert private is not None
        assert any("iets voor de groep" in text for text in texts(doetank.bas, private))
        doetank.bas.leave(doetank.room)
        await doetank.house.settle()
        await doetank.edits(doetank.joke, said, "!zag een geheim van later")
        await doetank.deletes(doetank.joke, other)
        shown = texts(doetank.bas, private)
        assert not any("geheim van later" in text for text in shown)
        assert not any("nog iets" in text for text in shown)


async def test_old_drafts_do_not_come_back_when_the_question_goes(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        question = await doetank.says(doetank.maaike, "!vraagstuk Waarom steeds opnieuw?")
        for day in ("2027-02-12 15:00", "2027-02-19 15:00", "2027-02-26 15:00"):
            await doetank.says(doetank.joke, f"!zag rij {day}")
            await doetank.house.move_to(day)
        private = doetank.maaike.private_chat()
        assert private is not None
        await doetank.deletes(doetank.maaike, question)
        drafts = [text for text in texts(doetank.maaike, private) if "Weekbericht" in text]
        assert drafts == []


async def test_a_private_chat_with_a_third_person_is_not_private_any_more(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        private = doetank.maaike.open_private()
        await doetank.house.settle()
        stranger = doetank.house.chat.person("@vreemd:test", "Vreemd")
        stranger.join(private)
        await doetank.house.settle()
        await doetank.says(doetank.joke, "!zag iets voor de groep")
        await doetank.house.move_to("2027-02-12 15:00")
        assert not any("iets voor de groep" in text for text in texts(stranger, private))
        fresh = doetank.maaike.private_chat()
        assert fresh is not None
        assert fresh != private
        assert any("iets voor de groep" in text for text in texts(doetank.maaike, fresh))


async def test_a_coach_who_closed_her_private_chat_still_gets_the_draft(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        private = doetank.maaike.open_private()
        await doetank.house.settle()
        doetank.maaike.leave(private)
        await doetank.house.settle()
        await doetank.says(doetank.joke, "!zag iets voor de groep")
        await doetank.house.move_to("2027-02-12 15:00")
        fresh = doetank.maaike.private_chat()
        assert fresh is not None
        assert any("iets voor de groep" in text for text in texts(doetank.maaike, fresh))


async def test_a_room_without_a_name_becomes_a_group_when_the_bot_is_asked_in_again(tmp_path: Path) -> None:
    async with running(tmp_path) as house:
        maaike, joke = house.chat.person("@maaike:test", "Maaike"), house.chat.person("@joke:test", "Joke")
        space = maaike.open_private()
        await house.settle()
        joke.join(space)
        await house.settle()
        maaike.invite_bot(space)
        await house.settle()
        start = await house.say(maaike, space, "!ronde start")
        assert any(one.reply_to == start for one in of_bot(house, joke, space))


def test_a_direct_chat_with_several_people_is_not_private() -> None:
    me = UserRef("@bot:test", "@bot:test")
    join = _membership("@bot:test", "join") | {
        "unsigned": {"prev_content": {"membership": "invite", "is_direct": True}}
    }
    others = [_membership("@ana:test", "join"), _membership("@ben:test", "invite")]
    (joined,) = happened(me, Room(SpaceRef(me.account, "!room:test"), [join], others))
    assert isinstance(joined, BotJoined)
    assert not joined.is_private
    (joined,) = happened(me, Room(SpaceRef(me.account, "!room:test"), [join], others[:1]))
    assert isinstance(joined, BotJoined)
    assert joined.is_private


def _membership(user: str, membership: str) -> dict[str, Any]:
    return {
        "type": "m.room.member",
        "state_key": user,
        "sender": user,
        "event_id": f"${user}.{membership}",
        "content": {"membership": membership},
    }


async def test_a_private_follow_up_is_answered_also_by_a_member_of_two_groups(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        private = doetank.bas.open_private()
        await doetank.house.settle()
        await doetank.house.say(doetank.bas, private, "!proef één belletje")
        await doetank.house.open_room("Bomen", doetank.bas)
        before = len(of_bot(doetank.house, doetank.bas, private))
        await doetank.house.say(doetank.bas, private, "klaar in 5 dagen")
        assert len(of_bot(doetank.house, doetank.bas, private)) > before
        await doetank.house.say(doetank.bas, private, "stop")
    assert b"klaar in 5 dagen" in words_on_disk(tmp_path)


async def test_a_private_follow_up_of_a_group_that_was_left_is_not_kept_in_another(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        private = doetank.bas.open_private()
        await doetank.house.settle()
        await doetank.house.say(doetank.bas, private, "!proef één belletje")
        doetank.bas.leave(doetank.room)
        await doetank.house.open_room("Bomen", doetank.bas)
        asked = await doetank.house.say(doetank.bas, private, "klaar in 5 dagen")
        assert any(one.reply_to == asked for one in of_bot(doetank.house, doetank.bas, private))
    assert b"klaar in 5 dagen" not in words_on_disk(tmp_path)


async def test_a_name_loses_personal_data_before_it_touches_the_disk(tmp_path: Path) -> None:
    async with group(tmp_path, name="Balie 06-87654321") as doetank:
        await doetank.start()
        doetank.joke.rename("Joke 06-12345678")
        await doetank.house.settle()
        await doetank.says(doetank.joke, "!zag drie mensen")
        await doetank.says(doetank.maaike, "!weekbericht stuur")
    on_disk = words_on_disk(tmp_path)
    assert b"12345678" not in on_disk
    assert b"87654321" not in on_disk


async def test_a_masked_kickoff_question_is_told(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        start = await doetank.start()
        answer = await doetank.says(doetank.maaike, "Waarom bellen we 06-12345678 steeds?", thread=start)
        assert any("telefoon" in text or "gegevens" in text for text in doetank.answers(answer))


class Speechless(MemoryChat):
    """A chat with a fault of our own in it: for so many times nothing can be said at all."""

    n_faults = 0

    def render(self, document: Document, style: Style) -> list[Rendered]:
        if self.n_faults:
            self.n_faults -= 1
            raise RuntimeError
        return list(super().render(document, style))


async def test_a_fault_that_cannot_even_be_told_stops_nobody_else(tmp_path: Path) -> None:
    chat = Speechless(FakeClock("2027-02-05 16:00").now)
    async with group(tmp_path, "2027-02-05 16:00", chat=chat) as doetank:
        await doetank.start()
        chat.n_faults = 4
        await doetank.says(doetank.joke, "!hulp")
        assert chat.n_faults == 0
        chat.n_faults = 4
        await doetank.house.move_to("2027-02-08 09:40")
        assert chat.n_faults == 0
        after = await doetank.says(doetank.joke, "!hulp")
        assert doetank.answers(after)
        await doetank.house.move_to("2027-02-08 12:00")
        assert any("Antwoord op dit bericht, of" in one.text for one in doetank.of_bot() if not one.is_notice)


def test_a_crash_says_where_and_never_what(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        with pytest.raises(SystemExit) as ended, complaints():
            raise ExceptionGroup("tasks", [ValueError("mevrouw Pietersen")])
    finally:
        structlog.reset_defaults()
    told = capsys.readouterr().err
    assert ended.value.code == Exit.WRONG
    assert "ValueError" in told
    assert "Pietersen" not in told


async def test_what_was_given_before_the_cycle_is_in_its_first_digest(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.says(doetank.joke, "!zag een lange rij")
        await doetank.start()
        await doetank.says(doetank.maaike, "!weekbericht stuur")
        assert "een lange rij" in doetank.digests()[0]
