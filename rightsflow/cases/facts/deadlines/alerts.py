"""The deadline watch: check due cases, raise alerts, and notify people. No personal data of the subject."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol

from rightsflow.cases.app import App
from rightsflow.cases.facts.people import Duty, acting
from rightsflow.domain.alerts.ladder import Calendar, RungKind
from rightsflow.domain.alerts.rungs import look
from rightsflow.domain.deadlines.working_days import Place
from rightsflow.domain.vocabulary.states import read_case_id
from rightsflow.store.coordination.dispatch import Dispatch, Outgoing


class NotificationAttempt(NamedTuple):
    """The key of an attempt; the case id makes it unique among all stores that use one Prefect server.

    Args:
        case_id: The case.
        alert_id: The alert.
        number: Which attempt.
    """

    case_id: str
    alert_id: int
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One attempt to tell people of an alert.

    Args:
        alert_id: The alert.
        attempt: Which attempt it is; the same attempt posted twice is one event.
        case_id: The case.
        right: ``access`` or ``erasure``.
        kind: What it is about.
        text: What they are told: one sentence without personal data of the subject.
        about_on: The date it is about.
        recipients: ``person.<key>`` or ``channel.<name of the block>``.
        link: Where they look; may be empty.
        reminder: Which reminder it is; 0 for the first time.
    """

    alert_id: int
    attempt: int
    case_id: str
    right: str
    kind: RungKind
    text: str
    about_on: date
    recipients: tuple[str, ...]
    link: str
    reminder: int = 0

    @property
    def known_by(self) -> NotificationAttempt:
        """The key of the attempt."""
        return NotificationAttempt(self.case_id, self.alert_id, self.attempt)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeDelivery:
    """The server's report on one attempt and one recipient.

    Args:
        attempt: The attempt.
        recipient: As in :class:`Notice`.
        delivered: Whether the notification went out; if not, it was refused.
    """

    attempt: NotificationAttempt
    recipient: str
    delivered: bool


class Messenger(Protocol):
    """A carrier of notices to people that knows whom they reached."""

    def post(self, notices: Sequence[Notice]) -> None:
        """Send notices; the same attempt sent twice is one.

        Raises:
            Transient: They were not taken.
        """

    def deliveries(self, sent: Collection[NotificationAttempt]) -> list[NoticeDelivery]:
        """Return the known deliveries of attempts."""

    def let_through(self, notices: Sequence[Notice]) -> bool:
        """Wait a while until notices have gone through, so that no more are under way than can be carried.

        Returns:
            Whether they have.
        """

    def links(self, case_ids: Collection[str]) -> dict[str, str]:
        """Return the addresses of the pages on which people see the cases, by case id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """The result of a sweep.

    Args:
        looked: How many cases were looked at.
        raised: How many alerts were raised.
        sent: How many notices were sent.
        unreached: How many attempts did not reach everybody and are made again.
    """

    looked: int
    raised: int
    sent: int
    unreached: int


def sweep(app: App, messenger: Messenger) -> Swept:
    """Do one round of the watch. The next round continues one that is cut short; nothing is raised twice.

    Args:
        app: What it works with.
        messenger: Carries the notices.

    Raises:
        Transient: The case store or the messenger does not answer.
    """
    looked, raised = look_at_cases(app)
    ladder = app.settings.watch.ladder
    dispatch = app.store.work.dispatch(ladder.reminder)
    unreached = _settle(dispatch, messenger)
    dispatch.remind()
    sent = _send(dispatch, messenger, Duty.of(app).recipients)
    return Swept(looked=looked, raised=raised, sent=sent, unreached=unreached)


def look_at_cases(app: App) -> tuple[int, int]:
    """Look at all cases whose time has come; returns how many, and how many alerts were raised.

    Args:
        app: What it works with.

    Raises:
        Transient: The case store does not answer.
    """
    controller, ladder = app.settings.controller, app.settings.watch.ladder
    calendar = Calendar(controller.zone, Place(controller.country, controller.subdivision))
    now = app.store.now()
    cases = raised = 0
    # One instant for the whole round: what asks for a look meanwhile is for the next one.
    while (batch := app.store.work.look_at_due(lambda case, at: look(case, at, ladder, calendar), now)).cases:
        cases += batch.cases
        raised += batch.raised
    return cases, raised


def _settle(dispatch: Dispatch, messenger: Messenger) -> int:
    """Hear whom the attempts of earlier rounds reached."""
    last = unreached = 0
    while waited := dispatch.awaited(after=last):
        recipients: defaultdict[int, set[str]] = defaultdict(set)
        failed: set[int] = set()
        for delivery in messenger.deliveries(
            [NotificationAttempt(each.case_id, each.alert_id, each.attempt) for each in waited]
        ):
            if delivery.delivered:
                recipients[delivery.attempt.alert_id].add(delivery.recipient)
            else:
                failed.add(delivery.attempt.alert_id)
        unreached += dispatch.settle(waited, recipients, failed)
        last = waited[-1].alert_id
    return unreached


def _send(dispatch: Dispatch, messenger: Messenger, recipients: Callable[[str, Sequence[str]], Sequence[str]]) -> int:
    sent = 0
    while outgoing := dispatch.ready(recipients):
        links = messenger.links({recipient.case_id for recipient in outgoing})
        notices = [_notice(recipient, links.get(recipient.case_id, "")) for recipient in outgoing]
        messenger.post(notices)
        dispatch.posted(outgoing)
        sent += len(outgoing)
        if len(outgoing) == dispatch.at_once and not messenger.let_through(notices):
            break  # What carries them does not keep up; the next round goes on.
    return sent


def _notice(outgoing: Outgoing, link: str) -> Notice:
    return Notice(
        alert_id=outgoing.alert_id,
        attempt=outgoing.attempt,
        case_id=outgoing.case_id,
        right=outgoing.right.value,
        kind=outgoing.kind,
        text=outgoing.text,
        about_on=outgoing.about_on,
        recipients=outgoing.recipients,
        link=link,
        reminder=outgoing.reminder,
    )


def acknowledge(app: App, case_id: str, *, by: str) -> str:
    """Acknowledge all open alerts of a case; returns a sentence.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        by: Who takes note.

    Raises:
        BadInput: There is no such case, or the name is missing.
        Conflict: There is nothing to acknowledge.
    """
    who = acting(app, by, case_id)
    with app.store.case_file(read_case_id(case_id)) as file:
        count = file.alerts.acknowledge(who)
    return f"{count} {'alert' if count == 1 else 'alerts'} acknowledged."
