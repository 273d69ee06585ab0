"""People who sign in at the desk: their accounts, invitations, sessions and failed attempts."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version."""
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "accounts",
        sa.Column("person", sa.String(32), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("sealed_code_secret", sa.LargeBinary(), nullable=False),
        sa.Column("last_code", sa.Integer(), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_accounts")),
    )
    op.create_table(
        "invitations",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("person", sa.String(32), nullable=False),
        sa.Column("invited_by", sa.String(200), nullable=False),
        sa.Column("sealed_code_secret", sa.LargeBinary(), nullable=False),
        sa.Column("ends_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_invitations")),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("person", sa.String(32), nullable=False),
        sa.Column("proof", sa.String(40), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.Column("seen_at", instant, nullable=False),
        sa.Column("ends_at", instant, nullable=False),
        sa.Column("stepped_up_at", instant),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
    )
    op.create_index("ix_sessions_person", "sessions", ["person"])
    op.create_table(
        "failed_attempts",
        sa.Column("name_hash", sa.String(64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("name_hash", name=op.f("pk_failed_attempts")),
    )


def downgrade() -> None:
    """Back to the version before."""
    op.drop_table("failed_attempts")
    op.drop_index("ix_sessions_person", "sessions")
    op.drop_table("sessions")
    op.drop_table("invitations")
    op.drop_table("accounts")
