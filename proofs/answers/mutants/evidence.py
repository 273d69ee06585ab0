"""Changes of the evidence, of the case sheet and of the gates' forms."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

from proofs.answers.mutants.changing import Mutant, evidence, function
from rightsflow.audit.evidence import dpv_course, folded_letters
from rightsflow.audit.evidence.dpv_terms import ENDINGS
from rightsflow.audit.evidence.folded_records import FoldedRecords
from rightsflow.audit.evidence.folded_systems import FoldedSystems
from rightsflow.cases.gates import gate_texts
from rightsflow.cases.overview import case_sheet
from rightsflow.domain.case.fates import Fate
from rightsflow.domain.identifiers import KIND_WORDS

_real_first_sent = folded_letters.first_sent
_real_system = FoldedSystems._system
_real_dates = case_sheet._dates

EVIDENCE = (
    Mutant(
        "the evidence takes any letter for the answer",
        function(
            folded_letters,
            "first_sent",
            lambda lines, of=None: _real_first_sent(lines, {"L1", "L2", "L6", "L7", "L8", "L9", "L10", "L11"}),
        ),
    ),
    Mutant(
        "the evidence leaves out unclear records",
        lambda: patch.object(FoldedSystems, "_system", lambda *a: replace(_real_system(*a), unclear=0)),
    ),
    Mutant("British evidence names the GDPR", evidence("Art. 24(1) {{ law }}", "Art. 24(1) GDPR")),
    Mutant(
        "the evidence says fulfilled of what is retained",
        lambda: patch.object(dpv_course, "ENDINGS", {**ENDINGS, Fate.RETAINED: ENDINGS[Fate.ERASED]}),
    ),
    Mutant("the evidence says unfulfilled of what is erased", lambda: patch.object(dpv_course, "ENDINGS", {})),
    Mutant(
        "the evidence names no closing",
        evidence('("Closed", record.closed_at | utc if record.closed_at else "not yet")', '("Closed", "not yet")'),
    ),
    Mutant(
        "every request is said to have arrived by e-mail",
        evidence('("Arrived by", record.channel)', '("Arrived by", "e-mail")'),
    ),
    Mutant("the sheet shows no end of retention", function(case_sheet, "day", lambda _: "open")),
    Mutant("the gate counts a record too few", function(gate_texts, "_by_system", lambda lines: "")),
    Mutant(
        "the gate does not say what was masked",
        function(gate_texts, "KIND_WORDS", dict.fromkeys(KIND_WORDS, ("detail", "details"))),
    ),
    Mutant(
        "the evidence names nothing that was delegated", lambda: patch.object(FoldedRecords, "delegated", lambda _: ())
    ),
    Mutant(
        "the evidence counts an earlier case too many",
        evidence("{{ record.earlier_cases }}", "{{ record.earlier_cases + 1 }}"),
    ),
    Mutant("the sheet leaves out the tasks by hand", function(case_sheet, "_by_hand", lambda *_: iter(()))),
    Mutant("the gate leaves out what is to be done by hand", function(gate_texts, "_by_hand", lambda *_: iter(()))),
    Mutant(
        "the sheet of a British case names the GDPR",
        function(case_sheet, "_dates", lambda case, zone, law: _real_dates(case, zone, "GDPR")),
    ),
)
