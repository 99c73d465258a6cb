"""What becomes of a group when its room mutes the bot or puts it out, or when its moderators go."""

from pathlib import Path

import pytest
from group import Group, group

from doetank_bot.chat.memory import Shown
from doetank_bot.domain.cycle import CycleState
from doetank_bot.domain.reference import SpaceRef

MONDAY = "2027-02-08"


def prompts(here: Group, room: SpaceRef | None = None) -> list[Shown]:
    shown = here.maaike.sees(room or here.room)
    return [one for one in shown if one.sender == here.house.chat.me and one.mentions]


def texts(here: Group, room: SpaceRef) -> list[str]:
    return [one.text for one in here.maaike.sees(room) if one.sender == here.house.chat.me]


async def state_of(here: Group) -> CycleState | None:
    async with here.house.store.read() as views:
        cycle = await views.group((await views.groups())[0].id).cycle()
    return cycle.state if cycle else None


async def test_what_is_due_while_the_bot_is_muted_comes_late_or_is_told_as_missed(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        here.maaike.mute_bot(here.room)
        await here.house.settle()
        here.maaike.set_power(here.room, here.joke, 10)
        await here.house.settle()
        assert len([text for text in here.told(here.maaike) if "niets meer schrijven" in text]) == 1
        await here.house.move_to("2027-02-11 12:00")
        assert not prompts(here)
        here.maaike.mute_bot(here.room, is_muted=False)
        await here.house.settle()
        await here.house.move_to("2027-02-11 12:30")
        [prompt] = prompts(here)
        assert "10:00" in prompt.text
        told = here.told(here.maaike)
        assert any("mag weer schrijven" in text for text in told)
        assert any("maandag 8 februari" in text for text in told)


async def test_words_that_must_go_go_as_soon_as_the_bot_may_write_again(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        said = await here.says(here.joke, "!zag drie mensen")
        other = await here.says(here.bas, "!zag een dichte deur")
        await here.says(here.maaike, "!weekbericht stuur")
        here.maaike.mute_bot(here.room)
        await here.house.settle()
        await here.edits(here.bas, other, "!zag een open deur")
        await here.deletes(here.joke, said)
        assert "drie mensen" in here.digests()[0]
        here.maaike.mute_bot(here.room, is_muted=False)
        await here.house.settle()
        [digest] = here.digests()
        assert "drie mensen" not in digest
        assert "een open deur" in digest


async def test_a_bot_that_may_speak_and_not_delete_tells_the_coach_and_still_posts_the_next_digest(
    tmp_path: Path,
) -> None:
    async with group(tmp_path) as here:
        await here.start()
        here.maaike.let_bot_delete(here.room, may_delete=False)
        await here.house.settle()
        assert len([text for text in here.told(here.maaike) if "eigen berichten niet wissen" in text]) == 1
        await here.house.move_to("2027-02-12 13:00")
        gone = await here.says(here.bas, "!zag een lange rij")
        await here.says(here.joke, "!zag een dichte deur")
        await here.house.move_to("2027-02-12 15:00")
        await here.deletes(here.bas, gone)
        assert len(here.digests()) == 1
        await here.says(here.joke, "!zag een korte rij")
        await here.house.move_to("2027-02-19 15:00")
        [first, later] = here.digests()
        assert "een korte rij" in later
        assert "een lange rij" in first
        here.maaike.let_bot_delete(here.room, may_delete=True)
        await here.house.settle()
        assert not any("een lange rij" in digest for digest in here.digests())
        assert len([text for text in here.told(here.maaike) if "eigen berichten niet wissen" in text]) == 1


async def test_what_a_room_did_not_allow_before_the_cycle_is_told_to_who_starts_it(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        here.maaike.let_bot_delete(here.room, may_delete=False)
        await here.house.settle()
        assert here.maaike.private_chat() is None
        await here.start()
        assert len([text for text in here.told(here.maaike) if "eigen berichten niet wissen" in text]) == 1


async def test_who_starts_a_cycle_where_the_bot_may_not_write_is_told_so(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        here.maaike.mute_bot(here.room)
        await here.house.settle()
        await here.start()
        assert len([text for text in here.told(here.maaike) if "niets meer schrijven" in text]) == 1


async def test_a_refusal_nobody_announced_is_found_out_and_told_once(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        here.house.chat.room(here.room).is_muted = True
        for text in ("!ronde", "!help"):
            await here.says(here.joke, text)
        assert len([text for text in here.told(here.maaike) if "niets meer schrijven" in text]) == 1


async def test_a_prompt_that_is_refused_at_its_time_comes_when_the_bot_may_write(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        here.house.chat.room(here.room).is_muted = True
        await here.house.move_to(f"{MONDAY} 09:31")
        assert len([text for text in here.told(here.maaike) if "niets meer schrijven" in text]) == 1
        here.maaike.mute_bot(here.room, is_muted=False)
        await here.house.settle()
        await here.house.move_to(f"{MONDAY} 09:50")
        assert len(prompts(here)) == 1
        await here.house.move_to(f"{MONDAY} 12:00")
        assert len(prompts(here)) == 1


async def test_a_bot_that_is_put_out_pauses_the_cycle_and_says_so_to_the_coach(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-08 09:00")
        here.maaike.kick_bot(here.room)
        await here.house.settle()
        assert await state_of(here) is CycleState.PAUSED
        [told] = [text for text in here.told(here.maaike) if "gehaald" in text]
        assert "!ronde verder" in told
        n_before = len(here.of_bot())
        await here.house.move_to("2027-02-15 12:00")
        assert len(here.of_bot()) == n_before
        here.maaike.invite_bot(here.room)
        await here.house.settle()
        assert "staat nog stil" in here.of_bot()[-1].text
        await here.says(here.maaike, "!ronde verder")
        await here.house.move_to("2027-02-18 12:00")
        assert len(prompts(here)) == 1


async def test_a_pause_that_was_there_already_stays_as_the_moderators_wanted_it(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.says(here.maaike, "!ronde pauze tot 15 februari")
        here.maaike.kick_bot(here.room)
        await here.house.settle()
        here.maaike.invite_bot(here.room)
        await here.house.settle()
        await here.house.move_to("2027-02-15 12:00")
        assert await state_of(here) is CycleState.RUNNING


async def test_edits_and_deletions_while_the_bot_was_out_are_followed_when_it_is_back(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        edited = await here.says(here.joke, "!zag drie mensen")
        deleted = await here.says(here.bas, "!zag een dichte deur")
        await here.says(here.maaike, "!weekbericht stuur")
        here.maaike.kick_bot(here.room)
        await here.house.settle()
        await here.edits(here.joke, edited, "!zag vier mensen")
        await here.deletes(here.bas, deleted)
        await here.says(here.joke, "!zag iets terwijl de bot weg was")
        here.maaike.invite_bot(here.room)
        await here.house.settle()
        [digest] = here.digests()
        assert "vier mensen" in digest
        assert "dichte deur" not in digest
        async with here.house.store.read() as views:
            kept = await views.group((await views.groups())[0].id).contributions()
        assert "terwijl de bot weg was" not in " ".join(one.text for one in kept)


async def test_words_taken_back_while_the_bot_was_out_of_the_room_go_when_it_is_back(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        private = here.joke.open_private()
        await here.house.settle()
        said = await here.house.say(here.joke, private, "!zag drie mensen")
        await here.house.say(here.joke, private, "!deel 1 groep")
        await here.says(here.maaike, "!weekbericht stuur")
        assert "drie mensen" in here.digests()[0]
        here.maaike.kick_bot(here.room)
        await here.house.settle()
        here.joke.delete(said)
        await here.house.settle()
        assert "drie mensen" in here.digests()[0]
        here.maaike.invite_bot(here.room)
        await here.house.settle()
        assert not any("drie mensen" in text for text in here.digests())


async def test_the_coach_is_told_when_nobody_is_left_who_can_lead(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        here.maaike.leave(here.room)
        await here.house.settle()
        assert len([text for text in here.told(here.maaike) if "geen moderator meer" in text]) == 1
        here.bas.leave(here.room)
        await here.house.settle()
        assert len([text for text in here.told(here.maaike) if "geen moderator meer" in text]) == 1
        await here.house.move_to(f"{MONDAY} 10:00")
        assert any(one.mentions for one in here.joke.sees(here.room))


@pytest.mark.parametrize("level", [49, 50])
async def test_another_moderator_is_enough(tmp_path: Path, level: int) -> None:
    async with group(tmp_path) as here:
        await here.start()
        here.maaike.set_power(here.room, here.joke, level)
        here.maaike.leave(here.room)
        await here.house.settle()
        told = [text for text in here.told(here.maaike) if "geen moderator meer" in text]
        assert len(told) == (1 if level < 50 else 0)
