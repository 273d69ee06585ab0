"""Contradicting identifiers in a record that an officer included although its owner is in doubt. Pure.

The officer says that the record is the person's, and not that the other name in it is. So that name is masked, as any
further address, telephone number and date of birth is, until a person decides at its place to show it: a record may be
the person's and name another one as well, such as a relative who paid.
"""

from __future__ import annotations

from rightsflow.domain.identifiers import ONLY_CONTRADICTING, Identifier, IdentifierKind, Identifiers, of_kind
from rightsflow.domain.names import closest


def contradicts(identifier: Identifier, known: Identifiers) -> bool:
    """Return whether an identifier of a record is unknown for the subject, or is another name.

    Args:
        identifier: What the record names its person by.
        known: What is known of the subject.
    """
    if identifier.kind is IdentifierKind.NAME:
        return closest([identifier.value], of_kind(known, IdentifierKind.NAME)).contradicts
    return identifier not in known


def contradicting(named: Identifiers, known: Identifiers) -> frozenset[str]:
    """The names, addresses, telephone numbers and dates of birth in a record that contradict what is known.

    They are masked in it.

    A customer or account number is no name: nothing masks one in other records either. The officer sees it.

    Args:
        named: Everything by which the record names its person.
        known: What is known of the subject.
    """
    masked = {*ONLY_CONTRADICTING, IdentifierKind.EMAIL, IdentifierKind.PHONE}
    return frozenset(
        identifier.value for identifier in named if identifier.kind in masked and contradicts(identifier, known)
    )
