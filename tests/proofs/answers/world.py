"""Random cases in a real case store, from the request to the answer, and everything that was written of them.

The course of a case is drawn from a number, so that the same number gives the same case again. What the systems answer
is drawn too and put into the case file directly; everything that is worded is worded by the tasks themselves.
"""

from __future__ import annotations

import io
import json
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyzipper

from rightsflow.account import searched_by
from rightsflow.attribution import Attribution
from rightsflow.copies import Tally
from rightsflow.delivery import delivery
from rightsflow.errors import BadInput, Conflict, RightsflowError
from rightsflow.evidence.certificate import certificate
from rightsflow.evidence.dpv import export
from rightsflow.evidence.fold import fold
from rightsflow.evidence.page import page
from rightsflow.field_words import PLAIN, FieldWords, PaymentFields
from rightsflow.findings import Finding
from rightsflow.gates import ELSEWHERE, Decision, Gate, IdentityCheck, IdentityMethod, OnFile, Verdict
from rightsflow.identifiers import IdentifierKind, identifier
from rightsflow.ports import RecordKind, Withheld
from rightsflow.record_decisions import RecordAct, RecordDecision
from rightsflow.records import (
    Blob,
    Document,
    Fact,
    Located,
    Method,
    Outcome,
    OutcomeKind,
    Part,
    Presence,
    PresenceState,
    RecordRef,
)
from rightsflow.redaction import mask_part
from rightsflow.refusals import REASONS, Reason, reasons_for
from rightsflow.request import RequestForm, Right
from rightsflow.retention import DocumentClass
from rightsflow.settings import Settings, SystemSettings
from rightsflow.store import Database, Store
from rightsflow.testing.fakes import FakeSystem
from rightsflow.vault import MasterKey
from tasks.access import REDACTED, assemble_package
from tasks.answering import write_answer, write_nothing_held, write_refusal
from tasks.attempt import Attempt
from tasks.case_sheet import read_overview, render_sheet
from tasks.erasure import prepare_plan, settle_plan
from tasks.exporting import facts_of, stated
from tasks.extending import extend
from tasks.gate_texts import describe_gate
from tasks.gates import reach_gate, record_decision
from tasks.intake import open_request_form
from tasks.locating import resolve_identifiers
from tasks.package_info import own_of
from tasks.questions import ask_clarification, ask_identity, record_clarified
from tasks.runtime import Runtime, installed
from tasks.sending import record_sent
from tasks.withdrawing import withdraw
from tests.proofs.answers.dump import dump
from tests.stores import set_up, without_waiting_for_the_disk

DAY = timedelta(days=1)
OPENER, OFFICER, DECIDER = "Olga Opener", "Ida Officer", "Dana Decider"
MARK = "zq"
"""Stands in every text that is the person's data, so that no sentence of ours is mistaken for one."""
_CONTROLLERS: tuple[dict[str, Any], ...] = (
    {
        "name": "Example Devices GmbH",
        "address": "Musterstr. 1, 91052 Erlangen",
        "country": "DE",
        "timezone": "Europe/Berlin",
        "authority": {"name": "BayLDA", "url": "https://www.lda.bayern.de"},
    },
    {
        "name": "Exemple SARL",
        "country": "FR",
        "timezone": "Europe/Paris",
        "authority": {"name": "CNIL", "url": "https://www.cnil.fr"},
    },
    {
        "name": "Example Appliances Ltd",
        "address": "1 High Street, Leeds",
        "country": "GB",
        "timezone": "Europe/London",
        "regime": "uk-gdpr",
        "authority": {"name": "Information Commissioner's Office", "url": "https://ico.org.uk"},
    },
)
_AUTOMATED = (
    "No decision about you is made by automated means alone.",
    "A score decides on refunds above 500 euros; you can have a person look at it.",
)
_RECIPIENTS = (("Callhouse Lisbon (processor)",), ("Callhouse Lisbon (processor)", "Paywell plc"), "none")
_TRANSFERS = ("none", "United States, standard contractual clauses")
_LIMITS = (
    "Payments that were made as a guest.",
    "Numbers that stand in free text.",
    "Keys that spell the number in another way.",
)
_RESIDUE = ("", "Back-ups keep it for 30 days.", "A line in the log stays for 90 days.")
_WITHHELD = (
    Withheld(what="notes of staff members", reason="They name other people."),
    Withheld(what="keys of devices", reason="They would open the device of somebody else."),
)
_BOTH = frozenset({Method.ERASE, Method.REDACT})
_KINDS = {
    "helpdesk": (("ticket", "service tickets", _BOTH), ("profile", "customer profiles", _BOTH)),
    "payments": (("invoice", "invoices", frozenset({Method.REDACT})), ("profile", "payer profiles", _BOTH)),
    "call-store": (("recording", "call recordings", frozenset({Method.ERASE})),),
}
_SYSTEMS = tuple(_KINDS)
_PAYMENT_WORDS = FieldWords(payment=PaymentFields(key="number", what=("subject",)))
_ALL = frozenset({"email", "phone", "customer_id", "account_id"})
_REASONS = (
    "A retention lock of the system ends then.",
    "The system keeps the record because of a dispute.",
)


@dataclass(slots=True)
class World:
    """A store that cases are put into one after another.

    Args:
        base: The runtime that each case's is made from.
        moment: The present instant, which the cases move.
        runtime: The runtime of the present case.
    """

    base: Runtime
    moment: list[datetime]
    runtime: Runtime = field(init=False)

    def __post_init__(self) -> None:
        """Start with the runtime as it is."""
        self.runtime = self.base


@contextmanager
def a_world(folder: Path) -> Iterator[World]:
    """An empty store in a folder."""
    database = without_waiting_for_the_disk(Database(f"sqlite:///{folder / 'cases.db'}"))
    set_up(database)
    moment = [datetime(2026, 1, 5, 9, tzinfo=UTC)]
    store = Store(database, MasterKey(b"k" * 32), lambda: moment[0])
    settings = _settings(_CONTROLLERS[0], _AUTOMATED[0])
    runtime = Runtime(
        settings=settings,
        store=store,
        connectors={},
        systems={},
        work_location=str(folder / "work"),
        now=lambda: moment[0],
        import_location=str(folder / "imports"),
    )
    yield World(runtime, moment)
    database.close()


def _settings(controller: dict[str, Any], automated: str) -> Settings:
    return Settings.model_validate(
        {
            "controller": controller | {"automated_decisions": automated},
            "owners": {
                role: {"name": name, "email": f"{role.replace('_', '-')}@devices.example.com"}
                for role, name in (("case_owner", "Subject rights desk"), ("dpo", "Data Protection Officer"))
            }
            | {"management": {"name": "Head of customer care", "email": "care@devices.example.com"}},
            "systems": {name: {"connector": "fake"} for name in _SYSTEMS},
        }
    )


@dataclass(frozen=True, slots=True)
class Written:
    """A text with the case file as it was when it was written.

    Args:
        kind: What it is: the letter's name, ``sheet``, ``gate``, ``page``, ``certificate``, ``dpv`` or a file of the
            package (``package/index.html``).
        text: It itself.
        case: The case file as plain data.
    """

    kind: str
    text: str
    case: dict[str, Any]


@dataclass(slots=True)
class Course:
    """One case on its way.

    Args:
        world: Where it lies.
        dice: What its course is drawn with.
    """

    world: World
    dice: random.Random
    case_id: str = ""
    written: list[Written] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)

    # -- helpers ---------------------------------------------------------------------------------------------------

    def maybe(self, share: float) -> bool:
        return self.dice.random() < share

    def pass_days(self, least: int, most: int) -> None:
        self.world.moment[0] += DAY * self.dice.randint(least, most) + timedelta(minutes=self.dice.randint(0, 300))

    def file(self):
        return self.world.runtime.store.case_file(self.case_id)

    def letters(self) -> set[str]:
        with self.file() as file:
            return {one.template_id for one in file.outbox.lines()}

    def capture(self) -> None:
        """Keep each letter that is new, with the case file of this moment."""
        there = {one.kind for one in self.written}
        with self.file() as file:
            if not {one.template_id for one in file.outbox.lines()} - there:
                return
            case = dump(file, self.world.runtime)
            for letter in file.outbox.letters():
                if letter.template_id not in there:
                    self.written.append(Written(letter.template_id, letter.body, case))

    def note(self, kind: str, text: str) -> None:
        with self.file() as file:
            self.written.append(Written(kind, text, dump(file, self.world.runtime)))

    def send(self, letter: str) -> None:
        with suppress(Conflict, BadInput):
            registered = letter in {"L7", "L9"}
            how = delivery("registered post", f"RR {self.case_id}") if registered else delivery("", "")
            record_sent(self.case_id, letter, by=OFFICER, how=how)

    def finish(self, file, step: str, system: str = "", scope: str = "", **counts: int) -> None:
        """Note a step as done, as an attempt at it does."""
        details = counts.pop("details", {})
        file.steps.start(step, system, scope)
        Attempt(self.world.runtime, self.case_id, False, step, system, dict(counts), details).finish(file)

    # -- the course ------------------------------------------------------------------------------------------------

    def play(self) -> None:
        """From the request to the end."""
        self.open()
        if self.maybe(0.35):
            self.ask_who()
        if self.maybe(0.05):
            withdraw(self.case_id, by=OFFICER)
            return
        if self.maybe(0.12):
            self.refuse(Gate.IDENTITY)
            return
        if self.maybe(0.03):
            return
        self.identify()
        if self.maybe(0.3):
            self.ask_what()
        if self.maybe(0.25):
            self.extend()
        self.search()
        self.work()

    def open(self) -> None:
        dice = self.dice
        self.world.moment[0] = datetime(2026, 2, 1, 8, tzinfo=UTC) + DAY * dice.randint(0, 700)
        fields = {"email": f"anna.{MARK}{dice.randrange(10**9)}@example.com"}
        if self.maybe(0.6):
            fields["phone"] = f"+49 30 23{dice.randint(100000, 999999)}"
        if self.maybe(0.4):
            fields["customer_id"] = f"C-{dice.randint(10000, 99999)}{dice.randrange(10**6)}"
        if self.maybe(0.7):
            fields["name"] = "Anna Quillfeather"
        right = dice.choice(tuple(Right)).value
        self.case_id = open_request_form(RequestForm(right=right, opened_by=OPENER, **fields)).case_id
        reach_gate(self.case_id, Gate.IDENTITY)
        self.capture()
        if self.maybe(0.2):
            self.note("gate", describe_gate(self.case_id, Gate.IDENTITY, reach_gate(self.case_id, Gate.IDENTITY)))
        if self.maybe(0.8):
            self.pass_days(0, 2)
            self.send("L1")

    def ask_who(self) -> None:
        self.pass_days(0, 6)
        ask_identity(self.case_id, doubt="The request came from an address that was not used before.", by=OFFICER)
        self.capture()
        if self.maybe(0.9):
            self.send("L2")
        self.pass_days(1, 40)

    def ask_what(self) -> None:
        with suppress(Conflict, BadInput):
            ask_clarification(self.case_id, areas=("service tickets", "payments"), by=OFFICER)
            self.capture()
            if self.maybe(0.9):
                self.send("L3")
            self.pass_days(1, 12)
            if self.maybe(0.7):
                record_clarified(self.case_id, by=OFFICER)

    def extend(self) -> None:
        self.pass_days(0, 12)
        with suppress(Conflict, BadInput):
            extend(self.case_id, reason="140 hours of recordings in three systems have to be screened.", by=OFFICER)
            self.capture()
            if self.maybe(0.9):
                self.send("L6")

    def identify(self) -> None:
        self.pass_days(0, 4)
        now = self.world.moment[0]
        check = IdentityCheck(
            done="Called the number on file, and the person named the last order.",
            at=now - timedelta(minutes=self.dice.randint(0, 1)),
            against=self.dice.choice(tuple(OnFile)),
            held_by=self.dice.choice((*_SYSTEMS, ELSEWHERE)),
            on_file_since=date(2020, 1, 1) + DAY * self.dice.randint(0, 1500),
        )
        decision = Decision(
            gate=Gate.IDENTITY,
            verdict=Verdict.CONFIRMED,
            by=OFFICER,
            method=self.dice.choice(tuple(IdentityMethod)),
            check=check,
        )
        record_decision(self.case_id, decision)

    def refuse(self, gate: Gate) -> None:
        with self.file() as file:
            right = file.right
        code = self.dice.choice(sorted(reasons_for(right, gate)))
        details = {label: f"The {label.casefold()} is as written here." for label in REASONS[Reason(code)][1]}
        if code == Reason.EXCEPTION:
            details["Kept until"] = "31 December 2035"
        decision = Decision(
            gate=gate, verdict=Verdict.REFUSED, by=OFFICER, reason="The facts are these.", code=code, details=details
        )
        if self.maybe(0.5):
            self.pass_days(10, 60)
        with suppress(Conflict):
            record_decision(self.case_id, decision)
            if code == Reason.UNFOUNDED_OR_EXCESSIVE:
                record_decision(self.case_id, replace(decision, by=DECIDER))
            write_refusal.fn(self.case_id)
            self.capture()
            if self.maybe(0.7):
                self.pass_days(0, 2)
                self.send("L7")

    # -- the search ------------------------------------------------------------------------------------------------

    def search(self) -> None:
        self.pass_days(0, 3)
        with self.file() as file:
            known = file.identifiers.known()
            mine = frozenset(one for one in known if one.kind is not IdentifierKind.NAME)
            phone = frozenset(one for one in known if one.kind is IdentifierKind.PHONE)
        other = frozenset({identifier(IdentifierKind.EMAIL, f"boris.{self.dice.randrange(10**9)}@example.org")})
        what = self.dice.choices(("found", "unclear", "named", "nothing"), (72, 12, 6, 10))[0]
        if not phone and what in {"unclear", "named"}:
            what = "found"
        located = {system: list(self._located(system, what, mine, phone, other)) for system in _SYSTEMS}
        if what == "unclear" or (what == "found" and phone and self.maybe(0.3)):
            located["helpdesk"].append(self._record("helpdesk", "profile", phone | other))
            located["call-store"] += [
                self._record("call-store", "recording", phone) for _ in range(self.dice.randint(1, 3))
            ]
        with self.file() as file:
            scope = file.identifiers.scope()
            for system in _SYSTEMS:
                file.findings.replace(system, located[system])
                self.finish(
                    file,
                    "locate",
                    system,
                    scope,
                    matches=len(located[system]),
                    recalled=0,
                    unproven=0,
                    details=self._search(system, known),
                )
        for _ in range(3):
            with suppress(RightsflowError):
                if not resolve_identifiers.fn(self.case_id).learnt:
                    break
            with self.file() as file:
                scope, known = file.identifiers.scope(), file.identifiers.known()
                for system in _SYSTEMS:
                    details = self._search(system, known)
                    self.finish(file, "locate", system, scope, matches=len(located[system]), details=details)

    def _search(self, system: str, known) -> dict[str, Any]:
        """What a search notes of itself."""
        capabilities = self.world.runtime.capabilities[system]
        return {"by": searched_by(known, capabilities), "cannot_find": list(capabilities.cannot_find)}

    def _located(self, system: str, what: str, mine, phone, other) -> Iterator[Located]:
        if what == "nothing" or what == "unclear":
            return
        for kind, _, _ in _KINDS[system]:
            for _ in range(self.dice.choice((0, 0, 1, 1, 2, 4))):
                yield self._record(system, kind, mine if what == "found" else phone | other)

    def _record(self, system: str, kind: str, owner) -> Located:
        dice = self.dice
        facts = set()
        for fact, share in ((Fact.SHARED, 0.15), (Fact.LEGAL_HOLD, 0.07), (Fact.OPEN_DISPUTE, 0.05)):
            if self.maybe(share):
                facts.add(fact)
        if kind == "invoice" and self.maybe(0.8):
            facts |= {Fact.ACCOUNTING} | ({Fact.OPEN_INVOICE} if self.maybe(0.2) else set())
        if kind == "profile" and self.maybe(0.1):
            facts.add(Fact.ACTIVE_CONTRACT)
        title = next(title for name, title, _ in _KINDS[system] if name == kind)
        return Located(
            record=RecordRef(system, kind, f"{MARK}{dice.randrange(10**12)}"),
            category=title,
            owner=owner,
            occurred_on=date(2014, 1, 1) + DAY * dice.randint(0, 4400) if self.maybe(0.85) else None,
            facts=frozenset(facts),
        )

    # -- the work --------------------------------------------------------------------------------------------------

    def work(self) -> None:
        with self.file() as file:
            right, findings = file.right, file.findings.all()
        if not findings:
            self.answer_nothing()
        elif right is Right.ACCESS:
            self.give(findings)
        else:
            self.erase()

    def answer_nothing(self) -> None:
        view = reach_gate(self.case_id, Gate.APPROVAL)
        self.note("gate", describe_gate(self.case_id, Gate.APPROVAL, view))
        if self.maybe(0.15):
            return
        self.pass_days(0, 2)
        with suppress(RightsflowError):
            record_decision(self.case_id, Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by=DECIDER))
            write_nothing_held.fn(self.case_id)
        self.capture()
        if self.maybe(0.6):
            self.send("L8")

    def give(self, findings: list[Finding]) -> None:
        self.pass_days(0, 3)
        mine = [one for one in findings if one.attribution is Attribution.SUBJECT]
        for system in {one.ref.system for one in findings}:
            self.copy(system, [one for one in mine if one.ref.system == system])
        self.pass_days(0, 1)
        assemble_package.fn(self.case_id)
        self.keep_package()
        view = reach_gate(self.case_id, Gate.APPROVAL)
        self.note("gate", describe_gate(self.case_id, Gate.APPROVAL, view))
        if self.maybe(0.1):
            self.refuse(Gate.APPROVAL)
            return
        if self.maybe(0.05):
            return
        self.pass_days(0, 2)
        record_decision(self.case_id, Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by=DECIDER))
        write_answer.fn(self.case_id)
        self.capture()
        if self.maybe(0.7):
            self.pass_days(0, 2)
            self.send("L9")

    def copy(self, system: str, findings: list[Finding]) -> None:
        """Copy and mask a system's records, as its connector and the steps would."""
        tally, masked = Tally(), Counter[str]()
        parts = [part for one in findings for part in self._parts(one)]
        settings = self.world.runtime.settings
        with self.file() as file:
            known = file.identifiers.known()
            clean = []
            for part in tally.watch(parts):
                shown, found = mask_part(
                    part,
                    subject=known,
                    own=own_of(self.world.runtime),
                    country=settings.controller.country,
                )
                masked.update(found)
                clean.append(shown)
            file.findings.note_copies(system, [one.ref for one in findings], tally.copies)
            self.finish(file, "extract", system)
            self.world.runtime.workspace(file).write(REDACTED, system, clean)
            self.finish(file, "redact", system, **masked)

    def _parts(self, one: Finding) -> Iterator[Part]:
        ref, what = one.ref, self.dice.random()
        if what < 0.06:
            return
        if ref.kind != "recording" or what > 0.5:
            content: dict[str, Any] = {"number": f"{MARK}{one.number}", "subject": f"{MARK} kettle"}
            if self.maybe(0.3):
                content["text"] = f"{MARK} please answer Boris.Other@example.org or call +49 30 999{one.number:04}"
            yield Document(record=ref, category=one.category, content=content)
        files = 1 if ref.kind == "recording" else self.dice.choice((0, 0, 1, 2))
        for number in range(files):
            yield Blob(
                record=ref,
                category=one.category,
                name=f"{MARK}{number}.wav" if ref.kind == "recording" else f"{MARK}{number}.txt",
                media_type="audio/wav" if ref.kind == "recording" else "text/plain",
                open=lambda: iter([b"RIFF"]),
            )

    def keep_package(self) -> None:
        with self.file() as file:
            passphrase = file.outbox.secret("passphrase") or ""
            case = dump(file, self.world.runtime)
        [path] = Path(self.world.runtime.work_location, self.case_id).glob("*.zip")
        with pyzipper.AESZipFile(io.BytesIO(path.read_bytes())) as archive:
            archive.setpassword(passphrase.encode())
            for name in archive.namelist():
                if name.endswith((".html", ".txt", "manifest.json")) and not name.startswith(("attach", "record")):
                    self.written.append(Written(f"package/{name}", archive.read(name).decode(), case))

    def erase(self) -> None:
        prepare_plan.fn(self.case_id)
        view = reach_gate(self.case_id, Gate.APPROVAL)
        self.note("gate", describe_gate(self.case_id, Gate.APPROVAL, view))
        if self.maybe(0.1):
            self.refuse(Gate.APPROVAL)
            return
        self.pass_days(0, 4)
        decision = Decision(
            gate=Gate.APPROVAL,
            verdict=Verdict.APPROVED,
            by=DECIDER,
            include_unclear=self.maybe(0.4),
            records=self._decided() if self.maybe(0.25) else {},
        )
        record_decision(self.case_id, decision)
        settle_plan.fn(self.case_id)
        self.pass_days(0, 1)
        with self.file() as file:
            for system in _SYSTEMS:
                self._carry_out(file, system)
        self.pass_days(0, 2)
        with suppress(RightsflowError):
            write_answer.fn(self.case_id)
        self.capture()
        for letter in self.letters() & {"L8", "L10", "L11"}:
            if self.maybe(0.7):
                self.pass_days(0, 2)
                self.send(letter)

    def _decided(self) -> dict[str, RecordDecision]:
        """A person keeps one record, by its number, for a claim."""
        with self.file() as file:
            numbers = [one.number for one in file.findings.all() if one.method is not None]
        if not numbers:
            return {}
        keep = RecordDecision(
            act=RecordAct.KEEP,
            ground="A claim about this purchase is pending.",
            provision="Art. 17(3)(e)",
            until=date(2030, 6, 30) if self.maybe(0.7) else None,
            ends_when="" if self.maybe(0.7) else "the claim is settled",
        )
        keep = keep if keep.until or keep.ends_when else replace(keep, until=date(2030, 6, 30))
        return {str(self.dice.choice(numbers)): keep}

    def _carry_out(self, file, system: str) -> None:
        looked = 0
        todo = [one for one in file.findings.all(system) if one.method is not None]
        for one in todo:
            outcome = self._outcome(one)
            file.findings.record_outcome(outcome)
            if (
                outcome.kind in {OutcomeKind.ERASED, OutcomeKind.REDACTED, OutcomeKind.PSEUDONYMISED}
                and not outcome.refused
            ):
                file.findings.record_presence(Presence(record=one.ref, state=PresenceState.ABSENT))
                looked += 1
        after = Counter(one.outcome.value for one in file.findings.all(system) if one.outcome)
        self.finish(file, "erase", system, **{name.replace(" ", "_"): count for name, count in after.items()})
        self.finish(file, "verify", system, absent=looked)

    def _outcome(self, one: Finding) -> Outcome:
        usual = OutcomeKind.ERASED if one.method is Method.ERASE else OutcomeKind.REDACTED
        kinds = (usual, OutcomeKind.RETAINED, OutcomeKind.RESIDUE, OutcomeKind.RESTRICTED, OutcomeKind.PSEUDONYMISED)
        rare = (OutcomeKind.NOT_HELD, OutcomeKind.FAILED)
        kind = self.dice.choices((*kinds, *rare), (80, 7, 5, 3, 2, 1, 1))[0]
        refused = kind in {OutcomeKind.RETAINED, OutcomeKind.RESIDUE}
        kept = kind in {OutcomeKind.RETAINED, OutcomeKind.RESTRICTED, OutcomeKind.PSEUDONYMISED}
        return Outcome(
            record=one.ref,
            kind=kind,
            reason=self.dice.choice(_REASONS) if kept or refused else "",
            legal_basis="Art. 18(1)(b) of the law" if kind is OutcomeKind.RESTRICTED else "",
            until=date(2031, 5, 31) if (kept and self.maybe(0.6)) or kind is OutcomeKind.RESTRICTED else None,
            refused=refused,
            request_id=f"req-{self.dice.randrange(10**6)}",
        )

    def end(self) -> None:
        """What is made of the case once it is at its end: the sheet and the evidence."""
        self.capture()
        current = self.world.runtime
        with self.file() as file:
            file.ledger.append("EvidenceExported", actor="Aud Itor", **stated(current, file.ownership.owner))
        sheet = render_sheet(read_overview(self.case_id), current)
        with self.file() as file:
            entries = list(file.ledger.entries())
            case = dump(file, current)
        record, controller = fold(entries), facts_of(current.settings.controller)
        for kind, text in (
            ("sheet", sheet),
            ("page", page(record, controller).decode()),
            ("certificate", certificate(record)),
            ("dpv", json.dumps(export(record, controller))),
        ):
            self.written.append(Written(kind, text, case))


def write_case(world: World, number: int) -> list[Written]:
    """Play one case and give everything that was written of it.

    Args:
        world: Where it is put.
        number: Which case.
    """
    dice = random.Random(number)
    world.runtime = _runtime(world.base, dice)
    course = Course(world, dice)
    with installed(world.runtime):
        course.play()
        course.end()
    return course.written


def _runtime(base: Runtime, dice: random.Random) -> Runtime:
    """A controller of its own for each case: its law, its systems, what they cannot do."""
    connectors, sections = {}, {}
    for system, kinds in _KINDS.items():
        declared = tuple(
            RecordKind(
                name=name,
                title=title,
                methods=methods,
                residue=dice.choice(_RESIDUE),
                withheld=_WITHHELD[: dice.choice((0, 0, 1, 2))],
                words=_PAYMENT_WORDS if name == "invoice" else PLAIN,
            )
            for name, title, methods in kinds
        )
        limits = tuple(dice.sample(_LIMITS, dice.choice((0, 0, 1, 2))))
        connectors[system] = FakeSystem(system=system, kinds=declared, cannot_find=limits)
        sections[system] = SystemSettings(
            connector="fake",
            purposes=("handling service requests",),
            categories=("contact data", "service tickets")[: dice.choice((1, 2))],
            source="the data subject",
            recipients=dice.choice(_RECIPIENTS),
            retention="24 months after the ticket is closed",
            transfers=dice.choice(_TRANSFERS),
            may_be_empty=True,
            document_classes={
                name: DocumentClass.VOUCHER if name == "invoice" else DocumentClass.NONE for name, _, _ in kinds
            },
        )
    settings = _settings(dice.choice(_CONTROLLERS), dice.choice(_AUTOMATED))
    return replace(base, settings=settings, connectors=connectors, systems=sections)
