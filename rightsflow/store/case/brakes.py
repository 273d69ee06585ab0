"""What stops a case: the brakes on erasing with the amounts that set them, and the end without an answer.

The rule is in :mod:`rightsflow.domain.erasure.safeguards`. A brake that a case triggered is noted in the case's ledger,
one that a person set at a system in the ledger's own chain.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from rightsflow.domain.case.acts import StopReason
from rightsflow.domain.erasure.safeguards import ALL, Amounts, Brake, BrakeRule, Excess, Per, find_excess
from rightsflow.domain.errors import Conflict
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.gates.four_eyes import refuse_own_release
from rightsflow.domain.vocabulary.events import CaseEvent, StoreEvent
from rightsflow.store.case.case_clock import CaseClock
from rightsflow.store.case.gate_decisions import Decisions
from rightsflow.store.case.outbox import CLAIM_TIME, Outbox
from rightsflow.store.core.case_ledger import MACHINE, Ledger, append_own
from rightsflow.store.core.context import Context
from rightsflow.store.database import insert_unless_there
from rightsflow.store.tables import BrakeRow, ErasedAmountRow, LetterRow
from rightsflow.store.vault_keys import KeyedPart

_SET_WHY, _RELEASE_WHY = "brake/reason", "brake/release"
SET, RELEASED = StoreEvent.BRAKE_SET, StoreEvent.BRAKE_RELEASED
_PRESENT: Final = select(BrakeRow).where(BrakeRow.released_at.is_(None))


class Brakes(KeyedPart):
    """The brakes that are in force."""

    def holding(self, system: str) -> Brake | None:
        """Return the brake in force; ``None`` where erasing is allowed.

        Raises:
            Transient: The case store does not answer.
        """
        with self._database.reading() as session:
            return _holding(session, system)

    def present(self) -> list[Brake]:
        """Return every brake that is in force, by system.

        Raises:
            Transient: The case store does not answer.
        """
        with self._database.reading() as session:
            return [_read(row) for row in session.scalars(_PRESENT.order_by(BrakeRow.system))]

    def set(self, system: str, *, by: str, reason: str) -> None:
        """Stop erasing at a system.

        Args:
            system: The system, or :data:`~rightsflow.domain.erasure.safeguards.ALL`.
            by: Who stops it.
            reason: Why; kept encrypted.

        Raises:
            Conflict: A brake of this name is in force already.
        """
        with self._database.transaction() as session:
            now = self._now()
            sealed = self._keyring(session).seal_intake(_name(system), reason.encode())
            values = {**_values(system, by, now), "sealed_reason": sealed}
            if not _insert(session, values):
                raise _set_already(system)
            append_own(session, now, SET, actor=by, details={"system": system})

    def release(self, system: str, *, by: str, reason: str, today: date) -> None:
        """Resume deletion after a brake that a person set.

        Args:
            system: The system, or :data:`~rightsflow.domain.erasure.safeguards.ALL`.
            by: Who releases it.
            reason: Why; kept encrypted.
            today: The day in the controller's zone.

        Raises:
            Conflict: There is no such brake.
        """
        with self._database.transaction() as session:
            row, now = _locked(session, system), self._now()
            row.released_at, row.released_by, row.released_on = now, by, today
            row.sealed_release = self._keyring(session).seal_intake(_name(system), reason.encode())
            append_own(session, now, RELEASED, actor=by, details={"system": system})


class CaseBrakes:
    """One case's effects on the brakes.

    Args:
        context: The open transaction.
        ledger: The case's ledger.
        decisions: The case's decisions.
    """

    def __init__(self, context: Context, ledger: Ledger, decisions: Decisions) -> None:
        self._context = context
        self._ledger = ledger
        self._decisions = decisions

    def holding(self, system: str) -> Brake | None:
        """Return the brake in force; ``None`` where erasing is allowed."""
        return _holding(self._context.session, system, self._context.row.id)

    def in_force(self) -> frozenset[str]:
        """Return the names under which deletion is paused: systems, cases, or all."""
        return frozenset(self._context.session.scalars(select(BrakeRow.system).where(BrakeRow.released_at.is_(None))))

    def stop(self, *, by: str, reason: str) -> None:
        """Pause deletion in this case, at every system.

        Args:
            by: Who stops it.
            reason: Why; kept encrypted.

        Raises:
            Conflict: The case is stopped already.
        """
        session, case_id = self._context.session, self._context.row.id
        values = {**_values(case_id, by, self._context.now), "sealed_reason": self._context.key.seal(_SET_WHY, reason)}
        if not _insert(session, values):
            raise _set_already(case_id)
        self._ledger.append(SET, actor=by, system=ALL, reason=self._context.text_hash("reason", reason))

    def let_go_on(self, *, by: str, reason: str, today: date) -> None:
        """Let erasing in this case go on, after a person stopped it.

        Args:
            by: Who lets it.
            reason: Why; kept encrypted.
            today: The day in the controller's zone.

        Raises:
            Conflict: It is not stopped.
        """
        self._release(self._context.row.id, ALL, by=by, reason=reason, today=today)

    def admit(self, system: str, records: int, rule: BrakeRule, today: date) -> Brake | None:
        """Note how much the case is to erase at a system; returns the brake that is set because it is too much.

        Args:
            system: The system.
            records: How many records are to be erased or redacted there, or have been.
            rule: From which amount on erasing stops.
            today: The day in the controller's zone.
        """
        row = self._amount(system)
        if row is not None and records <= row.records:
            return None
        amounts = self._amounts(system, records, rule, today)
        excess = find_excess(amounts, rule)
        if excess is not None:
            return self._set(system, records, excess)
        if row is None:
            row = ErasedAmountRow(case_id=self._context.row.id, system=system)
            self._context.session.add(row)
        row.day, row.records, row.is_usual = today, records, not amounts.is_accepted
        self._context.session.flush()
        return None

    def excess(self, system: str, records: int, rule: BrakeRule, today: date) -> Excess | None:
        """Return the excess if the case began to erase now, or ``None``; notes nothing.

        Args:
            system: The system.
            records: How many records are to be erased or redacted there.
            rule: From which amount on erasing stops.
            today: The day in the controller's zone.
        """
        return find_excess(self._amounts(system, records, rule, today), rule)

    def release(self, system: str, *, by: str, reason: str, today: date) -> None:
        """Resume deletion after a brake that this case triggered; its amount is accepted from now on.

        Args:
            system: The system.
            by: Who releases it.
            reason: Why; kept encrypted.
            today: The day in the controller's zone.

        Raises:
            Conflict: There is no such brake, or the person opened the case or approved its plan (four eyes).
        """
        approval = self._decisions.at(Gate.APPROVAL)
        involved = (self._context.row.opened_by, approval.by if approval else "")
        refuse_own_release(by, involved=involved, case_id=self._context.row.id)
        self._release(system, system, by=by, reason=reason, today=today)

    def _release(self, name: str, system: str, *, by: str, reason: str, today: date) -> None:
        row = _locked(self._context.session, name)
        row.released_at, row.released_by, row.released_on = self._context.now, by, today
        row.sealed_release = self._context.key.seal(_RELEASE_WHY, reason)
        self._context.session.flush()
        hashed = self._context.text_hash("reason", reason)
        self._ledger.append(RELEASED, actor=by, system=system, reason=hashed)

    def _set(self, system: str, records: int, excess: Excess) -> Brake:
        session, case_id = self._context.session, self._context.row.id
        values = {**_values(system, MACHINE, self._context.now), "case_id": case_id, "planned": records}
        values |= {"per": excess.per.value, "records": excess.records, "limit": excess.limit}
        # If two cases meet here at the same moment, the first sets it; the second is judged again after the release.
        if _insert(session, values):
            self._ledger.append(SET, system=system, per=excess.per.value, records=excess.records, limit=excess.limit)
        return _read(session.scalars(_PRESENT.where(BrakeRow.system == system)).one())

    def _amount(self, system: str) -> ErasedAmountRow | None:
        query = select(ErasedAmountRow).where(
            ErasedAmountRow.case_id == self._context.row.id, ErasedAmountRow.system == system
        )
        return self._context.session.scalars(query).one_or_none()

    def _accepted(self, system: str) -> int:
        """Return the largest amount of this case that a person has accepted."""
        query = select(func.max(BrakeRow.planned)).where(
            BrakeRow.case_id == self._context.row.id, BrakeRow.system == system, BrakeRow.released_at.is_not(None)
        )
        return self._context.session.scalar(query) or 0

    def _amounts(self, system: str, records: int, rule: BrakeRule, today: date) -> Amounts:
        def number(query: Select[int | None]) -> int:
            return self._context.session.scalar(query) or 0

        here = ErasedAmountRow.system == system
        others = ErasedAmountRow.case_id != self._context.row.id
        accepted = select(func.max(BrakeRow.records)).where(
            BrakeRow.system == system, BrakeRow.per == Per.DAY.value, BrakeRow.released_on == today
        )
        return Amounts(
            case=records,
            largest_case=number(_largest_case(system, rule.cases)),
            day=number(select(func.sum(ErasedAmountRow.records)).where(here, others, ErasedAmountRow.day == today)),
            largest_day=number(_largest_day(system, today, rule.days)),
            accepted_case=self._accepted(system),
            accepted_day=number(accepted),
        )


def _holding(session: Session, *names: str) -> Brake | None:
    row = session.scalars(_PRESENT.where(BrakeRow.system.in_((*names, ALL))).limit(1)).first()
    return _read(row) if row else None


def _largest_case(system: str, cases: int) -> Select[int | None]:
    last = (
        select(ErasedAmountRow.records)
        .where(ErasedAmountRow.system == system, ErasedAmountRow.is_usual)
        .order_by(ErasedAmountRow.id.desc())
        .limit(cases)
        .subquery()
    )
    return select(func.max(last.c.records))


def _largest_day(system: str, today: date, days: int) -> Select[int | None]:
    """Return a query of the largest of the last days' totals, without those that a person had to accept."""
    accepted = select(BrakeRow.released_on).where(
        BrakeRow.system == system, BrakeRow.per == Per.DAY.value, BrakeRow.released_on.is_not(None)
    )
    last = (
        select(func.sum(ErasedAmountRow.records).label("records"))
        .where(
            ErasedAmountRow.system == system,
            ErasedAmountRow.is_usual,
            ErasedAmountRow.day < today,
            ErasedAmountRow.day.not_in(accepted),
        )
        .group_by(ErasedAmountRow.day)
        .order_by(ErasedAmountRow.day.desc())
        .limit(days)
        .subquery()
    )
    return select(func.max(last.c.records))


def _locked(session: Session, system: str) -> BrakeRow:
    row = session.scalars(_PRESENT.where(BrakeRow.system == system).with_for_update()).one_or_none()
    if row is None:
        raise Conflict(f"There is no brake on {_place(system)}; `rightsflow doctor` shows which there are.")
    return row


def _insert(session: Session, values: dict[str, object]) -> bool:
    """Set a brake; returns whether none of its name is in force."""
    # Not by the number of rows, which PostgreSQL's driver does not give for an insertion.
    inserted = insert_unless_there(session, BrakeRow, values).returning(BrakeRow.id)
    return session.scalar(inserted) is not None


def _values(system: str, by: str, now: datetime) -> dict[str, object]:
    numbers = {"per": "", "records": 0, "limit": 0, "planned": 0}
    return {"system": system, "set_by": by, "since": now, "released_by": "", **numbers}


def _set_already(system: str) -> Conflict:
    return Conflict(f"There is a brake on {_place(system)} already; `rightsflow doctor` shows by whom.")


def _place(system: str) -> str:
    return "all systems" if system == ALL else system


def _name(system: str) -> str:
    """Return the name that a reason is bound to, beside the intakes themselves."""
    return f"brake:{system}"


def _read(row: BrakeRow) -> Brake:
    excess = Excess(per=Per(row.per), records=row.records, limit=row.limit) if row.per else None
    return Brake(system=row.system, by=row.set_by, since=row.since, case_id=row.case_id or "", excess=excess)


WHY_STOPPED: Final = "stopped/why"
"""The secret that says how it is known that a case was opened in error, or repeats another one."""
_INSTEAD: Final = "stopped/instead"


class Stopping:
    """The end of a case that was opened in error or twice.

    Args:
        context: The open transaction.
        ledger: The case's ledger.
        outbox: Keeps what is encrypted.
        clock: The case's clock.
    """

    def __init__(self, context: Context, ledger: Ledger, outbox: Outbox, clock: CaseClock) -> None:
        self._context = context
        self._ledger = ledger
        self._outbox = outbox
        self._clock = clock

    @property
    def instead(self) -> str:
        """The case that answers the request in place of this one; empty for none."""
        return self._outbox.secret(_INSTEAD) or ""

    @property
    def has_written(self) -> bool:
        """True if a letter went out to the person, or is being mailed at this moment."""
        is_claimed = LetterRow.claimed_at > self._context.now - CLAIM_TIME
        self._context.session.flush()
        mine = LetterRow.case_id == self._context.row.id
        query = select(LetterRow.id).where(mine, or_(LetterRow.sent_at.is_not(None), is_claimed))
        return self._context.session.scalars(query.limit(1)).first() is not None

    def keep(self, reason: StopReason, why: str, instead: str) -> dict[str, str]:
        """Store the encrypted reason for stopping the case; return its form for the ledger.

        Args:
            reason: Why.
            why: How that is known, in words; it may name the person.
            instead: The case that answers the request; empty for none.
        """
        self._outbox.keep_secret(WHY_STOPPED, why)
        details = {"because": reason.value, "reason": self._context.text_hash("reason", why)}
        if instead:
            self._outbox.keep_secret(_INSTEAD, instead)
            details["other"] = self._context.text_hash("other case", instead)
        return details

    def take_over(self, duplicate: Stopping, *, by: str) -> bool:
        """Note that another case was stopped as a duplicate of this one, which counts from the earlier receipt of both.

        Args:
            duplicate: The end of the other case.
            by: Who decided that.

        Returns:
            Whether the dates of this one have to be computed again; those of a closed case stay.
        """
        theirs = duplicate._context.row
        other, received_at = self._context.text_hash("other case", theirs.id), theirs.received_at.isoformat()
        moved = self._clock.count_from(theirs.received_at, theirs.sent_offset)
        self._ledger.append(CaseEvent.DUPLICATE_STOPPED, actor=by, other=other, received_at=received_at, **moved)
        return bool(moved)
