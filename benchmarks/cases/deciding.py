"""Decisions at the gates of measured cases: at the desk as a browser makes them, or in this process."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from html import unescape
from typing import Final, Protocol
from uuid import uuid4

import httpx
import pyotp
import requests
from sqlalchemy import update

from deployments.desk.addresses import PREFIX, case_address
from deployments.desk.protection import SESSION, form_token
from flows.suspended import resume_all
from rightsflow.app import current_app, current_store
from rightsflow.cases.work.erasure.plan import bound_with, notes_on
from rightsflow.config.environment import Environment
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.gates.four_eyes import MOST_AT_ONCE, GateSubject
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.signin.desk_door import Door
from rightsflow.signin.members import RosterFile
from rightsflow.store.tables.account_rows import SessionRow
from tests.support.identity import DONE, METHOD, ON_FILE_SINCE
from tests.support.reading import read_then_decide

APPROVER: Final = "dana"
OFFICER: Final = "olga"
"""The keys of who decides and who opens, which the installation's configuration has to know."""
_PASSWORD: Final = "four kettles on a blue stove"
_PATIENCE_SECONDS: Final = 60.0
_BOUND: Final = re.compile(r'name="case" [^>]*value="([^" ]+ [^"]*)"')


class Approver(Protocol):
    """Approves the cases that wait at the approval gate."""

    def one(self, case_id: str, right: Right) -> float:
        """Approve one case, and let it go on; returns the seconds in which it was read before."""

    def many(self, case_ids: Sequence[str], right: Right) -> None:
        """Approve several cases of a batch, and let them go on."""


class Here:
    """Decides in this process, for an installation without a desk."""

    def one(self, case_id: str, right: Right) -> float:
        self._decide(case_id)
        for _ in range(200):
            # The case has reached its gate and is just being suspended.
            with suppress(httpx.HTTPError):
                if resume_all(case_id, Gate.APPROVAL):
                    break
            time.sleep(0.02)
        return 0.0

    def many(self, case_ids: Sequence[str], right: Right) -> None:
        for case_id in case_ids:
            self._decide(case_id)

    @staticmethod
    def _decide(case_id: str) -> None:
        decided = Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by="Dana Decider")
        read_then_decide(current_app(), case_id, decided)


class _Browser:
    """A browser at the desk of a running server, in which a person has signed in."""

    def __init__(self, server: str, person: str) -> None:
        self._server = server
        self._browser = requests.Session()
        cookie = _signed_in(person)
        self._browser.cookies.set(SESSION, cookie)
        self._typed = {"token": form_token(cookie)}

    def _send(self, path: str, **typed: str | list[str]) -> str:
        answer = self._browser.post(
            self._server + path,
            data=self._typed | typed,
            headers={"Origin": self._server},
            timeout=_PATIENCE_SECONDS,
            allow_redirects=False,
        )
        assert answer.status_code in {200, 303}, answer.text
        return answer.headers.get("location", "")


class Officer(_Browser):
    """Opens requests at the desk, and confirms who asks."""

    def __init__(self, server: str) -> None:
        super().__init__(server, OFFICER)

    def opened(self, email: str, right: Right) -> str:
        """Open a person's case by the form, and confirm identity by the next one; returns the case."""
        now = current_app().now().astimezone(current_app().settings.controller.zone)
        form = {"right": right.value, "received": now.date().isoformat(), "channel": "e-mail", "email": email}
        page = self._send(f"{PREFIX}/open", form_id=uuid4().hex, **form)
        case_id = page.partition("?")[0].rpartition("/")[2]
        check = {
            "method": METHOD.value,
            "done": DONE,
            "at": now.strftime("%Y-%m-%dT%H:%M"),
            "against": "phone number",
            "held_by": "helpdesk",
            "since": ON_FILE_SINCE.isoformat(),
        }
        self._send(f"{case_address('', case_id)}/identity/confirm", **check)
        return case_id


class AtDesk(_Browser):
    """Decides at the desk.

    Of one case the form alone is sent: what a person reads before is not measured. Of many the page is opened, too.

    Args:
        server: The server's address.
    """

    def __init__(self, server: str) -> None:
        super().__init__(server, APPROVER)

    def one(self, case_id: str, right: Right) -> float:
        began = time.monotonic()
        _prove_again()
        with current_store().case_file(case_id) as file:
            typed = {"read": file.what_is_approved()}
            if right.has_plan:
                typed["noted"] = bound_with(file, notes_on(file, typed["read"]))
        read = time.monotonic() - began
        gate = "plan" if right.has_plan else "approval"
        self._send(f"{case_address('', case_id)}/{gate}/approve", **typed)
        return read

    def many(self, case_ids: Sequence[str], right: Right) -> None:
        about = GateSubject.of(right, found_nothing=False)
        _prove_again()
        for at in range(0, len(case_ids), MOST_AT_ONCE):
            bound = self._bound(case_ids[at : at + MOST_AT_ONCE])
            self._send(f"{PREFIX}/cases/many/approve", about=about.value, case=bound, reason="Measured together.")

    def _bound(self, case_ids: Sequence[str]) -> list[str]:
        where = f"{self._server}{PREFIX}/cases/many"
        page = self._browser.get(where, params={"case": case_ids}, timeout=_PATIENCE_SECONDS)
        page.raise_for_status()
        found = [unescape(one) for one in _BOUND.findall(page.text)]
        assert len(found) == len(case_ids), "not all of these cases can be decided together"
        return found


def _signed_in(person: str) -> str:
    door = Door(current_store, RosterFile(Environment().config_path))
    token = door.invite(person, by="Ada Admin")[1]
    code = pyotp.TOTP(door.invited(token)[1]).now()
    return door.redeem(token, password=_PASSWORD, again=_PASSWORD, code=code)


def _prove_again() -> None:
    with current_store().database.transaction() as session:
        session.execute(update(SessionRow).values(stepped_up_at=datetime.now(UTC)))
