"""One event of the timeline as what happened. Pure."""

from dataclasses import dataclass

from doetank_bot.chat.matrix.address import is_addressed, without_address
from doetank_bot.chat.matrix.event import (
    Event,
    Malformed,
    is_redacted,
    part,
    previous,
    sent_at,
    text,
    text_or_none,
)
from doetank_bot.domain.reference import MessageRef, SpaceRef, UserRef
from doetank_bot.ports import (
    Incoming,
    MemberChanged,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    RoomChanged,
    Undecryptable,
)

PICTURES = ("m.sticker", "m.poll.start", "org.matrix.msc3381.poll.start")
"""Types of events that are messages without a text."""

RIGHTS = ("m.room.power_levels", "m.room.tombstone")
"""Types of state events after which something else may be allowed in the room."""

# Tuples, because a stranger's event may hold what cannot be looked up in a set.
_TEXTS = ("m.text", "m.notice", "m.emote")
_OUT = ("leave", "ban")
_NOT_IN = ("invite", "knock")


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the events of one room for the bot `me`."""

    me: UserRef
    space: SpaceRef

    def read(self, event: Event) -> Incoming | None:
        """Return what happened, or None when it is nothing to us. Raises Malformed."""
        read = {
            "m.room.message": self._message,
            "m.room.redaction": self._deletion,
            "m.room.member": self._member,
            "m.room.encrypted": self._encrypted,
            **dict.fromkeys(PICTURES, self._picture),
            **dict.fromkeys(RIGHTS, self._rights),
        }.get(text(event, "type"))
        return None if read is None or is_redacted(event) else read(event)

    def ref(self, event: Event) -> MessageRef:
        """Return the event's own reference. Raises Malformed."""
        return MessageRef(self.space, text(event, "event_id"))

    def _message(self, event: Event) -> Incoming | None:
        content = part(event, "content")
        kind = text(content, "msgtype")
        relation = part(content, "m.relates_to")
        if relation.get("rel_type") == "m.replace":
            return self._edit(event, part(content, "m.new_content"), text(relation, "event_id"))
        if kind.startswith("m.key.verification."):
            return None
        body = text(content, "body") if kind in _TEXTS else ""
        return self._received(event, body)

    def _picture(self, event: Event) -> MessageReceived:
        return self._received(event, "")

    def _received(self, event: Event, body: str) -> MessageReceived:
        content = part(event, "content")
        relation = part(content, "m.relates_to")
        thread, reply_to = self._tie(relation)
        kind = content.get("msgtype")
        sender = self._sender(event)
        own = without_fallback(body) if "m.in_reply_to" in relation else body
        return MessageReceived(
            ref=self.ref(event),
            sender=sender,
            text=without_address(own, content, self.me.native),
            sent_at=sent_at(event),
            thread=thread,
            reply_to=reply_to,
            mentions_me=is_addressed(content, self.me.native),
            is_text=kind in _TEXTS,
            is_bot=kind == "m.notice" or sender == self.me,
            key=self._key(event),
        )

    def _tie(self, relation: Event) -> tuple[MessageRef | None, MessageRef | None]:
        """Return (thread, deliberate reply): clients add a reply to every message of a thread (Matrix 1.4, 11.31.4)."""
        root = text_or_none(relation, "event_id") if relation.get("rel_type") == "m.thread" else None
        answered = text_or_none(part(relation, "m.in_reply_to"), "event_id")
        if root and relation.get("is_falling_back") is True:
            answered = None
        return self._message_ref(root), self._message_ref(answered)

    def _edit(self, event: Event, new: Event, target: str) -> MessageEdited | None:
        body = text(new, "body")
        if new.get("msgtype") not in _TEXTS:
            return None
        return MessageEdited(
            self.ref(event),
            MessageRef(self.space, target),
            self._sender(event),
            without_address(without_fallback(body), new, self.me.native),
            self._key(event),
            mentions_me=is_addressed(new, self.me.native),
        )

    def _deletion(self, event: Event) -> MessageDeleted:
        target = event.get("redacts") or part(event, "content").get("redacts")
        if not isinstance(target, str):
            raise Malformed("redacts")
        return MessageDeleted(self.ref(event), MessageRef(self.space, target), self._key(event))

    def _rights(self, event: Event) -> RoomChanged | None:
        return RoomChanged(self.ref(event), self._sender(event)) if event.get("state_key") == "" else None

    def _member(self, event: Event) -> MemberChanged | None:
        """Someone else came, went, or is called otherwise; invitations and new pictures are nothing to us."""
        user = text(event, "state_key")
        content, before = part(event, "content"), previous(event)
        membership, was = content.get("membership"), before.get("membership")
        name = text_or_none(content, "displayname")
        if user == self.me.native:
            return None
        if membership == "join":
            is_same = was == "join" and name == text_or_none(before, "displayname")
            return None if is_same else MemberChanged(self.ref(event), self._user(user), name, is_in=True)
        if membership in _OUT and was not in _NOT_IN:
            return MemberChanged(self.ref(event), self._user(user), None, is_in=False)
        return None

    def _encrypted(self, event: Event) -> Undecryptable | MessageReceived:
        """What could not be decrypted; of our own, no word is known any more, but that it is there."""
        sender = self._sender(event)
        return self._received(event, "") if sender == self.me else Undecryptable(self.ref(event), sender, event)

    def _key(self, event: Event) -> str | None:
        if event.get("sender") != self.me.native:
            return None
        return text_or_none(part(event, "unsigned"), "transaction_id")

    def _sender(self, event: Event) -> UserRef:
        return self._user(text(event, "sender"))

    def _user(self, native: str) -> UserRef:
        return UserRef(self.me.account, native)

    def _message_ref(self, native: str | None) -> MessageRef | None:
        return MessageRef(self.space, native) if native else None


def without_fallback(body: str) -> str:
    """Return a reply's own words, without the lines that older clients repeat (Matrix up to 1.12, 11.19.1)."""
    if not body.startswith(("> <@", "> * <@")):
        return body
    lines = body.split("\n")
    n_quoted = next((index for index, line in enumerate(lines) if f"{line} "[:2] != "> "), len(lines))
    return "\n".join(lines[n_quoted:]).removeprefix("\n")
