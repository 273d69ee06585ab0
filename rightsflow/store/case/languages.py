"""The language of the person behind a case: as noted when it was opened, and as their records have it on file."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from sqlalchemy import Row, select

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.languages import KnownLanguage, LanguageSource
from rightsflow.store.core.context import Context
from rightsflow.store.tables import FindingRow

_FIELD = "finding/language"


class Languages:
    """The languages that the case file has for the person.

    Args:
        context: The open transaction.
    """

    def __init__(self, context: Context) -> None:
        self._context = context

    @property
    def noted(self) -> KnownLanguage:
        """The request's, else the country's, as noted when the case was opened."""
        row = self._context.row
        return KnownLanguage(row.language, LanguageSource(row.language_from))

    def on_file(self) -> list[str]:
        """Return the languages (BCP 47 tags) on file in the subject's records, without those that have none."""
        if (lines := self._context.memory.findings) is not None:
            subjects = (row for row in lines if row.attribution == Attribution.SUBJECT)
            return [self._context.key.open(_FIELD, row.sealed_language) for row in subjects if row.sealed_language]
        query = select(FindingRow.sealed_language).where(
            FindingRow.case_id == self._context.row.id,
            FindingRow.attribution == Attribution.SUBJECT.value,
            FindingRow.sealed_language.is_not(None),
        )
        found = self._context.session.scalars(query.order_by(FindingRow.system, FindingRow.id))
        return [self._context.key.open(_FIELD, sealed) for sealed in found if sealed is not None]


def language_of_row(context: Context, row: FindingRow | Row[Any] | SimpleNamespace) -> str:
    """Return the language (a BCP 47 tag) on file in a record; empty if it has none.

    Args:
        context: The open transaction.
        row: The record.
    """
    return context.key.open(_FIELD, row.sealed_language) if row.sealed_language is not None else ""


def sealed_language(context: Context, language: str) -> bytes | None:
    """Encrypt a record's language with the case's key.

    Args:
        context: The open transaction.
        language: A BCP 47 tag; empty where it has nothing.
    """
    return context.key.seal(_FIELD, language) if language else None
