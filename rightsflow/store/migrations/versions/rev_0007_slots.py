"""The line of steps before each system."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version."""
    op.create_table(
        "slots",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=20), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_slots")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_slots_system"), "slots", ["system"])
    op.create_index(op.f("ix_slots_case_id"), "slots", ["case_id"])


def downgrade() -> None:
    """Back to the version before."""
    op.drop_table("slots")
