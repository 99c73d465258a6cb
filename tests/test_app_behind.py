"""What is said, taken back and shown in a room that the group has left."""

from pathlib import Path

import pytest
from group import Group, group
from house import House, running
from test_app_moves import moved
from test_app_rooms import MONDAY, prompts, texts

from doetank_bot.chat.memory import Shown
from doetank_bot.domain.contribution import Contribution, Status
from doetank_bot.domain.reference import SpaceRef


async def _kept(house: House) -> list[Contribution]:
    async with house.store.read() as views:
        return list(await views.group((await views.groups())[0].id).contributions())


async def _asked_then_moved(here: Group, at: str = f"{MONDAY} 10:00") -> tuple[Shown, SpaceRef]:
    """Return the last prompt in the old room, and the new room."""
    await here.start()
    await here.house.move_to(at)
    return prompts(here)[-1], await moved(here)


async def test_an_answer_in_an_old_thread_is_kept_once_and_told_where_the_talk_goes_on(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        prompt, new = await _asked_then_moved(here)
        n_there = len(here.of_bot())
        source = await here.says(here.bas, "Mijn late antwoord", thread=prompt.ref)
        [one] = await _kept(here.house)
        assert (one.text, one.source, one.audience, one.status) == ("Mijn late antwoord", source, "group", "active")
        assert one.prompted_by is not None
        assert here.told(here.bas)[-1].startswith("Je antwoord uit de oude ruimte bewaar ik, als #1.")
        assert "nieuwe ruimte Parkeren" in here.told(here.bas)[-1]
        await here.house.move_to("2027-02-12 14:01")
        assert texts(here, new)[-1].count("Mijn late antwoord") == 1
        assert len(here.of_bot()) == n_there


async def test_an_answer_that_was_kept_there_follows_its_message(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        prompt, new = await _asked_then_moved(here)
        first = await here.says(here.bas, "Mijn late antwoord", thread=prompt.ref)
        second = await here.says(here.joke, "Ik ga dinsdag kijken", thread=prompt.ref)
        await here.house.say(here.maaike, new, "!weekbericht stuur")
        await here.edits(here.bas, first, "Mijn betere antwoord")
        await here.deletes(here.joke, second)
        shown = " ".join(texts(here, new))
        assert "Mijn betere antwoord" in shown
        assert "Mijn late antwoord" not in shown
        assert "dinsdag kijken" not in shown


async def test_personal_data_in_it_is_left_out_and_asked_about_in_private(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        prompt, _ = await _asked_then_moved(here)
        await here.says(here.bas, "Bel mij gerust op 06-12345678 vanavond", thread=prompt.ref)
        private = here.bas.private_chat() or here.room
        assert "Dit liet ik weg: telefoon" in here.told(here.bas)[-1]
        # One question at a time in private: Monday's own comes first.
        await here.house.say(here.bas, private, "stop")
        assert here.told(here.bas)[-1].startswith("Kies nog voor je tekst")
        await here.house.say(here.bas, private, "3")
        [one] = await _kept(here.house)
        assert one.status is Status.WITHDRAWN


async def test_what_an_answer_is_asked_further_is_asked_in_private(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to(f"{MONDAY} 10:00")
        await here.says(here.joke, "Ik ga dinsdag kijken", thread=prompts(here)[-1].ref)
        await here.house.move_to("2027-02-11 10:01")
        prompt = prompts(here)[-1]
        await moved(here)
        await here.says(here.bas, "Een buurvrouw hielp mij met het formulier", thread=prompt.ref)
        private = here.bas.private_chat() or here.room
        assert here.told(here.bas)[-1].endswith("?")
        await here.house.say(here.bas, private, "mijn buurvrouw")
        card, answer = (await _kept(here.house))[-2:]
        assert (answer.part_of, answer.text) == (card.number, "mijn buurvrouw")


@pytest.mark.parametrize("text", ["overslaan", "!zag een dichte deur", "👍", "!ronde pauze", "stop"])
async def test_nothing_else_is_done_there_and_that_is_told(tmp_path: Path, text: str) -> None:
    async with group(tmp_path) as here:
        prompt, _ = await _asked_then_moved(here)
        await here.says(here.maaike, text, thread=prompt.ref)
        assert "Met dit bericht deed ik niets" in here.told(here.maaike)[-1]
        await here.says(here.maaike, "gewoon een praatje")
        assert len([one for one in here.told(here.maaike) if "deed ik niets" in one]) == 1
        assert await _kept(here.house) == []


async def test_who_left_the_group_gives_nothing_in_its_old_room(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        prompt, new = await _asked_then_moved(here)
        here.joke.leave(new)
        await here.house.settle()
        await here.says(here.joke, "Mijn late antwoord", thread=prompt.ref)
        stranger = here.house.chat.person("@vreemd:test", "Vreemd")
        stranger.join(here.room)
        await here.says(stranger, "Ook ik weet iets", thread=prompt.ref)
        assert await _kept(here.house) == []


async def test_a_room_left_two_moves_ago_is_still_known_after_a_restart(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        prompt, second = await _asked_then_moved(here)
        third = here.maaike.upgrade(second)
        await here.house.settle()
        here.maaike.invite_bot(third)
        await here.house.settle()
    async with running(tmp_path, f"{MONDAY} 11:00", chat=here.house.chat) as again:
        await again.say(here.bas, here.room, "Mijn late antwoord", thread=prompt.ref)
        assert [one.text for one in await _kept(again)] == ["Mijn late antwoord"]


async def test_digests_of_the_old_room_stay_the_groups_and_follow_its_words(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        said = await here.says(here.joke, "!zag drie mensen")
        await here.says(here.maaike, "!weekbericht stuur")
        new = await moved(here)
        async with here.house.store.read() as views:
            rows = views.group((await views.groups())[0].id)
            cycle = await rows.cycle()
            assert cycle is not None
            assert len(await rows.digests(cycle.id)) == 1
        await here.deletes(here.joke, said)
        assert "drie mensen" in here.digests()[0]
        assert any("oude ruimte van Parkeren" in text for text in here.told(here.maaike))
        here.maaike.mute_bot(here.room, is_muted=False)
        await here.house.settle()
        assert here.digests() == []
        assert not any(text.startswith("Weekbericht") for text in texts(here, new))


async def test_who_asks_the_bot_back_into_the_room_that_was_left_begins_no_second_group_there(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        said = await here.says(here.joke, "!zag drie mensen")
        await here.says(here.maaike, "!weekbericht stuur")
        new = await moved(here)
        here.maaike.kick_bot(here.room)
        await here.house.settle()
        await here.deletes(here.joke, said)
        n_there = len(here.of_bot())
        here.maaike.mute_bot(here.room, is_muted=False)
        here.maaike.invite_bot(here.room)
        await here.house.settle()
        async with here.house.store.read() as views:
            assert [one.space for one in await views.groups()] == [new]
        assert here.digests() == []
        assert len(here.of_bot()) <= n_there
