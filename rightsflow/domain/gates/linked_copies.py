"""Records of an access package that are decided on together, since one gives what another withholds. Pure.

A record found through another one belongs to it: the attachment of a ticket, the recording of a call, the transcript of
a recording. Left out, a record takes along what belongs to it, on the same ground. The entry above it, such as a call's
row, may be given without it (Art. 15(4) GDPR takes no more than needed), and so may a further part of that entry;
the reader of the package is told to look at these. A profile owns everything else of the person, so nothing belongs to
it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from rightsflow.domain.case.findings import Finding
from rightsflow.domain.case.record_decisions import RecordDecision
from rightsflow.domain.errors import BadInput
from rightsflow.domain.gates.package_changes import is_given
from rightsflow.domain.vocabulary.records import KindAt, RecordRef


def with_parts(
    left_out: Mapping[RecordRef, RecordDecision], findings: Sequence[Finding], profiles: Collection[KindAt]
) -> dict[RecordRef, RecordDecision]:
    """Return decisions to leave records out, with those on what belongs to them; a part's own decision precedes.

    Args:
        left_out: The decisions, by record.
        findings: All records of the case.
        profiles: The kinds of records that are a person's profile.
    """
    below = _below(findings, profiles)
    taken = dict(left_out)
    todo = [finding for finding in findings if finding.ref in left_out]
    while todo:
        entry = todo.pop()
        for part in below.get(entry.key, ()):
            if part.ref not in taken and is_given(part):
                taken[part.ref] = taken[entry.ref]
                todo.append(part)
    return taken


def refuse_torn(
    given: Collection[int], left_out: Collection[int], findings: Sequence[Finding], profiles: Collection[KindAt]
) -> None:
    """Refuse to give a record after all while a record to which it belongs stays left out.

    Args:
        given: The numbers of the records to be given.
        left_out: The numbers of the records that stay left out.
        findings: All records of the case.
        profiles: The kinds of records that are a person's profile.

    Raises:
        BadInput: One belongs to a record that stays left out.
    """
    below = _below(findings, profiles)
    for entry in findings:
        torn = [part.number for part in below.get(entry.key, ()) if part.number in given]
        if torn and entry.number in left_out:
            raise BadInput(
                f"Record {torn[0]} was found through record {entry.number}, which is left out; give that one too, and "
                "mask what must not be given."
            )


def families(findings: Sequence[Finding], profiles: Collection[KindAt]) -> dict[int, frozenset[str]]:
    """Return the families of each record, by its number: that of its entry, and that of its own parts.

    Args:
        findings: All records of the case.
        profiles: The kinds of records that are a person's profile.
    """
    below = _below(findings, profiles)
    found: dict[int, set[str]] = {finding.number: set() for finding in findings}
    for finding in findings:
        if parts := below.get(finding.key):
            for member in (finding, *parts):
                found[member.number].add(finding.key)
    return {number: frozenset(keys) for number, keys in found.items()}


def changed_beside(number: int, changed: Iterable[int], families_of: Mapping[int, frozenset[str]]) -> list[int]:
    """Return the changed records of a record's families.

    Args:
        number: The record's number.
        changed: The numbers of the records that are left out, masked or muted by a person.
        families_of: Of :func:`families`.
    """
    mine = families_of.get(number, frozenset())
    return sorted(other for other in changed if other != number and mine & families_of.get(other, frozenset()))


def _below(findings: Sequence[Finding], profiles: Collection[KindAt]) -> Mapping[str, Sequence[Finding]]:
    """Return what belongs to each record, by the record's key."""
    owners = {finding.key for finding in findings if KindAt(finding.ref.system, finding.ref.kind) not in profiles}
    below = defaultdict[str, list[Finding]](list)
    for finding in findings:
        if finding.via and finding.via in owners and finding.via != finding.key:
            below[finding.via].append(finding)
    return below
