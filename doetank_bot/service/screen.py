"""The screen: what of a batch may be kept at all, and in which words. Pure.

Kept are commands, private chat, messages tied to one of the bot's, edits and deletions of what is stored, and who
comes and goes. Everything else people say to each other never touches the disk: of what may be meant as an answer to
an open question no more is kept than that someone talked. Personal data is masked here, before anything is written.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TypeGuard

from doetank_bot.domain.hygiene import MAX_NAME_BYTES, clean
from doetank_bot.domain.reference import MessageRef, SpaceRef, UserRef
from doetank_bot.domain.wash import wash
from doetank_bot.ports import (
    BotJoined,
    Incoming,
    Known,
    MemberChanged,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Talked,
)

_BEGINNING = 200
_FEWEST_WORDS = 5
"""What has fewer ("Mooi!", "Dank je") is never taken for an answer."""


@dataclass(slots=True)
class Screen:
    """Screens one batch. It remembers what it kept, so that an edit in the same batch finds its message."""

    me: UserRef
    prefix: str
    known: Known
    _kept: set[MessageRef] = field(default_factory=set)
    _private: set[SpaceRef] = field(default_factory=set)

    def keep(self, incoming: Iterable[Incoming]) -> Iterator[Incoming]:
        """Yield what may be stored, in order: texts cleaned, cut to 16 KiB and masked, names masked."""
        for item in incoming:
            if isinstance(item, BotJoined) and item.is_private:
                self._private.add(item.ref.space)
            if not self._is_kept(item):
                if self._may_answer(item) and (item.ref.space, item.sender) in self.known.unhinted:
                    yield Talked(item.ref, item.sender)
                continue
            if isinstance(item, MessageReceived):
                self._kept.update(ref for ref in (item.ref, item.reply_to) if ref is not None)
            yield self._washed(item)

    def talkers(self, incoming: Sequence[Incoming]) -> frozenset[tuple[SpaceRef, UserRef]]:
        """Return who may be answering a question in the main timeline of a room: `Known.unhinted` is about them.

        Whoever also writes in a thread or a reply, in this same batch, knows where answers go.
        """
        talk = {(item.ref.space, item.sender) for item in incoming if self._may_answer(item)}
        return frozenset(talk - {(item.ref.space, item.sender) for item in incoming if _is_answering(item)})

    def _may_answer(self, item: Incoming) -> TypeGuard[MessageReceived]:
        return (
            isinstance(item, MessageReceived)
            and item.ref.space not in self.known.private
            and item.thread is None
            and item.reply_to is None
            and item.is_text
            and not (item.is_bot or item.mentions_me or item.sender == self.me)
            and not item.text.startswith(self.prefix)
            and _is_sentence(item.text[:_BEGINNING])
        )

    def _is_kept(self, item: Incoming) -> bool:
        match item:
            case MessageReceived():
                return self._is_for_us(item)
            case MessageEdited():
                return item.editor != self.me and self._is_stored(item.target)
            case MessageDeleted():
                is_ours = item.key is None and item.target in self.known.ours
                return is_ours or self._is_stored(item.target)
            case _:
                return True

    def _is_for_us(self, message: MessageReceived) -> bool:
        if message.is_bot or message.sender == self.me:
            return False
        if message.ref.space in self.known.private or message.ref.space in self._private:
            return True
        # Signs that nobody sees may stand before it; no more than a few are looked through, for this is all talk.
        if clean(message.text[:_BEGINNING]).lstrip().startswith(self.prefix) or message.mentions_me:
            return True
        return self._is_tied(message)

    def _is_tied(self, message: MessageReceived) -> bool:
        """A reply to another member is talk, in a thread of ours too; so is what others say where someone is asked."""
        anchor = message.reply_to or message.thread
        return anchor is not None and (anchor in self.known.ours or (anchor, message.sender) in self.known.flows)

    def _is_stored(self, target: MessageRef) -> bool:
        return target in self.known.sources or target in self._kept

    def _washed(self, item: Incoming) -> Incoming:
        language = self.known.languages.get(item.ref.space)

        def named(name: str | None) -> str | None:
            return None if name is None else wash(name, language, MAX_NAME_BYTES).text

        match item:
            case MessageReceived() | MessageEdited():
                washed = wash(item.text, language)
                return replace(item, text=washed.text, found=washed.found, is_cut=washed.is_cut)
            case MemberChanged():
                return replace(item, name=named(item.name))
            case BotJoined():
                people = tuple((user, named(name)) for user, name in item.members)
                return replace(item, members=people, name=named(item.name) or "")
            case _:
                return item


def _is_sentence(text: str) -> bool:
    words = (word for word in text.split() if any(map(str.isalpha, word)))
    return len(tuple(islice(words, _FEWEST_WORDS))) == _FEWEST_WORDS


def _is_answering(item: Incoming) -> TypeGuard[MessageReceived]:
    return isinstance(item, MessageReceived) and (item.thread is not None or item.reply_to is not None)
