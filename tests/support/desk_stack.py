"""A whole stack with a desk at which typed names do not decide, and the real mailbox of who asks."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import requests
from prefect.settings import temporary_settings
from sqlalchemy import update

from rightsflow.app import current_store
from rightsflow.domain.accounts import STEP_UP_LASTS
from rightsflow.store.tables.account_rows import SessionRow
from rightsflow_sandbox.center import SandboxCenter
from tests.support.homes import living_in
from tests.support.identity import TYPED
from tests.support.post import smtp_server, wait_for
from tests.support.stack import Stack, Up, connect

OLGA = 'olga = { name = "Olga Example", email = "olga@example.com", roles = ["officer", "approver"] }\n'
ADMIN = '"rights@example.com", roles = ["officer", "admin"]'
CONFIGURED = """
[delivery.mail]
host     = "127.0.0.1"
port     = {mail}
security = "none"
sender   = "rights@example.com"

[desk]
address = "http://localhost:{port}"
"""
WRITTEN = "Please write to second.address@example.net, or ask my neighbour Zadok Windlestone."


@dataclass
class Desk:
    """A desk before a whole stack, and the mailbox of who asks.

    Args:
        stack: The stack.
        box: What the mail server took.
        subject: Who asks for their data, and then to be forgotten.
    """

    stack: Stack
    box: object
    subject: object

    @property
    def address(self):
        return f"http://localhost:{self.stack.up.port}/desk"

    @property
    def invitation(self):
        """The first person's, which is made where all is installed."""
        return self.stack.home.run("people", "invite", "case_owner", "--json").document["link"]

    @property
    def mails(self):
        return self.box.to(self.subject.emails[0])

    def mail_after(self, count):
        """The person's newest mail, once there are more than so many."""
        assert wait_for(lambda: len(self.mails) > count), "no mail arrived"
        return self.mails[-1]

    def pass_time(self):
        """Every proof given so far is too old for what needs a fresh one, as it is some minutes later."""
        with current_store().database.transaction() as session:
            session.execute(update(SessionRow).values(stepped_up_at=datetime.now(UTC) - STEP_UP_LASTS))

    def records(self, case):
        return self.stack.overview(case)["records"]


@contextmanager
def running_desk(folder, *, today):
    """A sandbox and ``up`` with a desk, people for it, and a real mail server; this process talks to that server.

    Args:
        folder: An empty folder.
        today: The day of the sandbox.
    """
    with ExitStack() as running:
        home = running.enter_context(living_in(folder))
        center = running.enter_context(SandboxCenter(folder / "sandbox", today=today, customers=25))
        box = running.enter_context(smtp_server())
        connect(home, center)
        up = Up(home)
        configured = home.config.read_text().replace(TYPED, CONFIGURED.format(mail=box.port, port=up.port))
        # One person stands for officer and admin, so that the walk is a short one.
        configured = configured.replace('"rights@example.com", roles = ["officer"]', ADMIN)
        home.config.write_text(configured.replace("dana = {", f"{OLGA}dana = {{"))
        write_to_helpdesk(center, center.erasure_subject, WRITTEN)
        running.callback(up.stop)
        up.start()
        running.enter_context(temporary_settings(up.access.settings))
        yield Desk(Stack(center, home, up), box, center.erasure_subject)


def write_to_helpdesk(center, subject, body):
    """A ticket of the person's with a text, as a mail of theirs makes it."""
    secret = (center.folder / "secrets" / "helpdesk-client-secret").read_text().strip()
    form = {"grant_type": "client_credentials", "client_id": "rightsflow", "client_secret": secret}
    url = center.helpdesk_url
    token = requests.post(f"{url}/oauth/tokens", json=form | {"scope": "read write"}, timeout=10).json()["access_token"]
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token}"
        search = session.get(f"{url}/api/v2/users/search", params={"query": subject.emails[0]}, timeout=10)
        [user] = search.json()["users"]
        ticket = {"subject": "Delivery", "comment": {"body": body}, "requester_id": user["id"]}
        assert session.post(f"{url}/api/v2/tickets", json={"ticket": ticket}, timeout=10).status_code == 201
