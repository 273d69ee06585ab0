"""Create the tables of a case's course."""

import sqlalchemy as sa
from alembic import op

from rightsflow.store.migrations.first.guards import EMPTY, INSTANT, where


def create_cases() -> None:
    """Create the tables of a case's course."""
    _cases()
    _alerts()
    _case_secrets()
    _case_tasks()
    _decisions()
    _durations()
    _findings()
    _identifiers()
    _letters()
    _steps()


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("right", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=35), server_default=EMPTY, nullable=False),
        sa.Column("language_from", sa.String(length=10), server_default=EMPTY, nullable=False),
        sa.Column("ground", sa.String(length=20), server_default=EMPTY, nullable=False),
        sa.Column("ticket", sa.String(length=60), server_default=EMPTY, nullable=False),
        sa.Column("opened_by", sa.String(length=200), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("intake_id", sa.String(length=64)),
        sa.Column("controller", sa.String(length=32), server_default=EMPTY, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT),
        sa.Column("regime", sa.String(length=20), nullable=False),
        sa.Column("rule_version", sa.String(length=60), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("safe_due_on", sa.Date(), nullable=False),
        sa.Column("work_to_on", sa.Date(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_by", sa.String(length=16), server_default=EMPTY, nullable=False),
        sa.Column("sent_offset", sa.Integer()),
        sa.Column("state_since", INSTANT, server_default=sa.text("'1970-01-01 00:00:00'"), nullable=False),
        sa.Column("holidays_version", sa.String(length=80), server_default=EMPTY, nullable=False),
        sa.Column("suspended_since", INSTANT),
        sa.Column("no_pause_due_on", sa.Date()),
        sa.Column("notice_due_on", sa.Date()),
        sa.Column("extended", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("expected_on", sa.Date()),
        sa.Column("expected_late_on", sa.Date()),
        sa.Column("at_risk", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("forecast_at", INSTANT),
        sa.Column("forecast_basis", sa.Text(), server_default=EMPTY, nullable=False),
        sa.Column("watch_at", INSTANT),
        sa.Column("copies_end_on", sa.Date()),
        sa.Column("follow_up_on", sa.Date()),
        sa.Column("rules_version", sa.String(length=32)),
        sa.Column("evidence_until", sa.Date()),
        sa.Column("evidence_hold", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("evidence_held_until", sa.Date()),
        sa.Column("in_bulk", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("has_run", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("start_at", INSTANT),
        sa.Column("waits_for", sa.String(length=32), server_default=EMPTY, nullable=False),
        sa.Column("refused", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("changes", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("desk_seconds", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("intake_id", name=op.f("uq_cases_intake_id")),
    )
    op.create_index("ix_cases_copies_end_on", "cases", ["copies_end_on"], **where(sa.text("copies_end_on IS NOT NULL")))
    op.create_index(op.f("ix_cases_due_on"), "cases", ["due_on"])
    op.create_index(
        "ix_cases_evidence_until", "cases", ["evidence_until"], **where(sa.text("evidence_until IS NOT NULL"))
    )
    op.create_index("ix_cases_follow_up_on", "cases", ["follow_up_on"], **where(sa.text("follow_up_on IS NOT NULL")))
    op.create_index("ix_cases_open_forecast", "cases", ["forecast_at"], **where(sa.text("closed_at IS NULL")))
    op.create_index("ix_cases_open_holidays", "cases", ["holidays_version"], **where(sa.text("closed_at IS NULL")))
    op.create_index(
        "ix_cases_owner",
        "cases",
        ["owner", "work_to_on", "id", "suspended_since", "due_on"],
        **where(sa.text("closed_at IS NULL")),
    )
    op.create_index("ix_cases_rules_version", "cases", ["rules_version"], **where(sa.text("rules_version IS NOT NULL")))
    op.create_index(
        "ix_cases_running",
        "cases",
        ["work_to_on", "id"],
        **where(sa.text("closed_at IS NULL AND suspended_since IS NULL")),
    )
    op.create_index(
        "ix_cases_standing",
        "cases",
        ["work_to_on", "id"],
        **where(sa.text("closed_at IS NULL AND suspended_since IS NOT NULL")),
    )
    op.create_index(op.f("ix_cases_state"), "cases", ["state"])
    op.create_index(
        "ix_cases_to_start",
        "cases",
        ["work_to_on", "received_at", "id"],
        **where(sa.text("start_at IS NOT NULL AND closed_at IS NULL")),
    )
    op.create_index(op.f("ix_cases_watch_at"), "cases", ["watch_at"])
    op.create_index("ix_cases_wrapped_by", "cases", ["wrapped_by"])


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("about_on", sa.Date(), nullable=False),
        sa.Column("tell", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("raised_at", INSTANT, nullable=False),
        sa.Column("stage", sa.String(length=12), nullable=False),
        sa.Column("next_at", INSTANT),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("posted_at", INSTANT),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("acknowledged_at", INSTANT),
        sa.Column("acknowledged_by", sa.String(length=200), nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_alerts_case_id_cases"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("case_id", "kind", "key", name=op.f("uq_alerts_case_id")),
    )
    op.create_index("ix_alerts_stage", "alerts", ["stage", "next_at"])


def _case_secrets() -> None:
    op.create_table(
        "case_secrets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=20), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("sealed_value", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_secrets_case_id_cases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_secrets")),
        sa.UniqueConstraint("case_id", "field", name=op.f("uq_case_secrets_case_id")),
    )


def _case_tasks() -> None:
    op.create_table(
        "case_tasks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("numbers", sa.Text(), server_default=EMPTY, nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("kept_until", sa.Date()),
        sa.Column("check_first", sa.Boolean(), nullable=False),
        sa.Column("shown_at", INSTANT),
        sa.Column("approved_by", sa.String(length=200), server_default=EMPTY, nullable=False),
        sa.Column("approved_at", INSTANT),
        sa.Column("done_on", sa.Date()),
        sa.Column("done_by", sa.String(length=200), server_default=EMPTY, nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_tasks_case_id_cases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_tasks")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_case_tasks_case_id")),
    )
    op.create_index("ix_case_tasks_open", "case_tasks", ["due_on"], **where(sa.text("done_on IS NULL")))


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=20), nullable=False),
        sa.Column("gate", sa.String(length=20), nullable=False),
        sa.Column("decision", sa.String(length=20), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("sealed_reason", sa.LargeBinary(), nullable=False),
        sa.Column("method", sa.String(length=40), server_default=EMPTY, nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("sealed_details", sa.LargeBinary()),
        sa.Column("include_unclear", sa.Boolean(), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_decisions_case_id_cases"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sa.UniqueConstraint("case_id", "gate", name=op.f("uq_decisions_case_id")),
    )


def _durations() -> None:
    op.create_table(
        "durations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=20), nullable=False),
        sa.Column("right", sa.String(length=20), nullable=False),
        sa.Column("part", sa.String(length=20), nullable=False),
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("ended_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_durations_case_id_cases"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_durations")),
        sa.UniqueConstraint("case_id", "part", "system", name=op.f("uq_durations_case_id")),
    )
    op.create_index("ix_durations_part", "durations", ["right", "part", "system", "ended_at"])


def _findings() -> None:
    op.create_table(
        "findings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=20), nullable=False),
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("category", sa.String(length=200), nullable=False),
        sa.Column("record_hash", sa.String(length=64), nullable=False),
        sa.Column("sealed_ref", sa.LargeBinary(), nullable=False),
        sa.Column("via_hash", sa.String(length=64), nullable=False),
        sa.Column("above_hashes", sa.JSON()),
        sa.Column("is_context", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("sealed_owner", sa.LargeBinary(), nullable=False),
        sa.Column("owner_strong", sa.JSON(), nullable=False),
        sa.Column("owner_weak", sa.JSON(), nullable=False),
        sa.Column("attribution", sa.String(length=20), nullable=False),
        sa.Column("doubt", sa.String(length=24), server_default=EMPTY, nullable=False),
        sa.Column("chain", sa.JSON()),
        sa.Column("occurred_on", sa.Date()),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("locked_until", sa.Date()),
        sa.Column("document", sa.String(length=24), server_default=EMPTY, nullable=False),
        sa.Column("sealed_language", sa.LargeBinary()),
        sa.Column("content_hashes", sa.JSON()),
        sa.Column("copied_documents", sa.Integer()),
        sa.Column("copied_files", sa.Integer()),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("planned", sa.String(length=20), nullable=False),
        sa.Column("decided", sa.String(length=16), server_default=EMPTY, nullable=False),
        sa.Column("sealed_decision", sa.LargeBinary()),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.String(length=200), nullable=False),
        sa.Column("until", sa.Date()),
        sa.Column("ends_when", sa.Text(), nullable=False),
        sa.Column("question", sa.String(length=32), server_default=EMPTY, nullable=False),
        sa.Column("note", sa.Text(), server_default=EMPTY, nullable=False),
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.Column("left_to_person", sa.String(length=80), server_default=EMPTY, nullable=False),
        sa.Column("request_id", sa.String(length=200), nullable=False),
        sa.Column("acted_at", INSTANT),
        sa.Column("verified", sa.String(length=20), nullable=False),
        sa.Column("verified_at", INSTANT),
        sa.Column("verified_detail", sa.Text(), nullable=False),
        sa.Column("looked_at", INSTANT),
        sa.Column("lifted_at", INSTANT),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_findings_case_id_cases"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
        sa.UniqueConstraint("case_id", "record_hash", name=op.f("uq_findings_case_id")),
    )


def _identifiers() -> None:
    op.create_table(
        "identifiers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("issuer", sa.String(length=32), server_default=EMPTY, nullable=False),
        sa.Column("index_hash", sa.String(length=64), nullable=False),
        sa.Column("sealed_value", sa.LargeBinary(), nullable=False),
        sa.Column("learnt_from", sa.String(length=40), nullable=False),
        sa.Column("contested", sa.Boolean(), nullable=False),
        sa.Column("had_since", sa.Date()),
        sa.Column("had_until", sa.Date()),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_identifiers_case_id_cases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identifiers")),
        sa.UniqueConstraint("case_id", "index_hash", name=op.f("uq_identifiers_case_id")),
    )
    op.create_index("ix_identifiers_index_hash", "identifiers", ["index_hash"])


def _letters() -> None:
    op.create_table(
        "letters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=20), nullable=False),
        sa.Column("template_id", sa.String(length=20), nullable=False),
        sa.Column("template_version", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("sealed_subject", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_body", sa.LargeBinary(), nullable=False),
        sa.Column("variables_hash", sa.String(length=64), nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.Column("claimed_at", INSTANT),
        sa.Column("by_hand", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("overtaken", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("sent_at", INSTANT),
        sa.Column("sent_by", sa.String(length=200), server_default=EMPTY, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_letters_case_id_cases"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
        sa.UniqueConstraint("case_id", "template_id", name=op.f("uq_letters_case_id")),
    )
    op.create_index("ix_letters_unsent", "letters", ["template_id", "case_id"], **where(sa.text("sent_at IS NULL")))


def _steps() -> None:
    op.create_table(
        "steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=20), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT),
        sa.Column("failing_since", INSTANT),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("fault", sa.String(length=12), server_default=EMPTY, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_steps_case_id_cases"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_steps")),
        sa.UniqueConstraint("case_id", "step", "system", name=op.f("uq_steps_case_id")),
    )
