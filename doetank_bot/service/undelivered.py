"""A post that is given up: set aside for good, and the coach of its group is told in the same transaction."""

from doetank_bot.domain.effect import Effect, Say
from doetank_bot.domain.reference import GroupId, Private
from doetank_bot.domain.view import Rules
from doetank_bot.ports import Clock, DuePost, UnitOfWork
from doetank_bot.service.interpreter import Interpreter, Origin


class Undelivered:
    """Gives posts up."""

    def __init__(self, uow: UnitOfWork, interpreter: Interpreter, clock: Clock, rules: Rules) -> None:
        """Take the collaborators; no I/O."""
        self._uow = uow
        self._interpreter = interpreter
        self._clock = clock
        self._rules = rules

    async def give_up(self, post: DuePost, reason: str) -> None:
        """Settle the post as dead. What goes to one person in private is seen by the operator alone."""
        origin = Origin(self._rules.language, self._rules.timezone, dead=(post.id, reason))
        effects: tuple[Effect, ...] = ()
        if post.group is not None and post.user is None:
            effects = await self._told(post, post.group, origin)
        await self._interpreter.carry_out(effects, origin, self._clock.now())

    async def _told(self, post: DuePost, group: GroupId, origin: Origin) -> tuple[Effect, ...]:
        async with self._uow.read() as views:
            rows = views.group(group)
            found, cycle = await rows.group(), await rows.cycle()
        origin.language, origin.timezone, origin.group = found.speech, found.timezone, group
        if cycle is None:
            return ()
        return (Say(Private(cycle.coach), "cycle.undelivered", {"title": cycle.title, "post": str(post.id)}),)
