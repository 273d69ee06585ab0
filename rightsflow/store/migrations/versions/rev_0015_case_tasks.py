"""Add manual tasks with their due dates and the people who did them."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version."""
    op.create_table(
        "case_tasks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("system", sa.String(32), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("kept_until", sa.Date()),
        sa.Column("check_first", sa.Boolean(), nullable=False),
        sa.Column("done_on", sa.Date()),
        sa.Column("done_by", sa.String(200), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_tasks_case_id_cases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_tasks")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_case_tasks_case_id")),
    )
    is_open = sa.text("done_on IS NULL")
    op.create_index("ix_case_tasks_open", "case_tasks", ["due_on"], sqlite_where=is_open, postgresql_where=is_open)


def downgrade() -> None:
    """Back to the version before."""
    op.drop_index("ix_case_tasks_open", "case_tasks")
    op.drop_table("case_tasks")
