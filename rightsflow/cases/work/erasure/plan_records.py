"""Records of a plan, read or listened to before a decision: afresh from their systems, shown once, not stored.

A look gives a token for its records, in its session, for an hour. Each recording that is listened to is a look of its
own in the ledger, with the reason of the first one. Blocked records (Art. 32 LOPDGDD) are read for courts and
authorities alone.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from itertools import groupby
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.overview.account import PackageFile
from rightsflow.cases.facts.people import refuse_typed
from rightsflow.cases.step.faults import without_content
from rightsflow.cases.work.erasure.plan import refuse_changed_plan
from rightsflow.documents.package.views import Item, Views
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.erasure import dates
from rightsflow.domain.erasure.plan_groups import PlanRecord
from rightsflow.domain.errors import BadInput, Conflict, RightsflowError
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.typed_input import stated_reason
from rightsflow.domain.vocabulary.field_words import PLAIN
from rightsflow.domain.vocabulary.records import Blob, OutcomeKind, Part, RecordRef
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store import CaseFile

LISTENING_LASTS: Final = timedelta(minutes=60)
"""For how long the recordings of a look can be listened to."""
_FIELD: Final = "plan-look/{}"
_DIGEST_CHARACTERS: Final = 32
_OVER: Final = "This look at the plan's records is over; look at them again, with the reason."
_SIZES: Final = "size_bytes", "size"


@dataclass(frozen=True, slots=True)
class _Heard:
    """A record that is listened to."""

    ref: RecordRef
    known: Identifiers
    digest: str
    reason: str


def _let_listen(app: App, file: CaseFile, records: Collection[PlanRecord], *, reason: str, session: str) -> str:
    """Let the recordings among looked-at records be listened to; returns the look's token."""
    token = secrets.token_urlsafe()
    kept = {
        "reason": reason,
        "records": [record.digest for record in records],
        "session": _digest(session),
        "until": (app.now() + LISTENING_LASTS).isoformat(),
    }
    file.outbox.keep_secret(_FIELD.format(_digest(token)), json.dumps(kept))
    return token


def listen(app: App, case_id: str, token: str, number: int, part: int, *, session: str, by: str) -> PackageFile:
    """Open a recording of a plan to listen to; the ledger notes each listening once.

    Args:
        app: What it works with.
        case_id: The case.
        token: Of the look.
        number: The record's number.
        part: Which of the record's parts, from 1.
        session: What proves the session of the look.
        by: Who listens.

    Raises:
        BadInput: There is no such case, record or recording.
        Conflict: The look is over, or of another session, or the plan is not to be approved any more.
    """
    refuse_typed(app, by, case_id)
    field = _FIELD.format(_digest(token))
    heard = _heard(app, case_id, field, number, session)
    blob, noted = _blob(app, heard, part), f"{field}/{number}/{part}"
    with app.store.case_file(case_id) as file:
        before = file.outbox.secret(noted)
    size = int(before) if before else _size(blob)
    if before is None:
        with app.store.case_file(case_id) as file:
            file.outbox.keep_secret(noted, str(size))
            file.note_reveal(by=by, reason=heard.reason, records=[heard.digest])
    return PackageFile(record=number, name=blob.name, media_type=blob.media_type, size=size, open=blob.open)


def _heard(app: App, case_id: str, field: str, number: int, session: str) -> _Heard:
    with app.store.case_file(case_id) as file:
        kept = json.loads(file.outbox.secret(field) or "{}")
        is_over = not kept or kept["session"] != _digest(session) or app.now() >= datetime.fromisoformat(kept["until"])
        if is_over or not file.right.has_plan or file.state is not CaseState.AWAITING_APPROVAL:
            raise Conflict(_OVER)
        records = [record for record in file.planned.records([number]) if record.digest in kept["records"]]
        if not records:
            raise BadInput("That record was not looked at; look at it first, with the reason.")
        [finding] = file.planned.findings(records)
        return _Heard(finding.ref, file.identifiers.known(), records[0].digest, kept["reason"])


def _blob(app: App, heard: _Heard, part: int) -> Blob:
    parts = app.connectors[heard.ref.system].extract([heard.ref], heard.known)
    mine = (item for item in parts if item.record == heard.ref)
    blob = next((item for place, item in enumerate(mine, start=1) if place == part), None)
    if not isinstance(blob, Blob):
        raise BadInput("There is no such recording in its system any more.")
    return blob


def _size(blob: Blob) -> int:
    """Return the size in bytes; counted where the system does not state it."""
    size = next((int(blob.metadata[key]) for key in _SIZES if blob.metadata.get(key)), 0)
    return size or sum(map(len, blob.open()))


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:_DIGEST_CHARACTERS]


MOST_LOOKED_AT: Final = 25
"""The largest number of records in one look: each is read from its system while the page waits."""
GONE: Final = "It was not there any more when it was read."
"""The sentence on a record that its system no longer returns."""


@dataclass(slots=True, kw_only=True, repr=False)
class SeenRecord:
    """The result of a look at a record.

    Args:
        names: The identifiers in it that say whose it is, by kind.
        items: What it says.
        missing: Why nothing is shown; empty if something is.
    """

    names: Sequence[tuple[str, str]]
    items: list[Item] = field(default_factory=list)
    missing: str = ""


@dataclass(frozen=True, slots=True)
class PlanLook:
    """A look at records of a plan.

    Args:
        records: What it showed, by the records' numbers.
        token: By which recordings among them are listened to.
        read: The plan that they are of.
    """

    records: Mapping[int, SeenRecord]
    token: str
    read: str


def look_at_records(
    app: App, case_id: str, numbers: Collection[int], *, read: str, by: str, reason: str, session: str
) -> PlanLook:
    """Read records of a plan from their systems, and note in the ledger who looked at which, and why.

    Args:
        app: What it works with.
        case_id: The case.
        numbers: The records' numbers.
        read: The plan that was read: under the same number another one has another record.
        by: Who looks.
        reason: Why; kept sealed.
        session: What proves the session in which they are looked at.

    Raises:
        BadInput: There is no such case or record, too many are asked for, or the reason is missing.
        Conflict: The case has no plan that waits for its approval, or the plan has changed.
    """
    why = stated_reason(reason, "say why you look at these records")
    refuse_typed(app, by, case_id)
    if not 0 < len(numbers) <= MOST_LOOKED_AT:
        raise BadInput(f"Choose the records to look at, at most {MOST_LOOKED_AT} at once.")
    with app.store.case_file(case_id) as file:
        refuse_changed_plan(file, read)
        records = file.planned.records(numbers)
        if len(records) < len(set(numbers)):
            raise BadInput("There is no such record in the plan any more; open its page again.")
        file.note_reveal(by=by, reason=why, records=[record.digest for record in records])
        refs = {finding.ref: finding.number for finding in file.planned.findings(records)}
        known, owners = file.identifiers.known(), file.planned.owners(records)
        token = _let_listen(app, file, records, reason=why, session=session)
    seen = {record.number: SeenRecord(names=_named(owners[record.number])) for record in records}
    read_records(app, refs, known, seen)
    return PlanLook(_with_gaps(seen, records), token, read)


def _named(owner: Identifiers) -> list[tuple[str, str]]:
    return [(identifier.kind.value, identifier.shown) for identifier in sorted(owner)]


def read_records(
    app: App,
    refs: Mapping[RecordRef, int],
    known: Identifiers,
    seen: Mapping[int, SeenRecord],
    *,
    watch: Callable[[Part], object] = bool,
) -> None:
    """Read records system by system and kind by kind; one that does not answer does not hide the others.

    Args:
        app: What it works with.
        refs: The records, each with its number.
        known: The person's identifiers.
        seen: What is shown of each, by number; filled in here.
        watch: Is given each part that is read.
    """
    views = Views(app.settings.controller.zone)
    for (system, _), group in groupby(sorted(refs), key=lambda ref: (ref.system, ref.kind)):
        these = list(group)
        try:
            for part in _parts(app, system, these, known):
                watch(part)
                of_record = seen[refs[part.record]].items
                of_record.append(_item(app, views, part, refs[part.record], len(of_record) + 1))
        except RightsflowError as error:
            for ref in these:
                seen[refs[ref]].missing = str(without_content(error, "The look"))


def _parts(app: App, system: str, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Part]:
    wanted = frozenset(refs)
    yield from (ref for ref in app.connectors[system].extract(refs, known) if ref.record in wanted)


def _item(app: App, views: Views, part: Part, number: int, place: int) -> Item:
    if isinstance(part, Blob):
        return replace(views.blob(part, f"{number}/{place}", int(part.metadata.get("size") or 0)), note="")
    kinds = {kind.name: kind.words for kind in app.capabilities[part.record.system].kinds}
    return views.document(part.content, part.record.kind, number, kinds.get(part.record.kind, PLAIN))


def _with_gaps(seen: Mapping[int, SeenRecord], records: Sequence[PlanRecord]) -> Mapping[int, SeenRecord]:
    for record in records:
        if not seen[record.number].items and not seen[record.number].missing:
            seen[record.number].missing = GONE
    return seen


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
    """Return the records of a case that are blocked.

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
