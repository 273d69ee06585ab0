"""The answers to requests that a plan carried out: L10 and L11 to an erasure, L17, L22, L23 and L25 to others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rightsflow.cases.app import App
from rightsflow.cases.course.letters.letter_facts import LetterFacts
from rightsflow.cases.work.erasure.by_hand import note_tasks
from rightsflow.cases.work.processors.standing import (
    at_processors,
    has_erased_by_hand,
    told_recipients,
    untold_recipients,
)
from rightsflow.documents.letters import (
    ConsentWithdrawn,
    CorrectionLine,
    ErasureConfirmation,
    Letter,
    LetterId,
    ObjectionFollowed,
    PartialErasure,
    RectifiedOnRequest,
    RestrictedOnRequest,
    erasure_letter_id,
    render,
)
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Fate
from rightsflow.domain.erasure.plan_groups import consequences
from rightsflow.domain.erasure.suppression import Suppression
from rightsflow.domain.erasure.suppression import in_words as list_in_words
from rightsflow.domain.errors import Conflict
from rightsflow.domain.rectification.changes import in_words
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.store import CaseFile

_CONSEQUENCES = ("What was erased can no longer be looked up in our systems, by you or by us.",)


def plan_answer(file: CaseFile, app: App, listed: Sequence[Suppression]) -> Letter:
    """The answer to a request whose plan was carried out.

    Args:
        file: The case file, open.
        app: What it works with.
        listed: What the suppression list holds of the person.
    """
    if file.right is not Right.ERASURE:
        return answer_as_asked(file, app, listed)
    facts = LetterFacts(file, app)
    rows = facts.outcome_rows()
    letter_id = erasure_letter_id(
        rows, erased_by_hand=has_erased_by_hand(file, app.settings), is_narrowed=bool(facts.about)
    )
    kind = PartialErasure if letter_id is LetterId.PARTIAL_ERASURE else ErasureConfirmation
    said = _carried_out(file, app, facts, listed)
    return render(letter_id, kind(**said, rows=rows, about=facts.about, left_out=facts.left_out_rows()))


def answer_as_asked(file: CaseFile, app: App, listed: Sequence[Suppression]) -> Letter:
    """L17, L22, L23 or L25: what was asked is carried out, whether records that it is about were found or not.

    Args:
        file: The case file, open.
        app: What it works with.
        listed: What the suppression list holds of the person.
    """
    facts = LetterFacts(file, app)
    # Of a record that a decision left out nothing is known but that, so it is told by itself.
    left_out = facts.left_out_rows()
    said = _carried_out(file, app, facts, listed) | {
        "rows": facts.outcome_rows(),
        "left_out": left_out,
        "not_concerned": _not_concerned(facts, Attribution.SUBJECT) - sum(row.count for row in left_out),
        "unattributed": _not_concerned(facts, Attribution.UNCLEAR),
        "asks_list": app.settings.suppression.asked_by,
    }
    if file.right is Right.OBJECTION:
        return render(LetterId.OBJECTION_FOLLOWED, ObjectionFollowed(**said))
    if file.right is Right.CONSENT:
        return render(LetterId.CONSENT_WITHDRAWN, ConsentWithdrawn(**said))
    if file.right is Right.RECTIFICATION:
        return render(
            LetterId.RECTIFIED, RectifiedOnRequest(**said, items=_items(file), unaltered=facts.unaltered_rows())
        )
    if file.ground is None:
        raise Conflict(f"{file.case_id} names no ground of Art. 18(1); refuse it, and open it again with the ground.")
    return render(LetterId.RESTRICTED, RestrictedOnRequest(**said, ground=file.ground))


def _items(file: CaseFile) -> tuple[CorrectionLine, ...]:
    return tuple(
        CorrectionLine(number=item.number, what=in_words(item.field), ruling=ruling.kind, text=ruling.text)
        for item, ruling in file.corrections.all()
        if ruling is not None
    )


def _not_concerned(facts: LetterFacts, whose: Attribution) -> int:
    return sum(record.fate is Fate.NOT_CONCERNED and record.attribution is whose for record in facts.account.records)


def _carried_out(file: CaseFile, app: App, facts: LetterFacts, listed: Sequence[Suppression]) -> dict[str, Any]:
    """Return the facts of every such answer besides the records' fates; note the remaining tasks with it."""
    note_tasks(file, facts.account, app)
    file.instructions.promise_second_letter()
    for backup in facts.backups():
        if backup.until is None:
            continue
        file.ledger.append(
            CaseEvent.BACKUPS_NAMED, system=backup.system, until=backup.until.isoformat(), what=backup.contents
        )
    return dict(
        **facts.common(),
        received_on=facts.received_on,
        checked_on=facts.verified_on,
        searched_on=facts.searched_on,
        searched=facts.searches(),
        cannot_find=facts.cannot_find(),
        evidence_until=facts.evidence_until,
        remedies=facts.remedies,
        residue=facts.residue(),
        erased_later=facts.erased_later(),
        by_hand=facts.by_hand(),
        processors=at_processors(file, app.settings),
        informed=told_recipients(file),
        not_informed=untold_recipients(file, app.settings),
        to_inform=facts.to_inform(),
        suppression=said_of_list(file, app, listed),
        consequences=(*_CONSEQUENCES, *consequences(facts.gone, app.profiles)) if facts.has_erased else (),
    )


def said_of_list(file: CaseFile, app: App, listed: Sequence[Suppression]) -> str:
    """Return the person's entries on the suppression list, in words; note them in the ledger as the letter states them.

    Args:
        file: The case file, open.
        app: What it works with.
        listed: What it holds.
    """
    for suppression in listed:
        until = suppression.until.isoformat() if suppression.until else None
        file.ledger.append(
            CaseEvent.PERSON_SUPPRESSED, kind=suppression.kind.value, reason=suppression.reason.value, until=until
        )
    return list_in_words(listed, app.settings.controller.law.name)
