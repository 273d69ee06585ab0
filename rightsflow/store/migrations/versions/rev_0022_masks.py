"""Add people's decisions on the redactions of an access package."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version."""
    op.create_table(
        "mask_choices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(20), nullable=False),
        sa.Column("record_hash", sa.String(64), nullable=False),
        sa.Column("part_hash", sa.String(64), nullable=False),
        sa.Column("act", sa.String(12), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("places", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed_choice", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_mask_choices_case_id_cases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mask_choices")),
    )
    op.create_index("ix_mask_choices_case_id", "mask_choices", ["case_id"])


def downgrade() -> None:
    """Back to the version before."""
    op.drop_index("ix_mask_choices_case_id", "mask_choices")
    op.drop_table("mask_choices")
