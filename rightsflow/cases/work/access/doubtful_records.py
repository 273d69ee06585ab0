"""Records in doubt for an access package: listed with the doubt, reviewed, and included or left out one by one.

A copy leaves out whatever may be another person's. Where it is the person's they have a right to it (Art. 15 GDPR), so
an officer can include it after reading it afresh from its system, with the reason in the ledger. It is in the package
when that is rebuilt, as long as its content is unchanged. Another person releases it (four eyes).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.people import refuse_false_name, said
from rightsflow.cases.work.access.masking import content_of
from rightsflow.cases.work.access.package_review import refuse_changed, refuse_unreadable
from rightsflow.cases.work.erasure.plan_records import GONE, MOST_LOOKED_AT, SeenRecord, read_records
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.disclosure.mask_rules import identifier_contradicts
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.package_changes import (
    LeftAgain,
    is_taken_in,
    refuse_leaving_again,
    refuse_taking_in,
)
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.people import same_person
from rightsflow.domain.typed_input import stated_reason
from rightsflow.domain.vocabulary.records import Part, RecordRef
from rightsflow.store import CaseFile

LOOK_LASTS: Final = timedelta(minutes=60)
"""For how long a record can be taken in after the look at it."""
_FIELD: Final = "doubtful-look/{}"
_DIGEST_CHARACTERS: Final = 32
_NO_LOOK: Final = "This record was not looked at, or the look is over; look at it, then decide."


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtfulRecord:
    """A record that is in doubt, without its content.

    Args:
        number: Its number.
        system: The system's name in the configuration.
        kind: The connector's word for it.
        carries: What it carries, and so what is in doubt.
        hangs_on: The number of the record on which it hangs in the end, its own where on none; 0 where that is unknown.
        hanging: The numbers of its linked records, which are included.
        may_be_taken_in: Whether a person can decide on it.
        by: Who took it in; empty where no one did.
        reason: Why; empty where it is not.
        is_copied: Whether it is in the package as it is now.
    """

    number: int
    system: str
    kind: str
    carries: str
    hangs_on: int
    hanging: tuple[int, ...]
    may_be_taken_in: bool
    by: str = ""
    reason: str = field(default="", repr=False)
    is_copied: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedBy:
    """Something by which a record names its person.

    Args:
        kind: What it is.
        value: The value.
        contradicts: Whether it is not known of the person who asks.
    """

    kind: str
    value: str = field(repr=False)
    contradicts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtfulLook:
    """The result of a look at a record in doubt.

    Args:
        record: The record.
        named_by: By what it names its person.
        seen: The contents of it and of its linked records, by number.
        unseen: The numbers of further linked records, not read since they are too many.
        token: By which it is taken in.
    """

    record: DoubtfulRecord
    named_by: Sequence[NamedBy]
    seen: Mapping[int, SeenRecord] = field(repr=False)
    unseen: Sequence[int]
    token: str = field(repr=False)


def doubtful_records(app: App, case_id: str) -> list[DoubtfulRecord]:
    """Return the records of an access case that are in doubt, including those that were taken in.

    Args:
        app: What it works with.
        case_id: The case.

    Raises:
        BadInput: There is no such case.
        Conflict: The case has no package that waits for its release.
    """
    with app.store.case_file(case_id) as file:
        refuse_unreadable(file)
        return _doubtful_in(file)


def _doubtful_in(file: CaseFile) -> list[DoubtfulRecord]:
    """Return the records in doubt of an open case file, whatever the case waits for."""
    if all(standing.attribution is Attribution.SUBJECT for standing, _ in file.findings.counted()):
        return []
    findings = [finding for finding in file.findings.all() if finding.attribution is not Attribution.SUBJECT]
    roots = file.findings.taken_in.roots()
    return [_doubtful(finding, roots) for finding in findings]


def _doubtful(finding: Finding, roots: Mapping[int, int]) -> DoubtfulRecord:
    root, decided = roots[finding.number], finding.decided if is_taken_in(finding) else None
    return DoubtfulRecord(
        number=finding.number,
        system=finding.ref.system,
        kind=finding.ref.kind,
        carries=finding.carries,
        hangs_on=root,
        hanging=tuple(number for number, on in roots.items() if on == finding.number and number != finding.number),
        may_be_taken_in=root == finding.number and finding.may_be_decided,
        by=decided.by if decided else "",
        reason=decided.ground if decided else "",
        is_copied=finding.copies is not None,
    )


def look_at_doubtful(app: App, case_id: str, number: int, *, by: str, reason: str) -> DoubtfulLook:
    """Read a record in doubt from its system, with its linked records, and note in the ledger who looked and why.

    Args:
        app: What it works with.
        case_id: The case.
        number: The record's number.
        by: Who looks.
        reason: Why; kept encrypted.

    Raises:
        BadInput: There is no such case or record, it cannot be taken in, or the reason is missing.
        Conflict: It is taken in already, or the case has no package that waits for its release.
    """
    why = stated_reason(reason, "say why you look at this record")
    with app.store.case_file(case_id) as file:
        refuse_false_name(file, by, app)
        takable, record = _takable(file, number)
        shown = [number, *record.hanging][:MOST_LOOKED_AT]
        refs = {each.ref: each.number for each in file.findings.all() if each.number in shown}
        hashes, package = file.masks.hashes, file.what_is_approved()
        file.note_reveal(by=by, reason=why, records=[hashes.of_record(ref) for ref in refs])
        known, owner = file.identifiers.known(), file.findings.taken_in.owner(number)
    seen, parts = {each: SeenRecord(names=()) for each in shown}, list[Part]()
    read_records(app, refs, known, seen, watch=lambda part: parts.append(part) if part.record == takable.ref else None)
    _fill_gaps(seen)
    token = _keep_look(app, case_id, takable.ref, content_of(hashes, parts), package=package, by=by) if parts else ""
    return DoubtfulLook(
        record=record,
        named_by=_named_by(owner, known),
        seen=seen,
        unseen=record.hanging[MOST_LOOKED_AT - 1 :],
        token=token,
    )


def _takable(file: CaseFile, number: int) -> tuple[Finding, DoubtfulRecord]:
    """Return a record that can be taken in, of a case whose package waits for its release."""
    refuse_unreadable(file)
    finding, roots = _finding(file, number), file.findings.taken_in.roots()
    refuse_taking_in(finding, roots[number])
    return finding, _doubtful(finding, roots)


def _finding(file: CaseFile, number: int) -> Finding:
    findings = file.findings.all()
    if not 0 < number <= len(findings):
        raise BadInput(f"A record of that number does not occur in this case; its records are 1 to {len(findings)}.")
    return findings[number - 1]


def _named_by(owner: Identifiers, known: Identifiers) -> list[NamedBy]:
    return [
        NamedBy(
            kind=identifier.kind.value, value=identifier.shown, contradicts=identifier_contradicts(identifier, known)
        )
        for identifier in sorted(owner)
    ]


def _fill_gaps(seen: Mapping[int, SeenRecord]) -> None:
    for seen_record in seen.values():
        if not seen_record.items and not seen_record.missing:
            seen_record.missing = GONE


def _keep_look(app: App, case_id: str, ref: RecordRef, content: str, *, package: str, by: str) -> str:
    """Keep that a record was looked at as it is; returns the look's token."""
    token = secrets.token_urlsafe()
    with app.store.case_file(case_id) as file:
        kept = {
            "record": file.masks.hashes.of_record(ref),
            "content": content,
            "package": package,
            "by": str(by),
            "until": (app.now() + LOOK_LASTS).isoformat(),
        }
        file.outbox.keep_secret(_FIELD.format(_digest(token)), json.dumps(kept))
    return token


def take_in(app: App, case_id: str, number: int, *, look: str, reason: str, by: str) -> list[int]:
    """Let a record in doubt, with its linked records, be given in the package, which has to be made again then.

    Args:
        app: What it works with.
        case_id: The case.
        number: The record's number.
        look: The token of the look at it, by the same person.
        reason: Why it is the person's; kept encrypted.
        by: Who decides.

    Returns:
        The numbers of the records that are given by it.

    Raises:
        BadInput: There is no such case or record, it cannot be taken in, or the reason is missing.
        Conflict: It was not looked at, the package was made again since, or it is taken in already.
    """
    why = stated_reason(reason, "say why this record is the person's")
    with app.store.case_file(case_id) as file:
        refuse_false_name(file, by, app)
        takable, record = _takable(file, number)
        content = _looked_at(app, file, takable, look, by)
        file.findings.taken_in.take_in(number, reason=why, by=said(by), content=content)
        return [number, *record.hanging]


def _looked_at(app: App, file: CaseFile, finding: Finding, token: str, by: str) -> str:
    """Return the keyed hash of the record's content at the time the person looked at it."""
    kept = json.loads(file.outbox.secret(_FIELD.format(_digest(token))) or "{}") if token else {}
    is_over = not kept or app.now() >= datetime.fromisoformat(kept["until"])
    if is_over or kept["record"] != file.masks.hashes.of_record(finding.ref):
        raise Conflict(_NO_LOOK)
    if not same_person(kept["by"], by):
        raise Conflict("Another person looked at this record; who takes it in looks at it first.")
    refuse_changed(file, kept["package"])
    return str(kept["content"])


def take_back_record(app: App, case_id: str, number: int, *, by: str) -> None:
    """Leave a record out again that was taken in, with its linked records, as long as the package is not released.

    Args:
        app: What it works with.
        case_id: The case.
        number: The record's number.
        by: Who decides.

    Raises:
        BadInput: There is no such case or record, or it is not taken in.
        Conflict: The case has no package that waits for its release.
    """
    with app.store.case_file(case_id) as file:
        refuse_unreadable(file)
        refuse_false_name(file, by, app)
        refuse_leaving_again(_finding(file, number), file.findings.taken_in.roots().get(number, 0))
        file.findings.taken_in.leave_again(number, LeftAgain.TAKEN_BACK, by=said(by))


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:_DIGEST_CHARACTERS]
