"""People who are told of the canary's cases: by a mail server and a webhook, through Prefect's automations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from prefect.blocks.notifications import CustomWebhookNotificationBlock

from deployments.notifications.automations import apply_notifications
from flows.watching import watch_deadlines
from rightsflow.app import installed
from tests.support.bench import Bench
from tests.support.notices import CHANNEL, server_at, settings_with
from tests.support.post import Hook, Mailbox, smtp_server, wait_for, webhook
from tests.support.processors import told_of_erasures


@dataclass
class Post:
    """Where notices arrive."""

    mailbox: Mailbox
    hook: Hook

    @property
    def received(self) -> list[tuple[str, bytes]]:
        mails = [("a mail", envelope.content) for _, envelope in self.mailbox.envelopes]
        return mails + [("a webhook's post", repr(post).encode()) for post in self.hook.posts]

    def wait(self) -> None:
        assert wait_for(lambda: self.mailbox.messages and self.hook.posts), "no alert arrived"


@contextmanager
def people_are_told(bench: Bench) -> Iterator[Post]:
    """While entered, the bench's cases are watched for people who are told by mail and by webhook."""
    with smtp_server() as mailbox, webhook() as hook:
        CustomWebhookNotificationBlock(
            name="privacy-hook",
            url=hook.url,
            json_data={"subject": "{{subject}}", "body": "{{body}}"},
            headers=None,
            cookies=None,
        ).save("privacy-hook", overwrite=True)
        settings = told_of_erasures(settings_with(server_at(mailbox.port), (CHANNEL,)))
        assert apply_notifications(settings) == []
        bench.runtime = replace(bench.runtime, settings=settings)
        with installed(bench.runtime):
            yield Post(mailbox, hook)


def sweep() -> str:
    return str(watch_deadlines(return_state=True).name)
