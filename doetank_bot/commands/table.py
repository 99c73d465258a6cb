"""All commands there are. What is not in this table does not exist."""

from doetank_bot.commands import contribution, cycle, cycle_start, digest, keep, prompt
from doetank_bot.commands.help import help_for
from doetank_bot.commands.spec import AnyCommand

_BUT_HELP: tuple[AnyCommand, ...] = (
    cycle_start.START,
    cycle.STATUS,
    cycle.PREVIEW,
    cycle.PAUSE,
    cycle.RESUME,
    cycle.END,
    prompt.NOW,
    contribution.OBSERVE,
    contribution.EXPERIMENT,
    contribution.QUESTION,
    keep.KEEP,
    digest.PREVIEW,
    digest.SEND,
)
COMMANDS: tuple[AnyCommand, ...] = (*_BUT_HELP, help_for(_BUT_HELP))
