"""The ledger in place of the journal, seals, the vault's keys, and when copies and evidence go.

The database itself refuses to change the ledger: triggers keep it append-only, in order, and move each chain's head.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import rfc8785
import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_EMPTY = sa.text("''")
_GENESIS = "0" * 64
_OWN_CHAIN = "LEDGER"
_COPIED_AT_ONCE = 1000

_KEPT = {
    "ledger": "the ledger is append-only",
    "seals": "seals are append-only",
    "seal_proofs": "the proofs of seals are append-only",
    "publications": "the record of publications is append-only",
}
_PURGED = "EXISTS (SELECT 1 FROM chains WHERE chains.chain = OLD.chain AND chains.purged_at IS NOT NULL)"


def upgrade() -> None:
    """To this version."""
    _create_tables()
    _extend_cases()
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()
    chains = sa.table("chains", sa.column("chain"), sa.column("number"), sa.column("digest"))
    op.execute(sa.insert(chains).values(chain=_OWN_CHAIN, number=0, digest=_GENESIS))
    _take_the_journal_over()
    op.drop_table("journal")


def downgrade() -> None:
    """There is no way back: the version before cannot keep a ledger."""
    raise NotImplementedError("The ledger cannot be turned back into a journal; restore the backup of before.")


def _create_tables() -> None:
    op.create_table(
        "chains",
        sa.Column("chain", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("sealed_number", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("purged_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_chains")),
    )
    op.create_table(
        "ledger",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("chain", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
        sa.UniqueConstraint("chain", "number", name=op.f("uq_ledger_chain")),
    )
    _create_seals()
    op.create_table(
        "vault_keys",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_by", sa.String(length=16), nullable=False),
        sa.Column("public", sa.String(length=64), nullable=False, server_default=_EMPTY),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("retired_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_vault_keys")),
    )


def _create_seals() -> None:
    op.create_table(
        "seals",
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("signatures", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_seals")),
    )
    op.create_table(
        "seal_proofs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("chain", sa.String(length=20), nullable=False),
        sa.Column("seal", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("path", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_proofs")),
        sa.UniqueConstraint("chain", "seal", name=op.f("uq_seal_proofs_chain")),
    )
    op.create_table(
        "publications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("seal", sa.Integer(), nullable=False),
        sa.Column("published_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
        sa.UniqueConstraint("place", "seal", name=op.f("uq_publications_place")),
    )


def _extend_cases() -> None:
    op.add_column("cases", sa.Column("wrapped_by", sa.String(length=16), nullable=False, server_default=_EMPTY))
    op.add_column("decisions", sa.Column("method", sa.String(length=40), nullable=False, server_default=_EMPTY))
    op.add_column("cases", sa.Column("copies_end_on", sa.Date(), nullable=True))
    op.add_column("cases", sa.Column("evidence_until", sa.Date(), nullable=True))
    op.add_column("cases", sa.Column("evidence_hold", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("cases", sa.Column("evidence_held_until", sa.Date(), nullable=True))
    op.create_index("ix_cases_wrapped_by", "cases", ["wrapped_by"])
    for name in ("copies_end_on", "evidence_until"):
        some = sa.text(f"{name} IS NOT NULL")
        op.create_index(f"ix_cases_{name}", "cases", [name], sqlite_where=some, postgresql_where=some)
    # Kept three years to the end of the year, as where no country says otherwise; the next purge puts it right.
    closed_in = "EXTRACT(YEAR FROM closed_at)" if _is_postgresql() else "strftime('%Y', closed_at)"
    last = f"CAST({closed_in} AS INTEGER) + 6"
    day = f"make_date({last}, 12, 31)" if _is_postgresql() else f"({last}) || '-12-31'"
    op.execute(f"UPDATE cases SET evidence_until = {day} WHERE closed_at IS NOT NULL")  # noqa: S608 - nothing is given


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


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


def _take_the_journal_over() -> None:
    """Every entry of the journal becomes one of the ledger, as it was; what it did not say is not added."""
    connection = op.get_bind()
    ledger = sa.table("ledger", sa.column("chain"), sa.column("number"), sa.column("body"), sa.column("digest"))
    batch: list[dict[str, Any]] = []
    for row in _linked(connection):
        batch.append(row)
        if len(batch) == _COPIED_AT_ONCE:
            connection.execute(sa.insert(ledger), batch)
            batch = []
    if batch:
        connection.execute(sa.insert(ledger), batch)


def _linked(connection: sa.Connection) -> Iterator[dict[str, Any]]:
    query = sa.text(
        "SELECT journal.case_id, journal.number, journal.at, journal.actor, journal.event, journal.details, "
        "cases.rule_version FROM journal JOIN cases ON cases.id = journal.case_id "
        "ORDER BY journal.case_id, journal.number"
    ).columns(at=_INSTANT, details=sa.JSON())
    chain, number, digest = "", 0, _GENESIS
    for row in connection.execute(query).all():
        if row.case_id != chain:
            chain, number, digest = row.case_id, 0, _GENESIS
        number += 1
        body = rfc8785.dumps(
            {
                "actor": row.actor,
                "at": _utc(row.at),
                "chain": chain,
                "details": _without_content(row.event, row.details),
                "event": row.event,
                "made_with": {"code": "before the ledger", "rules": row.rule_version},
                "number": number,
                "previous": digest,
            }
        )
        digest = hashlib.sha256(body).hexdigest()
        yield {"chain": chain, "number": number, "body": body.decode(), "digest": digest}


def _without_content(event: str, details: dict[str, Any]) -> dict[str, Any]:
    """A reason for a look was typed and may name the subject; the ledger takes no such text."""
    return {} if event == "PersonalDataRevealed" else details


def _utc(instant: datetime) -> str:
    aware = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    return aware.isoformat(timespec="microseconds")
