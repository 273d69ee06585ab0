"""Decide on the items that a person wants corrected: the plan follows, and the approval takes it as it stands then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rightsflow.cases.app import App
from rightsflow.cases.facts.people import acting
from rightsflow.cases.work.erasure.planning import decide_by_rules
from rightsflow.documents.letters.rules import claims_too_much
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.rectification.corrections import Ruling, RulingKind, read_rulings, refuse_unknown
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState, read_case_id
from rightsflow.domain.wording import counted
from rightsflow.store import CaseFile


def decide_corrections(app: App, case_id: str, lines: Iterable[str], *, by: str) -> str:
    """Decide on items of a rectification; returns that in a sentence.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        lines: The decisions, one to the line, such as ``1: accept`` or ``2: refuse | reason``.
        by: Who decides.

    Raises:
        BadInput: A line cannot be used; nothing is changed.
        Conflict: The case waits for no decision on its items.
    """
    rulings = read_rulings(lines)
    rule_on(app, case_id, rulings, by=by)
    said = counted(len(rulings), "item is", "items are")
    return f"{said} decided; the plan follows that. The approval is still to come."


def rule_on(app: App, case_id: str, rulings: Mapping[int, Ruling], *, by: str, read: str | None = None) -> None:
    """Keep decisions on items, and plan anew what they concern.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        rulings: The decisions, by the items' numbers.
        by: Who decides.
        read: What :func:`items_read` gave when the items were shown; ``None`` where that is not known.

    Raises:
        BadInput: A number is none of an item.
        Conflict: The case waits for no decision on its items, or they were decided otherwise meanwhile.
    """
    who = acting(app, by, case_id)
    with app.store.case_file(read_case_id(case_id)) as file:
        _refuse_out_of_turn(file)
        if read is not None and read != file.corrections.digest():
            raise Conflict("What you decide on has changed since you opened the page; read it again, then decide.")
        _refuse_untold(rulings)
        refuse_unknown(rulings, [correction.item for correction in file.corrections.all()])
        file.corrections.decide(rulings, by=who)
        file.findings.plan(decide_by_rules(file.findings.all(), file, app, include_unclear=False))


def _refuse_untold(rulings: Mapping[int, Ruling]) -> None:
    """Refuse the reason of a refusal that the answer could not say; found at its end, no one could decide anew."""
    if any(claims_too_much(ruling.text) for ruling in rulings.values() if ruling.kind is RulingKind.REFUSED):
        raise BadInput("A reason says that all data are gone, which no letter of ours says; name what it is about.")


def _refuse_out_of_turn(file: CaseFile) -> None:
    if file.right is not Right.RECTIFICATION:
        raise Conflict(f"{file.case_id} asks for no rectification, so that it has no items to decide on.")
    if file.state is not CaseState.AWAITING_APPROVAL or file.found_nothing:
        raise Conflict(
            f"{file.case_id} waits for no decision on its items (it is {file.state.value}); look at "
            f"`rightsflow show {file.case_id}`."
        )
