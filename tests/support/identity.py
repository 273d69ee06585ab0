"""A whole check of identity, for tests that need a case whose person is identified."""

from __future__ import annotations

from datetime import UTC, date, datetime

from rightsflow.domain.gates.decisions import Decision, Gate, IdentityCheck, IdentityMethod, OnFile, Verdict

TYPED = '[desk]\ntyped_names = "allowed"\n'
"""The section of a configuration that lets commands decide under the names that they are given."""

METHOD = IdentityMethod.CALL_BACK
ON_FILE_SINCE = date(2024, 5, 3)
DONE = "They were called back and confirmed the request."


def confirmed(
    at: datetime | None = None, *, by: str = "Ida", reason: str = "call back", proof_at: datetime | None = None
) -> Decision:
    """The decision that identity is confirmed.

    Args:
        at: When it was checked (aware); now by the runtime's clock by default.
        by: Who checked.
        reason: The note.
        proof_at: When the proof arrived (aware), where the person was asked for it.
    """
    # Imported here: the unit tests take the words from this module, and do without Prefect.
    from rightsflow.app import current_app

    check = IdentityCheck(
        done=DONE, at=at or current_app().now(), against=OnFile.PHONE, held_by="helpdesk", on_file_since=ON_FILE_SINCE
    )
    return Decision(
        gate=Gate.IDENTITY,
        verdict=Verdict.CONFIRMED,
        by=by,
        reason=reason,
        method=METHOD,
        check=check,
        proof_at=proof_at,
    )


def as_options(at: datetime | None = None, *, method: str = METHOD.value, done: str = DONE) -> tuple[str, ...]:
    """The options of ``rightsflow identity`` that say the same, but for ``--by``.

    Args:
        at: When it was checked (aware); now by default.
        method: How.
        done: What was done.
    """
    when = (at or datetime.now(UTC)).isoformat(timespec="seconds")
    return (
        *("--method", method, "--done", done, "--at", when),
        *("--against", "phone number", "--held-by", "elsewhere", "--since", ON_FILE_SINCE.isoformat()),
    )


IMPORT_COLUMNS = tuple(f"identity_{name}" for name in ("method", "by", "done", "at", "against", "held_by", "since"))
"""The columns of an import that say the same."""


def as_cells(at: str, *, method: str = IdentityMethod.LOGGED_IN.value, by: str = "Ida") -> tuple[str, ...]:
    """The cells of those columns.

    Args:
        at: When it was checked, like ``2026-03-04T10:00``.
        method: How.
        by: Who checked.
    """
    return method, by, DONE, at, "account", "helpdesk", ON_FILE_SINCE.isoformat()
