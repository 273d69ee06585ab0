"""Handing a case over and recording absences: what is kept, and what is refused with nothing changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from rightsflow.app import current_app, installed
from rightsflow.cases.facts.people import hand_over, record_absence
from rightsflow.config.sections.mail_server import MailServer
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.people import Absence, Actor, Proof
from rightsflow.domain.vocabulary.states import CaseAction
from tests.support.desk import DAY, TEXT, facts
from tests.support.mail_server import Post
from tests.support.signing_in import settings_with


def away(person="case_owner", deputy="dpo", first_on=date(2026, 3, 9), last_on=date(2026, 3, 13)):
    return Absence(person=person, deputy=deputy, first_on=first_on, last_on=last_on)


def test_a_case_changes_hands_with_its_reason_sealed(bench):
    case_id = bench.open("access")
    bench.pass_time(DAY)
    said = hand_over(current_app(), case_id.lower(), " DPO ", by=" Olga  Opener ", reason=f" It is\n {TEXT}. ")
    assert said == f"DPO answers for {case_id} from now on."
    with bench.file(case_id) as file:
        assert file.ownership.owner == "dpo"
        (change,) = file.ownership.handovers()
        assert (change.from_owner, change.to_owner, change.by, change.at) == (
            "case_owner",
            "dpo",
            "Olga Opener",
            bench.moment[0],
        )
        assert file.ownership.reasons() == [f"It is {TEXT}."]
        assert TEXT not in repr(list(file.ledger.entries()))


@pytest.mark.parametrize(
    ("to", "by", "reason", "error", "sentence"),
    [
        ("nobody", "Olga", "leave", BadInput, "That key is not known; use one of case_owner, dpo, management"),
        ("dpo", " ", "leave", BadInput, "Your name is missing"),
        ("dpo", "Olga", " \n", BadInput, "reason for handing the case over"),
        ("case_owner", "Olga", "leave", Conflict, "is theirs already"),
    ],
)
def test_what_is_refused_changes_nothing(bench, to, by, reason, error, sentence):
    case_id = bench.open("access")
    before = facts(bench, case_id)
    with pytest.raises(error, match=sentence):
        hand_over(current_app(), case_id, to, by=by, reason=reason)
    assert facts(bench, case_id) == before
    with bench.file(case_id) as file:
        assert (file.ownership.owner, file.ownership.handovers()) == ("case_owner", [])


def test_a_case_is_handed_only_to_people_who_may_open_it_and_who_are_mailed(bench):
    """Before, it went to a person who cannot sign in, and no one was told."""
    case_id, post, people = bench.open("access"), Post(), settings_with()
    mail = MailServer(host="127.0.0.1", security="none", sender="desk@example.com")
    settings = people.model_copy(update={"notifications": people.notifications.model_copy(update={"mail": mail})})
    by = Actor("Olga Officer", role="officer", proof=Proof.PASSKEY)
    with installed(replace(bench.runtime, settings=settings, open_mail=lambda *_: post)):
        for key in ("management", "ada"):
            with pytest.raises(BadInput, match="may not open cases at the desk"):
                hand_over(current_app(), case_id, key, by=by, reason="leave")
        said = hand_over(current_app(), case_id, "ines", by=by, reason="leave")
    assert said == f"Ines Example answers for {case_id} from now on. Ines Example was told of it by mail."
    (told,) = post.taken
    assert (told.to_email, case_id in told.body) == ("ines@example.com", True)


def test_a_closed_case_stays_where_it_is(bench):
    case_id = bench.open("access")
    with bench.file(case_id) as file:
        file.advance(CaseAction.WITHDRAW)
    with pytest.raises(Conflict, match="is closed"):
        hand_over(current_app(), case_id, "dpo", by="Olga", reason="leave")


def recorded(bench):
    return [(one.absence, one.recorded_by) for one in bench.runtime.store.absences_from(date(2026, 1, 1))]


def test_an_absence_is_kept_under_the_keys_of_the_configuration(bench):
    said = record_absence(current_app(), away(person=" Case_Owner", deputy="DPO"), by=" Olga  Opener ")
    assert said.endswith(": DPO stands in for Subject rights desk from Mon 09 Mar 2026 to Fri 13 Mar 2026.")
    assert recorded(bench) == [(away(), "Olga Opener")]


def test_the_same_one_twice_is_one(bench):
    record_absence(current_app(), away(), by="Olga")
    with pytest.raises(Conflict, match="recorded already, as number"):
        record_absence(current_app(), away(deputy="Dpo"), by="Dana")
    assert recorded(bench) == [(away(), "Olga")]
    record_absence(current_app(), away(deputy="management"), by="Dana")
    assert len(recorded(bench)) == 2


@pytest.mark.parametrize(
    ("absence", "by", "sentence"),
    [
        (away(person="nobody"), "Olga", "That key is not known"),
        (away(deputy="nobody"), "Olga", "That key is not known"),
        (away(person="DPO"), "Olga", "No person can stand in for themself"),
        (away(first_on=date(2026, 3, 1), last_on=date(2026, 3, 4)), "Olga", "over already"),
        (away(), "", "Your name is missing"),
    ],
)
def test_an_absence_that_is_none_is_refused(bench, absence, by, sentence):
    with pytest.raises(BadInput, match=sentence):
        record_absence(current_app(), absence, by=by)
    assert recorded(bench) == []


def test_one_that_ends_today_is_not_over(bench):
    record_absence(current_app(), away(first_on=date(2026, 3, 1), last_on=date(2026, 3, 5)), by="Olga")
    assert len(recorded(bench)) == 1
