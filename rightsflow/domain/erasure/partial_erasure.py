"""Parts of retained records that are erased all the same: unneeded fields and card security numbers. Pure.

An exception of Art. 17(3) GDPR is limited to the necessary data: a record that a law alone keeps loses the fields that
the law does not need, where its class is known and its system can do so. In doubt a field is needed. A card's security
number must not be kept (PCI DSS 3.3.1): it is muted in the seconds that the system marks (Art. 17(1)(d) GDPR), unless
the law, a hold or a lock keeps the recording unaltered, or the system cannot: then a person decides.

What is left to a person is read back as codes from the sentences in the records' reasons. Records have these sentences
for as long as they are kept, so a new wording is added and none replaced.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Finding, Planned, WorkedRecord
from rightsflow.domain.case.record_decisions import ANSWERS
from rightsflow.domain.disclosure.mask_choices import Interval
from rightsflow.domain.erasure.plan_by_decision import CANNOT_RESTRICT
from rightsflow.domain.erasure.plan_rules import PlanRules
from rightsflow.domain.errors import BadInput
from rightsflow.domain.rectification.changes import in_words
from rightsflow.domain.vocabulary.records import DocumentClass, Fact, LeftToPerson, Method, Outcome, OutcomeKind
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
    """Return the fields of a record that no law needs and its system can blank; none in doubt.

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
    """Plan a record that a law alone retains, with the blanking of the fields that the law does not need.

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
    """Return the sentence that names the blanked fields; it binds the approval to them.

    Args:
        fields: The fields.
    """
    return f"What that does not need is blanked there: {listed(sorted(map(in_words, fields)))}."


def with_blanks_told(finding: WorkedRecord, outcome: Outcome, fields: frozenset[str]) -> Outcome:
    """Return the outcome of a blanking, with the reason for retention where a field could not be blanked.

    Args:
        finding: The record, as it was planned.
        outcome: What its system did.
        fields: What was to be blanked.
    """
    stays = outcome.kind in {OutcomeKind.RETAINED, OutcomeKind.RESTRICTED}
    if finding.method is not Method.BLANK or not stays or not outcome.reason:
        return outcome
    reason = HOLDS_NONE if outcome.reason == HOLDS_NONE else f"{NOT_BLANKED} {outcome.reason}"
    return replace(outcome, reason=finding.reason.replace(blanked(fields), reason))


MUTED: Final = "The part in which a card's security number was recorded is muted for good in the system."
NOT_MUTED: Final = "A card's security number was recorded in a part of it, which was not muted:"
"""Beginning of the reason of a record that still has the number; the record is recognised by these words."""
ORDERED: Final = f"{NOT_MUTED} the law orders that the recording is kept unaltered, so that a person decides."
HELD: Final = f"{NOT_MUTED} the recording is held as it is, so that a person decides."
CANNOT: Final = f"{NOT_MUTED} a person has to do that by hand."
_OTHERS: Final = frozenset({Attribution.UNCLEAR, Attribution.ANOTHER})
_INTERVAL: Final = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)-(\d{1,6}(?:\.\d{1,3})?)(?:@(\d{1,2}))?")
_MOST_INTERVALS: Final = 20


def read_intervals(text: str) -> tuple[Interval, ...]:
    """Read the parts of a recording that a system marks: seconds from its start, such as ``12.5-18.25 40-43@1``.

    Args:
        text: As it is marked, separated by spaces; ``@1`` names a channel, otherwise all of them are meant.

    Raises:
        BadInput: It is not readable.
    """
    matches = [_INTERVAL.fullmatch(part) for part in text.split()]
    if not matches or len(matches) > _MOST_INTERVALS or not all(matches):
        raise BadInput(
            f"The marked seconds are not readable; mark them like 12.5-18.25 40-43@1, at most {_MOST_INTERVALS}."
        )
    return tuple(
        Interval(start=_milliseconds(part[1]), end=_milliseconds(part[2]), channel=int(part[3] or 0))
        for part in matches
        if part is not None
    )


def _milliseconds(seconds: str) -> int:
    whole, _, part = seconds.partition(".")
    return int(whole) * 1000 + int(f"{part:0<3}")


def mute_what_stays(finding: Finding, planned: Planned, rules: PlanRules, *, is_ordered: bool) -> Planned:
    """Return the plan with the treatment of a card's security number in a retained record.

    Args:
        finding: The record.
        planned: What is planned for it.
        rules: What the plan depends on besides.
        is_ordered: Whether a law orders that the recording is kept, which lets no one alter it.
    """
    if Fact.CARD_CODE not in finding.facts or finding.attribution in _OTHERS or _goes_or_is_not_meant(planned):
        return planned
    if is_ordered:
        return _left(planned, ORDERED)
    if _is_held(finding, planned, rules):
        return _left(planned, HELD)
    if Method.MUTE not in rules.methods(finding):
        return _left(planned, CANNOT)
    return replace(planned, method=Method.MUTE, reason=f"{planned.reason} {MUTED}", note=_noted(planned, _TO_LISTEN))


_TO_LISTEN: Final = "Seconds of it are muted for good, as its system marks them; listen to them before you approve."


def _goes_or_is_not_meant(planned: Planned) -> bool:
    is_removed = planned.method is not None and planned.method.removes
    return is_removed or planned.expected is OutcomeKind.NOT_CONCERNED or planned.question is not None


def _is_held(finding: Finding, planned: Planned, rules: PlanRules) -> bool:
    """Return whether a hold, a lock or a restriction keeps the record unchanged."""
    is_covered = any(hold.covers(finding.ref.system, finding.category) for hold in rules.holds)
    return is_covered or bool(finding.facts & {Fact.LEGAL_HOLD, Fact.LOCKED}) or planned.method is Method.RESTRICT


def _left(planned: Planned, reason: str) -> Planned:
    return replace(planned, reason=f"{planned.reason} {reason}", note=_noted(planned, reason))


def _noted(planned: Planned, more: str) -> str:
    return " ".join(filter(None, (planned.note, more)))


def is_muted(finding: Finding) -> bool:
    """Return whether a record is kept muted, so that a back-up would bring it back unmuted.

    Args:
        finding: The record.
    """
    return finding.method is Method.MUTE and finding.outcome is OutcomeKind.RETAINED and not finding.refused


def left_to_person(planned: Planned) -> Planned:
    """Plan a record without muting: after the answer a person mutes it, as a task of the case.

    Args:
        planned: The plan.
    """
    if planned.method is not Method.MUTE:
        return planned
    return replace(planned, method=None, reason=planned.reason.replace(MUTED, CANNOT))


def with_reason_kept(finding: WorkedRecord, outcome: Outcome) -> Outcome:
    """Return the outcome of a muting, with the reason for retention where it was refused.

    Args:
        finding: The record, as it was planned.
        outcome: What its system did.
    """
    if finding.method is not Method.MUTE or outcome.kind is not OutcomeKind.RETAINED or not outcome.reason:
        return outcome
    return replace(outcome, reason=finding.reason.replace(MUTED, outcome.reason))


_SAID: Final = (
    (CANNOT_RESTRICT, LeftToPerson.NO_MARK),
    # The last of the three is how the two before begin.
    (ORDERED, LeftToPerson.CARD_CODE_HELD),
    (HELD, LeftToPerson.CARD_CODE_HELD),
    (NOT_MUTED, LeftToPerson.CARD_CODE),
    (NOT_BLANKED, LeftToPerson.NOT_BLANKED),
)


def left_by_reason(reason: str) -> frozenset[LeftToPerson]:
    """Return the manual work that a record's reason leaves to a person.

    Args:
        reason: The reason, as the person reads it.
    """
    fields = {left for sentence, left in _SAID if sentence in reason}
    if LeftToPerson.CARD_CODE_HELD in fields:
        fields.discard(LeftToPerson.CARD_CODE)
    return frozenset(fields)
