"""The letters of a case, folded from its entries."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Container, Iterable
from dataclasses import replace
from datetime import datetime

from rightsflow.audit.evidence.details import instant, text
from rightsflow.audit.evidence.record import EvidenceLetterLine
from rightsflow.audit.ledger import Entry
from rightsflow.domain.vocabulary.letter_ids import ANSWERS


class FoldedLetters:
    """Takes the entries of letters one by one."""

    def __init__(self) -> None:
        self.lines: list[EvidenceLetterLine] = []
        self._unsent: defaultdict[str, deque[int]] = defaultdict(deque)

    def write(self, entry: Entry) -> None:
        """Take the entry of a letter that was written."""
        said = entry.details
        line = EvidenceLetterLine(
            letter=text(said, "letter"),
            version=text(said, "version"),
            written_at=entry.at,
            text_hash=text(said, "text"),
            language=text(said, "language"),
            commitment=text(said, "commitment"),
        )
        self._unsent[line.letter].append(len(self.lines))
        self.lines.append(line)

    def send(self, entry: Entry) -> None:
        """Take the entry of a letter that was sent."""
        letter, at = text(entry.details, "letter"), instant(entry.details, "at") or entry.at
        if unsent := self._unsent[letter]:
            index = self._sent_of(unsent, at)
        else:
            index = len(self.lines)
            self.lines.append(EvidenceLetterLine(letter=letter, version="", written_at=entry.at))
        self.lines[index] = replace(
            self.lines[index],
            sent_at=at,
            sent_by=entry.actor,
            noted_at=entry.at,
            channel=text(entry.details, "channel"),
            proof_hash=text(entry.details, "proof"),
            smtp_code=text(entry.details, "smtp_code"),
            queue_id=text(entry.details, "queue_id"),
            address=text(entry.details, "address"),
            attached=text(entry.details, "attached"),
        )

    def _sent_of(self, unsent: deque[int], at: datetime) -> int:
        """Take out which of several texts of a letter went out: the last that was written by then, else the oldest.

        A letter is written anew where its dates moved; it is looked for from the end, since a file may hold any number.
        """
        newer: list[int] = []
        while len(unsent) > 1 and self.lines[unsent[-1]].written_at > at:
            newer.append(unsent.pop())
        index = unsent.pop()
        unsent.extend(reversed(newer))
        return index

    def edit(self, entry: Entry) -> None:
        """Process the entry of a letter whose free parts a person edited."""
        said, letter = entry.details, text(entry.details, "letter")
        if unsent := self._unsent[letter]:
            index = unsent[-1]
            self.lines[index] = replace(
                self.lines[index], text_hash=text(said, "text"), commitment=text(said, "commitment")
            )

    def take_back(self, entry: Entry) -> None:
        """Process the entry of a returned letter: it is to be sent again, and counts as sent only then."""
        letter = text(entry.details, "letter")
        sent = [at for at, item in enumerate(self.lines) if item.letter == letter and item.sent_at]
        if sent:
            index = sent[-1]
            line = self.lines[index]
            self.lines[index] = EvidenceLetterLine(
                letter=line.letter,
                version=line.version,
                written_at=line.written_at,
                text_hash=line.text_hash,
                language=line.language,
                commitment=line.commitment,
            )
            self._unsent[letter].append(index)

    def sent_at(self, letters: Container[str]) -> datetime | None:
        """Return the instant (aware) at which the first of these letters went out, or ``None``."""
        return first_sent(self.lines, letters)


def first_sent(letters: Iterable[EvidenceLetterLine], of: Container[str] = ANSWERS) -> datetime | None:
    """Return the instant (aware) at which the first of some letters was sent, or ``None``.

    Args:
        letters: All letters of a case.
        of: Which are meant; by default those that answer a request.
    """
    return min((letter.sent_at for letter in letters if letter.letter in of and letter.sent_at), default=None)
