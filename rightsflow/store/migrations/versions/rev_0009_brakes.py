"""Brakes on erasing, and how much each case has erased at each system."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_PRESENT = sa.text("released_at IS NULL")


def upgrade() -> None:
    """To this version."""
    op.create_table(
        "brakes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("set_by", sa.String(length=200), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed_reason", sa.LargeBinary(), nullable=True),
        sa.Column("case_id", sa.String(length=20), nullable=True),
        sa.Column("per", sa.String(length=8), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("limit", sa.Integer(), nullable=False),
        sa.Column("planned", sa.Integer(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by", sa.String(length=200), nullable=False),
        sa.Column("released_on", sa.Date(), nullable=True),
        sa.Column("sealed_release", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_brakes_case_id_cases"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brakes")),
    )
    op.create_index(
        "ix_brakes_present", "brakes", ["system"], unique=True, sqlite_where=_PRESENT, postgresql_where=_PRESENT
    )
    op.create_index(op.f("ix_brakes_case_id"), "brakes", ["case_id"])
    op.create_table(
        "erased_amounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=20), nullable=False),
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("is_usual", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_erased_amounts_case_id_cases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erased_amounts")),
        sa.UniqueConstraint("case_id", "system", name=op.f("uq_erased_amounts_case_id")),
    )
    op.create_index("ix_erased_amounts_day", "erased_amounts", ["system", "day"])


def downgrade() -> None:
    """Back to the version before."""
    op.drop_table("erased_amounts")
    op.drop_table("brakes")
