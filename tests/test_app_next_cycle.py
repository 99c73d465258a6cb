"""The next cycle in the same room: nothing of the one before is asked in it, and nothing of it gets lost."""

from pathlib import Path

from group import Group, group

from doetank_bot.domain.contribution import Contribution


async def kept(here: Group) -> dict[str, Contribution]:
    async with here.house.store.read() as views:
        group_id = await views.group_in(here.room)
        assert group_id is not None
        return {one.text: one for one in await views.group(group_id).contributions()}


async def start_next(here: Group) -> None:
    await here.says(here.maaike, "!ronde einde")
    await here.says(here.maaike, '!ronde start "Tweede" weken=4')


async def test_a_late_answer_stays_with_the_cycle_in_which_it_was_asked(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-08 10:00")
        prompt = next(one for one in reversed(here.of_bot()) if one.mentions)
        await start_next(here)
        late = await here.says(here.joke, "Laat antwoord", thread=prompt.ref)
        new = await here.says(here.joke, "!zag Iets nieuws")
        assert here.signs(late)
        assert here.answers(new)
        contributions = await kept(here)
        assert contributions["Laat antwoord"].cycle != contributions["Iets nieuws"].cycle


async def test_an_answer_in_the_thread_of_an_old_start_does_not_become_the_new_question(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        first = await here.start()
        await start_next(here)
        await here.says(here.maaike, "Oud antwoord", thread=first)
        shown = await here.says(here.bas, "!vraagstuk")
        assert "Oud antwoord" not in here.answers(shown)[0]


async def test_a_look_date_given_late_leads_to_no_look_back_in_the_next_cycle(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        card = await here.says(here.bas, "!proef Oude proef")
        for answer in ("Snel klaar", "Zes aanvragen"):
            await here.says(here.bas, answer, thread=card)
        await start_next(here)
        day = await here.says(here.bas, "16 februari", thread=card)
        assert "16 februari" in here.answers(day)[0]
        await here.house.move_to("2027-02-17 12:00")
        assert not any("We kijken terug" in one.text for one in here.of_bot())
        assert (await kept(here))["16 februari"].part_of == (await kept(here))["Oude proef"].number


async def test_what_waited_for_its_turn_in_the_old_cycle_is_not_asked_in_the_new_one(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        for day in ("vandaag", "vandaag alweer", "vandaag weer"):
            await here.says(here.bas, f"!voornemen Als het {day} is, dan bel ik.")
        await here.house.move_to("2027-02-03 16:30")
        await start_next(here)
        space = here.bas.private_chat()
        assert space is not None
        await here.house.say(here.bas, space, "1")
        assert sum("Je was van plan" in one.text for one in here.bas.sees(space)) == 1


async def test_a_reply_to_ones_own_card_answers_as_a_message_in_its_thread_does(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        card = await here.says(here.bas, "!proef Eén belletje")
        first = await here.says(here.bas, "Snel klaar", reply_to=card)
        assert here.answers(first) == ["Waaraan zien we of het werkt?"]
        talk = await here.says(here.joke, "Wat een goed idee", reply_to=card)
        assert here.answers(talk) == []
        assert "Wat een goed idee" not in await kept(here)


async def test_an_end_that_is_undone_brings_back_what_was_still_to_be_asked(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.says(here.joke, "!voornemen Als het vrijdag is, dan bel ik.")
        await here.says(here.maaike, "!ronde einde")
        await here.says(here.maaike, "!ronde herstel")
        await here.house.move_to("2027-02-05 16:30")
        space = here.joke.private_chat()
        assert space is not None
        assert "Je was van plan" in here.joke.sees(space)[-1].text


async def test_after_the_end_nothing_comes_back_to_anyone(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.says(here.joke, "!voornemen Als het vrijdag is, dan bel ik.")
        await here.says(here.maaike, "!ronde einde")
        await here.house.move_to("2027-02-12 16:30")
        assert here.joke.private_chat() is None
