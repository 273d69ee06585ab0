"""Legal holds, over all cases. The rule which records one covers is ``rightsflow.domain.case.holds``'s."""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rightsflow.domain.case.holds import RELEASED, HoldScope, LegalHold
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.four_eyes import refuse_own_hold
from rightsflow.domain.identifiers import IdentifierKind, Identifiers
from rightsflow.domain.vocabulary.events import StoreEvent
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.store.case.identifiers import KnownIdentifiers, searchable_hashes
from rightsflow.store.core.case_ledger import append_own
from rightsflow.store.core.context import Context
from rightsflow.store.tables import FindingRow, IdentifierRow, LegalHoldRow
from rightsflow.store.vault_keys import KeyedPart

_PRESENT: Final = select(LegalHoldRow).where(LegalHoldRow.released_at.is_(None))
_KEPT: Final = (OutcomeKind.RETAINED.value, OutcomeKind.RESTRICTED.value)


class LegalHolds(KeyedPart):
    """All legal holds."""

    def hashes_of(self, identifiers: Identifiers) -> tuple[str, ...]:
        """Return the keyed hashes of a person's identifiers, for the scope of a hold.

        Args:
            identifiers: Normalised identifiers; those by which no one is searched for are passed over.
        """
        with self._database.transaction() as session:
            return tuple(searchable_hashes(self._keyring(session), identifiers))

    def count_covered(self, scope: HoldScope) -> int:
        """Count the cases, closed ones included, that share an identifier named by a scope."""
        query = select(func.count(IdentifierRow.case_id.distinct())).where(IdentifierRow.index_hash.in_(scope.persons))
        with self._database.reading() as session:
            return session.scalars(query).one()

    def place(
        self, scope: HoldScope, matter: str, review_on: date, *, owner: str, by: str, covered: int | None = None
    ) -> int:
        """Place a hold, in force at once; returns its number.

        Args:
            scope: Which records it covers.
            matter: Which claim; kept encrypted.
            review_on: The day by which it has to be reviewed, in the controller's zone.
            owner: The key of the person or role responsible for it.
            by: Who places it.
            covered: How many cases share what it names, where that was confirmed.
        """
        with self._database.transaction() as session:
            now = self._now()
            row = LegalHoldRow(
                persons=list(scope.persons),
                kinds=list(scope.kinds),
                case_id=scope.case_id,
                system=scope.system,
                category=scope.category,
                sealed_matter=b"",
                owner=owner,
                placed_by=by,
                placed_at=now,
                review_on=review_on,
            )
            session.add(row)
            session.flush()
            row.sealed_matter = self._keyring(session).seal_intake(_name(row.id), matter.encode())
            details = {"hold": row.id, "scope": scope.words, "owner": owner, "review_on": review_on.isoformat()}
            details |= {} if covered is None else {"cases_confirmed": covered}
            append_own(session, now, StoreEvent.LEGAL_HOLD_PLACED, actor=by, details=details)
            return row.id

    def approve(self, number: int, *, by: str) -> None:
        """Note that a second person approved a hold.

        Raises:
            BadInput: There is no such hold.
            Conflict: The person placed it, or it is approved or released already.
        """
        with self._database.transaction() as session:
            row = _in_force(session, number)
            refuse_own_hold(by, placed_by=row.placed_by, act="approve")
            if row.approved_by:
                raise Conflict(f"Hold {number} is approved already, by {row.approved_by}.")
            row.approved_by = by
            append_own(session, self._now(), StoreEvent.LEGAL_HOLD_APPROVED, actor=by, details={"hold": number})

    def review(self, number: int, review_on: date, *, by: str) -> None:
        """Note that a hold was reviewed and stays.

        Args:
            number: The hold.
            review_on: The day of the next review, in the controller's zone.
            by: Who reviewed it.

        Raises:
            BadInput: There is no such hold.
            Conflict: It is released already.
        """
        with self._database.transaction() as session:
            _in_force(session, number).review_on = review_on
            details = {"hold": number, "review_on": review_on.isoformat()}
            append_own(session, self._now(), StoreEvent.LEGAL_HOLD_REVIEWED, actor=by, details=details)

    def release(self, number: int, *, by: str, reason: str) -> None:
        """Release a hold; the decisions on its records are made anew.

        Args:
            number: The hold.
            by: Who releases it; not who placed it (four eyes).
            reason: How the matter ended; kept encrypted.

        Raises:
            BadInput: There is no such hold.
            Conflict: The person placed it, or it is released already.
        """
        with self._database.transaction() as session:
            row, now = _in_force(session, number), self._now()
            refuse_own_hold(by, placed_by=row.placed_by, act="release")
            row.released_at, row.released_by = now, by
            row.sealed_release = self._keyring(session).seal_intake(_name(number), reason.encode())
            append_own(session, now, StoreEvent.LEGAL_HOLD_RELEASED, actor=by, details={"hold": number})

    def all(self, *, released_too: bool = False) -> list[LegalHold]:
        """Return the holds in force, the soonest to review first; released ones too, if wanted."""
        query = (select(LegalHoldRow) if released_too else _PRESENT).order_by(LegalHoldRow.review_on, LegalHoldRow.id)
        with self._database.reading() as session:
            return [_read(row) for row in session.scalars(query)]

    def matter(self, number: int) -> str:
        """Return the matter of a hold, in clear.

        Raises:
            BadInput: There is no such hold.
        """
        with self._database.transaction() as session:
            row = _known(session, number)
            return self._keyring(session).open_intake(_name(number), row.sealed_matter).decode()

    def to_follow(self) -> list[int]:
        """Return the released holds whose decisions are not open again in every case yet."""
        query = select(LegalHoldRow.id).where(
            LegalHoldRow.released_at.is_not(None), LegalHoldRow.is_followed.is_(False)
        )
        with self._database.reading() as session:
            return list(session.scalars(query.order_by(LegalHoldRow.id)))

    def note_followed(self, number: int) -> None:
        """Note that the decisions on a released hold's records are open again in every case."""
        with self._database.transaction() as session:
            _known(session, number).is_followed = True

    def cases_kept(self) -> list[str]:
        """Return the cases in which a hold retains a record, or retained one until its release."""
        query = select(FindingRow.case_id).where(
            FindingRow.ends_when.contains(RELEASED, autoescape=True), FindingRow.outcome.in_(_KEPT)
        )
        with self._database.reading() as session:
            return list(session.scalars(query.distinct().order_by(FindingRow.case_id)))


class CaseHolds:
    """The holds in force that cover one case.

    Args:
        context: The open transaction.
        identifiers: What the subject is known by.
    """

    def __init__(self, context: Context, identifiers: KnownIdentifiers) -> None:
        self._context = context
        self._identifiers = identifiers

    def scopes(self) -> tuple[HoldScope, ...]:
        """Return the scopes of the holds that cover the case's records."""
        return tuple(item.scope for item in self.present())

    def present(self) -> list[LegalHold]:
        """Return the holds, by number."""
        holds = [_read(row) for row in self._context.session.scalars(_PRESENT.order_by(LegalHoldRow.id))]
        return [item for item in holds if self._is_covered(item.scope)]

    def _is_covered(self, scope: HoldScope) -> bool:
        if scope.case_id not in {"", self._context.row.id}:
            return False
        return not scope.persons or bool(set(scope.persons) & self._persons())

    def _persons(self) -> set[str]:
        query = select(IdentifierRow.index_hash).where(IdentifierRow.case_id == self._context.row.id)
        return set(self._context.session.scalars(query))


def _known(session: Session, number: int) -> LegalHoldRow:
    row = session.get(LegalHoldRow, number, with_for_update=True)
    if row is None:
        raise BadInput(f"There is no hold {number}; `rightsflow hold list` shows them.")
    return row


def _in_force(session: Session, number: int) -> LegalHoldRow:
    row = _known(session, number)
    if row.released_at is not None:
        raise Conflict(f"Hold {number} was released already, by {row.released_by}.")
    return row


def _name(number: int) -> str:
    """Return the name that texts are bound to, beside the intakes themselves."""
    return f"legal-hold:{number}"


def _read(row: LegalHoldRow) -> LegalHold:
    scope = HoldScope(
        persons=tuple(row.persons),
        kinds=tuple(map(IdentifierKind.stored, row.kinds)),
        case_id=row.case_id,
        system=row.system,
        category=row.category,
    )
    return LegalHold(
        number=row.id,
        scope=scope,
        owner=row.owner,
        placed_by=row.placed_by,
        placed_at=row.placed_at,
        review_on=row.review_on,
        approved_by=row.approved_by,
        released_at=row.released_at,
        released_by=row.released_by,
    )
