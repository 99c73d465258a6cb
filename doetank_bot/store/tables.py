"""The tables. Every row with a member's words names the member, the group and the source message.

Composite foreign keys hold the group in them, so that the database itself refuses a row that mixes two groups.
A change here needs a migration (tests/test_migrations.py compares).
"""

from datetime import date
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    column,
    false,
    literal_column,
)

from doetank_bot.domain.cycle import Before
from doetank_bot.domain.document import Document
from doetank_bot.domain.group import GroupSettings
from doetank_bot.domain.schedule import Occurrence
from doetank_bot.ports import Style
from doetank_bot.store.column import Json, UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
# Written out, not bound: SQLite uses a partial index only where it can see that the query asks for no other rows.
WAITING: ColumnElement[str] = literal_column("'waiting'")
DONE: ColumnElement[str] = literal_column("'done'")
ACTIVE: ColumnElement[str] = literal_column("'active'")
WITHDRAWN: ColumnElement[str] = literal_column("'withdrawn'")
PRIVATE: ColumnElement[str] = literal_column("'private'")
_WAITING = column("state") == WAITING
_NOT_DONE = column("state") != DONE
_OPEN = column("state").in_(("running", "paused"))
_EDITED = column("edited_at").is_not(None)
_SHARED = column("shared_at").is_not(None)
_IS_ASKING = column("is_waiting", Boolean).is_(false())

account_state = Table(
    "account_state",
    metadata,
    Column("account", Text, primary_key=True),
    Column("cursor", Text),
)

spaces = Table(
    "spaces",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", Text, nullable=False),
    Column("native", Text, nullable=False),
    Column("private_with", Text),
    Column("is_left", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("account", "native"),
    Index(None, "account", "private_with"),
)

groups = Table(
    "groups",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", Text, nullable=False),
    Column("space", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("settings", Json(TypeAdapter(GroupSettings)), nullable=False, server_default="{}"),
    UniqueConstraint("account", "space"),
    ForeignKeyConstraint(["account", "space"], ["spaces.account", "spaces.native"]),
)

members = Table(
    "members",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("group_id", ForeignKey(groups.c.id), nullable=False),
    Column("account", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("attendance", Text, nullable=False, server_default="asked"),
    Column("away_until", Date),
    Column("asked_since", UtcDateTime),
    Column("wants_digest", Boolean, nullable=False, server_default=false()),
    Column("is_hinted", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("group_id", "id"),
    UniqueConstraint("group_id", "account", "user"),
    Index(None, "account", "user"),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account", Text, nullable=False),
    Column("kind", Text, nullable=False),
    # The space of a main timeline or a lane, the person of a private chat: that one may not have a space yet.
    Column("native", Text, nullable=False),
    Column("anchor", Text, nullable=False),
    UniqueConstraint("account", "kind", "native", "anchor"),
    Index(None, "anchor"),
)

cycles = Table(
    "cycles",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("group_id", ForeignKey(groups.c.id), nullable=False),
    Column("title", Text, nullable=False),
    Column("pack", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("coach", Text, nullable=False),
    Column("weeks", Json(TypeAdapter(tuple[date, ...])), nullable=False),
    Column("state", Text, nullable=False),
    Column("paused_on", Date),
    Column("paused_until", Date),
    Column("ended_at", UtcDateTime),
    Column("phases", Json(TypeAdapter(tuple[int, ...])), nullable=False, server_default="[]"),
    Column("is_held", Boolean, nullable=False, server_default=false()),
    Column("settled", Json(TypeAdapter(tuple[str, ...])), nullable=False, server_default="[]"),
    UniqueConstraint("group_id", "id"),
    Index("uq_cycles_one_open", "group_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(34), nullable=False, unique=True),
    Column("act", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("space", Text),
    Column("user", Text),
    Column("group_id", ForeignKey(groups.c.id)),
    Column("conversation_id", ForeignKey(conversations.c.id)),
    Column("payload", Json(TypeAdapter(dict[str, Any]))),
    Column("document", Json(TypeAdapter(Document))),
    Column("style", Json(TypeAdapter(Style))),
    Column("purpose", Text),
    Column("cycle_id", Integer),
    Column("prompt", Text),
    Column("digest", Integer),
    Column("target_id", ForeignKey("outbox.id")),
    Column("message_space", Text),
    Column("message_native", Text),
    Column("sign", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("first_try_at", UtcDateTime),
    Column("next_try_at", UtcDateTime),
    Column("settled_at", UtcDateTime),
    Column("native", Text),
    Column("reason", Text, nullable=False),
    Column("is_removed", Boolean, nullable=False),
    ForeignKeyConstraint(["group_id", "cycle_id"], ["cycles.group_id", "cycles.id"]),
    Index("ix_outbox_waiting", "state", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
    Index(None, "native"),
    Index(None, "target_id"),
    Index(None, "cycle_id", "purpose"),
    sqlite_autoincrement=True,
)

contributions = Table(
    "contributions",
    metadata,
    Column("group_id", ForeignKey(groups.c.id), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("author_id", Integer, nullable=False),
    Column("audience", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("source_space", Text, nullable=False),
    Column("source_native", Text, nullable=False),
    Column("cycle_id", Integer),
    Column("part_of", Integer),
    Column("field", Text),
    Column("prompted_by", ForeignKey(outbox.c.id)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("edited_at", UtcDateTime),
    # What stands in the place of the author's name; null: the name itself.
    Column("shown_as", Text),
    # The group may see it since then; null: since it was given, or not at all.
    Column("shared_at", UtcDateTime),
    ForeignKeyConstraint(["group_id", "author_id"], ["members.group_id", "members.id"]),
    ForeignKeyConstraint(["group_id", "cycle_id"], ["cycles.group_id", "cycles.id"]),
    ForeignKeyConstraint(["group_id", "part_of"], ["contributions.group_id", "contributions.number"]),
    Index(None, "source_native"),
    Index("ix_contributions_parts", "group_id", "part_of"),
    # The rest of the columns spare a count the way to the rows.
    Index("ix_contributions_kinds", "group_id", "kind", "number", "field", "status", "audience", "author_id"),
    Index("ix_contributions_givers", "group_id", "author_id", "number", "status"),
    Index("ix_contributions_since", "group_id", "created_at", "author_id"),
    Index("ix_contributions_weeks", "group_id", "cycle_id", "created_at", "status"),
    Index("ix_contributions_edits", "group_id", "edited_at", sqlite_where=_EDITED, postgresql_where=_EDITED),
    Index("ix_contributions_shares", "group_id", "shared_at", sqlite_where=_SHARED, postgresql_where=_SHARED),
    Index("ix_contributions_of_kind", "group_id", "cycle_id", "kind", "number"),
)

search_words = Table(
    "search_words",
    metadata,
    Column("group_id", Integer, primary_key=True, autoincrement=False),
    Column("word", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    ForeignKeyConstraint(["group_id", "number"], ["contributions.group_id", "contributions.number"]),
    Index(None, "group_id", "number", "word"),
    # The key is all there is. A full-text index of SQLite's own keeps words that were deleted.
    sqlite_with_rowid=False,
)

quotes = Table(
    "quotes",
    metadata,
    Column("group_id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("post_id", ForeignKey(outbox.c.id), primary_key=True),
    # Deferred: a post may be laid out before the contribution that it quotes, inside one transaction.
    ForeignKeyConstraint(
        ["group_id", "number"],
        ["contributions.group_id", "contributions.number"],
        deferrable=True,
        initially="DEFERRED",
    ),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", Text, nullable=False),
    Column("space", Text, nullable=False),
    Column("native", Text, nullable=False),
    Column("kind", Text, nullable=False),
    # The message that an edit or a deletion is about.
    Column("target", Text),
    Column("payload", Text),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("received_at", UtcDateTime, nullable=False),
    # The id first: the screen asks for messages by their id alone.
    UniqueConstraint("native", "account", "space"),
    Index("ix_inbox_open", "state", "id", sqlite_where=_NOT_DONE, postgresql_where=_NOT_DONE),
    sqlite_autoincrement=True,
)

timers = Table(
    "timers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("group_id", Integer, nullable=False),
    Column("cycle_id", Integer, nullable=False),
    Column("key", Text, nullable=False),
    # What the clock on the wall says in the group's zone: the identity of an occurrence, not an instant.
    Column("planned_local", DateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("late", Text, nullable=False),
    Column("occurrence", Json(TypeAdapter(Occurrence)), nullable=False),
    Column("state", Text, nullable=False),
    Column("fired_at", UtcDateTime),
    # Set by what someone gave, and not by the pack's plan: a new plan leaves it alone.
    Column("is_reminder", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("cycle_id", "key", "planned_local"),
    ForeignKeyConstraint(["group_id", "cycle_id"], ["cycles.group_id", "cycles.id"]),
    Index("ix_timers_waiting", "due_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
    sqlite_autoincrement=True,
)

flows = Table(
    "flows",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("group_id", Integer, nullable=False),
    Column("conversation_id", ForeignKey(conversations.c.id), nullable=False),
    Column("member_id", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    # In private: others were asked first.
    Column("is_waiting", Boolean, nullable=False, server_default=false()),
    ForeignKeyConstraint(["group_id", "member_id"], ["members.group_id", "members.id"]),
    Index(
        "uq_flows_one_open",
        "conversation_id",
        "member_id",
        unique=True,
        sqlite_where=_IS_ASKING,
        postgresql_where=_IS_ASKING,
    ),
)

people = Table(
    "people",
    metadata,
    Column("account", Text, primary_key=True),
    Column("user", Text, primary_key=True),
    Column("language", Text),
    Column("timezone", Text),
    Column("group_id", ForeignKey(groups.c.id)),
    Column("waiting", Text),
)

acts = Table(
    "acts",
    metadata,
    Column("group_id", ForeignKey(groups.c.id), primary_key=True, autoincrement=False),
    Column("before", Json(TypeAdapter(Before)), nullable=False),
)
