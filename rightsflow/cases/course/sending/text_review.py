"""Free text in letters: edited before sending, and confirmed by a second person beside the list of retained records.

The parts that the law asks for stay as they were written.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from hashlib import sha256

from rightsflow.cases.app import App
from rightsflow.cases.facts.opened_texts import note_opened
from rightsflow.cases.facts.people import acting
from rightsflow.documents.letters.free_parts import FreeParts, free_parts_of, with_free_parts
from rightsflow.documents.letters.passages import LetterPassage, passages
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.errors import Conflict
from rightsflow.domain.letter_rules import needs_second_person, refuse_own_text, refuse_unconfirmed
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.letter_ids import kind_of_letter
from rightsflow.domain.vocabulary.states import read_case_id
from rightsflow.domain.wording import counted
from rightsflow.store import CaseFile
from rightsflow.store.case.outbox import StoredLetter


@dataclass(frozen=True, slots=True, kw_only=True)
class TextToConfirm:
    """The text that a second person reads and confirms.

    Args:
        letter: The letter with its free parts.
        kept: What is kept, a line for each system and category.
        code: What they give to show that they read just this.
        worded_by: Who worded it; empty where nothing has to be confirmed.
        passages: The text in passages, of which standard wording may be folded; one where a person worded a part.
        parts: Its free parts.
    """

    letter: StoredLetter
    kept: tuple[str, ...]
    code: str
    worded_by: str
    parts: FreeParts
    passages: tuple[LetterPassage, ...] = ()


def read_text_to_confirm(app: App, case_id: str, letter: str, *, by: str, reason: str) -> TextToConfirm:
    """Return a letter's text and what is kept, and note in the ledger who read it.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        letter: Which letter, such as ``L11``.
        by: Who reads it.
        reason: Why; kept sealed.

    Raises:
        BadInput: There is no such case or letter.
    """
    reader = acting(app, by, case_id)
    with app.store.case_file(read_case_id(case_id)) as file:
        text = text_to_confirm(file, letter)
        file.note_reveal(by=reader, reason=" ".join(reason.split()))
        note_opened(file, letter, text.letter.text_hash, by=reader)
        if file.outbox.is_worded(letter):
            return replace(text, passages=(LetterPassage(text.letter.body),))
        declared = {kind.residue for known in app.capabilities.values() for kind in known.kinds if kind.residue}
        return replace(text, passages=passages(text.letter.body, declared))


def text_to_confirm(file: CaseFile, letter: str) -> TextToConfirm:
    """Return the same of an open case file.

    Args:
        file: The case file.
        letter: Which letter.

    Raises:
        BadInput: There is no such letter.
    """
    stored, kept = file.outbox.text(letter), _kept(file)
    code = sha256("\n".join([stored.text_hash, *kept]).encode()).hexdigest()[:12]
    parts = free_parts_of(file.outbox.original(letter).body, stored.body)
    return TextToConfirm(letter=stored, kept=kept, code=code, worded_by=_waits_for(file, letter), parts=parts)


def waits_for_second(app: App, case_id: str, letter: str) -> bool:
    """Return whether a letter's free text waits for a second person.

    Args:
        app: What it works with.
        case_id: The case.
        letter: Which letter.
    """
    with app.store.case_file(case_id) as file:
        return bool(_waits_for(file, letter))


def confirm_text(app: App, case_id: str, letter: str, *, code: str, by: str) -> str:
    """Note that a second person read a letter's free text beside what is kept; returns that in a sentence.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        letter: Which letter, such as ``L11``.
        code: What was shown with the text that they read.
        by: Who confirms it.

    Raises:
        BadInput: There is no such case or letter.
        Conflict: Nothing has to be confirmed, the person worded it, or it is not what they read.
    """
    who = acting(app, by, case_id)
    with app.store.case_file(read_case_id(case_id)) as file:
        text = text_to_confirm(file, letter)
        if not text.worded_by:
            raise Conflict(f"Nothing of letter {letter} has to be confirmed; look at it, and send it.")
        refuse_own_text(who, worded_by=text.worded_by)
        if code.strip() != text.code:
            raise Conflict("The text, or what is kept, is not what you read; read both again, then confirm.")
        file.ledger.append(
            CaseEvent.LETTER_TEXT_CONFIRMED, actor=who, letter=letter, text=text.letter.text_hash, kept=len(text.kept)
        )
    return f"The text of letter {letter} is confirmed; it can be sent."


def refuse_unread_text(file: CaseFile, letter: str) -> None:
    """Refuse that a letter goes out whose free text waits for a second person.

    Args:
        file: The case file, open.
        letter: Which letter.

    Raises:
        Conflict: It waits.
    """
    if file.outbox.is_worded(letter):
        refuse_unconfirmed(letter, worded_by=_waits_for(file, letter))


def _waits_for(file: CaseFile, letter: str) -> str:
    """Return the author of a text that a second person has yet to confirm; empty where no confirmation is needed."""
    is_worded, kind = file.outbox.is_worded(letter), kind_of_letter(letter)
    if not is_worded or not needs_second_person(kind, is_worded=is_worded, keeps=bool(_kept(file))):
        return ""
    author, text = "", file.outbox.text(letter).text_hash
    for entry in file.ledger.entries(CaseEvent.LETTER_EDITED, CaseEvent.LETTER_TEXT_CONFIRMED):
        if entry.details.get("letter") == letter and entry.details.get("text") == text:
            if entry.event == CaseEvent.LETTER_EDITED:
                author = entry.actor
            elif entry.event == CaseEvent.LETTER_TEXT_CONFIRMED:
                author = ""
    return author


def _kept(file: CaseFile) -> tuple[str, ...]:
    """Return the records that the case has not removed or could not attribute, in words without personal data."""
    left = {located.record for located in file.findings.left_behind()}
    counts = Counter(
        (finding.ref.system, finding.category)
        for finding in file.findings.all()
        if finding.ref in left or finding.attribution is Attribution.UNCLEAR
    )
    return tuple(
        f"{category} ({system}): {counted(count, 'record')}" for (system, category), count in sorted(counts.items())
    )


def edit_letter(app: App, case_id: str, letter: str, parts: FreeParts, *, by: str) -> str:
    """Word a letter's free parts; returns in a sentence what was done.

    What was worded before is replaced. The new text is kept encrypted with the case, and its hash is in the ledger.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        letter: Which letter, such as ``L9``.
        parts: The salutation and the remark; empty parts are as the letter was written.
        by: Who words it.

    Raises:
        BadInput: There is no such case or letter, or a part cannot be used.
        Conflict: The letter went out already, or a part says what it must not say.
    """
    author = acting(app, by, case_id)
    with app.store.case_file(read_case_id(case_id)) as file:
        written = file.outbox.original(letter)
        body = with_free_parts(kind_of_letter(letter), written.body, parts)
        named = [name for name, item in (("salutation", parts.salutation), ("remark", parts.remark)) if item.strip()]
        file.outbox.edit(letter, body, by=author, parts=named)
        waits = bool(text_to_confirm(file, letter).worded_by)
    if waits:
        return (
            f"The text of letter {letter} was changed. Records are kept, so another person has to read it beside what "
            "is kept and confirm it before it is sent."
        )
    return f"The text of letter {letter} was changed; read it before you send it."
