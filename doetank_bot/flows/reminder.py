"""What comes back to people because of something they gave: one dated step beside the pack's plan. Pure."""

from datetime import datetime

from doetank_bot.domain.schedule import Occurrence, Run, to_local
from doetank_bot.domain.view import Scene


def reminder(
    key: str,
    run: Run,
    at: datetime,
    scene: Scene,
    *,
    number: int | None = None,
    member: int | None = None,
    prompts: tuple[str, ...] = (),
) -> Occurrence:
    """Return the reminder at the UTC instant `at`. The scene has a group and a cycle; raises ValueError otherwise."""
    if scene.cycle is None or scene.group is None:
        raise ValueError("a reminder belongs to a cycle")
    local = to_local(at, scene.group.timezone)
    week = scene.cycle.week_on(local.date())
    return Occurrence(key, week, "", run, local, at, prompts=prompts, number=number, member=member)
