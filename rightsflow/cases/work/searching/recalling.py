"""Records that a person's earlier cases left at a system, found although no profile there names the person.

After an erasure the profile by which the retained vouchers were found is gone: a search by the person's address finds
nothing, and "no, we hold nothing" would be untrue.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from rightsflow.cases.app import App
from rightsflow.cases.facts.persons.bonds import other_cases
from rightsflow.cases.facts.search.systems import insist_on_kinds
from rightsflow.cases.work.searching.unreadable import note_unreadable, refusal_of, unreadable
from rightsflow.domain.connector import Connector
from rightsflow.domain.errors import Transient
from rightsflow.domain.identifiers import Identifiers, strong
from rightsflow.domain.rectification.changes import Change
from rightsflow.domain.vocabulary.records import Located, PresenceState, RecordRef
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.store import CaseFile


@dataclass(frozen=True, slots=True)
class SearchedPerson:
    """The person whose records are searched for.

    Args:
        known: The identifiers known so far.
        earlier: The other cases of the same person.
        changes: What they want corrected, in a rectification.
    """

    known: Identifiers
    earlier: tuple[str, ...]
    changes: tuple[Change, ...] = ()

    @classmethod
    def of(cls, file: CaseFile) -> SearchedPerson:
        """Return the person of a case file."""
        items = file.corrections.all() if file.right is Right.RECTIFICATION else []
        return cls(file.identifiers.known(), other_cases(file).same, tuple(item.item.change for item in items))


class Recalled(NamedTuple):
    """The records that a person's earlier cases left at a system.

    Args:
        located: What a fresh read still shows of it.
        asked: Of how many records it was asked.
    """

    located: list[Located]
    asked: int


def recall(searched: SearchedPerson, connector: Connector, app: App) -> Recalled:
    """The records that earlier cases of the person left at a system and that a fresh read still shows.

    Only cases of the same person count (:mod:`rightsflow.cases.facts.persons.bonds`): a number may be several people's.

    Args:
        searched: Whose records are searched for.
        connector: The system.
        app: What it works with.

    Raises:
        Transient: The system gives no clear answer about one of them; that must never look like its absence.
        Misconfigured: The connector no longer knows a kind of record that a case left.
        Refused: One is there and cannot be read as the person's any more; its case has a task for that now.
    """
    left_by_others: set[RecordRef] = set()
    # Several earlier cases may have left the same record.
    recalled: dict[RecordRef, Located] = {}
    known = searched.known
    # What a case left may be readable only by what the one before it learnt, whose profiles are gone.
    of_all = known.union(*(_known_to(app, other) for other in searched.earlier))
    for other in searched.earlier:
        with app.store.case_file(other) as file:
            theirs = file.identifiers.known()
            # Where a person found out that it is the same one, the two may share nothing but a number, or nothing yet.
            shared = strong(known) & theirs or strong(known) or known
            left = file.findings.left_behind(connector.system)
        by_ref = {located.record: located for located in left}
        left_by_others |= set(by_ref)
        insist_on_kinds(by_ref, {connector.system: connector.capabilities}, f"The earlier case {other}")
        looks = list(connector.presence(list(by_ref), of_all)) if by_ref else []
        if unread := unreadable(looks):
            with app.store.case_file(other) as file:
                note_unreadable(file, app, connector.system, unread)
            raise refusal_of(connector.system, len(unread), other)
        for seen in looks:
            if seen.state is PresenceState.UNKNOWN:
                raise Transient(
                    f"What the case {other} left could not be looked at again; try again.",
                    system=connector.system,
                    operation="presence",
                )
            if seen.state in {PresenceState.PRESENT, PresenceState.RESIDUE}:
                # That case decided whose it is, by identifiers of which this one shares some.
                left_there = recalled.get(seen.record, by_ref[seen.record])
                recalled[seen.record] = replace(left_there, owner=left_there.owner | shared)
    return Recalled(list(recalled.values()), len(left_by_others))


def _known_to(app: App, case_id: str) -> Identifiers:
    with app.store.case_file(case_id) as file:
        return file.identifiers.known()


def insist_on_systems(file: CaseFile, app: App) -> None:
    """Make sure that every system in which an earlier case of the person left something is still configured.

    Args:
        file: The case file, open.
        app: What it works with.

    Raises:
        Misconfigured: One is not, so that no one looks there.
    """
    for other in other_cases(file).same:
        left = file.beside(other).findings.left_behind()
        insist_on_kinds((located.record for located in left), app.capabilities, f"The earlier case {other}")
