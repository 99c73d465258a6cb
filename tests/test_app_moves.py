"""What becomes of a group when its room is upgraded: it goes along, once both rooms say so."""

import dataclasses
from datetime import timedelta
from pathlib import Path

from group import Group, group
from test_app_rooms import MONDAY, prompts, state_of, texts

from doetank_bot.domain.cycle import CycleState
from doetank_bot.domain.reference import SpaceRef


async def moved(here: Group) -> SpaceRef:
    """The coach upgrades the room, and asks in the bot and Joke."""
    new = here.maaike.upgrade(here.room)
    await here.house.settle()
    here.maaike.invite_bot(new)
    here.joke.join(new)
    await here.house.settle()
    return new


async def test_a_room_that_is_upgraded_takes_the_group_along_with_its_people_and_its_schedule(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to(f"{MONDAY} 10:00")
        new = await moved(here)
        async with here.house.store.read() as views:
            [only] = await views.groups()
            names = [member.name for member in await views.group(only.id).members()]
        assert (only.space, names) == (new, ["Maaike", "Joke", "Bas"])
        assert [text.split(".")[0] for text in texts(here, new)] == ["Daar ben ik"]
        await here.house.move_to("2027-02-11 10:01")
        assert (len(prompts(here)), len(prompts(here, new))) == (1, 1)
        answer = await here.house.say(here.joke, new, "Mijn antwoord", thread=prompts(here, new)[0].ref)
        await here.house.move_to("2027-02-12 14:01")
        digest = texts(here, new)[-1]
        assert digest.startswith("Weekbericht: Parkeren")
        assert "Mijn antwoord" in digest
        assert answer.space == new


async def test_who_comes_along_later_is_no_newcomer_and_keeps_how_they_wanted_it(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.says(here.bas, "!pauze")
        new = here.maaike.upgrade(here.room)
        await here.house.settle()
        here.bas.leave(here.room)
        here.maaike.invite_bot(new)
        await here.house.settle()
        here.bas.join(new)
        await here.house.settle()
        assert not any("Welkom" in text for text in here.told(here.bas))
        await here.house.move_to(f"{MONDAY} 10:00")
        assert here.bas.user not in prompts(here, new)[0].mentions


async def test_the_bot_waits_for_the_invitation_and_what_was_due_meanwhile_comes_late(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        new = here.maaike.upgrade(here.room)
        await here.house.settle()
        [told] = [text for text in here.told(here.maaike) if "verhuisd" in text]
        assert here.house.chat.me.native in told
        await here.house.move_to(f"{MONDAY} 12:00")
        assert not prompts(here)
        async with here.house.store.read() as views:
            assert await views.n_refused(here.house.clock.now() - timedelta(days=7)) == 0
        here.house.chat.invited_by(here.joke, here.house.chat.room(new))
        await here.house.settle()
        await here.house.move_to(f"{MONDAY} 12:16")
        [prompt] = prompts(here, new)
        assert "09:30" in prompt.text


async def test_a_public_successor_is_entered_without_an_invitation(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        new = here.house.chat.make_room(here.maaike.user, "Parkeren")
        new.predecessor, new.is_public = here.room, True
        here.house.chat.room(here.room).successor = new.space
        here.house.chat.rights_changed(here.room, here.maaike)
        await here.house.settle()
        assert texts(here, new.space)[0].startswith("Daar ben ik. Parkeren gaat hier verder")


async def test_a_stranger_may_only_invite_into_the_very_room_that_is_awaited(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        new = here.maaike.upgrade(here.room)
        await here.house.settle()
        other = here.joke.create_room("Elders")
        for space in (other, new):
            room = here.house.chat.room(space)
            here.house.chat.invited_by(here.joke, room)
            assert room.invitation is not None
            here.house.chat.log[-1] = dataclasses.replace(room.invitation, is_allowed=False)
            await here.house.settle()
        assert here.house.chat.me not in here.house.chat.room(other).names
        assert here.house.chat.me in here.house.chat.room(new).names


async def test_a_tombstone_of_someone_who_does_not_moderate_moves_nobody(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        new = here.joke.upgrade(here.room)
        here.maaike.mute_bot(here.room, is_muted=False)
        here.joke.invite_bot(new)
        await here.house.settle()
        async with here.house.store.read() as views:
            first, second = await views.groups()
        assert (first.space, second.space) == (here.room, new)
        await here.house.move_to(f"{MONDAY} 10:00")
        assert len(prompts(here)) == 1


async def test_a_room_that_only_says_it_is_the_successor_gets_nothing_of_the_group(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.says(here.joke, "!zag iets voor de groep")
        forged = here.bas.create_room("Parkeren")
        here.house.chat.room(forged).predecessor = here.room
        here.bas.invite_bot(forged)
        await here.house.settle()
        await here.house.say(here.bas, forged, "!ronde start")
        await here.house.say(here.bas, forged, "!weekbericht stuur")
        shown = " ".join(one.text for one in here.bas.sees(forged))
        assert "iets voor de groep" not in shown
        assert "computerprogramma" in shown
        assert await state_of(here) is CycleState.RUNNING


async def test_a_move_that_is_taken_back_before_the_bot_went_along_leaves_the_group_where_it_is(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        here.maaike.upgrade(here.room)
        await here.house.settle()
        here.house.chat.room(here.room).successor = None
        here.maaike.mute_bot(here.room, is_muted=False)
        await here.house.settle()
        await here.house.move_to(f"{MONDAY} 10:00")
        assert len(prompts(here)) == 1


async def test_nobody_moves_into_a_room_that_has_a_group_already(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        taken = await here.house.open_room("Elders", here.maaike)
        here.house.chat.room(here.room).successor = taken
        here.house.chat.rights_changed(here.room, here.maaike)
        await here.house.settle()
        assert not any("verhuisd" in text for text in here.told(here.maaike))
        await here.house.jump_to(f"{MONDAY} 12:00")
        assert (len(prompts(here)), len(prompts(here, taken))) == (1, 0)


async def test_a_bot_that_was_down_when_the_room_was_closed_does_not_ask_into_nothing(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        here.house.chat.room(here.room).is_muted = True
        await here.house.jump_to(f"{MONDAY} 10:00")
        here.house.chat.room(here.room).is_muted = False
        await here.house.move_to(f"{MONDAY} 10:20")
        assert len(prompts(here)) == 1


async def test_a_prompt_that_a_closing_room_refused_is_asked_in_the_next_one(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        here.house.chat.room(here.room).is_muted = True
        await here.house.move_to(f"{MONDAY} 09:31")
        new = await moved(here)
        await here.house.move_to(f"{MONDAY} 09:50")
        assert (len(prompts(here)), len(prompts(here, new))) == (0, 1)
