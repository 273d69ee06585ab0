"""The canary's cases at the desk's pages: identity by a mailed code, and many decided at once, typed well and badly."""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final
from uuid import UUID

import httpx

from flows.suspended import resume_all
from proofs.canaries.controls import control
from proofs.canaries.journey import Journey
from proofs.canaries.person import EMAIL, NAME, QUOTE, REASON, TEXT
from tests.support.bench import Bench
from tests.support.desk_client import Browser, DeskRig
from tests.support.mailing import CODE, mailing
from tests.support.post import Mailbox, smtp_server
from tests.support.signing_in import Team

RIGHTS: Final = ("access", "erasure")
_CHOICE: Final = re.compile(r'<option value="([0-9a-f]{64})"')
_TITLE: Final = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_ABOUT: Final = re.compile(r'name="about" value="([^"]+)"')
_CASE: Final = re.compile(r'name="case" id="[^"]+" value="([^"]+)"')
_MANY: Final = "/cases/many"
_SINCE: Final = "2024-05-03"


class Pages:
    """The desk's pages in this process, before which people are signed in."""

    def __init__(self, bench: Bench, journey: Journey) -> None:
        self.kept = list[tuple[str, bytes]]()
        """What browsers, proxies and logs of servers keep: addresses, headers and titles."""
        self.statuses = set[int]()
        self._journey = journey
        self._bench = bench
        self._rig = DeskRig(bench, Team(bench), resume=resume_all)

    def work(self) -> None:
        with self._mailbox() as box:
            runs = {right: self._identified(right, box) for right in RIGHTS}
        self._decide_many(case for case, _ in runs.values())
        for right, (_, run_id) in runs.items():
            self._journey.work(f"{right} by code", right, run_id)
        self._journey.send_answers()

    @contextmanager
    def _mailbox(self) -> Iterator[Mailbox]:
        server = logging.getLogger("mail.log")
        server.disabled = True
        try:
            with smtp_server() as box, mailing(self._bench, box.port):
                yield box
        finally:
            server.disabled = False

    def _identified(self, right: str, box: Mailbox) -> tuple[str, UUID]:
        """Open a request, and check identity by a code; gives the case at its approval, and its run."""
        run_id, title = self._journey.opened(right), f"{right} by code"
        self._journey.work(title, right, run_id)
        case, officer = self._journey.case_of(run_id), self._browser("olga")
        here = f"/cases/{case}/identity"
        (choice, *_) = _CHOICE.findall(self._send(officer, f"{here}/on-file", here).text)
        self._send(officer, f"{here}/address", here, address=choice, why=REASON)
        self._send(officer, f"{here}/send-code", here, address=EMAIL, address_since=NAME)
        self._send(officer, f"{here}/send-code", here, address=choice, address_since=_SINCE)
        code = CODE.search(box.messages[-1].get_content())
        assert code
        for typed in (EMAIL, "00000000", code[1]):
            self._send(officer, f"{here}/check-code", here, given_code=typed, given_back=QUOTE)
        represented = {"code_representative": NAME, "code_representative_mandate": REASON}
        self._send(
            officer, f"{here}/check-code", here, given_code=code[1], given_back="on the telephone", **represented
        )
        self._send(officer, f"{here}/check-code", here, given_code=code[1], given_back="on the telephone")
        self._journey.work(title, right, run_id)
        return case, run_id

    def _decide_many(self, cases: Iterator[str]) -> None:
        """Choose the cases on the list, type badly into each form, and approve them group by group."""
        approver, chosen = self._browser("dana"), {"case": list(cases)}
        officer = self._browser("olga")
        for to, reason in ((EMAIL, QUOTE), ("dpo", REASON)):
            self._post(officer, f"{_MANY}/hand-over", {**chosen, "to": to, "hand_over_reason": reason})
        approver.get("/cases", params={"owner": control("address")})
        page = approver.get(_MANY, params=chosen).text
        for listed in page.split("<section")[1:]:
            about = _ABOUT.search(listed)
            if about:
                group = {"about": html.unescape(about[1]), "case": _CASE.findall(listed)}
                self._post(approver, f"{_MANY}/approve", group)
                self._post(approver, f"{_MANY}/approve", {**group, "about": NAME, "reason": QUOTE})
                self._post(approver, f"{_MANY}/approve", {**group, "case": [EMAIL, TEXT], "reason": REASON})
                self._post(approver, f"{_MANY}/refuse", {**group, "refusal": EMAIL, "refusal_reason": REASON})
                self._post(approver, f"{_MANY}/approve", {**group, "reason": REASON})

    def _browser(self, key: str) -> Browser:
        browser: Browser = self._rig.browser(key)
        browser.client.event_hooks = {"response": [self._keep]}
        return browser

    def _keep(self, answer: httpx.Response) -> None:
        answer.read()
        self.statuses.add(answer.status_code)
        is_page = answer.headers.get("content-type", "").startswith("text/html")
        titles = _TITLE.findall(answer.text) if is_page else []
        kept = [str(answer.request.url), repr(answer.headers.multi_items()), *titles]
        self.kept.append(("an answer of the desk", "\n".join(kept).encode()))

    def _send(self, browser: Browser, path: str, of: str, **typed: str) -> httpx.Response:
        answer: httpx.Response = browser.send(path, of, **typed)
        return answer

    def _post(self, browser: Browser, path: str, data: Mapping[str, object]) -> None:
        browser.client.post(f"/desk{path}", data={"token": browser.token("/sign-out"), **data})
