"""Create the tables of what belongs to no case."""

import sqlalchemy as sa
from alembic import op

from rightsflow.store.migrations.first.guards import EMPTY, INSTANT, where


def create_beside() -> None:
    """Create the tables of what belongs to no case."""
    _absences()
    _accounts()
    _agent_tokens()
    _breakers()
    _chains()
    _challenges()
    _coverage_places()
    _failed_attempts()
    _invitations()
    _ledger()
    _legal_holds()
    _passkeys()
    _publications()
    _read_texts()
    _roles()
    _seal_proofs()
    _seals()
    _sessions()
    _running_parts()
    _saved_filters()
    _slots()
    _subscriptions()
    _suppressions()
    _unopened_requests()
    _vault_keys()


def _absences() -> None:
    op.create_table(
        "absences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("deputy", sa.String(length=32), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT),
        sa.Column("withdrawn_by", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    op.create_index(op.f("ix_absences_last_on"), "absences", ["last_on"])


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("sealed_code_secret", sa.LargeBinary(), nullable=False),
        sa.Column("last_code", sa.Integer(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_accounts")),
    )


def _agent_tokens() -> None:
    op.create_table(
        "agent_tokens",
        sa.Column("agent", sa.String(length=32), nullable=False),
        sa.Column("business_id", sa.String(length=64), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("agent", "business_id", name=op.f("pk_agent_tokens")),
    )


def _breakers() -> None:
    op.create_table(
        "breakers",
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("retry_at", INSTANT),
        sa.Column("probing_case_id", sa.String(length=20), server_default=EMPTY, nullable=False),
        sa.Column("probing_until", INSTANT),
        sa.PrimaryKeyConstraint("system", name=op.f("pk_breakers")),
    )


def _chains() -> None:
    op.create_table(
        "chains",
        sa.Column("chain", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("sealed_number", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("purged_at", INSTANT),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_chains")),
    )


def _challenges() -> None:
    op.create_table(
        "challenges",
        sa.Column("holder_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("sealed_value", sa.LargeBinary(), nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("holder_hash", "purpose", name=op.f("pk_challenges")),
    )


def _coverage_places() -> None:
    op.create_table(
        "coverage_places",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("looks_like", sa.String(length=200), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("gone_at", INSTANT),
        sa.Column("told_at", INSTANT),
        sa.Column("accepted_at", INSTANT),
        sa.Column("accepted_by", sa.String(length=200), server_default=EMPTY, nullable=False),
        sa.Column("sealed_reason", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_places")),
        sa.UniqueConstraint("system", "kind", "name", name=op.f("uq_coverage_places_system")),
    )


def _failed_attempts() -> None:
    op.create_table(
        "failed_attempts",
        sa.Column("name_hash", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name_hash", name=op.f("pk_failed_attempts")),
    )


def _invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("invited_by", sa.String(length=200), nullable=False),
        sa.Column("sealed_code_secret", sa.LargeBinary(), nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_invitations")),
    )


def _ledger() -> None:
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


def _legal_holds() -> None:
    op.create_table(
        "legal_holds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("persons", sa.JSON(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("case_id", sa.String(length=20), server_default=EMPTY, nullable=False),
        sa.Column("system", sa.String(length=32), server_default=EMPTY, nullable=False),
        sa.Column("category", sa.String(length=200), server_default=EMPTY, nullable=False),
        sa.Column("sealed_matter", sa.LargeBinary(), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("placed_by", sa.String(length=200), nullable=False),
        sa.Column("placed_at", INSTANT, nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("approved_by", sa.String(length=200), server_default=EMPTY, nullable=False),
        sa.Column("released_at", INSTANT),
        sa.Column("released_by", sa.String(length=200), server_default=EMPTY, nullable=False),
        sa.Column("sealed_release", sa.LargeBinary()),
        sa.Column("is_followed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_holds")),
    )
    op.create_index("ix_legal_holds_present", "legal_holds", ["review_on"], **where(sa.text("released_at IS NULL")))


def _passkeys() -> None:
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("rp_id", sa.String(length=253), nullable=False),
        sa.Column("id_hash", sa.String(length=64), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("id_hash", name=op.f("uq_passkeys_id_hash")),
    )
    op.create_index(op.f("ix_passkeys_person"), "passkeys", ["person"])


def _publications() -> None:
    op.create_table(
        "publications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("seal", sa.Integer(), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
        sa.UniqueConstraint("place", "seal", name=op.f("uq_publications_place")),
    )


def _read_texts() -> None:
    op.create_table(
        "read_texts",
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("read_to", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("system", name=op.f("pk_read_texts")),
    )


def _roles() -> None:
    op.create_table(
        "roles",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_roles")),
    )


def _seal_proofs() -> None:
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


def _seals() -> None:
    op.create_table(
        "seals",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("signatures", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_seals")),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("proof", sa.String(length=40), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("stepped_up_at", INSTANT),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_person"), "sessions", ["person"])


def _running_parts() -> None:
    op.create_table(
        "running_parts",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("pid", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("settings", sa.String(length=64), nullable=False),
        sa.Column("missing", sa.Text(), nullable=False),
        sa.Column("read_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", "host", "pid", name=op.f("pk_running_parts")),
    )


def _saved_filters() -> None:
    op.create_table(
        "saved_filters",
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("query", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("person", "name", name=op.f("pk_saved_filters")),
    )


def _slots() -> None:
    op.create_table(
        "slots",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=20), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_slots")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_slots_case_id"), "slots", ["case_id"])
    op.create_index(op.f("ix_slots_system"), "slots", ["system"])


def _subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("choice", sa.String(length=20), nullable=False),
        sa.Column("told", sa.Text()),
        sa.Column("digest_on", sa.Date()),
        sa.Column("calendar_hash", sa.String(length=64)),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint("calendar_hash", name=op.f("uq_subscriptions_calendar_hash")),
    )


def _suppressions() -> None:
    op.create_table(
        "suppressions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("added_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date()),
        sa.Column("case_id", sa.String(length=20), server_default=EMPTY, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppressions")),
        sa.UniqueConstraint("digest", "reason", name=op.f("uq_suppressions_digest")),
    )


def _unopened_requests() -> None:
    op.create_table(
        "unopened_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("record_hash", sa.String(length=64), nullable=False),
        sa.Column("sealed_ref", sa.LargeBinary()),
        sa.Column("right", sa.String(length=20), nullable=False),
        sa.Column("is_sure", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("starts_at", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.Integer(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("found_at", INSTANT, nullable=False),
        sa.Column("told", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.Column("ended_as", sa.String(length=12), server_default=EMPTY, nullable=False),
        sa.Column("ended_by", sa.String(length=200), server_default=EMPTY, nullable=False),
        sa.Column("case_id", sa.String(length=20), server_default=EMPTY, nullable=False),
        sa.Column("sealed_reason", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unopened_requests")),
        sa.UniqueConstraint("system", "record_hash", "right", "received_at", name=op.f("uq_unopened_requests_system")),
    )
    op.create_index(op.f("ix_unopened_requests_ended_at"), "unopened_requests", ["ended_at"])


def _vault_keys() -> None:
    op.create_table(
        "vault_keys",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_by", sa.String(length=16), nullable=False),
        sa.Column("public", sa.String(length=64), server_default=EMPTY, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("retired_at", INSTANT),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_vault_keys")),
    )
