"""The calls that the approval of a plan would make at each system. Nothing is called and nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rightsflow.cases.app import App
from rightsflow.cases.work.erasure.plan import decisions_of, notes_on, replanned
from rightsflow.domain.case.findings import Planned
from rightsflow.domain.connector import Capabilities, RecordKind
from rightsflow.domain.erasure.safeguards import Brake, Excess
from rightsflow.domain.vocabulary.records import Method
from rightsflow.store import CaseFile

_Plan = Counter[tuple[str, str, Method | None]]
"""The number of records by system, kind and method of erasure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DryCall:
    """The call for records of one kind.

    Args:
        title: The kind, in words for people.
        does: ``erase``, ``redact`` or ``restrict``.
        records: How many records.
        call: The system's own call for it, as its connector declares; empty where it does not.
    """

    title: str
    does: str
    records: int
    call: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrySystem:
    """The effect of a plan at one system.

    Args:
        system: Its name.
        calls: What is called, in order; the later kinds wait for the earlier.
        kept: How many records stay there.
        calls_per_minute: The rate that is held to; 0 where the system names none.
        brake: The brake that holds there now, if one does.
        excess: Why erasing would stop by itself; ``None`` if it would not.
        by_hand: What a person does there by hand.
        refusals: What the system is known to refuse, in a sentence each.
    """

    system: str
    calls: tuple[DryCall, ...]
    kept: int
    calls_per_minute: int
    brake: Brake | None
    excess: Excess | None
    by_hand: tuple[str, ...]
    refusals: tuple[str, ...]


def dry_run(app: App, case_id: str) -> list[DrySystem]:
    """Return the effect of approving a plan, with the notes on it, at each system.

    Args:
        app: What it works with.
        case_id: The case.

    Raises:
        BadInput: There is no such case.
    """
    with app.store.case_file(case_id) as file:
        renewed = replanned(file, app, decisions_of(notes_on(file)))
        planned, notes = _planned(file, renewed), _notes(file, renewed)
        return [
            replace(
                _system(file, app, known, planned, system=system, brake=file.brakes.holding(system)),
                refusals=tuple(
                    kind.blocked_note for kind in known.kinds if kind.blocked_note and kind.blocked_note in notes
                ),
            )
            for system, known in app.capabilities.items()
        ]


def _notes(file: CaseFile, renewed: Mapping[int, Planned]) -> str:
    """Return all that the plan has the approver look at, with the notes applied."""
    as_read = (alike.one.note for alike in file.planned.alike() if not renewed.keys() >= set(alike.numbers))
    return " ".join([*as_read, *(plan.note for plan in renewed.values())])


def _planned(file: CaseFile, renewed: Mapping[int, Planned]) -> _Plan:
    """Return the number of records by system, kind and method, with the notes applied."""
    planned: _Plan = Counter()
    for alike in file.planned.alike():
        planned[alike.one.system, alike.one.kind, alike.one.method] += len(alike.numbers)
    for before in file.planned.records(list(renewed)):
        planned[before.system, before.kind, before.method] -= 1
        planned[before.system, before.kind, renewed[before.number].method] += 1
    return planned


def _system(
    file: CaseFile, app: App, known: Capabilities, planned: _Plan, *, system: str, brake: Brake | None
) -> DrySystem:
    calls = tuple(_calls(system, known.kinds, planned))
    changed = sum(call.records for call in calls if Method(call.does).removes)
    return DrySystem(
        system=system,
        calls=calls,
        kept=sum(count for (where, _, method), count in planned.items() if where == system and not _removes(method)),
        calls_per_minute=known.calls_per_minute,
        brake=brake,
        excess=file.brakes.excess(system, changed, app.settings.brakes.rule(system), app.today) if changed else None,
        by_hand=tuple(
            kind.manual_step
            for kind in known.kinds
            if kind.manual_step and any(where == system and name == kind.name for where, name, _ in planned)
        ),
        refusals=(),
    )


def _removes(method: Method | None) -> bool:
    return method is not None and method.removes


def _calls(system: str, kinds: Sequence[RecordKind], planned: _Plan) -> Iterator[DryCall]:
    for kind in kinds:
        for method in Method:
            if count := planned[system, kind.name, method]:
                yield DryCall(title=kind.title, does=method.value, records=count, call=kind.calls.get(method, ""))
