"""A reviewer's faults, mended: taking part is effortless, and nothing said to the bot falls on deaf ears."""

from pathlib import Path
from typing import Any

import pytest
from group import group

from doetank_bot.chat.matrix.message import Reader
from doetank_bot.domain.reference import SpaceRef, UserRef
from doetank_bot.ports import MessageReceived

SIGN = "✔️"


async def test_a_command_behind_signs_that_nobody_sees_is_heard(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        for asked in ("\ufeff!hulp", "\u200b!hulp", "\u200e !HULP \n", "\xa0!\xa0Hulp\xa0", "!hulp\n\n"):
            message = await doetank.says(doetank.joke, asked)
            assert doetank.answers(message), ascii(asked)


async def test_a_reply_to_a_follow_up_from_the_main_timeline_is_its_answer(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        card = await doetank.says(doetank.bas, "!proef één belletje")
        question = [one for one in doetank.of_bot() if one.thread == card][-1]
        await doetank.says(doetank.bas, "klaar in 5 dagen", reply_to=question.ref)
        await doetank.says(doetank.maaike, "!weekbericht stuur")
        assert "klaar in 5 dagen" in doetank.digests()[0]


async def test_a_reply_to_another_line_of_the_bot_in_the_prompts_thread_is_an_answer(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        prompt = await doetank.prompt()
        doetank.joke.say(doetank.room, "", thread=prompt.ref, is_text=False)
        await doetank.house.settle()
        line = [one for one in doetank.of_bot() if one.thread == prompt.ref][-1]
        answer = await doetank.says(doetank.joke, "op de foto staat de balie", thread=prompt.ref, reply_to=line.ref)
        assert doetank.signs(answer) == [SIGN]


async def test_a_mention_in_a_conversation_may_carry_a_control_word(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        card = await doetank.says(doetank.bas, "!proef één belletje")
        doetank.bas.say(doetank.room, "@Doetank stop", thread=card, mentions=[doetank.house.chat.me])
        await doetank.house.settle()
        await doetank.says(doetank.maaike, "!weekbericht stuur")
        assert "@Doetank stop" not in doetank.digests()[0]


async def test_an_edit_of_what_was_given_by_mention_gives_only_its_words(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        said = doetank.joke.say(doetank.room, "@Doetank: zag drie mensen", mentions=[doetank.house.chat.me])
        await doetank.house.settle()
        await doetank.says(doetank.maaike, "!weekbericht stuur")
        assert "“drie mensen”" in doetank.digests()[0]
        await doetank.edits(doetank.joke, said, "@Doetank: zag vier mensen")
        assert "“vier mensen”" in doetank.digests()[0]


async def test_words_before_a_comma_are_not_taken_for_the_bots_name(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        prompt = await doetank.prompt()
        text = "Gisteren, zag ik dat @Doetank niets zei"
        doetank.joke.say(doetank.room, text, thread=prompt.ref, mentions=[doetank.house.chat.me])
        await doetank.house.settle()
        await doetank.says(doetank.maaike, "!weekbericht stuur")
        assert f"“{text}”" in doetank.digests()[0]


PILL = '<a href="https://matrix.to/#/@bot:test">Doetank Bot</a>'


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("Doetank Bot: help", f"{PILL}: help"),
        ("Doetank Bot help", f"{PILL} help"),
        ("@Doetank Bot, help", f"<p>{PILL}, help</p>"),
        ("@bot:test help", '<a href="https://matrix.to/#/%40bot%3Atest">@bot:test</a> help'),
        ("[Doetank Bot](https://matrix.to/#/@bot:test) help", f"{PILL} help"),
    ],
)
def test_a_pill_at_the_beginning_is_an_address_and_no_words(body: str, html: str) -> None:
    heard = _heard({"body": body, "formatted_body": html, "m.mentions": {"user_ids": ["@bot:test"]}})
    assert (heard.text, heard.mentions_me) == ("help", True)


def test_a_reply_to_the_bot_does_not_speak_to_it_by_that_alone() -> None:
    """Element mentions whoever is replied to: an answer that begins with a word of ours would be a command."""
    relation = {"m.in_reply_to": {"event_id": "$prompt"}}
    content = {"body": "Zag gisteren een rij", "m.mentions": {"user_ids": ["@bot:test"]}, "m.relates_to": relation}
    heard = _heard(content)
    assert (heard.text, heard.mentions_me) == ("Zag gisteren een rij", False)
    assert _heard(content | {"formatted_body": f"{PILL} help", "body": "Doetank Bot help"}).mentions_me


def test_a_blank_quoted_line_does_not_hide_a_command() -> None:
    body = "> <@ana:test> een\n>\n> twee\n\n!help"
    assert _heard({"body": body, "m.relates_to": {"m.in_reply_to": {"event_id": "$said"}}}).text == "!help"


def _heard(content: dict[str, Any]) -> MessageReceived:
    event = {
        "type": "m.room.message",
        "event_id": "$1",
        "sender": "@ana:test",
        "origin_server_ts": 1_790_000_000_000,
        "content": {"msgtype": "m.text", **content},
    }
    heard = Reader(UserRef("@bot:test", "@bot:test"), SpaceRef("@bot:test", "!room:test")).read(event)
    assert isinstance(heard, MessageReceived)
    return heard
