"""Fields of a document that a law needs: an exception of Art. 17(3) GDPR is limited to the necessary data. Pure.

What a law alone keeps, of a class whose fields are known, loses its other fields for good where its system can do so.
In doubt a field is needed: a class that no one has spoken of is kept whole, and so is what anything else keeps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Finding, Planned, WorkedRecord
from rightsflow.domain.case.record_decisions import ANSWERS
from rightsflow.domain.erasure.plan_rules import PlanRules
from rightsflow.domain.rectification.change import in_words
from rightsflow.domain.vocabulary.records import DocumentClass, Fact, Method, Outcome, OutcomeKind
from rightsflow.domain.wording import listed

NEEDED: Final[Mapping[DocumentClass, frozenset[str]]] = MappingProxyType(
    {
        DocumentClass.VOUCHER: frozenset(
            {"name", "address", "delivery address", "tax number", "customer number", "statement"}
        )
    }
)
"""Default fields that each class needs; every field of a class not listed here is needed."""
NOT_BLANKED: Final = "What that does not need could not be blanked there:"
"""Beginning of the reason that some fields were not blanked; the record is recognised by these words."""
HOLDS_NONE: Final = "It holds nothing of what was to be blanked."
"""Connector's reason for a record without the fields to blank, although its kind has them."""
_TO_LOOK_AT: Final = (
    "The fields that the plan names are blanked for good; make sure that the document does not need them."
)
_STOPS: Final = frozenset({Fact.SHARED, Fact.MENTION, Fact.LEGAL_HOLD, Fact.LOCKED, Fact.OPEN_DISPUTE})


def unneeded(finding: Finding, rules: PlanRules) -> frozenset[str]:
    """The fields of a record that no law needs and its system can blank; none where that is not sure.

    Args:
        finding: The record.
        rules: What the plan depends on besides.
    """
    completed = {complete.document for complete in rules.completes.get(finding.ref, ()) if complete.is_stated}
    classes = ((rules.classes_of(finding) or frozenset()) | completed) - {DocumentClass.NONE}
    if not classes or not all(class_ in rules.needed for class_ in classes):
        return frozenset()
    kind = rules.capabilities[finding.ref.system].kind(finding.ref.kind)
    return kind.blankable - frozenset().union(*(rules.needed[class_] for class_ in classes))


def blank_unneeded(finding: Finding, planned: Planned, rules: PlanRules) -> Planned:
    """The plan of a record that a law alone keeps, with the blanking of what the law does not need.

    Of what was kept before it is asked apart, and a person approves that; what was blanked then stays said.

    Args:
        finding: The record.
        planned: What keeps it.
        rules: What the plan depends on besides.
    """
    is_decided = finding.decided is not None and finding.decided.act not in ANSWERS
    is_ours = finding.attribution is Attribution.SUBJECT and planned.until is not None
    if planned.method is not None or is_decided or not is_ours or finding.facts & _STOPS:
        return planned
    fields = unneeded(finding, rules)
    if not fields:
        return planned
    if blanked(fields) in finding.reason and finding.acted_at is not None:
        return replace(planned, reason=f"{planned.reason} {blanked(fields)}")
    if finding.acted_at is not None and not (rules.is_followed_up and _is_untold(finding.reason)):
        return planned
    note = " ".join(filter(None, (planned.note, _TO_LOOK_AT)))
    return replace(planned, method=Method.BLANK, reason=f"{planned.reason} {blanked(fields)}", note=note)


def _is_untold(reason: str) -> bool:
    """Return whether the reason does not state yet which fields of a record could be blanked."""
    return NOT_BLANKED not in reason and HOLDS_NONE not in reason


def blanked(fields: frozenset[str]) -> str:
    """The sentence that says which fields are blanked; by it the approval is bound to them.

    Args:
        fields: The fields.
    """
    return f"What that does not need is blanked there: {listed(sorted(map(in_words, fields)))}."


def with_blanks_told(finding: WorkedRecord, outcome: Outcome, fields: frozenset[str]) -> Outcome:
    """The outcome of a blanking, with the reason for which the record is kept where something could not be blanked.

    Args:
        finding: The record, as it was planned.
        outcome: What its system did.
        fields: What was to be blanked.
    """
    stays = outcome.kind in {OutcomeKind.RETAINED, OutcomeKind.RESTRICTED}
    if finding.method is not Method.BLANK or not stays or not outcome.reason:
        return outcome
    said = HOLDS_NONE if outcome.reason == HOLDS_NONE else f"{NOT_BLANKED} {outcome.reason}"
    return replace(outcome, reason=finding.reason.replace(blanked(fields), said))
