"""The deadline watch: alerts, the events of a case's clock, owners and their deputies, durations.

Columns are added in place. SQLite would otherwise copy the table and drop the old one, which deletes what refers to it.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_NEVER = sa.text("'1970-01-01 00:00:00'")
_EMPTY = sa.text("''")


def upgrade() -> None:
    """To this version."""
    _create_absences()
    _create_alerts()
    _create_clock_events()
    _create_durations()
    _create_handovers()
    _extend_cases()
    op.add_column("letters", sa.Column("claimed_at", _INSTANT, nullable=True))
    op.add_column("letters", sa.Column("by_hand", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("letters", sa.Column("sent_at", _INSTANT, nullable=True))
    op.add_column("letters", sa.Column("sent_by", sa.String(length=200), nullable=False, server_default=_EMPTY))
    # They were sent by hand, or will be; what is mailed from now on is not to go to anybody twice.
    op.execute("UPDATE letters SET sent_at = written_at, sent_by = 'before it was recorded'")
    unsent = sa.text("sent_at IS NULL")
    op.create_index(
        "ix_letters_unsent", "letters", ["template_id", "case_id"], sqlite_where=unsent, postgresql_where=unsent
    )
    op.add_column("steps", sa.Column("failing_since", _INSTANT, nullable=True))


def downgrade() -> None:
    """Back to the version before."""
    op.drop_column("steps", "failing_since")
    op.drop_index("ix_letters_unsent", "letters")
    for column in ("sent_by", "sent_at", "by_hand", "claimed_at"):
        op.drop_column("letters", column)
    for index in ("watch_at", "open_holidays", "open_forecast", "owner", "standing", "running"):
        op.drop_index(f"ix_cases_{index}", "cases")
    for column in reversed(_added_to_cases()):
        op.drop_column("cases", column.name)
    for table in ("handovers", "durations", "clock_events", "alerts", "absences"):
        op.drop_table(table)


def _create_absences() -> None:
    op.create_table(
        "absences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("deputy", sa.String(length=32), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", _INSTANT, nullable=False),
        sa.Column("withdrawn_at", _INSTANT, nullable=True),
        sa.Column("withdrawn_by", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    op.create_index(op.f("ix_absences_last_on"), "absences", ["last_on"])


def _create_alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("about_on", sa.Date(), nullable=False),
        sa.Column("tell", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("raised_at", _INSTANT, nullable=False),
        sa.Column("stage", sa.String(length=12), nullable=False),
        sa.Column("next_at", _INSTANT, nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("posted_at", _INSTANT, nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("acknowledged_at", _INSTANT, nullable=True),
        sa.Column("acknowledged_by", sa.String(length=200), nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_alerts_case_id_cases"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("case_id", "kind", "key", name=op.f("uq_alerts_case_id")),
    )
    op.create_index("ix_alerts_stage", "alerts", ["stage", "next_at"])


def _create_clock_events() -> None:
    op.create_table(
        "clock_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_clock_events_case_id_cases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_events")),
        sa.UniqueConstraint("case_id", "kind", name=op.f("uq_clock_events_case_id")),
    )
    op.create_index("ix_clock_events_kind", "clock_events", ["kind", "at"])


def _create_durations() -> None:
    op.create_table(
        "durations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=20), nullable=False),
        sa.Column("right", sa.String(length=20), nullable=False),
        sa.Column("part", sa.String(length=20), nullable=False),
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_durations_case_id_cases"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_durations")),
        sa.UniqueConstraint("case_id", "part", "system", name=op.f("uq_durations_case_id")),
    )
    op.create_index("ix_durations_part", "durations", ["right", "part", "system", "ended_at"])


def _create_handovers() -> None:
    op.create_table(
        "handovers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=20), nullable=False),
        sa.Column("from_owner", sa.String(length=32), nullable=False),
        sa.Column("to_owner", sa.String(length=32), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("sealed_reason", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_handovers_case_id_cases"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
    )
    op.create_index(op.f("ix_handovers_case_id"), "handovers", ["case_id"])


def _extend_cases() -> None:
    for column in _added_to_cases():
        op.add_column("cases", column)
    # Until now the role of the case owner answered for every case, and no one watched any.
    op.execute("UPDATE cases SET owner = 'case_owner', notice_due_on = due_on")
    # The last event is close to when a case entered its state, and never says a longer wait than there was.
    last = "(SELECT max(journal.at) FROM journal WHERE journal.case_id = cases.id)"
    op.execute(f"UPDATE cases SET state_since = coalesce({last}, opened_at)")  # noqa: S608 - nothing of it is given
    # They were never forecast either; a time long past lets the first rounds do that.
    op.execute("UPDATE cases SET watch_at = opened_at, forecast_at = opened_at WHERE closed_at IS NULL")
    still_open = sa.text("closed_at IS NULL")
    running = sa.text("closed_at IS NULL AND suspended_since IS NULL")
    standing = sa.text("closed_at IS NULL AND suspended_since IS NOT NULL")
    for name, columns, where in (
        ("ix_cases_running", ["work_to_on", "id"], running),
        ("ix_cases_standing", ["work_to_on", "id"], standing),
        ("ix_cases_owner", ["owner", "work_to_on", "id", "suspended_since", "due_on"], still_open),
        ("ix_cases_open_forecast", ["forecast_at"], still_open),
        ("ix_cases_open_holidays", ["holidays_version"], still_open),
    ):
        op.create_index(name, "cases", columns, sqlite_where=where, postgresql_where=where)
    op.create_index(op.f("ix_cases_watch_at"), "cases", ["watch_at"])


def _added_to_cases() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("sent_offset", sa.Integer(), nullable=True),
        sa.Column("state_since", _INSTANT, nullable=False, server_default=_NEVER),
        sa.Column("holidays_version", sa.String(length=80), nullable=False, server_default=_EMPTY),
        sa.Column("suspended_since", _INSTANT, nullable=True),
        sa.Column("no_pause_due_on", sa.Date(), nullable=True),
        sa.Column("notice_due_on", sa.Date(), nullable=True),
        sa.Column("extended", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("expected_late_on", sa.Date(), nullable=True),
        sa.Column("at_risk", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("forecast_at", _INSTANT, nullable=True),
        sa.Column("forecast_basis", sa.Text(), nullable=False, server_default=_EMPTY),
        sa.Column("watch_at", _INSTANT, nullable=True),
    )
