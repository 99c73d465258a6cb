"""What the group gave, read back: lists, one's own things, and search. Private things stay private."""

from pathlib import Path

from group import Group, group

from doetank_bot.chat.memory import Person


async def tells(here: Group, person: Person, text: str) -> str:
    """Say something to the bot in private; return its last line there."""
    space = person.private_chat() or person.open_private()
    await here.house.settle()
    await here.house.say(person, space, text)
    return person.sees(space)[-1].text


async def test_the_list_of_experiments_is_short_newest_first_and_follows_a_deletion(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        empty = await here.says(here.joke, "!proeven")
        assert "nog geen proef" in here.answers(empty)[0]
        messages = [await here.says(here.bas, f"!proef Bellen op dag {number}") for number in range(1, 13)]
        seen = await here.says(here.joke, "!experiments")
        [text] = here.answers(seen)
        lines = [line for line in text.splitlines() if "Bellen op dag" in line]
        assert len(lines) == 10
        assert "dag 12" in lines[0]
        assert "En nog 2 ouder" in text

        await here.deletes(here.bas, messages[11])
        shown = [one.text for one in here.of_bot() if "Bellen op dag 12" in one.text and not one.is_deleted]
        assert shown == []
        after = await here.says(here.joke, "!proeven")
        assert "dag 12" not in here.answers(after)[0]


async def test_search_finds_words_that_begin_so_in_what_everyone_may_see(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.says(here.joke, "!zag Aan de BALIE vroeg niemand naar het café-formulier")
        await tells(here, here.bas, "!zag De balie was boos op mij")
        found = await here.says(here.maaike, "!zoek balie cafe")
        assert "vroeg niemand" in here.answers(found)[0]
        both = await here.says(here.bas, "!zoek bali")
        assert "boos" not in here.answers(both)[0]
        assert "boos" in await tells(here, here.bas, "!zoek bali")
        assert "boos" not in await tells(here, here.joke, "!zoek bali")
        nothing = await here.says(here.maaike, "!zoek olifant")
        assert here.answers(nothing)[0].startswith("Met “olifant” vond ik niets")
        bare = await here.says(here.maaike, "!zoek !")
        assert "!zoek formulier" in here.answers(bare)[0]


async def test_what_someone_gave_is_shown_to_them_alone(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.says(here.joke, "!zag Er stond een lange rij")
        space = here.joke.open_private()
        await here.house.settle()
        await here.house.say(here.joke, space, "!zag Ik vond het spannend")
        asked = await here.says(here.joke, "!mijn")
        assert here.answers(asked) == ["Dat stuur ik je privé."]
        mine = here.joke.sees(space)[-1].text
        assert "lange rij" in mine
        assert "spannend” (alleen jij ziet dit)" in mine
        assert not any("spannend" in one.text for one in here.maaike.sees(here.room))


async def test_the_lists_speak_english_too(tmp_path: Path) -> None:
    async with group(tmp_path, language="en") as here:
        seen = await here.says(here.joke, "!lessons")
        assert here.answers(seen) == ["There is no lesson yet."]
        assert (await tells(here, here.joke, "my")) == "I keep nothing of yours yet."


async def test_what_is_given_by_command_stands_in_its_list_and_in_the_digest(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-08 10:00")
        await here.says(here.joke, "!les Bellen scheelt een brief")
        await here.says(here.bas, "!vast Niemand mag de regel veranderen")
        await here.says(here.maaike, "!verzoek Wie kent iemand bij het loket")
        for asked, words in (("!lessen", "Bellen"), ("!knelpunten", "Niemand"), ("!verzoeken", "Wie kent")):
            said = await here.says(here.bas, asked)
            assert words in here.answers(said)[0]
        await here.house.move_to("2027-02-12 15:00")
        [digest] = here.digests()
        assert "Bellen scheelt een brief" in digest
        assert "Niemand mag de regel veranderen" in digest


async def test_a_card_is_shown_whole_by_its_number_and_a_number_is_never_kept_as_words(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        given = await here.says(here.bas, "!proef Eén belletje in plaats van vijf papieren")
        await here.says(here.bas, "Dat het sneller gaat", thread=given)
        await tells(here, here.joke, "!les Dit is alleen van mij")
        whole = await here.says(here.joke, "!proef #1")
        text = here.answers(whole)[0]
        assert "Eén belletje in plaats van vijf papieren” — Bas" in text
        assert "Dat het sneller gaat" in text
        hidden = await here.says(here.joke, "!les 3")
        assert here.answers(hidden)[0].startswith("#3 vind ik hier niet")
        assert "alleen van mij" in await tells(here, here.joke, "!les 3")
        none = await here.says(here.joke, "!proef 99")
        assert here.answers(none)[0].startswith("#99 vind ik hier niet")
        listed = await here.says(here.joke, "!proeven")
        assert "99" not in here.answers(listed)[0]


async def test_a_slip_after_the_number_of_a_card_makes_no_new_card(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.says(here.bas, "!proef Eén belletje naar het loket")
        slip = await here.says(here.bas, "!proef 1 klar")
        assert "gepland, loopt, klaar, gestopt, opgelost, open" in here.answers(slip)[0]
        assert "1 klar" not in here.answers(await here.says(here.joke, "!proeven"))[0]
        for meant in ("!proef 1 week lang bellen", "!proef 7 telefoontjes"):
            kept = await here.says(here.bas, meant)
            assert "bewaard als #" in here.answers(kept)[0], meant
