"""Orders of controllers for which this installation is a processor."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version."""
    op.add_column("cases", sa.Column("controller", sa.String(32), server_default=sa.text("''"), nullable=False))
    op.create_table(
        "orders",
        sa.Column("case_id", sa.String(20), nullable=False),
        sa.Column("controller", sa.String(32), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("controller_id", sa.String(200), nullable=False),
        sa.Column("request_id", sa.String(36), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("systems", sa.JSON(), nullable=False),
        sa.Column("callbacks", sa.JSON(), nullable=False),
        sa.Column("exclusions", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wants_callbacks", sa.Boolean(), nullable=False),
        sa.Column("told", sa.String(20), server_default=sa.text("''"), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("sealed_result", sa.LargeBinary()),
        sa.Column("results", sa.Integer()),
        sa.Column("completed_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_orders_case_id_cases"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_orders")),
        sa.UniqueConstraint("controller", "request_id", name=op.f("uq_orders_controller")),
    )
    op.create_index(
        "ix_orders_wants_callbacks",
        "orders",
        ["case_id"],
        sqlite_where=sa.text("wants_callbacks"),
        postgresql_where=sa.text("wants_callbacks"),
    )


def downgrade() -> None:
    """Back to the version before."""
    op.drop_index("ix_orders_wants_callbacks", table_name="orders")
    op.drop_table("orders")
    op.drop_column("cases", "controller")
