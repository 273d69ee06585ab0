"""The doors by which the canary comes in, used well and badly: command line, pages of the desk, the listener."""

from __future__ import annotations

import html
import io
import json
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx
from starlette.testclient import TestClient

from connectors.opendsr import Signer
from deployments.cli.main import run
from deployments.inbound.listener import make_listener
from flows.suspended import resume_all
from proofs.canaries.journey import Journey
from proofs.canaries.looks import control
from proofs.canaries.person import (
    ACCOUNT,
    ADDRESS,
    ATTACHED,
    ATTACHMENT,
    EMAIL,
    FILE_NAME,
    FORM,
    MESSAGE,
    NAME,
    NOTE,
    OTHER_PHONE,
    PHONE,
    QUOTE,
    REASON,
    TEXT,
    TYPED_AT_REVEAL,
    TYPED_BIRTH_DATE,
    TYPED_EMAIL,
    errors,
    fill,
    fill_doubtful,
)
from rightsflow.app import current_app
from rightsflow.cases.work.access.package_review import open_letter, waits_for_release
from tests.support.agents import AGENT, AgentSite, envelope, exercise
from tests.support.bench import Bench
from tests.support.brand_and_site import BRAND_DOMAIN, TOKEN, inbound, order_said, write_keys
from tests.support.desk import REASON as LONG_SEARCH
from tests.support.desk_client import Browser, DeskRig
from tests.support.flow_runs import order_run
from tests.support.identity import as_options
from tests.support.mailing import CODE, mailing
from tests.support.post import Mailbox, smtp_server
from tests.support.signing_in import Team

CHECKER, DECIDER = ("--by", "Ida Identity"), ("--by", "Dana Decider")
_GROUPS = {"case", "hold", "letter", "people", "service", "systems"}
_LOOKS = (
    ("list",), ("list", "--all"), ("board",), ("board", "--all"), ("people", "absences"), ("service", "metrics"),
)  # fmt: skip


class Desk:
    """The command line in this process."""

    def __init__(self, bench: Bench, folder: Path) -> None:
        self.said: list[tuple[str, bytes]] = []
        self.statuses: dict[str, list[int]] = {}
        self.revealed = b""
        self._bench = bench
        self._rows = folder / "rows.jsonl"
        self._scan = folder / ATTACHMENT

    def look(self, case_id: str) -> None:
        for command in (*_LOOKS, ("show", case_id)):
            self._run(*command)
            self._run(*command, "--json")

    def work(self, right: str, *flags: str) -> str:
        """Work a case of its own from opening to its answer; returns its id."""
        fill(self._bench.systems)
        fill_doubtful(self._bench.systems)
        form = FORM | {"birth_date": TYPED_BIRTH_DATE}
        given = [text for name, value in form.items() for text in (f"--{name.replace('_', '-')}", value)]
        opening = ("open", "--right", right, "--received", "2026-03-04", "--by", "Olga Opener", *given)
        self._run(*opening, "--despite-duplicate", *flags)
        self._run(*opening, *flags)
        case = self._newest()
        self._acts(case, *flags)
        if right == "access":
            self._take_in(case, *flags)
            # What it prints is the letter itself.
            self.revealed += self._output("letter", "read", case, "--letter", "package", *DECIDER)[1]
        self._answer(case, *flags)
        self._mistakes(case, *flags)
        return case

    def reveal(self, case_id: str) -> None:
        for flag in ((), ("--json",)):
            command = ("show", case_id, "--reveal", "--by", "Rita Reader", "--reason", f"{REASON} {TYPED_AT_REVEAL}")
            self.revealed += self._output(*(*command, *flag))[1]

    def _acts(self, case: str, *flags: str) -> None:
        self._scan.write_text(ATTACHED)
        for command in (
            ("letter", "ask", case, "--doubt", f"{NAME} wrote from another address, not {EMAIL}.", *CHECKER),
            ("letter", "mark-sent", case, "--letter", "L2", *CHECKER),
            ("extend", case, "--reason", f"{LONG_SEARCH} {REASON}", *DECIDER),
            ("letter", "mark-sent", case, "--letter", "L6", *DECIDER),
            ("identity", case, *as_options(self._bench.moment[0], method=REASON, done=REASON), *CHECKER),
            ("letter", "ask", case, "--areas", f"{TEXT}, calls of {OTHER_PHONE}", *CHECKER),
            ("case", "clarify", case, *CHECKER),
            ("case", "add-message", case, "--text", MESSAGE, "--file", self._scan, *CHECKER),
            ("case", "add-message", case, "--note", "--text", NOTE, *CHECKER),
            ("case", "hand-over", case, "--to", "dpo", "--reason", REASON, *DECIDER),
            ("hold", "evidence", case, "--open-ended", "--reason", REASON, *DECIDER),
            ("case", "acknowledge", case, *DECIDER),
            ("systems", "pause", "helpdesk", "--reason", REASON, *DECIDER),
            ("systems", "resume", "helpdesk", "--reason", REASON, *DECIDER),
        ):
            self._run(*command, *flags)
        self._bench.systems["calls"].fail("locate", errors()["a group"], times=None)
        self._run("run", case, *flags)
        self._run("show", case, *flags)
        self._bench.systems["calls"].heal()
        self._run("run", case, *flags)

    def _take_in(self, case: str, *flags: str) -> None:
        self._run("case", "take-in", case, *flags)
        (one,) = self._read("case", "take-in", case)
        number = str(one["number"])
        self._run("case", "take-in", case, number, "--looked", QUOTE, "--reason", REASON, *CHECKER, *flags)
        look = self._read("case", "take-in", case, number, "--look", f"{REASON} {TYPED_AT_REVEAL}", *CHECKER)
        self.revealed += json.dumps(look).encode()
        self._run("case", "take-in", case, number, "--looked", look["token"], "--reason", REASON, *CHECKER, *flags)
        self._run("case", "send-back", case, "--again", "copy", "--remark", REASON, *CHECKER, *flags)
        self._run("run", case, *flags)

    def _answer(self, case: str, *flags: str) -> None:
        self.revealed += self._output("letter", "read", case, "--letter", "package", *DECIDER, *flags)[1]
        self._run("decide", case, "--approve", *DECIDER, *flags)
        self._run("run", case, *flags)
        for letter in ("L9", "L10", "L11"):
            self._run("letter", "mark-sent", case, "--letter", letter, *DECIDER, *flags)

    def _mistakes(self, case: str, *flags: str) -> None:
        self._rows.write_text(json.dumps({"received_at": REASON, "controller_tz": NAME, "country": EMAIL}) + "\n")
        for command in (
            ("show", EMAIL),
            ("run", NAME),
            ("list", EMAIL),
            ("board", "--owner", EMAIL),
            ("decide", case, "--refuse", REASON, "--code", NAME, *DECIDER),
            ("decide", case, "--refuse", REASON, "--code", "R6", "--detail", f"Provision: {NAME}", *DECIDER),
            ("open", "--right", TEXT, "--email", EMAIL),
            ("open", "--right", "access", "--phone", FILE_NAME),
            ("open", "--right", "access", "--customer-id", QUOTE),
            ("letter", "mark-sent", case, "--letter", TEXT, *DECIDER),
            ("letter", "mark-sent", case, "--letter", "L6", "--at", REASON, *DECIDER),
            ("case", "hand-over", case, "--to", EMAIL, "--reason", REASON, *DECIDER),
            ("people", "absence", NAME, "--deputy", EMAIL, "--from", REASON, "--until", TEXT, *DECIDER),
            ("systems", "pause", NAME, "--reason", REASON, *DECIDER),
            ("case", "add-message", case, "--text", MESSAGE, "--file", f"{ATTACHMENT}.missing", *CHECKER),
            ("case", "add-message", case, "--text", NOTE, "--received", QUOTE, *CHECKER),
            ("due-dates", self._rows),
            ("due-dates", FILE_NAME),
            (NAME,),
        ):
            self._run(*command, *flags)

    def _newest(self) -> str:
        said = self.said[-2][1]
        named = [id_ for case in self._bench.runtime.store.summaries() if (id_ := case.case_id.encode()) in said]
        assert named, self.said[-2:]
        # First: the person's other cases, of which some may be open still, stand behind it.
        return min(named, key=said.index).decode()

    def _run(self, *arguments: object) -> None:
        status, said = self._output(*arguments)
        words = 2 if arguments[0] in _GROUPS else 1
        command = " ".join(map(str, arguments[:words]))
        self.statuses.setdefault(command, []).append(status)
        self.said.append((f"rightsflow {command}", said))

    def _read(self, *arguments: object) -> Any:
        said, _ = json.JSONDecoder().raw_decode(self._output(*arguments, "--json")[1].decode())
        return said

    def _output(self, *arguments: object) -> tuple[int, bytes]:
        with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
            status = run([str(argument) for argument in arguments])
        return status, f"{out.getvalue()}\n{err.getvalue()}".encode()


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
        self._talk(officer, f"/cases/{case}/conversation")
        self._journey.work(title, right, run_id)
        return case, run_id

    def _talk(self, officer: Browser, here: str) -> None:
        """Put a message with a file and a note to a case, well and badly, read them, and remove one."""
        said: dict[str, Any] = {"token": officer.token(here), "message": MESSAGE, "received_on": "2026-03-04"}
        for content in (ATTACHED.encode(), b"PK\x03\x04\x00" + ATTACHED.encode()):
            files = {"files": (ATTACHMENT, content, "text/html")}
            officer.client.post(f"/desk{here}/message", data=said, files=files)
        for note in (f"{NOTE} @dana", f"{NOTE} @{ACCOUNT}"):
            self._send(officer, f"{here}/note", here, note=note)
        self._send(officer, f"{here}/read", here, reason=f"{REASON} {TYPED_AT_REVEAL}")
        self._send(officer, f"{here}/file", here, message="1", file="1")
        for entry, why in ((NAME, QUOTE), ("2", REASON)):
            self._send(officer, f"{here}/remove", here, entry=entry, why=why)

    def _decide_many(self, cases: Iterator[str]) -> None:
        """Choose the cases on the list, type badly into each form, and approve them group by group."""
        approver, chosen = self._browser("dana"), {"case": list(cases)}
        for case in filter(partial(waits_for_release, current_app()), chosen["case"]):
            open_letter(current_app(), case, by="Olga Officer")
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


_URL: Final = "https://localhost/v2"
_ASKED: Final[dict[str, Any]] = {
    "email": TYPED_EMAIL, "name": NAME, "phone_number": PHONE, "address": {"street_address": ADDRESS},
    "power_of_attorney": QUOTE, "relationships": [NAME],
}  # fmt: skip


class Senders:
    """An agent and a controller before the listener, in this process."""

    def __init__(self, bench: Bench, folder: Path, journey: Journey, deployments: Mapping[str, Any]) -> None:
        self.answers = [("control", control("answer").encode())]
        """All that was answered, but for the receipt of an order, which has to hold the order itself."""
        self._bench, self._keys, self._journey, self._deployments = bench, folder / "keys", journey, deployments

    def send(self) -> None:
        with self._listening() as site:
            self._as_an_agent(site)
            self._as_a_controller()

    @contextmanager
    def _listening(self) -> Iterator[AgentSite]:
        before = self._bench.runtime
        try:
            yield AgentSite(self._bench)
        finally:
            self._bench.runtime = before

    def _as_an_agent(self, site: AgentSite) -> None:
        self._keep(site.pair(), says_token=True)
        for action in ("deletion", "access"):
            fill(self._bench.systems)
            before = set(site.cases)
            asked = site.ask(said=exercise(site.app, exercise=action, **_ASKED))
            self._keep(asked)
            (case_id,) = set(site.cases) - before
            right = "erasure" if action == "deletion" else "access"
            run = order_run(self._deployments[f"{right}-request"], case_id=case_id)
            self._journey.work(f"{right} by an agent", right, run.id)
            request_id = asked.json()["request_id"]
            self._keep(site.status(request_id))
            self._keep(site.revoke(request_id, reason=REASON))
            # As the keeper does once it sees that the request was withdrawn.
            resume_all(case_id)
            self._journey.work(f"{right} by an agent", right, run.id)
            self._keep(site.revoke(request_id, reason=QUOTE))
        for field in ("agent-id", "business-id", "drp.version", "exercise", "regime", "email", "phone_number", "name"):
            self._keep(site.ask(said=exercise(site.app) | {field: QUOTE * 3}))
        for wrong in (QUOTE.encode(), envelope(QUOTE.encode()), envelope(json.dumps([QUOTE]).encode())):
            self._keep(site.send(wrong))
            self._keep(site.call("DELETE", "/data-rights-request/unknown", wrong, token=site.tokens[AGENT]))

    def _as_a_controller(self) -> None:
        write_keys(self._keys)
        settings = self._bench.runtime.settings.model_copy(update={"inbound": inbound(_URL, self._keys)})
        app = replace(self._bench.runtime, settings=settings)
        client = TestClient(make_listener(app), base_url="https://localhost")
        signer = Signer(BRAND_DOMAIN, str(self._keys / "brand.pem"), (self._keys / "brand.key").read_text, what="it")

        def call(method: str, path: str, said: object = None) -> Any:
            body = json.dumps(said).encode() if said else b""
            headers = {"Authorization": f"Bearer {TOKEN}", **signer.as_controller(body)}
            return client.request(method, f"/v2{path}", content=body, headers=headers)

        fill(self._bench.systems)
        named = {"identity_type": "email", "identity_value": EMAIL, "identity_format": "raw"}
        said = order_said(app, subject_identities=[named])
        assert call("POST", "/requests", said).status_code == 201
        (case_id,) = app.store.work.cases_with_orders()
        run = order_run(self._deployments["erasure-request"], case_id=case_id)
        self._journey.work("erasure by order", "erasure", run.id)
        self._journey.approve(run.id)
        self._journey.work("erasure by order", "erasure", run.id)
        path = f"/requests/{said['subject_request_id']}"
        for answer in (call("GET", path), call("DELETE", path), call("GET", f"{path}/results")):
            self._keep(answer)
        for field in ("regulation", "subject_request_id", "subject_identities", "submitted_time", "extensions"):
            self._keep(call("POST", "/requests", order_said(app, **{field: QUOTE})))
        self._keep(call("GET", "/requests/unknown"))

    def _keep(self, answer: Any, *, says_token: bool = False) -> None:
        assert answer.status_code < 500, "it is answered"
        said = "a token" if says_token else answer.text
        self.answers.append(("an answer of the listener", f"{answer.headers.multi_items()!r}\n{said}".encode()))
