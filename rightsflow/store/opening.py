"""Open cases: one, or many, in one transaction.

A form makes one case and an import hundreds at a time; both go through here, so that there is one way to open a case.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from rightsflow.domain.case.persons import Clue, KnownPerson, is_same_request
from rightsflow.domain.deadlines.case_dates import CaseDates
from rightsflow.domain.deadlines.receipt import offset_minutes
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.request import Request
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store.case.case_clock import apply_dates
from rightsflow.store.case.case_file import CaseFile
from rightsflow.store.case.finding_rows import some_at_once
from rightsflow.store.case.identifiers import CLUES, person_of, searchable_hashes
from rightsflow.store.core.context import CaseMemory, Context, LeaseClock
from rightsflow.store.tables import CaseRow, ChainRow, IdentifierRow
from rightsflow.vault import Keyring, MasterKey


@dataclass(frozen=True, slots=True)
class _Sharing:
    """A case that knows its person by some identifier of a request.

    Args:
        case_id: The case.
        right: What was asked for.
        is_open: Whether its answer is not noted as sent.
        controller: On whose behalf it is handled; empty for a request of our own.
    """

    case_id: str
    right: Right
    is_open: bool
    controller: str


class Opening:
    """A transaction in which cases are opened.

    Args:
        session: The open transaction, with the lock that lets no rotation of the master key begin.
        master: Wraps the new cases' keys.
        keyring: For keyed hashes.
        now: The instant of this transaction (aware).
        lease_clock: The clock of leases.
        draw_id: Draws the id of a case of a year.
    """

    def __init__(
        self,
        session: Session,
        master: MasterKey,
        keyring: Keyring,
        now: datetime,
        lease_clock: LeaseClock,
        draw_id: Callable[[int], str],
    ) -> None:
        self._draw_id = draw_id
        self._session = session
        self._master = master
        self._keyring = keyring
        self._now = now
        self._lease_clock = lease_clock
        self._sharing: dict[str, list[_Sharing]] = defaultdict(list)
        self._persons: dict[str, KnownPerson] = {}
        self._of_intake: dict[str, str] = {}

    def look_up(self, requests: Iterable[Request], intake_ids: Iterable[str] = ()) -> None:
        """Find the cases of these people and intakes, in a few queries for all of them.

        Args:
            requests: What is to be opened; a few hundred at most.
            intake_ids: The names of their intakes, where they have any.
        """
        hashes = {hash_ for request in requests for hash_ in self._hashes(request.identifiers)}
        query = (
            select(IdentifierRow.index_hash, CaseRow.id, CaseRow.right, CaseRow.closed_at, CaseRow.controller)
            .join(CaseRow, CaseRow.id == IdentifierRow.case_id)
            .where(IdentifierRow.index_hash.in_(hashes))
        )
        for row in self._session.execute(query):
            self._sharing[row.index_hash].append(
                _Sharing(row.id, Right(row.right), row.closed_at is None, row.controller)
            )
        self._look_up_persons({item.case_id for some in self._sharing.values() for item in some})
        if names := {identifier_text for identifier_text in intake_ids if identifier_text}:
            of_intake = select(CaseRow.intake_id, CaseRow.id).where(CaseRow.intake_id.in_(names))
            self._of_intake |= {str(row.intake_id): row.id for row in self._session.execute(of_intake)}

    def case_of(self, intake_id: str) -> str | None:
        """Return the case that an intake became, if it was looked up, or ``None``."""
        return self._of_intake.get(intake_id)

    def _look_up_persons(self, case_ids: AbstractSet[str]) -> None:
        for some in some_at_once(sorted(case_ids)):
            query = select(*CLUES).where(IdentifierRow.case_id.in_(some))
            found = self._session.execute(query.order_by(IdentifierRow.case_id))
            self._persons |= {case_id: person_of(rows) for case_id, rows in groupby(found, lambda row: row.case_id)}

    def twins(self, request: Request) -> list[str]:
        """Return the open cases for the same right that a request which was looked up repeats.

        A rectification repeats none: each names values of its own, and carrying one out twice changes nothing.
        """
        if request.right is Right.RECTIFICATION:
            return []
        return sorted({item.case_id for item in self._alike(request) if item.is_open and item.right is request.right})

    def earlier(self, request: Request) -> list[str]:
        """Return every case, closed ones too, with the same identifiers as a request that was looked up."""
        return sorted({item.case_id for item in self._alike(request)})

    def _alike(self, request: Request) -> list[_Sharing]:
        # A controller's order is neither another's request nor the person's own request to us.
        person = self._asked(request)
        return [
            item
            for digest in self._hashes(request.identifiers)
            for item in self._sharing[digest]
            if item.controller == request.controller and is_same_request(person, self._persons[item.case_id])
        ]

    def _asked(self, request: Request) -> KnownPerson:
        given = (
            Clue(identifier.kind, self._keyring.blind_index(identifier.realm, identifier.value), identifier.issuer)
            for identifier in request.identifiers
        )
        return KnownPerson(asked=frozenset(given))

    def _hashes(self, identifiers: Identifiers) -> list[str]:
        return searchable_hashes(self._keyring, identifiers)

    def open(
        self,
        request: Request,
        dates: CaseDates,
        owner: str,
        intake_id: str = "",
        *,
        in_bulk: bool = False,
        from_outside: bool = False,
    ) -> CaseFile:
        """Open a case and return its file, open until the transaction ends.

        Args:
            request: The request, checked.
            dates: Its dates.
            owner: The key of the person or role that answers for it.
            intake_id: The intake that it came from, where there is one: it becomes one case only.
            in_bulk: Whether it is one of many, which waits until the keeper starts it.
            from_outside: Whether it came over an interface of others, so that the keeper starts it.

        Raises:
            ValueError: No owner is named.
        """
        if not owner:
            raise ValueError("a case cannot be open without an owner")
        case_id = _unused_case_id(self._session, request.received_at.year, self._draw_id)
        key, wrapped = self._master.new_case_key(case_id)
        row = CaseRow(
            id=case_id,
            right=request.right.value,
            state=CaseState.RECEIVED.value,
            channel=request.channel.value,
            language=request.language,
            language_from=request.language_source.value,
            ground=request.ground.value if request.ground else "",
            ticket=request.ticket,
            opened_by=str(request.opened_by),
            owner=owner,
            intake_id=intake_id or None,
            controller=request.controller,
            received_at=request.received_at,
            sent_offset=offset_minutes(request.received_at),
            opened_at=self._now,
            state_since=self._now,
            watch_at=self._now,
            in_bulk=in_bulk,
            # A request of a form is started by its own flow; what others send comes by none.
            start_at=self._now if in_bulk or from_outside else None,
            wrapped_key=wrapped,
            wrapped_by=self._master.fingerprint,
        )
        apply_dates(row, dates)
        self._session.add(row)
        self._session.flush()
        context = Context(
            session=self._session,
            row=row,
            key=key,
            master=self._master,
            keyring=self._keyring,
            now=self._now,
            lease_clock=self._lease_clock,
            memory=CaseMemory(self._session, row, counts=False),
            put_in=set(),
        )
        file = CaseFile(context)
        file.identifiers.add(request.identifiers)
        file.corrections.put(request.corrections)
        _note_opened(file, request, dates, owner)
        self._remember(request, case_id, intake_id)
        return file

    def _remember(self, request: Request, case_id: str, intake_id: str) -> None:
        """Let the next ones of this transaction find the case as they would find it in a later one."""
        made = _Sharing(case_id, request.right, is_open=True, controller=request.controller)
        self._persons[case_id] = self._asked(request)
        for digest in self._hashes(request.identifiers):
            self._sharing[digest].append(made)
        if intake_id:
            self._of_intake[intake_id] = case_id


def _note_opened(file: CaseFile, request: Request, dates: CaseDates, owner: str) -> None:
    file.ledger.append(
        CaseEvent.CASE_OPENED,
        actor=request.opened_by,
        right=request.right.value,
        channel=request.channel.value,
        **({"ground": request.ground.value} if request.ground else {}),
        **({"corrections": len(request.corrections)} if request.corrections else {}),
        received_at=request.received_at.isoformat(),
        regime=dates.regime,
        owner=owner,
        due_on=dates.due_on.isoformat(),
        safe_due_on=dates.safe_due_on.isoformat(),
        work_to_on=dates.work_to_on.isoformat(),
        explanation=dates.explanation,
        identifiers=file.identifiers.hash_lines(),
    )


def _unused_case_id(session: Session, year: int, draw: Callable[[int], str]) -> str:
    # By the chains, which outlive their cases: the id of a purged one is never given again.
    while session.get(ChainRow, case_id := draw(year)) is not None:
        continue
    return case_id
