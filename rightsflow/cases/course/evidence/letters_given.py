"""The texts of a case's letters for an authority, in an encrypted file of their own: a recorded act."""

from __future__ import annotations

from dataclasses import dataclass

from rightsflow.audit.evidence.texts import TEXTS, GivenText, GivenTexts, texts_file
from rightsflow.cases.app import App
from rightsflow.cases.facts.people import refuse_typed, said
from rightsflow.documents.package.archive import ArchiveMember, encrypted_zip
from rightsflow.documents.package.passphrase import new_passphrase
from rightsflow.domain.errors import BadInput


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SealedLetters:
    """The file with the texts.

    Args:
        content: The file: a zip, encrypted with AES-256.
        passphrase: What opens it; it is kept nowhere.
        letters: Which letters are in it.
    """

    content: bytes
    passphrase: str
    letters: tuple[str, ...]


def give_letters(app: App, case_id: str, *, by: str, reason: str) -> SealedLetters:
    """Make the file with the texts of a case's letters; that it was made becomes an entry of the ledger.

    Args:
        app: What it works with.
        case_id: The case.
        by: Who gives them.
        reason: Why; kept encrypted.

    Raises:
        BadInput: There is no such case, it has no letter, or no reason is given.
        Conflict: People act signed in here, and the name was only typed.
    """
    actor, why = said(by), " ".join(reason.split())
    if not why:
        raise BadInput(
            "The reason for giving the letters is missing; use --reason, such as the authority's file number."
        )
    refuse_typed(app, by, case_id)
    with app.store.case_file(case_id) as file:
        letters = list(file.outbox.letters())
        if not letters:
            raise BadInput(f"{case_id} has no letter whose text is still there.")
        file.note_reveal(by=actor, reason=why)
    given = GivenTexts(
        case_id=case_id,
        letters=tuple(
            GivenText(letter=letter.template_id, salt=letter.salt, subject_line=letter.subject_line, body=letter.body)
            for letter in letters
        ),
    )
    readable = ((f"{letter.letter}.txt", f"{letter.subject_line}\n\n{letter.body}\n") for letter in given.letters)
    members = [
        ArchiveMember(name, "text/plain", (content.encode("utf-8", "replace"),), lambda _: None)
        for name, content in ((TEXTS, texts_file(given)), *readable)
    ]
    passphrase = new_passphrase()
    content = b"".join(encrypted_zip(members, passphrase, app.now()))
    return SealedLetters(
        content=content, passphrase=passphrase, letters=tuple(letter.letter for letter in given.letters)
    )
