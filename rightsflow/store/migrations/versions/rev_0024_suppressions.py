"""The suppression list: whose address no import brings back and no advertising is sent to."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version."""
    op.create_table(
        "suppressions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("added_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date()),
        sa.Column("case_id", sa.String(20), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppressions")),
        sa.UniqueConstraint("digest", "reason", name=op.f("uq_suppressions_digest")),
    )


def downgrade() -> None:
    """Back to the version before."""
    op.drop_table("suppressions")
