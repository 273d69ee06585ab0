"""Looking at records of a plan before they are decided on: read afresh from their systems, shown once, kept nowhere."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.people import refuse_typed
from rightsflow.cases.step.faults import without_content
from rightsflow.cases.work.erasure.plan_listening import let_listen
from rightsflow.cases.work.erasure.plan_notes import refuse_changed_plan
from rightsflow.documents.package.views import Item, Views
from rightsflow.domain.erasure.plan_groups import PlanRecord
from rightsflow.domain.errors import BadInput, RightsflowError
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.typed_input import stated_reason
from rightsflow.domain.vocabulary.field_words import PLAIN
from rightsflow.domain.vocabulary.records import Blob, Part, RecordRef

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
        token = let_listen(app, file, records, reason=why, session=session)
    seen = {record.number: SeenRecord(names=_named(owners[record.number])) for record in records}
    read_records(app, refs, known, seen)
    return PlanLook(_with_gaps(seen, records), token, read)


def _named(owner: Identifiers) -> list[tuple[str, str]]:
    return [(identifier.kind.value, identifier.value) for identifier in sorted(owner)]


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
