"""Triggers by which the database itself keeps the ledger append-only, and the column types of the first tables."""

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa
from alembic import op

_KEPT = {
    "ledger": "the ledger is append-only",
    "seals": "seals are append-only",
    "seal_proofs": "the proofs of seals are append-only",
    "publications": "the record of publications is append-only",
}
_PURGED = "EXISTS (SELECT 1 FROM chains WHERE chains.chain = OLD.chain AND chains.purged_at IS NOT NULL)"


def guard() -> None:
    """Create the triggers in the dialect of the database."""
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def _guard_sqlite() -> None:
    for table, says in _KEPT.items():
        op.execute(
            f"CREATE TRIGGER {table}_unchanged BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{says}'); END"
        )
        unless = f"WHEN NOT {_PURGED} " if table == "ledger" else ""
        op.execute(
            f"CREATE TRIGGER {table}_undeleted BEFORE DELETE ON {table} {unless}"
            f"BEGIN SELECT RAISE(ABORT, '{says}'); END"
        )
    op.execute(
        "CREATE TRIGGER ledger_in_order BEFORE INSERT ON ledger BEGIN "
        "SELECT RAISE(ABORT, 'the ledger goes on from its last entry') "
        "WHERE NEW.number <> coalesce((SELECT number FROM chains WHERE chain = NEW.chain), 0) + 1; "
        "INSERT INTO chains (chain, number, digest) VALUES (NEW.chain, NEW.number, NEW.digest) "
        "ON CONFLICT (chain) DO UPDATE SET number = excluded.number, digest = excluded.digest; END"
    )
    op.execute(
        "CREATE TRIGGER chains_unchanged BEFORE UPDATE ON chains "
        "WHEN OLD.purged_at IS NOT NULL AND (NEW.purged_at IS NOT OLD.purged_at OR NEW.number <> OLD.number) "
        "OR NEW.number NOT IN (OLD.number, OLD.number + 1) OR NEW.number = OLD.number AND NEW.digest <> OLD.digest "
        "OR NEW.chain <> OLD.chain "
        "BEGIN SELECT RAISE(ABORT, 'a chain only grows'); END"
    )
    op.execute(
        "CREATE TRIGGER chains_undeleted BEFORE DELETE ON chains BEGIN SELECT RAISE(ABORT, 'a chain only grows'); END"
    )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION rightsflow_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$"
    )
    op.execute(
        "CREATE FUNCTION rightsflow_append() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "UPDATE chains SET number = NEW.number, digest = NEW.digest "
        "WHERE chain = NEW.chain AND number = NEW.number - 1; "
        "IF NOT FOUND THEN IF NEW.number <> 1 THEN RAISE EXCEPTION 'the ledger goes on from its last entry'; END IF; "
        "INSERT INTO chains (chain, number, digest) VALUES (NEW.chain, NEW.number, NEW.digest); END IF; "
        "RETURN NEW; END $$"
    )
    op.execute(
        "CREATE FUNCTION rightsflow_refuse_unless_purged() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {_PURGED} THEN RETURN OLD; END IF; "
        "RAISE EXCEPTION 'the ledger is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER ledger_in_order BEFORE INSERT ON ledger FOR EACH ROW EXECUTE FUNCTION rightsflow_append()"
    )
    for table, says in _KEPT.items():
        refuse = f"EXECUTE FUNCTION rightsflow_refuse('{says}')"
        delete = "EXECUTE FUNCTION rightsflow_refuse_unless_purged()" if table == "ledger" else refuse
        op.execute(f"CREATE TRIGGER {table}_unchanged BEFORE UPDATE ON {table} FOR EACH ROW {refuse}")
        op.execute(f"CREATE TRIGGER {table}_undeleted BEFORE DELETE ON {table} FOR EACH ROW {delete}")
        op.execute(f"CREATE TRIGGER {table}_uncut BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}")
    grows = "EXECUTE FUNCTION rightsflow_refuse('a chain only grows')"
    op.execute(
        "CREATE TRIGGER chains_unchanged BEFORE UPDATE ON chains FOR EACH ROW "
        "WHEN (OLD.purged_at IS NOT NULL AND (NEW.purged_at IS DISTINCT FROM OLD.purged_at "
        "OR NEW.number <> OLD.number) OR NEW.number NOT IN (OLD.number, OLD.number + 1) "
        f"OR NEW.number = OLD.number AND NEW.digest <> OLD.digest OR NEW.chain <> OLD.chain) {grows}"
    )
    op.execute(f"CREATE TRIGGER chains_undeleted BEFORE DELETE ON chains FOR EACH ROW {grows}")
    op.execute(f"CREATE TRIGGER chains_uncut BEFORE TRUNCATE ON chains FOR EACH STATEMENT {grows}")


INSTANT: Final = sa.DateTime(timezone=True)
EMPTY: Final = sa.text("''")


def where(condition: sa.TextClause) -> Mapping[str, Any]:
    """Return the condition of a partial index, for both databases.

    Args:
        condition: The rows that the index has.
    """
    return {"sqlite_where": condition, "postgresql_where": condition}
