"""Where people act signed in, no act counts under a name that was only typed; each names where to do it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from dataclasses import replace
from datetime import date

import pytest

import rightsflow.cases
from rightsflow.app import current_app, installed
from rightsflow.cases.course.evidence.bundle import export_evidence, give_letters, hold_evidence
from rightsflow.cases.course.intake.file_import import import_requests
from rightsflow.cases.course.letters.further_letters import extend
from rightsflow.cases.course.letters.questions import ask_clarification, ask_identity
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.course.withdrawal import withdraw
from rightsflow.cases.facts.deadlines.alerts import acknowledge
from rightsflow.cases.facts.overview.personal_data import reveal
from rightsflow.cases.facts.people import hand_over, record_absence
from rightsflow.cases.facts.persons import Sought, look_up
from rightsflow.cases.work.erasure.brakes import release_brake, set_brake
from rightsflow.domain.errors import Conflict
from rightsflow.domain.people import Absence, Actor, Proof
from tests.support import looks
from tests.support.identity import IMPORT_COLUMNS, as_cells
from tests.support.request_files import request_file
from tests.support.signing_in import settings_with

ADDRESS = "https://desk.example.com"
AWAY = Absence(person="dpo", deputy="management", first_on=date(2026, 3, 6), last_on=date(2026, 3, 9))
ON_CASE = {
    "acknowledge": lambda app, case, by: acknowledge(app, case, by=by),
    "ask for proof": lambda app, case, by: ask_identity(app, case, doubt="Another address.", by=by),
    "ask what is meant": lambda app, case, by: ask_clarification(app, case, areas=["tickets"], by=by),
    "export the evidence": lambda app, case, by: export_evidence(app, case, by=by),
    "extend": lambda app, case, by: extend(app, case, reason="140 hours of recordings.", by=by),
    "give the letters": lambda app, case, by: give_letters(app, case, by=by, reason="File 12"),
    "hand over": lambda app, case, by: hand_over(app, case, "dpo", by=by, reason="leave"),
    "hold evidence": lambda app, case, by: hold_evidence(app, case, None, by=by, reason="a claim"),
    "note a letter as sent": lambda app, case, by: record_sent(app, case, "L1", by=by),
    "reveal": lambda app, case, by: reveal(app, case, by=by, reason="why"),
    "withdraw": lambda app, case, by: withdraw(app, case, by=by),
}
BESIDES = {
    "find a person": lambda app, by: look_up(app, Sought(email="anna.quill@example.com"), by=by),
    "note an absence": lambda app, by: record_absence(app, AWAY, by=by),
    "release a brake": lambda app, by: release_brake(app, "helpdesk", by=by, reason="why"),
}
SIGNED_IN = Actor("Olga Officer", role="officer", proof=Proof.PASSKEY)


@pytest.fixture
def with_desk(bench):
    with installed(replace(bench.runtime, settings=settings_with(), desk_address=ADDRESS)):
        yield current_app()


@pytest.mark.parametrize("act", ON_CASE.values(), ids=ON_CASE)
def test_an_act_on_a_case_is_refused_with_the_cases_address_and_changes_nothing(bench, with_desk, act):
    case = bench.open("access")
    before = list(looks.entries(bench, case))
    with pytest.raises(Conflict, match=re.escape(f"{ADDRESS}/desk/cases/{case} (or set typed_names")):
        act(with_desk, case, "Mickey Mouse")
    assert list(looks.entries(bench, case)) == before


@pytest.mark.parametrize("act", BESIDES.values(), ids=BESIDES)
def test_an_act_on_no_case_is_refused_with_the_desks_address(with_desk, act):
    with pytest.raises(Conflict, match=re.escape(f"{ADDRESS}/desk/ (or")):
        act(with_desk, "Mickey Mouse")


def test_who_is_signed_in_acts(bench, with_desk):
    case = bench.open("access")
    assert "answers for" in hand_over(with_desk, case, "ines", by=SIGNED_IN, reason="leave")


def test_a_request_is_opened_under_a_typed_name_since_that_decides_nothing(bench, with_desk):
    case = bench.open("erasure", opened_by="A Script")
    with bench.file(case) as file:
        assert file.opened_by == "A Script"


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_row_that_says_that_identity_is_confirmed_is_no_row_there_and_a_dry_run_says_so(bench, with_desk, dry_run):
    columns, cells = ";".join(IMPORT_COLUMNS), ";".join(as_cells("2026-03-04T10:00", by="Ida Identity"))
    file = request_file(f"right;email;received;{columns}\naccess;anna@example.com;2026-03-04;{cells}\n".encode())
    report = import_requests(with_desk, file, by="A Script", dry_run=dry_run)
    assert [(one.row, one.column) for one in report.faults] == [(2, "identity_by")]
    assert "Or leave the columns about identity empty" in report.faults[0].sentence
    assert bench.runtime.store.summaries(closed_too=True) == []


def test_the_brake_is_set_by_any_person_who_sees_that_something_goes_wrong(with_desk):
    assert "is stopped" in set_brake(with_desk, "helpdesk", by="Mickey Mouse", reason="wrong records go")


def test_for_scripts_they_count(bench):
    case = bench.open("access")
    with installed(replace(bench.runtime, settings=settings_with(typed_names="allowed"))):
        assert "answers for" in hand_over(current_app(), case, "ines", by="A Script", reason="leave")


UNREFUSED = {
    "set_brake": "an emergency waits for no sign-in",
    "import_from_folder": "requests come in from other systems",
    "open_from_ticket": "requests come in from other systems, and an opened one decides nothing",
    "join_from_ticket": "requests come in from other systems, and a joined one decides nothing",
    "member_key": "it reads the configuration",
    "import_requests": "requests come in from other systems",
    "confirmation": "it reads what was typed, and changes nothing",
    "look_at_many": "it lists, and changes nothing",
    "mail_letters_of": "each letter is refused by itself, in `mail_letter`",
    "mark_read": "the token of its reading is given to who is signed in, and a mark releases nothing",
    "has_prepared": "it asks, and changes nothing",
    "replay": "after a restore, by who runs the service",
    "replay_system": "after a restore, by who runs the service",
    "purge": "by the clock",
    "tell_invited": "it mails about an invitation made already, the first before anybody can sign in",
}
"""What may be done under a typed name although there is a desk, and why."""
CHECKED = re.compile(r"\b(acting|refuse_typed|refuse_false_name|decide|order_search_in|mark_sent)\(|_refuse_changed\(")


def acts():
    """Every function of the cases that a person does something by."""
    for module in pkgutil.walk_packages(rightsflow.cases.__path__, "rightsflow.cases."):
        for name, one in inspect.getmembers(importlib.import_module(module.name), inspect.isfunction):
            parameters = list(inspect.signature(one).parameters)
            is_act = parameters[:1] == ["app"] and "by" in parameters and not name.startswith("_")
            if is_act and one.__module__ == module.name:
                yield name, one


def test_every_act_refuses_typed_names_or_says_here_why_not():
    found = dict(acts())
    texts = {name: inspect.getsource(one) for name, one in found.items()}
    covered = {name for name, text in texts.items() if CHECKED.search(text)}
    called = {name: set(re.findall(r"\b(\w+)\(", text.partition(":")[2])) for name, text in texts.items()}
    passed_on = {name for name in found if called[name] & (covered - {name})}
    assert sorted(set(found) - covered - passed_on - set(UNREFUSED)) == []
    assert set(UNREFUSED) <= set(found)
    assert not covered & set(UNREFUSED)
