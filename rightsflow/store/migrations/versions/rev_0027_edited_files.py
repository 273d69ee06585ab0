"""Copies of recordings and attachments that a person edited by hand."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version."""
    op.add_column("mask_choices", sa.Column("sealed_copy", sa.LargeBinary()))


def downgrade() -> None:
    """Back to the version before."""
    op.drop_column("mask_choices", "sealed_copy")
