"""Identifiers of the subject in a record that may name several people, such as a call or a message. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from rightsflow.domain.identifiers import Identifiers, strong


def names_two(named: Identifiers, known: Identifiers) -> bool:
    """Return whether a record that may name several people names the subject and another person.

    True if it names two addresses, customer numbers or account ids of one sort, of which one is known.

    Args:
        named: The identifiers in it.
        known: What is known of the subject.
    """
    return any(here & known and here - known for here in _by_realm(named))


def of_one(named: Identifiers, known: Identifiers) -> Identifiers:
    """The strong identifiers in something that may name several people, without those that may be another's.

    Of two e-mail addresses, of which one is known, the other is not learnt; nor are two of which none is known, beside
    a customer number that is. Where nothing in it is known it is another person's, with all that it names.

    Args:
        named: The identifiers in it.
        known: What is known of the subject.
    """
    if not strong(named) & known:
        return strong(named)
    kept = (here & known or (here if len(here) == 1 else frozenset()) for here in _by_realm(named))
    return frozenset().union(*kept)


def _by_realm(named: Identifiers) -> Iterator[Identifiers]:
    for realm in {identifier.realm for identifier in strong(named)}:
        yield frozenset(identifier for identifier in strong(named) if identifier.realm == realm)
