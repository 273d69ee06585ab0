"""The desk called as a browser calls it, over a bench: no server, no Prefect, no clock but the bench's."""

from __future__ import annotations

import atexit
import html
import os
import re
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache

from anyio.from_thread import start_blocking_portal
from starlette.testclient import TestClient

from deployments.desk.application import make_desk
from deployments.desk.protection import SESSION
from deployments.desk.rendering import Rendering
from deployments.desk.visit import Desk
from tests.support.signing_in import Team

TOKEN = re.compile(r'name="token" value="([0-9a-f]{64})"')

_OPEN = ExitStack()
atexit.register(_OPEN.close)

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@cache
def event_loop(_process):
    """The event loop in which all desks of a process answer; else each request would start one, with its threads.

    A process that was forked has the loop's thread no more, and so makes a loop of its own.
    """
    return _OPEN.enter_context(start_blocking_portal())


def hidden_of(page, action):
    """What a form of a page sends without anything typed.

    Args:
        page: The page.
        action: Where the form is sent.
    """
    form = page.partition(f'action="{action}"')[2].partition("</form>")[0]
    assert form, f"the page has no form for {action}"
    return {name: html.unescape(value) for name, value in _HIDDEN.findall(form)}


@dataclass
class Browser:
    """A person's browser.

    Args:
        client: Sends requests, and keeps cookies.
    """

    client: TestClient

    def get(self, path, **options):
        """Open a page."""
        return self.client.get(f"/desk{path}", **options)

    def token(self, path):
        """The token of the forms of a page."""
        return TOKEN.search(self.get(path).text)[1]

    def send(self, path, of=None, **typed):
        """Send a form of a page, as its buttons do.

        Args:
            path: Where it is sent.
            of: The page that it is on; the same address by default.
            **typed: What is typed.
        """
        return self.client.post(f"/desk{path}", data={"token": self.token(of or path)} | typed)


@dataclass
class DeskRig:
    """A desk over a bench, with a team.

    Args:
        bench: The parts below.
        team: The people.
        resumed: The cases whose runs were resumed, with the gate.
        started: The cases whose runs were started, with the right.
        followed: The cases of which Prefect was to show something new.
        origin: The address that browsers call.
        addresses: The desk's own addresses; ``None`` for any.
        resume: Lets a case's run go on; by default it is only noted among those that were.
    """

    bench: object
    team: Team
    resumed: list = field(default_factory=list)
    started: list = field(default_factory=list)
    followed: list = field(default_factory=list)
    origin: str = "http://testserver"
    addresses: object = None
    resume: object = None
    desk: Desk = field(init=False)

    def __post_init__(self):
        self.desk = Desk(
            app=lambda: self.bench.runtime,
            door=self.team.door,
            rendering=Rendering(),
            resume=self.resume or (lambda case_id, gate: self.resumed.append((case_id, gate)) or True),
            run_address=lambda case_id: f"/runs/flow-run/of-{case_id}",
            start=lambda case_id, right: self.started.append((case_id, right)),
            follow=self.followed.append,
            origin=self.called,
        )
        self.app = make_desk(self.desk, lambda request: self.called(request).startswith("https://"))

    def called(self, request):
        """The address that a request came by: as it says, or the one of those that are given."""
        if self.addresses:
            return self.addresses.named(request.headers.get("host", ""))
        return f"{request.url.scheme}://{request.url.netloc}"

    def stranger(self, origin=None):
        """A browser in which no one is signed in."""
        client = TestClient(self.app, base_url=origin or self.origin, follow_redirects=False)
        client.portal = event_loop(os.getpid())
        return Browser(client)

    def browser(self, key):
        """A browser in which a person is signed in."""
        made = self.stranger()
        made.client.cookies.set(SESSION, self.team.enrol(key))
        return made
