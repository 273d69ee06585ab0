"""The other cases of the same person, and the search for a person's cases by keyed hashes.

Everything that one case takes from another goes by this: records that an earlier case left, corrections, a sentence in
a letter. A case that shares nothing but a number is never more than a line for an officer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.people import acting
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.persons import Bond, Clue, KnownPerson, bond, differs_rarely
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Gate, Verdict
from rightsflow.domain.gates.refusals import Reason
from rightsflow.domain.identifier_kinds import BUILT_IN, declared_kinds
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, identifier, kind_words
from rightsflow.domain.request import read_issuer, read_kind
from rightsflow.domain.vocabulary.events import StepName
from rightsflow.domain.vocabulary.records import Outcome, OutcomeKind, PresenceState, RecordRef
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState, read_case_id
from rightsflow.domain.wording import listed
from rightsflow.store import CaseFile


@dataclass(frozen=True, slots=True)
class OtherCases:
    """The other cases that know their person by something which one case knows too.

    Args:
        same: Those of the same person: by what both know, or since a person found it out.
        perhaps: Those of which no one knows it.
        apart: Those that a person found to be another person's.
        repeated: Those of which one was stopped as a duplicate of the other: the same request, which nothing waits for.
    """

    same: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Return True if there is any bond."""
        return bool(self.same or self.perhaps or self.apart or self.repeated)


def other_cases(file: CaseFile, *, telling: bool = False, without: Identifiers = frozenset()) -> OtherCases:
    """Return the other cases, closed ones too, by the person they belong to.

    Args:
        file: The case file, open.
        telling: Whether it is the others that would get to know something of this one, instead of this one of them.
        without: Identifiers that do not count, since they are not right of this person.
    """
    sharing = file.identifiers.sharing()
    if not sharing:
        return OtherCases()
    decided, own = file.others.found_out(), _without(_identified(file, file.identifiers.person()), file, without)
    by_bond: dict[bool | None, list[str]] = {True: [], None: [], False: []}
    for case_id, theirs in sharing.items():
        is_same = decided[case_id] if case_id in decided else _is_same(file, case_id, own, theirs, telling=telling)
        by_bond[is_same].append(case_id)
    repeated = tuple(item for item in by_bond[None] if _is_repeated(file, file.beside(item)))
    perhaps = tuple(item for item in by_bond[None] if item not in repeated)
    return OtherCases(tuple(by_bond[True]), perhaps, tuple(by_bond[False]), repeated)


def _is_repeated(file: CaseFile, other: CaseFile) -> bool:
    """Return True if one of two cases was stopped as a duplicate of the other: a person decided that."""
    if CaseState.STOPPED not in {file.state, other.state}:
        return False
    return other.case_id == file.stopping.instead or file.case_id == other.stopping.instead


def _is_same(file: CaseFile, case_id: str, own: KnownPerson, theirs: KnownPerson, *, telling: bool) -> bool | None:
    """Return True if another case is of the same person; ``None`` where a person has to find that out."""
    given_twice = own.asked & theirs.asked
    # Who was identified, and how, is asked only where an address could decide it.
    if any(item.kind is IdentifierKind.EMAIL for item in given_twice):
        theirs = _identified(file.beside(case_id), theirs)
    # What is told a case is used by its search, which is not begun before it was confirmed who asks.
    tie = bond(replace(theirs, is_identified=True), own) if telling else bond(own, theirs)
    return True if tie is Bond.SAME else None


def _identified(file: CaseFile, person: KnownPerson) -> KnownPerson:
    decision = file.decisions.at(Gate.IDENTITY)
    if decision is None or decision.verdict is not Verdict.CONFIRMED:
        return person
    return replace(person, is_identified=True)


def _without(person: KnownPerson, file: CaseFile, identifiers: Identifiers) -> KnownPerson:
    if not identifiers:
        return person
    digests = file.identifiers.digests(identifiers)
    return replace(
        person,
        asked=frozenset(item for item in person.asked if item.digest not in digests),
        known=frozenset(item for item in person.known if item.digest not in digests),
    )


def unclear_whose(file: CaseFile) -> list[str]:
    """Return the cases that may be of the same person and whose answer left records that this one would have to name.

    They share an address, a customer number or an account with this one; until now such a case counted as the person's.
    A telephone number alone makes no answer wait: a company's switchboard would stop all of its callers.

    Args:
        file: The case file, open.
    """
    return list(_unclear_whose(file))


def _unclear_whose(file: CaseFile) -> Iterator[str]:
    perhaps, sharing = other_cases(file).perhaps, file.identifiers.sharing()
    known = file.identifiers.person().known
    for case_id in perhaps:
        if any(not item.kind.is_weak for item in known & sharing[case_id].known):
            theirs = file.beside(case_id).findings
            if theirs.left_behind() or theirs.has_unclear():
                yield case_id


def doubt_of_no(file: CaseFile, today: date) -> Conflict | None:
    """Return why no one can tell a person "no", since another case may be theirs and holds something; else ``None``.

    A telephone number alone makes no search wait, and is no proof that nothing is held either (Art. 11(2) GDPR).
    An objection and a withdrawal of consent are answered by what is done, so that they wait for nothing.

    Args:
        file: The case file, open.
        today: The present day in the controller's zone.
    """
    if file.right.keeps_from_advertising:
        return None
    listed_by = {suppression.case_id for suppression in file.suppressions.held(today)}
    holding = [
        perhap for perhap in other_cases(file).perhaps if perhap in listed_by or _holds_something(file.beside(perhap))
    ]
    if not holding:
        return None
    return Conflict(
        f"{listed(holding)} may be of the same person and holds something, so no one can say that nothing is held. "
        f"Find out, and say so on the page of {file.case_id} about other cases, or with `rightsflow case same-person` "
        f"or `rightsflow case other-person`; or refuse with the code {Reason.CANNOT_TELL.value}, which asks for what "
        "would show it."
    )


def _holds_something(other: CaseFile) -> bool:
    """Return True if a case left records, or may still find some."""
    return not other.state.is_settled or bool(other.findings.left_behind()) or other.findings.has_unclear()


def doubt_whose(file: CaseFile) -> Conflict | None:
    """Return the error that a person has to find out whose another case is; ``None`` where that is known.

    Args:
        file: The case file, open.
    """
    if not (cases := unclear_whose(file)):
        return None
    return Conflict(
        f"{listed(cases)} may be of the same person and left records, but shares too little to tell. Find out, and "
        f"say so on the page of {file.case_id} about other cases, or with `rightsflow case same-person` or `rightsflow "
        "case other-person`; the search goes on then."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCase:
    """A case of the person who was looked for.

    Args:
        case_id: The case.
        right: What was asked for.
        state: Where it stands.
        received_at: When the request was received.
        closed_at: When it was closed, or ``None``.
    """

    case_id: str
    right: Right
    state: CaseState
    received_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Sought:
    """The details to search for a person by, as typed; at least one is given.

    Args:
        email: The person's e-mail address.
        phone: The person's phone number.
        customer_id: The controller's own number of the person.
        account_id: An account id in one of the systems.
        account_system: The system that issued it; may be empty where only one does.
        further: Identifiers of kinds of the configuration, each with the kind's name.
    """

    email: str = ""
    phone: str = ""
    customer_id: str = ""
    account_id: str = ""
    account_system: str = ""
    further: tuple[tuple[str, str], ...] = ()

    @property
    def is_given(self) -> bool:
        """True if anything is given to look for."""
        texts = (self.email, self.phone, self.customer_id, self.account_id, *(text for _, text in self.further))
        return any(text.strip() for text in texts)

    def read(self, app: App) -> Identifiers:
        """Return the typed identifiers, normalised.

        Raises:
            BadInput: Nothing is given to look for, or something is not valid.
        """
        named = {declaration.name for declaration in BUILT_IN} & {*self.__dataclass_fields__}
        given = {IdentifierKind(name): text for name in named if (text := getattr(self, name)).strip()}
        given |= {read_kind(name, app.settings.further_kinds): text for name, text in self.further if text.strip()}
        if not given:
            raise BadInput("Nothing is given to look for; give an e-mail address, a phone number or a customer id.")
        issuer = ""
        if IdentifierKind.ACCOUNT_ID in given:
            issuer = read_issuer(self.account_system, app.account_issuers)
        country = app.settings.controller.country
        return frozenset(identifier(kind, text, country=country, issuer=issuer) for kind, text in given.items())


def look_up(app: App, sought: Sought, *, by: str) -> list[FoundCase]:
    """Return the cases of a person, closed ones too. The look-up is recorded, but not for whom.

    Args:
        app: What it works with.
        sought: By what the person is looked for.
        by: Who looks.

    Raises:
        BadInput: Nothing is given to look for, or something is not valid.
    """
    looker = acting(app, by)
    wanted = sought.read(app)
    cases = [_found(case_id, app) for case_id in app.store.cases_of(wanted)]
    kinds = [item.kind.value for item in wanted]
    app.store.purging.note_lookup(by=looker, kinds=kinds, found=len(cases))
    return sorted(cases, key=lambda item: item.received_at)


def _found(case_id: str, app: App) -> FoundCase:
    with app.store.case_file(case_id) as file:
        return FoundCase(
            case_id=case_id,
            right=file.right,
            state=file.state,
            received_at=file.received_at,
            closed_at=file.closed_at,
        )


ERASED_MEANWHILE: Final = "It was erased meanwhile, as another request of yours asked."
_ERASED: Final = frozenset({OutcomeKind.ERASED, OutcomeKind.REDACTED})
_STAYS: Final = frozenset(
    {OutcomeKind.RETAINED, OutcomeKind.RESTRICTED, OutcomeKind.NOT_CONCERNED, OutcomeKind.UNRECTIFIED}
)


def erased_beside(file: CaseFile) -> frozenset[RecordRef]:
    """Return the case's records that another case of the person has erased since this one's search.

    Args:
        file: The case file, open.
    """
    others = [file.beside(text) for text in other_cases(file).same]
    if not others:
        return frozenset()
    found_at = _found_at(file)
    mine = {finding.ref for finding in file.findings.all()}
    return frozenset(
        finding.ref
        for other in others
        for finding in other.findings.all()
        if finding.ref in mine and finding.outcome in _ERASED and finding.verified is not PresenceState.PRESENT
        # What was there at a search that came after it is back, or is another record of that name.
        if finding.acted_at and (at := found_at.get(finding.ref.system)) and finding.acted_at >= at
    )


def _found_at(file: CaseFile) -> dict[str, datetime]:
    """Return the instant of each system's last search for a case."""
    searches = [step for step in file.steps.all() if step.step == StepName.LOCATE]
    return {search.system: search.finished_at for search in searches if search.finished_at}


def note_erased_beside(file: CaseFile) -> None:
    """Note of records that the plan lets stay that another request of the person has erased them meanwhile.

    What was corrected before it was erased stays called so: it was, on the day that the answer names.

    Args:
        file: The case file, open; its answer is about to be written.
    """
    if not (erased := erased_beside(file)):
        return
    these = [
        finding
        for finding in file.findings.all()
        if finding.outcome in _STAYS and finding.attribution is Attribution.SUBJECT
    ]
    gone = [finding.ref for finding in these if finding.ref in erased]
    if gone:
        file.findings.record_outcome(
            *(Outcome(record=ref, kind=OutcomeKind.NOT_HELD, reason=ERASED_MEANWHILE) for ref in gone)
        )


class Whose(StrEnum):
    """The person whom another case is about, as far as it is known."""

    PERHAPS = "perhaps the same person"
    SAME = "the same person"
    APART = "another person"
    REPEATED = "one request twice"


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherCase:
    """Another case, without personal data.

    Args:
        case_id: The case.
        right: What is asked for.
        state: Where it stands.
        received_at: When the request was received (aware).
        opened_by: Who opened it, and so cannot say whose it is.
        shared: What both know their person by, in words for kinds.
        differs: What the two requests give differently, in words for kinds; empty for nothing.
        whose: Whose it is.
        is_found_out: Whether a person found that out.
        is_waited_for: Whether the search of the one case waits for that.
    """

    case_id: str
    right: Right
    state: CaseState
    received_at: datetime
    opened_by: str
    shared: str
    differs: str
    whose: Whose
    is_found_out: bool
    is_waited_for: bool


def read_other_cases(app: App, case_id: str) -> list[OtherCase]:
    """Return the other cases that share something with a case: the undecided ones first, then the newest.

    Args:
        app: What it works with.
        case_id: The case, as typed.

    Raises:
        BadInput: There is no such case.
    """
    with app.store.case_file(read_case_id(case_id)) as file:
        return sorted(_lines(file), key=lambda line: (list(Whose).index(line.whose), -line.received_at.timestamp()))


def _lines(file: CaseFile) -> Iterator[OtherCase]:
    others, own, sharing = other_cases(file), file.identifiers.person(), file.identifiers.sharing()
    decided, waited = file.others.found_out(), unclear_whose(file)
    standing = (
        (Whose.PERHAPS, others.perhaps),
        (Whose.SAME, others.same),
        (Whose.APART, others.apart),
        (Whose.REPEATED, others.repeated),
    )
    for whose, cases in standing:
        for case_id in cases:
            theirs = file.beside(case_id)
            yield OtherCase(
                case_id=case_id,
                right=theirs.right,
                state=theirs.state,
                received_at=theirs.received_at,
                opened_by=theirs.opened_by,
                shared=_kinds(own.known & sharing[case_id].known),
                differs=_kinds(_different(own, sharing[case_id])),
                whose=whose,
                is_found_out=case_id in decided,
                is_waited_for=case_id in waited,
            )


def _different(own: KnownPerson, theirs: KnownPerson) -> set[Clue]:
    mine = {item for item in own.asked if differs_rarely(item.kind)}
    return {
        item for item in mine if any(each.realm == item.realm for each in theirs.asked) and item not in theirs.asked
    }


def _kinds(clues: Iterable[Clue]) -> str:
    kinds = {clue.kind for clue in clues}
    return listed([kind_words(item.value)[0] for item in declared_kinds() if item in kinds])
