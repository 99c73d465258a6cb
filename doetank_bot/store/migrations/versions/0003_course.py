"""What a plan made anew leaves alone, until when a pause lasts, since when something is shared, who got the hint."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns; nothing that is there changes."""
    op.add_column("members", sa.Column("is_hinted", sa.Boolean(), server_default=sa.text("0"), nullable=False))
    op.add_column("cycles", sa.Column("paused_until", sa.Date()))
    op.add_column("cycles", sa.Column("settled", sa.Text(), server_default="[]", nullable=False))
    op.add_column("contributions", sa.Column("shared_at", sa.DateTime()))
    is_shared = sa.text("shared_at IS NOT NULL")
    op.create_index(
        "ix_contributions_shares",
        "contributions",
        ["group_id", "shared_at"],
        sqlite_where=is_shared,
        postgresql_where=is_shared,
    )
