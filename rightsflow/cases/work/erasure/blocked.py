"""Blocked records (Art. 32 LOPDGDD): read for courts and authorities alone, with each look in the ledger."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from rightsflow.cases.app import App
from rightsflow.cases.facts.people import refuse_typed
from rightsflow.cases.work.erasure.plan_look import GONE, MOST_LOOKED_AT, SeenRecord, read_records
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.erasure import dates
from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.store import CaseFile


@dataclass(frozen=True, slots=True)
class BlockedRecord:
    """A blocked record, without its content.

    Args:
        number: Its number within the case.
        system: The system's name in the configuration.
        category: In the words of the record of processing.
        until: The last day on which it is blocked; then it is destroyed.
    """

    number: int
    system: str
    category: str
    until: date | None


def blocked_records(app: App, case_id: str) -> list[BlockedRecord]:
    """The records of a case that are blocked.

    Args:
        app: What it works with.
        case_id: The case.

    Raises:
        BadInput: There is no such case.
    """
    with app.store.case_file(case_id) as file:
        return [
            BlockedRecord(finding.number, finding.ref.system, finding.category, finding.until)
            for finding in _blocked(file)
        ]


def look_at_blocked(
    app: App, case_id: str, numbers: Collection[int], *, authority: str, reason: str, by: str
) -> Mapping[int, SeenRecord]:
    """Read blocked records from their systems for an authority; who looked at which, for whom and why, is noted.

    Args:
        app: What it works with.
        case_id: The case.
        numbers: The records' numbers.
        authority: Who asks: a court, a prosecutor or an authority, with its reference.
        reason: For which liability; kept sealed with the authority.
        by: Who looks.

    Raises:
        BadInput: There is no such case or blocked record, too many are asked for, or authority or reason is missing.
        Conflict: The name was typed where people sign in.
    """
    whom, why = " ".join(authority.split()), " ".join(reason.split())
    if not whom or not why:
        raise BadInput("Say which court or authority asks, with its reference, and for what.")
    refuse_typed(app, by, case_id)
    if not 0 < len(numbers) <= MOST_LOOKED_AT:
        raise BadInput(f"Choose the records to look at, at most {MOST_LOOKED_AT} at once.")
    with app.store.case_file(case_id) as file:
        chosen = [finding for finding in _blocked(file) if finding.number in numbers]
        if len(chosen) < len(set(numbers)):
            raise BadInput("One of them is no blocked record of this case; open its page again.")
        hashes = [file.masks.hashes.of_record(finding.ref) for finding in chosen]
        file.note_reveal(by=by, reason=f"{whom}: {why}", records=hashes)
        known = file.identifiers.to_act_by()
    seen = {finding.number: SeenRecord(names=()) for finding in chosen}
    read_records(app, {finding.ref: finding.number for finding in chosen}, known, seen)
    for shown in seen.values():
        if not shown.items and not shown.missing:
            shown.missing = GONE
    return seen


def _blocked(file: CaseFile) -> list[Finding]:
    return [
        finding
        for finding in file.findings.all()
        if finding.outcome is OutcomeKind.RESTRICTED and finding.legal_basis == dates.PROVISION
    ]
