"""Records that a restore brought back under a new name, and muted recordings that it brought back unmuted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rightsflow.cases.app import App
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.connector import Connector, Recognises
from rightsflow.domain.erasure.partial_erasure import is_muted
from rightsflow.domain.erasure.residue import sort_restored
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.records import HadContent, Presence, PresenceState, RecordRef, Restored
from rightsflow.domain.wording import counted
from rightsflow.store import CaseFile
from rightsflow.store.case.case_tasks import NewTask

ASKED: Final = "asked"
"""The count of what a person has to look at."""
_RENAMED: Final = "It is there again under another name."


@dataclass(frozen=True, slots=True)
class Remains:
    """The traces by which records are recognised again.

    Args:
        acted_at: When each of them was erased or muted (aware).
        muted: Those that are kept muted.
        had: Tells their contents.
    """

    acted_at: Mapping[RecordRef, datetime]
    muted: frozenset[RecordRef]
    had: HadContent


def remains_of(file: CaseFile, findings: Sequence[Finding]) -> Remains:
    """Return the traces of some records.

    Args:
        file: The case file, open.
        findings: The records: gone, muted, or stored only.
    """
    acted_at = {finding.ref: finding.acted_at for finding in findings if finding.acted_at}
    muted = frozenset(finding.ref for finding in findings if is_muted(finding))
    return Remains(acted_at=acted_at, muted=muted, had=file.kept.contents(acted_at))


def look_for_restored(
    connector: Connector, remains: Remains, known: Identifiers, seen: Sequence[Presence]
) -> list[Restored]:
    """Return the records that a restore brought back at the keys of absent or muted records.

    Args:
        connector: Of their system; one that gives what it restores its own name has nothing to say.
        remains: What they left behind.
        known: The subject's identifiers.
        seen: What the fresh read showed.

    Raises:
        RightsflowError: The system gave no answer.
    """
    refs = [
        presence.record
        for presence in seen
        if presence.state is PresenceState.ABSENT and presence.record in remains.acted_at
    ]
    refs += sorted(remains.muted)
    return list(connector.restored(refs, known, remains.had)) if refs and isinstance(connector, Recognises) else []


def note_restored(
    file: CaseFile, app: App, system: str, remains: Remains, found: Sequence[Restored], counts: Mapping[str, int]
) -> dict[str, int]:
    """Note what is back: by its present name it is erased again once that is approved; the rest a person looks at.

    Args:
        file: The case file, open.
        app: What it works with.
        system: The system.
        remains: What the records left behind.
        found: What lies there.
        counts: What the fresh read counted.

    Returns:
        The counts that change.
    """
    rows = file.kept
    rows.note_looked(sorted(remains.muted))
    new = [restored for restored in found if restored.now == restored.record or not rows.holds(restored.now)]
    what = sort_restored(new, remains.acted_at, remains.muted)
    for item in what.back:
        rows.rename(item.record, item.now)
        file.findings.record_presence(Presence(record=item.now, state=PresenceState.PRESENT, detail=_RENAMED))
    asked = {
        "be back that were erased, or be new ones of the person": len(what.doubtful),
        "be back unmuted, with a card's security number": len(what.unmuted),
    }
    for may, count in asked.items():
        _ask(file, app, system, may, count)
    back, absent = PresenceState.PRESENT.value, PresenceState.ABSENT.value
    changed = {
        back: counts.get(back, 0) + len(what.back),
        absent: counts.get(absent, 0) - len(what.back),
        ASKED: sum(asked.values()),
    }
    return {name: count for name, count in changed.items() if count or name in counts}


def _ask(file: CaseFile, app: App, system: str, may: str, count: int) -> None:
    """Note the task of looking at records that no program can tell; not once more while nothing has changed."""
    what = (
        f"{counted(count, 'record')} may {may}: no program can tell. Look at what was stored at {system} since, under "
        "the names of this case's records, and remove there by hand what a back-up has brought back."
    )
    if count and all(item.what != what for item in file.tasks.all()):
        task = NewTask(kind=TaskKind.MANUAL, system=system, what=what, records=count, due_on=app.today)
        file.tasks.note([task], owner=file.ownership.owner)
