"""The core: groups, cycles, contributions, inbox, outbox, timers, flows."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables, parents first."""
    _places()
    _cycles()
    _outbox()
    _inbox()
    _words()


def _places() -> None:
    op.create_table(
        "spaces",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("native", sa.Text(), nullable=False),
        sa.Column("private_with", sa.Text()),
        sa.Column("is_left", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_spaces"),
        sa.UniqueConstraint("account", "native", name="uq_spaces_account_native"),
    )
    op.create_index("ix_spaces_account_private_with", "spaces", ["account", "private_with"])
    op.create_table(
        "groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account", "space"], ["spaces.account", "spaces.native"], name="fk_groups_account_space"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_groups"),
        sa.UniqueConstraint("account", "space", name="uq_groups_account_space"),
    )
    op.create_table(
        "members",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_members_group_id"),
        sa.PrimaryKeyConstraint("id", name="pk_members"),
        sa.UniqueConstraint("group_id", "account", "user", name="uq_members_group_id_account_user"),
        sa.UniqueConstraint("group_id", "id", name="uq_members_group_id_id"),
    )
    op.create_index("ix_members_account_user", "members", ["account", "user"])
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("native", sa.Text(), nullable=False),
        sa.Column("anchor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
        sa.UniqueConstraint("account", "kind", "native", "anchor", name="uq_conversations_account_kind_native_anchor"),
    )
    op.create_index("ix_conversations_anchor", "conversations", ["anchor"])
    op.create_table(
        "flows",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=36), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_flows_conversation_id"),
        sa.ForeignKeyConstraint(
            ["group_id", "member_id"], ["members.group_id", "members.id"], name="fk_flows_group_id_member_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_flows"),
        sa.UniqueConstraint("conversation_id", "member_id", name="uq_flows_conversation_id_member_id"),
    )


def _cycles() -> None:
    op.create_table(
        "cycles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("coach", sa.Text(), nullable=False),
        sa.Column("weeks", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("paused_on", sa.Date()),
        sa.Column("ended_at", sa.DateTime()),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_cycles_group_id"),
        sa.PrimaryKeyConstraint("id", name="pk_cycles"),
        sa.UniqueConstraint("group_id", "id", name="uq_cycles_group_id_id"),
    )
    op.create_index(
        "uq_cycles_one_open",
        "cycles",
        ["group_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('running', 'paused')"),
        postgresql_where=sa.text("state IN ('running', 'paused')"),
    )
    op.create_table(
        "timers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("planned_local", sa.DateTime(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("late", sa.Text(), nullable=False),
        sa.Column("occurrence", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("fired_at", sa.DateTime()),
        sa.ForeignKeyConstraint(
            ["group_id", "cycle_id"], ["cycles.group_id", "cycles.id"], name="fk_timers_group_id_cycle_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_timers"),
        sa.UniqueConstraint("cycle_id", "key", "planned_local", name="uq_timers_cycle_id_key_planned_local"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_timers_waiting",
        "timers",
        ["due_at"],
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=34), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("space", sa.Text()),
        sa.Column("user", sa.Text()),
        sa.Column("group_id", sa.Integer()),
        sa.Column("conversation_id", sa.String(length=36)),
        sa.Column("payload", sa.Text()),
        sa.Column("document", sa.Text()),
        sa.Column("style", sa.Text()),
        sa.Column("purpose", sa.Text()),
        sa.Column("cycle_id", sa.Integer()),
        sa.Column("prompt", sa.Text()),
        sa.Column("digest", sa.Integer()),
        sa.Column("target_id", sa.Integer()),
        sa.Column("message_space", sa.Text()),
        sa.Column("message_native", sa.Text()),
        sa.Column("sign", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("first_try_at", sa.DateTime()),
        sa.Column("next_try_at", sa.DateTime()),
        sa.Column("settled_at", sa.DateTime()),
        sa.Column("native", sa.Text()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("is_removed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_outbox_conversation_id"),
        sa.ForeignKeyConstraint(
            ["group_id", "cycle_id"], ["cycles.group_id", "cycles.id"], name="fk_outbox_group_id_cycle_id"
        ),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_outbox_group_id"),
        sa.ForeignKeyConstraint(["target_id"], ["outbox.id"], name="fk_outbox_target_id"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_cycle_id_purpose", "outbox", ["cycle_id", "purpose"])
    op.create_index("ix_outbox_native", "outbox", ["native"])
    op.create_index("ix_outbox_target_id", "outbox", ["target_id"])
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["state", "id"],
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )


def _inbox() -> None:
    op.create_table(
        "account_state",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text()),
        sa.PrimaryKeyConstraint("account", name="pk_account_state"),
    )
    op.create_table(
        "inbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("native", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target", sa.Text()),
        sa.Column("payload", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
        sa.UniqueConstraint("native", "account", "space", name="uq_inbox_native_account_space"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_inbox_open",
        "inbox",
        ["state", "id"],
        sqlite_where=sa.text("state != 'done'"),
        postgresql_where=sa.text("state != 'done'"),
    )


def _words() -> None:
    op.create_table(
        "contributions",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("source_space", sa.Text(), nullable=False),
        sa.Column("source_native", sa.Text(), nullable=False),
        sa.Column("cycle_id", sa.Integer()),
        sa.Column("part_of", sa.Integer()),
        sa.Column("field", sa.Text()),
        sa.Column("prompted_by", sa.Integer()),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("edited_at", sa.DateTime()),
        sa.ForeignKeyConstraint(
            ["group_id", "author_id"], ["members.group_id", "members.id"], name="fk_contributions_group_id_author_id"
        ),
        sa.ForeignKeyConstraint(
            ["group_id", "cycle_id"], ["cycles.group_id", "cycles.id"], name="fk_contributions_group_id_cycle_id"
        ),
        sa.ForeignKeyConstraint(
            ["group_id", "part_of"],
            ["contributions.group_id", "contributions.number"],
            name="fk_contributions_group_id_part_of",
        ),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_contributions_group_id"),
        sa.ForeignKeyConstraint(["prompted_by"], ["outbox.id"], name="fk_contributions_prompted_by"),
        sa.PrimaryKeyConstraint("group_id", "number", name="pk_contributions"),
    )
    op.create_index("ix_contributions_source_native", "contributions", ["source_native"])
    op.create_table(
        "quotes",
        sa.Column("group_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id", "number"],
            ["contributions.group_id", "contributions.number"],
            name="fk_quotes_group_id_number",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["post_id"], ["outbox.id"], name="fk_quotes_post_id"),
        sa.PrimaryKeyConstraint("group_id", "number", "post_id", name="pk_quotes"),
    )
