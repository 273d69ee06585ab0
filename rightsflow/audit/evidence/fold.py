"""From the entries of a case to what they say of it, put together.

Entries of before a version had fewer details: whatever is missing stays empty, and nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from rightsflow.audit.evidence.dpv_terms import law_of
from rightsflow.audit.evidence.fold_parts import (
    Details,
    FoldedLetters,
    FoldedRecords,
    FoldedSystems,
    day,
    instant,
    number,
    rows,
    text,
    texts,
)
from rightsflow.audit.evidence.record import (
    ActLine,
    CaseRecord,
    ClockLine,
    ExportLine,
    GateLine,
    IdentifierProof,
    RecipientLine,
)
from rightsflow.audit.ledger import Entry
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.letter_ids import ANSWERS, LetterId
from rightsflow.domain.vocabulary.states import STATE_AFTER, CaseState

_UNSAID = frozenset({"reason", "ground", "text", "hash", "plan"})
"""Details that say nothing to a reader: keyed hashes, and in old entries words that may name a person."""
_OF_THE_AUTHOR = frozenset({"role", "signed_in"})


def act_of(entry: Entry) -> ActLine:
    """Return an entry as an act of its author, in words."""
    return act_with(entry, entry.details)


def act_with(entry: Entry, details: Details) -> ActLine:
    """Return an entry as an act of its author, with some of its details.

    Args:
        entry: The entry.
        details: Those of its details that are told.
    """
    return ActLine(
        at=entry.at,
        event=entry.event,
        by=entry.actor,
        what=in_words({name: value for name, value in details.items() if name not in _OF_THE_AUTHOR}),
        role=text(entry.details, "role"),
        signed_in=text(entry.details, "signed_in"),
    )


def in_words(details: Details) -> str:
    """Return details in words, such as "alert due-soon, about on 2026-04-01, tell dpo and management"."""
    said = ((name, _value(details[name])) for name in sorted(details) if name not in _UNSAID)
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in said if value)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int):
        return str(value)
    if isinstance(value, list):
        return " and ".join(filter(None, map(_value, value)))
    return ""


_REQUEST = "request"


def fold(entries: Iterable[Entry]) -> CaseRecord:
    """Fold the entries of a case into its record.

    Args:
        entries: All of one case, oldest first.

    Raises:
        ValueError: There are none.
    """
    folded: _Fold | None = None
    for entry in entries:
        folded = folded or _Fold(entry)
        folded.add(entry)
    if folded is None:
        raise ValueError("a case without entries has no record")
    return folded.record()


class _Fold:
    """Takes entries one by one."""

    def __init__(self, first: Entry) -> None:
        self._first = self._last = first
        self._opened: Details = {}
        self._owner = ""
        self._state = CaseState.RECEIVED
        self._closed_at: datetime | None = None
        self._entries = 0
        self._rules: dict[str, None] = {}
        self._code: dict[str, None] = {}
        self._identifiers: dict[IdentifierProof, None] = {}
        self._earlier = 0
        self._clock: list[ClockLine] = []
        self._decisions: list[GateLine] = []
        self._systems = FoldedSystems()
        self._records = FoldedRecords()
        self._letters = FoldedLetters()
        self._processors: list[ActLine] = []
        self._acts: list[ActLine] = []
        self._exports: list[ExportLine] = []
        self._instructed: set[str] = set()
        self._stated: Details = {}

    def add(self, entry: Entry) -> None:
        """Take the next entry."""
        self._last = entry
        self._entries += 1
        for kept, name in ((self._rules, "rules"), (self._code, "code")):
            if version := text(entry.made_with, name):
                kept.setdefault(version)
        if entry.event in STATE_AFTER:
            self._state = STATE_AFTER[entry.event]
            self._closed_at = entry.at if self._state.ends_unanswered else None
        self._TAKES.get(entry.event, _Fold._act)(self, entry)

    def record(self) -> CaseRecord:
        """Return the record that results from the entries."""
        first = self._first
        return CaseRecord(
            case_id=first.chain,
            right=text(self._opened, "right"),
            channel=text(self._opened, "channel"),
            regime=text(self._opened, "regime"),
            rules=tuple(self._rules),
            code=tuple(self._code),
            received_at=instant(self._opened, "received_at"),
            opened_at=first.at,
            opened_by=first.actor,
            opened_role=text(self._opened, "role"),
            opened_signed_in=text(self._opened, "signed_in"),
            owner=self._owner,
            state=self._state.value,
            closed_at=self._closed_at or self._letters.sent_at(ANSWERS),
            identifiers=tuple(self._identifiers),
            clock=tuple(self._clock),
            identity=next(
                (decision for decision in reversed(self._decisions) if decision.gate == Gate.IDENTITY.value), None
            ),
            decisions=tuple(self._decisions),
            systems=self._systems.lines(self._records.lines),
            records=self._records.lines,
            letters=tuple(self._letters.lines),
            processors=(*self._records.delegated(), *self._processors),
            earlier_cases=self._earlier,
            acts=tuple(self._acts),
            entries=self._entries,
            last_at=self._last.at,
            disclosed=self._systems.disclosed,
            package=self._systems.package,
            masked=self._systems.masked,
            exports=tuple(self._exports),
            answer_sent_at=self._letters.sent_at(ANSWERS),
            handed_over_at=self._letters.sent_at({LetterId.ACCESS_COVER.value}),
            left_out=self._systems.left_out,
            accountable=text(self._stated, "accountable"),
            dpo=text(self._stated, "dpo"),
            recipients=tuple(self._recipients()),
        )

    @property
    def _law(self) -> str:
        """The law's name, as the letters cite it."""
        return law_of(text(self._opened, "regime")).name

    def _act(self, entry: Entry) -> None:
        self._acts.append(act_of(entry))

    def _opening(self, entry: Entry) -> None:
        details = entry.details
        self._opened, self._owner = details, text(details, "owner")
        self._identify(details, _REQUEST)
        self._clock.append(
            ClockLine(
                at=entry.at,
                why="opened",
                due_on=day(details, "due_on"),
                explanation=text(details, "explanation"),
                safe_due_on=day(details, "safe_due_on"),
                work_to_on=day(details, "work_to_on"),
            )
        )

    def _learning(self, entry: Entry) -> None:
        self._identify(entry.details, text(entry.details, "system"))

    def _identify(self, said: Details, source: str) -> None:
        for row in rows(said, "identifiers"):
            self._identifiers.setdefault(IdentifierProof(text(row, "kind"), text(row, "hash"), source))

    def _finding_earlier_cases(self, entry: Entry) -> None:
        named = set(texts(entry.details, "cases"))
        self._earlier = max(self._earlier, len(named), number(entry.details, "count"))

    def _handing_over(self, entry: Entry) -> None:
        self._owner = text(entry.details, "now") or self._owner
        self._act(entry)

    def _moving_the_clock(self, entry: Entry) -> None:
        why = text(entry.details, "what").removesuffix("_at").replace("_", "-")
        before = self._clock[-1] if self._clock else ClockLine(at=entry.at, why=why, due_on=None)
        at = instant(entry.details, "at") or entry.at
        self._clock.append(replace(before, at=at, why=why, explanation="", noted_at=entry.at))

    def _moving_the_due_date(self, entry: Entry) -> None:
        details = entry.details
        line = ClockLine(
            at=entry.at,
            why="recomputed",
            due_on=day(details, "now"),
            explanation=text(details, "explanation"),
            safe_due_on=day(details, "safe_due_on"),
            work_to_on=day(details, "work_to_on"),
        )
        # The event that moved the clock and the dates that follow are noted in one transaction.
        if self._clock and self._clock[-1].noted_at == entry.at and not self._clock[-1].explanation:
            moved = self._clock.pop()
            line = replace(line, at=moved.at, why=moved.why, noted_at=moved.noted_at)
        self._clock.append(line)

    def _deciding(self, entry: Entry) -> None:
        details = entry.details
        line = GateLine(
            at=entry.at,
            gate=text(details, "gate"),
            verdict=text(details, "verdict"),
            by=entry.actor,
            code=text(details, "code"),
            method=text(details, "method"),
            reason_hash=text(details, "reason"),
            plan_hash=text(details, "plan"),
            about=text(details, "about"),
            checked_at=instant(details, "checked_at"),
            against=text(details, "against"),
            held_by=text(details, "held_by"),
            on_file_since=day(details, "on_file_since"),
            role=text(details, "role"),
            signed_in=text(details, "signed_in"),
            mandate=text(details, "mandate"),
            mandate_seen_on=day(details, "mandate_seen_on"),
        )
        self._decisions.append(line)

    def _deciding_on_records(self, entry: Entry) -> None:
        self._records.decide(entry)
        details = {name: value for name, value in entry.details.items() if name not in {"records", "ends_when"}}
        self._acts.append(act_with(entry, details))

    def _deciding_without_records(self, entry: Entry) -> None:
        details = {name: value for name, value in entry.details.items() if name != "records"}
        self._acts.append(act_with(entry, details))

    def _failing_a_step(self, entry: Entry) -> None:
        details, name = entry.details, text(entry.details, "system")
        self._systems.fail_step(name)
        step = f"{text(details, 'step')} {name}".strip()
        what = f"{step}: {text(details, 'error')}"
        self._acts.append(ActLine(at=entry.at, event=entry.event, by=entry.actor, what=what))

    def _exporting(self, entry: Entry) -> None:
        sealed, seal = number(entry.details, "sealed"), number(entry.details, "seal")
        self._exports.append(ExportLine(at=entry.at, by=entry.actor, sealed=sealed, seal=seal))
        self._stated = entry.details

    def _finishing_a_step(self, entry: Entry) -> None:
        self._systems.finish_step(entry)

    def _recording_an_outcome(self, entry: Entry) -> None:
        self._records.record_outcome(entry, self._law)

    def _meeting_the_same_request(self, entry: Entry) -> None:
        """Date a request by the earlier of the two by which it was made."""
        if counts_from := text(entry.details, "counts_from"):
            self._opened = {**self._opened, "received_at": counts_from}
        self._act(entry)

    def _taking_back(self, entry: Entry) -> None:
        self._records.take_back(entry)

    def _looking_again(self, entry: Entry) -> None:
        self._records.look_again(entry)
        self._systems.look_again(text(entry.details, "system"), entry.at)

    def _renaming(self, entry: Entry) -> None:
        self._records.rename(entry)

    def _writing_a_letter(self, entry: Entry) -> None:
        self._letters.write(entry)

    def _sending_a_letter(self, entry: Entry) -> None:
        self._letters.send(entry)

    def _editing_a_letter(self, entry: Entry) -> None:
        self._letters.edit(entry)
        self._act(entry)

    def _returning_a_letter(self, entry: Entry) -> None:
        self._letters.take_back(entry)
        self._act(entry)

    def _at_a_processor(self, entry: Entry) -> None:
        if text(entry.details, "kind"):
            # A colleague who looks in a system by hand: what they do, the controller does.
            self._act(entry)
            return
        self._processors.append(act_of(entry))
        self._instructed.add(text(entry.details, "processor"))

    def _recipients(self) -> Iterable[RecipientLine]:
        for row in rows(self._stated, "stated"):
            for name in texts(row, "recipients") or ("",):
                yield RecipientLine(
                    system=text(row, "system"),
                    name=name,
                    is_instructed=any(name == item or name.startswith(f"{item} (") for item in self._instructed),
                    transfers=text(row, "transfers"),
                )

    _TAKES: ClassVar[Mapping[str, Callable[[_Fold, Entry], None]]] = {
        CaseEvent.CASE_OPENED: _opening,
        CaseEvent.IDENTIFIERS_LEARNT: _learning,
        CaseEvent.EARLIER_CASES_FOUND: _finding_earlier_cases,
        CaseEvent.CASE_HANDED_OVER: _handing_over,
        CaseEvent.CLOCK_MOVED: _moving_the_clock,
        CaseEvent.DUE_DATE_MOVED: _moving_the_due_date,
        CaseEvent.DECISION_RECORDED: _deciding,
        CaseEvent.RECORDS_DECIDED: _deciding_on_records,
        CaseEvent.MASKS_DECIDED: _deciding_without_records,
        CaseEvent.RECORD_TAKEN_IN: _deciding_without_records,
        CaseEvent.RECORD_LEFT_AGAIN: _deciding_without_records,
        CaseEvent.DUPLICATE_STOPPED: _meeting_the_same_request,
        CaseEvent.REQUEST_JOINED: _meeting_the_same_request,
        CaseEvent.STEP_DONE: _finishing_a_step,
        CaseEvent.STEP_FAILED: _failing_a_step,
        CaseEvent.OUTCOME_RECORDED: _recording_an_outcome,
        CaseEvent.OUTCOME_TAKEN_BACK: _taking_back,
        CaseEvent.PRESENCE_CHECKED: _looking_again,
        CaseEvent.RECORD_RENAMED: _renaming,
        CaseEvent.LETTER_WRITTEN: _writing_a_letter,
        CaseEvent.LETTER_SENT: _sending_a_letter,
        CaseEvent.LETTER_EDITED: _editing_a_letter,
        CaseEvent.LETTER_RETURNED: _returning_a_letter,
        CaseEvent.PROCESSOR_ASKED: _at_a_processor,
        CaseEvent.PROCESSOR_CONFIRMED: _at_a_processor,
        CaseEvent.EVIDENCE_EXPORTED: _exporting,
    }
    """The handler of each kind of entry; an entry of any other kind is a further act."""
