"""Deliberate changes of what words an answer: a checker that does not see them proves nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from jinja2 import ChoiceLoader, DictLoader, Environment

from rightsflow import account, fates
from rightsflow.copies import Copies
from rightsflow.disclosure import info as package_words
from rightsflow.disclosure import package, rendering
from rightsflow.evidence import dpv_course, fold, page
from rightsflow.fates import Fate
from rightsflow.letters import rendering as letters
from rightsflow.letters import rules
from rightsflow.letters.erasure import ErasureConfirmation, KeptLine, PartialErasure
from rightsflow.letters.refusal import Refusal
from rightsflow.letters.variables import Acknowledgement, LetterVariables, Remedies
from rightsflow.records import OutcomeKind
from tasks import answering, case_sheet, gate_texts, letter_facts, package_info
from tasks.letter_facts import LetterFacts

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change.

    Args:
        what: What is wrong then, in words.
        put_in: Makes the change for as long as its context is entered.
    """

    what: str
    put_in: Callable[[], Any]


@contextmanager
def _template(environment: Callable[[], Environment], name: str, old: str, new: str, *more: Any) -> Iterator[None]:
    """Another text in a template; the checks of the finished text are put aside, since they would stop it."""
    made = environment()
    before = made.loader
    source = before.get_source(made, name)[0]  # type: ignore[union-attr]
    if old not in source:
        raise LookupError(f"{name} does not hold what the mutant changes: {old}")
    made.loader = ChoiceLoader([DictLoader({name: source.replace(old, new, 1)}), before])  # type: ignore[list-item]
    made.cache.clear()  # type: ignore[union-attr]
    try:
        with patch.object(rules, "check_body", lambda *_: None), ExitStack() as stack:
            for one in more:
                stack.enter_context(one)
            yield
    finally:
        made.loader = before
        made.cache.clear()  # type: ignore[union-attr]


def _letter(name: str, old: str, new: str = "") -> Callable[[], Any]:
    return lambda: _template(letters._environment, f"en/{name}.txt.j2", old, new)


def _page(name: str, old: str, new: str = "") -> Callable[[], Any]:
    return lambda: _template(rendering._environment, name, old, new)


def _evidence(old: str, new: str = "") -> Callable[[], Any]:
    return lambda: _template(page._environment, "evidence.html.j2", old, new)


def _fate(wrong: dict[Fate, Fate]) -> Callable[[], Any]:
    """A record that is called something else than what became of it, in everything that counts by the account."""
    real = fates.fate_after

    def other(outcome: OutcomeKind, **how: bool) -> Fate:
        found = real(outcome, **how)
        return wrong.get(found, found)

    def put_in() -> Any:
        stack = ExitStack()
        stack.enter_context(patch.object(account, "fate_after", other))
        return stack

    return put_in


def _property(owner: type, name: str, value: Callable[[Any], Any]) -> Callable[[], Any]:
    return lambda: patch.object(owner, name, property(value))


def _day_later(owner: type, name: str) -> Callable[[], Any]:
    real = getattr(owner, name).fget

    def later(self: Any) -> Any:
        found = real(self)
        return found and found + DAY

    return lambda: patch.object(owner, name, property(later))


def _function(module: Any, name: str, value: Callable[..., Any]) -> Callable[[], Any]:
    return lambda: patch.object(module, name, value)


_real_copied = account.Account.copied
_real_of = package_words.SystemInfo.of.__func__  # type: ignore[attr-defined]
_real_until = letter_facts.evidence_until
_real_kept = PartialErasure.kept_lines.fget  # type: ignore[attr-defined]
_real_first_sent = fold.first_sent
_real_remedies = LetterFacts.remedies.fget  # type: ignore[attr-defined]
_real_system = fold._Fold._system


def _of(**changes: Any) -> Callable[..., Any]:
    return classmethod(lambda cls, *args, **named: replace(_real_of(cls, *args, **named), **changes))  # type: ignore[return-value]


def _one_more(self: PartialErasure) -> list[KeptLine]:
    first, *rest = _real_kept(self)
    return [replace(first, count=first.count + 1), *rest]


def _all_kinds(known: Any, capabilities: Any) -> dict[str, int]:
    return {"email": 1, "phone": 1, "customer_id": 1}


def _wrong_remedies(self: LetterFacts) -> Remedies:
    return _real_remedies(self).model_copy(update={"authority": "Another authority"})


MUTANTS = (
    Mutant("files beside a record are counted as records", _property(Copies, "attachments", lambda self: 0)),
    Mutant(
        "the package counts files as records",
        _property(package._Group, "records", lambda self: len(self._has_document) + self.attachments),
    ),
    Mutant(
        "the certificate counts files as records",
        lambda: patch.object(
            account.Account,
            "copied",
            lambda self, system="": {name: n + 1 for name, n in _real_copied(self, system).items()},
        ),
    ),
    Mutant("a failed record is called erased", _fate({Fate.FAILED: Fate.ERASED})),
    Mutant("a retained record is called erased", _fate({Fate.RETAINED: Fate.ERASED})),
    Mutant("an unclear record is called erased", _fate({Fate.UNCLEAR: Fate.ERASED})),
    Mutant("an unclear record is called retained", _fate({Fate.UNCLEAR: Fate.RETAINED})),
    Mutant("a record of which a part stayed is called cleared", _fate({Fate.RESIDUE: Fate.REDACTED})),
    Mutant(
        "what was left out counts as given",
        _function(account, "_fate_of_copy", lambda finding: Fate.COPIED if finding.copies else Fate.FOUND),
    ),
    Mutant("what was left out is not listed", _function(package_info, "_left_out", lambda *_: iter(()))),
    Mutant("what connectors withhold is not listed", _function(package_info, "_withheld", lambda *_: iter(()))),
    Mutant("what was masked is not told", _function(account, "_masked", lambda _: {})),
    Mutant(
        "a system with unclear records is called empty",
        _function(
            package_info,
            "_finding",
            lambda found: package_words.Finding.HELD if set(found) - {Fate.UNCLEAR} else package_words.Finding.NOTHING,
        ),
    ),
    Mutant(
        "recipients: a favourable default", lambda: patch.object(package_words.SystemInfo, "of", _of(recipients=()))
    ),
    Mutant("transfers: a favourable default", lambda: patch.object(package_words.SystemInfo, "of", _of(transfers=""))),
    Mutant(
        "limits of the search are left out of the package",
        lambda: patch.object(package_words.SystemInfo, "of", _of(cannot_find=())),
    ),
    Mutant(
        "the package counts one payment too many",
        _page("index.html.j2", "system.payments | length |", "(system.payments | length + 1) |"),
    ),
    Mutant("the package does not list payments", _page("index.html.j2", "{% if system.payments %}", "{% if false %}")),
    Mutant("automated decisions are not stated", _page("letter.txt.j2", "{{ info.automated_decisions }}")),
    Mutant(
        "the package names another authority",
        _page("letter.html.j2", "{{ info.controller.authority.name }}", "the authority"),
    ),
    Mutant(
        "the package leaves out the complaint to the controller",
        _page("letter.txt.j2", "{% if info.law.hears_complaints(info.answered_on) %}", "{% if false %}"),
    ),
    Mutant(
        "the package leaves out the court", _page("letter.txt.j2", "- You can go to court: {{ info.law.court }}.\n")
    ),
    Mutant(
        "the overview says that nothing else was left out",
        _page("index.html.j2", ' | selectattr("count", "equalto", 0) | list | length == 0', " is defined"),
    ),
    Mutant(
        "unclear records read as none",
        _page("letter.html.j2", " that we can attribute to you{% endif %}", "{% endif %}"),
    ),
    Mutant("letters name another authority", lambda: patch.object(LetterFacts, "remedies", property(_wrong_remedies))),
    Mutant("British letters name the GDPR", _property(LetterVariables, "law", lambda self: "GDPR")),
    Mutant(
        "letters leave out the complaint",
        _letter("_remedies", "You can complain to a supervisory authority (Art. 77", "You can write to us (Art. 77"),
    ),
    Mutant(
        "letters leave out the complaint to the controller (s. 164A)",
        _letter("_remedies", "{% if letter.hears_complaints %}\n", "{% if false %}\n"),
    ),
    Mutant("letters leave out the court", _letter("_remedies", "You can also go to court: {{ letter.court }}.")),
    Mutant("the acknowledgement promises the day after", _day_later(Acknowledgement, "promised_on")),
    Mutant("the day of receipt is the day after", _day_later(LetterFacts, "received_on")),
    Mutant("the day of the check is the day after", _day_later(LetterFacts, "verified_on")),
    Mutant("the day of the search is the day after", _day_later(LetterFacts, "searched_on")),
    Mutant(
        "the file is said to be kept a year longer",
        _function(
            letter_facts,
            "evidence_until",
            lambda country, on, **how: _real_until(country, on, **how).replace(year=on.year + 9),
        ),
    ),
    Mutant("nothing held: all systems searched by everything", _function(account, "searched_by", _all_kinds)),
    Mutant(
        "nothing held: limits of the search are left out",
        _letter("L8", "{% if letter.cannot_find %}", "{% if false %}"),
    ),
    Mutant(
        "nothing held: no data are processed",
        _letter("L8", "and found none, apart from the file about this request.", "and process no data about you."),
    ),
    Mutant("a refusal leaves out its details", _letter("L7", "- {{ name }}: {{ text }}")),
    Mutant("a refusal leaves out the facts", _letter("L7", "- {{ fact }}")),
    Mutant(
        "a refusal gives another reason",
        _property(Refusal, "sentence", lambda self: f"none of the grounds for erasure applies (Art. 17(1) {self.law})"),
    ),
    Mutant(
        "a refusal concerns a part only",
        _letter("L7", "We cannot do what you asked{%", "We cannot do what you asked for a part of the data{%"),
    ),
    Mutant("what was kept is called erased", _letter("_outcomes", '"retained": "kept"', '"retained": "erased"')),
    Mutant(
        "what stays whole is called carried out in part",
        _property(ErasureConfirmation, "is_carried_out", lambda self: True),
    ),
    Mutant("one kept record too many", _property(PartialErasure, "kept_lines", _one_more)),
    Mutant("a kept record without its provision", _letter("L11", " Provision: {{ line.row.legal_basis | sentence }}")),
    Mutant("a kept record without its end", _letter("L11", " Kept until {{ line.ends | sentence }}")),
    Mutant(
        "a promise without a job",
        _letter(
            "L11",
            "you can ask us to erase them as well.",
            "we erase them as well.",
        ),
    ),
    Mutant("a promise whose task is not noted", _function(answering, "note_tasks", lambda *_: None)),
    Mutant("a promise of another day", _letter("L11", "On {{ one.due_on | day }}", "On {{ one.kept_until | day }}")),
    Mutant("residue is left out", _letter("_stays", "- {{ one.system }}: {{ one.text }}")),
    Mutant(
        "recipients are said to be told",
        _letter(
            "_stays",
            "WHAT THIS MEANS FOR YOU",
            "WHAT THIS MEANS FOR YOU\n\nWe have told all recipients about the erasure.",
        ),
    ),
    Mutant(
        "all data are said to be gone",
        _letter("L10", "We have carried this out and", "We have erased all your data and"),
    ),
    Mutant("a consequence of an erasure that was none", _property(LetterFacts, "has_erased", lambda self: True)),
    Mutant(
        "the passphrase is said to come with the package",
        _letter("L9", "{{ letter.passphrase_channel }}, and never", "with the package, and never"),
    ),
    Mutant(
        "the acknowledgement confirms a customer",
        _letter("L1", "We received your message", "As our customer you wrote to us; we received your message"),
    ),
    Mutant(
        "the evidence takes any letter for the answer",
        _function(
            fold,
            "first_sent",
            lambda lines, of=None: _real_first_sent(lines, {"L1", "L2", "L6", "L7", "L8", "L9", "L10", "L11"}),
        ),
    ),
    Mutant(
        "the evidence leaves out unclear records",
        lambda: patch.object(fold._Fold, "_system", lambda *a: replace(_real_system(*a), unclear=0)),
    ),
    Mutant("British evidence names the GDPR", _evidence("Art. 24(1) {{ law }}", "Art. 24(1) GDPR")),
    Mutant("the evidence says fulfilled of what is retained", lambda: patch.object(dpv_course, "ENDINGS", {})),
    Mutant(
        "the evidence names no closing",
        _evidence('("Closed", record.closed_at | utc if record.closed_at else "not yet")', '("Closed", "not yet")'),
    ),
    Mutant("the sheet shows no end of retention", _function(case_sheet, "day", lambda _: "open")),
    Mutant("the gate counts a record too few", _function(gate_texts, "_by_system", lambda lines: "")),
    Mutant("the gate leaves out what was masked", _function(gate_texts, "KIND_WORDS", {})),
)


__all__ = ["MUTANTS", "Mutant"]
