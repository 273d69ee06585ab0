"""Treatment of unattributed records: unchanged until a person has decided. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Finding, Planned
from rightsflow.domain.case.record_decisions import RIGHTS_OF_OTHERS, RecordAct
from rightsflow.domain.doubts import RecordDoubt
from rightsflow.domain.erasure.plan_rules import PlanRules
from rightsflow.domain.identifiers import KIND_WORDS, IdentifierKind
from rightsflow.domain.law import Law
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.domain.vocabulary.rights import Right

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
    if said := _SAID.get(doubt):
        return said
    if doubt is RecordDoubt.NUMBER_ALONE:
        return f"you give us details by which it can be attributed to you, such as {_AN_EVENT}"
    missing = [f"your {KIND_WORDS[kind][0]}" for kind in _TELLING if kind not in given]
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
    RecordDoubt.OTHER_PERSON: (
        "your telephone number, and the address or number of a person whom you did not name to us belongs to it"
    ),
}
"""Identifier by which such a record was found; true also of a record that was found through another one."""
