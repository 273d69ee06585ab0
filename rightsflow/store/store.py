"""The case store: opens cases, finds them, and hands out case files."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.people import Absence
from rightsflow.domain.vocabulary.states import new_case_id
from rightsflow.store.accounts import Accounts
from rightsflow.store.case.absences import RecordedAbsence, absences_from, record_absence, withdraw_absence
from rightsflow.store.case.agents import AgentTokens
from rightsflow.store.case.brakes import Brakes
from rightsflow.store.case.case_file import CaseFile
from rightsflow.store.case.identifiers import cases_sharing
from rightsflow.store.case.legal_holds import LegalHolds
from rightsflow.store.case.suppressions import Suppressions
from rightsflow.store.coordination import leases
from rightsflow.store.coordination.coverage_places import CoveragePlaces
from rightsflow.store.coordination.running_parts import RunningParts
from rightsflow.store.coordination.system_limits import Breakers, Slots
from rightsflow.store.coordination.unopened_requests import UnopenedRequests
from rightsflow.store.coordination.waiting import Waiting
from rightsflow.store.core.context import LOCKED, CaseMemory, Context, LeaseClock
from rightsflow.store.database import Database
from rightsflow.store.opening import Opening
from rightsflow.store.passkeys import Challenges, Passkeys
from rightsflow.store.proofs.sealing import LedgerSeals
from rightsflow.store.purging import Purging
from rightsflow.store.queries.case_list import ListedCase, summaries
from rightsflow.store.queries.figures import Standstill, standstill
from rightsflow.store.queries.names_of_cases import read_names
from rightsflow.store.queries.rounds import Changes, Rounds
from rightsflow.store.queries.work import Work
from rightsflow.store.rotation import KeyChanges
from rightsflow.store.saved_filters import SavedFilters
from rightsflow.store.sessions import Sessions
from rightsflow.store.subscriptions import Subscriptions
from rightsflow.store.tables import CaseRow, IdentifierRow
from rightsflow.store.vault_keys import keyring_of, lock_wrapper, refuse_another_key
from rightsflow.vault import Keyring, MasterKey


class Store:
    """All cases.

    Args:
        database: Where they lie.
        master: The vault's master key.
        now: Gives the present instant (aware).
        steady: Gives seconds that only grow, by which it is noticed that the other clock was set; ``None`` for none.
        draw_id: Draws the id of a case of a year.
    """

    def __init__(
        self,
        database: Database,
        master: MasterKey,
        now: Callable[[], datetime],
        steady: Callable[[], float] | None = None,
        draw_id: Callable[[int], str] = new_case_id,
    ) -> None:
        self._draw_id = draw_id
        self.database = database
        self._master = master
        self._known_keyring: Keyring | None = None
        self.now = now
        self._lease_clock = LeaseClock(now, steady)
        self.waiting = Waiting(database, now, self._lease_clock)
        self.breakers = Breakers(database, now)
        self.brakes = Brakes(database, now, self._keyring)
        self.legal_holds = LegalHolds(database, now, self._keyring)
        self.coverage = CoveragePlaces(database, now, self._keyring)
        self.unopened = UnopenedRequests(database, now, self._keyring)
        self.slots = Slots(database, self._lease_clock)
        self.running_parts = RunningParts(database, now)
        self.work = Work(database, now)
        self.rounds = Rounds(database)
        self.changes = Changes(database)
        self.purging = Purging(database, now)
        self.seals = LedgerSeals(database, master, now)
        self.keys = KeyChanges(database, now)
        self.suppressions = Suppressions(database, master, now)
        self.accounts = Accounts(database, now, self._keyring)
        self.sessions = Sessions(database, now, self._keyring)
        self.subscriptions = Subscriptions(database, now)
        self.saved_filters = SavedFilters(database)
        self.passkeys = Passkeys(database, now, self._keyring)
        self.challenges = Challenges(database, now, self._keyring)
        self.agent_tokens = AgentTokens(database, now, self._keyring)

    @property
    def master(self) -> MasterKey:
        """The vault's master key, for the store as a whole: seals and evidence."""
        return self._master

    @property
    def is_shared(self) -> bool:
        """True if several machines can share the store: on PostgreSQL, not on SQLite."""
        return self.database.engine.dialect.name == "postgresql"

    @contextmanager
    def opening(self) -> Iterator[Opening]:
        """Open a transaction in which cases are opened.

        Raises:
            Misconfigured: The cases in the store were made with another master key.
            Transient: The database does not answer; nothing was stored.
        """
        with self.database.transaction() as session:
            lock_wrapper(session, self._master, self.now())
            opening = Opening(
                session, self._master, self._keyring(session), self.now(), self._lease_clock, self._draw_id
            )
            # Rows to be read again are flushed where they are written; a check before each query costs a tenth.
            with session.no_autoflush:
                yield opening

    def keyed_names(self, what: str, texts: Sequence[str]) -> list[str]:
        """Return the keyed hash of each text, by which only the same text is found again.

        Args:
            what: What the texts are, so that equal ones of two sorts do not match.
            texts: The texts, such as the normalised content of the rows of an import.
        """
        with self.database.transaction() as session:
            keyring = self._keyring(session)
        return [keyring.blind_index(what, text) for text in texts]

    def names_of(self, case_ids: Collection[str]) -> dict[str, str]:
        """Return the name that each of some requests gave, in clear, by case."""
        return read_names(self.database, self._master, case_ids)

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
        with self._opened(case_id) as file:
            yield file

    @contextmanager
    def starting_file(self, case_id: str) -> Iterator[CaseFile]:
        """Open a case file to note that a step starts, which need not outlive a power cut: its process does not either.

        Raises:
            BadInput: There is no such case.
            Transient: The database does not answer.
        """
        with self._opened(case_id, passing=True) as file:
            yield file

    @contextmanager
    def working_file(self, case_id: str, holder: str) -> Iterator[CaseFile]:
        """Open a case file, and take or renew the right to work on the case in the same transaction.

        Args:
            case_id: The case.
            holder: Who works on it.

        Raises:
            BadInput: There is no such case.
            Conflict: Another works on it.
            Transient: The database does not answer.
        """
        with self._opened(case_id) as file:
            if not file.lease.take(holder):
                raise Conflict(f"Another run is working on {case_id}; let it end, then start again.")
            yield file

    @contextmanager
    def _opened(self, case_id: str, *, passing: bool = False) -> Iterator[CaseFile]:
        """Return a case file whose new ledger entries are inserted together as its transaction ends."""
        with self.database.transaction(passing=passing) as session:
            row = session.scalars(LOCKED, {"case": case_id}).one_or_none()
            if row is None:
                raise BadInput(f"There is no case {case_id}; `rightsflow list --all` shows the cases.")
            file = CaseFile(self._context(CaseMemory(session, row)))
            # Rows to be read again are flushed where they are written: the rest as the transaction ends.
            with session.no_autoflush, file.ledger.together():
                yield file

    def _context(self, memory: CaseMemory) -> Context:
        session, row = memory.session, memory.row
        return Context(
            session=session,
            row=row,
            key=self._master.unwrap(row.id, row.wrapped_key),
            master=self._master,
            keyring=self._keyring(session),
            now=self.now(),
            lease_clock=self._lease_clock,
            memory=memory,
        )

    def refuse_missing(self, case_ids: Collection[str]) -> None:
        """Refuse a list that names a case which is not there.

        Raises:
            BadInput: One of them is not there.
            Transient: The database does not answer.
        """
        with self.database.reading() as session:
            _refuse_missing(sorted(case_ids), set(session.scalars(select(CaseRow.id).where(CaseRow.id.in_(case_ids)))))

    @contextmanager
    def case_files(self, case_ids: Collection[str]) -> Iterator[list[CaseFile]]:
        """Open several case files in one transaction: changes are stored for all of them or for none.

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
            _refuse_missing(wanted, rows)
            yield [CaseFile(self._context(CaseMemory(session, row))) for row in rows.values()]

    def summaries(self, *, closed_too: bool = False) -> list[ListedCase]:
        """Return the cases, soonest due first."""
        with self.database.transaction() as session:
            return summaries(session, closed_too=closed_too)

    def cases_of(self, identifiers: Identifiers) -> list[str]:
        """Return every case, closed ones too, whose person has one of these identifiers; found by keyed hashes."""
        with self.database.transaction() as session:
            query = cases_sharing(self._keyring(session), identifiers)
            return list(session.scalars(query.where(IdentifierRow.contested.is_(False))))

    def record_absence(self, absence: Absence, by: str) -> int:
        """Store that a person is absent; returns the number it is named by."""
        with self.database.transaction() as session:
            return record_absence(session, absence, by, self.now())

    def withdraw_absence(self, number: int, by: str) -> None:
        """Take an absence back.

        Raises:
            BadInput: There is no such absence.
            Conflict: It was taken back already.
        """
        with self.database.transaction() as session:
            withdraw_absence(session, number, by, self.now())

    def absences_from(self, day: date) -> list[RecordedAbsence]:
        """Return the absences that are not over on a day, in the order in which they were recorded."""
        with self.database.transaction() as session:
            return absences_from(session, day)

    def take_lease(self, case_id: str, holder: str) -> bool:
        """Take or renew the right to work on a case; returns whether the holder has it."""
        with self.database.transaction() as session:
            return leases.take(session, case_id, holder, self._lease_clock)

    def renew_leases(self, cases: Mapping[str, str], its_roles: Mapping[str, str] | None = None) -> None:
        """Renew the leases of some cases, and some roles.

        Args:
            cases: The cases, each by its holder.
            its_roles: The roles, likewise.
        """
        with self.database.transaction() as session:
            # In one order: two processes that renew what both believe to hold would otherwise lock each other out.
            for holder, case_id in sorted(cases.items(), key=lambda item: item[1]):
                leases.renew(session, case_id, holder, self.now())
            for holder, name in (its_roles or {}).items():
                leases.take_role(session, name, holder, self._lease_clock)

    def release_lease(self, case_id: str, holder: str) -> None:
        """Release the lease of a case."""
        with self.database.transaction() as session:
            leases.release(session, case_id, holder)

    def take_role(self, name: str, holder: str) -> bool:
        """Take or renew a role that one process at a time has; returns whether the holder has it."""
        with self.database.transaction() as session:
            return leases.take_role(session, name, holder, self._lease_clock)

    def has_role(self, name: str) -> bool:
        """Return whether a living process has a role."""
        with self.database.reading() as session:
            return leases.has_role(session, name, self._lease_clock)

    def release_role(self, name: str, holder: str) -> None:
        """Release a role."""
        with self.database.transaction() as session:
            leases.release_role(session, name, holder)

    def standstill(self) -> Standstill:
        """Return the open cases that do not move although no person has to decide."""
        with self.database.reading() as session:
            return standstill(session, self.now(), self._lease_clock.ended())

    def is_worked_on(self, case_id: str) -> bool:
        """Return whether a living process works on the case."""
        with self.database.transaction() as session:
            return leases.is_held(session, case_id, self._lease_clock)


def _refuse_missing(wanted: Iterable[str], there: Container[str]) -> None:
    if missing := [text for text in wanted if text not in there]:
        raise BadInput(f"There is no case {missing[0]}; `rightsflow list --all` shows the cases.")
