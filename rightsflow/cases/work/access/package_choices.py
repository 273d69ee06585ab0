"""A reader's notes on single records of a package, until the release decides: left out with a ground, or given.

The notes are sealed, since grounds may name a person, and apply only to the package that was read. The release turns
them into decisions on single records.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.work.access.readings import refuse_changed
from rightsflow.domain.case.record_decisions import RecordDecision, read_record_decisions
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.record_decision_rules import assign, refuse_empty_copy, refuse_names
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.store import CaseFile

_FIELD: Final = "package-choice/"


def note_left_out(app: App, case_id: str, numbers: Iterable[int], *, ground: str, provision: str, package: str) -> None:
    """Note that records are to be left out of the package.

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
        decided = read_record_decisions([line])
        chosen = assign(decided, findings, file.right, app.today)
        refuse_names(chosen.values(), file.identifiers.known())
        refuse_empty_copy(findings, assign(noted(file) | decided, findings, file.right, app.today))
        _keep(file, package, line=line)


def note_given(app: App, case_id: str, numbers: Iterable[int], *, package: str) -> None:
    """Note that records are given after all that were to be left out.

    Args:
        app: What it works with.
        case_id: The case.
        numbers: The records' numbers.
        package: The SHA-256 of the package that was read.

    Raises:
        BadInput: One of them was not to be left out.
        Conflict: The package was made again, or is not to be released any more.
    """
    given = [str(number) for number in numbers]
    with app.store.case_file(case_id) as file:
        refuse_changed(file, package)
        if not given or set(given) - set(noted(file)):
            raise BadInput("Choose records that are noted to be left out; the others are given anyhow.")
        _keep(file, package, given=given)


def noted(file: CaseFile) -> dict[str, RecordDecision]:
    """Return the notes on the package as it is now, by the records' numbers.

    Args:
        file: The case file, open.
    """
    package, notes = file.what_is_approved(), dict[str, RecordDecision]()
    for item in map(json.loads, file.outbox.secrets_below(_FIELD)):
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
    """A line as all gates take it; the bar parts its fields."""
    which = ", ".join(map(str, numbers))
    why, cited = (" ".join(item.replace("|", "/").split()) for item in (ground, provision))
    if not which:
        raise BadInput("Choose the records that are left out.")
    if not why:
        raise BadInput("Give the ground, in words for the person.")
    return f"{which}: leave out | {why}" + (f" | {cited}" if cited else "")


def _keep(file: CaseFile, package: str, *, line: str = "", given: Iterable[str] = ()) -> None:
    number = len(file.outbox.secrets_below(_FIELD))
    note = json.dumps({"package": package, "line": line, "given": list(given)}, ensure_ascii=False)
    file.outbox.keep_secret(f"{_FIELD}{number:06d}", note)
