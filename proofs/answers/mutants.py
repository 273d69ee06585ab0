"""Deliberate changes of what words an answer: a checker that does not see them proves nothing."""
# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from types import ModuleType
from typing import Any, TypeAlias
from unittest.mock import patch

from jinja2 import ChoiceLoader, DictLoader, Environment

from rightsflow.audit.evidence import dpv_course, folded_letters
from rightsflow.audit.evidence import page as evidence_page
from rightsflow.audit.evidence.dpv_terms import ENDINGS
from rightsflow.audit.evidence.folded_records import FoldedRecords
from rightsflow.audit.evidence.folded_systems import FoldedSystems
from rightsflow.cases.course import withdrawal
from rightsflow.cases.course.follow_up import changed_rules, lifting, notices, retention
from rightsflow.cases.course.gates import gate_texts
from rightsflow.cases.course.intake import opening
from rightsflow.cases.course.letters import answers, letter_facts
from rightsflow.cases.course.letters import withdrawal as stop_letters
from rightsflow.cases.course.letters.letter_facts import LetterFacts
from rightsflow.cases.facts.overview import account, case_sheet
from rightsflow.cases.work.access import masking, package_info
from rightsflow.cases.work.access import package as copies
from rightsflow.cases.work.erasure import remaining_tasks
from rightsflow.documents.letters import erasure, processors, rules
from rightsflow.documents.letters import rendering as letters
from rightsflow.documents.letters.erased_again import ErasedAgain
from rightsflow.documents.letters.erasure import ErasureConfirmation, KeptLine, PartialErasure
from rightsflow.documents.letters.refusal import Refusal
from rightsflow.documents.letters.restriction import LiftingNotice
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
from rightsflow.domain.identifiers import KIND_WORDS
from rightsflow.domain.languages import KnownLanguage, LanguageSource, notice_in
from rightsflow.domain.processors.answers import RecordedAnswer
from rightsflow.domain.vocabulary.records import OutcomeKind, Part
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


@contextmanager
def _template(environment: Callable[[], Environment], name: str, old: str, new: str) -> Iterator[None]:
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


def letter(name: str, old: str, new: str = "") -> PutIn:
    """Another text in a letter."""
    return lambda: _template(letters._environment, f"en/{name}.txt.j2", old, new)


def page(name: str, old: str, new: str = "") -> PutIn:
    """Another text in a page of the package."""
    return lambda: _template(rendering._environment, name, old, new)


def evidence(old: str, new: str = "") -> PutIn:
    """Another text in the evidence page."""
    return lambda: _template(evidence_page._environment, "evidence.html.j2", old, new)


def fate(wrong: dict[Fate, Fate]) -> PutIn:
    """A record that is called something else than what became of it, in everything that counts by the account."""
    real = findings.fate_after

    def other(outcome: OutcomeKind, **how: bool) -> Fate:
        found = real(outcome, **how)
        return wrong.get(found, found)

    def put_in() -> ExitStack:
        stack = ExitStack()
        stack.enter_context(patch.object(account, "fate_after", other))
        return stack

    return put_in


def shown(owner: type, name: str, value: Callable[[Any], object]) -> PutIn:
    """Another value of a property."""
    return lambda: patch.object(owner, name, property(value))


def day_later(owner: type, name: str, days: int = 1) -> PutIn:
    """The day after, or another so many days off, in place of a property's day."""
    real = getattr(owner, name).fget

    def later(self: object) -> date | None:
        found: date | None = real(self)
        return found and found + days * DAY

    return lambda: patch.object(owner, name, property(later))


def function(module: ModuleType | type, name: str, value: object) -> PutIn:
    """Another function in a module."""
    return lambda: patch.object(module, name, value)


_real_copied = account.copied_in
_real_copy = account._fate_of_copy
_GIVEN = {Fate.UNCLEAR: Fate.COPIED, Fate.GONE: Fate.COPIED}


def _all_kinds(known: Any, capabilities: Any) -> dict[str, int]:
    return {"email": 1, "phone": 1, "customer_id": 1}


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
    Mutant("nothing held: all systems searched by everything", function(account, "searched_by", _all_kinds)),
    Mutant("a record that a processor erased is called erased here", fate({Fate.DELEGATED: Fate.ERASED})),
    Mutant("a restricted record is called retained", fate({Fate.RESTRICTED: Fate.RETAINED})),
)
# fmt: on

_real_hide, _real_muted = hide_passages, muted
_real_of = package_words.SystemInfo.of.__func__  # type: ignore[attr-defined]


def _all_parts(self: masking.Masking, copied: Iterable[Part]) -> Iterator[Part]:
    return (self._part(one, self.rules.on(one.record)) for one in copied)


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
    Mutant("recipients: a favourable default", lambda: patch.object(package_words.SystemInfo, "of", _of(recipients=()))),
    Mutant("transfers: a favourable default", lambda: patch.object(package_words.SystemInfo, "of", _of(transfers=""))),
    Mutant("limits of the search are left out of the package", lambda: patch.object(package_words.SystemInfo, "of", _of(cannot_find=()))),
    Mutant("the package counts one payment too many", page("index.html.j2", "system.payments | length |", "(system.payments | length + 1) |")),
    Mutant("the package does not list payments", page("index.html.j2", "{% if system.payments %}", "{% if false %}")),
    Mutant("automated decisions are not stated", page("letter.txt.j2", "{{ info.automated_decisions }}")),
    Mutant("the package names another authority", page("letter_text.html.j2", "{{ info.controller.authority.name }}", "the authority")),
    Mutant("the package leaves out the complaint to the controller", page("letter.txt.j2", "{% if info.law.hears_complaints(info.answered_on) %}", "{% if false %}")),
    Mutant("the package leaves out the court", page("letter.txt.j2", "- You can go to court: {{ info.law.court }}.\n")),
    Mutant("the overview says that nothing else was left out", page("index.html.j2", ' | selectattr("is_part") | list | length == 0', " is defined")),
    Mutant("unclear records read as none", page("letter_text.html.j2", " that we can attribute to you{% endif %}", "{% endif %}")),
    Mutant("the ground of what a person left out is not told", shown(package_words.LeftOut, "full_reason", lambda self: self.reason)),
    Mutant("the provision of what a person left out is not told", page("letter_text.html.j2", "{% if left.legal_basis %} ({{ left.legal_basis }}){% endif %}")),
    Mutant("a passage that a person masked is called masked and stays", function(masking, "hide_passages", lambda part, passages: replace(_real_hide(part, passages), part=part)), ends=("L9",)),
    Mutant("a passage that a person masked is not masked", function(masking, "hide_passages", lambda part, _: _real_hide(part, [])), ends=("L9",)),
    Mutant("a record that a person left out is in the package", function(masking.Masking, "parts", _all_parts), ends=("L9",)),
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


def _first(tags: Iterable[str]) -> str:
    return next((tag for tag in tags if tag), "")


def _records_first(noted: KnownLanguage, on_file: Iterable[str]) -> KnownLanguage:
    tag = languages.agreed(on_file)
    return KnownLanguage(tag, LanguageSource.RECORD) if tag else noted


def _on_the_last_day(tasks: Sequence[erasure.ErasedLater]) -> str:
    return _real_due([one.model_copy(update={"due_on": one.kept_until}) for one in tasks])


_real_due = erasure._due

# fmt: off
LETTERS = (
    Mutant("letters name another authority", lambda: patch.object(LetterFacts, "remedies", property(_wrong_remedies))),
    Mutant("British letters name the GDPR", shown(LetterVariables, "law", lambda self: "GDPR")),
    Mutant("letters leave out the complaint", letter("_remedies", "You can complain to a supervisory authority (Art. 77", "You can write to us (Art. 77")),
    Mutant("letters leave out the complaint to the controller (s. 164A)", letter("_remedies", "{% if letter.hears_complaints %}\n", "{% if false %}\n")),
    Mutant("letters leave out the court", letter("_remedies", "You can also go to court: {{ letter.court }}.")),
    Mutant("the acknowledgement promises the day after", day_later(Acknowledgement, "promised_on")),
    Mutant("the day of receipt is the day before", day_later(LetterFacts, "received_on", -1)),
    Mutant("the day of the check is the day after", day_later(LetterFacts, "verified_on")),
    Mutant("the day of the search is the day after", day_later(LetterFacts, "searched_on")),
    Mutant("the file is said to be kept a year longer", function(letter_facts, "evidence_until", lambda country, on, **how: _real_until(country, on, **how).replace(year=on.year + 9))),
    Mutant("nothing held: limits of the search are left out", letter("_search", "{% if letter.cannot_find %}", "{% if false %}")),
    Mutant("nothing held: no data are processed", letter("L8", "below and found none, apart from {{ apart }}.", "below and process no data about you.")),
    Mutant("nothing held: a system that could not be searched is passed over", letter("L8", "{% if not letter.is_complete %}", "{% if false %}")),
    Mutant("a refusal leaves out its details", letter("L7", "- {{ name }}: {{ text }}")),
    Mutant("a refusal leaves out the facts", letter("L7", "- {{ fact }}")),
    Mutant("a refusal gives another reason", shown(Refusal, "sentence", lambda self: f"none of the grounds for erasure applies (Art. 17(1) {self.law})")),
    Mutant("a refusal concerns a part only", letter("L7", 'else "act on it" }}{%', 'else "act on it" }} for a part of the data{%')),
    Mutant("what was kept is called erased", letter("_outcomes", '"retained": "kept"', '"retained": "erased"')),
    Mutant("what stays whole is called carried out in part", shown(ErasureConfirmation, "is_carried_out", lambda self: True)),
    Mutant("one kept record too many", shown(PartialErasure, "kept_lines", _one_more)),
    Mutant("a kept record without its provision", letter("_kept", " Provision: {{ line.row.legal_basis | sentence }}")),
    Mutant("a kept record without its end", letter("_kept", " Kept until {{ line.ends | sentence }}")),
    Mutant("a promise without a job", letter("_kept", "you can ask us to erase them as well.", "we erase them as well.")),
    Mutant("a promise whose task is not noted", function(answers, "note_tasks", lambda *_: None)),
    Mutant("a promise of another day", function(erasure, "_due", _on_the_last_day), ends=("L11",)),
    Mutant("what is open by hand is called carried out", letter("L10", "{% if letter.by_hand or letter.is_open_by_hand %} as far as our programs reach{% endif %}")),
    Mutant("what is open by hand is left out", letter("_by_hand", "- {{ one.system }}, by {{ one.due_on | day }}")),
    Mutant("what a processor has not proved is called carried out", letter("L10", "{% if letter.is_ours_alone %} in our own systems{% endif %}")),
    Mutant("an open processor is called proved", letter("_processor_lines", "It has not proved it yet.")),
    Mutant("a doubtful answer proves it", shown(RecordedAnswer, "is_questioned", lambda self: False)),
    Mutant("an instruction is left out", function(answers, "at_processors", lambda *_: ())),
    Mutant("residue is left out", letter("_stays", "- {{ one.system }}: {{ one.text }}")),
    Mutant("recipients are said to be told", letter("_stays", "WHAT THIS MEANS FOR YOU", "WHAT THIS MEANS FOR YOU\n\nWe have told all recipients about the erasure.")),
    Mutant("all data are said to be gone", letter("L10", "We have carried this out{%", "We have erased all your data{%")),
    Mutant("a consequence of an erasure that was none", shown(LetterFacts, "has_erased", lambda self: True)),
    Mutant("the passphrase is said to come with the package", letter("L9", "{{ letter.passphrase_channel }}, and never", "with the package, and never")),
    Mutant("the acknowledgement confirms a customer", letter("L1", "We received your message", "As our customer you wrote to us; we received your message")),
    # What each letter has to say: the day or the reason, how to answer, and what the question does to the time limit.
    Mutant("the acknowledgement names no day", letter("L1", "by {{ letter.promised_on | day }} at the latest", "soon")),
    Mutant("the question for proof gives no reason", letter("_identity", "{{ letter.doubt }}")),
    Mutant("the question for proof offers no call-back", letter("_identity", "- Call-back: we call you", "- Papers: you send them, or we call you")),
    Mutant("the question for proof does not say that the clock is suspended", letter("_identity", "{% if not letter.clock_stands %}", "{% if true %}")),
    Mutant("the question for proof names no day for the answer", letter("_identity", "Please answer by {{ letter.answer_by | day }}.", "Please answer soon.")),
    Mutant("the reminder names another day of the question", letter("L14", "On {{ letter.asked_on | day }} we asked", "On {{ letter.written_on | day }} we asked")),
    Mutant("the question for proof takes its writing for its going out", letter("_identity", "the day on which we send you this question", "{{ letter.written_on | day }}")),
    Mutant("the reminder says that the request is closed", letter("L14", "so we ask you once more", "so we have closed the request")),
    Mutant("the clarification is a condition", letter("L3", "you can have everything", "we need your choice")),
    Mutant("the clarification does not say that the clock is suspended", letter("L3", "{% if letter.clock_stands %}", "{% if false %}")),
    Mutant("the notice of extension gives no reason", letter("L6", "- {{ reason }}")),
    Mutant("the notice of extension names the first day as the last", letter("L6", "by {{ letter.extended_until | day }}", "by {{ letter.first_due_on | day }}")),
    Mutant("a refusal gives no reason", letter("L7", "{{ letter.sentence }}", "it cannot be done")),
    Mutant("an answer has no word of how it was searched", letter("_search", "- {{ one.system }}, by {{ one.by | listed }}")),
    Mutant("what could not be searched is passed over", letter("_search", "{% for one in letter.searched if not one.by %}", "{% for one in () %}")),
    Mutant("the notice of extension forgets an open question", letter("L6", "{% if letter.question_of %}Apart", "{% if false %}Apart")),
    Mutant("the cover of the package leaves out the rights", letter("L9", "You can have wrong data corrected, ask")),
    Mutant("what a processor erased is said to be erased here", letter("_outcomes", "erased by the company that works for us, which has confirmed it", "erased")),
    Mutant("a withdrawal says nothing of what was done", letter("L18", '{% if letter.right == "access" %}\nNo copy', "{% if false %}\nNo copy")),
    Mutant("a withdrawal is dated as the file ends", letter("L18", "{{ letter.withdrawn_at | moment(letter.sender.zone) }}", "{{ letter.request_file_until | day }}")),
    Mutant("a withdrawal does not say how long the file is kept", letter("L18", " until {{ letter.request_file_until | day }}")),
    Mutant("a reader of another language is told nothing", letter("_letter", "{{ letter.language_note }}")),
    Mutant("help is offered in languages that the controller does not have", function(letter_facts, "notice_in", lambda language, helped_in: _real_notice(language, (*helped_in, "fr")))),
    Mutant("the first of records that disagree decides the language", function(languages, "agreed", _first)),
    Mutant("records decide the language before the request", function(case_file, "language_known", _records_first)),
    Mutant("what records have on file is passed over", function(case_file, "language_known", lambda noted, _: noted)),
    Mutant("an open task is not promised", lambda: patch.object(LetterFacts, "erased_later", lambda _: ())),
)
# fmt: on

_real_first_sent = folded_letters.first_sent
_real_system = FoldedSystems._system
_real_dates = case_sheet._dates

# fmt: off
EVIDENCE = (
    Mutant("the evidence takes any letter for the answer", function(folded_letters, "first_sent", lambda lines, of=None: _real_first_sent(lines, {"L1", "L2", "L6", "L7", "L8", "L9", "L10", "L11"}))),
    Mutant("the evidence leaves out unclear records", lambda: patch.object(FoldedSystems, "_system", lambda *a: replace(_real_system(*a), unclear=0))),
    Mutant("British evidence names the GDPR", evidence("Art. 24(1) {{ law }}", "Art. 24(1) GDPR")),
    Mutant("the evidence says fulfilled of what is retained", lambda: patch.object(dpv_course, "ENDINGS", {**ENDINGS, Fate.RETAINED: ENDINGS[Fate.ERASED]})),
    Mutant("the evidence says unfulfilled of what is erased", lambda: patch.object(dpv_course, "ENDINGS", {})),
    Mutant("the evidence names no closing", evidence('("Closed", record.closed_at | utc if record.closed_at else "not yet")', '("Closed", "not yet")')),
    Mutant("every request is said to have arrived by e-mail", evidence('("Arrived by", record.channel)', '("Arrived by", "e-mail")')),
    Mutant("the sheet shows no end of retention", function(case_sheet, "day", lambda _: "open")),
    Mutant("the gate counts a record too few", function(gate_texts, "_by_system", lambda lines: "")),
    Mutant("the gate does not say what was masked", function(gate_texts, "KIND_WORDS", dict.fromkeys(KIND_WORDS, ("detail", "details")))),
    Mutant("the evidence names nothing that was delegated", lambda: patch.object(FoldedRecords, "delegated", lambda _: ())),
    Mutant("the evidence counts an earlier case too many", evidence("{{ record.earlier_cases }}", "{{ record.earlier_cases + 1 }}")),
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
    Corrected("a refused item is called accepted", letter("L25", '{% if one.ruling.value == "accept" %}', "{% if true %}")),
    Corrected("a correction by hand is told with another day", letter("L26", "there on {{ letter.done_on | day }}", "there on {{ letter.received_on | day }}")),
    Corrected("a correction by hand is told of another field", letter("L26", "- {{ one }}", "- the {{ one }}")),
    Corrected("a request is followed in part and called followed", letter("L25", "{% elif letter.is_followed_in_part %}", "{% elif false %}")),
    Corrected("the refusal of an item gives no reason of its own", letter("L25", "The reason: {{ one.text | sentence }}", "The reason: the data are right as they stand.")),
    Corrected("a statement is not told in its words", letter("L25", "“{{ one.text }}”", "“as you asked”")),
    Corrected("what could not be corrected is left out", letter("L25", "{% if letter.uncorrected %}", "{% if false %}")),
    Corrected("corrected records are not counted", letter("L25", "{% for row in letter.corrected %}", "{% for row in () %}")),
    Corrected("what is corrected is said to lie with us alone", letter("L25", "{% if letter.is_ours_alone %}, in", "{% if not letter.is_ours_alone %}, in")),
    Corrected("one record too many is called not concerned", letter("L25", "{% if letter.unaltered %}", "{% if false %}")),
    Corrected("what no one can attribute is left out of a rectification", letter("L25", '{% include "en/_unattributed.txt.j2" %}'), ends=("L25",)),
    Corrected("what was decided to be left as it is is left out of a rectification", letter("L25", '{% include "en/_left_out.txt.j2" %}'), ends=("L25",)),
    Corrected("recipients of a rectification are said to be told of an erasure", letter("L25", 'told_of = "rectification"', 'told_of = "erasure"'), ends=("L25",)),
    Corrected("a record that is not rectified is called rectified", fate({Fate.UNRECTIFIED: Fate.RECTIFIED})),
    Corrected("who asked to correct and of whom nothing is held is said to have asked for an erasure", letter("L8", '{% elif letter.right == "rectification" %}', "{% elif false %}"), ends=("L8",)),
    Corrected("the withdrawal of a rectification is called one of an erasure", letter("L18", "{{ letter.right | asked(letter.law) }}", "for erasure (Art. 17 {{ letter.law }})"), ends=("withdrawn",)),
    Corrected("a processor that corrected is said to have erased", function(processors, "_DONE", dict.fromkeys(processors._DONE, "has erased what it held of you for us"))),
    Corrected("a processor that has to correct is said to have to erase", function(processors, "_TO_DO", dict.fromkeys(processors._TO_DO, "erase what it holds of you for us"))),
    Corrected("the export calls refused items fulfilled", function(dpv_course, "is_corrected_otherwise", lambda _: False)),
    Corrected("the evidence names another right than was asked for", evidence('{{ (record.right or "data subject") | capitalize }} request', "Erasure request")),
    Corrected("the acknowledgement of a correction is that of an erasure", letter("L1", '{% if letter.right == "rectification" %}', '{% if letter.right == "erasure" %}')),
    Mutant("an acknowledgement speaks of a check of what is right", letter("L1", '{% if letter.right == "rectification" %}', "{% if true %}"), rights=("restriction",)),
    Restricted("a restriction speaks of erased contents", letter("L22", ", nothing_erased = true")),
    Restricted("the gate of a restriction says that an erasure cannot be undone", function(gate_texts, "_GONE", frozenset(OutcomeKind))),
    Restricted("the gate of a restriction asks for the steps of an erasure", function(gate_texts, "_by_hand", lambda app, case: _real_by_hand(app, replace(case, right=Right.ERASURE)))),
    Restricted("the gate counts what is restricted as kept", function(gate_texts, "_PLANNED", gate_texts._PLANNED | {OutcomeKind.RESTRICTED: "Keep"})),
    Restricted("the export calls what was restricted as asked unfulfilled", function(dpv_course, "ENDINGS_BY_RIGHT", {})),
    Restricted("the sheet names another right than was asked for", function(case_sheet, "_lines", lambda *given: (one.replace("restriction request", "erasure request") for one in _real_lines(*given)))),
    Ended("the gate of an objection announces another letter", function(gate_texts, "_ANSWERS", {}), ends=("L17", "L23")),
    Ended("the gate says of another use that it is not stated", function(plan_rules, "_NOT_STATED", _SWAPPED)),
    Ended("the export calls what the request is not about fulfilled", lambda: patch.object(dpv_course, "ENDINGS", {**ENDINGS, Fate.NOT_CONCERNED: ENDINGS[Fate.ERASED]})),
    Ended("the evidence takes no answer to them for an answer", function(folded_letters, "first_sent", lambda lines, of=None: _real_first_sent(lines, {"L7", "L8", "L9", "L10", "L11"})), ends=("L17", "L23")),
    Ended("the evidence counts a record too many of what was erased with a remark", evidence('<td class="number">{{ count }}</td><td>{{ one.came_to or "open" }}</td><td>“', '<td class="number">{{ count + 1 }}</td><td>{{ one.came_to or "open" }}</td><td>“')),
)
# fmt: on

_real_day = wording.day
_Erased = partial(Mutant, ends=("L10", "L11"))
_Restricted = partial(Mutant, rights=("restriction",), ends=("L22",))


def _one_line_more(of: type[Any], **given: Any) -> Any:
    """The same letter with a record too many."""
    first, *rest = given["lines"]
    return of(**given | {"lines": (first.model_copy(update={"count": first.count + 1}), *rest)})


def _day_after(on: date) -> str:
    return _real_day(on + DAY)


# fmt: off
LATER = (
    _Erased("an erasure is said to begin on another day", letter("L21", "begin to erase on {{ letter.begins_on | day }}", "begin to erase on {{ letter.written_on | day }}")),
    _Erased("the last day to take a request back is another one", letter("L21", "tell us before {{ letter.begins_on | day }}", "tell us before {{ letter.received_on | day }}")),
    _Erased("what depends on the data is left out", letter("L21", "{% if letter.runs_on %}", "{% if false %}")),
    _Erased("what the erasure means is left out", letter("L21", "{% if letter.consequences %}", "{% if false %}")),
    _Erased("what was back is told with another day", letter("L24", "we saw it on {{ letter.seen_on | day }}", "we saw it on {{ letter.answered_on | day }}")),
    _Erased("what was back is counted once too often", function(notices, "ErasedAgain", partial(_one_line_more, ErasedAgain))),
    _Erased("what was back and is erased again is not told", function(retention, "tell_erased_again", lambda *_: None)),
    _Erased("what was back and is to be erased is called erased again", evidence('{{ " and erased again" if one.outcome in gone_by }}', " and erased again")),
    _Erased("the word of a processor that was doubted is left out", letter("L20", "{% if letter.again %}", "{% if false %}")),
    _Erased("today's rules are told with another day", function(changed_rules, "day", _day_after)),
    _Restricted("a restriction is said to end on another day", letter("L15", "From {{ letter.lifted_on | day }} on", "From {{ letter.answered_on | day }} on")),
    _Restricted("a restriction is said to end of a record too many", function(lifting, "LiftingNotice", partial(_one_line_more, LiftingNotice))),
    _Restricted("the end of a restriction gives another reason", letter("L15", "{{ letter.reason | sentence }}", "It is over.")),
    _Restricted("the end of a restriction speaks of an erasure", letter("L15", '{% if letter.right != "restriction" %}', "{% if true %}")),
    _Restricted("a mark goes without its letter", function(lifting, "_is_told", lambda *_: True)),
    _Restricted("what was to be restricted is to be erased later", function(remaining_tasks, "_ERASES_NOTHING", frozenset())),
)
# fmt: on


def _nothing(*_: object) -> None:
    """What is not done."""


_real = stop_letters._elsewhere
_Together = partial(Mutant, together=True)

# fmt: off
TOGETHER = (
    _Together("what another request erased meanwhile is passed over", function(answers, "note_erased_beside", _nothing)),
    _Together("the package does not say that it was erased since", function(answers, "erased_beside", lambda _: frozenset())),
    _Together("the package says of one record too many that it was erased since", letter("L9", "{{ letter.erased_since | counted", "{{ (letter.erased_since + 1) | counted")),
    _Together("who was written to is not told that the case was stopped", function(withdrawal, "write_stopped", _nothing)),
    _Together("a stopped case names itself as the one that answers", letter("L27", "as the one with the number {{ letter.elsewhere.case_id }}", "as {{ letter.case_id }}")),
    _Together("what answers a duplicate does not count from the earlier receipt", function(withdrawal, "_take_over", lambda *_, **__: "")),
    _Together("a letter that waits keeps the dates that an earlier receipt has moved", function(opening, "write_anew", _nothing)),
    _Together("a duplicate is answered by another day", letter("L27", "by {{ letter.elsewhere.answer_by | day }}", "by {{ letter.elsewhere.received_on | day }}")),
    _Together("a duplicate's suspended time limit is said to have ended", letter("L27", "{% elif letter.elsewhere.is_suspended %}", "{% elif false %}")),
    _Together("a duplicate is answered that is not answered yet", function(stop_letters, "_elsewhere", lambda *given: _real(*given).model_copy(update={"answered_on": given[1].today}))),
    _Together("who made a request twice is told that they made none", letter("L27", "{% if letter.elsewhere %}", "{% if false %}")),
)
# fmt: on

# No case but one that ends with a package can show them: among all, the first is the thirtieth.
_IN_PACKAGES = tuple(replace(one, ends=one.ends or ("L9",)) for one in PACKAGE)
MUTANTS = (*ACCOUNT, *_IN_PACKAGES, *LETTERS, *EVIDENCE, *BESIDE, *LATER, *TOGETHER)
