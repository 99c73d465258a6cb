"""The coach's hand: settings, days off, the next phase, and undo."""

from pathlib import Path

from group import Group, group


async def test_a_group_sees_and_changes_its_settings_and_the_days_move_at_once(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        seen = await here.says(here.maaike, "!instel")
        assert "!instel uren 09:00-17:00: 09:00-17:00" in here.answers(seen)[0]
        changed = await here.says(here.maaike, "!instel ritme do=di 10:00")
        assert "do=di 10:00" in here.answers(changed)[0]
        await here.house.move_to("2027-02-08 12:00")
        assert not any(one.mentions for one in here.of_bot())
        await here.house.move_to("2027-02-09 10:00")
        assert any(one.mentions for one in here.of_bot())


async def test_a_group_that_switches_language_is_answered_in_it(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        changed = await here.says(here.maaike, "!set language en")
        assert here.answers(changed) == ["All right, that is changed. Now it is: language en."]
        undone = await here.says(here.maaike, "!cycle undo")
        assert here.answers(undone)[0].startswith("Hersteld. !instel telt niet meer")


async def test_what_does_not_fit_changes_nothing_and_says_what_to_type(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        for typed, part in (
            ("!instel uren 17:00-09:00", "!instel uren 09:00-17:00"),
            ("!instel uren 25:00-26:00", "!instel uren 09:00-17:00"),
            ("!instel tijdzone Mars", "Europe/Amsterdam"),
            ("!instel ritme dans=di 10:00", "do"),
            ("!instel ritme digest=do 10:00", "coach"),
            ("!instel kleur rood", "!instel"),
        ):
            said = await here.says(here.maaike, typed)
            assert part in here.answers(said)[0], typed
        seen = await here.says(here.maaike, "!instel")
        assert "09:00-17:00: 09:00-17:00" in here.answers(seen)[0]
        by_member = await here.says(here.joke, "!instel uren 10:00-12:00")
        assert "beheerder" in here.answers(by_member)[0]


async def test_in_a_break_nothing_is_asked_and_it_can_be_taken_back(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        rest = await here.says(here.maaike, "!vrij 8 februari tot 12 februari")
        assert "8 februari" in here.answers(rest)[0]
        seen = await here.says(here.maaike, "!vrij")
        assert "1: maandag 8 februari" in here.answers(seen)[0]
        await here.house.move_to("2027-02-12 16:00")
        assert not any(one.mentions for one in here.of_bot())
        await here.house.move_to("2027-02-15 10:00")
        assert any(one.mentions for one in here.of_bot())
        again = await here.says(here.maaike, "!vrij 1 maart..5 maart")
        assert here.answers(again)
        gone = await here.says(here.maaike, "!vrij weg 1")
        assert "zijn weg" in here.answers(gone)[0]
        for wrong in ("!vrij morgenmiddag", "!vrij 5 maart tot 1 maart", "!vrij weg 7"):
            said = await here.says(here.maaike, wrong)
            assert "!vrij" in here.answers(said)[0], wrong


async def test_a_start_that_is_undone_leaves_room_for_a_new_one(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start('"Verkeerd" weken=4')
        await here.says(here.maaike, "!ronde herstel")
        none = await here.says(here.joke, "!ronde")
        assert "geen ronde" in here.answers(none)[0]
        await here.start('"Goed" weken=4')
        again = await here.says(here.joke, "!ronde")
        assert "Goed" in here.answers(again)[0]


async def test_an_end_that_is_undone_goes_on_where_it_was(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-08 10:00")
        await here.says(here.maaike, "!ronde einde")
        await here.says(here.maaike, "!ronde herstel")
        before = len([one for one in here.of_bot() if one.mentions])
        await here.house.move_to("2027-02-11 11:00")
        assert len([one for one in here.of_bot() if one.mentions]) == before + 1


async def test_the_next_phase_begins_now_and_the_last_one_cannot_be_skipped(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        early = await here.says(here.maaike, "!ronde volgende")
        assert "begint pas op" in here.answers(early)[0]
        await here.house.move_to("2027-02-08 10:00")
        phases = []
        for _ in range(6):
            said = await here.says(here.maaike, "!ronde volgende")
            phases.append(here.answers(said)[0])
        assert "We zijn nu in de fase" in phases[0]
        assert phases[0] != phases[1]
        assert phases[-1].startswith("Dit is de laatste fase al")
        n_asked = len([one for one in here.of_bot() if one.mentions])
        assert n_asked == 1
        await here.house.move_to("2027-03-05 18:00")
        assert any("laatste week" in one.text for one in here.of_bot())


async def test_a_held_digest_waits_the_coach_is_told_and_it_can_still_be_sent(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-08 10:00")
        prompt = next(one for one in reversed(here.of_bot()) if one.mentions)
        await here.says(here.joke, "Aan de balie was het druk", thread=prompt.ref)
        held = await here.says(here.maaike, "!weekbericht houd")
        assert "wacht" in here.answers(held)[0]
        await here.house.move_to("2027-02-12 16:00")
        assert here.digests() == []
        space = here.maaike.private_chat()
        assert space is not None
        assert "zoals gevraagd" in here.maaike.sees(space)[-1].text
        await here.says(here.maaike, "!weekbericht stuur")
        [digest] = here.digests()
        assert "balie was het druk" in digest
        await here.house.move_to("2027-02-19 16:00")
        assert len(here.digests()) == 2


async def test_a_last_digest_that_is_held_keeps_the_cycle_open_until_it_is_sent(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-03-04 12:00")
        prompt = next(one for one in reversed(here.of_bot()) if one.mentions)
        await here.says(here.joke, "Wat een rit", thread=prompt.ref)
        await here.says(here.maaike, "!weekbericht houd")
        n_digests = len(here.digests())
        await here.house.move_to("2027-03-08 12:00")
        assert len(here.digests()) == n_digests
        assert not any("laatste week" in one.text for one in here.of_bot())
        await here.says(here.maaike, "!weekbericht stuur")
        assert "Wat een rit" in here.digests()[-1]
        assert any("laatste week" in one.text for one in here.of_bot())


async def test_a_picture_of_the_cycle_follows_the_digest_once_it_is_switched_on(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-12 15:00")
        n_before = len(here.of_bot())
        switched = await here.says(here.maaike, "!instel weekbericht plaatje aan")
        assert "met een plaatje van de ronde" in here.answers(switched)[0]
        await here.says(here.bas, "!proef Eén belletje in plaats van vijf papieren")
        await here.house.move_to("2027-02-19 15:00")
        digest, picture = here.of_bot()[-2:]
        assert digest.text.startswith("Weekbericht")
        assert "belletje" not in picture.text
        assert "Proeven die lopen: #1" in picture.text
        assert not any("plaatje" in one.text for one in here.of_bot()[:n_before])
        off = await here.says(here.maaike, "!set digest picture off")
        assert "zonder plaatje" in here.answers(off)[0]


async def test_a_group_with_a_region_is_asked_nothing_in_its_school_holidays(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        seen = await here.says(here.maaike, "!instel")
        assert "!instel regio midden: geen" in here.answers(seen)[0]
        for typed in ("!set region south", "!instel regio zuid"):
            changed = await here.says(here.maaike, typed)
            assert here.answers(changed) == ["Goed, dat is veranderd. Nu staat het zo: regio zuid."]
        coming = await here.says(here.joke, "!ronde vooraf")
        assert "voorjaarsvakantie" in here.answers(coming)[0]
        await here.house.move_to("2027-02-12 16:00")
        n_asked = len([one for one in here.of_bot() if one.mentions])
        await here.house.move_to("2027-02-19 16:00")
        assert len([one for one in here.of_bot() if one.mentions]) == n_asked
        off = await here.says(here.maaike, "!instel regio geen")
        assert here.answers(off) == ["Goed, dat is veranderd. Nu staat het zo: regio geen."]
        wrong = await here.says(here.maaike, "!instel regio oost")
        assert "!instel regio midden" in here.answers(wrong)[0]


async def test_a_group_chooses_how_it_is_spoken_to_and_takes_it_back(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        chosen = await here.says(here.maaike, "!instel aanspreekvorm u")
        assert here.answers(chosen) == ["Goed, dat is veranderd. Nu staat het zo: aanspreekvorm u."]
        seen = await here.says(here.maaike, "!instel")
        assert "Typ wat u wilt veranderen" in here.answers(seen)[0]
        assert "!instel aanspreekvorm u: u" in here.answers(seen)[0]
        wrong = await here.says(here.maaike, "!instel aanspreekvorm majesteit")
        assert "Zo typt u het: !instel aanspreekvorm u" in here.answers(wrong)[0]
        undone = await here.says(here.maaike, "!ronde herstel")
        assert here.answers(undone)[0].startswith("Hersteld. !instel telt niet meer")
        seen = await here.says(here.maaike, "!instel")
        assert "!instel aanspreekvorm u: je" in here.answers(seen)[0]
        await here.says(here.maaike, "!set address u")
        back = await here.says(here.maaike, "!set address je")
        assert here.answers(back) == ["Goed, dat is veranderd. Nu staat het zo: aanspreekvorm je."]


async def test_an_english_group_keeps_the_form_of_address_for_when_it_speaks_dutch(tmp_path: Path) -> None:
    async with group(tmp_path, language="en") as here:
        chosen = await here.says(here.maaike, "!set address u")
        assert here.answers(chosen) == [
            "All right, that is changed. Now it is: address u, as soon as the group speaks Dutch."
        ]
        helped = await here.says(here.maaike, "!help")
        assert here.answers(helped)[0].startswith("This is what you can do here:")
        dutch = await here.says(here.maaike, "!set language nl")
        assert here.answers(dutch) == ["Goed, dat is veranderd. Nu staat het zo: taal nl."]
        helped = await here.says(here.maaike, "!help")
        assert here.answers(helped)[0].startswith("Dit kunt u hier doen:")


async def test_a_group_that_wants_it_is_reminded_once_and_in_private(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        seen = await here.says(here.maaike, "!instel")
        assert "!instel herinnering aan: uit" in here.answers(seen)[0]
        chosen = await here.says(here.maaike, "!instel herinnering aan")
        assert here.answers(chosen) == [
            "Goed, dat is veranderd. Nu staat het zo: herinnering aan (één keer per vraag, privé)."
        ]
        await here.start()
        await here.house.move_to("2027-02-08 10:00")
        prompt = next(one for one in reversed(here.of_bot()) if one.mentions)
        await here.says(here.joke, "De balie was leeg", thread=prompt.ref)
        n_in_room = len(here.of_bot())
        await here.house.move_to("2027-02-10 12:00")
        assert n_nudges(here) == [1, 0, 1]
        assert len(here.of_bot()) == n_in_room
        off = await here.says(here.maaike, "!set nudge off")
        assert here.answers(off) == ["Goed, dat is veranderd. Nu staat het zo: herinnering uit."]
        await here.house.move_to("2027-02-19 16:00")
        assert n_nudges(here) == [1, 0, 1]


async def test_a_reminder_that_is_switched_off_after_the_question_does_not_come(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.says(here.maaike, "!instel herinnering aan")
        undone = await here.says(here.maaike, "!ronde herstel")
        assert here.answers(undone)[0].startswith("Hersteld. !instel telt niet meer")
        await here.says(here.maaike, "!set nudge on")
        await here.start()
        await here.house.move_to("2027-02-08 10:00")
        await here.says(here.maaike, "!instel herinnering uit")
        await here.house.move_to("2027-02-10 16:00")
        assert n_nudges(here) == [0, 0, 0]
        wrong = await here.says(here.maaike, "!instel herinnering misschien")
        assert "!instel herinnering aan" in here.answers(wrong)[0]


def n_nudges(here: Group) -> list[int]:
    """Return how many reminders Maaike, Joke and Bas got in private."""
    spaces = [(person, person.private_chat()) for person in (here.maaike, here.joke, here.bas)]
    told = [[one.text for one in person.sees(space)] if space else [] for person, space in spaces]
    return [sum("vriendelijke herinnering" in text for text in texts) for texts in told]


async def test_one_day_off_is_called_one_day(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.says(here.maaike, "!vrij 17 februari")
        assert "1: woensdag 17 februari" in here.answers(await here.says(here.maaike, "!vrij"))[0]
        listed = here.answers(await here.says(here.maaike, "!vrij"))[0]
        assert "tot en met" not in listed
        gone = here.answers(await here.says(here.maaike, "!vrij weg 1"))[0]
        assert gone == "Goed. De vrije dag op woensdag 17 februari is weg. Ik vraag dan gewoon door."


async def test_the_picture_may_be_set_without_saying_what_it_comes_with(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        done = await here.says(here.maaike, "!instel plaatje aan")
        assert here.answers(done) == [
            "Goed, dat is veranderd. Nu staat het zo: weekbericht met een plaatje van de ronde."
        ]
        wrong = await here.says(here.maaike, "!set picture maybe")
        assert "!instel weekbericht plaatje aan" in here.answers(wrong)[0]
