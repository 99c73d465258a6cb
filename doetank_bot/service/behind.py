"""What a message in a room that its group has left is to us."""

from collections.abc import Sequence

from doetank_bot.commands.spec import AnyCommand
from doetank_bot.domain.effect import Effect
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows import behind
from doetank_bot.flows.control import control
from doetank_bot.ports import MessageReceived, Views
from doetank_bot.service.router import TakeAnswer, route
from doetank_bot.service.tie import tied
from doetank_bot.text.words import WordTable


def is_behind(message: MessageReceived, scene: Scene) -> bool:
    """Whether the message was said in a room that the group is not in any more."""
    return scene.group is not None and not scene.is_private and scene.group.space != message.ref.space


async def said_behind(
    views: Views,
    message: MessageReceived,
    scene: Scene,
    rules: Rules,
    words: WordTable,
    table: tuple[AnyCommand, ...],
) -> Sequence[Effect]:
    """Return what it leads to: only an answer to a prompt that stands there is kept."""
    tie, _ = await tied(views, message, scene, rules)
    decision = route(message, tie, rules, words, table)
    if isinstance(decision, TakeAnswer) and control(decision.said.text, words) is None:
        answer = behind.answered(decision.said.text, decision.post, scene, rules, tuple(message.found))
        if answer:
            return answer
    return behind.elsewhere(message.sender, scene)
