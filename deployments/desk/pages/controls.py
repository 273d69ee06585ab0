"""Paused deletion, the systems' health, who is absent, and the suppression list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response

from deployments.desk.addresses import PREFIX
from deployments.desk.page import page
from deployments.desk.pages.form_fields import beside, people_choices, typed_day, typed_number
from deployments.desk.visit import Visit, Wrong
from rightsflow.cases.app import App
from rightsflow.cases.course.evidence.ledger import accept_repair, propose_repair
from rightsflow.cases.facts.people import record_absence, said
from rightsflow.cases.facts.persons import Sought
from rightsflow.cases.facts.systems import system_checks
from rightsflow.cases.work.erasure.brakes import place, release_brake, set_brake
from rightsflow.cases.work.erasure.suppression import Listed, are_suppressed, suppress, unsuppress
from rightsflow.domain.accounts import Permission
from rightsflow.domain.connector import Health
from rightsflow.domain.erasure.safeguards import ALL
from rightsflow.domain.people import Absence

_HERE: Final = f"{PREFIX}/controls"
_EVERYWHERE: Final = "all systems"
_UNCHECKED: Final[Mapping[str, Health]] = {}


@page("/controls", needs=Permission.READ_CASES)
def controls(visit: Visit) -> Response:
    """Show the braked systems and the absent people; the systems are called only on request."""
    return _shown(visit, _UNCHECKED)


def _shown(visit: Visit, health: Mapping[str, Health]) -> Response:
    app = visit.app
    brakes = app.store.brakes.present()
    braked = {item.system for item in brakes}
    return visit.show(
        "controls.html",
        brakes=brakes,
        place=place,
        free=[(system, name) for system, name in _named(app).items() if system not in braked],
        braked=[(item.system, _named(app).get(item.system, item.system)) for item in brakes],
        systems=list(app.settings.systems),
        health=health,
        absences=app.store.absences_from(app.today),
        people=people_choices(app),
    )


def _named(app: App) -> dict[str, str]:
    return {ALL: _EVERYWHERE} | {system: system for system in app.settings.systems}


@controls.act("/check", needs=Permission.SET_BRAKES)
def check(visit: Visit) -> Response:
    """Check that every system answers, and that its mappings find identifiers in a sample of stored values."""
    return _shown(visit, system_checks(visit.app))


@controls.act("/brake", needs=Permission.SET_BRAKES)
def brake(visit: Visit) -> Response:
    """Stop erasing at a system, or at all."""
    visit.needed({"brake": "Choose where erasing stops.", "brake_reason": "Say why; it is kept encrypted."})
    with beside("brake"):
        done = set_brake(visit.app, visit.typed("brake"), by=visit.actor, reason=visit.typed("brake_reason"))
    return visit.go(_HERE, done)


@controls.act("/release", needs=Permission.SET_BRAKES)
def release(visit: Visit) -> Response:
    """Resume deletion at a system, or at all."""
    visit.needed({"release": "Choose which brake is released.", "release_reason": "Say why; it is kept encrypted."})
    with beside("release"):
        done = release_brake(visit.app, visit.typed("release"), by=visit.actor, reason=visit.typed("release_reason"))
    return visit.go(_HERE, done)


@controls.act("/repair", needs=Permission.SET_BRAKES)
def repair(visit: Visit) -> Response:
    """Propose to seal the ledger in spite of its faults."""
    return visit.go(_HERE, propose_repair(visit.app, by=visit.actor))


@controls.act("/repair-accept", needs=Permission.SET_BRAKES)
def accept(visit: Visit) -> Response:
    """Accept the ledger's faults as the second person."""
    return visit.go(_HERE, accept_repair(visit.app, by=visit.actor))


@controls.act("/absence", needs=Permission.HANDLE_CASES)
def note_absence(visit: Visit) -> Response:
    """Note a person's absence and their deputy."""
    visit.needed({"person": "Choose who is absent.", "deputy": "Choose who stands in."})
    first_on, last_on = typed_day(visit, "first_on"), typed_day(visit, "last_on")
    with beside("last_on" if visit.typed("person") != visit.typed("deputy") else "deputy"):
        away = Absence(person=visit.typed("person"), deputy=visit.typed("deputy"), first_on=first_on, last_on=last_on)
        done = record_absence(visit.app, away, by=visit.actor)
    return visit.go(_HERE, done)


@controls.act("/absence-back", needs=Permission.HANDLE_CASES)
def take_absence_back(visit: Visit) -> Response:
    """Take an absence back; it stays in the store."""
    number = typed_number(visit, "absence")
    with beside("absence"):
        visit.app.store.withdraw_absence(number, said(visit.actor))
    return visit.go(_HERE, f"The absence {number} is taken back.")


_LIST: Final = f"{PREFIX}/suppression"
_SAID: Final = {
    Listed.YES: "Yes: it is on the suppression list. Do not write to it, or call it, for advertising.",
    Listed.NO: "No: it is not on the suppression list.",
}


@page("/suppression", needs=Permission.READ_CASES)
def suppression(visit: Visit) -> Response:
    """Show the number of listed addresses by reason; the list does not reveal whose they are."""
    app = visit.app
    counts = app.store.suppressions.counts(app.today)
    return visit.show(
        "suppression.html",
        counts=[(reason.value, count) for reason, count in counts.items()],
        total=sum(counts.values()),
        after_erasure=app.settings.suppression.after_erasure,
        months=app.settings.suppression.months,
    )


@suppression.act("/ask", needs=Permission.FIND_PERSON)
def ask(visit: Visit) -> Response:
    """Answer yes or no about one address, and nothing else: no reason, date or case."""
    visit.needed({"contact": "Give an e-mail address or a telephone number."})
    (found,) = are_suppressed(visit.app, [visit.typed("contact")])
    if found is Listed.INVALID:
        raise Wrong({"contact": "This is no e-mail address and no telephone number; give one of them."})
    return visit.go(_LIST, _SAID[found])


@suppression.act("/put", needs=Permission.HANDLE_CASES)
def put(visit: Visit) -> Response:
    """Add a person who objected to direct marketing to the list."""
    with beside("put_email"):
        said = suppress(visit.app, _person(visit, "put"), by=visit.actor)
    return visit.go(_LIST, said)


@suppression.act("/remove", needs=Permission.HANDLE_CASES)
def remove(visit: Visit) -> Response:
    """Remove a person from the list at their request."""
    visit.needed({"reason": "Say how and when the person asked for it."})
    with beside("remove_email"):
        said = unsuppress(visit.app, _person(visit, "remove"), reason=visit.typed("reason"), by=visit.actor)
    return visit.go(_LIST, said)


def _person(visit: Visit, act: str) -> Sought:
    return Sought(email=visit.typed(f"{act}_email").strip(), phone=visit.typed(f"{act}_phone").strip())
