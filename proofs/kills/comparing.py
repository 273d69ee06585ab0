"""What a run left behind, and in what two runs differ."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import pyzipper

from proofs.kills.points import Call, Note
from rightsflow.audit.ledger import Entry
from rightsflow.cases.app import App
from rightsflow.domain.case.copies import COPYING_STEPS
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.events import CaseEvent
from rightsflow.store.case.keeping import PASSPHRASE


@dataclass(frozen=True)
class End:
    """The state after a run; each part is compared by itself.

    Args:
        state: The case's.
        steps: What was done where, with its counts.
        findings: Every record with its outcome, its reason and what the fresh look showed.
        instructions: What processors and recipients were asked, each with the digest of the text.
        letters: Each letter.
        wording: The digest of what each letter says.
        entries: The entries of the case's ledger but for their times, each with its number of times.
        package: The digest of each file in the package.
        copies: What is left in the working copies' folder.
        held: What the systems hold.
        calls: The calls that change something, each with how often its peer acted on it; a repeat that does nothing
            more is not counted.
        known: What is known of the person in the end, each as its kind and the digest of its value.
    """

    state: str
    steps: dict[str, tuple[str, str, Mapping[str, Any]]]
    findings: list[str]
    instructions: list[tuple[str, str, tuple[str, ...], str]]
    letters: Counter[str]
    wording: dict[str, str]
    entries: Counter[str]
    package: dict[str, str]
    copies: list[str]
    held: dict[str, object]
    calls: Counter[str] = field(default_factory=Counter)
    known: list[str] = field(default_factory=list)


def read_end(runtime: App, case_id: str, folder: Path, held: dict[str, object], notes: Sequence[Note]) -> End:
    """Read everything that a run left behind.

    Args:
        runtime: To read the case store with.
        case_id: The case.
        folder: Where the run took place.
        held: What the peers said that they hold.
        notes: The notes of the run.
    """
    with runtime.store.case_file(case_id) as file:
        package = file.outbox.secret("package")
        passphrase = file.outbox.secret(PASSPHRASE)
        return End(
            state=file.state.value,
            steps={
                f"{one.step} {one.system}".strip(): (one.state.value, one.scope, one.counts) for one in file.steps.all()
            },
            findings=sorted(map(_finding, file.findings.all())),
            # Without their numbers, which say who was first of those that are asked side by side.
            instructions=sorted(
                (one.processor, one.standing.value, one.kinds, _digest(file.instructions.text(one.number)))
                for one in file.instructions.all()
            ),
            letters=Counter(one.template_id for one in file.outbox.letters()),
            wording={one.template_id: _digest(one.subject_line + one.body) for one in file.outbox.letters()},
            entries=Counter(told_entries(file.ledger.entries())),
            package=_package(package, passphrase) if package else {},
            copies=sorted(str(path.relative_to(folder)) for path in (folder / ".rightsflow" / "work").rglob("*")),
            held=held | _telephone_system(folder),
            calls=acted_on(notes),
            known=sorted(f"{one.kind.value} {_digest(one.value)}" for one in file.identifiers.known()),
        )


def told_entries(entries: Iterable[Entry]) -> Iterator[str]:
    """Each entry as a line, without what is new in each run.

    That is the systems' numbers of their answers, and the digest of the package, which is encrypted under a new
    passphrase and compared by what is in it; wherever the last package's digest stands there is a word in its place.
    Copies that were in memory alone when the process died are made again: of their steps the last time is told.
    """
    entries = list(_without_lost(entries))
    digest = next((one.details["package"] for one in reversed(entries) if one.details.get("package")), None)
    for one in entries:
        # Two that are asked side by side are numbered by who was first, and the keyed hash of a text is of its number.
        new = {"request_ref", "number", "text"} if one.event.startswith("Processor") else {"request_ref"}
        details = {name: value for name, value in one.details.items() if name not in new}
        details |= {name: "the package's" for name, value in details.items() if value == digest}
        yield f"{one.event} by {one.actor}: {json.dumps(details, sort_keys=True)}"


def _without_lost(entries: Iterable[Entry]) -> list[Entry]:
    told: list[Entry] = []
    for one in entries:
        if one.event == CaseEvent.WORKING_COPIES_LOST:
            told = [each for each in told if not _made_copies(each)]
        else:
            told.append(one)
    return told


def _made_copies(one: Entry) -> bool:
    return one.event == CaseEvent.STEP_DONE and one.details["step"] in COPYING_STEPS


def _finding(one: Finding) -> str:
    plain = {item.name: getattr(one, item.name) for item in fields(one)}
    plain["ref"] = [one.ref.system, one.ref.kind, one.ref.ref]
    plain.pop("request_id")
    plain["facts"] = sorted(one.facts)
    return json.dumps(plain, sort_keys=True, default=str)


def _digest(text: str | bytes) -> str:
    return hashlib.sha256(text if isinstance(text, bytes) else text.encode()).hexdigest()[:16]


def _package(path: Path | str, passphrase: str | None) -> dict[str, str]:
    assert passphrase is not None
    with pyzipper.AESZipFile(path) as archive:
        archive.setpassword(passphrase.encode())
        return {name: _digest(archive.read(name)) for name in archive.namelist()}


def _telephone_system(folder: Path) -> dict[str, object]:
    with closing(sqlite3.connect(folder / "cdr.sqlite")) as database:
        rows = [list(row) for row in database.execute("SELECT * FROM cdr ORDER BY uniqueid, sequence")]
    recordings = {path.name: _digest(path.read_bytes()) for path in sorted((folder / "monitor").rglob("*.wav"))}
    return {"cdr": rows, "recordings": recordings}


def acted_on(notes: Sequence[Note]) -> Counter[str]:
    """The calls that changed something, by the record that each was about."""
    acted: Counter[str] = Counter()
    for note in notes:
        if note.get("stage") == "acted":
            call = Call(**note["call"])
            for path in call.paths if call.is_write else ():
                line = f"{call.system} {call.method} {path} {call.key}".strip()
                # A repeat under the same key is answered by the peer without doing anything, as is a repeated deletion.
                acted[line] = 1 if call.key or call.is_repeatable else acted[line] + 1
    return acted


def differences(expected: End, found: End) -> dict[str, object]:
    """In which parts two ends differ, each with what does."""
    found_in = {}
    for part in fields(End):
        one, other = getattr(expected, part.name), getattr(found, part.name)
        if one != other:
            found_in[part.name] = _first(one, other)
    return found_in


def doubled(expected: End, found: End) -> tuple[int, ...]:
    """How many calls, letters and entries there are more than there should be."""
    return tuple(
        sum((getattr(found, part) - getattr(expected, part)).values()) for part in ("calls", "letters", "entries")
    )


def _first(one: Any, other: Any) -> object:
    if isinstance(one, Counter):
        return {"missing": dict(one - other), "more": dict(other - one)}
    if isinstance(one, dict):
        return {key: (one.get(key), other.get(key)) for key in {*one, *other} if one.get(key) != other.get(key)}
    if isinstance(one, list):
        return {"missing": [x for x in one if x not in other], "more": [x for x in other if x not in one]}
    return one, other
