"""The open cases that periodic rounds take up, a limited number at a time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Exists, and_, exists, or_, select
from sqlalchemy.orm import aliased

from rightsflow.domain.deadlines.clock_events import ANSWER_TO, ClockEventKind
from rightsflow.domain.vocabulary.letter_ids import AFTER_THE_ANSWER
from rightsflow.domain.vocabulary.states import SETTLED
from rightsflow.store.database import Database
from rightsflow.store.tables import CaseRow, ClockEventRow, LetterRow

_SETTLED = tuple(sorted(SETTLED))


def _has_letter(letter: str) -> Exists:
    return exists().where(LetterRow.case_id == CaseRow.id, LetterRow.template_id == letter)


class Rounds:
    """The cases that the rounds over open cases look for.

    Args:
        database: The database of the cases.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def under_other_holidays(self, version: str, limit: int) -> list[str]:
        """Return open cases whose dates were computed with another holiday table.

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
        with self._database.transaction() as session:
            return list(session.scalars(query))

    def under_other_rules(self, version: str, limit: int) -> list[str]:
        """Answered cases that were not looked at under the present rules of retention and blanking.

        Args:
            version: What tells the present rules from others.
            limit: How many at most.
        """
        is_other = or_(CaseRow.rules_version < version, CaseRow.rules_version > version)
        query = select(CaseRow.id).where(CaseRow.rules_version.is_not(None), is_other).limit(limit)
        with self._database.reading() as session:
            return list(session.scalars(query))

    def unanswered(
        self,
        question: ClockEventKind,
        before: datetime,
        limit: int,
        *,
        after: datetime | None = None,
        without: str = "",
    ) -> list[str]:
        """Unsettled cases in which a question went out before an instant and has no answer.

        Args:
            question: Which question.
            before: The instant (aware).
            limit: How many at most.
            after: Only those in which it went out after this instant (aware); all by default.
            without: Only those that have no letter of this name; all by default.
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
                *([ClockEventRow.at > after] if after else []),
                *([~_has_letter(without)] if without else []),
            )
            .order_by(ClockEventRow.at)
            .limit(limit)
        )
        with self._database.transaction() as session:
            return list(session.scalars(query))

    def forecast_before(self, instant: datetime, limit: int) -> list[str]:
        """Return open cases whose forecast is older than an instant, the oldest first.

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
        with self._database.transaction() as session:
            return list(session.scalars(query))

    def cases_to_mail(self, letters: Collection[str], channels: Collection[str], after: str, limit: int) -> list[str]:
        """Return cases with a letter that has not gone out and can be mailed, by their ids.

        Once a case is settled or closed, what goes out all the same: see :data:`AFTER_THE_ANSWER`.

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
                or_(
                    LetterRow.template_id.in_(sorted(AFTER_THE_ANSWER)),
                    and_(CaseRow.closed_at.is_(None), CaseRow.state.not_in(_SETTLED)),
                ),
                CaseRow.channel.in_(channels),
                CaseRow.id > after,
            )
            .distinct()
            .order_by(CaseRow.id)
            .limit(limit)
        )
        with self._database.transaction() as session:
            return list(session.scalars(query))


class Changes:
    """The numbers of cases' changes, which each transaction raises that changes one.

    Args:
        database: The database of the cases.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, case_id: str) -> int | None:
        """Return the number of changes of a case; ``None`` if there is no such case.

        Raises:
            Transient: The database does not answer.
        """
        with self._database.reading() as session:
            return session.scalars(select(CaseRow.changes).where(CaseRow.id == case_id)).one_or_none()
