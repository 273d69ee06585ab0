"""A case on its way: how time passes, what is kept of it as plain data, and what the double systems truly hold."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any, cast

from proofs.answers.controllers import Combination, World, Written
from rightsflow.app import current_app
from rightsflow.audit.ledger import Entry
from rightsflow.cases.app import App
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.step.attempt import Attempt
from rightsflow.cases.work.erasure.suppression import listed_of
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.delivery import delivery
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.identifiers import IdentifierKind, Identifiers
from rightsflow.domain.processors.answers import Instruction
from rightsflow.domain.vocabulary.events import StepName
from rightsflow.domain.vocabulary.records import Fact, OutcomeKind
from rightsflow.store import CaseFile
from rightsflow.testing.fakes import FakeRecord, FakeSystem


def dump(file: CaseFile, current: App) -> dict[str, Any]:
    """Dump a case file and the configuration in types of JSON."""
    known, entries, findings = file.identifiers.known(), list(file.ledger.entries()), file.findings.all()
    asked = [one for one in file.identifiers.asked_with() if one.kind is IdentifierKind.NAME]
    own = file.identifiers.of_no_other().intersection(file.identifiers.asked_with())
    scopes = {"", file.identifiers.scope()}
    records = {file.masks.hashes.of_record(one.ref): one.number for one in findings}
    dates = (
        "received_at opened_at closed_at due_on safe_due_on work_to_on notice_due_on no_pause_due_on suspended_since"
    )
    return {
        **_take(file, f"case_id right state opened_by channel suspended_since {dates}"),
        "ground": file.ground.value if file.ground else "",
        "extended": file.is_extended,
        "today": current.today.isoformat(),
        "now": current.now().isoformat(),
        "listed": [_take(one, "kind reason until") for one in listed_of(file, current)],
        "items": [
            _take(one.item, "number field", ruling=_maybe(one.ruling, "kind text")) for one in file.corrections.all()
        ],
        "noted_language": [file.languages.noted.tag, file.languages.noted.source.value],
        "identifiers": sorted((one.kind.value, one.issuer) for one in known),
        "own": sorted({one.kind.value for one in own} - {IdentifierKind.NAME}),
        "names": sorted(one.value for one in asked or known if one.kind is IdentifierKind.NAME),
        "records": [_record(one) for one in findings],
        "masks": [
            _take(one, "act places passage", record=records[one.record], ground=one.ground.value if one.ground else "")
            | {"interval": [one.interval.start, one.interval.end] if one.interval else []}
            for one in file.masks.all()
        ],
        "steps": [
            _take(one, "step system state finished_at", counts=dict(one.counts), is_current=one.scope in scopes)
            for one in file.steps.all()
        ],
        "decisions": [
            _take(one, "gate verdict by reason method code decided_at", details=dict(one.details))
            | {"check": _maybe(one.check, "at against held_by on_file_since")}
            for gate in Gate
            if (one := file.decisions.at(gate))
        ],
        **_papers(file, current, entries),
        **_configuration(current),
    }


def _papers(file: CaseFile, current: App, entries: Sequence[Entry]) -> dict[str, Any]:
    """Return the letters, tasks and instructions of a case file, with the clock and the ledger."""
    proofs = {one.template_id: bool(one.proof) for one in file.outbox.letters()}
    sendings = [one.details for one in entries if one.event == "LetterSent"]
    channels = {one["letter"]: one.get("channel", "") for one in sendings}
    return {
        "letters": [
            _take(one, "written_at sent_at sent_by", id=one.template_id, proof=proofs[one.template_id])
            | {"channel": channels.get(one.template_id, "")}
            for one in file.outbox.lines()
        ],
        "tasks": [
            _take(one, "number kind system what records due_on kept_until check_first done_on done_by")
            | {"numbers": list(one.numbers)}
            for one in file.tasks.all()
        ],
        "instructions": [_instruction(one, file, current) for one in file.instructions.all()],
        "clock": {kind.name: _plain(event.at) for kind, event in file.clock.events().items()},
        "events": [
            _take(one, "event at", by=one.actor)
            | {name: one.details.get(name, "") for name in ("letter", "because", "signed_in")}
            for one in entries
        ],
    }


def _instruction(one: Instruction, file: CaseFile, current: App) -> dict[str, object]:
    finds_by = [kind.value for kind in current.settings.processors[one.processor].identifiers]
    answers = [
        _take(each, "answer on records", is_doubtful=bool(each.doubts), is_checked=bool(each.checked_by))
        for each in one.answers
    ]
    doubts = sorted({doubt.code for each in one.answers for doubt in each.doubts})
    more = {"told": list(one.kinds), "finds_by": finds_by, "answers": answers, "doubts": doubts}
    note = file.instructions.note(one.number)
    return (
        _take(one, "number name due_on is_promised is_notice action", is_sent=one.sent_at is not None, note=note) | more
    )


def _configuration(current: App) -> dict[str, object]:
    settings, controller = current.settings, current.settings.controller
    owner = settings.owners.case_owner
    return {
        **_take(controller, "regime country sector cooling_off_days address"),
        "zone": controller.timezone, "controller": controller.name, "help_languages": list(controller.help_languages),
        "authority": controller.authority.name, "authority_url": str(controller.authority.url),
        "automated": controller.automated_decisions, "contact": owner.name, "contact_email": owner.email,
        "accountable": owner.full_name, "dpo": settings.owners.dpo.full_name,
        "follow_up": _take(settings.follow_up, "approval covers_conditions"),
        "register": [_take(one, "name role", systems=list(one.systems)) for one in settings.processors.values()],
        "asks_list": list(settings.suppression.asked_by),
        "passphrase_channel": settings.delivery.passphrase_channel,
        "systems": {name: _system(name, current) for name in current.connectors},
    }  # fmt: skip


def _system(name: str, current: App) -> dict[str, object]:
    section, can = current.systems[name], current.connectors[name].capabilities
    return {
        "purposes": list(section.purposes), "categories": list(section.categories), "source": section.source,
        "recipients": [] if section.recipients == "none" else list(section.recipients), "retention": section.retention,
        "transfers": "" if section.transfers == "none" else section.transfers,
        "stated": [section.recipients, section.transfers], "backups": [section.backup_days, section.backup_contents],
        "classes": {kind: one.value for kind, one in (section.document_classes or {}).items()},
        "uses": _take(section, "marketing consent"), "searches": sorted(can.searches),
        "issuers": sorted(can.account_issuers), "cannot_find": list(can.cannot_find),
        "kinds": {
            kind.name: _take(
                kind, "residue", by_hand=kind.manual_step, is_payment=kind.words.payment is not None,
                withheld=[(one.what, one.reason) for one in kind.withheld],
            )
            for kind in can.kinds
        },
    }  # fmt: skip


def _record(one: Finding) -> dict[str, object]:
    names = "number category attribution names_person occurred_on method planned outcome reason legal_basis until"
    more = "ends_when refused acted_at verified verified_at language doubt"
    found = _take(one, f"{names} {more}", system=one.ref.system, kind=one.ref.kind)
    found |= _maybe(one.copies, "documents files") or {"documents": None, "files": None}
    decided = _maybe(one.decided, "act ground provision until ends_when by")
    return found | {"facts": sorted(fact.value for fact in one.facts), "decided": decided}


def _take(one: object, names: str, **more: object) -> dict[str, object]:
    """Return some values of an object by their names, with others beside them."""
    return {name: _plain(getattr(one, name)) for name in names.split()} | more


def _maybe(one: object, names: str) -> dict[str, object] | None:
    return None if one is None else _take(one, names)


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date | datetime) else value


_STILL_THERE = frozenset({OutcomeKind.RETAINED, OutcomeKind.RESTRICTED, OutcomeKind.RESIDUE})


@dataclass(slots=True)
class Double:
    """The double systems of one case after its answer."""

    known: Identifiers = frozenset()
    returned: list[dict[str, Any]] = field(default_factory=list)
    lifted: list[dict[str, Any]] = field(default_factory=list)

    def begin(self, file: CaseFile) -> None:
        self.known = frozenset(one for one in file.identifiers.known() if one.kind is not IdentifierKind.NAME)
        for one in file.findings.all():
            if one.attribution is Attribution.SUBJECT and one.outcome in _STILL_THERE:
                self.put(one, restricted=one.outcome is OutcomeKind.RESTRICTED)

    def put(self, one: Finding, *, restricted: bool = False, facts: frozenset[Fact] | None = None) -> None:
        record = FakeRecord(
            kind=one.ref.kind,
            key=one.ref.ref,
            texts=((self.known, "words of theirs"),),
            occurred_on=one.occurred_on,
            facts=frozenset(one.facts) - {Fact.LEGAL_HOLD, Fact.SHARED} if facts is None else facts,
            restricted=restricted,
        )
        _fake(one.ref.system).add(record)

    def bring_back(self, these: Iterable[Finding]) -> None:
        for one in these:
            self.put(one, facts=frozenset())
            self.returned.append(_of(one) | {"seen_on": "", "began": False, "gone_on": ""})

    def begin_again(self) -> None:
        for one in self.returned:
            one["began"] = True

    def look(self, file: CaseFile, today: date) -> None:
        for one in self.returned:
            one["seen_on"] = one["seen_on"] or today.isoformat()
            if not one["gone_on"] and not self._is_held(file, one["number"]):
                one["gone_on"] = today.isoformat()
        for one in self.lifted:
            if not one["gone_on"] and not all(self._is_marked(file, number) for number in one["marked"]):
                one["gone_on"] = today.isoformat()

    def announce(self, file: CaseFile, numbers: Iterable[int], on: date, reason: str) -> None:
        wanted = set(numbers)
        these = [_of(one) for one in file.findings.all() if one.number in wanted]
        marked = [one for one in sorted(wanted) if self._is_marked(file, one)]
        self.lifted.append({"marked": marked, "records": these, "on": on.isoformat(), "reason": reason, "gone_on": ""})

    def _held(self, file: CaseFile, number: int) -> FakeRecord | None:
        [ref] = [one.ref for one in file.findings.all() if one.number == number]
        there = (one for one in _fake(ref.system).records() if (one.kind, one.key) == (ref.kind, ref.ref))
        return next(there, None)

    def _is_held(self, file: CaseFile, number: int) -> bool:
        held = self._held(file, number)
        return held is not None and held.names(self.known)

    def _is_marked(self, file: CaseFile, number: int) -> bool:
        held = self._held(file, number)
        return held is not None and held.restricted

    def plain(self) -> Mapping[str, Any]:
        return {"returned": [dict(one) for one in self.returned], "lifted": [dict(one) for one in self.lifted]}


def _of(one: Finding) -> dict[str, Any]:
    return {"number": one.number, "system": one.ref.system, "category": one.category}


def _fake(system: str) -> FakeSystem:
    return cast("FakeSystem", current_app().connectors[system])


DAY = timedelta(days=1)
OPENER, OFFICER, DECIDER = "Olga Opener", "Ida Officer", "Dana Decider"
MARK = "zq"
"""Stands in every text that is the person's data, so that no sentence of ours is mistaken for one."""


@dataclass(slots=True)
class Course:
    """One case on its way."""

    world: World
    dice: random.Random
    target: Combination
    who: Mapping[str, str]
    case_id: str = ""
    names_language: bool = False
    earlier: list[dict[str, object]] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)
    double: Double = field(default_factory=Double)

    @property
    def runtime(self) -> App:
        return self.world.runtime

    def maybe(self, share: float) -> bool:
        return self.dice.random() < share

    def pass_days(self, least: int, most: int) -> None:
        self.world.moment[0] += DAY * self.dice.randint(least, most) + timedelta(minutes=self.dice.randint(0, 300))

    def file(self) -> AbstractContextManager[CaseFile]:
        return self.runtime.store.case_file(self.case_id)

    def dumped(self, file: CaseFile) -> dict[str, object]:
        return dump(file, self.runtime) | {"earlier": self.earlier, "double": self.double.plain()}

    def letters(self) -> set[str]:
        with self.file() as file:
            return {one.template_id for one in file.outbox.lines()}

    def capture(self) -> None:
        there = {one.kind for one in self.written}
        with self.file() as file:
            if not {one.template_id for one in file.outbox.lines()} - there:
                return
            case = self.dumped(file)
            for letter in file.outbox.letters():
                if letter.template_id not in there:
                    self.written.append(Written(letter.template_id, letter.body, case))

    def note(self, kind: str, text: str) -> None:
        with self.file() as file:
            self.written.append(Written(kind, text, self.dumped(file)))

    def send(self, letter: str, *, hours_ago: int = 0) -> None:
        with suppress(Conflict, BadInput):
            at = self.world.moment[0] - timedelta(hours=hours_ago)
            registered = letter in {"L7", "L9"}
            how = delivery("registered post", f"RR {self.case_id}") if registered else delivery("", "")
            record_sent(current_app(), self.case_id, letter, at=at, by=OFFICER, how=how)

    def answered(self, letter: str) -> None:
        self.capture()
        if self.maybe(0.7) and letter in self.letters():
            self.pass_days(0, 2)
            self.send(letter)

    def finish(
        self,
        file: CaseFile,
        step: StepName,
        system: str = "",
        scope: str = "",
        *,
        details: dict[str, object] | None = None,
        counts: Mapping[str, int] | None = None,
    ) -> None:
        """Note a step as done, as an attempt at it does."""
        file.steps.start(step, system, scope)
        Attempt(
            app=self.runtime,
            case_id=self.case_id,
            already_done=False,
            step=step,
            read=None,
            system=system,
            counts=dict(counts or {}),
            details=details or {},
        ).finish(file)
