"""The suppression list at the desk: counts, yes or no of one address, put on it, taken off it with a reason."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from deployments.desk.addresses import PREFIX
from deployments.desk.page import page
from deployments.desk.pages.form_fields import beside
from deployments.desk.visit import Visit, Wrong
from rightsflow.cases.facts.persons import Sought
from rightsflow.cases.work.erasure.suppression import Listed, are_suppressed, suppress, unsuppress
from rightsflow.domain.accounts import Permission

_HERE: Final = f"{PREFIX}/suppression"
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
    return visit.go(_HERE, _SAID[found])


@suppression.act("/put", needs=Permission.HANDLE_CASES)
def put(visit: Visit) -> Response:
    """Add a person who objected to direct marketing to the list."""
    with beside("put_email"):
        said = suppress(visit.app, _person(visit, "put"), by=visit.actor)
    return visit.go(_HERE, said)


@suppression.act("/remove", needs=Permission.HANDLE_CASES)
def remove(visit: Visit) -> Response:
    """Remove a person from the list at their request."""
    visit.needed({"reason": "Say how and when the person asked for it."})
    with beside("remove_email"):
        said = unsuppress(visit.app, _person(visit, "remove"), reason=visit.typed("reason"), by=visit.actor)
    return visit.go(_HERE, said)


def _person(visit: Visit, act: str) -> Sought:
    return Sought(email=visit.typed(f"{act}_email").strip(), phone=visit.typed(f"{act}_phone").strip())
