"""New work on its way to people, by mail as each chose, and to channels; and the calendar of a person's due dates."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.overview.board import work_lists
from rightsflow.cases.facts.people import Duty
from rightsflow.config.sections.controller import Owners
from rightsflow.domain.accounts import Permission, permissions
from rightsflow.domain.due_calendar import DueDate, calendar
from rightsflow.domain.errors import RightsflowError
from rightsflow.domain.mail import Mail
from rightsflow.domain.work_list import ToDoKind
from rightsflow.domain.work_notices import (
    Colleague,
    NoticeChoice,
    Told,
    WorkItem,
    WorkKind,
    concerns,
    is_due,
    news,
    notice_of,
)
from rightsflow.store.queries.board import Wanted
from rightsflow.store.subscriptions import CHANNELS

logger = logging.getLogger(__name__)

ROLES: Final = frozenset(Owners.model_fields)
"""The keys of owners that are roles."""
_MOST_DATES: Final = 500
Posting = Callable[[str, str], None]
"""Sends subject and text to the notification channels."""


def colleagues(app: App) -> list[Colleague]:
    """Return the people who may sign in, with those for whom they answer today.

    Args:
        app: What it works with.
    """
    duty = Duty.of(app)
    answering = {key: duty.answering(key) for key in app.settings.people_by_key}
    members = app.settings.members.items()
    return [_colleague(key, member.own_name, permissions(member.roles), answering) for key, member in members]


def _colleague(key: str, name: str, may: frozenset[Permission], answering: Mapping[str, str]) -> Colleague:
    for_whom = {other for other, who in answering.items() if who == key}
    return Colleague(key=key, name=name, permissions=may, answers_for=for_whom | {key})


def send_work_notices(app: App, post: Posting) -> int:
    """Tell people, and the channels, of new work; returns how many notices went out.

    What could not be sent is sent at the next time: it is noted as told only afterwards.

    Args:
        app: What it works with.
        post: Sends a notice to the channels.
    """
    subscribed = [(colleague, app.store.subscriptions.of(colleague.key)) for colleague in colleagues(app)]
    due = [(colleague, told) for colleague, told in subscribed if is_due(told, app.now(), app.settings.controller.zone)]
    if not due and not app.settings.notifications.channels:
        return 0
    items = [*app.store.work.new_items(), *_to_do(app)]
    sent = sum(_tell(app, colleague, told, items) for colleague, told in due)
    return sent + (_tell_channels(app, items, post) if app.settings.notifications.channels else 0)


_TOLD_APART: Final = frozenset(
    {ToDoKind.IDENTITY, ToDoKind.APPROVAL, ToDoKind.ANSWER, ToDoKind.LETTER, ToDoKind.ALERT, ToDoKind.REPLY}
)
"""Work of which notices of other kinds tell, or that mostly goes out or comes in within minutes."""


def _to_do(app: App) -> Iterator[WorkItem]:
    """Yield the other work that waits for people, by the rule of the list."""
    for kind, items in work_lists(app, shown=_MOST_DATES).items():
        for item in items.shown if kind not in _TOLD_APART else ():
            yield WorkItem(
                key=f"TO_DO {kind.name} {item.work.case_id} {item.work.key}",
                kind=WorkKind.TO_DO,
                case_id=item.work.case_id,
                right=item.case.right.value if item.case else "",
                work_to_on=item.case.work_to_on if item.case else app.today,
                owner=item.work.owner,
                by="",
                needs=item.work.needs,
                says=item.work.says,
            )


def _tell(app: App, colleague: Colleague, told: Told, items: Sequence[WorkItem]) -> bool:
    theirs = [item for item in items if concerns(item, colleague, ROLES)]
    fresh = news(theirs, told)
    if fresh and not _mailed(app, colleague.key, fresh):
        return False
    keys = frozenset(item.key for item in theirs)
    day = app.today if told.choice is NoticeChoice.DIGEST else None
    if keys != told.keys or day != told.digest_on:
        app.store.subscriptions.note_told(colleague.key, keys, day)
    return bool(fresh)


def _mailed(app: App, key: str, fresh: Sequence[WorkItem]) -> bool:
    server, person = app.settings.notifications.mail, app.settings.people[key]
    if server is None:
        return False
    subject, body = notice_of(fresh, app.desk_page())
    mail = Mail(
        to_email=person.email,
        to_name=person.name,
        subject=subject,
        body=body,
        headers={"X-Rightsflow": "work"},
    )
    try:
        app.open_mail(server, app.settings.controller.name).send(mail)
    except RightsflowError as error:
        logger.warning("a notice of new work was not taken (%s); it is sent again", type(error).__name__)
        return False
    return True


def _tell_channels(app: App, items: Sequence[WorkItem], post: Posting) -> bool:
    told = app.store.subscriptions.of(CHANNELS)
    if told.choice is NoticeChoice.NONE:
        app.store.subscriptions.choose(CHANNELS, NoticeChoice.AT_ONCE)
    fresh = news(items, told)
    if fresh:
        post(*notice_of(fresh, app.desk_page()))
    keys = frozenset(item.key for item in items)
    if keys != told.keys:
        app.store.subscriptions.note_told(CHANNELS, keys, None)
    return bool(fresh)


def calendar_of(app: App, key: str) -> str | None:
    """Return the calendar of a person's due dates (RFC 5545); ``None`` if they may read no cases any more.

    It has the target date and the statutory deadline of the open cases that they, or those for whom they stand in,
    answer for, and of those that a role owns.

    Args:
        app: What it works with.
        key: The person's key.
    """
    person = next((colleague for colleague in colleagues(app) if colleague.key == key), None)
    if person is None or Permission.READ_CASES not in person.permissions:
        return None
    _, listed = app.store.work.list_cases(Wanted(), app.today)
    theirs = [case for case in listed if case.owner in person.answers_for or case.owner in ROLES][:_MOST_DATES]
    dates = [
        DueDate(case_id=case.case_id, what=what, on=on, link=app.desk_page(case.case_id))
        for case in theirs
        for what, on in (("target date", case.work_to_on), ("statutory deadline", case.due_on))
    ]
    return calendar(dates, app.now())
