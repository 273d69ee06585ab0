"""The controller of the quarter: its register of twenty processors, its desk, and what its mails and alerts become."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from proofs.quarter.manners import Manner
from rightsflow.app import installed
from rightsflow.cases.deadlines.notices import Notice, NoticeDelivery, NotificationAttempt
from rightsflow.config.sections.mail_server import MailServer
from rightsflow.config.sections.processor_settings import ProcessorSettings
from rightsflow.config.settings import Settings
from rightsflow.domain.mail import Mail, Taken
from tests.support.bench import Bench, running_bench
from tests.support.signing_in import settings_with

ADDRESS = "https://rights.example.com"
AGREED_DAYS = 10
WORKS_IN = {Manner.SILENT: "payments", Manner.ZERO: "payments", Manner.CONTRADICTORY: "payments", Manner.FALSE: "calls"}
"""Where processors of a manner work; all others at the helpdesk."""


@dataclass
class Post:
    """A mail server that keeps what it takes."""

    taken: list[Mail] = field(default_factory=list)

    def send(self, mail: Mail) -> Taken:
        """Take a mail."""
        self.taken.append(mail)
        return Taken("250", "OK")

    def probe(self) -> None:
        """It is there."""


@dataclass
class Carrier:
    """Carries every notice to whom it is for."""

    posted: list[Notice] = field(default_factory=list)

    def post(self, notices: Sequence[Notice]) -> None:
        """Take notices."""
        self.posted += notices

    def deliveries(self, sent: Collection[NotificationAttempt]) -> list[NoticeDelivery]:
        """All of them arrived."""
        return [
            NoticeDelivery(attempt=one.known_by, recipient=to, delivered=True)
            for one in self.posted
            if one.known_by in sent
            for to in one.recipients
        ]

    def let_through(self, _notices: Sequence[Notice]) -> bool:
        """It keeps up."""
        return True

    def links(self, _case_ids: Collection[str]) -> dict[str, str]:
        """Nothing leads anywhere."""
        return {}


@dataclass(frozen=True, slots=True)
class World:
    """What the quarter is played in.

    Args:
        bench: The application with its systems and its clock.
        post: The mail server.
        carrier: What alerts are told by.
        manners: The manner of each processor, by its key.
    """

    bench: Bench
    post: Post
    carrier: Carrier
    manners: dict[str, Manner]


@contextmanager
def world(folder: Path, of_each: int) -> Iterator[World]:
    """Set it up.

    Args:
        folder: For the case store.
        of_each: How many processors there are of each manner.
    """
    manners = {
        f"p{number:02}-{manner.name.lower().replace('_', '-')}": manner
        for number, manner in enumerate([one for one in Manner for _ in range(of_each)], start=1)
    }
    post, carrier = Post(), Carrier()
    with running_bench(folder) as bench:
        bench.runtime = replace(bench.runtime, settings=_settings(manners), open_mail=lambda _config, _name: post)
        with installed(bench.runtime):
            yield World(bench, post, carrier, manners)


def _settings(manners: dict[str, Manner]) -> Settings:
    raw = settings_with(address=ADDRESS, typed_names="allowed")
    mail = MailServer(host="127.0.0.1", security="none", sender="mail@example.com")
    # As in the quarter of a team that takes note of each alert at once: none is repeated.
    watch = raw.watch.model_copy(update={"remind_hours": 0})
    delivery = raw.delivery.model_copy(update={"mail": mail})
    notifications = raw.notifications.model_copy(update={"mail": mail})
    register = {key: _section(key, manner) for key, manner in manners.items()}
    return raw.model_copy(
        update={"processors": register, "delivery": delivery, "watch": watch, "notifications": notifications}
    )


def _section(key: str, manner: Manner) -> ProcessorSettings:
    return ProcessorSettings.model_validate(
        {
            "name": f"Company {key}",
            "contract": f"DPA-{key}",
            "contact": f"{key}@example.net",
            "management_contact": f"boss-{key}@example.net",
            "systems": [WORKS_IN.get(manner, "helpdesk")],
            "categories": ["call notes"],
            "identifiers": ["customer_id"],
            "channel": "email",
            "answers_within_days": AGREED_DAYS,
            "sub_processors": [{"name": f"Subcontractor of {key}"}],
        }
    )
