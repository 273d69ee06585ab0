"""The facts for the letters, read from the case file and the configuration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from rightsflow.cases.app import App
from rightsflow.cases.facts.overview.account import CaseAccount, RecordLine, account_of
from rightsflow.cases.facts.overview.personal_data import Addressee, addressee_of, narrowing_of
from rightsflow.cases.work.access.package_info import yours
from rightsflow.cases.work.processors.processor_notices import recipients_after_orders
from rightsflow.documents.letters import (
    DoneByHand,
    ErasedBy,
    ErasedLater,
    FoundRecords,
    OutcomeRow,
    Remedies,
    Residue,
    Searched,
    Sender,
    ToInform,
)
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Fate, Finding, grounds
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.deadlines.clock_events import ClockEventKind
from rightsflow.domain.erasure.retention import evidence_until
from rightsflow.domain.languages import notice_in
from rightsflow.domain.law import Law
from rightsflow.domain.processors.instructions import told_by_task
from rightsflow.domain.processors.terms import Action
from rightsflow.domain.vocabulary.letter_ids import LetterId
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.domain.wording import day
from rightsflow.store import CaseFile


class Backup(NamedTuple):
    """Back-ups that still hold what was erased in a system.

    Args:
        system: Its name in the configuration.
        until: The last day on which they hold it, in the controller's zone; ``None`` where their period is not stated.
        contents: What is in them, in words; empty where nothing was stated.
    """

    system: str
    until: date | None
    contents: str


class LetterFacts:
    """The facts of one case for its letters.

    Args:
        file: The case file.
        app: What it works with.
    """

    def __init__(self, file: CaseFile, app: App) -> None:
        self._file = file
        self._app = app
        self._settings = app.settings

    def common(self, *, greeting: bool = True) -> dict[str, Any]:
        """Return the fields that every letter needs.

        Args:
            greeting: Whether the letter may greet by name, once identity is clear.
        """
        controller = self._settings.controller
        addressee = addressee_of(self._file, self._app) if greeting else Addressee()
        sender = Sender.of(controller, self._settings.owners.case_owner, address=controller.address)
        return {
            "case_id": self._file.case_id,
            "sender": sender,
            "written_on": self._app.today,
            "language_note": notice_in(self._file.language.tag, controller.help_languages),
            "addressee": addressee.name,
            "represents": addressee.represents,
        }

    @property
    def remedies(self) -> Remedies:
        """Complaint and court."""
        authority = self._settings.controller.authority
        return Remedies(authority=authority.name, authority_url=str(authority.url))

    @property
    def about(self) -> str:
        """The subject of a narrowed request, in words; empty where the request covers everything."""
        narrowed = narrowing_of(self._file)
        return narrowed.words if narrowed else ""

    @property
    def received_on(self) -> date:
        """The day of receipt in the controller's zone."""
        return self._file.received_at.astimezone(self._settings.controller.zone).date()

    @property
    def refusal_due_on(self) -> date:
        """The last day for a refusal: the end of the unextended period."""
        return self._file.notice_due_on or self._file.due_on

    @property
    def evidence_until(self) -> date:
        """Until when the file about the request is kept."""
        months = self._settings.retention.evidence_months
        return evidence_until(self._settings.controller.country, self._app.today, months=months)

    @cached_property
    def account(self) -> CaseAccount:
        """The account of the case, as it is when it is first asked for."""
        return account_of(self._file, self._app.capabilities)

    def searches(self) -> tuple[Searched, ...]:
        """Return each finished search of a system, with the identifiers used and those it can use, in words."""
        return tuple(
            Searched(system=title_of(search.system), by=yours(search.by), needs=yours(search.can))
            for search in self.account.searches
            if search.finished_at
        )

    def found(self) -> tuple[FoundRecords, ...]:
        """Return the number of the person's records found in each category; none before the search has ended.

        Nothing either until identity is clear, or a stranger would learn what is held.
        """
        if not self._file.is_searched or not self._file.identity_is_clear:
            return ()
        counted = Counter(
            record.category for record in self.account.records if record.attribution is Attribution.SUBJECT
        )
        return tuple(FoundRecords(category=category, count=count) for category, count in sorted(counted.items()))

    @property
    def searched_on(self) -> date:
        """The day on which the last of the searches ended, in the controller's zone."""
        ended = [search.finished_at for search in self.account.searches if search.finished_at]
        return self._day_of(max(ended)) if ended else self._app.today

    def not_searched(self) -> tuple[str, ...]:
        """Systems whose search did not end under the identifiers known now; with one of them nothing is written."""
        return self.account.not_searched

    def cannot_find(self) -> tuple[str, ...]:
        """Return the systems whose searches cannot find everything, as their connectors declare it."""
        return tuple(title_of(search.system) for search in self.account.searches if search.by and search.cannot_find)

    @property
    def question_of(self) -> date | None:
        """The day that stands on a question to the person which has no answer yet; who they are comes first."""
        written = {line.template_id: self._day_of(line.written_at) for line in self._file.outbox.lines()}
        answered = self._file.clock.events()
        waits_for_proof = not self._file.identity_is_clear and ClockEventKind.IDENTITY_CONFIRMED not in answered
        if waits_for_proof and (asked_on := written.get(LetterId.IDENTITY_REQUEST)):
            return asked_on
        return None if ClockEventKind.CLARIFICATION_RECEIVED in answered else written.get(LetterId.CLARIFICATION)

    def outcome_rows(self) -> tuple[OutcomeRow, ...]:
        """Return the fate of every record that the request covers, joined where fates are equal."""
        return self._rows(line for line in self.account.records if line.fate is not Fate.NOT_CONCERNED)

    def unaltered_rows(self) -> tuple[OutcomeRow, ...]:
        """Return the person's records that a correction leaves as they are, each with the plan's reason."""
        return self._rows(
            line
            for line in self.account.records
            if line.fate is Fate.NOT_CONCERNED and line.attribution is Attribution.SUBJECT and not line.is_decided_out
        )

    def left_out_rows(self) -> tuple[OutcomeRow, ...]:
        """Return the person's records that were decided to be outside the request, with the ground."""
        return self._rows(line for line in self.account.records if line.is_decided_out)

    def _rows(self, lines: Iterable[RecordLine]) -> tuple[OutcomeRow, ...]:
        law = self._settings.controller.law
        groups = Counter((*_group(self._told(line), law), *self._kept_for(line)) for line in lines)
        return tuple(
            OutcomeRow(
                system=title_of(system),
                category=category,
                outcome=_IN_LETTERS[fate],
                is_unclear=fate is Fate.UNCLEAR,
                reason=reason,
                legal_basis=basis,
                until=until,
                ends_when=ends_when,
                purpose=purpose,
                access_by=access_by,
                count=count,
            )
            for (system, category, fate, reason, basis, until, ends_when, purpose, access_by), count in groups.items()
        )

    def _kept_for(self, line: RecordLine) -> tuple[str, str]:
        """Return the purpose of retaining a record and the people who can see it, from the record of processing."""
        section = self._app.systems.get(line.system)
        stated = section.kinds.get(line.kind) if section and line.fate in {Fate.RETAINED, Fate.RESTRICTED} else None
        return (stated.kept_for, stated.seen_by) if stated else ("", "")

    def _told(self, line: RecordLine) -> RecordLine:
        """Return a record as the person reads of it, with the ground given for it alone."""
        decision = self._decided.get(line.number)
        return replace(line, reason=decision.full_reason, ends_when=decision.full_ends_when) if decision else line

    @cached_property
    def _decided(self) -> dict[int, Finding]:
        return {finding.number: finding for finding in self._file.findings.all() if finding.decided is not None}

    @property
    def verified_on(self) -> date | None:
        """The day of the last fresh read of a record that was erased, in the controller's zone."""
        return self._day_of(self.account.verified_at) if self.account.verified_at else None

    @property
    def gone(self) -> tuple[RecordLine, ...]:
        """The records of which nothing is left."""
        return tuple(line for line in self.account.records if line.fate.is_gone)

    @property
    def has_erased(self) -> bool:
        """True if any record was erased."""
        return bool(self.gone)

    def residue(self) -> tuple[Residue, ...]:
        """Return the data that systems cannot remove, for the kinds of record that were erased or redacted there."""
        done = {(line.system, line.kind) for line in self.account.records if line.outcome in _DONE_THERE}
        texts: dict[tuple[str, str], None] = {}
        for system, capabilities in self._app.capabilities.items():
            for kind in capabilities.kinds:
                if kind.residue and (system, kind.name) in done:
                    texts[title_of(system), kind.residue] = None
        backups = (Residue(system=title_of(backup.system), text=_backup_text(backup)) for backup in self.backups())
        return (*(Residue(system=system, text=text) for system, text in texts), *backups)

    def backups(self) -> list[Backup]:
        """Return the systems whose back-ups may still hold erased data, each with its last day.

        It counts from the last erasure there.
        """
        erased: dict[str, date] = {}
        for finding in self._file.findings.all():
            if finding.outcome in _DONE_THERE and finding.acted_at is not None:
                on = self._day_of(finding.acted_at)
                erased[finding.ref.system] = max(on, erased.get(finding.ref.system, on))
        backups = []
        for system, section in self._app.systems.items():
            if system not in erased or section.backup_days == 0:
                continue
            until = None if section.backup_days is None else erased[system] + timedelta(days=section.backup_days)
            if until is None or until >= self._app.today:
                backups.append(Backup(system, until, section.backup_contents))
        return backups

    def erased_later(self) -> tuple[ErasedLater, ...]:
        """Return the later erasures, each with who carries it out: only those in the case file's tasks."""
        return tuple(
            ErasedLater(
                system=title_of(task.system),
                records=task.records,
                kept_until=task.kept_until,
                due_on=task.due_on,
                by=_ERASED_BY[task.kind],
                check_first=task.check_first,
            )
            for task in self._file.tasks.all()
            if task.is_open and task.kept_until is not None
        )

    def by_hand(self) -> tuple[DoneByHand, ...]:
        """Return the remaining manual steps where no interface exists: the open tasks of the case file."""
        return tuple(
            DoneByHand(system=title_of(task.system), what=task.what, due_on=task.due_on)
            for task in self._file.tasks.all()
            if task.is_open and task.kind is TaskKind.MANUAL and not told_by_task(task.what)
        )

    def to_inform(self) -> tuple[ToInform, ...]:
        """Return the recipients not notified yet: by a notice that is not sent, or by an open task."""
        notices = (
            (instruction.name, instruction.due_on)
            for instruction in self._file.instructions.all()
            if instruction.action is Action.TAKE_NOTE and not instruction.task and instruction.is_open
        )
        tasks = ((told_by_task(task.what), task.due_on) for task in self._file.tasks.all() if task.is_open)
        days: dict[str, date] = {}
        for name, due_on in (*notices, *tasks):
            if name:
                days[name] = max(due_on, days.get(name, due_on), self._app.today)
        later = recipients_after_orders(self._file, self._app)
        return (
            *(ToInform(name=name, due_on=due_on) for name, due_on in days.items()),
            *(ToInform(name=name) for name in later if name not in days),
        )

    def _day_of(self, instant: datetime) -> date:
        return instant.astimezone(self._settings.controller.zone).date()


def _backup_text(backup: Backup) -> str:
    contents = f" They hold {backup.contents.rstrip('.')}." if backup.contents else ""
    if backup.until is None:
        unknown = "If there are back-ups of it, they may still hold what was erased. Until when is not known to us."
        return f"{unknown}{contents}"
    return f"Back-ups of it still hold what was erased, until {day(backup.until)} at the latest.{contents}"


_ERASED_BY = {
    TaskKind.ERASE: ErasedBy.HAND,
    TaskKind.APPROVE: ErasedBy.APPROVAL,
    TaskKind.AUTOMATIC: ErasedBy.POLICY,
}


def title_of(system: str) -> str:
    """Return the title of a system, from its name in the configuration."""
    return system.replace("-", " ").capitalize()


_DONE_THERE = frozenset({OutcomeKind.ERASED, OutcomeKind.REDACTED, OutcomeKind.RESIDUE})
_IN_LETTERS = {fate: OutcomeKind(fate.value) for fate in Fate if fate.value in set(OutcomeKind)} | {
    Fate.UNCLEAR: OutcomeKind.RETAINED,
    Fate.FOUND: OutcomeKind.FAILED,
    Fate.STILL_SEEN: OutcomeKind.FAILED,
    Fate.COPIED: OutcomeKind.FAILED,
    Fate.GONE: OutcomeKind.FAILED,
    Fate.LEFT_OUT: OutcomeKind.FAILED,
}
"""The outcome that a letter on an erasure states for each fate; with a failed record no letter is written."""


def _group(line: RecordLine, law: Law) -> tuple[str, str, Fate, str, str, date | None, str]:
    basis, ends_when = grounds(line.fate, line.legal_basis, line.until, line.ends_when, law.name)
    return line.system, line.category, line.fate, line.reason, basis, line.until, ends_when
