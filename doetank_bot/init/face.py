"""The name and the picture by which people in a room see that the bot is a program."""

import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from doetank_bot.chat.matrix import Client, Look, Profile, Session
from doetank_bot.init.answers import localpart
from doetank_bot.init.patience import Tell, patiently
from doetank_bot.resources import avatar_file

NAMES = {"nl": "Doebot (programma)", "en": "Doebot (program)"}
"""The name that is proposed, by language."""

Decide = Callable[[str | None], str | None]
"""Given the name that the account has, returns the name to give it, or None to leave it."""


async def give_face(session: Session, store_dir: Path, decide: Decide, tell: Tell) -> None:
    """Give the account the name that `decide` returns, and the picture when it has none.

    Raises AuthLost, Unreachable; a homeserver that does not let accounts change is one of these too.
    """
    async with _profile(session, store_dir) as profile:
        look = await patiently(profile.look, tell)
        name = decide(own_name(look, session.user_id))
        if name is None or name == look.name:
            tell(f"Name: {look.name}, as it is")
        else:
            await patiently(lambda: profile.call_it(name), tell)
            tell(f"Name: {name}")
        if look.picture:
            tell("Picture: the one that the account has")
        else:
            await patiently(lambda: profile.show(avatar_file().read_bytes()), tell)
            tell("Picture: set, with the word “programma” on it")


def own_name(look: Look, user_id: str) -> str | None:
    """Return the name that someone gave the account; homeservers give a new one the first part of its id."""
    return None if look.name in {user_id, localpart(user_id)} else look.name


@contextlib.asynccontextmanager
async def _profile(session: Session, store_dir: Path) -> AsyncIterator[Profile]:
    client = Client(session, str(store_dir))
    try:
        yield Profile(client)
    finally:
        await client.close()
