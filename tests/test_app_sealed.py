"""Messages that cannot be read yet: they wait, are read once when their key comes, and nobody is called silent."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cast import PACKS, RULES, WEDNESDAY, FakeKept, cycle, of_type, run, said, scene, schedule, written
from house import of_bot, running, texts

from doetank_bot.domain.effect import Show
from doetank_bot.domain.group import Attendance
from doetank_bot.domain.reference import Private
from doetank_bot.domain.view import Encryption, Privacy


async def test_what_cannot_be_read_waits_and_is_handled_once_when_the_key_comes(tmp_path: Path) -> None:
    async with running(tmp_path) as house:
        ana = house.chat.person("@ana:test")
        room = await house.open_room("Parkeren", ana)
        await house.say(ana, room, "!ronde start weken=4")
        house.chat.seal(room)
        n_before = len(of_bot(house, ana, room))
        await house.say(ana, room, "!zag een dichte deur")
        await house.say(ana, room, "Mooi weer vandaag, vind je niet ook?")
        assert len(of_bot(house, ana, room)) == n_before
        house.chat.unseal(room)
        await house.settle()
        assert len(of_bot(house, ana, room)) == n_before + 1
        house.chat.unseal(room)
        await house.settle()
        assert len(of_bot(house, ana, room)) == n_before + 1
        async with house.store.read() as views:
            assert await views.undecryptable() == ()


@pytest.mark.parametrize("is_at_once", [True, False])
async def test_an_answer_that_only_its_edit_lets_us_read_is_kept_as_it_is_now_and_its_old_words_never(
    tmp_path: Path,
    is_at_once: bool,  # noqa: FBT001
) -> None:
    async with running(tmp_path) as house:
        ana, bas = house.chat.person("@ana:test"), house.chat.person("@bas:test")
        room = await house.open_room("Parkeren", ana, bas)
        await house.say(ana, room, "!ronde start weken=4")
        house.chat.seal(room)
        written = bas.say(room, "!zag een dichte deur")
        other = bas.say(room, "!zag een lange rij")
        if not is_at_once:
            await house.settle()
        house.chat.unseal(room, with_past=False)
        bas.edit(written, "!zag een open deur")
        await house.settle()
        house.chat.unseal(room)
        await house.settle()
        async with house.store.read() as views:
            group = await views.group_in(room)
            assert group is not None
            kept = {one.source: one.text for one in await views.group(group).contributions()}
            assert await views.undecryptable() == ()
    assert kept == {written: "een open deur", other: "een lange rij"}


async def test_the_coach_hears_once_a_day_in_private_what_waits_and_nobody_is_answered(tmp_path: Path) -> None:
    async with running(tmp_path) as house:
        ana, bas = house.chat.person("@ana:test"), house.chat.person("@bas:test")
        room = await house.open_room("Parkeren", ana, bas)
        await house.say(ana, room, "!ronde start weken=4")
        house.chat.seal(room)
        await house.say(bas, room, "!zag een dichte deur")

        async def told() -> list[str]:
            await house.engine.dispatcher.tell_sealed()
            await house.settle()
            chat = ana.private_chat()
            return [line for line in texts(ana, chat) if "niet lezen" in line] if chat else []

        assert await told() == []
        house.clock.instant = house.clock.instant.replace(hour=11)
        assert ["1 bericht" in line for line in await told()] == [True]
        await house.say(bas, room, "!zag nog een deur")
        assert len(await told()) == 1
        house.clock.instant = house.clock.instant.replace(day=house.clock.instant.day + 1)
        assert ["2 berichten" in line for line in await told()] == [False, True]
        assert not bas.private_chat()


async def test_a_digest_never_says_it_was_quiet_while_something_cannot_be_read(tmp_path: Path) -> None:
    async with running(tmp_path) as house:
        ana, bas = house.chat.person("@ana:test"), house.chat.person("@bas:test")
        room = await house.open_room("Parkeren", ana, bas)
        await house.say(ana, room, "!ronde start weken=4")
        await house.move_to("2027-02-12 15:00")
        assert [line for line in texts(ana, room) if "was stil" in line]
        house.chat.seal(room)
        await house.say(bas, room, "!zag een dichte deur")
        await house.move_to("2027-02-19 15:00")
        digests = [line for line in texts(ana, room) if "Weekbericht" in line]
        assert "1 bericht" in digests[-1]
        assert "stil" not in digests[-1]


async def test_whoever_wrote_what_cannot_be_read_is_not_moved_to_reading_along(tmp_path: Path) -> None:
    async with running(tmp_path) as house:
        ana, bas = house.chat.person("@ana:test"), house.chat.person("@bas:test")
        room = await house.open_room("Parkeren", ana, bas, house.chat.person("@cor:test"))
        await house.say(ana, room, "!ronde start weken=4")
        await house.move_to("2027-02-09 12:00")
        house.chat.seal(room)
        await house.move_to("2027-02-12 12:00")
        await house.say(bas, room, "Als het dinsdag is, dan ga ik kijken")
        await house.move_to("2027-02-16 12:00")
        async with house.store.read() as views:
            group = await views.group_in(room)
            assert group is not None
            members = await views.group(group).members()
    assert {one.name for one in members if one.attendance is Attendance.READING} == {"cor"}


def test_only_one_fixed_sign_ever_goes_out_as_a_reaction() -> None:
    """Reactions are never encrypted, so none may say anything of a person."""
    places = [
        (file.name, line.strip())
        for file in Path("doetank_bot").rglob("*.py")
        for line in file.read_text().splitlines()
        if "React(" in line and "case " not in line and "class " not in line
    ]
    assert [file for file, _ in places] == ["capture.py"]
    assert "React(scene.source, KEPT_SIGN)" in places[0][1]


@pytest.mark.parametrize("now", [WEDNESDAY, WEDNESDAY + timedelta(days=9), WEDNESDAY + timedelta(days=80)])
@pytest.mark.parametrize(
    ("sealed_by", "words"),
    [
        (Encryption(is_on=True), "is versleuteld. Mijn account staat in"),
        (Encryption(is_on=True, is_trusted=False), "staat nog niet in"),
        (Encryption(is_on=False), "niet versleuteld"),
    ],
)
def test_the_status_tells_in_one_line_how_encryption_stands(sealed_by: Encryption, words: str, now: datetime) -> None:
    kept = FakeKept(steps=schedule(cycle(), now), sealed_by=sealed_by)
    first, last = said(run("ronde", scene(cycle=cycle(), now=now), kept)).split("\n\n")
    assert "Parkeren" in first
    assert words in last


def start(seen_by: Privacy | None, *, is_sensitive: bool) -> list[str]:
    pack = PACKS["doetank"].model_copy(update={"sensitive": is_sensitive})
    rules = replace(RULES, packs={"doetank": pack})
    effects = run("cycle start", scene(), FakeKept(seen_by=seen_by), rules=rules)
    return [written(one) for one in of_type(effects, Show) if isinstance(one.to, Private)]


def test_at_the_start_of_a_sensitive_pack_the_coach_is_told_in_private_who_else_may_see_the_room() -> None:
    exposed = Privacy(is_encrypted=False, is_public=True, is_world_readable=True)
    [told] = start(exposed, is_sensitive=True)
    assert ["niet versleuteld" in told, "binnenkomen" in told, "van buiten" in told] == [True] * 3
    assert start(exposed, is_sensitive=False) == []
    assert start(Privacy(is_encrypted=True), is_sensitive=True) == []
    assert start(None, is_sensitive=True) == []
