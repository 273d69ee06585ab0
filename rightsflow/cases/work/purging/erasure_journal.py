"""Write down what is purged outside the database, and purge it again when a back-up has brought it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Never

from rightsflow.cases.app import App
from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.publication import Publication
from rightsflow.files.case_folders import CaseFolder
from rightsflow.files.purge_journal import Erasure, append, read_journals
from rightsflow.store.purging import Again, Purging


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The result for the cases that the journals name.

    Args:
        named: How many there are.
        purged: Those that had come back and are gone again.
        gone: How many were not there.
        held: Those whose evidence is held for a complaint or a claim, and which stay.
        worked_on: Those that are worked on, and stay for now.
    """

    named: int
    purged: tuple[str, ...]
    gone: int
    held: tuple[str, ...]
    worked_on: tuple[str, ...]

    @property
    def is_done(self) -> bool:
        """True if none of the named cases is left."""
        return not (self.held or self.worked_on)


def note_erasure(app: App, case_id: str) -> None:
    """Write down that a case is purged next; without that it is not.

    It comes first: a case that is named and then stays is purged by the next round anyhow, and one that went unnamed
    would come back with a back-up.

    Args:
        app: What it works with.
        case_id: The case.

    Raises:
        RightsflowError: It could not be written down somewhere.
    """
    erasure = Erasure(case_id=case_id, on=app.today)
    if app.erasure_journal is not None:
        append(app.erasure_journal, erasure)
    for place in app.settings.seals.publish:
        # Mailboxes keep what lasts for people to compare; a mail for each purged case would be noise.
        if not place.startswith("mailto:"):
            there = app.open_place(place, app.settings.seals, _no_mail_server, app.now)
            digest = sha256(erasure.line.encode()).hexdigest()
            there.publish(Publication(number=0, name=erasure.file_name, text=erasure.line, digest=digest))


def _no_mail_server() -> Never:
    raise Misconfigured("Erasures are not published by mail; name a folder or a bucket in [seals] publish.")


def replay(app: App, journals: Sequence[Path], *, by: str) -> Replay:
    """Purge what the journals name and a restored back-up has brought back. It may be done again at any time.

    Args:
        app: What it works with.
        journals: Files, and folders with published lines.
        by: Who does it.

    Raises:
        BadInput: A journal is not one; nothing was changed.
        Transient: The case store does not answer; done again, it goes on.
    """
    named = read_journals(journals)
    purging = app.store.purging
    ends: dict[Again, list[str]] = {end: [] for end in Again}
    for journal in named:
        ends[_purge(app, purging, journal, by)].append(journal.case_id)
    return Replay(
        named=len(named),
        purged=tuple(ends[Again.PURGED]),
        gone=len(ends[Again.GONE]),
        held=tuple(ends[Again.HELD]),
        worked_on=tuple(ends[Again.WORKED_ON]),
    )


def _purge(app: App, purging: Purging, erasure: Erasure, by: str) -> Again:
    if app.store.is_worked_on(erasure.case_id):
        return Again.WORKED_ON
    end = purging.purge_again(erasure.case_id, erasure.on, app.today, by=by)
    if end is not Again.HELD:
        # Also of one that is gone: its copies may have come back from another back-up.
        CaseFolder(app.work_location, erasure.case_id).remove()
    return end
