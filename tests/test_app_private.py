"""What the bot asks in private: one thing at a time, put off or left alone, and never in the room."""

from pathlib import Path

import pytest
from group import Group, group, words_on_disk
from house import running

from doetank_bot.chat.memory import Person
from doetank_bot.domain.reference import MessageRef, SpaceRef


def chat_with(here: Group, person: Person) -> SpaceRef:
    space = person.private_chat()
    assert space is not None, f"{here.room} has no chat with {person.name}"
    return space


async def says_privately(here: Group, person: Person, text: str) -> MessageRef:
    return await here.house.say(person, chat_with(here, person), text)


async def test_the_first_prompt_brings_a_few_personal_questions_in_private_one_at_a_time(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-08 10:00")
        assert "Waarom doe jij mee?" in here.told(here.joke)[-1]
        assert len(here.told(here.joke)) == 1
        await says_privately(here, here.joke, "Mijn moeder wacht al een jaar")
        assert "na deze 4 weken" in here.told(here.joke)[-1]
        await says_privately(here, here.joke, "overslaan")
        assert "1 een half uur · 2 één uur" in here.told(here.joke)[-1]
        await says_privately(here, here.joke, "9")
        assert here.told(here.joke)[-1].startswith("Dat staat er niet bij.")
        await says_privately(here, here.joke, "2")
        assert here.told(here.joke)[-1] == "Dank je. De groep ziet dit niet."
        assert not any("moeder" in one.text for one in here.of_bot())
        await here.house.move_to("2027-02-12 15:00")
        assert not any("moeder" in text for text in here.digests())


async def test_a_private_question_that_the_coach_asks_now_is_asked_of_each_alone(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        asked = await here.says(here.maaike, "!opdracht nu S3")
        assert here.answers(asked) == ["Ik vraag het aan ieder apart, privé."]
        assert "Waarom doe jij mee?" in here.told(here.joke)[-1]
        assert not any("Waarom doe jij mee?" in one.text for one in here.of_bot())


async def test_the_personal_questions_come_with_the_first_prompt_also_when_the_coach_asks_it(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.prompt()
        assert "Waarom doe jij mee?" in here.told(here.bas)[-1]
        await says_privately(here, here.bas, "stop")
        await here.house.move_to("2027-02-08 10:00")
        assert sum("Waarom doe jij mee?" in text for text in here.told(here.bas)) == 1


async def test_a_question_that_is_put_off_comes_back(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-08 10:00")
        await says_privately(here, here.bas, "later 2 uur")
        assert "12:00" in here.told(here.bas)[-1]
        n_told = len(here.told(here.bas))
        await here.house.move_to("2027-02-08 12:01")
        assert len(here.told(here.bas)) == n_told + 1
        assert "Waarom doe jij mee?" in here.told(here.bas)[-1]
        await says_privately(here, here.bas, "Ik wil minder papier")
        assert "weten of kunnen" in here.told(here.bas)[-1]


async def test_later_as_a_command_works_and_says_when_nothing_is_open(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        nothing = await here.says(here.bas, "!later 2u")
        assert here.answers(nothing) == ["Er staat nu geen vraag voor je open."]
        await here.house.move_to("2027-02-08 10:00")
        some = await here.says(here.bas, "!later 2u")
        assert "12:00" in here.answers(some)[0]
        wrong = await here.says(here.bas, "!later ooit")
        assert "later 2 uur" in here.answers(wrong)[0]


async def test_a_plan_comes_back_to_its_author_at_its_cue_and_only_there(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-08 09:00")
        plan = await here.says(here.joke, "!voornemen Als het woensdag is, dan loop ik mee bij de balie.")
        await here.house.move_to("2027-02-10 15:00")
        assert not any("balie" in text for text in here.told(here.joke))
        await here.edits(here.joke, plan, "!voornemen Als het woensdag is, dan bel ik de balie.")
        await here.house.move_to("2027-02-10 17:00")
        asked = here.told(here.joke)[-1]
        assert "dan bel ik de balie" in asked
        assert "Hoe gaat het ermee?" in asked
        assert not any("dan bel ik" in text for text in here.told(here.bas))
        await says_privately(here, here.joke, "gedaan")
        assert "Wat zag of hoorde je daarbij?" in here.told(here.joke)[-1]


async def planned(here: Group, answer: str = "1") -> None:
    """Let Joke be asked how her plan goes, and say `answer`: she did it."""
    await here.start()
    await here.house.move_to("2027-02-08 09:00")
    await here.says(here.joke, "!voornemen Als het dinsdag is, dan bel ik de balie.")
    await here.house.move_to("2027-02-09 16:30")
    await says_privately(here, here.joke, answer)


async def test_what_was_seen_at_a_plan_is_told_at_once_and_reaches_the_digest_only_with_a_yes(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await planned(here)
        await says_privately(here, here.joke, "Na drie keer bellen nam er iemand op.")
        assert "Mag de groep dit lezen?" in here.told(here.joke)[-1]
        await says_privately(here, here.joke, "misschien wel hoor")
        assert here.told(here.joke)[-1].startswith("Typ ja of nee.")
        listed = await here.says(here.bas, "!zoek bellen")
        assert "drie keer" not in here.answers(listed)[0]
        await says_privately(here, here.joke, "Ja!")
        assert "De groep mag dit lezen" in here.told(here.joke)[-1]
        await here.house.move_to("2027-02-12 15:00")
        assert "Na drie keer bellen nam er iemand op." in here.digests()[0]


async def test_what_is_shared_only_after_a_digest_stands_in_the_next_one(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-08 09:00")
        await here.says(here.joke, "!voornemen Als het vrijdag is, dan bel ik de balie.")
        await here.says(here.bas, "!zag De telefoon ging wel.")
        space = here.joke.open_private()
        await here.house.settle()
        await here.house.say(here.joke, space, "!zag Na drie keer bellen nam er iemand op.")
        await here.house.move_to("2027-02-12 15:00")
        assert "drie keer bellen" not in here.digests()[0]
        await here.house.say(here.joke, space, "!deel 3 groep")
        await here.house.move_to("2027-02-19 15:00")
        assert "drie keer bellen" in here.digests()[1]
        await here.says(here.bas, "!zag De telefoon ging nog eens.")
        await here.house.move_to("2027-02-26 15:00")
        assert "drie keer bellen" not in here.digests()[2]


@pytest.mark.parametrize("answer", ["nee", "2", "stop", "overslaan"])
async def test_what_was_seen_at_a_plan_stays_theirs_without_a_yes(tmp_path: Path, answer: str) -> None:
    async with group(tmp_path) as here:
        await planned(here)
        await says_privately(here, here.joke, "Ik durfde bijna niet.")
        await says_privately(here, here.joke, answer)
        assert here.told(here.joke)[-1] == "Dank je. De groep ziet dit niet."
        await here.house.move_to("2027-02-12 15:00")
        assert not any("durfde" in text for text in here.digests())
        await says_privately(here, here.joke, "!mijn")
        assert "Ik durfde bijna niet." in here.told(here.joke)[-1]


async def test_who_saw_nothing_to_tell_skips_and_nothing_is_kept(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await planned(here)
        await says_privately(here, here.joke, "overslaan")
        assert here.told(here.joke)[-1] == "Goed. Meer vraag ik nu niet."


async def test_a_conversation_that_was_left_open_yesterday_gives_way_whatever_it_was_about(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await planned(here)
        await here.says(here.joke, "!voornemen Als het donderdag is, dan bel ik nog eens.")
        await here.house.move_to("2027-02-11 16:30")
        assert "dan bel ik nog eens" in here.told(here.joke)[-1]
        await says_privately(here, here.joke, "3")
        await here.says(here.joke, "!voornemen Als het vrijdag is, dan ga ik langs.")
        await here.house.move_to("2027-02-12 16:30")
        assert "dan ga ik langs" in here.told(here.joke)[-1]


async def test_a_plan_that_was_deleted_does_not_come_back(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        plan = await here.says(here.joke, "!voornemen Als het vrijdag is, dan bel ik.")
        await here.deletes(here.joke, plan)
        await here.house.move_to("2027-02-05 17:30")
        assert here.told(here.joke) == []


async def test_who_is_stuck_gets_three_ways_out_and_the_short_one_becomes_a_barrier(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        stuck = await here.says(here.bas, "!vast")
        assert "1 kort vertellen" in here.answers(stuck)[0]
        first = await here.says(here.bas, "1", thread=stuck)
        assert "Waar loop je vast?" in here.answers(first)[0]
        barrier = await here.says(here.bas, "Het systeem zegt nee bij een andere gemeente", thread=stuck)
        assert "Welke regel of gewoonte" in here.answers(barrier)[0]
        await here.says(here.bas, "?", thread=stuck)
        await here.says(here.bas, "stop", thread=stuck)
        listed = await here.says(here.joke, "!knelpunten")
        assert "Het systeem zegt nee" in here.answers(listed)[0]


async def test_who_is_stuck_may_choose_the_coach_who_hears_no_more_than_that(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        stuck = await here.says(here.bas, "!vast")
        await here.says(here.bas, "met de coach", thread=stuck)
        await here.says(here.bas, "2", thread=stuck)
        assert here.told(here.maaike) == ["Bas zit even vast en wil er graag met jou over praten."]
        again = await here.says(here.joke, "!vast")
        await here.says(here.joke, "laat rusten", thread=again)
        assert len(here.told(here.maaike)) == 1


async def test_what_was_told_about_being_stuck_in_private_may_be_shared_at_the_end(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await planned(here, "3")
        for answer in ("1", "Het systeem zegt nee bij een andere gemeente", "?", "overslaan"):
            await says_privately(here, here.joke, answer)
        await says_privately(here, here.joke, "Bas")
        assert "Mag de groep dit lezen?" in here.told(here.joke)[-1]
        listed = await here.says(here.bas, "!knelpunten")
        assert "andere gemeente" not in here.answers(listed)[0]
        await says_privately(here, here.joke, "ja")
        await here.house.move_to("2027-02-12 15:00")
        assert "“Het systeem zegt nee bij een andere gemeente” — Joke. Dit ligt bij Bas." in here.digests()[0]


async def test_who_stops_a_private_card_hears_that_only_they_see_it(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await planned(here, "3")
        for answer in ("1", "Het systeem zegt nee bij een andere gemeente", "stop"):
            await says_privately(here, here.joke, answer)
        assert "ziet alleen jij. Delen kan met !deel 3 groep" in here.told(here.joke)[-1]


async def test_a_check_in_that_says_stuck_opens_the_ways_out_in_private(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.says(here.joke, "!voornemen Als het vrijdag is, dan bel ik.")
        await here.house.move_to("2027-02-05 16:30")
        await says_privately(here, here.joke, "3")
        assert "1 kort vertellen" in here.told(here.joke)[-1]
        await says_privately(here, here.joke, "3")
        assert here.told(here.joke)[-1].startswith("Goed, we laten het rusten.")
        assert not any("vast" in one.text for one in here.of_bot() if one.reply_to is None)


async def test_who_leaves_is_asked_once_and_then_hears_nothing_more(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        asked = await here.says(here.bas, "!stop")
        assert "Wil je stoppen" in here.answers(asked)[0]
        no = await here.says(here.bas, "nee", thread=asked)
        assert here.answers(no) == ["Goed, alles blijft zoals het was."]
        asked = await here.says(here.bas, "!stop")
        await here.says(here.bas, "ja", thread=asked)
        await here.house.move_to("2027-02-08 10:00")
        assert here.told(here.bas) == []
        first = next(one for one in reversed(here.of_bot()) if one.mentions)
        assert here.bas.user not in first.mentions
        back = await here.says(here.bas, "!verder")
        assert here.answers(back)[0].startswith("Fijn")


@pytest.mark.parametrize(
    ("typed", "answer"), [("!taal en", "In our own chat"), ("!tijdzone America/Kralendijk", "noem ik tijden van")]
)
async def test_in_private_someone_may_have_their_own_language_and_zone(tmp_path: Path, typed: str, answer: str) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-08 10:00")
        await says_privately(here, here.bas, "stop")
        await says_privately(here, here.bas, typed)
        assert answer in here.told(here.bas)[-1]
        await says_privately(here, here.bas, "ronde")
        assert ("Thursday" in here.told(here.bas)[-1]) == typed.startswith("!taal")
        assert ("05:00" in here.told(here.bas)[-1]) == typed.startswith("!tijdzone")


async def test_privacy_is_told_in_both_languages(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        dutch = await here.says(here.joke, "!privacy")
        assert "Wat je mij privé geeft, ziet de groep niet" in here.answers(dutch)[0]


async def test_in_two_groups_the_bot_asks_which_and_keeps_nothing_until_then(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        other = await here.house.open_room("Jeugdloket", here.maaike, here.joke)
        await here.start()
        space = here.joke.open_private()
        await here.house.settle()
        await here.house.say(here.joke, space, "!zag Een geheime waarneming over de balie")
        assert "1 Parkeren · 2 Jeugdloket" in here.told(here.joke, space)[-1]
        await here.house.say(here.joke, space, "2")
        assert any(text == "Goed, dit is voor Jeugdloket." for text in here.told(here.joke, space))
        assert "bewaard als #1" in here.told(here.joke, space)[-1]
        await here.house.say(here.joke, other, "!zoek geheime")
        assert "vond ik niets" in here.joke.sees(other)[-1].text
        await here.house.say(here.joke, space, "!mijn")
        await here.house.say(here.joke, space, "Parkeren")
        assert here.told(here.joke, space)[-1] == "Ik bewaar nog niets van jou."


async def test_a_number_that_answers_something_else_is_no_choice_of_group(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.house.open_room("Jeugdloket", here.maaike, here.joke)
        space = here.joke.open_private()
        await here.house.settle()
        await here.house.say(here.joke, space, "!zag iets bij de balie")
        await here.house.say(here.joke, space, "laat maar zitten hoor")
        n_told = len(here.told(here.joke, space))
        await here.house.say(here.joke, space, "1")
        assert "Goed, dit is voor" not in " ".join(here.told(here.joke, space)[n_told:])


async def test_small_talk_in_private_is_answered_kindly_and_never_kept(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        space = here.joke.open_private()
        await here.house.settle()
        await here.house.say(here.joke, space, "Wat een weer hè, ik zit lekker in de tuin")
        assert "!hulp" in here.told(here.joke, space)[-1]
    assert b"lekker in de tuin" not in words_on_disk(tmp_path)


async def test_what_waits_for_the_choice_of_a_group_is_nowhere_on_disk(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.house.open_room("Jeugdloket", here.maaike, here.joke)
        space = here.joke.open_private()
        await here.house.settle()
        await here.house.say(here.joke, space, "!zag Een geheime waarneming over de balie")
        assert "Tot dan bewaar ik niets" in here.told(here.joke, space)[-1]
    assert b"geheime waarneming" not in words_on_disk(tmp_path)


async def test_a_restart_in_the_middle_goes_on_where_it_was_and_asks_nothing_twice(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-08 10:00")
        await says_privately(here, here.bas, "Omdat het beter kan")
        chat, before = here.house.chat, here.told(here.bas)
        await here.says(here.bas, "!voornemen Als het maandag is, dan bel ik.")
    async with running(tmp_path, "2027-02-08 16:30", chat=chat) as house:
        await house.settle()
        space = here.bas.private_chat()
        assert space is not None
        shown = [one.text for one in here.bas.sees(space) if one.sender == chat.me]
        assert shown == before
        await house.say(here.bas, space, "Minder papier")
        await house.say(here.bas, space, "twee uur of meer")
        shown = [one.text for one in here.bas.sees(space) if one.sender == chat.me]
        assert sum("Waarom doe jij mee" in text for text in shown) == 1
        assert "De groep ziet dit niet" in " ".join(shown[-2:])


async def test_what_was_not_answered_yesterday_gives_way_to_what_is_asked_today(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-08 10:00")
        await here.says(here.joke, "!voornemen Als het woensdag is, dan bel ik.")
        await here.house.move_to("2027-02-10 16:30")
        assert "Je was van plan" in here.told(here.joke)[-1]
        await says_privately(here, here.joke, "1")
        assert "Wat zag of hoorde je daarbij?" in here.told(here.joke)[-1]


async def test_an_invitation_that_is_never_accepted_costs_nothing_and_shows_nothing(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        here.bas.takes_private = False
        await here.start()
        await here.house.move_to("2027-02-08 10:00")
        await here.says(here.bas, "!voornemen Als het woensdag is, dan bel ik de buurvrouw.")
        await here.house.move_to("2027-02-12 15:00")
        assert not any("Waarom doe jij mee" in one.text or "Je was van plan" in one.text for one in here.of_bot())
        assert len(here.digests()) == 1
