"""What a case knows of its person: shown on demand, added to, corrected and removed; a second person approves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from deployments.desk.addresses import case_address
from deployments.desk.page import page
from deployments.desk.pages.case import SHADES, read_case
from deployments.desk.pages.form_fields import beside, typed_number
from deployments.desk.visit import Visit
from rightsflow.cases.course.contacts_on_file import ContactOnFile, contacts_on_file
from rightsflow.cases.course.person_changes import (
    POSTAL,
    PersonDetails,
    StatedChange,
    change_person,
    decide_change,
    read_person,
    reveal_person,
)
from rightsflow.domain.accounts import Permission
from rightsflow.domain.errors import BadInput
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.identifiers import kind_words
from rightsflow.domain.vocabulary.states import CaseState, read_case_id

_BEFORE_IDENTITY: Final = frozenset({CaseState.RECEIVED, CaseState.IDENTITY_PENDING})
_VERDICTS: Final = (("approve", "Approve: the change is made"), ("decline", "Decline: nothing changes"))


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PersonLook:
    """What a look shows of the person.

    Args:
        person: What the case knows.
        contacts: The numbers and addresses on file, while identity is open.
        silent: The systems that did not answer.
    """

    person: PersonDetails
    contacts: list[ContactOnFile]
    silent: tuple[str, ...]


def known_person(visit: Visit) -> PersonLook:
    """Read what is known of the person, which is noted with the reason that the form gives.

    Args:
        visit: The request.

    Raises:
        Wrong: The reason is missing.
    """
    visit.needed({"look_reason": "Say why you have to see it; the reason is kept with the case, encrypted."})
    case = read_case(visit)
    seen = reveal_person(visit.app, case.case_id, by=visit.actor, reason=visit.typed("look_reason"))
    is_open = case.state in _BEFORE_IDENTITY
    contacts, silent = contacts_on_file(visit.app, case.case_id, by=visit.actor) if is_open else ([], ())
    return PersonLook(person=seen, contacts=contacts, silent=silent)


@page("/cases/{case_id}/person", needs=Permission.READ_CASES)
def person(visit: Visit) -> Response:
    """Show what sorts of details are known, and how they changed."""
    return _shown(visit)


def _shown(visit: Visit, known: PersonLook | None = None) -> Response:
    case, app = read_case(visit), visit.app
    details = known.person if known else read_person(app, case.case_id)
    choices = [
        (detail.choice, f"{number}: {detail.kind}, from {detail.origin}")
        for number, detail in enumerate(details.details, start=1)
        if detail.may_go
    ]
    kinds = [(kind.value, kind_words(kind.value)[0].capitalize()) for kind in app.settings.kinds]
    return visit.show(
        "person.html",
        case=case,
        shade=case.light.value,
        shades=SHADES,
        here=_here(visit),
        known=known,
        details=details,
        choices=[*choices, (POSTAL, "Postal address")] if details.has_postal_address else choices,
        kinds=[*kinds, (POSTAL, "Postal address")],
        issuers=[(issuer, issuer) for issuer in sorted(app.account_issuers)],
        waiting=[
            (str(noted.number), f"{noted.number}: {_words(noted.change.act, noted.change.kind)}")
            for noted in details.changes
            if noted.is_waiting
        ],
        verdicts=_VERDICTS,
        words=_words,
        is_open=not case.state.is_settled and case.state is not CaseState.EXECUTING,
        can_add=case.state not in _BEFORE_IDENTITY,
    )


def _words(act: str, kind: str) -> str:
    return f"{act} {kind if ' ' in kind else kind_words(kind)[0]}"


@person.act("/look", needs=Permission.REVEAL)
def look_at_person(visit: Visit) -> Response:
    """Show the values, once; the look and its reason are noted."""
    return _shown(visit, known_person(visit))


@person.act("/add", needs=Permission.HANDLE_CASES)
def add_detail(visit: Visit) -> Response:
    """Add an identifier or the postal address."""
    visit.needed(
        {"kind": "Choose what is added.", "value": "Type the value.", "reason": "Say how you know it."},
    )
    stated = StatedChange(
        act="add",
        kind=visit.typed("kind"),
        value=visit.typed("value"),
        account_system=visit.typed("account_system"),
    )
    return _changed(visit, stated, "reason", "value")


@person.act("/correct", needs=Permission.HANDLE_CASES)
def correct_detail(visit: Visit) -> Response:
    """Correct or remove an identifier or the postal address."""
    visit.needed({"which": "Choose what is corrected or removed.", "why": "Say how you know it."})
    value = visit.typed("right_value")
    stated = StatedChange(act="correct" if value.strip() else "remove", which=visit.typed("which"), value=value)
    return _changed(visit, stated, "why", "right_value")


def _changed(visit: Visit, stated: StatedChange, reason: str, field: str) -> Response:
    case_id = read_case_id(visit.path("case_id"))
    with beside(field):
        said, is_searched = change_person(visit.app, case_id, stated, by=visit.actor, reason=visit.typed(reason))
    return _done(visit, said, is_searched=is_searched)


@person.act("/decide", needs=Permission.APPROVE)
def decide(visit: Visit) -> Response:
    """Approve or decline a change as the second person."""
    visit.needed({"change": "Choose the change.", "verdict": "Choose whether it is made."})
    if visit.typed("verdict") not in dict(_VERDICTS):
        raise BadInput("Choose whether the change is made.")
    case_id, approve = read_case_id(visit.path("case_id")), visit.typed("verdict") == "approve"
    said, is_searched = decide_change(
        visit.app, case_id, typed_number(visit, "change"), approve=approve, by=visit.actor
    )
    return _done(visit, said, is_searched=is_searched)


def _done(visit: Visit, said: str, *, is_searched: bool) -> Response:
    if is_searched:
        visit.desk.resume(read_case_id(visit.path("case_id")), Gate.APPROVAL)
    return visit.go(_here(visit), said)


def _here(visit: Visit) -> str:
    return f"{case_address('', read_case_id(visit.path('case_id')))}/person"
