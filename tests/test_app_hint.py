"""Who answers in the room itself is shown the way, once; their words are kept nowhere."""

from pathlib import Path

import pytest
from cast import SAYS_JE
from group import Group, group, words_on_disk
from house import of_bot, running

from doetank_bot.chat.memory import Person
from doetank_bot.domain.reference import MessageRef

HINT = (
    "Dit bericht bewaar ik niet. Was het een antwoord op mijn vraag, zet het dan in de draad onder de vraag. "
    "Daar bewaar ik het."
)
HINT_EN = (
    "I do not keep this message. If it was an answer to my question, put it in the thread under the question. "
    "There I keep it."
)
SIGN = "✔️"


def hints(here: Group) -> list[MessageRef | None]:
    """Return what was answered with a hint, in order."""
    return [one.reply_to for one in here.of_bot() if one.text in {HINT, HINT_EN}]


async def at_once(here: Group, *said: tuple[Person, str]) -> list[MessageRef]:
    """Let people write faster than the bot reads: one batch."""
    written = [person.say(here.room, text) for person, text in said]
    await here.house.settle()
    return written


async def test_one_line_pings_nobody_and_not_a_word_is_kept(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    async with group(tmp_path) as here:
        await here.start()
        prompt = await here.prompt()
        before = len(here.of_bot())
        said = await here.says(here.joke, "Ik ging naar de pannenkoekenboot")
        [line] = here.of_bot()[before:]
        assert (line.text, line.reply_to, line.is_notice, line.mentions, line.thread) == (HINT, said, True, (), None)
        assert here.signs(said) == []
        assert b"pannenkoek" not in words_on_disk(tmp_path)

        answer = await here.says(here.joke, "Ik ging naar het loket", thread=prompt.ref)
        assert here.signs(answer) == [SIGN]
    assert b"pannenkoek" not in words_on_disk(tmp_path)
    assert "pannenkoek" not in "".join(capfd.readouterr())
    assert b"het loket" in words_on_disk(tmp_path)


async def test_never_again_not_for_the_next_question_nor_in_the_next_cycle_nor_after_a_restart(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.prompt()
        said = await here.says(here.joke, "Ik ging naar het loket")
        await here.says(here.joke, "Daar stond een rij tot buiten")
        await here.house.move_to("2027-02-03 11:00")
        await here.prompt()
        await here.says(here.joke, "Vandaag was het rustig daar")
        await here.says(here.maaike, "!ronde einde")
        await here.start('"Tweede" weken=4')
        await here.prompt()
        await here.says(here.joke, "Het loket was weer dicht")
        assert hints(here) == [said]
        chat, room = here.house.chat, here.room

    async with running(tmp_path, "2027-02-03 11:30", chat=chat) as house:
        await house.say(chat.person("@joke:test"), room, "Ik belde met de gemeente")
        other = await house.say(chat.person("@bas:test"), room, "Ik belde met de provincie")
        shown = of_bot(house, chat.person("@bas:test"), room)
        assert [one.reply_to for one in shown if one.text == HINT] == [said, other]


async def test_two_messages_at_once_get_one_hint_and_everyone_gets_their_own(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.prompt()
        first, _, bas = await at_once(
            here,
            (here.joke, "Ik ging naar het loket"),
            (here.joke, "Daar stond een rij tot buiten"),
            (here.bas, "Ik belde met de gemeente"),
        )
        assert hints(here) == [first, bas]


async def test_small_talk_without_an_open_question_gets_nothing(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.says(here.joke, "Hebben jullie zin in taart")
        await here.start()
        await here.says(here.joke, "Wat een mooi plan is dit")
        await here.prompt()
        await here.house.move_to("2027-02-04 10:01")
        await here.says(here.joke, "Morgen is er taart voor iedereen")
        assert hints(here) == []
    assert b"taart" not in words_on_disk(tmp_path)


@pytest.mark.parametrize("text", ["Mooi!", "Dank je", "👍 👍 👍"])
async def test_a_short_reaction_gets_nothing(tmp_path: Path, text: str) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.prompt()
        await here.says(here.joke, text)
        assert hints(here) == []


@pytest.mark.parametrize("text", ["Ik ging naar het loket", "overslaan", "later"])
async def test_who_answered_skipped_or_put_it_off_gets_nothing(tmp_path: Path, text: str) -> None:
    async with group(tmp_path) as here:
        await here.start()
        prompt = await here.prompt()
        await here.house.move_to("2027-02-03 10:30")
        await here.says(here.joke, text, thread=prompt.ref)
        await here.says(here.joke, "Het was er verrassend druk")
        assert hints(here) == []


async def test_who_answers_in_the_thread_before_we_read_either_gets_nothing(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        prompt = await here.prompt()
        here.joke.say(here.room, "Ik ging naar het loket")
        here.joke.say(here.room, "Ik ging naar het loket", thread=prompt.ref)
        await here.house.settle()
        assert hints(here) == []


@pytest.mark.parametrize("command", ["!ronde pauze", "!ronde einde"])
async def test_while_nothing_runs_nothing_is_hinted(tmp_path: Path, command: str) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.prompt()
        await here.says(here.maaike, command)
        await here.says(here.joke, "Ik ging naar het loket")
        assert hints(here) == []
        await here.says(here.maaike, "!ronde verder" if "pauze" in command else "!ronde")
        await here.says(here.joke, "Ik ging naar de balie")
        assert len(hints(here)) == ("pauze" in command)


@pytest.mark.parametrize("command", ["!pauze", "!weg tot 1 maart"])
async def test_who_is_not_asked_things_now_gets_nothing(tmp_path: Path, command: str) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.prompt()
        await here.says(here.joke, command)
        await here.says(here.joke, "Ik ging naar het loket")
        assert hints(here) == []


async def test_editing_or_deleting_such_a_message_does_nothing(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.prompt()
        said = here.joke.say(here.room, "Ik ging naar het loket")
        here.joke.edit(said, "Ik ging naar de pannenkoekenboot")
        await here.house.settle()
        before = len(here.of_bot())
        await here.edits(here.joke, said, "Ik ging naar de pannenkoekenboot!")
        await here.deletes(here.joke, said)
        assert hints(here) == [said]
        assert len(here.of_bot()) == before
        assert b"pannenkoek" not in words_on_disk(tmp_path)
    assert b"pannenkoek" not in words_on_disk(tmp_path)


async def test_what_was_said_while_we_were_away_is_hinted_once_too(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.prompt()
        chat, room, joke = here.house.chat, here.room, here.joke
    said = joke.say(room, "Ik ging naar de pannenkoekenboot")

    async with running(tmp_path, "2027-02-03 14:00", chat=chat) as house:
        await house.settle()
        assert [one.reply_to for one in of_bot(house, joke, room) if one.text == HINT] == [said]
    assert b"pannenkoek" not in words_on_disk(tmp_path)


async def test_an_english_group_reads_it_in_english(tmp_path: Path) -> None:
    async with group(tmp_path, language="en") as here:
        await here.says(here.maaike, "!cycle start")
        await here.prompt()
        said = await here.says(here.joke, "I went to the desk")
        assert here.answers(said) == [HINT_EN]


async def test_a_group_that_chose_u_reads_no_je(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.says(here.maaike, "!instel aanspreekvorm u")
        await here.start()
        await here.prompt()
        said = await here.says(here.joke, "Ik ging naar het loket")
        assert here.answers(said) == [HINT]
        assert not SAYS_JE.search(HINT)


async def test_in_two_groups_each_room_has_its_own_question(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        other = await here.house.open_room("Bomen", here.bas, here.joke)
        await here.start()
        await here.prompt()
        await here.house.say(here.joke, other, "Ik ging naar het park")
        assert not [one for one in of_bot(here.house, here.joke, other) if one.text == HINT]
        said = await here.says(here.joke, "Ik ging naar het loket")
        assert hints(here) == [said]
        await here.house.say(here.bas, other, '!ronde start "Bomen" weken=4')
        await here.house.say(here.bas, other, "!opdracht nu")
        there = await here.house.say(here.joke, other, "Ik ging naar het park")
        assert [one.reply_to for one in of_bot(here.house, here.joke, other) if one.text == HINT] == [there]
