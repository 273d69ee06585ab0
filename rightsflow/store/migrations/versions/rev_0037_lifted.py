"""Add the instant at which a record's restriction was lifted, so that a mark from a restored back-up is recognised."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_LIFTED = "Its restriction was lifted after you had been told."


def upgrade() -> None:
    """To this version: of what was lifted before, the outcome says so."""
    op.add_column("findings", sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True))
    lifted = sa.text("UPDATE findings SET lifted_at = acted_at WHERE outcome = 'retained' AND reason = :reason")
    op.execute(lifted.bindparams(reason=_LIFTED))


def downgrade() -> None:
    """Back to the version before."""
    op.drop_column("findings", "lifted_at")
