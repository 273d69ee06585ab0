"""The letters that were written and are not noted as sent: what people still have to send, the soonest due first.

No key is needed: nothing of a letter's content is read.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, and_, func, or_, select

from rightsflow.domain.vocabulary.letter_ids import AFTER_THE_ANSWER, UNTIL_THE_ANSWER_IS_SENT, WRITTEN_ANEW
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import SETTLED
from rightsflow.store.database import Database
from rightsflow.store.queries.waiting_for_people import Cut, owned_by
from rightsflow.store.tables import CaseRow, LetterRow


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterToSend:
    """A letter that waits to be sent; no personal data of the subject.

    Args:
        case_id: Its case.
        right: What was asked for.
        letter: Which letter, such as ``L9``.
        channel: How the request arrived.
        written_at: Since when it waits (aware).
        work_to_on: The day to work to.
        due_on: The last day of the law, in the controller's zone.
        owner: The key of the person or role responsible for the case.
    """

    case_id: str
    right: Right
    letter: str
    channel: str
    written_at: datetime
    work_to_on: date
    due_on: date
    owner: str


_IS_DUE: Final = and_(
    CaseRow.closed_at.is_(None),
    or_(CaseRow.state.not_in(sorted(SETTLED)), LetterRow.template_id.in_(sorted(UNTIL_THE_ANSWER_IS_SENT))),
)
_IS_AFTER_THE_ANSWER: Final = or_(
    LetterRow.template_id.in_(sorted(AFTER_THE_ANSWER)),
    *(LetterRow.template_id.startswith(f"{item.value}.") for item in sorted(WRITTEN_ANEW)),
)
_TO_SEND: Final = (
    select(
        *(CaseRow.id, CaseRow.right, LetterRow.template_id, CaseRow.channel, LetterRow.written_at),
        *(CaseRow.work_to_on, CaseRow.due_on, CaseRow.owner),
    )
    .join(LetterRow, LetterRow.case_id == CaseRow.id)
    .where(LetterRow.sent_at.is_(None), LetterRow.overtaken.is_(False), or_(_IS_DUE, _IS_AFTER_THE_ANSWER))
    .order_by(CaseRow.work_to_on, CaseRow.id, LetterRow.id)
)


def letters_to_send(database: Database) -> list[LetterToSend]:
    """Every letter of an open case that is not noted as sent.

    Once it is settled: its answer, what that promised, and the acknowledgement, until the answer has gone out.

    Args:
        database: The database of the cases.

    Raises:
        Transient: The database does not answer.
    """
    with database.reading() as session:
        return [_letter(row) for row in session.execute(_TO_SEND)]


def first_letters_to_send(database: Database, at_most: int, owners: Collection[str] | None = None) -> Cut[LetterToSend]:
    """The first of them, and how many there are.

    Args:
        database: The database of the cases.
        at_most: How many are read; all are counted.
        owners: Whose cases, by the owners' keys; ``None`` for everybody's.

    Raises:
        Transient: The database does not answer.
    """
    query = _TO_SEND.where(*owned_by(owners))
    counted = select(func.count()).select_from(query.order_by(None).subquery())
    with database.reading() as session:
        rows = session.execute(query.limit(at_most)).all()
        return Cut(session.scalar(counted) or 0, tuple(map(_letter, rows)))


def _letter(row: Row[*tuple[Any, ...]]) -> LetterToSend:
    return LetterToSend(
        case_id=row.id,
        right=Right(row.right),
        letter=row.template_id,
        channel=row.channel,
        written_at=row.written_at,
        work_to_on=row.work_to_on,
        due_on=row.due_on,
        owner=row.owner,
    )
