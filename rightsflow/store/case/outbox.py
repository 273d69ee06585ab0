"""The outbox of a case: letters, sealed, each kind written once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select

from rightsflow.documents.letters.commitment import commitment
from rightsflow.domain.case.acts import refuse_edit, refuse_sending
from rightsflow.domain.delivery import Delivery
from rightsflow.domain.errors import BadInput
from rightsflow.domain.events import CaseEvent
from rightsflow.domain.letter_ids import ANSWERS, UNTIL_THE_ANSWER_IS_SENT
from rightsflow.store.case.case_part import CasePart
from rightsflow.store.tables import LetterRow, SecretRow

_PROOF = "delivery/"
_ARRIVAL = "arrival/"
_ORIGINAL = "letter/written/"
_UNSAID = Delivery()
CLAIM_TIME = timedelta(minutes=10)
"""How long a process may take to mail a letter before another may."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StoredLetter:
    """A letter as it was written; subject line and body may be personal data.

    ``text_hash`` is the keyed hash of the stored text, computed anew: it equals the ledger's if the text is the same.
    ``salt`` opens the commitment to the text in the ledger. ``proof`` is the reference of the proof of delivery.
    """

    template_id: str
    template_version: str
    language: str
    subject_line: str
    body: str
    variables_hash: str
    written_at: datetime
    sent_at: datetime | None
    text_hash: str = ""
    salt: str = ""
    proof: str = ""


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


class Outbox(CasePart):
    """The letters and the further secrets of one case."""

    def has(self, template_id: str) -> bool:
        """Whether this letter was written already."""
        return self._row(template_id) is not None

    @property
    def has_answer(self) -> bool:
        """Whether the letter that answers or refuses the request was written."""
        return not ANSWERS.isdisjoint(self.titles())

    def _row(self, template_id: str) -> LetterRow | None:
        if not self._context.may_hold(LetterRow):
            return None
        query = select(LetterRow).where(LetterRow.case_id == self._context.row.id, LetterRow.template_id == template_id)
        return self._context.session.scalars(query).one_or_none()

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
        self._ledger.append(
            CaseEvent.LETTER_WRITTEN,
            letter=template_id,
            version=version,
            language=language,
            text=self._text_hash(template_id, subject_line, body),
            commitment=commitment(self._salt(template_id, subject_line, body), subject_line, body),
        )
        return True

    def _salt(self, template_id: str, subject_line: str, body: str) -> str:
        # Made of the text and the controller's key: no one else can guess it, and nothing has to be kept.
        return self._context.text_hash(f"letter-salt/{template_id}", f"{subject_line}\n{body}")

    def _text_hash(self, template_id: str, subject_line: str, body: str) -> str:
        return self._context.text_hash(f"letter/{template_id}", f"{subject_line}\n{body}")

    def letters(self) -> Iterator[StoredLetter]:
        """All letters in clear, oldest first; reading them is a reveal."""
        query = select(LetterRow).where(LetterRow.case_id == self._context.row.id).order_by(LetterRow.id)
        for row in self._context.session.scalars(query):
            yield self._stored(row)

    def _stored(self, row: LetterRow) -> StoredLetter:
        subject_line = self._context.key.open("letter/subject", row.sealed_subject)
        body = self._context.key.open("letter/body", row.sealed_body)
        return StoredLetter(
            template_id=row.template_id,
            template_version=row.template_version,
            language=row.language,
            subject_line=subject_line,
            body=body,
            text_hash=self._text_hash(row.template_id, subject_line, body),
            salt=self._salt(row.template_id, subject_line, body),
            proof=self.secret(f"{_PROOF}{row.template_id}") or "",
            variables_hash=row.variables_hash,
            written_at=row.written_at,
            sent_at=row.sent_at,
        )

    def lines(self) -> list[LetterLine]:
        """Which letters were written and which went out, without their content."""
        query = select(LetterRow).where(LetterRow.case_id == self._context.row.id).order_by(LetterRow.id)
        return [
            LetterLine(row.template_id, row.written_at, row.sent_at, row.sent_by)
            for row in self._context.session.scalars(query)
        ]

    def titles(self) -> list[str]:
        """Which letters were written, without their content."""
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
        if row.claimed_at and now - row.claimed_at < CLAIM_TIME:
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
        """Whether a letter cannot be mailed: a mail server refused it for good, or it came back."""
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
        refuse_sending(row.case_id, template_id, written_at=row.written_at, sent_at=row.sent_at, at=at)
        row.sent_at, row.sent_by = at, by
        self._context.session.flush()
        said = {"smtp_code": how.smtp_code, "queue_id": how.queue_id, "attached": how.attached}
        if how.address:
            said["address"] = how.address.value
        if how.channel:
            said["channel"] = how.channel.value
        if how.proof:
            self.keep_secret(f"{_PROOF}{template_id}", how.proof)
            said["proof"] = self._context.text_hash(f"{_PROOF}{template_id}", how.proof)
        given = {name: value for name, value in said.items() if value}
        self._ledger.append(CaseEvent.LETTER_SENT, actor=by, letter=template_id, at=at.isoformat(), **given)

    def overtake(self, letters: Collection[str], because: str) -> None:
        """Note of letters that were not sent that they are not to be sent any more.

        Args:
            letters: Which letters; those that were sent, or never written, are passed over.
            because: Why, in words.
        """
        for name in (one.template_id for one in self.lines() if one.sent_at is None and one.template_id in letters):
            self._needed_row(name).overtaken = name not in UNTIL_THE_ANSWER_IS_SENT  # which may come back
            self._ledger.append(CaseEvent.LETTER_OVERTAKEN, letter=name, because=because)

    def original(self, template_id: str) -> StoredLetter:
        """A letter as it was written, before a person worded its free parts.

        Args:
            template_id: Which letter.

        Raises:
            BadInput: There is no such letter.
        """
        stored = self._stored(self._needed_row(template_id))
        return replace(stored, body=self.secret(f"{_ORIGINAL}{template_id}") or stored.body)

    def edit(self, template_id: str, body: str, *, by: str, parts: Sequence[str]) -> None:
        """Put another text in a letter's place; the one that was written is kept beside it.

        Args:
            template_id: Which letter.
            body: The text.
            by: Who worded it.
            parts: What of it they worded.

        Raises:
            BadInput: There is no such letter.
            Conflict: It went out already, or is being mailed.
        """
        row, now = self._needed_row(template_id), self._context.now
        is_being_mailed = row.claimed_at is not None and now - row.claimed_at < CLAIM_TIME
        refuse_edit(template_id, sent_at=row.sent_at, is_being_mailed=is_being_mailed)
        stored = self._stored(row)
        if stored.body == body:
            return
        self.keep_secret(f"{_ORIGINAL}{template_id}", stored.body)
        row.sealed_body = self._context.key.seal("letter/body", body)
        self._context.session.flush()
        self._ledger.append(
            CaseEvent.LETTER_EDITED,
            actor=by,
            letter=template_id,
            parts=list(parts),
            text=self._text_hash(template_id, stored.subject_line, body),
            commitment=commitment(self._salt(template_id, stored.subject_line, body), stored.subject_line, body),
        )

    def mark_delivered(self, template_id: str, on: date, *, by: str, proof: str = "") -> None:
        """Note that a letter reached the person; what a form says that is sent again is noted once.

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
        """Whether the last that was noted of a letter is the same."""
        told = [one for one in self._ledger.entries() if one.details.get("letter") == said["letter"]][-1:]
        same = [one for one in told if said.items() <= one.details.items() and one.actor == by]
        return any(one.event == CaseEvent.LETTER_DELIVERED for one in same)

    def mark_returned(self, template_id: str, on: date, *, by: str) -> None:
        """Note that a letter came back: it has to be sent again, and not by itself to where it came back from.

        Args:
            template_id: Which letter; it is noted as sent.
            on: On which day, in the controller's zone.
            by: Who notes it.
        """
        row = self._needed_row(template_id)
        sent_at = row.sent_at.isoformat() if row.sent_at else ""
        row.sent_at, row.sent_by, row.claimed_at, row.by_hand = None, "", None, True
        # The proof of this sending stays; the next one has a proof of its own.
        if secret := self._secret_row(f"{_PROOF}{template_id}"):
            proof = self._context.key.open(f"secret/{secret.field}", secret.sealed_value)
            self._context.session.delete(secret)
            self._context.session.flush()
            self.keep_secret(f"{_PROOF}{template_id}/{sent_at}", proof)
        self._context.session.flush()
        self._ledger.append(CaseEvent.LETTER_RETURNED, actor=by, letter=template_id, on=on.isoformat(), sent_at=sent_at)

    def _needed_row(self, template_id: str) -> LetterRow:
        row = self._row(template_id)
        if row is None:
            written = ", ".join(self.titles()) or "none"
            raise BadInput(f"There is no letter {template_id} in this case; its letters are: {written}.")
        return row

    def secret(self, field: str) -> str | None:
        """A further secret of the case, or ``None``."""
        row = self._secret_row(field)
        return self._context.key.open(f"secret/{field}", row.sealed_value) if row else None

    def secrets_below(self, prefix: str) -> list[str]:
        """The further secrets whose fields begin so, in clear, oldest first."""
        query = select(SecretRow).where(
            SecretRow.case_id == self._context.row.id, SecretRow.field.startswith(prefix, autoescape=True)
        )
        return [
            self._context.key.open(f"secret/{row.field}", row.sealed_value)
            for row in self._context.session.scalars(query.order_by(SecretRow.id))
        ]

    def keep_secret(self, field: str, value: str) -> None:
        """Seal a further secret; an existing one stays."""
        if self._secret_row(field) is None:
            sealed = self._context.key.seal(f"secret/{field}", value)
            self._context.session.add(SecretRow(case_id=self._context.row.id, field=field, sealed_value=sealed))
            self._context.session.flush()

    def _secret_row(self, field: str) -> SecretRow | None:
        query = select(SecretRow).where(SecretRow.case_id == self._context.row.id, SecretRow.field == field)
        return self._context.session.scalars(query).one_or_none()
