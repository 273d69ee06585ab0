"""Letters of several cases mailed together, answers after they were read on one page, each by a single one's rules.

Routine answers have most lines in common: the first is read whole, and of each further letter of its kind the lines
in which it differs. Every letter counts as read by that, and is mailed as if it were alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.course.sending.mail import WayByMail, mail_letter, mail_view
from rightsflow.cases.course.sending.text_review import read_text_to_confirm
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.vocabulary.letter_ids import ANSWERS

MOST_AT_ONCE: Final = 25
"""The largest number of letters that are read on one page."""
MOST_UNSENT: Final = 50
"""The largest number of letters that are mailed in one act."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class OpenedLetter:
    """A letter that is read with others.

    Args:
        case_id: The case.
        letter: Which letter, such as ``L8``.
        subject: Its subject line.
        lines: Its text, or the lines in which it differs from the first of its kind.
        like: The case of that first one; empty of the first itself.
        way: How it is mailed; ``None`` if it cannot be.
        why_not: Why it cannot be; empty if it can.
    """

    case_id: str
    letter: str
    subject: str
    lines: Sequence[str]
    like: str
    way: WayByMail | None
    why_not: str


def read_letters(app: App, case_ids: Sequence[str], *, by: str, reason: str) -> list[OpenedLetter]:
    """Return the unsent answers of some cases as they are read together, and note in each ledger who read them.

    Args:
        app: What it works with.
        case_ids: The cases.
        by: Who reads.
        reason: Why; kept sealed.

    Raises:
        BadInput: There are no cases, too many, or one does not exist.
    """
    if not 0 < len(case_ids) <= MOST_AT_ONCE:
        raise BadInput(f"Choose at least one letter, and at most {MOST_AT_ONCE} at once.")
    first: dict[str, tuple[str, list[str]]] = {}
    opened = []
    for case_id, letter in _unsent(app, case_ids):
        stored = read_text_to_confirm(app, case_id, letter, by=by, reason=reason).letter
        view, lines = mail_view(app, case_id, letter), stored.body.splitlines()
        like, before = first.setdefault(letter, (case_id, lines))
        is_first = like == case_id
        opened.append(
            OpenedLetter(
                case_id=case_id,
                letter=letter,
                subject=stored.subject_line,
                lines=lines if is_first else list(differing(before, lines)),
                like="" if is_first else like,
                way=view.way,
                why_not=view.why_not,
            )
        )
    return opened


def differing(first: Sequence[str], other: Sequence[str]) -> Iterator[str]:
    """Return the lines in which a text differs from another: its own as they are, missing ones with a remark.

    Args:
        first: The lines of the text that is known.
        other: The lines of the text that is compared.
    """
    for what, start, end, begins, ends in SequenceMatcher(None, first, other, autojunk=False).get_opcodes():
        if what == "equal":
            continue
        yield from other[begins:ends]
        if end - start > ends - begins:
            yield from (f"(without: {line})" for line in first[start:end] if line.strip())


def _unsent(app: App, case_ids: Sequence[str]) -> Iterator[tuple[str, str]]:
    for case_id in dict.fromkeys(case_ids):
        with app.store.case_file(case_id) as file:
            answers = [line.template_id for line in file.outbox.lines() if line.sent_at is None]
        yield from ((case_id, letter) for letter in answers if letter in ANSWERS)


@dataclass(frozen=True, slots=True)
class UnsentLetter:
    """A letter that was written and not sent.

    Args:
        case_id: The case.
        letter: Which letter.
        why_not: Why it cannot be mailed now; empty if it can.
    """

    case_id: str
    letter: str
    why_not: str


def unsent_letters(app: App) -> list[UnsentLetter]:
    """Return the first letters that wait to be sent, the soonest due first, each with whether it can be mailed now.

    Letters that a mail server refused are among them: the server may be set up rightly by now.

    Args:
        app: What it works with.
    """
    waiting = app.store.work.letters_to_send()[:MOST_UNSENT]
    views = ((line, mail_view(app, line.case_id, line.letter, again=True)) for line in waiting)
    return [UnsentLetter(line.case_id, line.letter, view.why_not) for line, view in views]


@dataclass(frozen=True, slots=True)
class MailedLetter:
    """The result of mailing a letter with others.

    Args:
        case_id: The case.
        letter: Which letter.
        refused: Why it was not mailed; empty if it was.
    """

    case_id: str
    letter: str
    refused: str


def mail_letters_of(app: App, chosen: Iterable[tuple[str, str]], *, by: str) -> list[MailedLetter]:
    """Mail letters together, also those that a mail server refused before; returns the result of each.

    Args:
        app: What it works with.
        chosen: The cases, each with its letter.
        by: Who sends them.
    """
    return [MailedLetter(case_id, letter, _refused(app, case_id, letter, by)) for case_id, letter in chosen]


def _refused(app: App, case_id: str, letter: str, by: str) -> str:
    try:
        mail_letter(app, case_id, letter, by=by, again=True)
    except (BadInput, Conflict) as error:
        return str(error)
    return ""
