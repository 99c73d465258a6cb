"""Days off, breaks and the coach's hand on the plan, as the group lives them: nothing twice, nothing lost."""

from pathlib import Path

from group import Group, group

from doetank_bot.chat.memory import Shown


def prompts(here: Group) -> list[Shown]:
    return [one for one in here.of_bot() if one.mentions]


async def ask(here: Group, text: str) -> str:
    return here.answers(await here.says(here.maaike, text))[-1]


async def test_a_prompt_that_was_skipped_stays_away_when_the_days_are_planned_anew(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-09 10:00")
        await ask(here, "!opdracht overslaan")
        await ask(here, "!vrij 22 februari")
        assert "donderdag 11 februari" not in await ask(here, "!ronde vooruitblik")
        await here.house.move_to("2027-02-12 12:00")
        assert len(prompts(here)) == 1


async def test_a_skipped_prompt_comes_back_when_the_skip_is_undone(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-09 10:00")
        await ask(here, "!opdracht overslaan")
        await ask(here, "!ronde ongedaan")
        await here.house.move_to("2027-02-12 12:00")
        assert len(prompts(here)) == 2


async def test_a_prompt_that_was_asked_early_is_not_asked_again_when_the_days_are_planned_anew(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-09 10:00")
        await ask(here, "!opdracht nu")
        await ask(here, "!vrij 22 februari")
        await here.house.move_to("2027-02-12 12:00")
        assert len(prompts(here)) == 2


async def test_a_digest_sent_before_a_day_off_is_not_sent_again_after_it(tmp_path: Path) -> None:
    async with group(tmp_path, "2026-12-09 10:00") as here:
        await here.start('"Parkeren" weken=4 from=2026-12-14')
        await here.house.move_to("2026-12-24 12:00")
        await here.says(here.bas, "!zag Aan de balie was het stil.")
        await ask(here, "!weekbericht stuur")
        assert "weekbericht" not in here.digests()[-1].partition("Wat er nu komt")[2].partition("\n\n")[0]
        n_sent = len(here.digests())
        await ask(here, "!vrij 31 december")
        await here.house.move_to("2026-12-24 13:00")
        await here.says(here.bas, "!zag De telefoon ging.")
        await here.house.move_to("2026-12-29 12:00")
        assert len(here.digests()) == n_sent
        await here.house.move_to("2027-01-04 15:00")
        assert "De telefoon ging." in here.digests()[-1]


async def test_a_digest_that_moved_and_is_sent_by_hand_leaves_the_next_weeks_own(tmp_path: Path) -> None:
    async with group(tmp_path, "2026-12-09 10:00") as here:
        await here.start('"Parkeren" weken=4 from=2026-12-14')
        await here.house.move_to("2026-12-28 10:00")
        await here.says(here.bas, "!zag Aan de balie was het stil.")
        await ask(here, "!weekbericht stuur")
        n_sent = len(here.digests())
        await here.says(here.bas, "!zag De telefoon ging.")
        await here.house.move_to("2026-12-31 15:00")
        assert len(here.digests()) == n_sent
        await here.house.move_to("2027-01-04 15:00")
        assert len(here.digests()) == n_sent + 1


async def test_a_last_digest_that_is_held_survives_a_change_of_the_plan(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-03-05 12:00")
        await here.says(here.bas, "!zag Aan de balie was het stil.")
        await ask(here, "!weekbericht houd")
        await here.house.move_to("2027-03-05 18:00")
        await ask(here, "!instel regio midden")
        assert not any("laatste week" in one.text for one in here.of_bot())
        await ask(here, "!weekbericht stuur")
        assert "Aan de balie was het stil." in here.digests()[-1]
        assert any("laatste week" in one.text for one in here.of_bot())


async def test_ending_a_cycle_says_that_a_held_digest_did_not_go_out_and_how_it_still_can(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-11 12:00")
        await here.says(here.bas, "!zag Aan de balie was het stil.")
        await ask(here, "!weekbericht houd")
        assert "Er wachtte nog een weekbericht." in await ask(here, "!ronde einde")
        await ask(here, "!ronde ongedaan")
        await ask(here, "!weekbericht stuur")
        assert "Aan de balie was het stil." in here.digests()[-1]


async def test_a_break_while_a_week_runs_moves_what_still_comes_and_repeats_nothing(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-08 10:00")
        await here.says(here.bas, "!zag Aan de balie was het stil.")
        await ask(here, "!vrij 8 februari tot 11 februari")
        await here.house.move_to("2027-02-12 08:00")
        assert len(prompts(here)) == 1
        await here.house.move_to("2027-02-12 13:00")
        assert len(prompts(here)) == 2
        await here.house.move_to("2027-02-12 15:00")
        assert len(here.digests()) == 1
        await ask(here, "!vrij 12 februari")
        await here.house.move_to("2027-02-15 17:00")
        assert len(here.digests()) == 1


async def test_a_break_over_a_whole_week_lets_the_next_digest_take_everything_along(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-14 10:00")
        await ask(here, "!vrij 15 februari tot 26 februari")
        preview = await ask(here, "!ronde vooruitblik")
        n_asked, n_sent = len(prompts(here)), len(here.digests())
        await here.says(here.bas, "!zag Aan de balie was het stil.")
        await here.house.move_to("2027-02-27 10:00")
        assert (len(prompts(here)), len(here.digests())) == (n_asked, n_sent)
        await here.house.move_to("2027-03-01 17:00")
        assert "Aan de balie was het stil." in here.digests()[-1]
        assert len(here.digests()) == n_sent + 1
        assert len(preview.splitlines()) <= 25, preview


async def test_a_group_in_kralendijk_lives_by_its_own_clock_and_the_holidays_of_the_netherlands(tmp_path: Path) -> None:
    async with group(tmp_path, "2027-04-20 16:00") as here:
        await ask(here, "!instel tijdzone America/Kralendijk")
        await here.start('"Parkeren" weken=4 from=2027-04-26')
        await here.house.move_to("2027-04-26 15:29")
        assert prompts(here) == []
        await here.house.move_to("2027-04-26 15:31")
        assert len(prompts(here)) == 1
        await here.says(here.bas, "!zag Aan de balie was het stil.")
        await here.house.move_to("2027-04-30 17:30")
        assert "vrijdag 30 april, 14:00" in here.told(here.maaike)[-1]
        await here.house.move_to("2027-04-30 20:01")
        assert "vrijdag 30 april" in here.digests()[0]
        assert "woensdag 5 mei: Bevrijdingsdag" in here.digests()[0]


async def test_the_coach_hears_at_once_what_a_break_takes_away(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        answer = await ask(here, "!vrij 8 februari tot 10 februari")
        assert answer.endswith("Op maandag 8 februari is het een vrije dag. Dan vervalt de opdracht.")
        day = await ask(here, "!vrij 18 februari")
        assert day.startswith("Goed. Op donderdag 18 februari vraag ik niets.")
        assert day.endswith("Dan vervalt de denkvraag.") or "Dan komt de denkvraag op vrijdag 19 februari" in day


async def test_the_draft_says_what_drops_out_of_the_week_after_it(tmp_path: Path) -> None:
    async with group(tmp_path, "2027-04-19 08:00") as here:
        await here.start('"Parkeren" weken=4 from=2027-04-19')
        await here.says(here.bas, "!zag Aan de balie was het stil.")
        await ask(here, "!instel regio noord")
        await here.house.move_to("2027-04-23 12:00")
        draft = here.told(here.maaike)[-1]
        assert "Op maandag 26 april is het meivakantie. Dan vervalt de opdracht." in draft
        await here.house.move_to("2027-04-23 15:00")
        assert "vervalt" not in here.digests()[-1]
