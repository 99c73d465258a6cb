"""Messages that cannot be read yet: the coach is told once a day, nobody is answered one by one. Pure."""

from datetime import timedelta

from doetank_bot.domain.effect import NOTHING, Outcome, Params, Say, StoreGroup
from doetank_bot.domain.reference import Private
from doetank_bot.domain.schedule import to_local
from doetank_bot.domain.view import Rules, Scene, Sealed
from doetank_bot.flows import course

GRACE = timedelta(minutes=15)
"""Keys may come a little after the message; what is younger is not told."""
TOLD_FOR = timedelta(days=7)
"""After that the coach knows: a key that did not come in a week hardly comes any more."""


def told(sealed: Sealed, scene: Scene, rules: Rules) -> Outcome:
    """Tell the coach, in sending hours, how many wait and since when; once on a local day."""
    group, cycle = scene.group, scene.cycle
    if group is None or cycle is None or sealed.since is None or scene.now - sealed.since < GRACE:
        return NOTHING
    local = to_local(scene.now, group.timezone)
    if group.settings.sealed_told_on == local.date() or not course.calendar_of(group, rules).is_open(local):
        return NOTHING
    params: dict[str, Params] = {"title": cycle.title, "n": sealed.n, "since": sealed.since}
    noted = StoreGroup(group.with_settings(sealed_told_on=local.date()))
    return Outcome((noted, Say(Private(cycle.coach), "sealed.waiting", params)))
