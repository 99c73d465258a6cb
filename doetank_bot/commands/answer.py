"""How commands answer: a notice that replies to the command, where it was typed. Pings nobody."""

from doetank_bot.commands.spec import Call
from doetank_bot.domain.document import Document
from doetank_bot.domain.effect import ANSWER, Params, Say, Show


def answer(call: Call, key: str, **params: Params) -> Say:
    """Return the catalogue text `key` as the answer; `{prefix}` is always there."""
    filled: dict[str, Params] = {"prefix": call.rules.prefix, **params}
    return Say(call.scene.place, key, filled, reply_to=call.scene.source, about=ANSWER)


def shown(call: Call, document: Document) -> Show:
    """Return a tree as the answer."""
    return Show(call.scene.place, document, reply_to=call.scene.source, about=ANSWER)
