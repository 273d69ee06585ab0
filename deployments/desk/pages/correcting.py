"""The items that a person wants corrected: read with their values as a noted look, and decided on one by one."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from deployments.desk.addresses import case_address
from deployments.desk.page import page
from deployments.desk.pages.case import SHADES, read_case
from deployments.desk.visit import Visit, Wrong
from rightsflow.cases.work.erasure.plan import rule_on
from rightsflow.cases.work.rectification.items import Items, read_items, reveal_items
from rightsflow.domain.accounts import Permission
from rightsflow.domain.errors import BadInput
from rightsflow.domain.rectification.corrections import RuledItem, Ruling, RulingKind, checked_ruling
from rightsflow.domain.vocabulary.states import read_case_id
from rightsflow.domain.wording import counted

_RULINGS: Final = (
    (RulingKind.ACCEPTED.value, "accept: it is corrected as the person says"),
    (RulingKind.REFUSED.value, "refuse: it stays, for a reason that the person is told"),
    (RulingKind.COMPLETED.value, "complete: it stays, and a statement is put beside it"),
)


@page("/cases/{case_id}/corrections", needs=Permission.READ_CASES)
def corrections(visit: Visit) -> Response:
    """Show the items and the decisions on them, without their values."""
    return _shown(visit)


def _shown(visit: Visit, seen: list[RuledItem] | None = None) -> Response:
    case, items = read_case(visit), read_items(visit.app, visit.path("case_id"))
    return visit.show(
        "corrections.html",
        case=case,
        shade=case.light.value,
        shades=SHADES,
        found=items,
        rulings=_RULINGS,
        seen={ruled_item.item.number: ruled_item for ruled_item in seen or ()},
        here=_here(visit),
    )


@corrections.act("/look", needs=Permission.REVEAL)
def look_at_items(visit: Visit) -> Response:
    """Show the values, once; the user and the reason are noted."""
    visit.needed({"reason": "Say why you look at them; the reason is kept with the case, encrypted."})
    seen = reveal_items(visit.app, _case_id(visit), by=visit.actor, reason=visit.typed("reason"))
    return _shown(visit, seen)


@corrections.act("/decide", needs=Permission.REVEAL)
def decide_items(visit: Visit) -> Response:
    """Decide on the items for which something is chosen."""
    items = read_items(visit.app, _case_id(visit))
    rulings = _typed(visit, items)
    rule_on(visit.app, items.case_id, rulings, by=visit.actor, read=visit.typed("read"))
    return visit.go(_here(visit), f"{counted(len(rulings), 'item is', 'items are')} decided.")


def _typed(visit: Visit, items: Items) -> dict[int, Ruling]:
    faults, rulings = dict[str, str](), dict[int, Ruling]()
    for line in items.lines:
        chosen, text = visit.typed(f"act-{line.number}"), visit.typed(f"text-{line.number}")
        if not chosen and not text.strip():
            continue
        try:
            rulings[line.number] = checked_ruling(chosen, text, f"Item {line.number}")
        except BadInput as error:
            faults[f"text-{line.number}" if chosen else f"act-{line.number}"] = str(error)
    if faults:
        raise Wrong(faults)
    if not rulings:
        raise BadInput("Choose a decision for an item at least.")
    return rulings


def _case_id(visit: Visit) -> str:
    return read_case_id(visit.path("case_id"))


def _here(visit: Visit) -> str:
    return f"{case_address('', _case_id(visit))}/corrections"
