"""The weekly digest as the group, its coach and its sponsor read it."""

from pathlib import Path

from group import Group, group

from doetank_bot.chat.memory import Person

FRIDAY = "2027-02-12 15:00"


async def thread(here: Group, person: Person, text: str, *answers: str) -> str:
    """Say something and answer the follow-ups; return the bot's last line."""
    first = last = await here.says(person, text)
    for each in answers:
        last = await here.says(person, each, thread=first)
    return here.answers(last)[-1]


async def test_a_week_of_everything_reads_as_one_page(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-09 10:00")
        proef = "!proef Eén belletje in plaats van vijf papieren"
        await thread(here, here.bas, proef, "Binnen vijf dagen klaar", "overslaan", "26 februari", "stop")
        await thread(here, here.bas, "!vast Niemand mag de regel veranderen", "stop")
        await thread(here, here.joke, "!les Bellen scheelt een brief", "drie gezinnen", "1")
        await thread(here, here.maaike, "!besluit We vragen geen kopie meer", "stop")
        await thread(here, here.maaike, "!verzoek Wie wil de brief lezen", "2", "19 februari")
        await thread(here, here.joke, "!aanbod Ik kan dinsdag meelopen")
        await here.says(here.joke, "!zag Aan de balie vroeg niemand iets.")
        await here.house.move_to(FRIDAY)
        [digest] = here.digests()
        assert len(digest.split()) <= 350


async def test_a_card_is_done_by_one_word_and_told_once_more(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-09 10:00")
        await thread(here, here.bas, "!proef Eén belletje", "stop")
        await thread(here, here.bas, "!vast Niemand mag de regel veranderen", "stop")
        taken = await here.says(here.joke, "!knelpunt 2 eigenaar Joke en de balie")
        assert here.answers(taken) == ["Goed. #2 ligt nu bij Joke en de balie."]
        busy = await here.says(here.joke, "!proef 1 loopt")
        assert here.answers(busy) == ["Goed. #1: loopt."]
        await here.house.move_to(FRIDAY)
        [first] = here.digests()
        assert "Proef: “Eén belletje” — Bas. Nu: loopt." in first
        assert "Dit ligt bij Joke en de balie." in first
        await here.says(here.bas, "!experiment 1 done")
        await here.says(here.bas, "!barrier #2 solved")
        await here.says(here.bas, "!zag De telefoon ging wel.")
        await here.house.move_to("2027-02-19 15:00")
        second = here.digests()[1]
        assert "Proef: “Eén belletje” — Bas. Nu: klaar." in second
        assert "Nu: opgelost." in second
        await here.says(here.bas, "!zag De telefoon ging nog eens.")
        await here.house.move_to("2027-02-26 15:00")
        third = here.digests()[2]
        assert "belletje" not in third
        assert "regel veranderen" not in third


async def test_a_status_follows_the_edit_of_the_message_that_gave_it(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await thread(here, here.bas, "!proef Eén belletje", "stop")
        said = await here.says(here.bas, "!proef 1 klaar")
        await here.edits(here.bas, said, "!proef 1 loopt")
        shown = await here.says(here.joke, "!proef 1")
        assert "#2 loopt" in here.answers(shown)[0]
        await here.deletes(here.bas, said)
        shown = await here.says(here.joke, "!proef 1")
        assert "loopt" not in here.answers(shown)[0]


async def test_what_is_no_status_is_kept_as_words_and_what_has_no_status_says_so(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        kept = await here.says(here.bas, "!proef 12 papieren per gezin")
        assert "#1" in here.answers(kept)[0]
        await thread(here, here.bas, "!les Bellen scheelt een brief", "stop")
        wrong = await here.says(here.joke, "!les 2 klaar")
        assert "#2 is geen proef, knelpunt, verzoek of aanbod." in here.answers(wrong)[0]
        none = await here.says(here.joke, "!proef 99 klaar")
        assert here.answers(none)[0].startswith("#99 vind ik hier niet")
        space = here.joke.open_private()
        await here.house.settle()
        await here.house.say(here.joke, space, "!proef 1 klaar")
        assert "Typ het in de ruimte van de groep" in here.joke.sees(space)[-1].text


async def test_the_coach_writes_her_own_first_lines_and_is_named_as_who_read_it(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.says(here.joke, "!zag Aan de balie vroeg niemand iets.")
        await here.house.move_to("2027-02-12 12:00")
        space = here.maaike.private_chat()
        assert space is not None
        mine = await here.house.say(here.maaike, space, "weekbericht bewerk De proef loopt. Dinsdag kijken we.")
        assert "bovenaan weekbericht 1" in here.told(here.maaike)[-1]
        await here.says(here.maaike, "!weekbericht stuur")
        [digest] = here.digests()
        assert "In één minuut\n“De proef loopt. Dinsdag kijken we.” — Maaike" in digest.replace("\n\n", "\n")
        assert "Maaike las het na." in digest
        await here.edits(here.maaike, mine, "weekbericht bewerk De proef is klaar.")
        assert "De proef is klaar." in here.digests()[0]


async def test_who_sent_it_unread_is_not_said_to_have_read_it(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-10 10:00")
        await here.says(here.joke, "!zag Aan de balie vroeg niemand iets.")
        await here.says(here.maaike, "!weekbericht stuur")
        assert "las het na" not in here.digests()[0]


async def test_a_reply_that_something_is_wrong_reaches_the_coach_and_stands_in_no_digest(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.says(here.joke, "!zag Aan de balie vroeg niemand iets.")
        await here.house.move_to(FRIDAY)
        digest = next(one for one in here.of_bot() if one.text.startswith("Weekbericht"))
        said = await here.says(here.bas, "Klopt niet: het waren er twee.", reply_to=digest.ref)
        assert here.answers(said)[0].startswith("Dank je. Ik zeg het tegen de coach.")
        assert "Klopt niet: het waren er twee." in here.told(here.maaike)[-1]
        talk = await here.says(here.bas, "Mooi bericht weer!", reply_to=digest.ref)
        assert here.answers(talk) == []
        await here.house.move_to("2027-02-19 15:00")
        assert all("het waren er twee" not in one for one in here.digests())


async def test_an_experiment_that_goes_on_is_not_told_again_in_weeks_without_anything_new(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await thread(here, here.bas, "!proef Eén belletje", "stop")
        await here.house.move_to("2027-02-26 15:00")
        first, second = here.digests()
        assert "Eén belletje" in first
        assert "het was stil deze week" in second
        assert "Eén belletje" not in second
        assert "weer een stille week" in here.told(here.maaike)[-1]


async def test_what_someone_finds_wrong_is_no_news_of_the_week(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.says(here.joke, "!zag Aan de balie vroeg niemand iets.")
        await here.house.move_to(FRIDAY)
        await here.says(here.bas, "!weekbericht corrigeer Het waren er twee.")
        await here.house.move_to("2027-02-19 15:00")
        assert "het was stil deze week" in here.digests()[1]


async def test_after_one_empty_week_the_next_stays_silent_and_the_coach_is_told(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-26 15:00")
        assert len(here.digests()) == 1
        assert "weer een stille week" in here.told(here.maaike)[-1]
        await here.says(here.joke, "!zag Aan de balie vroeg niemand iets.")
        await here.house.move_to("2027-03-05 15:00")
        assert "balie" in here.digests()[1]


async def test_the_sponsor_reads_only_what_is_for_the_sponsor_and_no_names(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        erik = here.house.chat.person("@erik:test", "Erik")
        await here.start()
        await here.says(here.maaike, "!opdrachtgever @erik:test")
        await here.house.move_to("2027-02-09 10:00")
        await thread(here, here.bas, "!proef Eén belletje", "stop")
        await here.says(here.joke, "!zag Aan de balie vroeg niemand iets.")
        await here.says(here.bas, "!deel 1 opdrachtgever")
        await here.house.move_to(FRIDAY)
        short = here.told(erik)[-1]
        assert "Proef: “Eén belletje”" in short
        assert "balie" not in short
        assert "Bas" not in short
        assert len(short.split()) <= 90
        n = len(here.told(erik))
        await here.says(here.joke, "!zag De telefoon ging wel.")
        await here.house.move_to("2027-02-19 15:00")
        assert not any("opdrachtgever" in one for one in here.told(erik)[n:])


async def test_the_draft_of_a_second_quiet_week_does_not_promise_a_digest(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-19 12:00")
        assert "dan zet ik niets in de groep" in here.told(here.maaike)[-1]
        await here.says(here.joke, "!zag Aan de balie vroeg niemand iets.")
        await here.house.move_to("2027-02-19 15:00")
        assert "balie" in here.digests()[-1]
