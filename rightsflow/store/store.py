"""The case store: opens cases, finds them, and hands out case files."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session, aliased

from rightsflow.domain.case.states import SETTLED, CaseState
from rightsflow.domain.deadlines.clock_events import ANSWER_TO, ClockEventKind
from rightsflow.domain.errors import BadInput
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.people import Absence
from rightsflow.domain.request import RequestForm, Right
from rightsflow.store.case.case_file import CaseFile
from rightsflow.store.case.context import Context
from rightsflow.store.case.identifiers import searchable_hashes
from rightsflow.store.coordination import leases, roles
from rightsflow.store.coordination.brakes import Brakes
from rightsflow.store.coordination.breakers import Breakers
from rightsflow.store.coordination.lease_clock import LeaseClock
from rightsflow.store.coordination.slots import Slots
from rightsflow.store.coordination.waiting import Waiting
from rightsflow.store.database import Database
from rightsflow.store.key_changes import KeyChanges
from rightsflow.store.opening import Opening
from rightsflow.store.proofs.sealing import LedgerSeals
from rightsflow.store.purging import Purging
from rightsflow.store.queries import absences
from rightsflow.store.queries.absences import RecordedAbsence
from rightsflow.store.queries.standstill import Standstill, standstill
from rightsflow.store.queries.work import Work
from rightsflow.store.tables import CaseRow, ClockEventRow, IdentifierRow, IntakeRow, LetterRow
from rightsflow.store.vault_keys import keyring_of, lock_wrapper, refuse_another_key
from rightsflow.vault import Keyring, MasterKey

_SETTLED = tuple(sorted(SETTLED))


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSummary:
    """One line of a list of cases; no personal data of the subject."""

    case_id: str
    right: Right
    state: CaseState
    due_on: date
    safe_due_on: date
    work_to_on: date
    received_at: datetime
    owner: str
    closed_at: datetime | None = None


class Store:
    """All cases.

    Args:
        database: Where they lie.
        master: The vault's master key.
        now: Gives the present instant (aware).
        steady: Gives seconds that only grow, by which it is noticed that the other clock was set; ``None`` for none.
    """

    def __init__(
        self,
        database: Database,
        master: MasterKey,
        now: Callable[[], datetime],
        steady: Callable[[], float] | None = None,
    ) -> None:
        self.database = database
        self._master = master
        self._known_keyring: Keyring | None = None
        self.now = now
        self.waiting = Waiting(database, now)
        self.breakers = Breakers(database, now)
        self.brakes = Brakes(database, now, self._keyring)
        self._lease_clock = LeaseClock(now, steady)
        self.slots = Slots(database, self._lease_clock)
        self.work = Work(database, now)
        self.purging = Purging(database, now)
        self.seals = LedgerSeals(database, master, now)
        self.keys = KeyChanges(database, now)

    @property
    def master(self) -> MasterKey:
        """The vault's master key, for what concerns the store as a whole: seals and evidence."""
        return self._master

    @property
    def is_shared(self) -> bool:
        """Whether several machines can use it: PostgreSQL they can, SQLite they cannot."""
        return self.database.engine.dialect.name == "postgresql"

    @contextmanager
    def opening(self) -> Iterator[Opening]:
        """One transaction in which cases are opened.

        Raises:
            Misconfigured: The cases in the store were made with another master key.
            Transient: The database does not answer; nothing was stored.
        """
        with self.database.transaction() as session:
            lock_wrapper(session, self._master, self.now())
            opening = Opening(session, self._master, self._keyring(session), self.now())
            # What has to be read again is flushed where it is written; looking before each query costs a tenth.
            with session.no_autoflush:
                yield opening

    def keyed_names(self, what: str, texts: Sequence[str]) -> list[str]:
        """The keyed hash of each of some texts, by which nothing but the same text is found again.

        Args:
            what: What the texts are, so that equal ones of two sorts do not match.
            texts: The texts, such as the normalised content of the rows of an import.
        """
        with self.database.transaction() as session:
            keyring = self._keyring(session)
        return [keyring.blind_index(what, text) for text in texts]

    def check_key(self) -> None:
        """Find out whether the master key is the one that the store's cases were made with.

        Raises:
            Misconfigured: It is another one.
            Transient: The database does not answer.
        """
        with self.database.transaction() as session:
            refuse_another_key(session, self._master)

    def _keyring(self, session: Session) -> Keyring:
        if self._known_keyring is None:
            self._known_keyring = keyring_of(session, self._master, self.now())
        return self._known_keyring

    @contextmanager
    def case_file(self, case_id: str) -> Iterator[CaseFile]:
        """Open a case file for one transaction, locked against others.

        Raises:
            BadInput: There is no such case.
            Transient: The database does not answer.
        """
        with self.database.transaction() as session:
            row = session.get(CaseRow, case_id, with_for_update=True)
            if row is None:
                raise BadInput(f"There is no case {case_id}; `rightsflow list --all` shows the cases.")
            key = self._master.unwrap(case_id, row.wrapped_key)
            yield CaseFile(Context(session, row, key, self._keyring(session), self.now()))

    @contextmanager
    def case_files(self, case_ids: Collection[str]) -> Iterator[list[CaseFile]]:
        """Open several case files for one transaction: what is done to them is done to all or to none.

        Args:
            case_ids: The cases; their files come in the order of the ids, in which every round locks them.

        Raises:
            BadInput: One of them is not there.
            Transient: The database does not answer.
        """
        wanted = sorted(set(case_ids))
        with self.database.transaction() as session:
            query = select(CaseRow).where(CaseRow.id.in_(wanted)).order_by(CaseRow.id).with_for_update()
            rows = {row.id: row for row in session.scalars(query)}
            if missing := [one for one in wanted if one not in rows]:
                raise BadInput(f"There is no case {missing[0]}; `rightsflow list --all` shows the cases.")
            keyring, now = self._keyring(session), self.now()
            yield [
                CaseFile(Context(session, row, self._master.unwrap(row.id, row.wrapped_key), keyring, now))
                for row in rows.values()
            ]

    def summaries(self, *, closed_too: bool = False) -> list[CaseSummary]:
        """The cases, soonest due first."""
        query = select(CaseRow).order_by(CaseRow.due_on, CaseRow.id)
        if not closed_too:
            query = query.where(CaseRow.closed_at.is_(None))
        with self.database.transaction() as session:
            return [_summary(row) for row in session.scalars(query)]

    def cases_of(self, identifiers: Identifiers) -> list[str]:
        """Every case, closed ones too, whose person has one of these identifiers; found by keyed hashes."""
        with self.database.transaction() as session:
            return list(session.scalars(self._sharing(session, identifiers).where(IdentifierRow.contested.is_(False))))

    def _sharing(self, session: Session, identifiers: Identifiers) -> Select[str]:
        hashes = searchable_hashes(self._keyring(session), identifiers)
        return (
            select(CaseRow.id)
            .join(IdentifierRow, IdentifierRow.case_id == CaseRow.id)
            .where(IdentifierRow.index_hash.in_(hashes))
            .distinct()
            .order_by(CaseRow.id)
        )

    def under_other_holidays(self, version: str, limit: int) -> list[str]:
        """Open cases whose dates were computed with another holiday table.

        Args:
            version: The present table's.
            limit: How many at most.
        """
        query = (
            select(CaseRow.id)
            .where(
                CaseRow.closed_at.is_(None), or_(CaseRow.holidays_version < version, CaseRow.holidays_version > version)
            )
            .limit(limit)
        )
        with self.database.transaction() as session:
            return list(session.scalars(query))

    def unanswered(self, question: ClockEventKind, before: datetime, limit: int) -> list[str]:
        """Unsettled cases in which a question went out before an instant and has no answer.

        Args:
            question: Which question.
            before: The instant (aware).
            limit: How many at most.
        """
        answered = aliased(ClockEventRow)
        query = (
            select(ClockEventRow.case_id)
            .join(CaseRow, CaseRow.id == ClockEventRow.case_id)
            .outerjoin(
                answered,
                and_(answered.case_id == ClockEventRow.case_id, answered.kind == ANSWER_TO[question].value),
            )
            .where(
                ClockEventRow.kind == question.value,
                ClockEventRow.at < before,
                CaseRow.closed_at.is_(None),
                CaseRow.state.not_in(_SETTLED),
                answered.id.is_(None),
            )
            .order_by(ClockEventRow.at)
            .limit(limit)
        )
        with self.database.transaction() as session:
            return list(session.scalars(query))

    def forecast_before(self, instant: datetime, limit: int) -> list[str]:
        """Open cases whose forecast is older than an instant, the oldest first.

        Args:
            instant: The instant (aware).
            limit: How many at most.
        """
        query = (
            select(CaseRow.id)
            .where(CaseRow.closed_at.is_(None), CaseRow.forecast_at < instant)
            .order_by(CaseRow.forecast_at)
            .limit(limit)
        )
        with self.database.transaction() as session:
            return list(session.scalars(query))

    def cases_to_mail(self, letters: Collection[str], channels: Collection[str], after: str, limit: int) -> list[str]:
        """Unsettled cases with a letter that has not gone out and can be mailed, by their ids.

        Args:
            letters: Which letters.
            channels: By which of the channels the request came.
            after: The id after which to go on; empty to begin.
            limit: How many at most.
        """
        query = (
            select(CaseRow.id)
            .join(LetterRow, LetterRow.case_id == CaseRow.id)
            .where(
                LetterRow.sent_at.is_(None),
                LetterRow.by_hand.is_(False),
                LetterRow.template_id.in_(letters),
                CaseRow.closed_at.is_(None),
                CaseRow.state.not_in(_SETTLED),
                CaseRow.channel.in_(channels),
                CaseRow.id > after,
            )
            .distinct()
            .order_by(CaseRow.id)
            .limit(limit)
        )
        with self.database.transaction() as session:
            return list(session.scalars(query))

    def record_absence(self, absence: Absence, by: str) -> int:
        """Store that somebody is absent; returns the number it is named by."""
        with self.database.transaction() as session:
            return absences.record(session, absence, by, self.now())

    def withdraw_absence(self, number: int, by: str) -> None:
        """Take an absence back.

        Raises:
            BadInput: There is no such absence.
            Conflict: It was taken back already.
        """
        with self.database.transaction() as session:
            absences.withdraw(session, number, by, self.now())

    def absences_from(self, day: date) -> list[RecordedAbsence]:
        """The absences that are not over on a day, in the order in which they were recorded."""
        with self.database.transaction() as session:
            return absences.ending_on_or_after(session, day)

    def seal_intake(self, intake_id: str, form: RequestForm) -> None:
        """Move a form into the vault; sealing the same intake again changes nothing."""
        with self.database.transaction() as session:
            if session.get(IntakeRow, intake_id) is None:
                sealed = self._keyring(session).seal_intake(intake_id, json.dumps(asdict(form)).encode())
                session.add(IntakeRow(id=intake_id, sealed_form=sealed, sealed_at=self.now()))

    def read_intake(self, intake_id: str) -> RequestForm | None:
        """A sealed form in clear, or ``None`` where it became a case already or never was."""
        with self.database.transaction() as session:
            row = session.get(IntakeRow, intake_id)
            if row is None:
                return None
            return RequestForm(**json.loads(self._keyring(session).open_intake(intake_id, row.sealed_form)))

    def drop_intake(self, intake_id: str) -> None:
        """Forget a sealed form."""
        with self.database.transaction() as session:
            row = session.get(IntakeRow, intake_id)
            if row is not None:
                session.delete(row)

    def keep_typed(self, run_id: str, typed: Mapping[str, object]) -> None:
        """Encrypt what was typed into a form, as JSON; what was kept of the same run before stays beside it."""
        name = _typed_name(run_id)
        with self.database.transaction() as session:
            row, keyring = session.get(IntakeRow, name), self._keyring(session)
            before = json.loads(keyring.open_intake(name, row.sealed_form)) if row else {}
            text = json.dumps({**before, **typed}, default=str)
            session.merge(
                IntakeRow(id=name, sealed_form=keyring.seal_intake(name, text.encode()), sealed_at=self.now())
            )

    def read_typed(self, run_id: str) -> dict[str, Any]:
        """What was typed into a form and kept here, by field; empty if nothing was."""
        name = _typed_name(run_id)
        with self.database.transaction() as session:
            row = session.get(IntakeRow, name)
            if row is None:
                return {}
            typed: dict[str, Any] = json.loads(self._keyring(session).open_intake(name, row.sealed_form))
            return typed

    def move_typed(self, run_id: str, to_run_id: str) -> None:
        """Keep what was typed into a form under another run, which takes the place of the first."""
        if typed := self.read_typed(run_id):
            self.keep_typed(to_run_id, typed)
            self.drop_typed(run_id, typed)

    def drop_typed(self, run_id: str, fields: Collection[str]) -> None:
        """Forget some fields of what was typed into a form; the others stay until they expire."""
        name = _typed_name(run_id)
        with self.database.transaction() as session:
            row = session.get(IntakeRow, name)
            if row is None:
                return
            keyring = self._keyring(session)
            rest = {
                field: value
                for field, value in json.loads(keyring.open_intake(name, row.sealed_form)).items()
                if field not in fields
            }
            if rest:
                row.sealed_form = keyring.seal_intake(name, json.dumps(rest).encode())
            else:
                session.delete(row)

    def case_of_intake(self, intake_id: str) -> str | None:
        """The case that a sealed form became, or ``None``."""
        with self.database.transaction() as session:
            return session.scalar(select(CaseRow.id).where(CaseRow.intake_id == intake_id))

    def take_lease(self, case_id: str, holder: str) -> bool:
        """Take or renew the right to work on a case; returns whether the holder has it."""
        with self.database.transaction() as session:
            return leases.take(session, case_id, holder, self._lease_clock)

    def renew_lease(self, case_id: str, holder: str) -> None:
        """Keep the right to work on a case."""
        with self.database.transaction() as session:
            leases.renew(session, case_id, holder, self.now())

    def release_lease(self, case_id: str, holder: str) -> None:
        """Give the right to work on a case back."""
        with self.database.transaction() as session:
            leases.release(session, case_id, holder)

    def take_role(self, name: str, holder: str) -> bool:
        """Take or renew a role that one process at a time has; returns whether the holder has it."""
        with self.database.transaction() as session:
            return roles.take(session, name, holder, self._lease_clock)

    def release_role(self, name: str, holder: str) -> None:
        """Give a role back."""
        with self.database.transaction() as session:
            roles.release(session, name, holder)

    def standstill(self) -> Standstill:
        """The open cases that do not move although no person has to decide."""
        with self.database.reading() as session:
            return standstill(session, self.now(), self._lease_clock.ended())

    def is_worked_on(self, case_id: str) -> bool:
        """Whether a living process works on the case."""
        with self.database.transaction() as session:
            return leases.is_held(session, case_id, self._lease_clock)


def _typed_name(run_id: str) -> str:
    """The name under which a form is kept that no flow has read, beside the intakes themselves."""
    return f"typed:{run_id}"


def _summary(row: CaseRow) -> CaseSummary:
    return CaseSummary(
        case_id=row.id,
        right=Right(row.right),
        state=CaseState(row.state),
        due_on=row.due_on,
        safe_due_on=row.safe_due_on,
        work_to_on=row.work_to_on,
        received_at=row.received_at,
        owner=row.owner,
        closed_at=row.closed_at,
    )
