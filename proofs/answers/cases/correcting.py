"""A rectification: what is to be corrected, what is decided on each item, and what the systems answer."""

from __future__ import annotations

from proofs.answers.cases.course import MARK, OFFICER, Course
from rightsflow.app import current_app
from rightsflow.cases.gates.gate_texts import describe_gate
from rightsflow.cases.gates.gate_views import reach_gate
from rightsflow.cases.rectification.deciding_items import decide_corrections
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.records import Outcome, OutcomeKind
from rightsflow.domain.rectification.change import Change
from rightsflow.domain.rectification.outcomes import FieldEnd, became, gone, without_field
from rightsflow.domain.rectification.rulings import wanted

_WANTED = (
    f"name | {MARK} Anna Quil | {MARK} Anna Quillfeather | a letter is missing | {MARK} passport seen",
    f"date of birth | | 1980-02-01 | {MARK} it is missing",
    f"delivery note | {MARK} first floor | {MARK} second floor",
)
_RULINGS = (
    "accept",
    "accept",
    "accept",
    "refuse | the contract of 4 May 2025 shows the same",
    "complete | she says that it was another day",
)
_LEFT = (FieldEnd.ANOTHER, FieldEnd.NOT_TAKEN, FieldEnd.OTHERS, FieldEnd.WITH_OTHERS)


def items_of(course: Course) -> str:
    """What is to be corrected, as the form has it."""
    return "\n".join(course.dice.sample(_WANTED, course.dice.randint(1, len(_WANTED))))


def decide_items(course: Course) -> None:
    """A person decides on each item, some of them anew; the gate's form is kept with the plan that follows."""
    with course.file() as file:
        numbers = [one.item.number for one in file.corrections.all()]
    for number in (*numbers, *(one for one in numbers if course.maybe(0.1))):
        lines = (f"{number}: {course.dice.choice(_RULINGS)}",)
        decide_corrections(current_app(), course.case_id, lines, by=OFFICER)
    if numbers:
        view = reach_gate(current_app(), course.case_id, Gate.APPROVAL)
        course.note("gate", describe_gate(current_app(), view))


def corrected(course: Course, one: Finding) -> Outcome:
    """What a system answers that was asked to correct a record."""
    with course.file() as file:
        changes = wanted(file.corrections.all())
    what = course.dice.choices(("done", "left", "gone", "without"), (70, 20, 5, 5))[0]
    if what == "gone":
        return gone([one.ref])[0]
    if what == "without":
        return without_field(one.ref)
    ends: dict[Change, FieldEnd] = dict.fromkeys(changes, FieldEnd.DONE)
    if what == "left":
        ends[course.dice.choice(changes)] = course.dice.choice(_LEFT)
    return became(one.ref, ends, f"req-{course.dice.randrange(10**6)}")


CORRECTED = frozenset({OutcomeKind.RECTIFIED})
"""What is read again."""
