"""Deliberate changes of what words an answer: a checker that does not see them proves nothing."""
# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias
from unittest.mock import patch

from jinja2 import ChoiceLoader, DictLoader, Environment

from proofs.answers.controllers import Combination
from rightsflow.audit.evidence import dpv_course, fold_parts
from rightsflow.audit.evidence import page as evidence_page
from rightsflow.audit.evidence.dpv_terms import ENDINGS
from rightsflow.audit.evidence.fold_parts import FoldedRecords, FoldedSystems
from rightsflow.cases.course import withdrawal
from rightsflow.cases.course.follow_up import changed_rules, later_notices, lifting, retention
from rightsflow.cases.course.gates import gate_texts
from rightsflow.cases.course.intake import opening
from rightsflow.cases.course.letters import answers, letter_facts
from rightsflow.cases.course.letters import ending_letters as stop_letters
from rightsflow.cases.course.letters.letter_facts import LetterFacts
from rightsflow.cases.facts.overview import account, case_sheet
from rightsflow.cases.work.access import masking, package_info
from rightsflow.cases.work.access import package as copies
from rightsflow.cases.work.erasure import remaining_tasks
from rightsflow.documents.letters import erasure, processors, rules
from rightsflow.documents.letters import rendering as letters
from rightsflow.documents.letters.erasure import ErasureConfirmation, KeptLine, PartialErasure
from rightsflow.documents.letters.notices import ErasedAgain, LiftingNotice
from rightsflow.documents.letters.refusal import Refusal
from rightsflow.documents.letters.variables import Acknowledgement, LetterVariables, Remedies
from rightsflow.documents.package import assembly as package
from rightsflow.documents.package import info as package_words
from rightsflow.documents.package import package_pages as rendering
from rightsflow.domain import languages, wording
from rightsflow.domain.case import findings
from rightsflow.domain.case.findings import Copies, Fate
from rightsflow.domain.disclosure.mask_choices import Interval
from rightsflow.domain.disclosure.passages import hide_passages
from rightsflow.domain.disclosure.recordings import muted
from rightsflow.domain.erasure import plan_rules
from rightsflow.domain.erasure.retention import evidence_until
from rightsflow.domain.languages import KnownLanguage, LanguageSource, notice_in
from rightsflow.domain.processors.answers import RecordedAnswer
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.store.case import case_file

DAY = timedelta(days=1)
PutIn: TypeAlias = Callable[[], AbstractContextManager[object]]
"""Makes a change for as long as its context is entered."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change."""

    what: str
    put_in: PutIn
    ends: tuple[str, ...] = ()
    rights: tuple[str, ...] = ()
    together: bool = False

    def fits(self, target: Combination) -> bool:
        of_right = not self.rights or target.right in self.rights
        return of_right and (not self.ends or target.end in self.ends)


@contextmanager
def _template(environment: Callable[[], Environment], name: str, old: str, new: str = "") -> Iterator[None]:
    """Another text in a template; the checks of the finished text are put aside, since they would stop it."""
    made = environment()
    before = made.loader
    source = before.get_source(made, name)[0]  # type: ignore[union-attr]
    if old not in source:
        raise LookupError(f"{name} does not hold what the mutant changes: {old}")
    made.loader = ChoiceLoader([DictLoader({name: source.replace(old, new, 1)}), before])  # type: ignore[list-item]
    made.cache.clear()  # type: ignore[union-attr]
    try:
        with patch.object(rules, "check_body", lambda *_: None):
            yield
    finally:
        made.loader = before
        made.cache.clear()  # type: ignore[union-attr]


_TEMPLATES: Mapping[str, Callable[..., PutIn]] = {
    "letter": lambda name, *change: partial(_template, letters._environment, f"en/{name}.txt.j2", *change),
    "page": lambda name, *change: partial(_template, rendering._environment, name, *change),
    "evidence": lambda *change: partial(_template, evidence_page._environment, "evidence.html.j2", *change),
}


def _of_templates() -> Iterator[Mutant]:
    rows = tomllib.loads(Path(__file__).with_name("mutants.toml").read_text(encoding="utf-8"))["changes"]
    for shared in rows:
        shown_by = {name: tuple(shared.get(name, ())) for name in ("ends", "rights")}
        for kind, made in _TEMPLATES.items():
            for what, *change in shared.get(kind, ()):
                yield Mutant(what, made(*change), **shown_by, together=shared.get("together", False))


def fate(wrong: dict[Fate, Fate]) -> PutIn:
    real = findings.fate_after

    def other(outcome: OutcomeKind, **how: bool) -> Fate:
        found = real(outcome, **how)
        return wrong.get(found, found)

    return function(account, "fate_after", other)


def shown(owner: type, name: str, value: Callable[[Any], object]) -> PutIn:
    return lambda: patch.object(owner, name, property(value))


def day_later(owner: type, name: str, days: int = 1) -> PutIn:
    real = getattr(owner, name).fget

    def later(self: object) -> date | None:
        found: date | None = real(self)
        return found and found + days * DAY

    return lambda: patch.object(owner, name, property(later))


def function(module: ModuleType | type, name: str, value: object) -> PutIn:
    return lambda: patch.object(module, name, value)


_real_copied = account.copied_in
_real_copy = account._fate_of_copy
_GIVEN = {Fate.UNCLEAR: Fate.COPIED, Fate.GONE: Fate.COPIED}


# fmt: off
ACCOUNT = (
    Mutant("files beside a record are counted as records", shown(Copies, "attachments", lambda self: 0)),
    Mutant("the certificate counts files as records", function(copies, "copied_in", lambda file, system="": {name: n + 1 for name, n in _real_copied(file, system).items()})),
    Mutant("a failed record is called erased", fate({Fate.FAILED: Fate.ERASED}), ends=("failed",)),
    Mutant("a retained record is called erased", fate({Fate.RETAINED: Fate.ERASED})),
    Mutant("an unclear record is called erased", fate({Fate.UNCLEAR: Fate.ERASED})),
    Mutant("an unclear record is called retained", fate({Fate.UNCLEAR: Fate.RETAINED})),
    Mutant("a record of which a part stayed is called cleared", fate({Fate.RESIDUE: Fate.REDACTED})),
    Mutant("what was left out counts as given", function(account, "_fate_of_copy", lambda one: _GIVEN.get(fate := _real_copy(one), fate))),
    Mutant("what was masked is not told", function(account, "masked_in", lambda _: {})),
    Mutant("nothing held: all systems searched by everything", function(account, "searched_by", lambda known, capabilities: {"email": 1, "phone": 1, "customer_id": 1})),
    Mutant("a record that a processor erased is called erased here", fate({Fate.DELEGATED: Fate.ERASED})),
    Mutant("a restricted record is called retained", fate({Fate.RESTRICTED: Fate.RETAINED})),
)
# fmt: on

_real_hide, _real_muted = hide_passages, muted
_real_of = package_words.SystemInfo.of.__func__  # type: ignore[attr-defined]


def _of(**changes: Any) -> Callable[..., Any]:
    return classmethod(lambda cls, *args, **named: replace(_real_of(cls, *args, **named), **changes))  # type: ignore[return-value]


# fmt: off
PACKAGE = (
    Mutant("the package counts files as records", shown(package._Group, "records", lambda self: len(self._has_document) + self.attachments)),
    Mutant("what was left out is not listed", function(package_info, "_left_out", lambda *_: iter(()))),
    Mutant("what connectors withhold is not listed", function(package_info, "_withheld", lambda *_: iter(()))),
    Mutant("a system with unclear records is called empty", function(package_info, "_finding", lambda fates, _: (package_words.PackageFinding.HELD if set(fates) - {Fate.UNCLEAR} else package_words.PackageFinding.NOTHING))),
    Mutant("a system that could not be searched is called empty",
         function(package_info, "_finding", lambda fates, _: (package_words.PackageFinding.HELD if set(fates) - {Fate.UNCLEAR} else package_words.PackageFinding.NOT_ATTRIBUTABLE if fates else package_words.PackageFinding.NOTHING)), ends=("L9",)),
    Mutant("recipients: a favourable default", function(package_words.SystemInfo, "of", _of(recipients=()))),
    Mutant("transfers: a favourable default", function(package_words.SystemInfo, "of", _of(transfers=""))),
    Mutant("limits of the search are left out of the package", function(package_words.SystemInfo, "of", _of(cannot_find=()))),
    Mutant("the ground of what a person left out is not told", shown(package_words.LeftOut, "full_reason", lambda self: self.reason)),
    Mutant("a passage that a person masked is called masked and stays", function(masking, "hide_passages", lambda part, passages: replace(_real_hide(part, passages), part=part)), ends=("L9",)),
    Mutant("a passage that a person masked is not masked", function(masking, "hide_passages", lambda part, _: _real_hide(part, [])), ends=("L9",)),
    Mutant("a record that a person left out is in the package", function(masking.Masking, "parts", lambda self, copied: (self._part(one, self.rules.on(one.record)) for one in copied)), ends=("L9",)),
    Mutant("a muted interval is heard", function(masking, "muted", lambda chunks, _: iter(chunks)), ends=("L9",)),
    Mutant("another interval than the muted one is silent", function(masking, "muted", lambda chunks, _: _real_muted(chunks, [Interval(0, 500)])), ends=("L9",)),
)
# fmt: on

_real_until = evidence_until
_real_kept = PartialErasure.kept_lines.fget  # type: ignore[attr-defined]
_real_remedies = LetterFacts.remedies.fget  # type: ignore[attr-defined]
_real_notice = notice_in


def _one_more(self: PartialErasure) -> list[KeptLine]:
    first, *rest = _real_kept(self)
    return [replace(first, count=first.count + 1), *rest]


def _wrong_remedies(self: LetterFacts) -> Remedies:
    remedies: Remedies = _real_remedies(self)
    return remedies.model_copy(update={"authority": "Another authority"})


def _records_first(noted: KnownLanguage, on_file: Iterable[str]) -> KnownLanguage:
    tag = languages.agreed(on_file)
    return KnownLanguage(tag, LanguageSource.RECORD) if tag else noted


_real_due = erasure._due

# fmt: off
LETTERS = (
    Mutant("letters name another authority", function(LetterFacts, "remedies", property(_wrong_remedies))),
    Mutant("British letters name the GDPR", shown(LetterVariables, "law", lambda self: "GDPR")),
    Mutant("the acknowledgement promises the day after", day_later(Acknowledgement, "promised_on")),
    Mutant("the day of receipt is the day before", day_later(LetterFacts, "received_on", -1)),
    Mutant("the day of the check is the day after", day_later(LetterFacts, "verified_on")),
    Mutant("the day of the search is the day after", day_later(LetterFacts, "searched_on")),
    Mutant("the file is said to be kept a year longer", function(letter_facts, "evidence_until", lambda country, on, **how: _real_until(country, on, **how).replace(year=on.year + 9))),
    Mutant("a refusal gives another reason", shown(Refusal, "sentence", lambda self: f"none of the grounds for erasure applies (Art. 17(1) {self.law})")),
    Mutant("what stays whole is called carried out in part", shown(ErasureConfirmation, "is_carried_out", lambda self: True)),
    Mutant("one kept record too many", shown(PartialErasure, "kept_lines", _one_more)),
    Mutant("a promise whose task is not noted", function(answers, "note_tasks", lambda *_: None)),
    Mutant("a promise of another day", function(erasure, "_due", lambda tasks: _real_due([one.model_copy(update={"due_on": one.kept_until}) for one in tasks])), ends=("L11",)),
    Mutant("a doubtful answer proves it", shown(RecordedAnswer, "is_questioned", lambda self: False)),
    Mutant("an instruction is left out", function(answers, "at_processors", lambda *_: ())),
    Mutant("a consequence of an erasure that was none", shown(LetterFacts, "has_erased", lambda self: True)),
    Mutant("help is offered in languages that the controller does not have", function(letter_facts, "notice_in", lambda language, helped_in: _real_notice(language, (*helped_in, "fr")))),
    Mutant("the first of records that disagree decides the language", function(languages, "agreed", lambda tags: next((tag for tag in tags if tag), ""))),
    Mutant("records decide the language before the request", function(case_file, "language_known", _records_first)),
    Mutant("what records have on file is passed over", function(case_file, "language_known", lambda noted, _: noted)),
    Mutant("an open task is not promised", function(LetterFacts, "erased_later", lambda _: ())),
)
# fmt: on

_real_first_sent = fold_parts.first_sent
_real_system = FoldedSystems._system
_real_dates = case_sheet._dates

# fmt: off
EVIDENCE = (
    Mutant("the evidence takes any letter for the answer", function(fold_parts, "first_sent", lambda lines, of=None: _real_first_sent(lines, {"L1", "L2", "L6", "L7", "L8", "L9", "L10", "L11"}))),
    Mutant("the evidence leaves out unclear records", function(FoldedSystems, "_system", lambda *a: replace(_real_system(*a), unclear=0))),
    Mutant("the evidence says fulfilled of what is retained", function(dpv_course, "ENDINGS", {**ENDINGS, Fate.RETAINED: ENDINGS[Fate.ERASED]})),
    Mutant("the evidence says unfulfilled of what is erased", function(dpv_course, "ENDINGS", {})),
    Mutant("the sheet shows no end of retention", function(case_sheet, "day", lambda _: "open")),
    Mutant("the gate counts a record too few", function(gate_texts, "_by_system", lambda lines: "")),
    Mutant("the gate does not say what was masked", function(gate_texts, "kind_words", lambda _: ("detail", "details"))),
    Mutant("the evidence names nothing that was delegated", function(FoldedRecords, "delegated", lambda _: ())),
    Mutant("the sheet leaves out the tasks by hand", function(case_sheet, "_by_hand", lambda *_: iter(()))),
    Mutant("the gate leaves out what is to be done by hand", function(gate_texts, "_by_hand", lambda *_: iter(()))),
    Mutant("the sheet of a British case names the GDPR", function(case_sheet, "_dates", lambda case, zone, law: _real_dates(case, zone, "GDPR"))),
)
# fmt: on

_real_by_hand = gate_texts._by_hand
_real_lines = case_sheet._lines
_USES = tuple(plan_rules._NOT_STATED)
_SWAPPED = dict(zip(_USES, (plan_rules._NOT_STATED[one] for one in reversed(_USES)), strict=True))

Corrected = partial(Mutant, rights=("rectification",))
Restricted = partial(Mutant, rights=("restriction",))
Ended = partial(Mutant, rights=("objection", "consent-withdrawal"))

# fmt: off
BESIDE = (
    Corrected("a record that is not rectified is called rectified", fate({Fate.UNRECTIFIED: Fate.RECTIFIED})),
    Corrected("a processor that corrected is said to have erased", function(processors, "_DONE", dict.fromkeys(processors._DONE, "has erased what it held of you for us"))),
    Corrected("a processor that has to correct is said to have to erase", function(processors, "_TO_DO", dict.fromkeys(processors._TO_DO, "erase what it holds of you for us"))),
    Corrected("the export calls refused items fulfilled", function(dpv_course, "is_corrected_otherwise", lambda _: False)),
    Restricted("the gate of a restriction says that an erasure cannot be undone", function(gate_texts, "_GONE", frozenset(OutcomeKind))),
    Restricted("the gate of a restriction asks for the steps of an erasure", function(gate_texts, "_by_hand", lambda app, case: _real_by_hand(app, replace(case, right=Right.ERASURE)))),
    Restricted("the gate counts what is restricted as kept", function(gate_texts, "_PLANNED", gate_texts._PLANNED | {OutcomeKind.RESTRICTED: "Keep"})),
    Restricted("the export calls what was restricted as asked unfulfilled", function(dpv_course, "ENDINGS_BY_RIGHT", {})),
    Restricted("the sheet names another right than was asked for", function(case_sheet, "_lines", lambda *given: (one.replace("restriction request", "erasure request") for one in _real_lines(*given)))),
    Ended("the gate of an objection announces another letter", function(gate_texts, "_ANSWERS", {}), ends=("L17", "L23")),
    Ended("the gate says of another use that it is not stated", function(plan_rules, "_NOT_STATED", _SWAPPED)),
    Ended("the export calls what the request is not about fulfilled", function(dpv_course, "ENDINGS", {**ENDINGS, Fate.NOT_CONCERNED: ENDINGS[Fate.ERASED]})),
    Ended("the evidence takes no answer to them for an answer", function(fold_parts, "first_sent", lambda lines, of=None: _real_first_sent(lines, {"L7", "L8", "L9", "L10", "L11"})), ends=("L17", "L23")),
)
# fmt: on

_real_day = wording.day
_Erased = partial(Mutant, ends=("L10", "L11"))
_Restricted = partial(Mutant, rights=("restriction",), ends=("L22",))


def _one_line_more(of: type[Any], **given: Any) -> Any:
    first, *rest = given["lines"]
    return of(**given | {"lines": (first.model_copy(update={"count": first.count + 1}), *rest)})


# fmt: off
LATER = (
    _Erased("what was back is counted once too often", function(later_notices, "ErasedAgain", partial(_one_line_more, ErasedAgain))),
    _Erased("what was back and is erased again is not told", function(retention, "tell_erased_again", lambda *_: None)),
    _Erased("today's rules are told with another day", function(changed_rules, "day", lambda on: _real_day(on + DAY))),
    _Restricted("a restriction is said to end of a record too many", function(lifting, "LiftingNotice", partial(_one_line_more, LiftingNotice))),
    _Restricted("a mark goes without its letter", function(lifting, "_is_told", lambda *_: True)),
    _Restricted("what was to be restricted is to be erased later", function(remaining_tasks, "_ERASES_NOTHING", frozenset())),
)
# fmt: on


def _nothing(*_: object) -> None:
    """Do nothing."""


_real = stop_letters._elsewhere
_Together = partial(Mutant, together=True)

# fmt: off
TOGETHER = (
    _Together("what another request erased meanwhile is passed over", function(answers, "note_erased_beside", _nothing)),
    _Together("the package does not say that it was erased since", function(answers, "erased_beside", lambda _: frozenset())),
    _Together("who was written to is not told that the case was stopped", function(withdrawal, "write_stopped", _nothing)),
    _Together("what answers a duplicate does not count from the earlier receipt", function(withdrawal, "_take_over", lambda *_, **__: "")),
    _Together("a letter that waits keeps the dates that an earlier receipt has moved", function(opening, "write_anew", _nothing)),
    _Together("a duplicate is answered that is not answered yet", function(stop_letters, "_elsewhere", lambda *given: _real(*given).model_copy(update={"answered_on": given[1].today}))),
)
# fmt: on

# No case but one that ends with a package can show them: among all, the first is the thirtieth.
_IN_PACKAGES = tuple(replace(one, ends=one.ends or ("L9",)) for one in PACKAGE)
MUTANTS = (*_of_templates(), *ACCOUNT, *_IN_PACKAGES, *LETTERS, *EVIDENCE, *BESIDE, *LATER, *TOGETHER)
