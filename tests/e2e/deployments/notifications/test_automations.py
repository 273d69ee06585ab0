"""Which blocks and automations the configuration makes on a real Prefect server, and that they follow it."""

from __future__ import annotations

import pytest
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.blocks.system import Secret
from prefect.client.orchestration import get_client
from prefect.client.schemas.sorting import AutomationSort
from prefect.events.schemas.automations import AutomationCore

from deployments.notifications.automations import PLACES, SILENCE, UNOPENED, WORK, apply_notifications
from deployments.notifications.mail_block import RightsflowMail
from rightsflow.config.sections.controller import Person
from rightsflow.domain.errors import Misconfigured
from tests.support.notices import CHANNEL, server_at, settings_with

ANNA = {"anna": Person(name="Anna Example", email="anna@example.com", held_by="")}
ROLES = {f"Rightsflow tells person.{role}" for role in ("case_owner", "dpo", "management")}


def automations():
    with get_client(sync_client=True) as client:
        found = client.read_automations(sort=AutomationSort.NAME_ASC, limit=200)
    return {one.name: one for one in found if one.name.startswith("Rightsflow")}


def ids():
    return {name: one.id for name, one in automations().items()}


def mail_blocks():
    with get_client(sync_client=True) as client:
        return {one.name: one.data for one in client.read_block_documents_by_type("rightsflow-mail")}


def told_of_silence():
    return [action.block_document_id for action in automations()[SILENCE].actions]


@pytest.fixture(autouse=True)
def _nobody_is_told_before_and_after(post_office):
    apply_notifications(settings_with())
    yield
    apply_notifications(settings_with())


@pytest.mark.apart
def test_each_reachable_recipient_has_an_automation_and_silence_is_told_to_those_above():
    assert automations() == {}
    assert mail_blocks() == {}

    settings = settings_with(server_at(25), (CHANNEL,), ANNA)
    apply_notifications(settings)
    assert set(automations()) == {f"Rightsflow tells {one}" for one in settings.reachable} | {
        SILENCE,
        PLACES,
        UNOPENED,
        WORK,
    }
    assert set(automations()) == {
        *ROLES,
        "Rightsflow tells person.anna",
        "Rightsflow tells channel.privacy-hook",
        SILENCE,
        PLACES,
        UNOPENED,
        WORK,
    }

    told = {
        automations()[f"Rightsflow tells {one}"].actions[0].block_document_id
        for one in ("person.dpo", "person.management", "channel.privacy-hook")
    }
    assert set(told_of_silence()) == told
    assert len(told_of_silence()) == 3


@pytest.mark.apart
def test_the_mail_blocks_hold_the_server_and_the_person(monkeypatch):
    monkeypatch.setenv("MAIL_PASSWORD", "opensesame")
    server = server_at(587, security="starttls", username="alerts", password="env:MAIL_PASSWORD")
    apply_notifications(
        settings_with(server, people={"anna": Person(name="Desk", email="d@example.com", held_by="Anna")})
    )
    assert set(mail_blocks()) == {"rightsflow-person-anna"} | {
        f"rightsflow-role-{role}" for role in ("case-owner", "dpo", "management")
    }
    block = RightsflowMail.load("rightsflow-person-anna")
    assert (block.host, block.port, block.security, block.username) == ("127.0.0.1", 587, "starttls", "alerts")
    assert block.password.get_secret_value() == "opensesame"
    assert (block.recipient_name, block.recipient_email) == ("Desk (Anna)", "d@example.com")
    assert block.sender == "alerts@example.com"


@pytest.mark.slow
def test_a_login_that_is_no_longer_configured_is_forgotten(monkeypatch):
    monkeypatch.setenv("MAIL_PASSWORD", "opensesame")
    with_login = server_at(587, security="starttls", username="alerts", password="env:MAIL_PASSWORD")
    apply_notifications(settings_with(with_login))
    apply_notifications(settings_with(server_at(25)))
    block = RightsflowMail.load("rightsflow-role-dpo")
    assert (block.port, block.username, block.password.get_secret_value()) == (25, "", "")


@pytest.mark.slow
def test_applying_again_changes_nothing():
    settings = settings_with(server_at(25), (CHANNEL,), ANNA)
    assert apply_notifications(settings) == []
    before = automations()
    apply_notifications(settings)
    assert automations() == before


@pytest.mark.apart
def test_what_was_changed_in_the_ui_is_put_right():
    settings = settings_with(channels=(CHANNEL,))
    apply_notifications(settings)
    before = automations()
    name = "Rightsflow tells channel.privacy-hook"
    with get_client(sync_client=True) as client:
        client.pause_automation(before[name].id)
        changed = before[SILENCE].model_dump(exclude={"id", "owner_resource"}) | {
            "trigger": before[SILENCE].trigger.model_copy(update={"expect": {"other"}}),
            "description": "mine",
        }
        client.update_automation(before[SILENCE].id, AutomationCore.model_validate(changed))
    assert automations() != before
    apply_notifications(settings)
    assert automations() == before


@pytest.mark.slow
def test_recipients_that_are_gone_are_told_no_more():
    apply_notifications(settings_with(server_at(25), (CHANNEL,), ANNA))
    before = ids()
    apply_notifications(settings_with(server_at(25)))
    assert set(ids()) == ROLES | {SILENCE, PLACES, UNOPENED}
    assert "rightsflow-person-anna" not in mail_blocks()
    assert {name: before[name] for name in ROLES} == {name: ids()[name] for name in ROLES}
    apply_notifications(settings_with(channels=(CHANNEL,)))
    assert set(ids()) == {"Rightsflow tells channel.privacy-hook", SILENCE, PLACES, UNOPENED, WORK}
    assert mail_blocks() == {}


@pytest.mark.apart
def test_of_two_of_the_same_name_one_stays():
    settings = settings_with(channels=(CHANNEL,))
    apply_notifications(settings)
    twin = automations()[SILENCE]
    with get_client(sync_client=True) as client:
        client.create_automation(AutomationCore.model_validate(twin.model_dump()))
    apply_notifications(settings)
    with get_client(sync_client=True) as client:
        assert len(client.read_automations_by_name(SILENCE)) == 1


@pytest.mark.apart
def test_automations_of_others_are_left_alone():
    settings = settings_with(channels=(CHANNEL,))
    apply_notifications(settings)
    with get_client(sync_client=True) as client:
        theirs = automations()[SILENCE].model_dump() | {"name": "Rightsflow, of our own"}
        kept = client.create_automation(AutomationCore.model_validate(theirs))
        apply_notifications(settings_with())
        assert set(automations()) == {"Rightsflow, of our own"}
        client.delete_automation(kept)


@pytest.mark.apart
def test_silence_lasts_an_hour_unless_said_otherwise():
    apply_notifications(settings_with(channels=(CHANNEL,)))
    assert automations()[SILENCE].trigger.within.total_seconds() == 3600
    apply_notifications(settings_with(channels=(CHANNEL,)), silent_seconds=120)
    assert automations()[SILENCE].trigger.within.total_seconds() == 120
    assert "has not run for 2 minutes." in automations()[SILENCE].actions[0].body


@pytest.mark.apart
def test_a_channel_whose_block_is_missing_is_named_with_the_mend(prefect_server):
    (problem,) = apply_notifications(settings_with(channels=("slack-webhook/privacy-team",)))
    assert problem == (
        "notifications.channels names slack-webhook/privacy-team, but Prefect has no block privacy-team of the type "
        "slack-webhook; create it with Prefect's Python client and the server's secret, "
        "or remove it from the settings. It is looked for again by the next `rightsflow up` or "
        "`rightsflow service deploy`."
    )
    assert automations() == {}


@pytest.mark.apart
def test_everything_else_is_applied_beside_channels_that_are_wrong():
    Secret(value="word").save("not-a-channel", overwrite=True)
    wrong = ("no-such-type/privacy-team", "secret/not-a-channel", "slack-webhook/privacy-hook")
    problems = apply_notifications(settings_with(server_at(25), (wrong[0], CHANNEL, *wrong[1:])))
    assert set(automations()) == ROLES | {"Rightsflow tells channel.privacy-hook", SILENCE, PLACES, UNOPENED, WORK}
    assert len(told_of_silence()) == 3
    missing, mute, twin = problems
    assert "no block privacy-team of the type no-such-type" in missing
    assert "secret/not-a-channel, which cannot notify" in mute
    assert f"names {CHANNEL} and slack-webhook/privacy-hook, blocks of the same name" in twin


@pytest.mark.slow
def test_a_channel_whose_block_was_deleted_is_told_again_once_it_is_made_anew():
    settings = settings_with(server_at(25), ("custom-webhook/passing",))
    for exists in (True, False, True):
        if exists:
            block = CustomWebhookNotificationBlock(name="passing", url="http://127.0.0.1:9", json_data={})
            block.save("passing", overwrite=True)
        else:
            CustomWebhookNotificationBlock.delete("passing")
        problems = apply_notifications(settings)
        assert len(problems) == (0 if exists else 1)
        assert ("Rightsflow tells channel.passing" in automations()) is exists
        assert len(told_of_silence()) == (3 if exists else 2)


def test_a_password_that_is_missing_stops_it(monkeypatch):
    monkeypatch.delenv("MAIL_PASSWORD", raising=False)
    with pytest.raises(Misconfigured, match="MAIL_PASSWORD"):
        apply_notifications(settings_with(server_at(25, password="env:MAIL_PASSWORD")))
