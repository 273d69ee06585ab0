"""The tables, and the triggers that keep the ledger append-only."""

import sqlalchemy as sa
from alembic import op

from rightsflow.store.migrations.first.beside import create_beside
from rightsflow.store.migrations.first.cases import create_cases
from rightsflow.store.migrations.first.guards import guard
from rightsflow.store.migrations.first.parts import create_parts

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_GENESIS = "0" * 64
_OWN_CHAIN = "LEDGER"


def upgrade() -> None:
    """Upgrade to this version."""
    create_cases()
    create_parts()
    create_beside()
    guard()
    chains = sa.table("chains", sa.column("chain"), sa.column("number"), sa.column("digest"))
    op.execute(sa.insert(chains).values(chain=_OWN_CHAIN, number=0, digest=_GENESIS))


def downgrade() -> None:
    """Raise: there is nothing before it."""
    raise NotImplementedError("There is nothing before the first tables; restore the backup of before.")
