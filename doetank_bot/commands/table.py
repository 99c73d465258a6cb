"""All commands there are. What is not in this table does not exist."""

from doetank_bot.commands import (
    contribution,
    course,
    cycle,
    cycle_start,
    digest,
    keep,
    lists,
    member,
    prompt,
    rest,
    settings,
)
from doetank_bot.commands.help import help_for
from doetank_bot.commands.spec import AnyCommand

_BUT_HELP: tuple[AnyCommand, ...] = (
    cycle_start.START,
    cycle.STATUS,
    cycle.PREVIEW,
    cycle.PAUSE,
    cycle.RESUME,
    cycle.END,
    course.NEXT,
    course.UNDO,
    settings.SET,
    rest.BREAK,
    prompt.NOW,
    contribution.OBSERVE,
    contribution.EXPERIMENT,
    contribution.QUESTION,
    *contribution.GIFTS,
    keep.KEEP,
    digest.PREVIEW,
    digest.HOLD,
    digest.SEND,
    *lists.LISTS,
    member.AWAY,
    member.REST,
    member.BACK,
)
COMMANDS: tuple[AnyCommand, ...] = (*_BUT_HELP, help_for(_BUT_HELP))
