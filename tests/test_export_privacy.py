"""What leaves in an export, in any format: nothing private or withdrawn, and no name of who chose to have none."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from exported import dossier_of
from group import Group, group

from doetank_bot.export import Dossier, as_csv, as_html, as_json, as_markdown, gather
from doetank_bot.text.catalogue import Catalogue

CATALOGUE = Catalogue.load()
FORMATS: Mapping[str, Callable[[Dossier], str]] = {
    "json": as_json,
    "csv": as_csv,
    "md": lambda dossier: as_markdown(dossier, CATALOGUE),
    "html": lambda dossier: as_html(dossier, CATALOGUE),
}
every_format = pytest.mark.parametrize("form", FORMATS)


async def exported(here: Group, form: str) -> str:
    return FORMATS[form](await dossier_of(here.house))


@every_format
async def test_what_was_said_in_private_does_not_leave(tmp_path: Path, form: str) -> None:
    async with group(tmp_path) as here:
        await here.start()
        private = here.joke.open_private()
        await here.house.settle()
        await here.house.say(here.joke, private, "!zag iets geheims")
        await here.says(here.joke, "!zag iets gewoons")
        text = await exported(here, form)
    assert "gewoons" in text
    assert "geheims" not in text


@every_format
async def test_what_was_withdrawn_does_not_leave_and_nor_do_its_answers_or_its_place_in_a_digest(
    tmp_path: Path, form: str
) -> None:
    async with group(tmp_path) as here:
        await here.start()
        card = await here.says(here.bas, "!proef Eén belletje")
        await here.says(here.bas, "dat het vlugger gaat", thread=card)
        await here.says(here.joke, "!zag iets gewoons")
        await here.says(here.maaike, "!weekbericht stuur")
        before = await exported(here, form)
        await here.deletes(here.bas, card)
        after = await exported(here, form)
    assert "belletje" in before
    assert "vlugger" in before
    assert "belletje" not in after
    assert "gewoons" in after
    assert ("vlugger" in after) == (form == "json"), "its author can still delete that message; people see it no more"


@every_format
async def test_a_story_that_was_not_checked_stays_in_with_all_that_was_said_about_it(tmp_path: Path, form: str) -> None:
    async with group(tmp_path) as here:
        await here.start()
        story = await here.says(here.joke, "!verhaal Iemand wachtte een half jaar")
        await here.says(here.joke, "haar dochter hielp", thread=story)
        draft = await exported(here, form)
    assert "half jaar" not in draft
    assert "dochter" not in draft


@every_format
async def test_who_chose_to_stay_unnamed_is_named_nowhere_and_not_found_by_the_message(
    tmp_path: Path, form: str
) -> None:
    async with group(tmp_path) as here:
        await here.start()
        card = await here.says(here.joke, "!proef Eén belletje")
        await here.says(here.joke, "dat het vlugger gaat", thread=card)
        await here.says(here.maaike, "!weekbericht stuur")
        named = await exported(here, form)
        number = json.loads(await exported(here, "json"))["cycles"][0]["contributions"][0]["id"]
        await here.says(here.joke, f"!deel {number} groep anoniem")
        await here.says(here.maaike, "!weekbericht stuur")
        unnamed = await exported(here, form)
        ids = [card.native]
    assert "Joke" in named
    assert "Joke" not in unnamed
    assert "belletje" in unnamed
    assert not [one for one in ids if f'"{one}"' in unnamed]


async def test_what_was_narrowed_to_nobody_leaves_no_more_and_what_others_said_about_it_is_theirs(
    tmp_path: Path,
) -> None:
    async with group(tmp_path) as here:
        await here.start()
        card = await here.says(here.bas, "!proef Eén belletje")
        await here.says(here.bas, "dat het vlugger gaat", thread=card)
        number = json.loads(await exported(here, "json"))["cycles"][0]["contributions"][0]["id"]
        await here.says(here.bas, f"!deel {number} niemand")
        texts = [await exported(here, form) for form in FORMATS]
    assert not [text for text in texts if "belletje" in text or "vlugger" in text]


async def test_two_groups_of_one_bot_do_not_see_each_other(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.says(here.joke, "!zag iets van hier")
        other = await here.house.open_room("Bomen", here.bas)
        await here.house.say(here.bas, other, '!ronde start "Bomen" weken=4')
        await here.house.say(here.bas, other, "!zag iets van daar")
        async with here.house.store.read() as views:
            for one in await views.groups():
                dossier = await gather(views, one.id, here.house.rules, here.house.clock.now())
                for form in FORMATS.values():
                    text = form(dossier)
                    assert ("van hier" in text, "van daar" in text) == (one.name == "Parkeren", one.name == "Bomen")
