"""Review of an access package before its release: readings, notes on records, and sending it back.

A reader proves their identity at the beginning (the desk asks for a fresh code), and the ledger has the entry. Pages
are shown by the reading's token: 256 random bits, for one session, one package and a short time. Notes are sealed,
since grounds may name a person, and apply only to the package that was read; the release turns them into decisions.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.opened_texts import note_opened
from rightsflow.cases.facts.people import refuse_typed, said
from rightsflow.domain.case.record_decisions import RecordDecision, read_record_decisions
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.gates.linked_copies import refuse_torn, with_parts
from rightsflow.domain.gates.package_changes import MakingAgain, not_in_package, refuse_unsaid
from rightsflow.domain.gates.record_decision_rules import assign, refuse_empty_copy, refuse_names
from rightsflow.domain.letter_rules import PACKAGE_LETTER
from rightsflow.domain.typed_input import stated_reason
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseAction, CaseState
from rightsflow.store import CaseFile
from rightsflow.store.case.keeping import COVER
from rightsflow.store.case.mask_choices import REMARKS

READING_LASTS: Final = timedelta(minutes=60)
"""For how long what is read is shown, from when its reason was given."""
_FIELD: Final = "reading/{}"
_DIGEST_CHARACTERS: Final = 32
_OVER: Final = "This reading of the package is over; begin another one, with its reason."
_CHANGED: Final = "The package has been made again since you began to read it; begin again."


@dataclass(frozen=True, slots=True)
class PackageReading:
    """A reading.

    Args:
        package: The SHA-256 of the encrypted package that is read: what a release is bound by.
        until: When it ends (aware).
    """

    package: str
    until: datetime


def begin_reading(app: App, case_id: str, *, by: str, reason: str, session: str) -> str:
    """Begin to read a package that waits for its release, and note in the ledger who did and why.

    Args:
        app: What it works with.
        case_id: The case.
        by: Who reads.
        reason: Why; kept sealed.
        session: What proves the session in which it is read; kept as a hash.

    Returns:
        The reading's token.

    Raises:
        BadInput: There is no such case, or no reason.
        Conflict: The case has no package that waits for its release.
    """
    why = stated_reason(reason, "say why you read the package")
    refuse_typed(app, by, case_id)
    token = secrets.token_urlsafe()
    with app.store.case_file(case_id) as file:
        refuse_unreadable(file)
        file.note_reveal(by=by, reason=why)
        kept = {
            "package": file.what_is_approved(),
            "until": (app.now() + READING_LASTS).isoformat(),
            "session": _digest(session),
        }
        file.outbox.keep_secret(_FIELD.format(_digest(token)), json.dumps(kept))
    return token


def open_letter(app: App, case_id: str, *, by: str, package: str = "") -> str:
    """Return the letter in a package that waits for its release, and note in the ledger who opened it.

    Args:
        app: What it works with.
        case_id: The case.
        by: Who opens it.
        package: The SHA-256 of the package that is read; empty for the present one.

    Raises:
        BadInput: There is no such case.
        Conflict: The case has no such package, or people act signed in here and the name was only typed.
    """
    refuse_typed(app, by, case_id)
    with app.store.case_file(case_id) as file:
        refuse_changed(file, package or file.what_is_approved())
        text, _ = json.loads(file.outbox.secret(COVER) or '["", []]')
        note_opened(file, PACKAGE_LETTER, file.what_is_approved(), by=by)
    return str(text)


def refuse_unreadable(file: CaseFile) -> None:
    """Refuse to read a package that is not there, or not to be released any more.

    Args:
        file: The case file, open.

    Raises:
        Conflict: It cannot be read.
    """
    if file.right is not Right.ACCESS:
        raise Conflict(f"{file.case_id} is no request for access; it has no package.")
    if file.state is not CaseState.AWAITING_APPROVAL or not file.what_is_approved():
        raise Conflict(f"{file.case_id} has no package that waits for its release; it is {file.state.value}.")


def waits_for_release(app: App, case_id: str) -> bool:
    """Return True if a case has a package that waits for its release.

    Args:
        app: What it works with.
        case_id: The case.

    Raises:
        BadInput: There is no such case.
    """
    with app.store.case_file(case_id) as file:
        is_waiting = file.right is Right.ACCESS and file.state is CaseState.AWAITING_APPROVAL
        return is_waiting and not file.found_nothing and bool(file.what_is_approved())


def refuse_changed(file: CaseFile, package: str) -> None:
    """Refuse to decide on a package that is another one than was read.

    Args:
        file: The case file, open.
        package: The SHA-256 of the package that was read.

    Raises:
        Conflict: It is, or it is not to be released any more.
    """
    refuse_unreadable(file)
    if file.what_is_approved() != package:
        raise Conflict("The package has been made again since you read it; read it again, then decide.")


def package_read(app: App, case_id: str, token: str, *, session: str) -> str:
    """Return the SHA-256 of the package that is read under a token.

    Args:
        app: What it works with.
        case_id: The case.
        token: The token.
        session: What proves the session.

    Raises:
        BadInput: There is no such case.
        Conflict: The reading is over, of another session or case, or the package was made again.
    """
    with app.store.case_file(case_id) as file:
        return reading_of(app, file, token, session=session).package


def reading_of(app: App, file: CaseFile, token: str, *, session: str) -> PackageReading:
    """Return the reading that a token stands for.

    Args:
        app: What it works with.
        file: The case file, open.
        token: The token.
        session: What proves the session.

    Raises:
        Conflict: It is over, of another session or case, or the package was made again.
    """
    refuse_unreadable(file)
    kept = json.loads(file.outbox.secret(_FIELD.format(_digest(token))) or "{}")
    if not kept or kept["session"] != _digest(session) or app.now() >= datetime.fromisoformat(kept["until"]):
        raise Conflict(_OVER)
    if kept["package"] != file.what_is_approved():
        raise Conflict(_CHANGED)
    return PackageReading(kept["package"], datetime.fromisoformat(kept["until"]))


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:_DIGEST_CHARACTERS]


_CHOICES: Final = "package-choice/"


def note_left_out(
    app: App, case_id: str, numbers: Iterable[int], *, ground: str, provision: str, package: str
) -> list[int]:
    """Note that records are to be left out of the package, and what belongs to them; returns the numbers of the latter.

    Args:
        app: What it works with.
        case_id: The case.
        numbers: The records' numbers.
        ground: Why, in words for the person.
        provision: On which provision; empty for the rights of others.
        package: The SHA-256 of the package that was read.

    Raises:
        BadInput: A number, the ground or the provision cannot be used, or nothing would be left to give.
        Conflict: The package was made again, or is not to be released any more.
    """
    line = _line(numbers, ground, provision)
    with app.store.case_file(case_id) as file:
        refuse_changed(file, package)
        findings = file.findings.all()
        chosen = assign(read_record_decisions([line]), findings, file.right, app.today)
        refuse_names(chosen.values(), file.identifiers.known())
        before = assign(noted(file), findings, file.right, app.today)
        along = with_parts(chosen, findings, app.profiles).keys() - chosen.keys()
        refuse_empty_copy(findings, before | chosen | dict.fromkeys(along, next(iter(chosen.values()))))
        _keep(file, package, line=line)
        # A part that was noted on another ground before keeps it.
        earlier = {None, *(before.get(ref) for ref in chosen)}
        parts = [item.number for item in findings if item.ref in along and before.get(item.ref) in earlier]
        if parts:
            _keep(file, package, line=_line(parts, ground, provision))
        return parts


def note_given(app: App, case_id: str, numbers: Iterable[int], *, package: str) -> None:
    """Note that records are given after all that were to be left out.

    Args:
        app: What it works with.
        case_id: The case.
        numbers: The records' numbers.
        package: The SHA-256 of the package that was read.

    Raises:
        BadInput: One of them was not to be left out, or belongs to a record that stays left out.
        Conflict: The package was made again, or is not to be released any more.
    """
    given = [str(number) for number in numbers]
    with app.store.case_file(case_id) as file:
        refuse_changed(file, package)
        if not given or set(given) - set(noted(file)):
            raise BadInput("Choose records that are noted to be left out; the others are given anyhow.")
        left_out = {int(number) for number in set(noted(file)) - set(given)}
        refuse_torn({*map(int, given)}, left_out, file.findings.all(), app.profiles)
        _keep(file, package, given=given)


def noted(file: CaseFile) -> dict[str, RecordDecision]:
    """Return the notes on the package as it is now, by the records' numbers.

    Args:
        file: The case file, open.
    """
    package, notes = file.what_is_approved(), dict[str, RecordDecision]()
    for item in map(json.loads, file.outbox.secrets_below(_CHOICES)):
        if item["package"] != package:
            continue
        notes |= read_record_decisions([item["line"]]) if item["line"] else {}
        notes = {number: note for number, note in notes.items() if number not in item["given"]}
    return {number: notes[number] for number in sorted(notes, key=int)}


def digest_of(notes: Mapping[str, RecordDecision]) -> str:
    """Return the digest that binds a release to the notes read before it, with grounds and provisions; empty for none.

    Args:
        notes: The notes, by the records' numbers.
    """
    texts = [f"{number}|{note.ground}|{note.provision}" for number, note in notes.items()]
    return sha256("\n".join(texts).encode()).hexdigest() if texts else ""


def refuse_unseen_notes(app: App, case_id: str) -> None:
    """Refuse a release on a page that does not show what readers of the package noted on single records.

    Args:
        app: What it works with.
        case_id: The case.

    Raises:
        BadInput: There is no such case.
        Conflict: There are notes.
    """
    with app.store.case_file(case_id) as file:
        if file.right is Right.ACCESS and (notes := noted(file)):
            raise Conflict(
                f"Who read the package noted records to be left out ({', '.join(notes)}); read it too, and release it "
                "there, with them left out or given after all."
            )


def _line(numbers: Iterable[int], ground: str, provision: str) -> str:
    """Return a line as all gates take it; the bar parts its fields."""
    which = ", ".join(map(str, numbers))
    why, cited = (" ".join(item.replace("|", "/").split()) for item in (ground, provision))
    if not which:
        raise BadInput("Choose the records that are left out.")
    if not why:
        raise BadInput("Give the ground, in words for the person.")
    return f"{which}: leave out | {why}" + (f" | {cited}" if cited else "")


def _keep(file: CaseFile, package: str, *, line: str = "", given: Iterable[str] = ()) -> None:
    number = len(file.outbox.secrets_below(_CHOICES))
    note = json.dumps({"package": package, "line": line, "given": list(given)}, ensure_ascii=False)
    file.outbox.keep_secret(f"{_CHOICES}{number:06d}", note)


def send_back(app: App, case_id: str, again: MakingAgain, *, remark: str, by: str, package: str) -> None:
    """Let a package be made again; its run has to go on afterwards.

    Args:
        app: What it works with.
        case_id: The case.
        again: From where on.
        remark: Why; kept encrypted, and shown to who reads the package next.
        by: Who sends it back.
        package: The SHA-256 of the package that was read.

    Raises:
        BadInput: The remark is missing, or there is no such case.
        Conflict: The package was made again, or is not to be released any more.
    """
    why = " ".join(remark.split())
    refuse_unsaid(again, why)
    refuse_typed(app, by, case_id)
    with app.store.case_file(case_id) as file:
        refuse_changed(file, package)
        take_package_back(file, again, why, by=said(by))


def take_package_back(file: CaseFile, again: MakingAgain, why: str, *, by: str) -> None:
    """Let the package of an open case file be made again; as :func:`send_back`.

    Args:
        file: The case file.
        again: From where on.
        why: Why; kept encrypted.
        by: Who sends it back.

    Raises:
        Conflict: The case waits for no release.
    """
    if again is MakingAgain.MASK and not_in_package(file.findings.all()):
        # What was taken in is not among the copies yet.
        again = MakingAgain.COPY
    hashed = file.masks.note_remark(why, file.outbox.keep_secret)
    file.advance(CaseAction.SEND_BACK, actor=by, gate=Gate.APPROVAL.value, again=again.value, reason=hashed)
    for step in again.steps:
        file.steps.take_back(step)


def remarks_on(file: CaseFile) -> list[str]:
    """Return the reasons for which a package was sent back, in clear, oldest first.

    Args:
        file: The case file, open.
    """
    return file.outbox.secrets_below(REMARKS)
