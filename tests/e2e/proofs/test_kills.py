"""A few kills where they matter most (apart, and more of them slow); ``make test-kill`` does the whole matrix."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace
from typing import ClassVar

import pytest

from proofs.kills import __main__ as kills
from proofs.kills.__main__ import Matrix, Row, is_caught
from proofs.kills.ends import (
    SIDES,
    Call,
    End,
    Notes,
    acted_on,
    differences,
    doubled,
    points_of,
    read_notes,
    thinned,
    told_entries,
)
from proofs.kills.forking import Template
from proofs.kills.world import NotReached, Run, Stuck, standing_world
from rightsflow.domain.identifiers import IdentifierKind
from rightsflow.domain.vocabulary.rights import Right

CHOSEN = [(Right.ERASURE, "recordings REMOVE a recording", 2, "after")]
"""Right, family, which of the family, side. Erasing at a vendor and verifying are where faults were found."""
FURTHER = [
    # The package is written, and its end is stored with what follows: the commits from there to the answer are few.
    (Right.ACCESS, "commit flow", -6, "before"),
    (Right.ACCESS, "commit flow", -5, "before"),
    (Right.ERASURE, "payments DELETE /v1/customers/#", 1, "after"),
    (Right.ERASURE, "commit verify helpdesk", 1, "after"),
    (Right.ERASURE, "archive POST /archive?delete", 1, "before"),
    (Right.ERASURE, "archive DELETE /archive/calls/desk.wav", 1, "after"),
    (Right.ACCESS, "helpdesk GET /attachments/token/#/#", 2, "after"),
    (Right.ERASURE, "commit settle plan", 1, "after"),
    (Right.ERASURE, "commit instruct", 1, "before"),
    (Right.ERASURE, "commit instruct", 1, "after"),
    (Right.ERASURE, "helpdesk DELETE /api/v2/#/#?ids", 1, "after"),
    (Right.ERASURE, "commit write answer", 1, "before"),
    (Right.ACCESS, "commit write answer", 1, "before"),
]


@pytest.fixture(scope="module")
def world(prefect_server, tmp_path_factory):
    with standing_world(tmp_path_factory.mktemp("kills"), prefect_server) as standing:
        yield standing


@pytest.fixture(scope="module")
def undisturbed(world):
    """The undisturbed run of each right, made when it is first asked for."""
    made = {}

    def of(right):
        if right not in made:
            made[right] = world.undisturbed(right)
        return made[right]

    return of


def killed(world, right, alike, at):
    """The run that is killed at the chosen of some points, or at one before it where it has fewer of them this time.

    Several systems' ends are stored by one commit or by two, as they come.
    """
    try:
        return world.killed(right, alike[at])
    except NotReached:
        if not at:
            raise
        return killed(world, right, alike, at - 1)


@pytest.mark.parametrize(
    ("right", "family", "which", "side"),
    [
        *(pytest.param(*one, marks=pytest.mark.apart) for one in CHOSEN),
        *(pytest.param(*one, marks=pytest.mark.slow) for one in FURTHER),
    ],
    ids=lambda one: str(one).replace("/", " "),
)
def test_a_killed_run_ends_as_an_undisturbed_one(world, undisturbed, right, family, which, side):
    expected = undisturbed(right)
    alike = [one for one in points_of(expected.notes) if (one.family, one.place["side"]) == (family, side)]
    found = killed(world, right, alike, which - 1 if which > 0 else len(alike) + which)
    assert differences(expected.end, found.end) == {}
    assert doubled(expected.end, found.end) == (0, 0, 0)


BATCHED = [
    (Right.ACCESS, "commit flow", 1, "after"),
    (Right.ACCESS, "commit case", 1, "after"),
    (Right.ACCESS, "commit case", -1, "before"),
    (Right.ACCESS, "commit resolve", 1, "after"),
    (Right.ACCESS, "commit answer", 1, "before"),
    (Right.ACCESS, "commit answer", 1, "after"),
    (Right.ERASURE, "commit case", -1, "after"),
    (Right.ERASURE, "commit erase helpdesk", 1, "after"),
    (Right.ERASURE, "commit verify helpdesk", 1, "before"),
]
"""The same of a case that batches work on: as it is taken, begins, at its gate, within its steps, and as it ends."""


@pytest.fixture(scope="module")
def batches(prefect_server, tmp_path_factory):
    """Such a world, and its undisturbed runs as they are asked for."""
    made = {}
    with standing_world(tmp_path_factory.mktemp("kills"), prefect_server, in_batches=True) as standing:
        yield standing, lambda right: made.get(right) or made.setdefault(right, standing.undisturbed(right))


@pytest.mark.slow
@pytest.mark.parametrize(("right", "family", "which", "side"), BATCHED)
def test_a_case_of_a_batch_that_is_killed_ends_as_an_undisturbed_one(batches, right, family, which, side):
    world, undisturbed = batches
    expected = undisturbed(right)
    alike = [one for one in points_of(expected.notes) if (one.family, one.place["side"]) == (family, side)]
    found = killed(world, right, alike, which - 1 if which > 0 else len(alike) + which)
    assert differences(expected.end, found.end) == {}
    assert doubled(expected.end, found.end) == (0, 0, 0)


@pytest.mark.apart
def test_the_undisturbed_run_answers_and_does_what_it_is_to_do(undisturbed):
    end = undisturbed(Right.ERASURE).end
    assert end.state == "answered"
    assert {state for state, _, _ in end.steps.values()} == {"done"}
    assert set(end.letters.values()) == {1}
    assert len(end.letters) == 2
    assert [line.partition(" ")[0] for line in end.known].count(IdentifierKind.BIRTH_DATE) == 1
    assert [line[:2] for line in end.instructions] == [("archivist", "not asked"), ("carrier", "not sent")]
    assert {line.partition(" ")[0] for line in end.calls} == {"helpdesk", "payments", "archive", "recordings"}
    # The version of the person went, two of others stay, and no older one is current again.
    assert [line.split()[-1] == "marker" for line in end.held["archive"] if "desk.wav" in line].count(True) == 1
    assert len([line for line in end.held["archive"] if "desk.wav" in line]) == 3


@pytest.mark.slow
def test_each_system_and_each_step_is_a_kill_point(undisturbed):
    access, erasure = (points_of(undisturbed(right).notes) for right in (Right.ACCESS, Right.ERASURE))
    points = access + erasure
    assert {one.place["system"] for one in points if "system" in one.place} == {
        "helpdesk",
        "payments",
        "archive",
        "recordings",
    }
    assert {one.family.split()[1] for one in points if "commit" in one.place} >= {
        *(
            "flow",
            "resolve",
            "write",
            "prepare",
            "settle",
            "instruct",
            "erase",
            "verify",
        ),
    }
    assert len(thinned(access)) + len(thinned(erasure)) >= 150


@pytest.mark.slow  # It is part of the matrix itself.
def test_faults_that_are_put_in_on_purpose_are_seen(world):
    assert is_caught(world)


# -- without a world -------------------------------------------------------------------------------------------------

END = End(
    state="answered",
    steps={"erase helpdesk": ("done", "", {})},
    findings=["one"],
    instructions=[("carrier", "not sent", ("email",))],
    letters=Counter({"L1": 1}),
    wording={"L1": "aa"},
    entries=Counter({"StepDone by rightsflow: {}": 2}),
    package={},
    copies=[],
    held={"cdr": []},
    calls=Counter({"helpdesk PUT /x": 1}),
)


def test_an_end_that_differs_in_one_part_is_not_the_same():
    for change, counted in (
        ({"calls": Counter({"helpdesk PUT /x": 2})}, (1, 0, 0)),
        ({"letters": Counter({"L1": 2})}, (0, 1, 0)),
        ({"entries": Counter({"StepDone by rightsflow: {}": 3})}, (0, 0, 1)),
        ({"entries": Counter({"StepDone by rightsflow: {}": 1})}, (0, 0, 0)),
        ({"state": "executing"}, (0, 0, 0)),
        ({"steps": {"erase helpdesk": ("running", "", {})}}, (0, 0, 0)),
        ({"findings": ["one", "two"]}, (0, 0, 0)),
        ({"instructions": []}, (0, 0, 0)),
        ({"wording": {"L1": "bb"}}, (0, 0, 0)),
        ({"package": {"index.html": "aa"}}, (0, 0, 0)),
        ({"copies": ["work/extracted"]}, (0, 0, 0)),
        ({"held": {"cdr": [["row"]]}}, (0, 0, 0)),
    ):
        found = replace(END, **change)
        assert differences(END, END) == {}
        assert list(differences(END, found)) == list(change)
        assert doubled(END, found) == counted

    found = replace(END, entries=Counter({"Other by rightsflow: {}": 1}), findings=["two"])
    assert differences(END, found) == {
        "findings": {"missing": ["one"], "more": ["two"]},
        "entries": {"missing": {"StepDone by rightsflow: {}": 2}, "more": {"Other by rightsflow: {}": 1}},
    }


class Standing:
    """A world whose runs end as they are told to."""

    cases: ClassVar = {Right.ERASURE: "case"}

    def __init__(self, *ends, flawed=END):
        self._ends, self._flawed = list(ends), flawed

    def undisturbed(self, _right, flaw=""):
        return Run(END, 0.0, _noted("erase payments", _call(1, "POST", "/v1/payment_methods/pm_1/detach", "payments")))

    def killed(self, _right, _point, flaw=""):
        end = self._flawed if flaw else self._ends.pop(0)
        if isinstance(end, BaseException):
            raise end
        return Run(end, 2.0, [])


FLAWED = replace(END, calls=Counter({"helpdesk PUT /x": 2}), entries=Counter({"StepDone by rightsflow: {}": 3}))
TWICE = replace(END, letters=Counter({"L1": 3}))


def filled(*ends, flawed=FLAWED):
    """The matrix that a world with these ends makes, and what it said meanwhile."""
    said = []
    matrix = Matrix(said.append)
    matrix.fill(Standing(*ends, flawed=flawed), list)
    return matrix, said


def test_a_matrix_is_green_when_every_end_is_the_same_and_all_was_tried_and_seen():
    matrix, said = filled(END, END, END, END)
    assert matrix.is_green
    assert [line.rpartition(": ")[2] for line in said[1:]] == ["same end, 2.0 s"] * 4
    assert list(matrix.table())[-1] == "| **all** | | 4 | 4 | 0 | 0 | 0 | 2.0 s |"

    matrix, _ = filled(END, END, END, END, flawed=END)
    assert not matrix.is_green
    assert "faults put in on purpose were NOT seen" in "\n".join(matrix.report(1.0))

    matrix, _ = filled(END, END, NotReached("It answered the case."), END)
    assert (matrix.unreached, matrix.kills, matrix.faults, matrix.is_green) == (1, 3, [], False)
    assert "To 1 further points no run came." in list(matrix.report(0.0))
    next(iter(matrix.rows.values())).add(Row(kills=47, same=47))
    assert matrix.is_green

    said = []
    matrix = Matrix(said.append)
    matrix.fill(Standing(END, END, END, END, flawed=FLAWED), list, until=time.monotonic() - 1)
    assert (matrix.is_green, matrix.untried, matrix.rows) == (True, 4, {})
    assert "For 4 further points there was no time." in list(matrix.report(0.0))

    row = Row(2, 2, [0, 0, 0], 2.0)
    row.add(Row(1, 0, [1, 2, 3], 1.0))
    assert row.cells() == (3, 2, 1, 2, 3, "2.0 s")


def test_a_kill_that_goes_wrong_is_counted_and_named_and_the_others_are_tried():
    for end, cells, named in (
        (TWICE, (1, 0, 0, 2, 0, "2.0 s"), "letters: {'missing': {}, 'more': {'L1': 2}}"),
        (replace(END, wording={"L1": "bb"}), (1, 0, 0, 0, 0, "2.0 s"), "wording: {'L1': ('aa', 'bb')}"),
        (Stuck("It was not answered."), (1, 0, 0, 0, 0, "0.0 s"), "Stuck: It was not answered."),
        (OSError("a pipe broke"), (1, 0, 0, 0, 0, "0.0 s"), "OSError: a pipe broke"),
    ):
        matrix, said = filled(END, END, end, END)
        assert not matrix.is_green
        assert matrix.rows["call held, peer has not acted", "erasure"].cells() == cells
        assert [line for line in said if line.startswith("- ")] == [f"- {named}"]
        assert [fault.endswith(named) for fault in matrix.faults] == [True]
        assert list(matrix.table())[-1].startswith("| **all** | | 4 | 3 |")


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(1)], ids=lambda one: type(one).__name__)
def test_a_run_that_is_stopped_still_prints_its_table(capsys, error):
    world = nullcontext(Standing(END, TWICE, error, flawed=FLAWED))
    with pytest.raises(type(error)):
        kills.main(make_world=lambda: world, on_signal=lambda *_: None)
    printed = capsys.readouterr().out
    assert "| **all** | | 2 | 1 | 0 | 2 | 0 | 2.0 s |" in printed
    assert "2 kills in 0 s; faults put in on purpose were seen." in printed
    assert "The run did NOT end." in printed


def test_the_exit_status_says_whether_all_is_well(capsys):
    for last, status in ((END, 0), (TWICE, 1)):
        world = nullcontext(Standing(END, END, END, last, flawed=FLAWED))
        assert kills.main("--all", make_world=lambda made=world: made, on_signal=lambda *_: None) == status
        assert "did NOT" not in capsys.readouterr().out


def _noted(*what):
    return [{"commit": one, "number": 1} if isinstance(one, str) else {"call": one, "stage": "acted"} for one in what]


def _call(number, method, path, system="helpdesk"):
    return {"system": system, "number": number, "method": method, "path": path, "key": ""}


def test_every_commit_and_every_call_is_a_point_on_both_sides():
    lost = {"call": _call(2, "GET", "/x"), "stage": "lost"}
    points = points_of([*_noted("erase helpdesk", _call(1, "GET", "/x"), _call(1, "REMOVE", "a", "recordings")), lost])
    assert [(one.kind, one.is_held, one.is_write) for one in points] == [
        ("before a commit of the case store", False, True),
        ("after a commit of the case store", False, True),
        ("call held, peer has not acted", True, False),
        ("call held, peer has acted", True, False),
        ("before a file's removal", False, True),
        ("after a file's removal", False, True),
    ]


def test_thinning_keeps_every_family_and_every_change():
    reads = [_call(number, "GET", f"/tickets/{number}?page={number}") for number in range(1, 30)]
    writes = [_call(number, "PUT", f"/tickets/{number}") for number in range(30, 35)]
    commits = [{"commit": "erase helpdesk", "number": number} for number in range(1, 9)]
    chosen = thinned(points_of(_noted(*reads, *writes) + commits))
    assert [one.family for one in chosen if "system" in one.place and not one.is_write] == [
        "helpdesk GET /tickets/#?page"
    ]
    assert sum(one.is_write and one.is_held for one in chosen) == 2 * len(writes)
    assert [(one.place["number"], one.place["side"]) for one in chosen if "commit" in one.place] == [
        (number, side) for number in (1, 8) for side in SIDES
    ]


def test_a_post_does_more_the_second_time():
    for method, path, system, is_write, is_repeatable in (
        ("GET", "/v1/customers", "payments", False, True),
        ("POST", "/v1/customers", "payments", True, False),
        ("DELETE", "/v1/customers/cus_1", "payments", True, True),
        ("POST", "/archive?delete", "archive", True, True),
        ("POST", "/oauth/tokens", "helpdesk", False, False),
    ):
        call = Call(system, 1, method, path)
        assert (call.is_write, call.is_repeatable) == (is_write, is_repeatable)


def _entries(*details):
    return [SimpleNamespace(event=f"E{number}", actor="rightsflow", details=one) for number, one in enumerate(details)]


def test_entries_of_two_runs_are_told_alike_unless_they_say_something_else():
    one, other = (
        _entries({"package": digest, "number": 3}, {"plan": digest, "reason": "why"}, {"request_ref": ref, "text": "t"})
        for digest, ref in (("aa", "req_1"), ("bb", "req_2"))
    )
    assert list(told_entries(one)) == list(told_entries(other))

    for changed in ({"plan": "cc"}, {"plan": ""}, {"reason": "other"}, {"text": "u"}):
        said = {"plan": "aa", "reason": "why", "text": "t"}
        one, other = (list(told_entries(_entries({"package": "aa"}, details))) for details in (said, said | changed))
        assert one != other


def test_a_batch_that_goes_on_as_a_smaller_one_does_nothing_more():
    paths = ["/tickets/destroy_many?ids=1%2C2%2C3", "/tickets/destroy_many?ids=2%2C3", "/tickets/1/redact"]
    whole, rest, single = (_call(number, "DELETE", path) for number, path in enumerate(paths, 1))
    end = acted_on(_noted(whole, single))
    assert end == acted_on(_noted(whole, rest, single))
    assert set(end) == {
        "helpdesk DELETE /tickets/1/redact",
        *(f"helpdesk DELETE /tickets/destroy_many?ids={one}" for one in (1, 2, 3)),
    }
    assert acted_on(_noted(whole, _call(2, "DELETE", "/tickets/destroy_many?ids=4"))) - acted_on(_noted(whole)) == {
        "helpdesk DELETE /tickets/destroy_many?ids=4": 1
    }


def test_notes_of_several_writers_are_read_in_their_order(tmp_path):
    one, other = Notes(tmp_path / "notes"), Notes(tmp_path / "notes")
    one.add(commit="flow", number=1)
    other.add(call=Call("helpdesk", 1, "GET", "/x"), stage="acted", status=200)
    assert read_notes(tmp_path / "notes") == [
        {"commit": "flow", "number": 1},
        {"call": _call(1, "GET", "/x"), "stage": "acted", "status": 200},
    ]


KETTLE = """
import os, pathlib, signal

def prepare(word):
    return word, word.upper()

def work(word, order):
    if order["die"]:
        os.kill(os.getpid(), signal.SIGKILL)
    pathlib.Path(order["file"]).write_text(word)
    return 3
"""


def test_a_template_tells_how_each_child_ended_and_leaves_none(tmp_path):
    (tmp_path / "kettle.py").write_text(KETTLE)
    template = Template("kettle", "water", log=tmp_path / "log", environment={"PYTHONPATH": str(tmp_path)})
    assert template.wait_ready() == "WATER"
    for die, status in ((True, -signal.SIGKILL), (False, 3)):
        template.order(die=die, file=str(tmp_path / "said"))
        assert template.ended() == status
    assert (tmp_path / "said").read_text() == "water"
    assert template.read(0.0) is None
    template.stop()
    assert template._process.returncode == 0


def test_a_template_that_is_stopped_takes_its_child_with_it(tmp_path):
    (tmp_path / "idle.py").write_text("import time\nprepare = lambda: (0, 0)\nwork = lambda *_: time.sleep(30)\n")
    template = Template("idle", log=tmp_path / "log", environment={"PYTHONPATH": str(tmp_path)})
    template.wait_ready()
    template.order()
    child = template.child
    template.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_a_template_that_cannot_start_is_told_of(tmp_path):
    template = Template("no_such_module", log=tmp_path / "log", environment={})
    with pytest.raises(TimeoutError, match="No word of 'ready' came"):
        template.wait_ready()
    template.stop()
    assert "no_such_module" in (tmp_path / "log").read_text()
