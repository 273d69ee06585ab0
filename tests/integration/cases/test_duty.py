"""Who is told of an alert on a given day, through absences and changes of the configuration."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from rightsflow.app import current_app
from rightsflow.cases.facts.people import Duty, hand_over, known_person, record_absence, said
from rightsflow.config.sections.mail_server import Notifications
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.people import Absence
from tests.integration.cases.watch_year import CHANNEL, SETTINGS_OF_THE_YEAR

TODAY = date(2026, 3, 5)
ALL = ("owner", "dpo", "management")


def absent(person: str, deputy: str) -> Absence:
    return Absence(person=person, deputy=deputy, first_on=TODAY, last_on=TODAY)


def duty(*absences: Absence, settings=SETTINGS_OF_THE_YEAR) -> Duty:
    return Duty(settings, TODAY, absences)


def test_everybody_behind_the_roles_and_every_channel():
    assert duty().recipients("anna", ALL) == ["person.anna", "person.dpo", "person.management", CHANNEL]
    assert duty().recipients("anna", ["dpo"]) == ["person.dpo", CHANNEL]


def test_nobody_is_told_twice():
    assert duty(absent("anna", "dpo")).recipients("anna", ["owner", "dpo"]) == ["person.dpo", CHANNEL]


def test_the_deputy_is_told_instead():
    assert duty(absent("anna", "ben")).recipients("anna", ["owner"]) == ["person.ben", CHANNEL]
    assert duty(absent("dpo", "ben")).recipients("anna", ["dpo"]) == ["person.ben", CHANNEL]


@pytest.mark.parametrize(
    ("owner", "absences", "answers"),
    [
        ("case_owner", [("case_owner", "anna"), ("anna", "case_owner")], "dpo"),
        ("case_owner", [("case_owner", "dpo"), ("dpo", "case_owner")], "management"),
        ("case_owner", [("case_owner", "anna"), ("anna", "case_owner"), ("dpo", "cleo")], "cleo"),
        ("dpo", [("dpo", "anna"), ("anna", "dpo")], "management"),
        ("anna", [("anna", "ben"), ("ben", "anna")], "management"),
        ("management", [("management", "ben"), ("ben", "management")], "management"),
        ("somebody-who-left", [], "case_owner"),
        ("somebody-who-left", [("case_owner", "ben")], "ben"),
        ("anna", [("anna", "somebody-who-left")], "management"),
    ],
)
def test_somebody_always_answers(owner, absences, answers):
    assert duty(*(absent(*pair) for pair in absences)).answering(owner) == answers


def test_without_a_means_nobody_is_named():
    channels = SETTINGS_OF_THE_YEAR.model_copy(
        update={"notifications": Notifications(channels=("slack-webhook/desk",))}
    )
    assert duty(settings=channels).recipients("anna", ALL) == ["channel.desk"]
    none = SETTINGS_OF_THE_YEAR.model_copy(update={"notifications": Notifications()})
    assert duty(settings=none).recipients("anna", ALL) == []


def test_the_name_says_who_stands_in():
    assert duty().name("anna") == "Anna"
    assert duty(absent("anna", "ben")).name("anna") == "Anna, for whom Ben stands in"
    assert duty(absent("anna", "case_owner")).name("anna") == "Anna, for whom Subject rights desk stands in"
    assert duty().name("somebody-who-left") == "Subject rights desk"
    assert duty(absent("case_owner", "ben")).name("somebody-who-left") == "Subject rights desk, for whom Ben stands in"


def test_of_a_runtime_it_is_the_day_there(bench):
    bench.runtime.store.record_absence(absent("case_owner", "dpo"), "Olga")
    assert Duty.of(bench.runtime).answering("case_owner") == "dpo"
    bench.pass_time(timedelta(days=1))
    assert Duty.of(bench.runtime).answering("case_owner") == "case_owner"


def test_keys_as_somebody_typed_them(bench):
    assert known_person(current_app(), " DPO ") == "dpo"
    with pytest.raises(BadInput, match="use one of case_owner, dpo, management"):
        known_person(current_app(), "nobody")


def test_a_case_is_handed_over(bench):
    case_id = bench.open("access")
    hand_over(current_app(), case_id, "DPO", by="  Olga   Opener ", reason="holidays")
    with bench.file(case_id) as file:
        assert (file.ownership.owner, file.ownership.handovers()[0].by) == ("dpo", "Olga Opener")
    with pytest.raises(Conflict, match="already"):
        hand_over(current_app(), case_id, "dpo", by="Olga", reason="again")


def test_an_absence_is_recorded(bench):
    away = absent("case_owner", "dpo")
    assert record_absence(current_app(), away, by="Olga") == (
        "Absence 1: DPO stands in for Subject rights desk from Thu 05 Mar 2026 to Thu 05 Mar 2026."
    )
    assert [(one.number, one.absence) for one in bench.runtime.store.absences_from(TODAY)] == [(1, away)]
    with pytest.raises(Conflict, match="recorded already, as number 1"):
        record_absence(current_app(), away, by="Olga")
    for person, deputy in (("nobody", "dpo"), ("dpo", "nobody")):
        with pytest.raises(BadInput, match="That key is not known"):
            record_absence(current_app(), absent(person, deputy), by="Olga")
    bench.pass_time(timedelta(days=1))
    with pytest.raises(BadInput, match="over already"):
        record_absence(current_app(), absent("dpo", "management"), by="Olga")


def test_it_is_said_who_does_it():
    assert said(" Olga\nOpener ") == "Olga Opener"
    with pytest.raises(BadInput, match="fill it in"):
        said("  ")
