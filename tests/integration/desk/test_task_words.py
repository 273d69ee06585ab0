"""Each kind of task has words of its own at the desk, and an address at which a person does what it asks for."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest

from deployments.desk.task_words import TASK_WORDS
from rightsflow.app import current_app
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.store.case.case_tasks import NewTask

BY_THEMSELVES = {TaskKind.LIFT}
"""The kinds about which nothing is done at the desk but to send a letter."""


def test_every_kind_has_words_of_its_own_and_no_two_are_called_alike():
    assert set(TASK_WORDS) == set(TaskKind)
    assert len({one.title for one in TASK_WORDS.values()}) == len({one.says for one in TASK_WORDS.values()})
    assert len({one.title for one in TASK_WORDS.values()}) == len(TaskKind)
    assert {kind for kind, one in TASK_WORDS.items() if not one.below} == BY_THEMSELVES


@pytest.fixture
def case(rig):
    """A case with a task of every kind, all due."""
    today = current_app().today
    case_id = rig.bench.open("erasure")
    new = [
        NewTask(
            kind=kind,
            system="helpdesk",
            what=f"What {kind.name} asks for.",
            records=1,
            due_on=today,
            kept_until=today - timedelta(days=1) if kind is TaskKind.AUTOMATIC else None,
            numbers=(1,),
        )
        for kind in TaskKind
    ]
    with rig.bench.file(case_id) as file:
        file.tasks.note(new, owner="case_owner")
        for task in file.tasks.all():
            if task.kind.needs_approval:
                file.tasks.show(task.number, ask=True)
    return case_id


@pytest.mark.apart
def test_what_the_follow_up_has_not_looked_at_yet_is_not_offered_to_be_approved(rig):
    """It was, for years, and refused."""
    case_id, today = rig.bench.open("erasure"), current_app().today
    later = NewTask(kind=TaskKind.APPROVE, system="helpdesk", what="Approve it.", records=1, due_on=today)
    with rig.bench.file(case_id) as file:
        file.tasks.note([later], owner="case_owner")
    ines = rig.browser("ines")
    assert "act-approve-task" not in ines.get(f"/cases/{case_id}/acts").text
    page, home = ines.get(f"/cases/{case_id}").text, ines.get("/").text
    assert "<strong>Approve an erasure, helpdesk</strong>: Approve it." in page
    assert f'<a class="row" href="/desk/cases/{case_id}">' in home


@pytest.mark.apart
def test_the_first_page_and_the_cases_page_name_each_that_waits_and_lead_to_where_it_is_done(rig, case):
    ines = rig.browser("ines")
    home, page = (unescape(ines.get(one).text) for one in ("/", f"/cases/{case}"))
    for kind, words in TASK_WORDS.items():
        row = (
            rf'<a class="row" href="([^"]+)">\s*<span class="id">{case}</span>\s*<span class="said">'
            f"{re.escape(words.title)},"
        )
        found = set(re.findall(row, home))
        assert len(found) == (kind.asks or kind.needs_approval), kind
        address = next(iter(found), f"/desk/cases/{case}/{words.below}".rstrip("/"))
        linked = words.title if kind in BY_THEMSELVES else f'<a href="{address}">{words.title}</a>'
        assert f"<strong>{linked}, helpdesk</strong>" in page, kind
        assert words.says in page
        below = address.removeprefix("/desk")
        reached = ines.get(below)
        assert reached.status_code == 200
        if act := re.search(r"\?act=([a-z-]+)", below):
            assert f'<details class="group" open id="act-{act[1]}">' in reached.text, kind


def test_the_acts_explain_the_kinds_that_they_are_about_and_no_others(rig, case):
    page = unescape(rig.browser("ines").get(f"/cases/{case}/acts").text)
    done, approve = page.partition('id="act-task-done"')[2], page.partition('id="act-approve-task"')[2]
    assert TASK_WORDS[TaskKind.CHECK].says in done
    assert TASK_WORDS[TaskKind.BLANK].says in approve
    assert TASK_WORDS[TaskKind.ERASE].says not in approve
    (decisions,) = re.findall(
        r'<section class="card" aria-labelledby="decided-elsewhere">.*?</section>', page, re.DOTALL
    )
    assert [one for one in TaskKind if TASK_WORDS[one].title in decisions] == [TaskKind.REVIEW, TaskKind.OTHER_CASE]


@pytest.mark.apart
def test_tasks_are_ticked_off_together_and_all_stay_open_where_one_cannot_end_so(rig):
    case_id, today = rig.bench.open("erasure"), current_app().today
    steps = [
        NewTask(kind=TaskKind.MANUAL, system=system, what=f"Clean {system}.", records=1, due_on=today)
        for system in ("calls", "helpdesk")
    ]
    check = NewTask(kind=TaskKind.APPROVE, system="helpdesk", what="Approve it.", records=1, due_on=today)
    with rig.bench.file(case_id) as file:
        file.tasks.note([*steps, check], owner="case_owner")
        numbers = [task.number for task in file.tasks.all()]
    officer, where = rig.browser("olga"), f"/cases/{case_id}/acts"
    page = officer.get(where).text
    assert page.index("<strong>calls</strong>") < page.index("Clean calls.") < page.index("<strong>helpdesk</strong>")

    def end(*which):
        sent = {"token": officer.token(where), "task": which, "task_end": "done", "done_on": today.isoformat()}
        return officer.client.post(f"/desk{where}/task-done", data=sent).status_code

    def still_open():
        with rig.bench.file(case_id) as file:
            return [task.number for task in file.tasks.all() if task.is_open]

    assert end(*numbers) in {409, 422}
    assert still_open() == numbers
    assert end(*numbers[:2]) == 303
    assert still_open() == numbers[2:]
