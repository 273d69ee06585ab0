"""Plan rules that follow the request: its limits, restriction, rectification, and records in doubt. Pure.

A restriction is Art. 18(1) GDPR, a rectification Art. 16. Unattributed records stay unchanged until a person decided.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Final

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Finding, Planned
from rightsflow.domain.case.record_decisions import RIGHTS_OF_OTHERS, RecordAct
from rightsflow.domain.doubts import RecordDoubt
from rightsflow.domain.erasure.plan_by_decision import CANNOT_RESTRICT
from rightsflow.domain.erasure.plan_rules import PlanRules
from rightsflow.domain.identifiers import IdentifierKind, kind_words
from rightsflow.domain.law import Law
from rightsflow.domain.rectification.changes import NO_SUCH_FIELD, FieldOf, in_words
from rightsflow.domain.request import NOT_ASKED_FOR, OUTSIDE
from rightsflow.domain.vocabulary.records import Fact, Method, OutcomeKind
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.wording import listed

BY_HAND: Final = "No program of ours corrects it; a person looks whether it holds what is to be corrected."
NOTHING_TO_DO: Final = "Nothing of what you asked to be corrected was accepted for it."
HELD_UNALTERED: Final = "A legal claim needs it as it is, so that it stays unaltered until that has ended."
NO_ROOM: Final = (
    "Its system has no room for the new value as it is written, such as for one of its letters; a person looks "
    "what can be done there."
)
ROOM_FOR_REST: Final = (
    "{system} has no room for the new value of: {fields}. That stays for a person, the rest is corrected. Where the "
    "system is given room, search anew before you decide."
)
"""Note to the approver on a record that can be corrected only in part."""
_VOUCHER: Final = (
    "It is a voucher, which is not altered once it is issued; a person looks whether a corrected one has to be issued."
)
_LOCKED: Final = "Its system keeps it unalterable; a person looks whether a corrected copy is needed."
_SHARED: Final = "Another person's data stand in the same record; a person looks at it."
_WHY_NOT: Final = (
    (frozenset({Fact.LEGAL_HOLD, Fact.OPEN_DISPUTE}), HELD_UNALTERED),
    (frozenset({Fact.LOCKED}), _LOCKED),
    (frozenset({Fact.ACCOUNTING}), _VOUCHER),
    (frozenset({Fact.SHARED, Fact.MENTION}), _SHARED),
)
"""Reasons that keep the software from altering a record, by the connector's facts."""


def rectify_as_asked(finding: Finding, rules: PlanRules) -> Planned | None:
    """Plan the accepted corrections in a record that is the person's alone and has the field; else state why not.

    Args:
        finding: The record.
        rules: What the plan depends on besides.
    """
    if rules.right is not Right.RECTIFICATION:
        return None
    if not rules.corrected:
        return _left(finding, NOTHING_TO_DO)
    fields = rules.capabilities[finding.ref.system].kind(finding.ref.kind).fields & rules.corrected
    if not fields:
        return _without_the_field(finding, rules)
    if reason := _why_unaltered(finding, rules):
        return _unrectified(finding, f"Not corrected: {_named(fields)}. {reason}")
    return _as_there_is_room(finding, fields, rules)


def _as_there_is_room(finding: Finding, fields: frozenset[str], rules: PlanRules) -> Planned:
    """Plan the correction of the fields that have room for the right value."""
    full = rules.without_room.get(finding.ref.system, frozenset())
    refused = frozenset(field for field in fields if FieldOf(finding.ref.kind, field) in full)
    if not refused:
        return Planned(ref=finding.ref, method=Method.RECTIFY, expected=OutcomeKind.RECTIFIED)
    if refused == fields:
        return _unrectified(finding, f"Not corrected: {_named(fields)}. {NO_ROOM}")
    note = ROOM_FOR_REST.format(fields=_named(refused), system=finding.ref.system)
    return Planned(ref=finding.ref, method=Method.RECTIFY, expected=OutcomeKind.UNRECTIFIED, note=note)


def _named(fields: Iterable[str]) -> str:
    return listed(sorted(map(in_words, fields)))


def _without_the_field(finding: Finding, rules: PlanRules) -> Planned:
    capabilities = rules.capabilities[finding.ref.system]
    if fixed := capabilities.kind(finding.ref.kind).fixed:
        return _left(finding, fixed)
    elsewhere = any(kind.fields & rules.corrected for kind in capabilities.kinds)
    return _left(finding, NO_SUCH_FIELD) if elsewhere else _unrectified(finding, BY_HAND)


def _why_unaltered(finding: Finding, rules: PlanRules) -> str:
    """Return the reason that keeps the software from altering a record; empty for none."""
    if any(hold.covers(finding.ref.system, finding.category) for hold in rules.holds):
        return HELD_UNALTERED
    return next((reason for facts, reason in _WHY_NOT if finding.facts & facts), "")


def _left(finding: Finding, reason: str) -> Planned:
    return Planned(ref=finding.ref, method=None, expected=OutcomeKind.NOT_CONCERNED, reason=reason)


def _unrectified(finding: Finding, reason: str) -> Planned:
    return Planned(ref=finding.ref, method=None, expected=OutcomeKind.UNRECTIFIED, reason=reason)


AS_ASKED: Final = "You asked that it is stored and used for nothing else."
SHARED: Final = "Another person's data stand in the same record, which a mark would keep from being used as well."
LEFT_AS_DECIDED: Final = "It was decided for this record alone that your request does not concern it."


def leave_unconcerned(finding: Finding, rules: PlanRules) -> Planned | None:
    """Leave a record outside the request unchanged, unless a person decided otherwise.

    Args:
        finding: The record.
        rules: What the plan depends on besides.
    """
    left_out = rules.left_out(finding)
    if left_out is None or (finding.decided is not None and finding.decided.act is RecordAct.ERASE):
        return None
    return Planned(ref=finding.ref, method=None, expected=OutcomeKind.NOT_CONCERNED, reason=left_out.reason)


def leave_as_decided(finding: Finding, rules: PlanRules) -> Planned | None:
    """Leave a record unchanged that a person placed outside the request.

    Args:
        finding: The record.
        rules: What the plan depends on besides.
    """
    if finding.decided is None or finding.decided.act is not RecordAct.LEAVE_OUT:
        return None
    is_outside = finding.decided.ground == NOT_ASKED_FOR
    return Planned(
        ref=finding.ref,
        method=None,
        expected=OutcomeKind.NOT_CONCERNED,
        reason=OUTSIDE if is_outside else LEFT_AS_DECIDED,
        legal_basis=finding.decided.cited(rules.law),
    )


def restrict_as_asked(finding: Finding, rules: PlanRules) -> Planned | None:
    """Mark a record to be stored only, as requested; without an interface, a person sees to it (Art. 18(1) GDPR).

    Args:
        finding: The record.
        rules: What the plan depends on besides.
    """
    ground = rules.ground
    if rules.right is not Right.RESTRICTION or ground is None:
        return None
    kept = Planned(
        ref=finding.ref,
        method=None,
        expected=OutcomeKind.RETAINED,
        reason=AS_ASKED,
        legal_basis=f"{ground.provision} {rules.law.name}",
        ends_when=ground.ends_when,
    )
    if finding.facts & {Fact.SHARED, Fact.MENTION}:
        return replace(kept, reason=f"{SHARED} {CANNOT_RESTRICT}")
    if Method.RESTRICT not in rules.methods(finding):
        return replace(kept, reason=f"{kept.reason} {CANNOT_RESTRICT}")
    return replace(kept, method=Method.RESTRICT, expected=OutcomeKind.RESTRICTED)


NOT_IDENTIFIED: Final = "Art. 11(2)"
"""The provision for retaining a record that no one can attribute."""


def leave_unattributed(finding: Finding, rules: PlanRules) -> Planned | None:
    """Leave an unattributed record unchanged, unless a person decided that it is the subject's.

    Args:
        finding: The record.
        rules: What the plan goes by.
    """
    if finding.attribution is Attribution.SUBJECT:
        return None
    # A wrong value is never put into what may be another person's record.
    is_kept = finding.attribution is Attribution.ANOTHER or rules.right is Right.RECTIFICATION
    doubt = finding.doubt or RecordDoubt.NUMBER_ALONE
    if not is_kept and _is_taken(finding, doubt, rules):
        return None
    return Planned(
        ref=finding.ref,
        method=None,
        expected=OutcomeKind.RETAINED,
        reason=f"We found it by {_FOUND_BY[doubt]}. We cannot tell whether it is yours and left it unchanged.",
        legal_basis=f"{NOT_IDENTIFIED} {rules.law.name}",
        ends_when=wanted(doubt, rules.given),
    )


def _is_taken(finding: Finding, doubt: RecordDoubt, rules: PlanRules) -> bool:
    """Return whether a person decided that a record is the subject's; a doubt beyond a number is decided alone."""
    is_decided = finding.decided is not None and finding.decided.act is RecordAct.ERASE
    return doubt.may_be_decided if is_decided else rules.include_unclear and not doubt.names_person


def is_left(attribution: Attribution, legal_basis: str) -> bool:
    """Return whether a record stays as it is because no one could attribute it.

    Args:
        attribution: Whose it is.
        legal_basis: The provision on which it stays.
    """
    return attribution is Attribution.UNCLEAR and legal_basis.startswith(NOT_IDENTIFIED)


def not_copied(doubt: RecordDoubt, given: Collection[IdentifierKind], law: Law) -> tuple[str, str]:
    """Return why records are not in an access package, and the provision (Art. 15(4) GDPR).

    Args:
        doubt: Why it is unclear whose they are.
        given: What is known of the person, by its kinds.
        law: The law that the request comes under.
    """
    reason = (
        f"We found them by {_FOUND_BY[doubt]}. We cannot tell whether they are yours. We search again as soon as "
        f"{wanted(doubt, given)}."
    )
    return reason, f"{RIGHTS_OF_OTHERS} {law.name}"


def wanted(doubt: RecordDoubt, given: Collection[IdentifierKind]) -> str:
    """Return the missing data that would show the owner of a record, in words to follow "until".

    Args:
        doubt: Why it is unclear whose it is.
        given: What is known of the person, by its kinds.
    """
    if sentence := _SAID.get(doubt):
        return sentence
    if doubt is RecordDoubt.NUMBER_ALONE:
        return f"you give us details by which it can be attributed to you, such as {_AN_EVENT}"
    missing = [f"your {kind_words(kind)[0]}" for kind in _TELLING if kind not in given]
    return f"you give us {' or '.join(missing)}" if missing else f"you show that it is yours, such as by {_AN_EVENT}"


_AN_EVENT: Final = "the date and time of a call or an order of yours"
_TELLING: Final = (IdentifierKind.CUSTOMER_ID, IdentifierKind.BIRTH_DATE, IdentifierKind.NAME)
"""Kinds of identifiers that distinguish people who share an address or a number, the most readily given first."""
_THIS_TOO: Final = "you tell us that this address or number is yours as well"
_SAID: Final = {
    RecordDoubt.UNCONFIRMED_NUMBER: "you show that this number is yours, such as by a bill that bears it",
    RecordDoubt.OTHER_IDENTIFIER: _THIS_TOO,
    RecordDoubt.OTHER_PERSON: _THIS_TOO,
    RecordDoubt.LEARNT_NUMBER: "you tell us that this number is yours alone",
    RecordDoubt.OTHER_NAME: "you tell us by which other names you are known to us",
    RecordDoubt.OTHER_TIME: "you show us from when until when it was yours, such as by a bill",
    RecordDoubt.PART_ALONE: "you give us a second number or address that belongs to it",
}
_YOURS: Final = "an address or a number that is yours or that you gave us"
_FOUND_BY: Final = {
    RecordDoubt.NUMBER_ALONE: "nothing but a number that several people used",
    RecordDoubt.UNCONFIRMED_NUMBER: "nothing but a customer number that none of your other records bears",
    RecordDoubt.LEARNT_NUMBER: "nothing but a telephone number of an order or a contact of yours",
    RecordDoubt.OTHER_OWNER: f"{_YOURS}, and it belongs to a record of which we cannot tell that either",
    RecordDoubt.OTHER_IDENTIFIER: (
        "a number that is yours or that you gave us, and an address or customer number that you did not name to us "
        "belongs to it"
    ),
    RecordDoubt.OTHER_NAME: f"{_YOURS}, and the names with it do not all agree",
    # Neither says what another person's record bears: a date of birth there would tell that there is a namesake.
    RecordDoubt.OTHER_BIRTH_DATE: f"{_YOURS}, and that another person may use as well",
    RecordDoubt.NAMESAKE: f"{_YOURS}, and that another person may use as well",
    RecordDoubt.SHARED_MAILBOX: "an e-mail address of yours that other people seem to use as well",
    RecordDoubt.OTHER_TIME: "the number of something that other people may have had before or after you",
    RecordDoubt.PART_ALONE: "a number that other people may have as well",
    RecordDoubt.OTHER_PERSON: (
        "a number of yours, and the address or number of a person whom you did not name to us belongs to it"
    ),
}
"""Identifier by which such a record was found; true also of a record that was found through another one."""
