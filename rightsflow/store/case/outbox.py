"""The outbox of a case: letters, each kind written once, and their sealed texts, as written and as edited."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Final

from rightsflow.documents.letters.rendering import commitment
from rightsflow.domain.case.acts import refuse_edit, refuse_sending
from rightsflow.domain.delivery import Delivery
from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.letter_ids import ANSWERS, UNTIL_THE_ANSWER_IS_SENT, LetterId, kind_of_letter
from rightsflow.store.core.case_ledger import CasePart
from rightsflow.store.tables import LetterRow, SecretRow

PROOF: Final = "delivery/"
"""The prefix of the stored proof of a letter's delivery."""
_ORIGINAL: Final = "letter/written/"
_FORMER: Final = "letter/former/"
_LONGEST_NAME: Final = 40
_BEGINNING: Final = 23
CLAIM_TIME: Final = timedelta(minutes=10)
"""The time that a process may take to mail a letter before another process may."""


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


def is_claimed(row: LetterRow, now: datetime) -> bool:
    """Return whether a process is mailing a letter.

    Args:
        row: The letter.
        now: The present instant (aware).
    """
    return row.claimed_at is not None and now - row.claimed_at < CLAIM_TIME


class LetterTexts(CasePart):
    """The texts of the letters of one case, and its further secrets."""

    def _row(self, template_id: str) -> LetterRow | None:
        return next((row for row in self._context.rows(LetterRow) if row.template_id == template_id), None)

    def _salt(self, template_id: str, subject_line: str, body: str) -> str:
        # Made of the text and the controller's key: no one else can guess it, and nothing has to be kept.
        return self._context.text_hash(f"letter-salt/{template_id}", f"{subject_line}\n{body}")

    def _text_hash(self, template_id: str, subject_line: str, body: str) -> str:
        return self._context.text_hash(f"letter/{template_id}", f"{subject_line}\n{body}")

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
            proof=self.secret(f"{PROOF}{row.template_id}") or "",
            variables_hash=row.variables_hash,
            written_at=row.written_at,
            sent_at=row.sent_at,
        )

    def _needed_row(self, template_id: str) -> LetterRow:
        row = self._row(template_id)
        if row is None:
            written = ", ".join(item.template_id for item in self._context.rows(LetterRow)) or "none"
            raise BadInput(f"There is no letter {template_id} in this case; its letters are: {written}.")
        return row

    def original(self, template_id: str) -> StoredLetter:
        """Return a letter as it was written, before a person worded its free parts.

        Args:
            template_id: Which letter.

        Raises:
            BadInput: There is no such letter.
        """
        stored = self._stored(self._needed_row(template_id))
        return replace(stored, body=self.secret(f"{_ORIGINAL}{template_id}") or stored.body)

    def text(self, template_id: str) -> StoredLetter:
        """Return the present text of a letter, with people's edits.

        Args:
            template_id: Which letter.

        Raises:
            BadInput: There is no such letter.
        """
        return self._stored(self._needed_row(template_id))

    def is_worded(self, template_id: str) -> bool:
        """Return whether a person edited a letter and the edit was not undone.

        Args:
            template_id: Which letter.
        """
        row, written = self._row(template_id), self.secret(f"{_ORIGINAL}{template_id}")
        return row is not None and written is not None and self._stored(row).body != written

    def edit(self, template_id: str, body: str, *, by: str, parts: Sequence[str]) -> None:
        """Replace a letter's text; the original stays stored.

        Args:
            template_id: Which letter.
            body: The text.
            by: Who worded it.
            parts: What of it they worded.

        Raises:
            BadInput: There is no such letter.
            Conflict: It went out already, or is being mailed.
        """
        row = self._needed_row(template_id)
        refuse_edit(template_id, sent_at=row.sent_at, is_being_mailed=is_claimed(row, self._context.now))
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

    def write_anew(
        self,
        *,
        template_id: str,
        version: str,
        language: str,
        subject_line: str,
        body: str,
        variables_hash: str,
        because: str,
    ) -> bool:
        """Replace a letter that was not sent by one with the present facts; the former text stays, encrypted.

        It may have been sent already by a person who notes that only later: then the former is the letter that went
        out. What people worded in it falls away, since they worded it for another text.

        Args:
            template_id: Which letter.
            version: The version of its template.
            language: Its language.
            subject_line: Its subject line.
            body: Its text.
            variables_hash: The hash of what stands in it.
            because: Why, in words.

        Returns:
            Whether it was written; not if it went out, is being mailed, or is not to be sent any more.
        """
        row, now = self._needed_row(template_id), self._context.now
        if row.sent_at is not None or row.overtaken or is_claimed(row, now):
            return False
        self._keep_former(row)
        self._set_text(row, version, language, subject_line, body)
        row.variables_hash = self._context.text_hash(f"variables/{template_id}", variables_hash)
        row.written_at = now
        self._context.session.flush()
        self._note_written(template_id, version, language, subject_line, body, because=because)
        return True

    def _set_text(self, row: LetterRow, version: str, language: str, subject_line: str, body: str) -> None:
        row.template_version, row.language = version, language
        row.sealed_subject = self._context.key.seal("letter/subject", subject_line)
        row.sealed_body = self._context.key.seal("letter/body", body)
        if worded := self._secret_row(f"{_ORIGINAL}{row.template_id}"):
            self._context.session.delete(worded)
            self._context.session.flush()

    def _note_written(
        self, template_id: str, version: str, language: str, subject_line: str, body: str, **more: str
    ) -> None:
        self._ledger.append(
            CaseEvent.LETTER_WRITTEN,
            letter=template_id,
            version=version,
            language=language,
            text=self._text_hash(template_id, subject_line, body),
            commitment=commitment(self._salt(template_id, subject_line, body), subject_line, body),
            **more,
        )

    def _keep_former(self, row: LetterRow) -> None:
        stored = self._stored(row)
        written_at = row.written_at.isoformat()
        former = {
            "written_at": written_at,
            "version": row.template_version,
            "language": row.language,
            "subject_line": stored.subject_line,
            "body": stored.body,
            "variables_hash": row.variables_hash,
        }
        self.keep_secret(f"{_FORMER}{row.template_id}/{written_at}", json.dumps(former))

    def _bring_back_former(self, row: LetterRow, at: datetime) -> None:
        """Restore the text that a letter had at an instant if it was rewritten since; otherwise change nothing."""
        formers = [json.loads(text) for text in self.secrets_below(f"{_FORMER}{row.template_id}/")]
        there = [former for former in formers if datetime.fromisoformat(former["written_at"]) <= at]
        if row.sent_at is not None or not there:
            return
        found = there[-1]
        self._set_text(row, found["version"], found["language"], found["subject_line"], found["body"])
        row.variables_hash, row.written_at = found["variables_hash"], datetime.fromisoformat(found["written_at"])
        self._context.session.flush()

    def secret(self, field: str) -> str | None:
        """Return a further secret of the case, or ``None``."""
        row = self._secret_row(field)
        return self._context.key.open(f"secret/{row.field}", row.sealed_value) if row else None

    def secrets_below(self, prefix: str) -> list[str]:
        """Return the secrets whose fields have this prefix, in clear, oldest first."""
        return [
            self._context.key.open(f"secret/{row.field}", row.sealed_value)
            for row in self._context.rows(SecretRow)
            if row.field.startswith(prefix)
        ]

    def keep_secret(self, field: str, value: str) -> None:
        """Seal a further secret; an existing one stays."""
        if self._secret_row(field) is None:
            name = _fitting(field)
            sealed = self._context.key.seal(f"secret/{name}", value)
            self._context.session.add(SecretRow(case_id=self._context.row.id, field=name, sealed_value=sealed))
            self._context.puts_in(SecretRow)

    def put_secret(self, field: str, value: str) -> None:
        """Seal a further secret, in the place of an existing one."""
        self.keep_secret(field, value)
        if (row := self._secret_row(field)) is not None:
            row.sealed_value = self._context.key.seal(f"secret/{row.field}", value)

    def _secret_row(self, field: str) -> SecretRow | None:
        name = _fitting(field)
        return next((row for row in self._context.rows(SecretRow) if row.field == name), None)


def _fitting(field: str) -> str:
    """Return a secret's name in the length of its column: PostgreSQL refuses a longer name, which SQLite accepts.

    A long one ends in a hash of the whole, behind what it begins with and is found by.
    """
    if len(field) <= _LONGEST_NAME:
        return field
    return f"{field[:_BEGINNING]}~{sha256(field.encode()).hexdigest()[: _LONGEST_NAME - _BEGINNING - 1]}"


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
        is_overtaken: Whether it is no longer to be sent.
    """

    template_id: str
    written_at: datetime
    sent_at: datetime | None
    sent_by: str
    is_overtaken: bool = False


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
        """Yield all letters in clear, oldest first; reading them is a reveal."""
        for row in self._context.rows(LetterRow):
            yield self._stored(row)

    def lines(self) -> list[LetterLine]:
        """Return the letters that were written and sent, without their content."""
        return [
            LetterLine(row.template_id, row.written_at, row.sent_at, row.sent_by, row.overtaken)
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

    def offer_again(self, template_id: str) -> None:
        """Let a letter be mailed again that was left to people."""
        if row := self._row(template_id):
            row.by_hand = False

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
        details = {"smtp_code": how.smtp_code, "queue_id": how.queue_id, "attached": how.attached}
        if how.address:
            details["address"] = how.address.value
        if how.channel:
            details["channel"] = how.channel.value
        if how.proof:
            self.keep_secret(f"{PROOF}{template_id}", how.proof)
            details["proof"] = self._context.text_hash(f"{PROOF}{template_id}", how.proof)
        given = {name: value for name, value in details.items() if value}
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
        details = {"proof": self._context.text_hash(f"{_ARRIVAL}{template_id}", proof)} if proof else {}
        details |= {"letter": template_id, "on": on.isoformat()}
        if self._is_noted(details, by=by):
            return
        if proof:
            self.keep_secret(f"{_ARRIVAL}{template_id}/{self._context.now.isoformat()}", proof)
        self._ledger.append(CaseEvent.LETTER_DELIVERED, actor=by, **details)

    def _is_noted(self, said: Mapping[str, str], *, by: str) -> bool:
        """Return whether the same delivery was the last entry noted of a letter."""
        entries = [entry for entry in self._ledger.entries() if entry.details.get("letter") == said["letter"]][-1:]
        same = [entry for entry in entries if said.items() <= entry.details.items() and entry.actor == by]
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
