"""A whole cycle: settings, absence, reminders, questions that wait in private, undo, and words to search for."""

import sqlalchemy as sa
from alembic import op

from doetank_bot.domain.search import words_of

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add what is new to the tables, and make what is there findable."""
    _groups()
    _cycles()
    _flows()
    _contributions()
    _search_words()


def _groups() -> None:
    op.add_column("groups", sa.Column("settings", sa.Text(), server_default="{}", nullable=False))
    op.add_column("members", sa.Column("attendance", sa.Text(), server_default="asked", nullable=False))
    op.add_column("members", sa.Column("away_until", sa.Date()))
    op.add_column("members", sa.Column("asked_since", sa.DateTime()))
    op.add_column("members", sa.Column("wants_digest", sa.Boolean(), server_default=sa.text("0"), nullable=False))
    op.create_table(
        "people",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("language", sa.Text()),
        sa.Column("timezone", sa.Text()),
        sa.Column("group_id", sa.Integer()),
        sa.Column("waiting", sa.Text()),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_people_group_id"),
        sa.PrimaryKeyConstraint("account", "user", name="pk_people"),
    )
    op.create_table(
        "acts",
        sa.Column("group_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_acts_group_id"),
        sa.PrimaryKeyConstraint("group_id", name="pk_acts"),
    )


def _cycles() -> None:
    op.add_column("cycles", sa.Column("phases", sa.Text(), server_default="[]", nullable=False))
    op.add_column("cycles", sa.Column("is_held", sa.Boolean(), server_default=sa.text("0"), nullable=False))
    op.add_column("timers", sa.Column("is_reminder", sa.Boolean(), server_default=sa.text("0"), nullable=False))


def _flows() -> None:
    with op.batch_alter_table("flows") as flows:
        flows.add_column(sa.Column("is_waiting", sa.Boolean(), server_default=sa.text("0"), nullable=False))
        flows.drop_constraint("uq_flows_conversation_id_member_id", type_="unique")
    is_asking = sa.text("is_waiting IS 0")
    op.create_index(
        "uq_flows_one_open",
        "flows",
        ["conversation_id", "member_id"],
        unique=True,
        sqlite_where=is_asking,
        postgresql_where=sa.text("is_waiting IS false"),
    )


def _contributions() -> None:
    op.add_column("contributions", sa.Column("shown_as", sa.Text()))
    for name, columns in (
        ("parts", ["part_of"]),
        ("kinds", ["kind", "number", "field", "status", "audience", "author_id"]),
        ("givers", ["author_id", "number", "status"]),
        ("since", ["created_at", "author_id"]),
        ("weeks", ["cycle_id", "created_at", "status"]),
        ("of_kind", ["cycle_id", "kind", "number"]),
    ):
        op.create_index(f"ix_contributions_{name}", "contributions", ["group_id", *columns])
    is_edited = sa.text("edited_at IS NOT NULL")
    op.create_index(
        "ix_contributions_edits",
        "contributions",
        ["group_id", "edited_at"],
        sqlite_where=is_edited,
        postgresql_where=is_edited,
    )


def _search_words() -> None:
    table = op.create_table(
        "search_words",
        sa.Column("group_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id", "number"],
            ["contributions.group_id", "contributions.number"],
            name="fk_search_words_group_id_number",
        ),
        sa.PrimaryKeyConstraint("group_id", "word", "number", name="pk_search_words"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_search_words_group_id_number_word", "search_words", ["group_id", "number", "word"])
    given = sa.table("contributions", sa.column("group_id"), sa.column("number"), sa.column("text"))
    rows = [
        {"group_id": row.group_id, "word": word, "number": row.number}
        for row in op.get_bind().execute(sa.select(given))
        for word in words_of(row.text)
    ]
    op.bulk_insert(table, rows)
