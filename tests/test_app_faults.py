"""Our own faults, a chat that does not answer, a login that is lost: the group goes on and nothing is lost."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from group import group
from house import FakeClock, running, texts

from doetank_bot.chat.memory import MemoryChat
from doetank_bot.domain.document import Document
from doetank_bot.domain.reference import MessageRef
from doetank_bot.domain.view import Snapshot
from doetank_bot.observe import configure_logs
from doetank_bot.ports import AuthLost, Rendered, Style

SECRET = "mevrouw Pietersen"


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    yield
    structlog.reset_defaults()


class Stumbling(MemoryChat):
    """A chat with a fault of our own in it: it stumbles over one message, and over prompts as long as told."""

    stumbles_over_prompts = False

    async def fetch(self, message: MessageRef) -> Snapshot | None:
        raise RuntimeError(f"{SECRET} {message}")

    def render(self, document: Document, style: Style) -> list[Rendered]:
        if self.stumbles_over_prompts and style.mentions:
            raise RuntimeError(SECRET)
        return list(super().render(document, style))


def stumbling() -> Stumbling:
    return Stumbling(FakeClock("2027-02-03 10:00").now)


async def test_our_own_fault_is_tried_again_then_told_with_a_code_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs("debug", "json")
    async with group(tmp_path, chat=stumbling()) as doetank:
        said = await doetank.says(doetank.bas, "de brief was onbegrijpelijk")
        asked = await doetank.says(doetank.joke, "!bewaar", reply_to=said)
        after = await doetank.says(doetank.joke, "!zag een lange rij")
        (answer,) = doetank.answers(asked)
        assert "#1" in doetank.answers(after)[0]
    logged = capsys.readouterr().err
    assert "ging iets mis bij mij" in answer
    assert SECRET not in answer
    assert SECRET not in logged
    assert logged.count("input_failed") == 3
    assert answer.rstrip(".").split()[-1] in logged
    assert "onbegrijpelijk" not in logged


async def test_a_step_that_fails_is_tried_again_and_then_the_coach_is_told(tmp_path: Path) -> None:
    chat = stumbling()
    async with group(tmp_path, chat=chat) as doetank:
        await doetank.start()
        chat.stumbles_over_prompts = True
        await doetank.house.move_to("2027-02-08 12:00")
        private = doetank.maaike.private_chat()
        assert private is not None
        assert any("ging iets mis bij mij" in text for text in texts(doetank.maaike, private))
        chat.stumbles_over_prompts = False
        await doetank.house.move_to("2027-02-11 12:00")
        assert not doetank.of_bot()[-1].is_notice


async def test_what_needs_the_homeserver_waits_until_it_answers(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        doetank.house.chat.is_reachable = False
        start = doetank.maaike.say(doetank.room, "!ronde start weken=4")
        await asyncio.sleep(0.3)
        assert doetank.answers(start) == []
        doetank.house.chat.is_reachable = True
        await doetank.house.settle()
        assert len([text for text in doetank.answers(start) if "4 weken" in text]) == 1


async def test_a_lost_login_stops_the_bot_and_loses_nothing(tmp_path: Path) -> None:
    chat = MemoryChat(FakeClock("2027-02-03 10:00").now)
    ana = chat.person("@ana:test", "Ana")

    async def until_the_login_is_lost() -> None:
        async with running(tmp_path, chat=chat) as house:
            room = await house.open_room("Parkeren", ana)
            chat.lose_login()
            ana.say(room, "!zag een lange rij")
            await asyncio.sleep(0.2)

    with pytest.raises(BaseExceptionGroup) as ended:
        await until_the_login_is_lost()
    assert ended.value.subgroup(AuthLost) is not None
    chat.is_auth_lost = False
    async with running(tmp_path, chat=chat) as house:
        await house.settle()
        (room,) = (each.space for each in chat.rooms())
        assert sum("#1" in text for text in texts(ana, room)) == 1
