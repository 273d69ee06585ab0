"""Add instructions to processors in a case, and the answers."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_EMPTY = sa.text("''")


def upgrade() -> None:
    """To this version."""
    _create_instructions()
    _create_answers()


def downgrade() -> None:
    """Back to the version before."""
    op.drop_table("processor_answers")
    op.drop_index("ix_instructions_open", "instructions")
    op.drop_table("instructions")


def _create_instructions() -> None:
    op.create_table(
        "instructions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("processor", sa.String(32), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("sealed_text", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("sent_by", sa.String(200), server_default=_EMPTY, nullable=False),
        sa.Column("is_open", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("is_promised", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_instructions_case_id_cases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instructions")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_instructions_case_id")),
        sa.UniqueConstraint("case_id", "processor", name="uq_instructions_case_id_processor"),
    )
    is_open = sa.text("is_open")
    op.create_index("ix_instructions_open", "instructions", ["due_on"], sqlite_where=is_open, postgresql_where=is_open)


def _create_answers() -> None:
    op.create_table(
        "processor_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(20), nullable=False),
        sa.Column("instruction", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(20), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.Column("records", sa.Integer()),
        sa.Column("until", sa.Date()),
        sa.Column("sub_processors", sa.JSON(), nullable=False),
        sa.Column("doubts", sa.JSON(), nullable=False),
        sa.Column("is_late", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("sealed_note", sa.LargeBinary()),
        sa.Column("proof_sha256", sa.String(64), server_default=_EMPTY, nullable=False),
        sa.Column("sealed_proof", sa.LargeBinary()),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(200), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True)),
        sa.Column("checked_by", sa.String(200), server_default=_EMPTY, nullable=False),
        sa.Column("sealed_check", sa.LargeBinary()),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_processor_answers_case_id_cases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_processor_answers")),
        sa.UniqueConstraint("case_id", "instruction", "number", name=op.f("uq_processor_answers_case_id")),
    )
