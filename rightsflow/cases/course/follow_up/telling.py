"""The notice to the person, after the answer, that records that had come back were erased again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from rightsflow.cases.app import App
from rightsflow.cases.course.letters.answering import put_letter
from rightsflow.cases.course.letters.letter_facts import LetterFacts, title_of
from rightsflow.documents.letters import ErasedAgain, ErasedAgainLine, LetterId, render
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.letter_ids import ANSWERS
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.store import CaseFile


def answered_on(file: CaseFile, app: App) -> date | None:
    """The day that stands on the answer; ``None`` while there is none.

    Args:
        file: The case file, open.
        app: What it works with.
    """
    return next((app.day_of(line.written_at) for line in file.outbox.lines() if line.template_id in ANSWERS), None)


def tell_erased_again(file: CaseFile, app: App, system: str, erased: Sequence[Finding]) -> None:
    """Write L24: of what the answer had said that it is gone, a part was there again and is erased again.

    Of an order the controller tells the person, by the certificate that is made anew.

    Args:
        file: The case file, open.
        app: What it works with.
        system: The system in which it was.
        erased: The records that were erased again and are gone by a fresh read.
    """
    answer, seen = answered_on(file, app), _seen_on(file, app, system)
    if file.orders.is_one or not erased or answer is None or seen is None:
        return
    facts, counts = LetterFacts(file, app), Counter(finding.category for finding in erased)
    variables = ErasedAgain(
        **facts.common(),
        received_on=facts.received_on,
        answered_on=answer,
        right=file.right,
        seen_on=seen,
        # An attempt before may have erased them, and not read them afresh.
        erased_on=max(app.day_of(finding.acted_at) for finding in erased if finding.acted_at),
        lines=tuple(
            ErasedAgainLine(system=title_of(system), category=category, count=count)
            for category, count in sorted(counts.items())
        ),
        remedies=facts.remedies,
        is_gone=all(finding.outcome is OutcomeKind.ERASED for finding in erased),
    )
    put_letter(file, render(LetterId.ERASED_AGAIN, variables))


def _seen_on(file: CaseFile, app: App, system: str) -> date | None:
    """The day on which the last look showed records that were back."""
    seen = [
        app.day_of(entry.at)
        for entry in file.ledger.entries(CaseEvent.ERASED_RECORDS_RETURNED)
        if entry.details.get("system") == system
    ]
    return seen[-1] if seen else None
