"""What stands in a digest follows the messages it was made from: the whole of them, and nothing beside them."""

from pathlib import Path

from group import Group, group
from test_app_digest import FRIDAY, thread, told

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
        assert "— Bas. Wie pakt het op: Joke. Open: 3 dagen." in here.digests()[0]
        await here.deletes(here.joke, owner)
        [digest] = here.digests()
        assert "- “Niemand mag de regel veranderen” — Bas. Open: 3 dagen." in digest
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
        assert "Dan kijken we: 26 februari\n" in here.digests()[0]
        await here.edits(here.bas, date, "27 februari")
        assert "Dan kijken we: 27 februari\n" in here.digests()[0]


async def test_a_narrowed_card_leaves_the_digest_and_a_subscribers_copy(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await begin(here)
        await here.says(here.joke, "!weekbericht abonneer")
        await thread(here, here.bas, "!proef Eén belletje", "Binnen vijf dagen", "stop")
        await here.says(here.bas, "!zag De telefoon ging wel.")
        await here.house.move_to(FRIDAY)
        assert "belletje" in told(here, here.joke)[-1]
        await here.says(here.bas, "!deel 1 niemand")
        for digests in (here.digests(), [text for text in told(here, here.joke) if text.startswith("Weekbericht")]):
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
