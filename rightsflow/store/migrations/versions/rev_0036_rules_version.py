"""Add the version of the retention rules last applied to an answered case's retained records."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_RULED = sa.text("rules_version IS NOT NULL")


def upgrade() -> None:
    """To this version: what was answered before is looked at once."""
    op.add_column("cases", sa.Column("rules_version", sa.String(32), nullable=True))
    op.execute("UPDATE cases SET rules_version = '' WHERE state = 'answered'")
    op.create_index("ix_cases_rules_version", "cases", ["rules_version"], sqlite_where=_RULED, postgresql_where=_RULED)


def downgrade() -> None:
    """Back to the version before."""
    op.drop_index("ix_cases_rules_version", table_name="cases")
    op.drop_column("cases", "rules_version")
