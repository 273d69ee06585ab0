"""More than one instruction to a processor in a case: a restriction that it was told of is lifted there too."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_UNIQUE = "uq_instructions_case_id_processor"
_OF_LIFTED = (
    "DELETE FROM processor_answers WHERE EXISTS (SELECT 1 FROM instructions"
    " WHERE instructions.case_id = processor_answers.case_id"
    " AND instructions.number = processor_answers.instruction AND instructions.task <> 0)"
)


def upgrade() -> None:
    """To this version."""
    with op.batch_alter_table("instructions") as batch_op:
        batch_op.add_column(sa.Column("task", sa.Integer(), server_default=sa.text("0"), nullable=False))
        batch_op.drop_constraint(_UNIQUE, type_="unique")
        batch_op.create_unique_constraint(_UNIQUE, ["case_id", "processor", "task"])


def downgrade() -> None:
    """Back to the version before, which knows no instruction to lift: the ledger says that there was one."""
    op.execute(_OF_LIFTED)
    op.execute("DELETE FROM instructions WHERE task <> 0")
    with op.batch_alter_table("instructions") as batch_op:
        batch_op.drop_constraint(_UNIQUE, type_="unique")
        batch_op.drop_column("task")
        batch_op.create_unique_constraint(_UNIQUE, ["case_id", "processor"])
