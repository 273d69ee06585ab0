"""Changes of what is written of the rights beside access and erasure: letters, sheet, gates and evidence."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from unittest.mock import patch

from proofs.answers.mutants.changing import Mutant, evidence, fate, function, letter
from rightsflow.audit.evidence import dpv_course, folded_letters
from rightsflow.audit.evidence.dpv_terms import ENDINGS
from rightsflow.cases.gates import gate_texts
from rightsflow.cases.overview import case_sheet
from rightsflow.documents.letters import processors
from rightsflow.domain.case.fates import Fate
from rightsflow.domain.erasure import scope
from rightsflow.domain.records import OutcomeKind
from rightsflow.domain.request import Right

_real_by_hand = gate_texts._by_hand
_real_first_sent = folded_letters.first_sent
_real_lines = case_sheet._lines
_USES = tuple(scope._NOT_STATED)
_SWAPPED = dict(zip(_USES, (scope._NOT_STATED[one] for one in reversed(_USES)), strict=True))

Corrected = partial(Mutant, rights=("rectification",))
Restricted = partial(Mutant, rights=("restriction",))
Ended = partial(Mutant, rights=("objection", "consent-withdrawal"))

BESIDE = (
    Corrected(
        "a refused item is called accepted", letter("L25", '{% if one.ruling.value == "accept" %}', "{% if true %}")
    ),
    Corrected(
        "a correction by hand is told with another day",
        letter("L26", "there on {{ letter.done_on | day }}", "there on {{ letter.received_on | day }}"),
    ),
    Corrected("a correction by hand is told of another field", letter("L26", "- {{ one }}", "- the {{ one }}")),
    Corrected(
        "a request is followed in part and called followed",
        letter("L25", "{% elif letter.is_followed_in_part %}", "{% elif false %}"),
    ),
    Corrected(
        "the refusal of an item gives no reason of its own",
        letter("L25", "The reason: {{ one.text | sentence }}", "The reason: the data are right as they stand."),
    ),
    Corrected("a statement is not told in its words", letter("L25", "“{{ one.text }}”", "“as you asked”")),
    Corrected(
        "what could not be corrected is left out", letter("L25", "{% if letter.uncorrected %}", "{% if false %}")
    ),
    Corrected(
        "corrected records are not counted", letter("L25", "{% for row in letter.corrected %}", "{% for row in () %}")
    ),
    Corrected(
        "what is corrected is said to lie with us alone",
        letter("L25", "{% if letter.is_ours_alone %}, in", "{% if not letter.is_ours_alone %}, in"),
    ),
    Corrected(
        "one record too many is called not concerned",
        letter("L25", "{% if letter.unaltered %}", "{% if false %}"),
    ),
    Corrected(
        "what no one can attribute is left out of a rectification",
        letter("L25", '{% include "en/_unattributed.txt.j2" %}'),
        ends=("L25",),
    ),
    Corrected(
        "what was decided to be left as it is is left out of a rectification",
        letter("L25", '{% include "en/_left_out.txt.j2" %}'),
        ends=("L25",),
    ),
    Corrected(
        "recipients of a rectification are said to be told of an erasure",
        letter("L25", 'told_of = "rectification"', 'told_of = "erasure"'),
        ends=("L25",),
    ),
    Corrected("a record that is not rectified is called rectified", fate({Fate.UNRECTIFIED: Fate.RECTIFIED})),
    Corrected(
        "who asked to correct and of whom nothing is held is said to have asked for an erasure",
        letter("L8", '{% elif letter.right == "rectification" %}', "{% elif false %}"),
        ends=("L8",),
    ),
    Corrected(
        "the withdrawal of a rectification is called one of an erasure",
        letter("L18", "{{ letter.right | asked(letter.law) }}", "for erasure (Art. 17 {{ letter.law }})"),
        ends=("withdrawn",),
    ),
    Corrected(
        "a processor that corrected is said to have erased",
        function(processors, "_DONE", dict.fromkeys(processors._DONE, "has erased what it held of you for us")),
    ),
    Corrected(
        "a processor that has to correct is said to have to erase",
        function(processors, "_TO_DO", dict.fromkeys(processors._TO_DO, "erase what it holds of you for us")),
    ),
    Corrected(
        "the export calls refused items fulfilled", function(dpv_course, "is_corrected_otherwise", lambda _: False)
    ),
    Corrected(
        "the evidence names another right than was asked for",
        evidence('{{ (record.right or "data subject") | capitalize }} request', "Erasure request"),
    ),
    Corrected(
        "the acknowledgement of a correction is that of an erasure",
        letter("L1", '{% if letter.right == "rectification" %}', '{% if letter.right == "erasure" %}'),
    ),
    Mutant(
        "an acknowledgement speaks of a check of what is right",
        letter("L1", '{% if letter.right == "rectification" %}', "{% if true %}"),
        rights=("restriction",),
    ),
    Restricted("a restriction speaks of erased contents", letter("L22", ", nothing_erased = true")),
    Restricted(
        "the gate of a restriction says that an erasure cannot be undone",
        function(gate_texts, "_GONE", frozenset(OutcomeKind)),
    ),
    Restricted(
        "the gate of a restriction asks for the steps of an erasure",
        function(gate_texts, "_by_hand", lambda app, case: _real_by_hand(app, replace(case, right=Right.ERASURE))),
    ),
    Restricted(
        "the gate counts what is restricted as kept",
        function(gate_texts, "_PLANNED", gate_texts._PLANNED | {OutcomeKind.RESTRICTED: "Keep"}),
    ),
    Restricted(
        "the export calls what was restricted as asked unfulfilled", function(dpv_course, "ENDINGS_BY_RIGHT", {})
    ),
    Restricted(
        "the sheet names another right than was asked for",
        function(
            case_sheet,
            "_lines",
            lambda *given: (one.replace("restriction request", "erasure request") for one in _real_lines(*given)),
        ),
    ),
    Ended(
        "the gate of an objection announces another letter", function(gate_texts, "_ANSWERS", {}), ends=("L17", "L23")
    ),
    Ended("the gate says of another use that it is not stated", function(scope, "_NOT_STATED", _SWAPPED)),
    Ended(
        "the export calls what the request is not about fulfilled",
        lambda: patch.object(dpv_course, "ENDINGS", {**ENDINGS, Fate.NOT_CONCERNED: ENDINGS[Fate.ERASED]}),
    ),
    Ended(
        "the evidence takes no answer to them for an answer",
        function(
            folded_letters,
            "first_sent",
            lambda lines, of=None: _real_first_sent(lines, {"L7", "L8", "L9", "L10", "L11"}),
        ),
        ends=("L17", "L23"),
    ),
    Ended(
        "the evidence counts a record too many of what was erased with a remark",
        evidence(
            '<td class="number">{{ count }}</td><td>{{ one.came_to or "open" }}</td><td>“',
            '<td class="number">{{ count + 1 }}</td><td>{{ one.came_to or "open" }}</td><td>“',
        ),
    ),
)
