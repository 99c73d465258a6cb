"""`!help`: at most twelve lines, and only what this person may do here."""

from collections.abc import Iterator, Sequence

from doetank_bot.commands.answer import shown
from doetank_bot.commands.permission import is_member, may_moderate
from doetank_bot.commands.spec import AnyCommand, Call, Command, Who, nothing
from doetank_bot.commands.usage import typed, usage
from doetank_bot.domain.cycle import CycleState
from doetank_bot.domain.document import Bullets, Code, Document, Line, Paragraph, Text
from doetank_bot.domain.effect import Outcome

_FOR_MEMBERS = ("observe", "experiment", "keep", "question", "cycle.status", "digest.preview")
_FOR_MEMBERS_TOO = ("experiments", "search", "my", "away", "pause")
_FOR_MODERATORS_TOO = ("observe", "experiment", "question", "cycle.status", "search")
_BEFORE_A_CYCLE = ("cycle.start", "set", "break")
_DURING_A_CYCLE = ("cycle.preview", "cycle.pause", "cycle.resume", "prompt.now", "digest.send", "set", "cycle.end")


def help_for(table: Sequence[AnyCommand]) -> AnyCommand:
    """Return the help command over the others."""
    by_name = {command.name: command for command in table}

    def decide(call: Call, _loaded: None) -> Outcome:
        return Outcome((shown(call, _document(call, [by_name[name] for name in _names(call)])),))

    return Command(
        name="help", purpose="command.help", load=nothing, decide=decide, needs_group=False, shows_rights=True
    )


def _names(call: Call) -> Iterator[str]:
    if call.scene.group is None or not is_member(call.scene):
        return
    if not may_moderate(call.scene, call.rules):
        yield from (*_FOR_MEMBERS, *_FOR_MEMBERS_TOO)
    else:
        yield from _FOR_MODERATORS_TOO
        cycle = call.scene.cycle
        other = "cycle.resume" if cycle is None or cycle.state is CycleState.RUNNING else "cycle.pause"
        yield from (name for name in (_DURING_A_CYCLE if cycle else _BEFORE_A_CYCLE) if name != other)


def _document(call: Call, commands: Sequence[AnyCommand]) -> Document:
    if not commands:
        key = "command.help_which" if call.scene.n_groups > 1 else "command.help_nowhere"
        return call.catalogue.document(key, {"prefix": call.rules.prefix}, call.scene.language)
    items = tuple(_item(call, command) for command in commands)
    intro = call.catalogue.line("command.help_intro", {}, call.scene.language)
    return Document(blocks=(Paragraph(lines=(intro,)), Bullets(items=items)))


def _item(call: Call, command: AnyCommand) -> Line:
    """Return how to type a command and what it does; without what this person may not give."""
    scene, may = call.scene, command.who_with_text is not Who.MODERATOR or may_moderate(call.scene, call.rules)
    show, purpose = (usage, command.purpose) if may else (typed, command.purpose_without_text)
    words = call.catalogue.line(purpose, {}, scene.language)
    return (Code(text=show(command, call.words, scene.language, call.rules.prefix)), Text(text=": "), *words)
