"""The purge of a case's data after their retention, with a journal to repeat it after a restore.

Evidence is kept as long as the handling may have to be proven (Art. 5(2), 24(1) GDPR), and nothing for longer than it
is needed (Art. 5(1)(e)): no permanent copy of what was given to the person, no key of a case that is over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Never

from rightsflow.cases.app import App
from rightsflow.cases.step.faults import in_plain_words, one_case_of_many
from rightsflow.domain.erasure.retention import evidence_until
from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.publication import Publication
from rightsflow.domain.vocabulary.letter_ids import ANSWERS, LetterId
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.files.purge_journal import Erasure, append, read_journals
from rightsflow.files.workspace import CaseFolder, case_folders
from rightsflow.store import CaseFile
from rightsflow.store.core.case_ledger import MACHINE
from rightsflow.store.purging import BATCH, Again, Ended, Purging


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Purge:
    """The purged data, or the data that would be purged.

    Args:
        cases: The purged cases with the last day of their evidence.
        held: Those that are over and kept all the same, each with the reason.
        copies: The cases whose working copies were removed.
        elsewhere: The cases whose working copies have to go and lie on another machine.
        passed_over: The cases that are worked on, or at which something failed: the next round takes them up.
        suppressions: How many entries of the suppression list were dropped, whose last day had passed.
        log_is_clear: Whether nothing of it is left in the database's log, as far as that can be seen to.
    """

    cases: dict[str, date]
    held: dict[str, str]
    copies: tuple[str, ...]
    elsewhere: tuple[str, ...]
    passed_over: tuple[str, ...]
    suppressions: int = 0
    log_is_clear: bool = True

    @property
    def sentence(self) -> str:
        """The result in words."""
        counts = {
            "cases purged": len(self.cases),
            "working copies removed": len(self.copies),
            "entries of the suppression list dropped": self.suppressions,
            "over and kept, see `rightsflow service purge --dry-run`": len(self.held),
            "working copies on another machine, where `rightsflow service purge` has to be run": len(self.elsewhere),
            "left to the next round": len(self.passed_over),
        }
        summary = ", ".join(f"{what}: {count}" for what, count in counts.items() if count) or "nothing was over"
        log = "" if self.log_is_clear else " The database's log is in use; it is cleared by the next round."
        return f"{summary[0].upper()}{summary[1:]}.{log}"


def note_settled(file: CaseFile, app: App) -> None:
    """Note what follows for how long things are kept if the case was settled in this transaction.

    The copies for an answer that will not be given end today. The evidence is kept at least as long as the letter says
    that is written today, and longer where it goes out later.

    Args:
        file: The case file.
        app: What it works with.
    """
    if not file.state.is_settled:
        return
    _keep_evidence(file, app, app.today)
    if file.state is not CaseState.ANSWERED and file.keeping.copies_were_begun:
        file.keeping.end_copies(app.today)


def note_sent(file: CaseFile, app: App, letter: str, on: date) -> None:
    """Note what follows from a letter's going out for how long things are kept.

    Args:
        file: The case file.
        app: What it works with.
        letter: Which letter.
        on: The day on which it went out, in the controller's zone.
    """
    if not file.is_closed or letter not in ANSWERS:
        return
    _keep_evidence(file, app, on)
    if letter == LetterId.ACCESS_COVER and file.keeping.has_package:
        file.keeping.end_copies(on + timedelta(days=app.settings.retention.copies_days))


def empty_copies(file: CaseFile, app: App) -> bool:
    """Remove the working copies of a case if it is noted when they go, and note that; returns whether it was done.

    It is not done from here where they lie on another machine. The emptied folder stays until it is stored that they
    are gone: see :func:`drop_folder`.

    Args:
        file: The case file.
        app: What it works with.
    """
    if file.keeping.copies_end_on is None:
        return False
    folder = CaseFolder(app.work_location, file.case_id)
    if folder.may_be_elsewhere and file.keeping.copies_were_made and not folder.exists():
        return False
    folder.empty()
    file.keeping.note_copies_removed()
    return True


def drop_folder(case_id: str, app: App) -> None:
    """Remove the folder of a case whose working copies are noted as gone.

    Args:
        case_id: The case.
        app: What it works with.
    """
    CaseFolder(app.work_location, case_id).remove()


def purge(app: App, *, by: str = MACHINE, dry_run: bool = False) -> Purge:
    """Purge everything that has expired. Cut short at any point, the next round goes on.

    Args:
        app: What it works with.
        by: Who does it.
        dry_run: Remove nothing and say what would go. Of a closed case that lacks the days it is noted all the same.

    Raises:
        Transient: The case store does not answer.
    """
    return _Round(app, by, removes=not dry_run).go()


def purge_what_is_over(app: App) -> Purge:
    """Purge everything that has expired."""
    with in_plain_words("The purge"):
        return purge(app)


class _Round:
    """One round over all that is over."""

    def __init__(self, app: App, by: str, *, removes: bool) -> None:
        self._app = app
        self._by = by
        self._removes = removes
        self._purging = app.store.purging
        # One day for the whole round, also over midnight.
        self._today = app.today
        self._cases: dict[str, date] = {}
        self._held: dict[str, str] = {}
        self._copies: list[str] = []
        self._elsewhere: list[str] = []
        self._passed_over: set[str] = set()

    def go(self) -> Purge:
        self._each(self._purging.undated, self._date)
        self._each(lambda after: self._purging.copies_over(self._today, after), self._end_copies)
        for ended in self._evidence_over():
            self._try(ended.case_id, partial(self._end_evidence, ended))
        if self._removes:
            self._drop_stray_folders()
        dropped = self._app.store.suppressions.drop_over(self._today) if self._removes else 0
        return Purge(
            cases=self._cases,
            held=self._held,
            copies=tuple(self._copies),
            elsewhere=tuple(self._elsewhere),
            passed_over=tuple(sorted(self._passed_over)),
            suppressions=dropped,
            log_is_clear=not self._removes or self._purging.clear_log(),
        )

    def _each(self, found: Callable[[str], list[str]], act: Callable[[str], None]) -> None:
        after = ""
        while batch := found(after):
            for case_id in batch:
                self._try(case_id, partial(act, case_id))
            after = batch[-1]

    def _evidence_over(self) -> Iterator[Ended]:
        after = ""
        while batch := self._purging.evidence_over(self._today, after):
            yield from batch
            after = batch[-1].case_id

    def _try(self, case_id: str, act: Callable[[], None]) -> None:
        """Do what is due for one case, unless another process works on it; its fault does not end the round."""
        # Until it went through, so that one that fails is counted.
        self._passed_over.add(case_id)
        if self._app.store.is_worked_on(case_id):
            return
        with one_case_of_many(case_id):
            act()
            self._passed_over.discard(case_id)

    def _date(self, case_id: str) -> None:
        """Note the days of a case that was closed before they were noted."""
        with self._app.store.case_file(case_id) as file:
            _keep_evidence(file, self._app, self._app.day_of(file.closed_at or self._app.now()))
            if file.state is not CaseState.ANSWERED:
                file.keeping.end_copies(self._today)
            for letter, day in _answers_sent(file, self._app):
                note_sent(file, self._app, letter, day)

    def _end_copies(self, case_id: str) -> None:
        if not self._removes:
            self._copies.append(case_id)
            return
        with self._app.store.case_file(case_id) as file:
            removed = empty_copies(file, self._app)
        (self._copies if removed else self._elsewhere).append(case_id)

    def _end_evidence(self, ended: Ended) -> None:
        with self._app.store.case_file(ended.case_id) as file:
            # By the setting and the country of today, where these keep it longer than was noted.
            last = max((day for _, day in _answers_sent(file, self._app)), default=date.min)
            _keep_evidence(file, self._app, max(last, self._app.day_of(file.closed_at or self._app.now())))
            if (file.keeping.evidence_until or self._today) >= self._today:
                return
        if ended.hold:
            self._held[ended.case_id] = ended.hold.value
            return
        if self._removes:
            # First, so that nothing is left of a case that no one knows any more.
            drop_folder(ended.case_id, self._app)
            note_erasure(self._app, ended.case_id)
            if not self._purging.purge(ended.case_id, self._today, by=self._by):
                return
        self._cases[ended.case_id] = ended.evidence_until

    def _drop_stray_folders(self) -> None:
        """Remove the folders here of cases whose copies expired, in this round or on another machine."""
        names = case_folders(self._app.work_location)
        for start in range(0, len(names), BATCH):
            for case_id in self._purging.without_copies(names[start : start + BATCH]):
                self._try(case_id, partial(drop_folder, case_id, self._app))


def _keep_evidence(file: CaseFile, app: App, on: date) -> None:
    """Keep the evidence as long as it has to be after an answer that went out, or a case that was closed, on a day."""
    months = app.settings.retention.evidence_months
    file.keeping.keep_evidence(evidence_until(app.settings.controller.country, on, months=months))


def _answers_sent(file: CaseFile, app: App) -> list[tuple[str, date]]:
    """Return the answers that went out, each with its day."""
    return [
        (line.template_id, app.day_of(line.sent_at))
        for line in file.outbox.lines()
        if line.sent_at is not None and line.template_id in ANSWERS
    ]
