"""Requests of authorised agents over the Data Rights Protocol, and the agents' tokens."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version."""
    op.create_table(
        "agent_requests",
        sa.Column("case_id", sa.String(20), nullable=False),
        sa.Column("request_id", sa.String(36), nullable=False),
        sa.Column("agent", sa.String(32), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("exercise", sa.String(20), nullable=False),
        sa.Column("regime", sa.String(8), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed_said", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_envelope", sa.LargeBinary(), nullable=False),
        sa.Column("wants_callbacks", sa.Boolean(), nullable=False),
        sa.Column("told", sa.String(80), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_agent_requests_case_id_cases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_agent_requests")),
        sa.UniqueConstraint("request_id", name=op.f("uq_agent_requests_request_id")),
    )
    op.create_index(
        "ix_agent_requests_wants_callbacks",
        "agent_requests",
        ["case_id"],
        sqlite_where=sa.text("wants_callbacks"),
        postgresql_where=sa.text("wants_callbacks"),
    )
    op.create_table(
        "agent_tokens",
        sa.Column("agent", sa.String(32), nullable=False),
        sa.Column("business_id", sa.String(64), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("agent", "business_id", name=op.f("pk_agent_tokens")),
    )


def downgrade() -> None:
    """Back to the version before."""
    op.drop_table("agent_tokens")
    op.drop_index("ix_agent_requests_wants_callbacks", table_name="agent_requests")
    op.drop_table("agent_requests")
