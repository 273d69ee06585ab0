"""The outbox of a case: letters, sealed, each kind written once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from rightsflow.store.context import Context
from rightsflow.store.tables import LetterRow, SecretRow


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StoredLetter:
    """A letter as it was written; subject line and body may be personal data."""

    template_id: str
    template_version: str
    language: str
    subject_line: str
    body: str
    variables_hash: str
    written_at: datetime


class Outbox:
    """The letters and the further secrets of one case.

    Args:
        context: The open transaction.
    """

    def __init__(self, context: Context) -> None:
        self._context = context

    def has(self, template_id: str) -> bool:
        """Whether this letter was written already."""
        query = select(LetterRow.id).where(
            LetterRow.case_id == self._context.row.id, LetterRow.template_id == template_id
        )
        return self._context.session.scalar(query) is not None

    def put(
        self, *, template_id: str, version: str, language: str, subject_line: str, body: str, variables_hash: str
    ) -> bool:
        """Store a letter; returns whether it is new (a second one of its kind is passed over)."""
        if self.has(template_id):
            return False
        self._context.session.add(
            LetterRow(
                case_id=self._context.row.id,
                template_id=template_id,
                template_version=version,
                language=language,
                sealed_subject=self._context.key.seal("letter/subject", subject_line),
                sealed_body=self._context.key.seal("letter/body", body),
                variables_hash=variables_hash,
                written_at=self._context.now,
            )
        )
        self._context.session.flush()
        return True

    def letters(self) -> Iterator[StoredLetter]:
        """All letters in clear, oldest first; reading them is a reveal."""
        query = select(LetterRow).where(LetterRow.case_id == self._context.row.id).order_by(LetterRow.id)
        for row in self._context.session.scalars(query):
            yield StoredLetter(
                template_id=row.template_id,
                template_version=row.template_version,
                language=row.language,
                subject_line=self._context.key.open("letter/subject", row.sealed_subject),
                body=self._context.key.open("letter/body", row.sealed_body),
                variables_hash=row.variables_hash,
                written_at=row.written_at,
            )

    def titles(self) -> list[str]:
        """Which letters were written, without their content."""
        query = select(LetterRow.template_id).where(LetterRow.case_id == self._context.row.id).order_by(LetterRow.id)
        return list(self._context.session.scalars(query))

    def secret(self, field: str) -> str | None:
        """A further secret of the case, or ``None``."""
        row = self._secret_row(field)
        return self._context.key.open(f"secret/{field}", row.sealed_value) if row else None

    def keep_secret(self, field: str, value: str) -> None:
        """Seal a further secret; an existing one stays."""
        if self._secret_row(field) is None:
            sealed = self._context.key.seal(f"secret/{field}", value)
            self._context.session.add(SecretRow(case_id=self._context.row.id, field=field, sealed_value=sealed))
            self._context.session.flush()

    def _secret_row(self, field: str) -> SecretRow | None:
        query = select(SecretRow).where(SecretRow.case_id == self._context.row.id, SecretRow.field == field)
        return self._context.session.scalars(query).one_or_none()
