"""kill -9 while it works, in an encrypted room: Element sees each thing once and in order, as in a plain one."""

import asyncio
from functools import partial
from pathlib import Path

import pytest
from conftest import Elements
from faults.harness import new_account, running
from faults.scenario import EXPECTED, Story, after, chronicle, n_private, play
from homeserver import Homeserver
from test_encrypted_live import strict

from bench import program

pytestmark = [pytest.mark.homeserver, pytest.mark.timeout(300)]


async def test_killed_while_it_works_an_encrypted_room_holds_each_thing_once_and_in_order(
    homeserver: Homeserver, element: Elements, tmp_path: Path
) -> None:
    coach, member, account = await strict(element, "ana"), await strict(element, "bas"), new_account(homeserver, "bot")
    coach.create_room = partial(coach.create_room, is_encrypted=True)  # type: ignore[method-assign]
    async with running(program.bot(tmp_path, homeserver.url, account), account.user_id) as bot:
        story = Story(coach, member, bot.user_id)
        await play(story, bot, after(0.02, 0.05, 0, 0.08, 0.03, 0.11))
        await asyncio.sleep(1)
        assert await chronicle(story) == EXPECTED
        # What was deleted in private is no message to Element: nothing says any more what it was.
        [personal] = await story.private_texts()
        assert (await n_private(story), personal.count("Why do you take part?")) == (1, 1)
