"""Create the tables of what else belongs to a case."""

import sqlalchemy as sa
from alembic import op

from rightsflow.store.migrations.first.guards import EMPTY, INSTANT, where


def create_parts() -> None:
    """Create the tables of what else belongs to a case."""
    _agent_requests()
    _brakes()
    _clock_events()
    _erased_amounts()
    _handovers()
    _instructions()
    _leases()
    _mask_choices()
    _messages()
    _orders()
    _processor_answers()
    _processor_documents()


def _agent_requests() -> None:
    op.create_table(
        "agent_requests",
        sa.Column("case_id", sa.String(length=20), nullable=False),
        sa.Column("request_id", sa.String(length=36), nullable=False),
        sa.Column("agent", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("exercise", sa.String(length=20), nullable=False),
        sa.Column("regime", sa.String(length=8), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("sealed_said", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_envelope", sa.LargeBinary(), nullable=False),
        sa.Column("wants_callbacks", sa.Boolean(), nullable=False),
        sa.Column("told", sa.String(length=80), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_agent_requests_case_id_cases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_agent_requests")),
        sa.UniqueConstraint("request_id", name=op.f("uq_agent_requests_request_id")),
    )
    op.create_index(
        "ix_agent_requests_wants_callbacks", "agent_requests", ["case_id"], **where(sa.text("wants_callbacks"))
    )


def _brakes() -> None:
    op.create_table(
        "brakes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("set_by", sa.String(length=200), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("sealed_reason", sa.LargeBinary()),
        sa.Column("case_id", sa.String(length=20)),
        sa.Column("per", sa.String(length=8), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("limit", sa.Integer(), nullable=False),
        sa.Column("planned", sa.Integer(), nullable=False),
        sa.Column("released_at", INSTANT),
        sa.Column("released_by", sa.String(length=200), nullable=False),
        sa.Column("released_on", sa.Date()),
        sa.Column("sealed_release", sa.LargeBinary()),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_brakes_case_id_cases"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brakes")),
    )
    op.create_index(op.f("ix_brakes_case_id"), "brakes", ["case_id"])
    op.create_index("ix_brakes_present", "brakes", ["system"], unique=True, **where(sa.text("released_at IS NULL")))


def _clock_events() -> None:
    op.create_table(
        "clock_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_clock_events_case_id_cases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_events")),
        sa.UniqueConstraint("case_id", "kind", name=op.f("uq_clock_events_case_id")),
    )
    op.create_index("ix_clock_events_kind", "clock_events", ["kind", "at"])


def _erased_amounts() -> None:
    op.create_table(
        "erased_amounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=20), nullable=False),
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("is_usual", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_erased_amounts_case_id_cases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erased_amounts")),
        sa.UniqueConstraint("case_id", "system", name=op.f("uq_erased_amounts_case_id")),
    )
    op.create_index("ix_erased_amounts_day", "erased_amounts", ["system", "day"])


def _handovers() -> None:
    op.create_table(
        "handovers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=20), nullable=False),
        sa.Column("from_owner", sa.String(length=32), nullable=False),
        sa.Column("to_owner", sa.String(length=32), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("sealed_reason", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_handovers_case_id_cases"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
    )
    op.create_index(op.f("ix_handovers_case_id"), "handovers", ["case_id"])


def _instructions() -> None:
    op.create_table(
        "instructions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("processor", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("sealed_text", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT),
        sa.Column("claimed_at", INSTANT),
        sa.Column("reminded_on", sa.Date()),
        sa.Column("reminders", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("sent_by", sa.String(length=200), server_default=EMPTY, nullable=False),
        sa.Column("is_open", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("task", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("is_called_off", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("is_promised", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_instructions_case_id_cases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instructions")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_instructions_case_id")),
        sa.UniqueConstraint("case_id", "processor", "task", name="uq_instructions_case_id_processor"),
    )
    op.create_index("ix_instructions_open", "instructions", ["due_on"], **where(sa.text("is_open")))


def _leases() -> None:
    op.create_table(
        "leases",
        sa.Column("case_id", sa.String(length=20), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_leases_case_id_cases"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_leases")),
    )


def _mask_choices() -> None:
    op.create_table(
        "mask_choices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=20), nullable=False),
        sa.Column("record_hash", sa.String(length=64), nullable=False),
        sa.Column("part_hash", sa.String(length=64), nullable=False),
        sa.Column("act", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("places", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.Column("sealed_choice", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_copy", sa.LargeBinary()),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_mask_choices_case_id_cases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mask_choices")),
    )
    op.create_index("ix_mask_choices_case_id", "mask_choices", ["case_id"])


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("named", sa.Text(), server_default=EMPTY, nullable=False),
        sa.Column("unread_by", sa.Text(), server_default=EMPTY, nullable=False),
        sa.Column("is_answer", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("sealed_text", sa.LargeBinary()),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_messages_case_id_cases"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_messages_case_id")),
    )
    op.create_index("ix_messages_recorded_at", "messages", ["recorded_at"])
    op.create_index("ix_messages_unread", "messages", ["case_id"], **where(sa.text("unread_by <> ''")))
    op.create_table(
        "message_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=20), nullable=False),
        sa.Column("message", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary()),
        sa.Column("sealed_content", sa.LargeBinary()),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_message_files_case_id_cases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_files")),
        sa.UniqueConstraint("case_id", "message", "number", name=op.f("uq_message_files_case_id")),
    )


def _orders() -> None:
    op.create_table(
        "orders",
        sa.Column("case_id", sa.String(length=20), nullable=False),
        sa.Column("controller", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("controller_id", sa.String(length=200), nullable=False),
        sa.Column("request_id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("systems", sa.JSON(), nullable=False),
        sa.Column("callbacks", sa.JSON(), nullable=False),
        sa.Column("exclusions", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("wants_callbacks", sa.Boolean(), nullable=False),
        sa.Column("told", sa.String(length=20), server_default=EMPTY, nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("sealed_result", sa.LargeBinary()),
        sa.Column("results", sa.Integer()),
        sa.Column("completed_at", INSTANT),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_orders_case_id_cases"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_orders")),
        sa.UniqueConstraint("controller", "request_id", name="uq_orders_controller"),
    )
    op.create_index("ix_orders_wants_callbacks", "orders", ["case_id"], **where(sa.text("wants_callbacks")))


def _processor_answers() -> None:
    op.create_table(
        "processor_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=20), nullable=False),
        sa.Column("instruction", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=20), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.Column("records", sa.Integer()),
        sa.Column("until", sa.Date()),
        sa.Column("sub_processors", sa.JSON(), nullable=False),
        sa.Column("doubts", sa.JSON(), nullable=False),
        sa.Column("is_late", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("sealed_note", sa.LargeBinary()),
        sa.Column("proof_sha256", sa.String(length=64), server_default=EMPTY, nullable=False),
        sa.Column("sealed_proof", sa.LargeBinary()),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.Column("checked_at", INSTANT),
        sa.Column("checked_by", sa.String(length=200), server_default=EMPTY, nullable=False),
        sa.Column("sealed_check", sa.LargeBinary()),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_processor_answers_case_id_cases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_processor_answers")),
        sa.UniqueConstraint("case_id", "instruction", "number", name=op.f("uq_processor_answers_case_id")),
    )


def _processor_documents() -> None:
    op.create_table(
        "processor_documents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=20), nullable=False),
        sa.Column("instruction", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sealed_content", sa.LargeBinary()),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_processor_documents_case_id_cases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_processor_documents")),
        sa.UniqueConstraint("case_id", "instruction", "number", name=op.f("uq_processor_documents_case_id")),
    )
