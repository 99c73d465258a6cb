"""What stands in a digest follows the messages it was made from: the whole of them, and nothing beside them."""

from pathlib import Path

from group import Group, group
from test_app_digest import FRIDAY, thread

from doetank_bot.domain.reference import MessageRef


async def begin(here: Group) -> None:
    await here.start()
    await here.house.move_to("2027-02-09 10:00")


async def digest_with(here: Group, said: str) -> MessageRef:
    """Let Joke say something about card 1, and let the digest go out; return her message."""
    message = await here.says(here.joke, said)
    await here.house.move_to(FRIDAY)
    return message


async def test_a_deleted_owner_leaves_the_barrier_of_someone_else(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await begin(here)
        await thread(here, here.bas, "!vast Niemand mag de regel veranderen", "stop")
        owner = await digest_with(here, "!knelpunt 1 eigenaar Joke")
        assert "— Bas. Dit ligt bij Joke. Het staat 3 dagen open." in here.digests()[0]
        await here.deletes(here.joke, owner)
        [digest] = here.digests()
        assert "- “Niemand mag de regel veranderen” — Bas. Het staat 3 dagen open." in digest
        assert "Joke" not in digest


async def test_a_status_in_a_digest_follows_its_message(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await begin(here)
        await thread(here, here.bas, "!proef Eén belletje", "stop")
        status = await digest_with(here, "!proef 1 klaar")
        assert "“Eén belletje” — Bas. Nu: klaar." in here.digests()[0]
        await here.edits(here.joke, status, "!proef 1 loopt")
        assert "“Eén belletje” — Bas. Nu: loopt." in here.digests()[0]
        await here.deletes(here.joke, status)
        assert "Proef: “Eén belletje” — Bas\n" in here.digests()[0]


async def test_dates_and_owners_stand_without_quotation_marks_and_follow_edits(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await begin(here)
        first = await here.says(here.bas, "!proef Eén belletje")
        for each in ("Binnen vijf dagen klaar", "overslaan"):
            await here.says(here.bas, each, thread=first)
        date = await here.says(here.bas, "26 februari", thread=first)
        await here.house.move_to(FRIDAY)
        assert "Op 26 februari kijken we hoe het ging\n" in here.digests()[0]
        assert "Dat doen we op 26 februari." in here.digests()[0]
        await here.edits(here.bas, date, "27 februari")
        assert "26 februari" not in here.digests()[0]
        assert "Dat doen we op 27 februari." in here.digests()[0]
        assert "Op 27 februari kijken we hoe het ging\n" in here.digests()[0]


async def test_a_narrowed_card_leaves_the_digest_and_a_subscribers_copy(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await begin(here)
        await here.says(here.joke, "!weekbericht abonneer")
        await thread(here, here.bas, "!proef Eén belletje", "Binnen vijf dagen", "stop")
        await here.says(here.bas, "!zag De telefoon ging wel.")
        await here.house.move_to(FRIDAY)
        assert "belletje" in here.told(here.joke)[-1]
        await here.says(here.bas, "!deel 1 niemand")
        for digests in (here.digests(), [text for text in here.told(here.joke) if text.startswith("Weekbericht")]):
            assert len(digests) == 1
            assert "belletje" not in digests[0]
            assert "vijf dagen" not in digests[0]
            assert "De telefoon ging wel." in digests[0]


async def test_who_wants_to_stay_unnamed_is_unnamed_in_what_they_answer_later_too(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await begin(here)
        proef = await here.says(here.bas, "!proef Eén belletje")
        await here.says(here.bas, "!deel 1 groep anoniem")
        await here.says(here.bas, "Binnen drie dagen", thread=proef)
        await here.says(here.bas, "stop", thread=proef)
        for asked in ("!proef 1", "!zoek dagen", "!proeven"):
            answer = await here.says(here.joke, asked)
            assert "Bas" not in here.answers(answer)[0]
        await here.house.move_to(FRIDAY)
        assert "Bas" not in here.digests()[0]


async def test_what_is_for_the_group_alone_again_leaves_a_former_sponsors_copy(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        erik = here.house.chat.person("@erik:test", "Erik")
        await begin(here)
        await here.says(here.maaike, "!opdrachtgever @erik:test")
        for said, number in (("!besluit Geen kopie meer", 1), ("!besluit Wel bellen", 2)):
            await thread(here, here.bas, said, "stop")
            await here.says(here.bas, f"!deel {number} opdrachtgever")
        await here.house.move_to(FRIDAY)
        await here.says(here.maaike, "!opdrachtgever @nel:test")
        await here.says(here.bas, "!deel 1 groep")
        assert not any("Geen kopie" in text for text in here.told(erik))
        assert "Wel bellen" in here.told(erik)[-1]
        assert "Geen kopie" in here.digests()[0]


async def test_the_sponsors_version_comes_back_without_deleted_words_and_not_when_none_are_left(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        erik = here.house.chat.person("@erik:test", "Erik")
        await begin(here)
        await here.says(here.maaike, "!opdrachtgever @erik:test")
        said = []
        for text, number in (("!besluit Geen kopie meer", 1), ("!besluit Wel bellen", 2)):
            said.append(await here.says(here.bas, text))
            await here.says(here.bas, "stop", thread=said[-1])
            await here.says(here.bas, f"!deel {number} opdrachtgever")
        await here.house.move_to(FRIDAY)
        assert "Geen kopie" in here.told(erik)[-1]
        await here.deletes(here.bas, said[0])
        assert "Wel bellen" in here.told(erik)[-1]
        assert not any("Geen kopie" in text for text in here.told(erik))
        await here.deletes(here.bas, said[1])
        assert not any("Dit deelt de groep" in text for text in here.told(erik))


async def test_two_groups_at_once_never_mix_in_digest_draft_or_copy(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        other = await here.house.open_room("Afval", here.maaike, here.joke)
        await here.house.say(here.maaike, other, '!ronde start "Afval" weken=4')
        await begin(here)
        for space in (here.room, other):
            await here.house.say(here.joke, space, "!weekbericht abonneer")
        await here.says(here.bas, "!zag Aan de balie was het druk.")
        await here.house.say(here.joke, other, "!zag De container was vol.")
        await here.house.move_to(FRIDAY)
        there = [one.text for one in here.joke.sees(other) if one.text.startswith("Weekbericht")]
        [first], [second] = here.digests(), there
        assert "balie" in first
        assert "container" not in first
        assert "container" in second
        assert "balie" not in second
        private = here.told(here.joke)[-2:] + here.told(here.maaike)[-2:]
        assert not any("balie" in text and "container" in text for text in private)
        await here.house.say(here.joke, other, "!deel 1 niemand")
        assert here.digests() == [first]


async def test_who_stopped_gets_no_copy_and_what_they_gave_stays(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await begin(here)
        await here.says(here.joke, "!weekbericht abonneer")
        await here.says(here.joke, "!zag Aan de balie was het druk.")
        stop = await here.says(here.joke, "!stop")
        await here.says(here.joke, "ja", thread=stop)
        await here.house.move_to(FRIDAY)
        assert "balie" in here.digests()[0]
        assert not any("Weekbericht" in text for text in here.told(here.joke))
