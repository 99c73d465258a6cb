"""How commands answer: a notice that replies to the command, where it was typed. Pings nobody."""

from doetank_bot.commands.spec import Call
from doetank_bot.domain.document import Document
from doetank_bot.domain.effect import ANSWER, About, Outcome, Params, Say, Show
from doetank_bot.domain.error import UserError
from doetank_bot.domain.reference import Private


def answer(call: Call, key: str, **params: Params) -> Say:
    """Return the catalogue text `key` as the answer; `{prefix}` is always there."""
    filled: dict[str, Params] = {"prefix": call.rules.prefix, **params}
    return Say(call.scene.place, key, filled, reply_to=call.scene.source, about=ANSWER)


def shown(call: Call, document: Document) -> Show:
    """Return a tree as the answer."""
    return Show(call.scene.place, document, reply_to=call.scene.source, about=ANSWER)


def privately(call: Call, document: Document, about: About = ANSWER) -> Outcome:
    """Show a tree to the sender alone; asked for in the room, one line there says so. Raises UserError: no member."""
    if call.scene.sender is None:
        raise UserError("error.members_only")
    reply_to = call.scene.source if call.scene.is_private else None
    told = Show(Private(call.scene.sender.user), document, reply_to=reply_to, about=about)
    return Outcome((told,) if call.scene.is_private else (told, answer(call, "lists.in_private")))
