"""Every enumerated crash point of the main scenario: before and after each commit and each request, step by step.

A point is a place (a function that commits, a kind of request) in a step of the scenario, the first so many times that
it is come by; a request that is only tried again is none of its own. At each the bot dies once. The points are dealt
out over several plays, so that they may go side by side, or each have a play of its own.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from faults.doom import REACHED, STEP, Deal, life
from faults.lives import Lives
from faults.proxy import Dropped, Proxy, Seen, When
from faults.scenario import Story, chronicle, n_private, steps, until_done
from homeserver import Account, Homeserver, Person

from bench.program import bot as configured

_STEP_WITHIN = 120.0
_ID = re.compile(r"^(%21|%24|%40|%23|[!$@#]|o\.)")


@dataclass(slots=True)
class Lines:
    """A proxy's watch: kills at requests of its part."""

    deal: Deal
    lives: Lives
    step: str = ""
    reached: set[str] = field(default_factory=set)
    _paths: dict[str, set[str]] = field(default_factory=dict)

    async def watch(self, seen: Seen) -> None:
        """Kill when the moment is there. Raises Dropped."""
        kind = "/".join("*" if _ID.match(each) else each for each in seen.path.split("/")[4:])
        place = f"{self.step}: {seen.when} {seen.method} {kind}"
        paths = self._paths.setdefault(place, set())
        if seen.path in paths or len(paths) == self.deal.times:
            return
        paths.add(seen.path)
        point = f"{place} {len(paths)}"
        self.reached.add(point)
        if self.deal.has(point):
            self.lives.kill()
            if seen.when is When.BEFORE:
                raise Dropped


@dataclass(frozen=True, slots=True)
class Played:
    """What a play left: what people see, the points that were reached and how often the bot died."""

    room: list[str]
    n_private: int
    private: list[str]
    reached: frozenset[str]
    n_deaths: int


async def played(
    server: Homeserver, coach: Person, member: Person, account: Account, folder: Path, deal: Deal
) -> Played:
    """Play the scenario; the bot dies once at each point that is dealt to this play."""
    async with Proxy(server.url).listening() as proxy:
        configured(folder, proxy.url, account)
        lives = Lives(folder, life, proxy.url, account.user_id, account.access_token, str(deal))
        lines = Lines(deal, lives)
        proxy.watch = lines.watch
        story = Story(coach, member, account.user_id)
        (folder / STEP).write_text("beginning")
        async with lives.going_on():
            for step in steps():
                lines.step = step.name
                (folder / STEP).write_text(step.name)
                await step.act(story)
                await until_done(step, story, _STEP_WITHIN)
        reached = lines.reached | set((folder / REACHED).read_text().splitlines())
        private = await n_private(story), await story.private_texts()
        return Played(await chronicle(story), *private, frozenset(reached), lives.n_deaths)
