"""The owner of a case, and the handovers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from rightsflow.domain.case.acts import refuse_handover
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.store.case.absences import RecordedAbsence, absences_from
from rightsflow.store.core.case_ledger import CasePart
from rightsflow.store.tables import HandoverRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """A case that went from one owner to another.

    Args:
        from_owner: The key of the owner before.
        to_owner: The key of the owner after.
        by: Who handed it over.
        at: When.
    """

    from_owner: str
    to_owner: str
    by: str
    at: datetime


class Ownership(CasePart):
    """The accountable owner of one case; there always is one."""

    @property
    def owner(self) -> str:
        """The key of the person or role that answers."""
        return self._context.row.owner

    def hand_over(self, to_owner: str, *, by: str, reason: str, has_tasks: bool = False) -> None:
        """Let another person answer for the case.

        Args:
            to_owner: The key of the new owner; the caller knows that it exists.
            by: Who hands it over.
            reason: Why; sealed, since it may name the data subject.
            has_tasks: Whether there are open tasks by hand, which outlive the answer.

        Raises:
            BadInput: No reason is given.
            Conflict: The case is closed without an open task, or is that owner's already.
        """
        row = self._context.row
        refuse_handover(
            row.id,
            owner=row.owner,
            to_owner=to_owner,
            reason=reason,
            is_closed=row.closed_at is not None,
            has_tasks=has_tasks,
        )
        self._context.puts_in(HandoverRow)
        self._context.session.add(
            HandoverRow(
                case_id=row.id,
                from_owner=row.owner,
                to_owner=to_owner,
                by=by,
                at=self._context.now,
                sealed_reason=self._context.key.seal("handover/reason", reason),
            )
        )
        self._ledger.append(CaseEvent.CASE_HANDED_OVER, actor=by, before=row.owner, now=to_owner)
        row.owner = to_owner
        self._context.session.flush()

    def absences_from(self, day: date) -> list[RecordedAbsence]:
        """Return all people's absences that are not over on a day, in the order in which they were recorded.

        Args:
            day: The day, in the controller's zone.
        """
        return absences_from(self._context.session, day)

    def handovers(self) -> list[Handover]:
        """Return all changes of hands, oldest first."""
        return [
            Handover(from_owner=row.from_owner, to_owner=row.to_owner, by=row.by, at=row.at) for row in self._rows()
        ]

    def reasons(self) -> list[str]:
        """Return the reasons for the handovers; reading them is a reveal."""
        return [self._context.key.open("handover/reason", row.sealed_reason) for row in self._rows()]

    def _rows(self) -> list[HandoverRow]:
        return self._context.rows(HandoverRow)
