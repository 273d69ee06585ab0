"""Legal holds: place one, approve and review it, release it; the list of those in force."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from deployments.desk.addresses import PREFIX
from deployments.desk.page import page
from deployments.desk.pages.form_fields import beside, people_choices, typed_day, typed_number
from deployments.desk.visit import Visit, Wrong
from rightsflow.cases.facts.people import Duty
from rightsflow.cases.facts.persons import Sought
from rightsflow.cases.work.erasure.legal_hold import approve_hold, place_hold, release_hold, review_hold
from rightsflow.domain.accounts import Permission
from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.states import read_case_id

_MOST_DIGITS: Final = 9
_HERE: Final = f"{PREFIX}/holds"


@page("/holds", needs=Permission.READ_CASES)
def holds(visit: Visit) -> Response:
    """The holds in force, the soonest to review first, and the forms about them. The matter is not shown."""
    app = visit.app
    found = app.store.legal_holds.all()
    numbers = [(str(legal_hold.number), f"{legal_hold.number}: {legal_hold.scope.words}") for legal_hold in found]
    return visit.show(
        "holds.html",
        holds=found,
        numbers=numbers,
        to_approve=[choice for choice, legal_hold in zip(numbers, found, strict=True) if not legal_hold.approved_by],
        owner=Duty.of(app).name,
        owners=people_choices(app),
        systems=[(system, system) for system in app.settings.systems],
        today=app.today,
        kinds=app.settings.further_kinds,
        case=_case(visit),
    )


def _case(visit: Visit) -> str:
    """Return the case whose page linked here; empty if the address has no case."""
    try:
        return read_case_id(visit.asked("case"))
    except BadInput:
        return ""


@holds.act("/place", needs=Permission.HOLD_EVIDENCE)
def place(visit: Visit) -> Response:
    """Place a hold: it is in force at once, and a second person approves it."""
    visit.needed({"matter": "Say which claim needs the records.", "owner": "Choose who is responsible for it."})
    person = Sought(
        email=visit.typed("email"),
        phone=visit.typed("phone"),
        customer_id=visit.typed("customer_id"),
        further=tuple((kind.value, visit.typed(kind.value)) for kind in visit.app.settings.further_kinds),
    )
    review_on = typed_day(visit, "place_review_on")
    covers = _confirmed(visit)
    with beside("covers", conflicts=True):
        number, _ = place_hold(
            visit.app,
            visit.typed("matter"),
            review_on,
            by=visit.actor,
            owner=visit.typed("owner"),
            person=person if person.is_given else None,
            case_id=visit.typed("case"),
            system=visit.typed("system"),
            category=visit.typed("category"),
            confirmed=covers,
        )
    return visit.go(_HERE, f"Hold {number} is in force; a second person has to approve it here.")


def _confirmed(visit: Visit) -> int | None:
    """Return the number of cases that share the number, as the person confirms; ``None`` for an empty field."""
    typed = visit.typed("covers").strip()
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) <= _MOST_DIGITS):
        raise Wrong({"covers": "That is no number of cases; give it in digits."})
    return int(typed)


@holds.act("/approve", needs=Permission.HOLD_EVIDENCE)
def approve(visit: Visit) -> Response:
    """Approve a hold as a second person."""
    number = typed_number(visit, "approve_hold")
    with beside("approve_hold"):
        return visit.go(_HERE, approve_hold(visit.app, number, by=visit.actor))


@holds.act("/review", needs=Permission.HOLD_EVIDENCE)
def review(visit: Visit) -> Response:
    """Note that a hold was reviewed and is still needed."""
    number, on = typed_number(visit, "review_hold"), typed_day(visit, "next_review_on")
    with beside("next_review_on"):
        return visit.go(_HERE, review_hold(visit.app, number, on, by=visit.actor))


@holds.act("/release", needs=Permission.HOLD_EVIDENCE)
def release(visit: Visit) -> Response:
    """Release a hold; the decisions on its records are made anew."""
    visit.needed({"ended": "Say how the matter ended."})
    number = typed_number(visit, "release_hold")
    with beside("release_hold"):
        return visit.go(_HERE, release_hold(visit.app, number, by=visit.actor, reason=visit.typed("ended")))
