"""What a connector leaves of an erasure to a person is a task with a day, of which the answer tells."""

from __future__ import annotations

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.vocabulary.records import LeftToPerson, Outcome, OutcomeKind
from tests.support.steps import Watched, approved, carry_out


class Leaving(Watched):
    """A system that leaves something of each ticket to a person."""

    kind = OutcomeKind.RESIDUE
    left = None

    def _erase(self, ref, method, known):
        outcome = super()._erase(ref, method, known)
        if ref.kind != "ticket" or outcome.kind is not OutcomeKind.ERASED:
            return outcome
        return Outcome(
            record=ref,
            kind=self.kind,
            reason="In whatever words.",
            refused=self.kind is OutcomeKind.RESIDUE,
            left=frozenset({self.left} if self.left else ()),
        )


@pytest.mark.parametrize(
    ("kind", "left", "what"),
    [
        (
            OutcomeKind.RESIDUE,
            LeftToPerson.SHARED_FIELD,
            "Take the person's part by hand out of fields that name several people",
        ),
        (
            OutcomeKind.ERASED,
            LeftToPerson.PERHAPS_COPIED,
            "Look whether the database itself has kept copies elsewhere, and erase these by hand",
        ),
        (OutcomeKind.ERASED, None, None),
    ],
)
def test_what_is_left_to_a_person_is_their_task(bench, kind, left, what):
    case_id = approved(bench)
    leaving = Leaving("helpdesk")
    leaving.add(*bench.systems["helpdesk"].records())
    leaving.kind, leaving.left = kind, left
    bench.systems["helpdesk"] = leaving
    carry_out(case_id)
    write_answer(current_app(), case_id)
    with bench.file(case_id) as file:
        tasks = [one for one in file.tasks.all() if one.kind is TaskKind.MANUAL and "kept copies" in one.what]
        tasks += [one for one in file.tasks.all() if one.kind is TaskKind.MANUAL and "person's part" in one.what]
        text = next(one.body for one in file.outbox.letters() if one.template_id in {"L10", "L11"})
    assert [one.what.partition(":")[0] for one in tasks] == ([what] if what else [])
    if what:
        assert (tasks[0].system, tasks[0].records) == ("helpdesk", 1)
        assert ": 1 manual step, by " in text
