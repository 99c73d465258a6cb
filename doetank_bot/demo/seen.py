"""One event of a room as its people see it. Pure."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Seen:
    """An event of the homeserver, in the room `room`."""

    room: str
    event: dict[str, Any]

    @property
    def id(self) -> str:
        """Its event id."""
        return str(self.event["event_id"])

    @property
    def sender(self) -> str:
        """Who sent it."""
        return str(self.event.get("sender", ""))

    @property
    def is_message(self) -> bool:
        """Whether it is a message of its own: no edit, no sign, no deletion."""
        return self.event["type"] == "m.room.message" and self.edits is None and "body" in self.event["content"]

    @property
    def is_notice(self) -> bool:
        """Whether it answers a command or tells something by the way, as bots do: no prompt, no digest."""
        return bool(self.event["content"].get("msgtype") == "m.notice")

    @property
    def picture(self) -> tuple[str, str] | None:
        """The name and the address (mxc) of the picture that it shows, if it shows one."""
        content = self.event["content"]
        is_picture = self.is_message and content.get("msgtype") == "m.image"
        return (str(content.get("filename")), str(content.get("url"))) if is_picture else None

    @property
    def at(self) -> int:
        """When the homeserver got it, in milliseconds."""
        return int(self.event["origin_server_ts"])

    def edited_by(self, edit: "Seen") -> "Seen":
        """Return it with the text that `edit` gives it."""
        content = {**self.event["content"], **edit.event["content"]["m.new_content"]}
        return Seen(self.room, {**self.event, "content": content})

    @property
    def text(self) -> str:
        """What it says, or says now."""
        content = self.event["content"]
        return str(content.get("m.new_content", content).get("body", ""))

    @property
    def html(self) -> str:
        """The same with its markup; empty when it has none."""
        return str(self.event["content"].get("formatted_body", ""))

    @property
    def thread(self) -> str | None:
        """The event id of the thread it stands in."""
        return self._relation.get("event_id") if self._relation.get("rel_type") == "m.thread" else None

    @property
    def edits(self) -> str | None:
        """The event id of the message whose text it replaces."""
        return self._relation.get("event_id") if self._relation.get("rel_type") == "m.replace" else None

    @property
    def signs(self) -> str | None:
        """The event id of the message that it is a reaction to."""
        return self._relation.get("event_id") if self.event["type"] == "m.reaction" else None

    @property
    def sign(self) -> str:
        """The sign of a reaction."""
        return str(self._relation.get("key", ""))

    @property
    def deletes(self) -> str | None:
        """The event id of the message that it deletes."""
        if self.event["type"] != "m.room.redaction":
            return None
        target: str | None = self.event.get("redacts") or self.event["content"].get("redacts")
        return target

    @property
    def _relation(self) -> dict[str, Any]:
        relation: dict[str, Any] = self.event.get("content", {}).get("m.relates_to", {})
        return relation
