"""The outbox of a case: letters, sealed, each kind written once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from rightsflow.domain.case.acts import refuse_sending
from rightsflow.domain.delivery import Delivery
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.letter_ids import ANSWERS, UNTIL_THE_ANSWER_IS_SENT, LetterId, kind_of_letter
from rightsflow.store.case.letter_texts import PROOF, LetterTexts, StoredLetter, is_claimed
from rightsflow.store.tables import LetterRow

_ARRIVAL = "arrival/"
_UNSAID = Delivery()


@dataclass(frozen=True, slots=True)
class LetterLine:
    """A letter without its content.

    Args:
        template_id: Which letter.
        written_at: When it was written.
        sent_at: When it went out, or ``None`` if that is not known.
        sent_by: Who sent it.
    """

    template_id: str
    written_at: datetime
    sent_at: datetime | None
    sent_by: str


class Outbox(LetterTexts):
    """The letters and the further secrets of one case."""

    def has(self, template_id: str) -> bool:
        """Return whether a letter was written already."""
        return self._row(template_id) is not None

    @property
    def has_answer(self) -> bool:
        """True if the letter that answers or refuses the request was written."""
        return not ANSWERS.isdisjoint(self.titles())

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
                variables_hash=self._context.text_hash(f"variables/{template_id}", variables_hash),
                written_at=self._context.now,
            )
        )
        self._context.session.flush()
        self._context.puts_in(LetterRow)
        self._note_written(template_id, version, language, subject_line, body)
        return True

    def letters(self) -> Iterator[StoredLetter]:
        """All letters in clear, oldest first; reading them is a reveal."""
        for row in self._context.rows(LetterRow):
            yield self._stored(row)

    def lines(self) -> list[LetterLine]:
        """Return the letters that were written and sent, without their content."""
        return [
            LetterLine(row.template_id, row.written_at, row.sent_at, row.sent_by)
            for row in self._context.rows(LetterRow)
        ]

    def titles(self) -> list[str]:
        """Return the template ids of the letters that were written."""
        return [line.template_id for line in self.lines()]

    def claim(self, template_id: str) -> StoredLetter | None:
        """Take a letter that has not gone out, to mail it, so that no other process does.

        A claim that led to nothing ends by itself after a while.

        Args:
            template_id: Which letter.

        Returns:
            The letter in clear, or ``None`` if it went out, was never written, is left to people, or is being mailed by
            another.
        """
        row = self._row(template_id)
        now = self._context.now
        if row is None or row.sent_at is not None or row.by_hand:
            return None
        if is_claimed(row, now):
            return None
        row.claimed_at = now
        return self._stored(row)

    def give_back(self, template_id: str) -> None:
        """End a claim: the letter did not go out."""
        row = self._row(template_id)
        if row is not None:
            row.claimed_at = None

    def leave_to_people(self, template_id: str) -> None:
        """End a claim for good: the letter cannot be mailed, and a person has to send it by hand."""
        row = self._row(template_id)
        if row is not None:
            row.claimed_at, row.by_hand = None, True

    def is_left_to_people(self, template_id: str) -> bool:
        """Return whether a letter cannot be mailed: a mail server refused it permanently, or it came back."""
        row = self._row(template_id)
        return row is not None and row.by_hand

    def mark_sent(self, template_id: str, at: datetime, *, by: str, how: Delivery = _UNSAID) -> None:
        """Note that a letter went out.

        Args:
            template_id: Which letter.
            at: When it went out (aware).
            by: Who sent it, or ``rightsflow`` for the machine.
            how: By which channel, with which proof.

        Raises:
            BadInput: There is no such letter, or it would have gone out before it was written.
            Conflict: It went out already.
        """
        row = self._needed_row(template_id)
        if at < row.written_at:
            self._bring_back_former(row, at)
        refuse_sending(row.case_id, template_id, written_at=row.written_at, sent_at=row.sent_at, at=at)
        row.sent_at, row.sent_by = at, by
        self._context.session.flush()
        said = {"smtp_code": how.smtp_code, "queue_id": how.queue_id, "attached": how.attached}
        if how.address:
            said["address"] = how.address.value
        if how.channel:
            said["channel"] = how.channel.value
        if how.proof:
            self.keep_secret(f"{PROOF}{template_id}", how.proof)
            said["proof"] = self._context.text_hash(f"{PROOF}{template_id}", how.proof)
        given = {name: value for name, value in said.items() if value}
        self._ledger.append(CaseEvent.LETTER_SENT, actor=by, letter=template_id, at=at.isoformat(), **given)

    def overtake(self, letters: Collection[str], because: str) -> None:
        """Note of letters that were not sent that they are not to be sent any more.

        Args:
            letters: Which letters; those that were sent, or never written, are passed over.
            because: Why, in words.
        """
        for name in (line.template_id for line in self.lines() if line.sent_at is None and line.template_id in letters):
            self._needed_row(name).overtaken = name not in UNTIL_THE_ANSWER_IS_SENT  # which may come back
            self._ledger.append(CaseEvent.LETTER_OVERTAKEN, letter=name, because=because)

    def overtake_kinds(self, kinds: Collection[LetterId], because: str) -> None:
        """Note the same of every letter of some kinds, the second and third of a kind too.

        Args:
            kinds: Which kinds of letters.
            because: Why, in words.
        """
        self.overtake({line.template_id for line in self.lines() if kind_of_letter(line.template_id) in kinds}, because)

    def mark_delivered(self, template_id: str, on: date, *, by: str, proof: str = "") -> None:
        """Note that a letter reached the person; submitting the same form again notes nothing new.

        Args:
            template_id: Which letter.
            on: On which day, in the controller's zone.
            by: Who notes it.
            proof: The reference of the proof; kept sealed.
        """
        said = {"proof": self._context.text_hash(f"{_ARRIVAL}{template_id}", proof)} if proof else {}
        said |= {"letter": template_id, "on": on.isoformat()}
        if self._is_noted(said, by=by):
            return
        if proof:
            self.keep_secret(f"{_ARRIVAL}{template_id}/{self._context.now.isoformat()}", proof)
        self._ledger.append(CaseEvent.LETTER_DELIVERED, actor=by, **said)

    def _is_noted(self, said: Mapping[str, str], *, by: str) -> bool:
        """Return whether the same delivery was the last entry noted of a letter."""
        told = [entry for entry in self._ledger.entries() if entry.details.get("letter") == said["letter"]][-1:]
        same = [entry for entry in told if said.items() <= entry.details.items() and entry.actor == by]
        return any(entry.event == CaseEvent.LETTER_DELIVERED for entry in same)

    def mark_returned(self, template_id: str, on: date, *, by: str) -> None:
        """Note that a letter was returned: it must be sent again, but never automatically to the same address.

        Args:
            template_id: Which letter; it is noted as sent.
            on: On which day, in the controller's zone.
            by: Who notes it.
        """
        row = self._needed_row(template_id)
        sent_at = row.sent_at.isoformat() if row.sent_at else ""
        row.sent_at, row.sent_by, row.claimed_at, row.by_hand = None, "", None, True
        # The proof of this sending stays; the next one has a proof of its own.
        if secret := self._secret_row(f"{PROOF}{template_id}"):
            proof = self._context.key.open(f"secret/{secret.field}", secret.sealed_value)
            self._context.session.delete(secret)
            self._context.session.flush()
            self.keep_secret(f"{PROOF}{template_id}/{sent_at}", proof)
        self._context.session.flush()
        self._ledger.append(CaseEvent.LETTER_RETURNED, actor=by, letter=template_id, on=on.isoformat(), sent_at=sent_at)
