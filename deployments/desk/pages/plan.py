"""The plan of an erasure before its approval: read group by group, looked at, decided on record by record, approved."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.responses import Response

from deployments.desk.addresses import case_address
from deployments.desk.page import page
from deployments.desk.pages.case import SHADES, read_case, to_case
from deployments.desk.pages.form_fields import asked_page, beside, refusal_choices, typed_act, typed_refusal
from deployments.desk.rendering import file_answer, is_sound
from deployments.desk.visit import Visit, Wrong
from rightsflow.cases.course.gates.gates import approve_plan, order_search, record_decision
from rightsflow.cases.course.letters.questions import ask_attribution
from rightsflow.cases.facts.overview.sheet_lines import sent_lines_of
from rightsflow.cases.work.erasure.dry_run import dry_run
from rightsflow.cases.work.erasure.plan import CHANGED, note_decision, numbers_in, take_note_back
from rightsflow.cases.work.erasure.plan_records import MOST_LOOKED_AT, PlanLook, listen, look_at_records
from rightsflow.cases.work.erasure.plan_view import read_plan, waits_for_plan
from rightsflow.domain.accounts import Permission
from rightsflow.domain.case.record_decisions import RecordAct
from rightsflow.domain.erasure.plan_groups import Look
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.gates.record_decision_rules import acts_on
from rightsflow.domain.identifiers import kind_words
from rightsflow.domain.people import same_person
from rightsflow.domain.vocabulary.records import DocumentClass
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import read_case_id
from rightsflow.domain.wording import counted

_OF_RECORDS: Final = frozenset({"look", "note", "ask", "take-back"})
"""The acts whose answer is told where the records are."""
_NUMBER: Final = re.compile("[0-9]{1,9}", re.ASCII)
_ALL: Final = "all"
_CLASSES: Final = tuple(
    (f"class {item.value.replace('_', ' ')}", f"state the class: {item.words}") for item in DocumentClass
)
_ACTS: Final = (
    ("erase", "erase"),
    ("keep", "keep"),
    ("restrict", "restrict: store it, use it for nothing else"),
    ("leave out", "leave it: the request is not about it"),
    (RecordAct.NEEDED.value, "needed for the claim of the legal hold"),
    (RecordAct.NOT_NEEDED.value, "not needed for it"),
    *_CLASSES,
)


def _act_of(choice: str) -> str:
    """The act of a choice, which may name a class behind it."""
    return "class" if choice.startswith("class ") else choice


_MEANINGS: Final = (
    ("erase", "Deleted in its system for good (Art. 17(1)). What the law keeps cannot be erased by a decision."),
    ("keep", "It stays on the ground and provision that you give, such as a claim (Art. 17(3)(e)), until its end."),
    ("restrict", "It stays, and is stored and used for nothing else (Art. 18): where a claim or a check is open."),
    ("leave it", "The person asked for something else; say why, and the provision, such as Art. 18(1)."),
    (
        "needed, not needed",
        "Whether the claim of a legal hold that names no category needs it; if not, the plan goes on.",
    ),
    ("state the class", "You say what sort of document it is; the law's own period for that then decides."),
)
_FEW_SUMS: Final = 6
"""Up to so many lines are counted on the page at once; more are folded."""
_NOT_LOOKED: Final = PlanLook({}, "", "")


@page("/cases/{case_id}/plan", needs=Permission.READ_CASES)
def plan(visit: Visit) -> Response:
    """A page of the plan."""
    return _shown(visit)


def _shown(visit: Visit, look: PlanLook = _NOT_LOOKED) -> Response:
    app, case_id = visit.app, _case_id(visit)
    if not waits_for_plan(app, case_id):
        case = read_case(visit)
        return visit.show("plan_absent.html", case=case, shade=case.light.value, shades=SHADES)
    found = read_plan(app, case_id, visit.asked("group"), asked_page(visit))
    if look.read not in {"", found.read}:
        # The plan was made anew while the systems were read: what was seen is of another one.
        raise Conflict(CHANGED)
    _untick(visit, found.read)
    return visit.show(
        "plan.html",
        plan=found,
        order=sent_lines_of(app, case_id),
        shade=found.light.value,
        shades=SHADES,
        here=_here(visit),
        query=urlencode({"group": found.group, "page": found.page}),
        queries={group.key: urlencode({"group": group.key}) for group in found.groups},
        erases=found.right not in {Right.RESTRICTION, Right.RECTIFICATION},
        corrects=found.right is Right.RECTIFICATION,
        decides=visit.may(Permission.APPROVE) and not _is_own(visit, found.opened_by),
        is_own=_is_own(visit, found.opened_by),
        acts=[act for act in _ACTS if _act_of(act[0]) in acts_on(found.right)],
        one_by_one=(Look.UNCLEAR, Look.DOUBTFUL),
        asked=Look.UNCLEAR,
        seen=look.records,
        token=look.token,
        at_records=_is_about_records(visit) and bool(found.group),
        meanings=_MEANINGS,
        few=_FEW_SUMS,
        kinds=kind_words,
        most=MOST_LOOKED_AT,
        refusals=refusal_choices(found.right, Gate.APPROVAL, app.settings.controller.law.name),
    )


def _untick(visit: Visit, read: str) -> None:
    """Clear a selection made by numbers of another plan, in which the numbers mean other records."""
    if visit.typed("read") not in {"", read}:
        kept = [(name, value) for name, value in visit.form.multi_items() if name not in {"record", "which", "read"}]
        visit.form = FormData(kept)


@plan.act("/look", needs=Permission.REVEAL)
def look(visit: Visit) -> Response:
    """Show records, once; the user, the records and the reason are noted."""
    visit.needed({"reason": "Say why you look at them; the reason is kept with the case, encrypted."})
    numbers = _ticked(visit)
    with beside("records"):
        seen = look_at_records(
            visit.app,
            _case_id(visit),
            numbers,
            read=visit.typed("read"),
            by=visit.actor,
            reason=visit.typed("reason"),
            session=visit.cookie,
        )
    return _shown(visit, seen)


@page("/cases/{case_id}/plan/{reading}/recordings/{record}/{number}", needs=Permission.REVEAL)
def recording(visit: Visit) -> Response:
    """A recording that was looked at, to be listened to; each is noted as a look."""
    found = listen(
        visit.app,
        _case_id(visit),
        visit.path("reading"),
        _number(visit.path("record")),
        _number(visit.path("number")),
        session=visit.cookie,
        by=visit.actor,
    )
    if not is_sound(found.media_type):
        raise BadInput("That is not a recording that can be played here.")
    return file_answer(found, visit.request.headers.get("range", ""))


@plan.act("/note", needs=Permission.APPROVE)
def note(visit: Visit) -> Response:
    """Note a decision on the chosen records, or on all of the group."""
    what = typed_act(visit, "these")
    case_id, is_all = _case_id(visit), visit.typed("which") == _ALL
    numbers = numbers_in(visit.app, case_id, visit.asked("group")) if is_all else _ticked(visit)
    try:
        count = note_decision(visit.app, case_id, numbers, what, read=visit.typed("read"), by=visit.actor)
    except BadInput as error:
        raise Wrong({"records": str(error).replace("Line 1 of the decisions on records", "This decision")}) from None
    return _again(visit, f"Noted on {counted(count, 'record')}; it counts with the approval.")


@plan.act("/ask", needs=Permission.APPROVE)
def put_to_the_person(visit: Visit) -> Response:
    """Ask the person whether records that no one could attribute are theirs."""
    numbers, case_id = _ticked(visit), _case_id(visit)
    with beside("records"):
        done = ask_attribution(visit.app, case_id, numbers, by=visit.actor, read=visit.typed("read"))
    visit.desk.follow(case_id)
    return _again(visit, done)


@plan.act("/take-back", needs=Permission.APPROVE)
def take_back(visit: Visit) -> Response:
    """Take a note back."""
    number = _number(visit.typed("note"))
    take_note_back(visit.app, _case_id(visit), number, read=visit.typed("read"), by=visit.actor)
    return _again(visit, "Taken back.")


@plan.act("/approve", needs=Permission.APPROVE)
def approve(visit: Visit) -> Response:
    """Approve the viewed plan, with the noted exceptions."""
    case_id = _case_id(visit)
    approve_plan(visit.app, case_id, read=visit.typed("read"), noted=visit.typed("noted"), by=visit.actor)
    visit.desk.resume(case_id, Gate.APPROVAL)
    return to_case(visit, "Approved; the plan is carried out now.")


@plan.act("/search", needs=Permission.APPROVE)
def send_back(visit: Visit) -> Response:
    """Send the plan back: the systems are searched again, and the plan is made anew."""
    visit.needed({"why": "Say what was corrected, or what looks wrong."})
    case_id = _case_id(visit)
    order_search(visit.app, case_id, reason=visit.typed("why"), by=visit.actor)
    visit.desk.resume(case_id, Gate.APPROVAL)
    return to_case(visit, "Sent back; the systems are searched again.")


@plan.act("/refuse", needs=Permission.APPROVE)
def refuse(visit: Visit) -> Response:
    """Refuse the request."""
    case_id = _case_id(visit)
    record_decision(visit.app, case_id, typed_refusal(visit, Gate.APPROVAL), read=visit.typed("read"))
    visit.desk.resume(case_id, Gate.APPROVAL)
    return to_case(visit, "The refusal is recorded.")


@page("/cases/{case_id}/plan/dry-run", needs=Permission.READ_CASES)
def rehearsal(visit: Visit) -> Response:
    """Show the effects of the approval at each system."""
    case = read_case(visit)
    if not waits_for_plan(visit.app, case.case_id):
        return visit.show("plan_absent.html", case=case, shade=case.light.value, shades=SHADES)
    return visit.show(
        "dry_run.html", case=case, shade=case.light.value, shades=SHADES, systems=dry_run(visit.app, case.case_id)
    )


def _is_own(visit: Visit, opened_by: str) -> bool:
    return visit.signed_in is not None and same_person(visit.signed_in.member.name, opened_by)


def _case_id(visit: Visit) -> str:
    return read_case_id(visit.path("case_id"))


def _here(visit: Visit) -> str:
    return f"{case_address('', _case_id(visit))}/plan"


def _again(visit: Visit, said: str) -> Response:
    asked = {name: visit.asked(name) for name in ("group", "page") if visit.asked(name)}
    return visit.go(f"{_here(visit)}?{urlencode(asked)}#records", said)


def _is_about_records(visit: Visit) -> bool:
    """Return whether the page's message is about the records of a group, and so shown beside that group."""
    last = visit.request.url.path.rpartition("/")[2]
    return last in _OF_RECORDS or (last == "plan" and bool(visit.asked("group")))


def _ticked(visit: Visit) -> list[int]:
    numbers = [_number(item) for item in visit.chosen("record")]
    if not numbers or 0 in numbers:
        raise Wrong({"records": "Choose the records that this is about."})
    return numbers


def _number(text: str) -> int:
    return int(text) if _NUMBER.fullmatch(text) else 0
