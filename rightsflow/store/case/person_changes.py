"""The changes of what a case knows of its person, with their reasons: encrypted, and gone with the case."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from rightsflow.domain.case.person_changes import PersonChange
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.identifiers import Identifier, IdentifierKind
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.store.case.outbox import Outbox
from rightsflow.store.core.case_ledger import CasePart, Ledger
from rightsflow.store.core.context import Context

_CHANGES: Final = "person-change/"


class ChangeState(StrEnum):
    """The state of a change."""

    WAITING = "waits for a second person"
    MADE = "made"
    DECLINED = "declined"


_EVENTS: Final = {
    ChangeState.WAITING: CaseEvent.PERSON_CHANGE_PROPOSED,
    ChangeState.MADE: CaseEvent.PERSON_DETAILS_CHANGED,
    ChangeState.DECLINED: CaseEvent.PERSON_CHANGE_DECLINED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedChange:
    """A change as it is stored.

    Args:
        number: Its number within the case, from 1.
        change: What changes.
        reason: Why.
        by: Who proposed or made it.
        at: When that was (aware).
        state: What became of it.
        decided_by: Who approved or declined it; empty where no second person was needed, or none has decided.
    """

    number: int
    change: PersonChange
    reason: str = field(repr=False)
    by: str
    at: datetime
    state: ChangeState
    decided_by: str = ""

    @property
    def is_waiting(self) -> bool:
        """True if a second person has to decide."""
        return self.state is ChangeState.WAITING


class PersonChanges(CasePart):
    """The changes of one case.

    Args:
        context: The open transaction.
        ledger: The case's ledger.
        outbox: Keeps what is encrypted.
    """

    def __init__(self, context: Context, ledger: Ledger, outbox: Outbox) -> None:
        super().__init__(context, ledger)
        self._outbox = outbox

    def all(self) -> list[NotedChange]:
        """Return every change, oldest first."""
        kept = self._outbox.secrets_below(_CHANGES)
        return [_read(number, json.loads(text)) for number, text in enumerate(kept, start=1)]

    @property
    def waiting(self) -> list[NotedChange]:
        """The changes that wait for a second person."""
        return [noted for noted in self.all() if noted.is_waiting]

    def note(self, change: PersonChange, reason: str, state: ChangeState, *, by: str) -> NotedChange:
        """Note a change.

        Args:
            change: What changes.
            reason: Why.
            state: Whether it is made, or waits.
            by: Who makes or proposes it.
        """
        number = len(self._outbox.secrets_below(_CHANGES)) + 1
        noted = NotedChange(number=number, change=change, reason=reason, by=str(by), at=self._context.now, state=state)
        self._write(noted, actor=by)
        return noted

    def end(self, number: int, state: ChangeState, *, by: str) -> NotedChange:
        """Note what a second person decided.

        Args:
            number: The change's number.
            state: What becomes of it.
            by: Who decides.

        Raises:
            BadInput: There is no such change.
            Conflict: It was decided already.
        """
        ended = replace(self.of(number), state=state, decided_by=str(by))
        self._write(ended, actor=by)
        return ended

    def of(self, number: int) -> NotedChange:
        """Return a change that waits.

        Args:
            number: Its number.

        Raises:
            BadInput: There is no such change.
            Conflict: It was decided already.
        """
        noted = next((item for item in self.all() if item.number == number), None)
        if noted is None:
            raise BadInput("There is no such change; choose one of the page.")
        if not noted.is_waiting:
            raise Conflict("This change was decided already; open the page again.")
        return noted

    def _write(self, noted: NotedChange, *, actor: str) -> None:
        change = noted.change
        content = {
            "old": _written(change.old),
            "new": _written(change.new),
            "address": change.address,
            "reason": noted.reason,
            "by": noted.by,
            "at": noted.at.isoformat(),
            "state": noted.state.value,
            "decided_by": noted.decided_by,
        }
        self._outbox.put_secret(f"{_CHANGES}{noted.number:06d}", json.dumps(content, ensure_ascii=False))
        hashes = {
            name: self._context.identifier_hash(item)
            for name, item in (("old", change.old), ("new", change.new))
            if item is not None
        }
        self._ledger.append(
            _EVENTS[noted.state],
            actor=actor,
            number=noted.number,
            act=change.act.value,
            kind=change.kind,
            reason=self._context.text_hash("reason", noted.reason),
            **hashes,
        )


def _written(item: Identifier | None) -> list[str] | None:
    return [item.kind.value, item.value, item.issuer] if item else None


def _identifier(written: list[str] | None) -> Identifier | None:
    return Identifier(IdentifierKind.stored(written[0]), written[1], written[2]) if written else None


def _read(number: int, content: dict[str, object]) -> NotedChange:
    old, new, address = content["old"], content["new"], content["address"]
    change = PersonChange(
        old=_identifier(old if isinstance(old, list) else None),
        new=_identifier(new if isinstance(new, list) else None),
        address=address if isinstance(address, str) else None,
    )
    return NotedChange(
        number=number,
        change=change,
        reason=str(content["reason"]),
        by=str(content["by"]),
        at=datetime.fromisoformat(str(content["at"])),
        state=ChangeState(str(content["state"])),
        decided_by=str(content["decided_by"]),
    )
