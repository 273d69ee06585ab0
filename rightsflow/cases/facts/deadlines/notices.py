"""Notices: attempts to tell people of an alert, and whom they reached. No personal data of the data subject."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from rightsflow.domain.alerts.ladder import RungKind


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
