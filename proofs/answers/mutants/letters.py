"""Changes of the letters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from unittest.mock import patch

from proofs.answers.mutants.changing import Mutant, day_later, function, letter, shown
from rightsflow.cases.letters import letter_facts, plan_answers
from rightsflow.cases.letters.letter_facts import LetterFacts
from rightsflow.documents.letters import erasure
from rightsflow.documents.letters.erasure import ErasureConfirmation, KeptLine, PartialErasure
from rightsflow.documents.letters.refusal import Refusal
from rightsflow.documents.letters.variables import Acknowledgement, LetterVariables, Remedies
from rightsflow.domain import languages
from rightsflow.domain.erasure.retention import evidence_until
from rightsflow.domain.languages import KnownLanguage, LanguageSource, notice_in
from rightsflow.domain.processors.answering import RecordedAnswer
from rightsflow.store.case import case_file

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

LETTERS = (
    Mutant("letters name another authority", lambda: patch.object(LetterFacts, "remedies", property(_wrong_remedies))),
    Mutant("British letters name the GDPR", shown(LetterVariables, "law", lambda self: "GDPR")),
    Mutant(
        "letters leave out the complaint",
        letter("_remedies", "You can complain to a supervisory authority (Art. 77", "You can write to us (Art. 77"),
    ),
    Mutant(
        "letters leave out the complaint to the controller (s. 164A)",
        letter("_remedies", "{% if letter.hears_complaints %}\n", "{% if false %}\n"),
    ),
    Mutant("letters leave out the court", letter("_remedies", "You can also go to court: {{ letter.court }}.")),
    Mutant("the acknowledgement promises the day after", day_later(Acknowledgement, "promised_on")),
    Mutant("the day of receipt is the day before", day_later(LetterFacts, "received_on", -1)),
    Mutant("the day of the check is the day after", day_later(LetterFacts, "verified_on")),
    Mutant("the day of the search is the day after", day_later(LetterFacts, "searched_on")),
    Mutant(
        "the file is said to be kept a year longer",
        function(
            letter_facts,
            "evidence_until",
            lambda country, on, **how: _real_until(country, on, **how).replace(year=on.year + 9),
        ),
    ),
    Mutant(
        "nothing held: limits of the search are left out",
        letter("_search", "{% if letter.cannot_find %}", "{% if false %}"),
    ),
    Mutant(
        "nothing held: no data are processed",
        letter("L8", "below and found none, apart from {{ apart }}.", "below and process no data about you."),
    ),
    Mutant(
        "nothing held: a system that could not be searched is passed over",
        letter("L8", "{% if not letter.is_complete %}", "{% if false %}"),
    ),
    Mutant("a refusal leaves out its details", letter("L7", "- {{ name }}: {{ text }}")),
    Mutant("a refusal leaves out the facts", letter("L7", "- {{ fact }}")),
    Mutant(
        "a refusal gives another reason",
        shown(Refusal, "sentence", lambda self: f"none of the grounds for erasure applies (Art. 17(1) {self.law})"),
    ),
    Mutant(
        "a refusal concerns a part only",
        letter("L7", 'else "act on it" }}{%', 'else "act on it" }} for a part of the data{%'),
    ),
    Mutant("what was kept is called erased", letter("_outcomes", '"retained": "kept"', '"retained": "erased"')),
    Mutant(
        "what stays whole is called carried out in part",
        shown(ErasureConfirmation, "is_carried_out", lambda self: True),
    ),
    Mutant("one kept record too many", shown(PartialErasure, "kept_lines", _one_more)),
    Mutant("a kept record without its provision", letter("_kept", " Provision: {{ line.row.legal_basis | sentence }}")),
    Mutant("a kept record without its end", letter("_kept", " Kept until {{ line.ends | sentence }}")),
    Mutant(
        "a promise without a job",
        letter(
            "_kept",
            "you can ask us to erase them as well.",
            "we erase them as well.",
        ),
    ),
    Mutant("a promise whose task is not noted", function(plan_answers, "note_tasks", lambda *_: None)),
    Mutant("a promise of another day", function(erasure, "_due", _on_the_last_day), ends=("L11",)),
    Mutant(
        "what is open by hand is called carried out",
        letter("L10", "{% if letter.by_hand or letter.is_open_by_hand %} as far as our programs reach{% endif %}"),
    ),
    Mutant("what is open by hand is left out", letter("_by_hand", "- {{ one.system }}, by {{ one.due_on | day }}")),
    Mutant(
        "what a processor has not proved is called carried out",
        letter("L10", "{% if letter.is_ours_alone %} in our own systems{% endif %}"),
    ),
    Mutant("an open processor is called proved", letter("_processor_lines", "It has not proved it yet.")),
    Mutant(
        "a doubtful answer proves it",
        shown(RecordedAnswer, "is_questioned", lambda self: False),
    ),
    Mutant("an instruction is left out", function(plan_answers, "at_processors", lambda *_: ())),
    Mutant("residue is left out", letter("_stays", "- {{ one.system }}: {{ one.text }}")),
    Mutant(
        "recipients are said to be told",
        letter(
            "_stays",
            "WHAT THIS MEANS FOR YOU",
            "WHAT THIS MEANS FOR YOU\n\nWe have told all recipients about the erasure.",
        ),
    ),
    Mutant(
        "all data are said to be gone",
        letter("L10", "We have carried this out{%", "We have erased all your data{%"),
    ),
    Mutant("a consequence of an erasure that was none", shown(LetterFacts, "has_erased", lambda self: True)),
    Mutant(
        "the passphrase is said to come with the package",
        letter("L9", "{{ letter.passphrase_channel }}, and never", "with the package, and never"),
    ),
    Mutant(
        "the acknowledgement confirms a customer",
        letter("L1", "We received your message", "As our customer you wrote to us; we received your message"),
    ),
    # What each letter has to say: the day or the reason, how to answer, and what the question does to the time limit.
    Mutant("the acknowledgement names no day", letter("L1", "by {{ letter.promised_on | day }} at the latest", "soon")),
    Mutant("the question for proof gives no reason", letter("_identity", "{{ letter.doubt }}")),
    Mutant(
        "the question for proof offers no call-back",
        letter("_identity", "- Call-back: we call you", "- Papers: you send them, or we call you"),
    ),
    Mutant(
        "the question for proof does not say that the clock is suspended",
        letter("_identity", "{% if not letter.clock_stands %}", "{% if true %}"),
    ),
    Mutant(
        "the question for proof names no day for the answer",
        letter("_identity", "Please answer by {{ letter.answer_by | day }}.", "Please answer soon."),
    ),
    Mutant(
        "the reminder names another day of the question",
        letter("L14", "On {{ letter.asked_on | day }} we asked", "On {{ letter.written_on | day }} we asked"),
    ),
    Mutant(
        "the question for proof takes its writing for its going out",
        letter("_identity", "the day on which we send you this question", "{{ letter.written_on | day }}"),
    ),
    Mutant(
        "the reminder says that the request is closed",
        letter("L14", "so we ask you once more", "so we have closed the request"),
    ),
    Mutant("the clarification is a condition", letter("L3", "you can have everything", "we need your choice")),
    Mutant(
        "the clarification does not say that the clock is suspended",
        letter("L3", "{% if letter.clock_stands %}", "{% if false %}"),
    ),
    Mutant("the notice of extension gives no reason", letter("L6", "- {{ reason }}")),
    Mutant(
        "the notice of extension names the first day as the last",
        letter("L6", "by {{ letter.extended_until | day }}", "by {{ letter.first_due_on | day }}"),
    ),
    Mutant("a refusal gives no reason", letter("L7", "{{ letter.sentence }}", "it cannot be done")),
    Mutant(
        "an answer has no word of how it was searched",
        letter("_search", "- {{ one.system }}, by {{ one.by | listed }}"),
    ),
    Mutant(
        "what could not be searched is passed over",
        letter("_search", "{% for one in letter.searched if not one.by %}", "{% for one in () %}"),
    ),
    Mutant(
        "the notice of extension forgets an open question",
        letter("L6", "{% if letter.question_of %}Apart", "{% if false %}Apart"),
    ),
    Mutant("the cover of the package leaves out the rights", letter("L9", "You can have wrong data corrected, ask")),
    Mutant(
        "what a processor erased is said to be erased here",
        letter("_outcomes", "erased by the company that works for us, which has confirmed it", "erased"),
    ),
    Mutant(
        "a withdrawal says nothing of what was done",
        letter("L18", '{% if letter.right == "access" %}\nNo copy', "{% if false %}\nNo copy"),
    ),
    Mutant(
        "a withdrawal is dated as the file ends",
        letter(
            "L18", "{{ letter.withdrawn_at | moment(letter.sender.zone) }}", "{{ letter.request_file_until | day }}"
        ),
    ),
    Mutant(
        "a withdrawal does not say how long the file is kept",
        letter("L18", " until {{ letter.request_file_until | day }}"),
    ),
    Mutant("a reader of another language is told nothing", letter("_letter", "{{ letter.language_note }}")),
    Mutant(
        "help is offered in languages that the controller does not have",
        function(letter_facts, "notice_in", lambda language, helped_in: _real_notice(language, (*helped_in, "fr"))),
    ),
    Mutant("the first of records that disagree decides the language", function(languages, "agreed", _first)),
    Mutant("records decide the language before the request", function(case_file, "language_known", _records_first)),
    Mutant("what records have on file is passed over", function(case_file, "language_known", lambda noted, _: noted)),
    Mutant("an open task is not promised", lambda: patch.object(LetterFacts, "erased_later", lambda _: ())),
)
