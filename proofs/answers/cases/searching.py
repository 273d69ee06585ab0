"""What the systems answer to the search: drawn, and put into the case file as a search does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import date

from proofs.answers.cases.controllers import KINDS, SYSTEMS
from proofs.answers.cases.course import DAY, MARK, Course
from rightsflow.app import current_app
from rightsflow.cases.overview.account import searched_by
from rightsflow.cases.search.locating import resolve_identifiers
from rightsflow.domain.errors import RightsflowError
from rightsflow.domain.events import StepName
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers, identifier
from rightsflow.domain.records import Fact, Located, RecordRef

_LANGUAGES = ("de", "fr-BE", "pl", "it", "el", "en-GB", "tr")
_WITHOUT_RECORDS = {"L8"}
_MINE_NEEDED = {"L9", "L10", "L11", "failed", "R3 at approval", "R4 at approval"}


def search(course: Course) -> None:
    """Every system is searched, and what is learnt from the records is searched by too."""
    located = _answers(course)
    with course.file() as file:
        scope, known = file.identifiers.scope(), file.identifiers.known()
        for system in SYSTEMS:
            file.findings.replace(system, located[system])
            counts = {"matches": len(located[system]), "recalled": 0, "unproven": 0}
            details = _noted(course, system, known)
            course.finish(file, StepName.LOCATE, system, scope, details=details, counts=counts)
    for _ in range(3):
        with suppress(RightsflowError):
            if not resolve_identifiers(current_app(), course.case_id).learnt:
                return
        with course.file() as file:
            scope, known = file.identifiers.scope(), file.identifiers.known()
            for system in SYSTEMS:
                details = _noted(course, system, known)
                counts = {"matches": len(located[system])}
                course.finish(file, StepName.LOCATE, system, scope, details=details, counts=counts)


def _answers(course: Course) -> dict[str, list[Located]]:
    """What each system finds: nothing, records of the person, some that no one can attribute, or those alone."""
    with course.file() as file:
        known = file.identifiers.known()
    mine = frozenset(one for one in known if one.kind is not IdentifierKind.NAME)
    phone = frozenset(one for one in known if one.kind is IdentifierKind.PHONE)
    other = frozenset({identifier(IdentifierKind.EMAIL, f"boris.{course.dice.randrange(10**9)}@example.org")})
    what = _what(course, has_phone=bool(phone))
    owner = {"found": mine, "named": phone | other}.get(what)
    located = {system: list(_located(course, system, owner)) for system in SYSTEMS}
    # What is found is drawn before, so that the cases keep their course.
    located |= {system: [] for system in SYSTEMS if not searched_by(known, course.runtime.capabilities[system])}
    if what == "found" and not any(located.values()):
        located["helpdesk"].append(_record(course, "helpdesk", "ticket", mine))
    some_unclear = what == "found" and phone and course.target.end != "L10" and course.maybe(0.3)
    if what == "unclear" or some_unclear:
        located["helpdesk"].append(_record(course, "helpdesk", "profile", phone | other))
        count = course.dice.randint(1, 3)
        located["call-store"] += [_record(course, "call-store", "recording", phone) for _ in range(count)]
    if what == "found" and course.target.end != "L10":
        located["helpdesk"] += [
            _record(course, "helpdesk", "ticket", owner) for owner in _doubtful(course, mine, other)
        ]
    return located


def _doubtful(course: Course, mine: Identifiers, other: Identifiers) -> Iterator[Identifiers]:
    """Whom records name that have something of the person and contradict what is known: in some cases, not drawn."""
    turn = sum(map(ord, course.who.get("email", ""))) % 5
    addresses = frozenset(one for one in mine if one.kind is IdentifierKind.EMAIL)
    numbers = frozenset(one for one in mine if one.kind is IdentifierKind.CUSTOMER_ID)
    stranger = frozenset({Identifier(IdentifierKind.NAME, "Zdenka Quandt")})
    if turn in {0, 1} and addresses:
        yield addresses | stranger
    if turn in {1, 2} and numbers and addresses:
        yield numbers | other
        yield numbers


def _what(course: Course, *, has_phone: bool) -> str:
    end = course.target.end
    # What an earlier case left is found again.
    may_be_nothing = end not in _MINE_NEEDED and not course.earlier
    if end in _WITHOUT_RECORDS or (may_be_nothing and course.maybe(0.15)):
        return "nothing"
    if not has_phone or end in {"L10", "failed", "R3 at approval", "R4 at approval"}:
        return "found"
    return course.dice.choices(("found", "unclear", "named"), (80, 13, 7))[0]


def _located(course: Course, system: str, owner: frozenset[Identifier] | None) -> Iterator[Located]:
    for kind, _, _ in KINDS[system] if owner else ():
        # Vouchers are kept by the law, so that an erasure of everything finds none.
        if owner and not (course.target.end == "L10" and kind == "invoice"):
            for _ in range(course.dice.choice((0, 0, 1, 1, 2, 4))):
                yield _record(course, system, kind, owner)


def _record(course: Course, system: str, kind: str, owner: frozenset[Identifier]) -> Located:
    facts = set[Fact]()
    if course.target.end != "L10":
        shares = ((Fact.SHARED, 0.15), (Fact.LEGAL_HOLD, 0.07), (Fact.OPEN_DISPUTE, 0.05))
        facts |= {fact for fact, share in shares if course.maybe(share)}
        if kind == "invoice" and course.maybe(0.8):
            facts |= {Fact.ACCOUNTING} | ({Fact.OPEN_INVOICE} if course.maybe(0.2) else set())
        if kind == "profile" and course.maybe(0.1):
            facts.add(Fact.ACTIVE_CONTRACT)
    return Located(
        record=RecordRef(system, kind, f"{MARK}{course.dice.randrange(10**12)}"),
        category=next(title for name, title, _ in KINDS[system] if name == kind),
        owner=owner,
        occurred_on=date(2014, 1, 1) + DAY * course.dice.randint(0, 4400) if course.maybe(0.85) else None,
        facts=frozenset(facts),
        language=_language(course) if kind == "profile" else "",
    )


def _language(course: Course) -> str:
    """What a profile has on file: mostly one language in all of a person's records, sometimes another or none.

    Where the request names none, so that the records decide, they disagree more often.
    """
    if course.maybe(0.2):
        return ""
    usual = sum(map(ord, course.who.get("email", "")))
    drawn = course.dice.random()
    if drawn < 0.15:
        return course.dice.choice(_LANGUAGES)
    # Not drawn, so that the cases keep their course.
    is_another = drawn < 0.5 and not course.names_language
    return _LANGUAGES[(usual + is_another) % len(_LANGUAGES)]


def _noted(course: Course, system: str, known: Identifiers) -> dict[str, object]:
    """What a search notes of itself."""
    capabilities = course.runtime.capabilities[system]
    return {"by": searched_by(known, capabilities), "cannot_find": list(capabilities.cannot_find)}
