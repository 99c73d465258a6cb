"""The usual ways to write a bot, in the same labs as ours: the figures beside which ours mean something."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from faults import naive, naive_posters
from faults.figures import Figure, Load
from faults.harness import new_account
from faults.intake import taken_in
from faults.lives import Life
from faults.posting import due, posted
from faults.stage import furnished
from homeserver import Homeserver, Person

_POSTING = Load(n=90, n_rooms=6, n_kills=10, within=120, quiet_for=15)
_INTAKE = Load(n=80, n_rooms=4, n_kills=8, gaps=(1, 1), within=60, quiet_for=15)


@dataclass(frozen=True, slots=True)
class Naive:
    """A way to write it, and what is known to go wrong: it loses, it doubles."""

    name: str
    life: Life
    mode: str = ""
    loses: bool = False
    doubles: bool = False


NAIVE: Sequence[Naive] = (
    Naive("a new transaction id at each try", naive_posters.new_id_each_try, doubles=True),
    Naive("marked as sent first", naive_posters.marked_first, loses=True),
    Naive("SQLAlchemy as it comes", naive_posters.sqlalchemy_defaults, doubles=True),
    Naive("APScheduler's job store", naive_posters.job_store, loses=True),
    Naive("the cursor first", naive.life, "cursor-first", loses=True),
    Naive("the cursor last", naive.life, "cursor-last", doubles=True),
)


async def ablated(way: Naive, server: Homeserver, reader: Person, folder: Path) -> Figure:
    """The figure of this way of writing it, in a folder of its own in `folder`."""
    folder = folder / way.name.replace(" ", "-")
    load = _INTAKE if way.mode else _POSTING
    stage = await furnished(server, reader, new_account(server, "naive"), load.n_rooms)
    await asyncio.to_thread(folder.mkdir, parents=True)
    if way.mode:
        return await taken_in(way.name, stage, load, folder, way.life, way.mode)
    posts = due(stage, load)
    (folder / "posts.json").write_text(json.dumps(posts))
    return await posted(way.name, stage, load, posts, folder, way.life)
