"""Automations that notify people of alerts, with their texts, and their registration on the Prefect server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Final, cast
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.sorting import AutomationSort
from prefect.events.actions import SendNotification
from prefect.events.schemas.automations import Automation, AutomationCore, EventTrigger, Posture
from prefect.exceptions import ObjectNotFound
from pydantic import SecretStr

from deployments.notifications.mail_block import RightsflowMail
from rightsflow.config.sections.controller import Owners, Person
from rightsflow.config.sections.mail_server import MailServer
from rightsflow.config.settings import Settings
from rightsflow.domain.errors import Misconfigured
from tasks.prefect_io.notices import (
    ALERT_LABEL,
    ATTEMPT_LABEL,
    AUTOMATION,
    CASE_EVENT,
    PLACES_EVENT,
    RECIPIENT,
    SWEPT_EVENT,
    UNOPENED_EVENT,
    WORK_EVENT,
)

SUBJECT: Final = (
    "[Rightsflow] {{ event.resource.name }}: "
    f"{{{{ event.event | replace('{CASE_EVENT}.', '') | replace('-', ' ') }}}} ({{{{ event.payload.right }}}})"
    "{% if event.payload.reminder %}, reminder {{ event.payload.reminder }}{% endif %}"
)

BODY: Final = """\
{{ event.payload.text }}

Case: {{ event.resource.name }} ({{ event.payload.right }} request)
Date: {{ event.payload.date }}
{%- if event.payload.link %}
Look: {{ event.payload.link }}
{%- endif %}
{%- if event.payload.reminder %}

This is reminder {{ event.payload.reminder }}: no one has acknowledged this alert yet.
{%- endif %}

{% if event.payload.link and '/desk/' in event.payload.link -%}
To acknowledge it, open the case there, and take note of it under More actions.
{%- else -%}
To acknowledge it, run
rightsflow case acknowledge {{ event.resource.name }} --by NAME
{%- endif %}
"""

SILENCE_SUBJECT: Final = "[Rightsflow] The deadline watch is silent"

SILENCE_BODY: Final = """\
The watch over the requests' deadlines has not run for {minutes}. Until it runs again no alert of a deadline is sent.

Please see to it at once:
1. Does the worker run? Without one no run of watch-deadlines starts; `rightsflow up` or your service manager starts it.
2. Is the schedule of the deployment watch-deadlines switched on in Prefect's UI, and how did its last runs end?
3. Does the case store answer? `rightsflow doctor` says so.
4. Which cases are due meanwhile? `rightsflow board` lists them.

This comes again for as long as the silence lasts.
"""


def silence_body(seconds: float) -> str:
    """Return the text about a silent watch.

    Args:
        seconds: For how long it may be.
    """
    minutes = max(1, round(seconds / 60))
    return SILENCE_BODY.format(minutes="1 minute" if minutes == 1 else f"{minutes} minutes")


PLACES_SUBJECT: Final = "[Rightsflow] New places of personal data"
UNOPENED_SUBJECT: Final = "[Rightsflow] Requests without a case"
LIST_BODY: Final = """\
{{ event.payload.text }}
{%- if event.payload.link %}

Look: {{ event.payload.link }}
{%- endif %}
"""
PLACES: Final = "Rightsflow: new places of personal data"
"""The alert on places that the configuration does not know."""
UNOPENED: Final = "Rightsflow: requests without a case"
"""The alert on requests that stand in a text of some system and are no case yet."""
WORK: Final = "Rightsflow: new work"
"""The notice of new work to the channels; people are mailed as they chose at the desk."""
SILENCE: Final = "Rightsflow: the deadline watch is silent"
"""The dead man's switch."""
SILENT_SECONDS: Final = 3600.0
"""After how long a silence of the watch is told; it sweeps every quarter of an hour."""

_KEPT: Final = "Kept by Rightsflow: changes made here are undone at its next start."
_TOLD_OF_LISTS: Final = frozenset({"person.dpo", "person.case_owner"})
_TOLD_OF_SILENCE: Final = frozenset({"person.dpo", "person.management"})
# Prefect's broker is made to know a repeated event again for five minutes. A window of its own for each notice lasts
# longer: it fires once, and longer than a day no attempt is left unanswered.
_SAME_NOTICE: Final = timedelta(days=1)
_PAGE: Final = 200


def apply_notifications(settings: Settings, *, silent_seconds: float = SILENT_SECONDS) -> list[str]:
    """Create or update the mail blocks and automations, and remove those of former recipients.

    Args:
        settings: Who is told, and by which means.
        silent_seconds: After how long a silence of the watch is told; at least 10.

    Returns:
        What is wrong with channels, a sentence each; nothing is told through those, and everything else is in place.

    Raises:
        Misconfigured: The mail server's password is missing.
    """
    problems: list[str] = []
    with get_client(sync_client=True) as client:
        channels = dict(_channels(client, settings.notifications.channels, problems))
        mails = _save_mail_blocks(settings)
        blocks = mails | channels
        wanted = [_telling(recipient, block) for recipient, block in blocks.items()]
        told = [block for recipient, block in blocks.items() if recipient in _TOLD_OF_SILENCE | channels.keys()]
        if told:
            wanted.append(_on_silence(told, silent_seconds))
        answering = [block for recipient, block in blocks.items() if recipient in _TOLD_OF_LISTS | channels.keys()]
        if answering:
            wanted.append(_on_list(PLACES, PLACES_EVENT, PLACES_SUBJECT, answering))
            wanted.append(_on_list(UNOPENED, UNOPENED_EVENT, UNOPENED_SUBJECT, answering))
        if channels:
            wanted.append(_on_new_work(channels.values()))
        _apply(client, {automation.name: automation for automation in wanted})
        _remove_mail_blocks(client, keep=set(mails.values()))
    return problems


def _channels(client: SyncPrefectClient, channels: Iterable[str], problems: list[str]) -> Iterator[tuple[str, UUID]]:
    known: dict[str, str] = {}
    for channel in channels:
        name = channel.partition("/")[2]
        try:
            block = _channel_block(client, channel, namesake=known.setdefault(name, channel))
        except Misconfigured as error:
            # A block is made on the server that is being set up.
            problems.append(str(error))
        else:
            yield f"channel.{name}", block


def _channel_block(client: SyncPrefectClient, channel: str, *, namesake: str) -> UUID:
    if namesake != channel:
        raise Misconfigured(
            f"notifications.channels names {namesake} and {channel}, blocks of the same name; rename one."
        )
    slug, _, name = channel.partition("/")
    try:
        block = client.read_block_document_by_name(name, slug, include_secrets=False)
    except ObjectNotFound:
        raise Misconfigured(
            f"notifications.channels names {channel}, but Prefect has no block {name} of the type {slug}; create "
            f"it with Prefect's Python client and the server's secret, or remove it from the settings. "
            "It is looked for again by the next `rightsflow up` or `rightsflow service deploy`."
        ) from None
    schema = block.block_schema
    if schema is None or "notify" not in schema.capabilities:
        raise Misconfigured(
            f"notifications.channels names {channel}, which cannot notify; name a notification block, "
            "such as one of the type slack-webhook."
        )
    return block.id


def _save_mail_blocks(settings: Settings) -> dict[str, UUID]:
    server = settings.notifications.mail
    if server is None:
        return {}
    password = SecretStr(server.password.reveal() if server.password else "")
    return {
        f"person.{key}": _save_mail_block(key, person, server, password)
        for key, person in settings.people_by_key.items()
    }


def _save_mail_block(key: str, person: Person, server: MailServer, password: SecretStr) -> UUID:
    block = RightsflowMail(
        host=server.host,
        port=server.port,
        security=server.security,
        username=server.username,
        password=password,
        sender=server.sender,
        recipient_name=person.full_name,
        recipient_email=person.email,
    )
    # Prefect's names of blocks know no underscore, and the keys of people know no role.
    kind = "role" if key in Owners.model_fields else "person"
    return cast("UUID", block.save(f"rightsflow-{kind}-{key.replace('_', '-')}", overwrite=True))


def _remove_mail_blocks(client: SyncPrefectClient, keep: set[UUID]) -> None:
    RightsflowMail.register_type_and_schema()  # a server that never held one would not know what is asked for
    # All of them: this address of Prefect's knows no pages.
    found = client.read_block_documents_by_type(RightsflowMail.get_block_type_slug(), include_secrets=False)
    for block in {item.id for item in found} - keep:
        client.delete_block_document(block)


def _telling(recipient: str, block: UUID) -> AutomationCore:
    return AutomationCore(
        name=f"{AUTOMATION}{recipient}",
        description=_KEPT,
        trigger=EventTrigger(
            expect={f"{CASE_EVENT}.*"},
            match={"prefect.resource.id": f"{CASE_EVENT}.*"},
            match_related={
                "prefect.resource.id": f"{RECIPIENT}.{recipient}",
                "prefect.resource.role": "recipient",
            },
            for_each={ALERT_LABEL, ATTEMPT_LABEL},
            posture=Posture.Reactive,
            threshold=1,
            within=_SAME_NOTICE,
        ),
        actions=[SendNotification(block_document_id=block, subject=SUBJECT, body=BODY)],
    )


def _on_silence(blocks: Iterable[UUID], seconds: float) -> AutomationCore:
    return AutomationCore(
        name=SILENCE,
        description=_KEPT,
        trigger=EventTrigger(
            expect={SWEPT_EVENT},
            posture=Posture.Proactive,
            threshold=1,
            within=timedelta(seconds=seconds),
        ),
        actions=[
            SendNotification(block_document_id=block, subject=SILENCE_SUBJECT, body=silence_body(seconds))
            for block in blocks
        ],
    )


def _on_new_work(blocks: Iterable[UUID]) -> AutomationCore:
    return AutomationCore(
        name=WORK,
        description=_KEPT,
        trigger=EventTrigger(expect={WORK_EVENT}, posture=Posture.Reactive, threshold=1, within=timedelta(0)),
        actions=[
            SendNotification(
                block_document_id=block, subject="{{ event.payload.subject }}", body="{{ event.payload.text }}"
            )
            for block in blocks
        ],
    )


def _on_list(name: str, event: str, subject: str, blocks: Iterable[UUID]) -> AutomationCore:
    return AutomationCore(
        name=name,
        description=_KEPT,
        trigger=EventTrigger(expect={event}, posture=Posture.Reactive, threshold=1, within=timedelta(0)),
        actions=[SendNotification(block_document_id=block, subject=subject, body=LIST_BODY) for block in blocks],
    )


def _apply(client: SyncPrefectClient, wanted: Mapping[str, AutomationCore]) -> None:
    missing = dict(wanted)
    for automation in _ours(client):
        core = missing.pop(automation.name, None)
        if core is None:
            client.delete_automation(automation.id)
        elif AutomationCore.model_validate(automation.model_dump()) != core:
            # Only then: an update forgets which notices were told already, and when the watch was last heard of.
            # Whole: the client leaves out what was not set, and the server would guess of which type an action is.
            client.update_automation(
                automation.id, AutomationCore.model_validate(core.model_dump(exclude={"owner_resource"}))
            )
    for core in missing.values():
        client.create_automation(core)


def _ours(client: SyncPrefectClient) -> list[Automation]:
    found: list[Automation] = []
    while page := client.read_automations(sort=AutomationSort.NAME_ASC, limit=_PAGE, offset=len(found)):
        found += page
    return [
        automation
        for automation in found
        if automation.name in {SILENCE, PLACES, UNOPENED, WORK} or automation.name.startswith(AUTOMATION)
    ]
