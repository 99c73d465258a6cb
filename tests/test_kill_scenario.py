"""kill -9 at each step of the main scenario: at the end another user sees the room as if nothing had happened."""

import asyncio
from pathlib import Path

import pytest
from conftest import People
from faults.harness import new_account, running
from faults.scenario import EXPECTED, Moment, Story, after, chronicle, n_private, play, until_done
from homeserver import Homeserver

from bench import program

pytestmark = [pytest.mark.homeserver, pytest.mark.timeout(180)]

MOMENTS: dict[str, Moment | None] = {
    "never": None,
    "while it works": after(0.02, 0.05, 0, 0.08, 0.03, 0.11),
    "when it is seen": until_done,
}


@pytest.mark.parametrize("moment", MOMENTS)
async def test_killed_at_every_step_the_room_holds_each_thing_once_and_in_order(
    homeserver: Homeserver, person: People, tmp_path: Path, moment: str
) -> None:
    coach, member, account = await person("ana"), await person("bas"), new_account(homeserver, "bot")
    async with running(program.bot(tmp_path, homeserver.url, account), account.user_id) as bot:
        story = Story(coach, member, bot.user_id)
        await play(story, bot, MOMENTS[moment])
        await asyncio.sleep(1)
        assert await chronicle(story) == EXPECTED
        personal, *drafts = await story.private_texts()
        # The first prompt brings the personal questions; the next one waits for an answer to this one.
        assert (await n_private(story), personal.count("Why do you take part?")) == (1, 1)
        # The draft and its edit held the deleted answer; its digest is out, so it does not come again.
        assert drafts == ["removed", "removed"]
