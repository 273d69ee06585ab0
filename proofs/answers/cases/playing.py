"""Plays a case towards its combination and gives everything that was written of it."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from proofs.answers.cases import afterwards, asking, erasing, giving
from proofs.answers.cases.combinations import BESIDE_FROM, TOGETHER_FROM, Combination, target_of
from proofs.answers.cases.controllers import runtime_for, with_rights_beside
from proofs.answers.cases.course import DAY, MARK, OFFICER, Course
from proofs.answers.cases.double import Double
from proofs.answers.cases.searching import search
from proofs.answers.cases.side import Side
from proofs.answers.cases.together import play_together
from proofs.answers.cases.world import World, Written
from rightsflow.app import current_app, installed
from rightsflow.audit.evidence.certificate import certificate
from rightsflow.audit.evidence.dpv import export
from rightsflow.audit.evidence.fold import fold
from rightsflow.audit.evidence.page import page
from rightsflow.cases.erasure.erasing import prepare_plan
from rightsflow.cases.evidence.exporting import facts_of, stated
from rightsflow.cases.evidence_hold import hold_evidence
from rightsflow.cases.overview.case_sheet import read_overview, render_sheet
from rightsflow.domain.events import CaseEvent
from rightsflow.domain.gates.decisions import Gate

_BEFORE = {"L8": ("L9", "L8", "withdrawn", "R2 at identity", "L10")}
_ANY_BEFORE = ("L8", "L9", "L10", "L11", "L11", "failed", "withdrawn", "R7 at approval")
"""How an earlier case of the same person ended; after one that left something, "nothing held" cannot be played to."""


def write_case(world: World, number: int) -> list[Written]:
    """Play one case and give everything that was written of it.

    Args:
        world: Where it is put.
        number: Which case.
    """
    dice, target = random.Random(number), target_of(number)
    world.runtime = runtime_for(world.base, target.law, dice)
    if number >= BESIDE_FROM:
        world.runtime = with_rights_beside(world.runtime, random.Random(number))
    world.moment[0] = datetime(2026, 2, 1, 8, tzinfo=UTC) + DAY * dice.randint(0, 700)
    course = Course(world, dice, target, _person(dice))
    if number >= TOGETHER_FROM:
        return _write_together(Side(world, dice, target, course.who))
    with installed(world.runtime):
        if course.maybe(0.25):
            _play_earlier(course)
        _play(course)
        afterwards.go_on(course)
        _end(course)
    return course.written


def _write_together(course: Side) -> list[Written]:
    """Play a case and another one of the same person beside it, and give everything that was written of both."""
    with installed(course.world.runtime):
        sides = play_together(course, course.dice, course.who)
        for one in sides:
            _end(one)
    return [written for one in sides for written in one.written]


def _person(dice: random.Random) -> Mapping[str, str]:
    fields = {"email": f"anna.{MARK}{dice.randrange(10**9)}@example.com"}
    if dice.random() < 0.65:
        fields["phone"] = f"+49 30 23{dice.randint(100000, 999999)}"
    if dice.random() < 0.4:
        fields["customer_id"] = f"C-{dice.randint(10000, 99999)}{dice.randrange(10**6)}"
    if dice.random() < 0.7:
        fields["name"] = "Anna Quillfeather"
    return fields


def _play_earlier(course: Course) -> None:
    """An earlier case of the same person, with what it left; nothing that was written of it is judged twice."""
    end = course.dice.choice(_BEFORE.get(course.target.end, _ANY_BEFORE))
    right = "access" if end == "L9" else "erasure"
    target = Combination(right, course.target.law, end, extended=False, suspended=False)
    earlier = replace(course, target=target, written=[], double=Double())
    _play(earlier)
    with earlier.file() as file:
        course.earlier = [earlier.dumped(file)]
    course.pass_days(20, 200)


def _play(course: Course) -> None:
    """From the request to the end that it is played towards."""
    end = course.target.end
    asking.open_case(course)
    asking.ask_who(course)
    asking.extend_period(course)
    stops_here = end in {"withdrawn", "waiting"} and course.maybe(0.5)
    asking.wait_for_proof(course)
    if end.endswith("at identity"):
        asking.refuse(course, Gate.IDENTITY)
    elif not stops_here:
        asking.identify(course)
        stops_no_clock = course.target.law == "gdpr" or course.target.suspended
        if course.target.right == "access" and stops_no_clock and course.maybe(0.4):
            asking.ask_what(course)
        search(course)
        _work(course)
    if end == "withdrawn":
        asking.take_back(course)


def _work(course: Course) -> None:
    """From the search to the gate and beyond it."""
    with course.file() as file:
        findings = file.findings.all()
    end = course.target.end
    if findings and course.target.right == "access":
        giving.prepare_package(course)
    elif findings:
        prepare_plan(current_app(), course.case_id)
    if not giving.show_gate(course):
        return
    if end.endswith("at approval"):
        asking.refuse(course, Gate.APPROVAL)
    elif end in {"withdrawn", "waiting"}:
        return
    elif not findings:
        giving.report_nothing(course)
    elif course.target.right == "access":
        giving.give(course)
    else:
        erasing.erase(course)


def _end(course: Course) -> None:
    """What is made of the case once it is at its end: the sheet and the evidence."""
    course.capture()
    current = course.runtime
    if course.maybe(0.08):
        hold_evidence(
            current_app(), course.case_id, current.today + 400 * DAY, by=OFFICER, reason="A complaint is pending."
        )
    with course.file() as file:
        file.ledger.append(CaseEvent.EVIDENCE_EXPORTED, actor="Aud Itor", **stated(current, file.ownership.owner))
    course.note("sheet", render_sheet(read_overview(current_app(), course.case_id), current))
    with course.file() as file:
        record, controller = fold(list(file.ledger.entries())), facts_of(current.settings.controller)
    course.note("page", page(record, controller).decode())
    course.note("certificate", certificate(record))
    course.note("dpv", json.dumps(export(record, controller)))
