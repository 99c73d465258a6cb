"""Catching up in two minutes, and how the stories stand: both in private, and only what the reader may see."""

from pathlib import Path

from group import Group, group


async def story(here: Group, text: str, *answers: str) -> None:
    card = await here.says(here.bas, f"!verhaal {text}")
    for answer in answers:
        await here.says(here.bas, answer, thread=card)


async def test_who_was_away_reads_the_last_digest_and_where_the_group_is_in_private(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        start = await here.start()
        await here.says(here.maaike, "Waarom vragen we elk jaar hetzelfde?", thread=start)
        await here.house.move_to("2027-02-08 10:00")
        seen = await here.says(here.bas, "!zag Een lange rij bij de balie")
        await here.house.move_to("2027-02-15 08:30")
        n_private = len(here.told(here.joke))
        asked = await here.says(here.joke, "!gemist")
        assert here.answers(asked) == ["Dat stuur ik je privé."]
        [missed] = here.told(here.joke)[n_private:]
        for part in ("week 2 van 4", "Waarom vragen we elk jaar hetzelfde?", "Een lange rij bij de balie"):
            assert part in missed
        await here.deletes(here.bas, seen)
        assert not any("lange rij" in text for text in here.told(here.joke))


async def test_before_the_first_digest_it_says_where_the_group_is(tmp_path: Path) -> None:
    async with group(tmp_path, language="en") as here:
        nothing = await here.says(here.joke, "!missed")
        assert "!cycle start" in here.answers(nothing)[0]
        await here.start()
        await here.says(here.joke, "!missed")
        assert "There is no digest yet." in here.told(here.joke)[-1]


async def test_a_newcomer_is_told_the_one_word_for_catching_up(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        fatima = here.house.chat.person("@fatima:test", "Fatima")
        fatima.join(here.room)
        await here.house.settle()
        [welcome] = here.told(fatima)
        assert "!gemist" in welcome
        space = fatima.private_chat()
        assert space is not None
        await here.house.say(fatima, space, "gemist")
        assert "Parkeren" in here.told(fatima)[-1]


async def test_the_coach_sees_how_stories_stand_but_no_words_of_a_draft(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await story(here, "Een geheim concept", "stop")
        await story(here, "Een nagelezen verhaal", "overslaan", "overslaan", "overslaan", "ja", "groep")
        denied = await here.says(here.joke, "!verhalen")
        assert "beheerder" in here.answers(denied)[0]
        asked = await here.says(here.maaike, "!verhalen")
        assert here.answers(asked) == ["Dat stuur ik je privé."]
        shown = here.told(here.maaike)[-1]
        assert "#1 concept" in shown
        assert "#2 voor de groep: “Een nagelezen verhaal” — Bas" in shown
        assert "geheim" not in shown


async def test_a_story_that_was_told_in_private_is_only_a_number_to_the_coach(tmp_path: Path) -> None:
    async with group(tmp_path, language="en") as here:
        await here.says(here.maaike, "!stories")
        assert here.told(here.maaike)[-1] == "There is no story yet."
        space = here.bas.open_private()
        await here.house.settle()
        await here.house.say(here.bas, space, "!story Something very private")
        await here.says(here.maaike, "!stories")
        assert "private" not in here.told(here.maaike)[-1]
        assert "#1" in here.told(here.maaike)[-1]
