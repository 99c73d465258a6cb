"""What was to be said while the bot could not say it: it comes in time, says that it is late, or does not come."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from group import Group, group
from house import FakeClock, instant_of, running
from mortal import Stage, a_folder
from small_pack import PACK, prompt_in

from doetank_bot.chat.memory import MemoryChat
from doetank_bot.domain.group import Access
from doetank_bot.domain.reference import SpaceRef

PROMPT = "2027-02-08 09:30"
THURSDAY = "2027-02-11 10:00"


async def cannot_get_through(here: Group, *moments: str, until: str) -> None:
    """Let these moments come while the homeserver does not answer; then let it answer, at `until`."""
    here.house.chat.is_reachable = False
    for local in moments:
        here.house.clock.instant = instant_of(local)
        await here.house.engine.timers.run_due()
    here.house.clock.instant = instant_of(until)
    here.house.chat.is_reachable = True
    await here.house.settle()
    await here.house.advance_to(here.house.clock.now())


def busy(here: Group) -> None:
    """Let there be so much to hear first that a bot in a hurry would speak before it is through."""
    for n in range(20):
        here.maaike.say(here.room, f"!zag formulier {n}")


def prompts(here: Group) -> list[str]:
    return [one.text for one in here.of_bot() if one.mentions]


class AskedChat(MemoryChat):
    """A chat that counts how often it was asked what the bot may do in a room."""

    n_asked = 0

    async def access(self, space: SpaceRef) -> Access | None:
        self.n_asked += 1
        return await super().access(space)


async def test_a_homeserver_that_is_away_is_not_asked_whether_a_late_step_may_be_said(tmp_path: Path) -> None:
    chat = AskedChat(FakeClock("2027-02-03 10:00").now)
    async with group(tmp_path, chat=chat) as here:
        await here.start()
        n_asked = chat.n_asked
        chat.is_reachable = False
        here.house.clock.instant = instant_of("2027-02-08 09:40")
        await here.house.engine.timers.run_due()
        assert chat.n_asked == n_asked
        chat.is_reachable = True
        await here.house.settle()
        assert len(prompts(here)) == 1


async def test_a_prompt_that_gets_through_within_the_hour_says_nothing_of_it(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await cannot_get_through(here, PROMPT, until="2027-02-08 10:20")
        [prompt] = prompts(here)
        assert "bedoeld voor" not in prompt


async def test_a_prompt_that_gets_through_hours_later_says_for_when_it_was_meant(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await cannot_get_through(here, PROMPT, until="2027-02-08 13:00")
        [prompt] = prompts(here)
        assert prompt.startswith("Dit was bedoeld voor maandag 8 februari, 09:30.")
        assert sum("Waarom doe jij mee?" in text for text in here.told(here.bas)) == 1


async def test_a_prompt_that_could_get_through_only_at_night_waits_for_the_morning(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await cannot_get_through(here, PROMPT, until="2027-02-08 22:00")
        assert prompts(here) == []
        await here.house.move_to("2027-02-09 09:00")
        [prompt] = prompts(here)
        assert "maandag 8 februari, 09:30" in prompt


async def test_a_prompt_that_the_next_one_overtook_does_not_come_and_the_coach_is_told(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await cannot_get_through(here, PROMPT, THURSDAY, until="2027-02-11 10:05")
        [prompt] = prompts(here)
        assert "bedoeld voor" not in prompt
        assert any("maandag 8 februari, 09:30 is niet verstuurd" in text for text in here.told(here.maaike))


async def test_a_digest_that_gets_through_late_holds_what_was_given_meanwhile(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-12 13:00")
        here.house.chat.is_reachable = False
        here.house.clock.instant = instant_of("2027-02-12 14:00")
        await here.house.engine.timers.run_due()
        here.house.clock.instant = instant_of("2027-02-12 16:00")
        here.bas.say(here.room, "!zag een lange rij bij de balie")
        here.house.chat.is_reachable = True
        await here.house.settle()
        await here.house.advance_to(here.house.clock.now())
        [digest] = [one.text for one in here.of_bot() if "Weekbericht" in one.text and not one.is_notice]
        assert "vrijdag 12 februari, 14:00" in digest
        assert "een lange rij" in digest


async def test_who_left_while_the_bot_was_down_is_not_named_when_it_comes_back(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        chat, room, bas = here.house.chat, here.room, here.bas
    busy(here)
    bas.leave(room)
    async with running(tmp_path, PROMPT, chat=chat) as house:
        await house.settle()
        [prompt] = [one for one in chat.room(room).messages.values() if one.sender == chat.me and one.mentions]
        assert bas.user not in prompt.mentions


async def test_words_deleted_while_the_bot_was_down_are_in_no_digest_even_for_a_moment(
    tmp_path: Path,
) -> None:
    said: list[str] = []
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-12 13:00")
        gone = await here.says(here.bas, "!zag mijn buurman in de rij")
        await here.says(here.joke, "!zag een lange rij")
        chat = here.house.chat
    busy(here)
    here.bas.delete(gone)
    chat.listeners.append(lambda shown: said.append(shown.text) if shown.sender == chat.me else None)
    async with running(tmp_path, "2027-02-12 14:10", chat=chat) as house:
        await house.settle()
    assert any("een lange rij" in text for text in said)
    assert not any("buurman" in text for text in said)


async def test_of_words_that_changed_twice_while_the_bot_was_down_only_the_last_are_said(tmp_path: Path) -> None:
    said: list[str] = []
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-12 13:00")
        changed = await here.says(here.bas, "!zag een lange rij")
        gone = await here.says(here.bas, "!zag een boze man")
        await here.house.move_to("2027-02-12 15:00")
        chat = here.house.chat
    here.bas.edit(changed, "!zag mijn buurman in de rij")
    here.bas.edit(changed, "!zag een korte rij")
    here.bas.edit(gone, "!zag mijn buurman boos")
    here.bas.delete(gone)
    chat.listeners.append(lambda shown: said.append(shown.text) if shown.sender == chat.me else None)
    async with running(tmp_path, "2027-02-12 15:10", chat=chat) as house:
        await house.settle()
    assert any("een korte rij" in text for text in said)
    assert not any("buurman" in text for text in said)


async def test_a_digest_of_which_a_part_may_be_out_is_not_made_again(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-12 13:00")
        await here.says(here.bas, "!zag een lange rij bij de balie")
        here.house.chat._max_bytes = 300
        await cannot_get_through(here, "2027-02-12 14:00", until="2027-02-12 16:00")
        told = "\n".join(one.text for one in here.of_bot() if not one.is_notice)
        assert told.count("Weekbericht") == 1
        assert told.count("een lange rij bij de balie") == 1


async def test_the_last_digest_of_a_cycle_comes_as_it_was_made(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-03-05 13:00")
        await here.says(here.bas, "!zag een lange rij bij de balie")
        await cannot_get_through(here, "2027-03-05 14:00", until="2027-03-05 16:00")
        assert "vrijdag 5 maart" in here.digests()[-1]
        assert sum("een lange rij" in text for text in here.digests()) == 1


async def test_a_prompt_that_the_end_of_the_cycle_overtook_does_not_come_and_the_coach_is_told(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-28 12:00")
        before = prompts(here)
        await cannot_get_through(here, "2027-03-01 09:30", "2027-03-05 14:00", until="2027-03-05 16:00")
        assert prompts(here) == before
        told = here.told(here.maaike)
        assert any("van maandag 1 maart, 09:30 is niet verstuurd" in text for text in told)


async def test_a_draft_that_its_digest_overtook_does_not_come_and_the_coach_is_told(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-12 10:00")
        n_told = len(here.told(here.maaike))
        await cannot_get_through(here, "2027-02-12 11:00", "2027-02-12 14:00", until="2027-02-12 14:30")
        [told] = here.told(here.maaike)[n_told:]
        assert told.startswith("Het concept van het weekbericht voor Parkeren, van vrijdag 12 februari, 11:00")
        assert len(here.digests()) == 1


@pytest.mark.parametrize("lives_for", range(5))
def test_a_bot_that_was_stopped_before_it_heard_of_its_own_last_words_does_not_repeat_them(lives_for: int) -> None:
    stage = Stage(a_folder(), "2027-02-03 10:00", {"doetank": PACK})
    try:
        maaike = stage.chat.person("@maaike:test", "Maaike")
        room = maaike.create_room("Parkeren")
        maaike.invite_bot(room)
        stage.start()
        maaike.say(room, "!ronde start weken=4")
        stage.settle()
        stage.chat.lives_for, stage.chat.is_done = lives_for, True
        stage.advance(instant_of(PROMPT) - stage.clock.now())
        assert not stage.is_up
        stage.advance(timedelta(hours=3))
        stage.start_in_vain()
        stage.start()
        stage.advance(timedelta(days=1))
        assert sum(prompt_in(one) is not None for one in maaike.sees(room)) == 1
    finally:
        stage.close()


async def test_a_digest_that_a_deletion_takes_back_just_when_it_is_asked_whether_it_is_late_is_not_said(
    tmp_path: Path,
) -> None:
    said: list[str] = []
    async with group(tmp_path) as here:
        house, chat = here.house, here.house.chat
        await here.start()
        await house.move_to("2027-02-12 13:00")
        await here.says(here.bas, "!zag mijn buurman in de rij")
        chat.listeners.append(lambda shown: said.append(shown.text) if shown.sender == chat.me else None)
        chat.is_reachable = False
        house.clock.instant = instant_of("2027-02-12 14:00")
        await house.engine.timers.run_due()
        async with house.store.read() as views:
            [digest] = await views.waiting_posts()
        while not digest.attempts:
            async with house.store.read() as views:
                [digest] = await views.waiting_posts()
        house.clock.instant = instant_of("2027-02-12 15:30")
        async with house.store.write() as work:
            chat.is_reachable = True
            # The next try comes within this time, and has to wait for this transaction.
            await asyncio.sleep(1.5)
            assert house.engine.outbox.withhold(digest.id)
            await work.cancel(digest.id)
        house.engine.outbox.withheld(is_committed=True)
        # Its answer is behind whatever else goes there.
        await here.says(here.joke, "!hulp")
    assert not any("buurman" in text for text in said)
