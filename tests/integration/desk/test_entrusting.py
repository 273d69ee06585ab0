"""An admin who also works on cases tries to be the second person too."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rightsflow.app import installed
from rightsflow.config.sections.mail_server import MailServer
from rightsflow.domain.accounts import KEPT_APART
from rightsflow.domain.vocabulary.events import StoreEvent
from rightsflow.store.core.case_ledger import own_entries
from tests.integration.desk.cases import at_approval
from tests.support.signing_in import PASSWORD, settings_with

HALF_A_MINUTE = timedelta(seconds=30)


@pytest.fixture
def rig(rig):
    """A desk at which Mala manages the people and works on cases, and Ada manages the people alone."""
    rig.team.people["mala"] = ("Mala Both", ["officer", "admin"])
    before = rig.bench.runtime
    rig.bench.runtime = replace(before, settings=settings_with(rig.team.people, typed_names="allowed"))
    with installed(rig.bench.runtime):
        yield rig
    rig.bench.runtime = before


def link_for(browser, key):
    """The path of an invitation that a person makes at the desk."""
    page = browser.send("/people/invite", of="/people", person=key)
    assert page.status_code == 200, page.text
    return page.text.partition("/desk/invitation/")[2].partition("<")[0].strip()


def redeemed(rig, browser, token, key):
    rig.team.secrets[key] = rig.team.door.invited(token)[1]
    typed = {"password": PASSWORD, "again": PASSWORD, "code": rig.team.code(key)}
    return browser.send(f"/invitation/{token}", **typed)


def approved(browser, case, **typed):
    return browser.send(f"/cases/{case}/approval/approve", of=f"/cases/{case}/approval", **typed)


def own(rig, event):
    with rig.bench.runtime.store.database.reading() as session:
        return list(own_entries(session, event))


@pytest.mark.apart
def test_an_officer_with_admin_does_not_replace_an_approvers_sign_in_alone(rig):
    # She re-invited an approver, redeemed the invitation herself and approved her own case as her.
    mala, dana = rig.browser("mala"), rig.browser("dana")
    token = link_for(mala, "dana")
    answer = redeemed(rig, rig.stranger(), token, "dana")
    assert answer.status_code == 422
    assert "Sign in with the old one in this browser first" in answer.text
    assert dana.get("/").status_code == 200, "her own session goes on"
    rig.bench.pass_time(HALF_A_MINUTE)
    assert redeemed(rig, mala, token, "dana").status_code == 422, "signed in as another person"
    answer = mala.send("/people/approve", of="/people", invited="dana")
    assert answer.status_code == 409
    assert "second admin" in answer.text
    assert own(rig, StoreEvent.INVITATION_APPROVED) == []


@pytest.mark.apart
def test_the_person_replaces_it_with_the_old_sign_in_and_a_second_admin_lets_them_without(rig):
    mala, dana, ada = rig.browser("mala"), rig.browser("dana"), rig.browser("ada")
    assert redeemed(rig, dana, link_for(mala, "dana"), "dana").status_code == 303
    rig.bench.pass_time(HALF_A_MINUTE)
    token = link_for(mala, "dana")
    assert "Dana Decider, invited by Mala Both" in ada.get("/people").text
    assert ada.send("/people/approve", of="/people", invited="dana").status_code == 303
    assert redeemed(rig, rig.stranger(), token, "dana").status_code == 303
    (entry,) = own(rig, StoreEvent.INVITATION_APPROVED)
    assert (entry.actor, entry.details["person"]) == ("Ada Admin", "dana")


@pytest.mark.apart
def test_for_seven_days_an_account_approves_nothing_that_who_invited_opened_or_prepared(rig):
    mala = rig.browser("mala")
    token = link_for(mala, "dana")
    dana = rig.stranger()
    assert redeemed(rig, dana, token, "dana").status_code == 303
    opened_by_mala = at_approval(
        rig.bench, "access", opened_by=rig.team.door.known(mala.client.cookies["rightsflow-session"]).actor
    )
    another = at_approval(rig.bench, "access", email="other@example.org")
    answer = approved(dana, opened_by_mala)
    assert answer.status_code == 409
    assert "invited you within the last 7 days" in answer.text
    answer = approved(dana, another, read="nothing held")
    assert answer.status_code == 303
    with rig.bench.file(another) as file:
        entry = [one for one in file.ledger.entries() if one.event == "DecisionRecorded"][-1]
    assert entry.details["account_invited_by"] == "Mala Both"
    rig.bench.pass_time(KEPT_APART)
    rig.team.sign_in("dana")
    later = rig.stranger()
    later.client.cookies.set("rightsflow-session", rig.team.sign_in("dana"))
    assert approved(later, opened_by_mala).status_code == 303


def test_the_person_is_told_by_mail_at_the_known_address(rig):
    sent = []

    class Box:
        def send(self, mail):
            sent.append(mail)

    settings = rig.bench.runtime.settings
    mail = MailServer.model_validate({"host": "127.0.0.1", "security": "none", "sender": "rights@example.com"})
    told = settings.model_copy(update={"notifications": settings.notifications.model_copy(update={"mail": mail})})
    rig.bench.runtime = replace(rig.bench.runtime, settings=told, open_mail=lambda _server, _name: Box())
    rig.browser("dana")
    token = link_for(rig.browser("ada"), "dana")
    (one,) = sent
    assert one.to_email == "dana@example.com"
    assert "Ada Admin" in one.body
    assert "replaces the sign-in that you have" in one.body
    assert token not in one.body
