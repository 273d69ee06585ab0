"""Add the copies of each record in an access package."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_COLUMNS = ("copied_documents", "copied_files")


def upgrade() -> None:
    """To this version."""
    for name in _COLUMNS:
        op.add_column("findings", sa.Column(name, sa.Integer(), nullable=True))


def downgrade() -> None:
    """Back to the version before."""
    for name in reversed(_COLUMNS):
        op.drop_column("findings", name)
