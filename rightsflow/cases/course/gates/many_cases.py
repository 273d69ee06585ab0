"""Many cases decided together at the approval gate: each by the rules of a single one; a refused one stops none.

They are decided a few in one transaction, so that neither hundreds of transactions nor one that locks them all is
needed; each that is refused leaves nothing behind. If the case store fails on the way, earlier decisions stay, and each
of the other cases is reported as undecided or unknown.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.course.gates.gates import decide, order_search_in, refuse_unopened_package
from rightsflow.cases.facts.overview.account import masked_in, unscanned_in
from rightsflow.cases.facts.people import acting, hand_over_in, known_owner, tell_new_owner
from rightsflow.cases.work.access.package_review import noted as noted_in_package
from rightsflow.cases.work.access.package_review import take_package_back
from rightsflow.cases.work.erasure.plan import decisions_of, notes_on
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.erasure.plan_groups import AlikeRecords, does
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Decision, Gate, NewSearch, Verdict
from rightsflow.domain.gates.four_eyes import GateSubject, Matter, decider_of, refuse_bulk_of, refuse_in_bulk
from rightsflow.domain.gates.package_changes import MakingAgain
from rightsflow.domain.gates.refusals import Reason
from rightsflow.domain.typed_input import stated_reason
from rightsflow.domain.vocabulary.events import StepName
from rightsflow.domain.vocabulary.states import StepState
from rightsflow.store import CaseFile

IN_ONE_TRANSACTION: Final = 25
_log = logging.getLogger(__name__)
_UNTOUCHED: Final = "The case store failed before its turn came, and nothing was changed in it; decide on it again."
_UNKNOWN: Final = (
    "The case store failed at the very end, so that it is not known whether this was done; look at the case, and "
    "decide again if it waits."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyCase:
    """One of many cases, before the decision.

    Args:
        case_id: The case.
        about: What the decision on it is about.
        bound_to: What an approval is bound by.
        counts: What it is about, in numbers.
        obstacle: Why it is not decided with the others; empty if it is.
        caveat: Why it is not approved with them, although it can be refused or sent back; empty if it is.
    """

    case_id: str
    about: GateSubject
    bound_to: str
    counts: Mapping[str, int] = field(default_factory=dict)
    obstacle: str = ""
    caveat: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyResult:
    """The result for one of many cases.

    Args:
        case_id: The case.
        refused: Why it was not decided, or why no one knows; empty if it was.
        is_unknown: Whether no one knows.
    """

    case_id: str
    refused: str = ""
    is_unknown: bool = False


def look_at_many(app: App, case_ids: Sequence[str], *, by: str) -> list[ManyCase]:
    """Return cases as they are listed before they are decided together, in the same order.

    Args:
        app: What it works with.
        case_ids: The cases.
        by: Who would decide.

    Raises:
        BadInput: One of them is not there, or there are none or too many.
    """
    refuse_bulk_of(len(set(case_ids)))
    seen: dict[str, ManyCase] = {}
    for some in _chunks(list(dict.fromkeys(case_ids))):
        with app.store.case_files(some) as files:
            seen |= {file.case_id: _listed(file, by) for file in files}
    return [seen[case_id] for case_id in dict.fromkeys(case_ids)]


def approve_many(
    app: App,
    chosen: Mapping[str, str],
    *,
    about: GateSubject,
    reason: str,
    by: str,
    at_once: int = IN_ONE_TRANSACTION,
) -> list[ManyResult]:
    """Approve many cases, each by the rules of a single one; what became of each.

    Args:
        app: What it works with.
        chosen: The cases, each with what :class:`ManyCase` says that its approval is bound by.
        about: What the decisions are about.
        reason: Why; sealed in each case. It may be empty where nothing is held, as with a single one.
        by: Who decides.
        at_once: How many are decided in one transaction.

    Raises:
        BadInput: One of them is not there, there are none or too many, or the reason or the name is missing.
    """
    refuse_bulk_of(len(chosen))
    why, decider = " ".join(reason.split()), acting(app, by)
    if not why and about is not GateSubject.NOTHING_HELD:
        raise BadInput("The reason is missing; say why these cases are decided together.")
    decision = Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by=decider, reason=why)
    return _decide_many(app, chosen, decision, about, at_once)


def refuse_many(app: App, chosen: Mapping[str, str], decision: Decision, *, about: GateSubject) -> list[ManyResult]:
    """Refuse many requests for one reason, each by the rules of a single one; what became of each.

    Args:
        app: What it works with.
        chosen: The cases, each with what :class:`ManyCase` says that a decision on it is bound by.
        decision: The refusal: its code, its reason in words for the persons, and who decides.
        about: What the decisions are about.

    Raises:
        BadInput: One of them is not there, there are none or too many, or the refusal is one that is decided singly.
    """
    refuse_bulk_of(len(chosen))
    acting(app, decision.by)
    if decision.verdict is not Verdict.REFUSED or decision.code == Reason.UNFOUNDED_OR_EXCESSIVE:
        raise BadInput("A refusal as unfounded or excessive (R2) is argued case by case; decide on each alone.")
    return _decide_many(app, chosen, decision, about)


def send_back_many(
    app: App, chosen: Mapping[str, str], *, about: GateSubject, reason: str, by: str
) -> list[ManyResult]:
    """Let all systems be searched again for many cases; what became of each.

    Args:
        app: What it works with.
        chosen: The cases, each with what :class:`ManyCase` says that a decision on it is bound by.
        about: What the decisions would be about.
        reason: Why, for example that a mapping was corrected; encrypted in each case.
        by: Who sends them back.

    Raises:
        BadInput: One of them is not there, there are none or too many, or the reason or the name is missing.
    """
    refuse_bulk_of(len(chosen))
    sender, why = acting(app, by), stated_reason(reason, "say what was corrected, or what looks wrong")

    def send_back(file: CaseFile) -> None:
        refuse_in_bulk(_matter(file, file.planned.alike()), about, chosen[file.case_id])
        if about is GateSubject.PACKAGE:
            take_package_back(file, MakingAgain.SEARCH, why, by=sender)
        else:
            order_search_in(file, NewSearch(reason=why, by=sender), app)

    return _each(app, list(chosen), send_back)


def hand_over_many(app: App, case_ids: Sequence[str], to_owner: str, *, reason: str, by: str) -> list[ManyResult]:
    """Let another person answer for many cases; what became of each.

    Args:
        app: What it works with.
        case_ids: The cases, at whatever gate or none.
        to_owner: The key of the new owner.
        reason: Why.
        by: Who hands them over.

    Raises:
        BadInput: One of them or the owner is not there, there are none or too many, or the reason or name is missing.
    """
    refuse_bulk_of(len(set(case_ids)))
    owner, giver = known_owner(app, to_owner), acting(app, by)
    why = stated_reason(reason, "say why these cases change hands")
    results = _each(app, list(dict.fromkeys(case_ids)), lambda file: hand_over_in(file, owner, reason=why, by=giver))
    if handed := [result.case_id for result in results if not result.refused]:
        tell_new_owner(app, owner, handed, giver)
    return results


def _decide_many(
    app: App, chosen: Mapping[str, str], decision: Decision, about: GateSubject, at_once: int = IN_ONE_TRANSACTION
) -> list[ManyResult]:
    def decide_one(file: CaseFile) -> None:
        refuse_in_bulk(_matter(file, file.planned.alike()), about, chosen[file.case_id])
        decide(file, decision, app)

    return _each(app, list(chosen), decide_one, at_once)


def _each(
    app: App, case_ids: Sequence[str], does: Callable[[CaseFile], object], at_once: int = IN_ONE_TRANSACTION
) -> list[ManyResult]:
    # One that is not there refuses the list before anything is decided.
    app.store.refuse_missing(case_ids)
    results: list[ManyResult] = []
    for some in _chunks(case_ids, at_once):
        tried: list[ManyResult] = []
        try:
            with app.store.case_files(some) as files:
                tried = [_tried(file, does) for file in files]
        except Exception as error:
            if not results and not tried:
                raise
            _log.warning("decisions on many cases ended early: %s", type(error).__name__)
            results += [_unknown(many_result) for many_result in tried]
            left = case_ids[len(results) :]
            return [*results, *(ManyResult(case_id=case_id, refused=_UNTOUCHED) for case_id in left)]
        results += tried
    return results


def _unknown(tried: ManyResult) -> ManyResult:
    """Return a case whose decision failed at the very end of its transaction; a refused one was not decided."""
    return tried if tried.refused else ManyResult(case_id=tried.case_id, refused=_UNKNOWN, is_unknown=True)


def _chunks(case_ids: Sequence[str], at_once: int = IN_ONE_TRANSACTION) -> Iterator[Sequence[str]]:
    for start in range(0, len(case_ids), at_once):
        yield case_ids[start : start + at_once]


def _tried(file: CaseFile, does: Callable[[CaseFile], object]) -> ManyResult:
    try:
        with file.trying():
            does(file)
    except (BadInput, Conflict) as error:
        return ManyResult(case_id=file.case_id, refused=str(error))
    return ManyResult(case_id=file.case_id)


def _listed(file: CaseFile, by: str) -> ManyCase:
    planned = file.planned.alike()
    matter = _matter(file, planned)
    return ManyCase(
        case_id=file.case_id,
        about=matter.about,
        bound_to=matter.bound_to,
        counts=_counts(file, matter.about, planned),
        obstacle=matter.obstacle or _own(file, by),
        caveat=_caveat(file),
    )


def _caveat(file: CaseFile) -> str:
    try:
        refuse_unopened_package(file)
    except Conflict as error:
        return str(error)
    return ""


def _own(file: CaseFile, by: str) -> str:
    try:
        decider_of(Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by=by), opened_by=file.opened_by)
    except Conflict as error:
        return str(error)
    return ""


def _counts(file: CaseFile, about: GateSubject, planned: Sequence[AlikeRecords]) -> Counter[str]:
    """Return what a decision is about, in numbers: what happens to records, and of a package what no rule looked into.

    Where nothing is held, these are the systems that were searched.
    """
    counts: Counter[str] = Counter()
    if about is GateSubject.NOTHING_HELD:
        counts["systems searched"] = sum(
            step.step == StepName.LOCATE and step.state is StepState.DONE for step in file.steps.all()
        )
    for alike in planned:
        counts[does(alike.one) if about is GateSubject.PLAN else f"{alike.one.system} {alike.one.kind}"] += len(
            alike.numbers
        )
    if about is GateSubject.PACKAGE:
        counts["masked"] = sum(masked_in(file).values())
        counts["files not scanned"] = unscanned_in(file)
    return +counts


def _matter(file: CaseFile, planned: Sequence[AlikeRecords]) -> Matter:
    about = GateSubject.of(file.right, found_nothing=file.found_nothing)
    return Matter(
        state=file.state,
        about=about,
        bound_to="" if about is GateSubject.NOTHING_HELD else file.what_is_approved(),
        unclear=sum(len(alike.numbers) for alike in planned if alike.one.attribution is Attribution.UNCLEAR),
        questions=sum(len(alike.numbers) for alike in planned if alike.one.question is not None),
        noted=_noted(file),
    )


def _noted(file: CaseFile) -> int:
    return len(decisions_of(notes_on(file)) if file.right.has_plan else noted_in_package(file))
