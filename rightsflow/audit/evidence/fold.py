"""From the entries of a case to what they say of it, put together.

Entries of before a version had fewer details: whatever is missing stays empty, and nothing is guessed.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar

from rightsflow.audit.evidence.details import Details, counts, day, instant, nested, number, rows, text, texts
from rightsflow.audit.evidence.dpv_terms import law_of
from rightsflow.audit.evidence.record import (
    ActLine,
    CaseRecord,
    ClockLine,
    EvidenceLetterLine,
    EvidenceRecordLine,
    ExportLine,
    GateLine,
    IdentifierProof,
    LeftOutLine,
    RecipientLine,
    SystemLine,
    first_sent,
)
from rightsflow.audit.ledger import Entry
from rightsflow.domain.case.fates import Fate, grounds, holdings
from rightsflow.domain.case.states import STATE_AFTER, CaseState
from rightsflow.domain.events import CaseEvent, StepName
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.letter_ids import ANSWERS, LetterId

_REQUEST = "request"
_MACHINE = "rightsflow"
_UNSAID = frozenset({"reason", "ground", "text", "hash", "plan"})
"""Details that say nothing to a reader: keyed hashes, and in old entries words that may name somebody."""
_NO_COUNTS = ("step", "system", "matches", "by", "records", "package", "plan")


def fold(entries: Iterable[Entry]) -> CaseRecord:
    """What the entries say of their case.

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


@dataclass(slots=True)
class _System:
    """What is known of one system so far."""

    searched_at: datetime | None = None
    searched_by: Mapping[str, int] = field(default_factory=dict)
    verified_at: datetime | None = None
    failures: int = 0
    cannot_find: tuple[str, ...] | None = None
    # What old entries say in sum, where none speaks of single records.
    erased: Mapping[str, int] = field(default_factory=dict)
    verified: Mapping[str, int] = field(default_factory=dict)


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
        self._masked: dict[str, Mapping[str, int]] = {}
        self._clock: list[ClockLine] = []
        self._decisions: list[GateLine] = []
        self._decided: dict[str, str] = {}
        self._systems: defaultdict[str, _System] = defaultdict(_System)
        self._records: dict[tuple[str, str], EvidenceRecordLine] = {}
        self._tally: tuple[Details, ...] = ()
        self._letters: list[EvidenceLetterLine] = []
        self._unsent: defaultdict[str, deque[int]] = defaultdict(deque)
        self._processors: list[ActLine] = []
        self._acts: list[ActLine] = []
        self._exports: list[ExportLine] = []
        self._disclosed: Mapping[str, int] = {}
        self._package = ""
        self._left_out: tuple[LeftOutLine, ...] | None = None
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
            self._closed_at = entry.at if self._state is CaseState.WITHDRAWN else None
        self._TAKES.get(entry.event, _Fold._act)(self, entry)

    def record(self) -> CaseRecord:
        """What they came to."""
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
            owner=self._owner,
            state=self._state.value,
            closed_at=self._closed_at or self._sent_at(ANSWERS),
            identifiers=tuple(self._identifiers),
            clock=tuple(self._clock),
            identity=next((one for one in reversed(self._decisions) if one.gate == Gate.IDENTITY.value), None),
            decisions=tuple(self._decisions),
            systems=self._all_systems(),
            records=tuple(self._records.values()),
            letters=tuple(self._letters),
            processors=(*self._delegated(), *self._processors),
            earlier_cases=self._earlier,
            acts=tuple(self._acts),
            entries=self._entries,
            last_at=self._last.at,
            disclosed=self._disclosed,
            package=self._package,
            masked=self._all_masked(),
            exports=tuple(self._exports),
            answer_sent_at=self._sent_at(ANSWERS),
            handed_over_at=self._sent_at({LetterId.ACCESS_COVER.value}),
            left_out=self._left_out,
            accountable=text(self._stated, "accountable"),
            dpo=text(self._stated, "dpo"),
            recipients=tuple(self._recipients()),
        )

    @property
    def _law(self) -> str:
        """The law's name, as the letters cite it."""
        return law_of(text(self._opened, "regime")).name

    def _act(self, entry: Entry) -> None:
        self._acts.append(_act_of(entry))

    def _opening(self, entry: Entry) -> None:
        said = entry.details
        self._opened, self._owner = said, text(said, "owner")
        self._identify(said, _REQUEST)
        self._clock.append(
            ClockLine(
                at=entry.at,
                why="opened",
                due_on=day(said, "due_on"),
                explanation=text(said, "explanation"),
                safe_due_on=day(said, "safe_due_on"),
                work_to_on=day(said, "work_to_on"),
            )
        )

    def _learning(self, entry: Entry) -> None:
        self._identify(entry.details, text(entry.details, "system"))

    def _identify(self, said: Details, source: str) -> None:
        for one in rows(said, "identifiers"):
            self._identifiers.setdefault(IdentifierProof(text(one, "kind"), text(one, "hash"), source))

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
        said = entry.details
        line = ClockLine(
            at=entry.at,
            why="recomputed",
            due_on=day(said, "now"),
            explanation=text(said, "explanation"),
            safe_due_on=day(said, "safe_due_on"),
            work_to_on=day(said, "work_to_on"),
        )
        # What moved the clock and the dates that follow are noted in one transaction.
        if self._clock and self._clock[-1].noted_at == entry.at and not self._clock[-1].explanation:
            moved = self._clock.pop()
            line = replace(line, at=moved.at, why=moved.why, noted_at=moved.noted_at)
        self._clock.append(line)

    def _deciding(self, entry: Entry) -> None:
        said = entry.details
        line = GateLine(
            at=entry.at,
            gate=text(said, "gate"),
            verdict=text(said, "verdict"),
            by=entry.actor,
            code=text(said, "code"),
            method=text(said, "method"),
            reason_hash=text(said, "reason"),
            plan_hash=text(said, "plan"),
            about=text(said, "about"),
            checked_at=instant(said, "checked_at"),
            against=text(said, "against"),
            held_by=text(said, "held_by"),
            on_file_since=day(said, "on_file_since"),
        )
        self._decisions.append(line)

    def _deciding_on_records(self, entry: Entry) -> None:
        for record in texts(entry.details, "records"):
            self._decided[record] = entry.actor
        said = {name: value for name, value in entry.details.items() if name not in {"records", "ends_when"}}
        self._acts.append(ActLine(at=entry.at, event=entry.event, by=entry.actor, what=_in_words(said)))

    def _finishing_a_step(self, entry: Entry) -> None:
        said, step, name = entry.details, text(entry.details, "step"), text(entry.details, "system")
        if step == StepName.RESOLVE:
            self._tally = tuple(rows(said, "records"))
        elif step == StepName.ASSEMBLE:
            self._disclosed, self._package = counts(said, *_NO_COUNTS), text(said, "package")
            self._left_out = tuple(map(_left_out_line, rows(said, "left_out"))) if "left_out" in said else None
        elif step == StepName.REDACT:
            self._masked[name] = counts(said, *_NO_COUNTS)
        elif name and step == StepName.LOCATE:
            self._systems[name].searched_at = entry.at
            self._systems[name].searched_by = counts(nested(said, "by"))
            self._systems[name].cannot_find = texts(said, "cannot_find") if "cannot_find" in said else None
        elif name and step == StepName.ERASE:
            self._systems[name].erased = counts(said, *_NO_COUNTS)
        elif name and step == StepName.VERIFY:
            self._systems[name].verified = counts(said, *_NO_COUNTS)
            if self._systems[name].verified:
                # Where nothing had been erased, nothing was looked at.
                self._systems[name].verified_at = self._systems[name].verified_at or entry.at

    def _failing_a_step(self, entry: Entry) -> None:
        said, name = entry.details, text(entry.details, "system")
        if name:
            self._systems[name].failures += 1
        what = f"{text(said, 'step')} {name}".strip()
        self._acts.append(
            ActLine(at=entry.at, event=entry.event, by=entry.actor, what=f"{what}: {text(said, 'error')}")
        )

    def _recording_an_outcome(self, entry: Entry) -> None:
        said, known = entry.details, self._records.get(_key(entry))
        line = EvidenceRecordLine(
            record=text(said, "record"),
            system=text(said, "system"),
            kind=text(said, "kind"),
            category=text(said, "category"),
            outcome=text(said, "outcome"),
            at=entry.at,
            reason=text(said, "reason"),
            legal_basis=text(said, "legal_basis"),
            until=day(said, "until"),
            ends_when=text(said, "ends_when"),
            request_ref=text(said, "request_ref"),
            refused=said.get("refused") is True,
            is_unclear=said.get("unclear") is True,
            verified=known.verified if known else "",
            verified_at=known.verified_at if known else None,
            taken_back=known.taken_back if known else 0,
            decided_by=self._decided.get(text(said, "record"), ""),
        )
        if line.fate is not None and line.refused:
            basis, ends_when = grounds(line.fate, line.legal_basis, line.until, line.ends_when, self._law)
            line = replace(line, legal_basis=basis, ends_when=ends_when)
        self._records[_key(entry)] = line

    def _taking_back(self, entry: Entry) -> None:
        known = self._records.get(_key(entry)) or _unknown_record(entry)
        # What was seen led to this; once it is erased again, nobody has looked at it yet.
        self._records[_key(entry)] = replace(
            known, outcome="", at=entry.at, verified="", verified_at=None, taken_back=known.taken_back + 1
        )

    def _looking_again(self, entry: Entry) -> None:
        known = self._records.get(_key(entry)) or _unknown_record(entry)
        state = text(entry.details, "state")
        self._records[_key(entry)] = replace(known, verified=state, verified_at=entry.at)
        self._systems[known.system].verified_at = entry.at

    def _writing_a_letter(self, entry: Entry) -> None:
        said = entry.details
        line = EvidenceLetterLine(
            letter=text(said, "letter"),
            version=text(said, "version"),
            written_at=entry.at,
            text_hash=text(said, "text"),
            language=text(said, "language"),
            commitment=text(said, "commitment"),
        )
        self._unsent[line.letter].append(len(self._letters))
        self._letters.append(line)

    def _sending_a_letter(self, entry: Entry) -> None:
        letter, at = text(entry.details, "letter"), instant(entry.details, "at") or entry.at
        if unsent := self._unsent[letter]:
            # The oldest that was not sent yet; it is not looked for, since a file may hold any number of letters.
            index = unsent.popleft()
        else:
            index = len(self._letters)
            self._letters.append(EvidenceLetterLine(letter=letter, version="", written_at=entry.at))
        self._letters[index] = replace(
            self._letters[index],
            sent_at=at,
            sent_by=entry.actor,
            noted_at=entry.at,
            channel=text(entry.details, "channel"),
            proof_hash=text(entry.details, "proof"),
            smtp_code=text(entry.details, "smtp_code"),
            queue_id=text(entry.details, "queue_id"),
        )

    def _exporting(self, entry: Entry) -> None:
        sealed, seal = number(entry.details, "sealed"), number(entry.details, "seal")
        self._exports.append(ExportLine(at=entry.at, by=entry.actor, sealed=sealed, seal=seal))
        self._stated = entry.details

    def _at_a_processor(self, entry: Entry) -> None:
        self._processors.append(_act_of(entry))
        self._instructed.add(text(entry.details, "processor"))

    def _recipients(self) -> Iterable[RecipientLine]:
        for one in rows(self._stated, "stated"):
            for name in texts(one, "recipients") or ("",):
                yield RecipientLine(
                    system=text(one, "system"),
                    name=name,
                    is_instructed=bool(name) and name in self._instructed,
                    transfers=text(one, "transfers"),
                )

    def _sent_at(self, letters: Container[str]) -> datetime | None:
        return first_sent(self._letters, letters)

    def _all_masked(self) -> Mapping[str, int]:
        masked: Counter[str] = Counter()
        for one in self._masked.values():
            masked.update(one)
        return masked

    def _all_systems(self) -> tuple[SystemLine, ...]:
        """The systems by name; the records are gone through once, however many systems there are."""
        tallied, records = _by_system(self._tally), defaultdict[str, list[EvidenceRecordLine]](list)
        for one in self._records.values():
            records[one.system].append(one)
        named = {name for name in (*self._systems, *tallied, *records) if name}
        return tuple(self._system(name, tallied.get(name, ()), records.get(name, ())) for name in sorted(named))

    def _system(self, name: str, tallied: Sequence[Details], records: Sequence[EvidenceRecordLine]) -> SystemLine:
        known = self._systems[name]
        found: Counter[str] = Counter()
        for one in tallied:
            if number(one, "subject") > 0:
                found[text(one, "category")] += number(one, "subject")
        outcomes = Counter[str]()
        for held in holdings(records):
            outcomes[held.fate.value] += held.records
        verified = Counter(one.verified for one in records if one.verified)
        return SystemLine(
            system=name,
            searched_at=known.searched_at,
            searched_by=known.searched_by,
            found=found,
            unclear=sum(number(one, "unclear") for one in tallied),
            outcomes=outcomes if records else known.erased,
            verified_at=known.verified_at,
            verified=verified if records else known.verified,
            failures=known.failures,
            cannot_find=known.cannot_find,
        )

    def _delegated(self) -> Iterable[ActLine]:
        for one in self._records.values():
            if one.fate is Fate.DELEGATED:
                yield ActLine(
                    at=one.at,
                    event=CaseEvent.OUTCOME_RECORDED,
                    by=_MACHINE,
                    what=f"{one.system}: {one.kind}, {one.category}",
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
        CaseEvent.STEP_DONE: _finishing_a_step,
        CaseEvent.STEP_FAILED: _failing_a_step,
        CaseEvent.OUTCOME_RECORDED: _recording_an_outcome,
        CaseEvent.OUTCOME_TAKEN_BACK: _taking_back,
        CaseEvent.PRESENCE_CHECKED: _looking_again,
        CaseEvent.LETTER_WRITTEN: _writing_a_letter,
        CaseEvent.LETTER_SENT: _sending_a_letter,
        CaseEvent.PROCESSOR_ASKED: _at_a_processor,
        CaseEvent.PROCESSOR_CONFIRMED: _at_a_processor,
        CaseEvent.EVIDENCE_EXPORTED: _exporting,
    }
    """What is done with each kind of entry; any other is a further act."""


def _by_system(tally: Iterable[Details]) -> dict[str, list[Details]]:
    found: dict[str, list[Details]] = {}
    for one in tally:
        found.setdefault(text(one, "system"), []).append(one)
    return found


def _key(entry: Entry) -> tuple[str, str]:
    return text(entry.details, "system"), text(entry.details, "record")


def _unknown_record(entry: Entry) -> EvidenceRecordLine:
    system, record = _key(entry)
    return EvidenceRecordLine(record=record, system=system, kind="", category="", outcome="", at=entry.at)


def _left_out_line(said: Details) -> LeftOutLine:
    return LeftOutLine(
        system=text(said, "system"),
        what=text(said, "what"),
        reason=text(said, "reason"),
        legal_basis=text(said, "legal_basis"),
        count=number(said, "count"),
    )


def _act_of(entry: Entry) -> ActLine:
    return ActLine(at=entry.at, event=entry.event, by=entry.actor, what=_in_words(entry.details))


def _in_words(details: Details) -> str:
    """Details as "alert due-soon, about on 2026-04-01, tell dpo and management"."""
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
