"""From a document to outbox rows: rendered and frozen now; its tree, without members' words, can be made again."""

from collections.abc import Iterator
from dataclasses import replace

from doetank_bot.domain.document import Document, emptied, quotes
from doetank_bot.domain.effect import About, Purpose
from doetank_bot.domain.reference import GroupId, Place, Private, Room, Thread
from doetank_bot.ports import Act, ChatPort, NewPost, Style, Work
from doetank_bot.service.illustration import Illustrated

_LASTING = frozenset({Purpose.PROMPT, Purpose.DIGEST, Purpose.DRAFT})


async def addressed(work: Work, place: Place, group: GroupId | None, about: About | None = None) -> NewPost:
    """Return an empty post for `place`; a private chat that is not open yet has a user and no space."""
    template = NewPost(Act.SEND, None, None, group=group, about=about)
    match place:
        case Private(user):
            space = await work.private_space(user)
            conversation = await work.conversation(Room(space)) if space else None
            return replace(template, conversation=conversation, space=space, user=user)
        case Room(space):
            return replace(template, conversation=await work.conversation(place), space=space)
        case Thread(root):
            return replace(template, conversation=await work.conversation(place), space=root.space)


def rendered(chat: ChatPort, document: Document, style: Style, template: NewPost) -> Iterator[NewPost]:
    """Yield the posts that `document` makes, like `template` but for their content.

    Only the first replies and pings.
    """
    for index, part in enumerate(chat.render(document, style)):
        numbers = tuple(dict.fromkeys(quote.number for quote in quotes(part.document)))
        is_lasting = bool(numbers) or (template.about is not None and template.about.purpose in _LASTING)
        yield replace(
            template,
            payload=part.payload,
            document=emptied(part.document) if is_lasting else None,
            style=style if index == 0 else replace(style, reply_to=None, mentions=()),
            quotes=numbers,
        )


def pictured(chat: ChatPort, shown: Illustrated, style: Style, template: NewPost) -> Iterator[NewPost]:
    """Yield the post of a picture; without one, those of its alternative."""
    if shown.picture is None:
        yield from rendered(chat, shown.alternative, style, template)
    else:
        yield replace(template, payload=chat.picture(shown.picture, style), style=style)
