"""Whatever is typed: one clear sentence, nothing half kept, nobody pinged, the bot alive."""

from pathlib import Path

import pytest
from group import Group, group, words_on_disk

from doetank_bot.commands.table import COMMANDS
from doetank_bot.text.words import WordTable

WORDS = WordTable.load()
ABSURD = {
    "nothing": "",
    "wrong": "=== weken=veel pack=../../etc/passwd vanaf=31-02-2027",
    "endless": "ja " * 20_000,
    "right-to-left": "\u202eسلام עולם\u202c !stop",
    "zero-width": "\u200b\u200d\ufeff",
    "html": "<script>alert(1)</script><b>vet</b> &amp; <img src=x>",
    "markdown": "**vet** [klik](https://example.org) `code` # kop",
    "everyone": "@room @doetank:test @joke:test",
    "surrogate": "kapot \ud800 teken",
    "template": "{prefix} {{question}} {0} %s",
    "nul": "a\x00b\x1b[31m",
}
PLAIN_ANSWERS = ("!", "!!!", "!\u200b", "!usersfoo", "! start", "!ronde foo", "!123", "!" + "x" * 60_000)


async def _answered(doetank: Group, text: str) -> None:
    person = doetank.maaike
    message = await doetank.says(person, text)
    own = [one for one in doetank.of_bot() if one.reply_to == message]
    everything = doetank.of_bot()
    # A second one only where the coach is asked something, or told that the end was cut off.
    assert len(own) <= 2, [one.text for one in own]
    assert all(not one.mentions for one in everything if one.is_notice)
    for one in own:
        assert one.text.strip()
        assert "{" not in one.text.replace("{prefix} {{question}} {0}", "")
        assert len(one.text) < 4000


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("name", [command.name for command in COMMANDS])
async def test_every_command_with_absurd_input_gets_a_clear_answer_and_does_no_harm(
    tmp_path: Path, name: str, language: str
) -> None:
    typed = "!" + " ".join(WORDS.word(meaning, language) for meaning in name.split("."))
    async with group(tmp_path, language=language) as doetank:
        for absurd in ABSURD.values():
            await _answered(doetank, f"{typed} {absurd}")
        alive = await doetank.says(doetank.joke, "!help")
        assert doetank.answers(alive)
        async with doetank.house.store.read() as views:
            assert await views.waiting_inbox() == ()
            assert await views.waiting_posts() == ()


async def test_what_is_no_command_gets_one_line(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        for text in PLAIN_ANSWERS:
            message = await doetank.says(doetank.joke, text)
            assert len(doetank.answers(message)) == 1, text[:20]


async def test_a_slip_of_the_pen_gets_the_nearest_command(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        slip = await doetank.says(doetank.joke, "!obsrve een rij")
        wrong = await doetank.says(doetank.maaike, "!ronde start weken=99")
        answers = [doetank.answers(message)[0] for message in (slip, wrong)]
    assert "!waarneming" in answers[0] or "!observe" in answers[0]
    assert "16" in answers[1]


async def test_words_come_back_literal_in_the_digest(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        await doetank.says(doetank.joke, f"!zag {ABSURD['html']}")
        await doetank.says(doetank.joke, f"!zag {ABSURD['everyone']}")
        await doetank.says(doetank.maaike, "!weekbericht stuur")
        digest = doetank.digests()[0]
        shown = next(one for one in doetank.of_bot() if one.text == digest)
    assert ABSURD["html"] in digest
    assert "@room @doetank:test @joke:test" in digest
    assert shown.mentions == ()


async def test_a_message_that_is_too_long_is_cut_and_its_author_told(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        before = len(doetank.of_bot())
        await doetank.says(doetank.joke, "!zag " + "een lange rij " * 3000 + "einde")
        said = " ".join(one.text for one in doetank.of_bot()[before:])
    assert "#1" in said
    assert "lang" in said
    assert b"einde" not in words_on_disk(tmp_path)
