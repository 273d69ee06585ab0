"""What is done with records of which no one can tell whose they are: nothing, until a person has decided. Pure."""

from __future__ import annotations

from typing import Final

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Finding, Planned
from rightsflow.domain.doubts import RecordDoubt
from rightsflow.domain.erasure.plan_rules import PlanRules
from rightsflow.domain.gates.record_decisions import RecordAct
from rightsflow.domain.records import OutcomeKind
from rightsflow.domain.request import Right


def leave_unattributed(finding: Finding, rules: PlanRules) -> Planned | None:
    """Leave a record as it is that is not known to be the subject's, unless a person decided that it is.

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
    reason, ends_when = _LEFT[doubt]
    return Planned(
        ref=finding.ref,
        method=None,
        expected=OutcomeKind.RETAINED,
        reason=reason,
        legal_basis=f"Art. 11(2) {rules.law.name}",
        ends_when=ends_when,
    )


def _is_taken(finding: Finding, doubt: RecordDoubt, rules: PlanRules) -> bool:
    """Whether a person decided that it is the subject's: what is more than a number is decided on alone."""
    is_decided = finding.decided is not None and finding.decided.act is RecordAct.ERASE
    return doubt.may_be_decided if is_decided else rules.include_unclear and not doubt.names_person


def _left(carries: str, ends_when: str) -> tuple[str, str]:
    return f"The record carries {carries}; we cannot tell whether it is yours and left it unchanged.", ends_when


_THIS_TOO: Final = "you tell us that this address or number is yours as well"
_SHOW_IT: Final = "you give us details that show that it is yours"
_LEFT: Final = {
    RecordDoubt.NUMBER_ALONE: _left(
        "a number that several people used",
        "you give us details by which it can be attributed to you, such as the date and time of a call of yours",
    ),
    RecordDoubt.UNCONFIRMED_NUMBER: _left(
        "nothing but a customer number that none of your other records bears",
        _SHOW_IT,
    ),
    RecordDoubt.OTHER_IDENTIFIER: _left(
        "a number that is yours or that you gave us, and an address or customer number that you did not name to us",
        _THIS_TOO,
    ),
    RecordDoubt.OTHER_NAME: _left(
        "an address or a number that is yours or that you gave us, and another name than we know of you",
        "you tell us that this name is yours as well",
    ),
    RecordDoubt.OTHER_BIRTH_DATE: _left(
        "an address or a number that is yours or that you gave us, and a date of birth that is not the one we know of "
        "you or not the same everywhere",
        "you show that this date of birth is an error in our records",
    ),
    RecordDoubt.NAMESAKE: _left(
        "a name like yours and an address or a number that a person of the same name may use as well",
        "you give us details that tell you from that person, such as your customer number or your date of birth",
    ),
    RecordDoubt.SHARED_MAILBOX: _left(
        "an e-mail address of yours that other people seem to use as well",
        _SHOW_IT,
    ),
    RecordDoubt.LEARNT_NUMBER: _left(
        "nothing but a telephone number that you gave us with an order or a contact",
        "you tell us that this number is yours alone",
    ),
    RecordDoubt.OTHER_OWNER: _left(
        "an address or a number that is yours or that you gave us, while they belong to a record of somebody else",
        _SHOW_IT,
    ),
    RecordDoubt.OTHER_PERSON: _left(
        "your telephone number and the address or number of a person whom you did not name to us",
        _THIS_TOO,
    ),
}
"""Why such a record is left, and what would attribute it."""
NOT_ATTRIBUTED: Final = frozenset(ends_when for _, ends_when in _LEFT.values())
"""What ends the keeping of a record that could not be attributed."""
