"""Legal holds: records that a claim needs are not erased until the hold is released."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version."""
    empty = sa.text("''")
    op.create_table(
        "legal_holds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("persons", sa.JSON(), nullable=False),
        sa.Column("case_id", sa.String(20), server_default=empty, nullable=False),
        sa.Column("system", sa.String(32), server_default=empty, nullable=False),
        sa.Column("category", sa.String(200), server_default=empty, nullable=False),
        sa.Column("sealed_matter", sa.LargeBinary(), nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("placed_by", sa.String(200), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("approved_by", sa.String(200), server_default=empty, nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True)),
        sa.Column("released_by", sa.String(200), server_default=empty, nullable=False),
        sa.Column("sealed_release", sa.LargeBinary()),
        sa.Column("is_followed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_holds")),
    )
    present = sa.text("released_at IS NULL")
    op.create_index(
        "ix_legal_holds_present", "legal_holds", ["review_on"], sqlite_where=present, postgresql_where=present
    )


def downgrade() -> None:
    """Back to the version before."""
    op.drop_index("ix_legal_holds_present", "legal_holds")
    op.drop_table("legal_holds")
