"""Cases that wait for the keeper to start them, roles that one process has, and systems that do not answer."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_EMPTY = sa.text("''")
_TO_START = sa.text("start_at IS NOT NULL AND closed_at IS NULL")


def upgrade() -> None:
    """To this version."""
    op.add_column("cases", sa.Column("in_bulk", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("cases", sa.Column("start_at", _INSTANT, nullable=True))
    op.add_column("cases", sa.Column("waits_for", sa.String(length=32), nullable=False, server_default=_EMPTY))
    op.create_index(
        "ix_cases_to_start",
        "cases",
        ["work_to_on", "received_at", "id"],
        sqlite_where=_TO_START,
        postgresql_where=_TO_START,
    )
    op.create_table(
        "roles",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_roles")),
    )
    op.create_table(
        "breakers",
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.Column("retry_at", _INSTANT, nullable=True),
        sa.Column("probe", sa.String(length=20), nullable=False, server_default=_EMPTY),
        sa.Column("probe_until", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("system", name=op.f("pk_breakers")),
    )


def downgrade() -> None:
    """Back to the version before."""
    op.drop_table("breakers")
    op.drop_table("roles")
    op.drop_index("ix_cases_to_start", "cases")
    for name in ("waits_for", "start_at", "in_bulk"):
        op.drop_column("cases", name)
