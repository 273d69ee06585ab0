"""The brand of the ten cases: its customers in the sandbox's systems, a desk before them, and runs without Prefect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Final, NamedTuple

from rightsflow.app import current_app, installed
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.letters.answers import write_answer, write_nothing_held, write_refusal
from rightsflow.cases.work.access.package import make_copies_again
from rightsflow.cases.work.erasure.steps import prepare_plan, settle_plan
from rightsflow.cases.work.processors import instructions, status
from rightsflow.domain.gates.decisions import Gate, Verdict
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.store import Store
from rightsflow.vault import load_master_key
from rightsflow_sandbox.center import SandboxCenter
from rightsflow_sandbox.configuration import PROCESSORS_TOML
from rightsflow_sandbox.world.attachments import attachment
from rightsflow_sandbox.world.chance import Chance
from rightsflow_sandbox.world.model import Attachment, Comment, Customer, PaymentAccount, PhoneCall, Ticket
from rightsflow_sandbox.world.names import CAST
from rightsflow_sandbox.world.phone_calls import make_call
from rightsflow_sandbox.world.purchases import make_payment
from rightsflow_sandbox.world.support import written_ticket
from rightsflow_sandbox.world.world import World
from tests.support import steps
from tests.support.desk_client import DeskRig
from tests.support.homes import living_in
from tests.support.post import smtp_server
from tests.support.signing_in import Team
from tests.support.stack import connect

_STAYS: Final = 900.0
_MAIL: Final = """
[delivery.mail]
host     = "127.0.0.1"
port     = {port}
security = "none"
sender   = "rights@example.com"
"""
_OTHERS: Final = (
    "Our neighbour Zadok Windlestone takes parcels in: zadok.windlestone@post.example.net or +49 30 23125 977.",
    "If I am away, ring my sister Ottilie Farrow at +49 30 23125 988, ottilie.farrow@post.example.net.",
)
_TEAM: Final = {"olga": ("Olga Officer", ["officer"]), "dana": ("Dana Decider", ["approver"])}
_CALL_SECONDS: Final = 20


class Held(NamedTuple):
    """How many of each the systems hold of the person of a case.

    Attachments are text files, each at a ticket of its own; in so many tickets others are named.
    """

    tickets: int = 0
    calls: int = 0
    attachments: int = 0
    payments: int = 0
    others: int = 0


@dataclass
class _Making:
    """The making of what is held of customers."""

    base: World
    chance: Chance
    numbers: Iterator[int] = field(default_factory=lambda: count(500_000))

    def tickets(self, person: Customer, held: Held) -> Iterator[Ticket]:
        for place in range(held.tickets):
            random = self.chance.stream("ticket", f"{person.customer_id}/{place}")
            begun = self.chance.moment(random, 400, 20)
            agent = self.base.agents[place % len(self.base.agents)]
            ticket = written_ticket(self.chance, random, person, agent, begun)
            comments = [replace(comment, id=next(self.numbers), attachments=()) for comment in ticket.comments]
            if place < held.others:
                words, number = _OTHERS[place % len(_OTHERS)], next(self.numbers)
                comments.append(Comment(id=number, author_id=person.user_id, body=words, created_at=begun))
            if place < held.attachments:
                kind, content = attachment("log.txt", f"Log of my device, part {place + 1}.", random)
                name, number = f"log-{place + 1}.txt", next(self.numbers)
                file = Attachment(id=number, file_name=name, content_type=kind, content=content)
                comments[0] = replace(comments[0], attachments=(file,))
            plain = replace(ticket, status="closed", rating="", rating_comment="")
            yield replace(plain, id=next(self.numbers), comments=tuple(comments))

    def calls(self, person: Customer, held: Held) -> Iterator[PhoneCall]:
        for place in range(held.calls):
            random = self.chance.stream("call", f"{person.customer_id}/{place}")
            began = self.chance.moment(random, 300, 20)
            call = make_call(random, person, self.base.agents, began, recognised=True, recorded=True)
            number = 4 * next(self.numbers)
            yield replace(call, agents=call.agents[:1], seconds=_CALL_SECONDS, counter=number, stereo=False)

    def account(self, person: Customer, held: Held, account: PaymentAccount) -> PaymentAccount:
        random = self.chance.stream("payments", person.customer_id)
        payments = [make_payment(self.chance, random, 300, 20) for _ in range(held.payments)]
        payments.sort(key=lambda payment: payment.paid_at)
        return replace(account, payments=tuple(payments), bills=(), contracts=())


def world_of(held: Sequence[Held], today: Any) -> World:
    """The sandbox's world with a further customer for each of some holdings, the last of its people."""
    base = World.make(seed=20261124, customers=len(CAST) + len(held), today=today)
    people = [replace(person, language="en") for person in base.people[len(CAST) :]]
    keys, users = {person.customer_id for person in people}, {person.user_id for person in people}
    tickets = [ticket for ticket in base.tickets if not users & {ticket.requester_id, *ticket.cc_ids}]
    calls = [call for call in base.calls if call.owner not in keys]
    accounts, making = (
        {account.owner: account for account in base.accounts},
        _Making(base, Chance(seed=39, today=today)),
    )
    for person, what in zip(people, held, strict=True):
        tickets += making.tickets(person, what)
        calls += making.calls(person, what)
        accounts[person.customer_id] = making.account(person, what, accounts[person.customer_id])
    everyone, all_accounts = (*base.people[: len(CAST)], *people), tuple(accounts.values())
    return replace(base, people=everyone, tickets=tuple(tickets), calls=tuple(calls), accounts=all_accounts)


@dataclass
class Brand:
    """A desk on the sandbox: whose data the cases are about, their mailbox, and the people who stay signed in."""

    runtime: Any
    people: Sequence[Customer]
    box: Any
    folder: Path
    landline: str
    moment: list[datetime]
    present: list[Any] = field(default_factory=list)
    _since: float = 0.0

    def pass_time(self, amount: timedelta) -> None:
        self.moment[0] += amount

    def pass_seconds(self, seconds: float) -> None:
        """Let time pass; no session ends by it."""
        while seconds > 0:
            part = min(seconds, _STAYS)
            self.pass_time(timedelta(seconds=part))
            seconds, self._since = seconds - part, self._since + part
            if self._since >= _STAYS:
                self._since = 0.0
                for person in self.present:
                    person.stays()

    def go_on(self, case_id: str) -> bool:
        """What a case's run does until it waits for a person."""
        app = current_app()
        if self._is_shut(reach_gate(app, case_id, Gate.IDENTITY), case_id):
            return True
        with app.store.case_file(case_id) as file:
            right, is_decided = file.right, file.decisions.at(Gate.APPROVAL) is not None
        if not is_decided:
            steps.search(case_id, self.runtime.connectors)
            with app.store.case_file(case_id) as file:
                has_found = bool(file.findings.all())
            if has_found:
                self._prepare(case_id, right)
        view = reach_gate(app, case_id, Gate.APPROVAL)
        if not self._is_shut(view, case_id):
            self._carry_out(case_id, right, is_nothing_held=view.is_nothing_held)
        return True

    def _is_shut(self, view: Any, case_id: str) -> bool:
        if view.verdict is Verdict.REFUSED:
            write_refusal(current_app(), case_id)
        return view.is_open or view.verdict is Verdict.REFUSED

    def _prepare(self, case_id: str, right: Right) -> None:
        if right is not Right.ACCESS:
            prepare_plan(current_app(), case_id)
        elif systems := make_copies_again(current_app(), case_id):
            steps.pack(case_id, systems)

    def _carry_out(self, case_id: str, right: Right, *, is_nothing_held: bool) -> None:
        app = current_app()
        if is_nothing_held:
            write_nothing_held(app, case_id)
            return
        if right is Right.ACCESS:
            self._prepare(case_id, right)
        else:
            settle_plan(app, case_id)
            for processor in instructions.processors_to_instruct(app, case_id):
                instructions.instruct_processor(app, case_id, processor)
            steps.carry_out(case_id, self.runtime.connectors)
            for told in instructions.recipients_to_tell(app, case_id):
                instructions.instruct_processor(app, case_id, told)
        if right is Right.ACCESS or not status.waits_for_processors(app, case_id):
            write_answer(app, case_id)


@contextmanager
def brand(folder: Path, held: Sequence[Held]) -> Iterator[tuple[Brand, DeskRig]]:
    """The brand with its desk, in a folder; each case's person holds what is asked for."""
    now = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0)
    with ExitStack() as running:
        home = running.enter_context(living_in(folder))
        center = SandboxCenter(folder / "sandbox", today=now.date(), customers=len(CAST) + len(held))
        center.world = world_of(held, now.date())
        running.enter_context(center)
        box = running.enter_context(smtp_server())
        connect(home, center)
        with home.config.open("a") as config:
            config.write(_MAIL.format(port=box.port) + PROCESSORS_TOML)
        app = current_app()
        made = Brand(app, center.world.people[len(CAST) :], box, folder, center.world.cases.family_landline, [now])
        key = load_master_key(f"file:{home.state / 'master.key'}", "")
        store = Store(app.store.database, key, lambda: made.moment[0])
        delivery = app.settings.delivery.model_copy(update={"package_after_call_back": True})
        settings = app.settings.model_copy(update={"delivery": delivery})
        made.runtime = replace(app, settings=settings, store=store, now=lambda: made.moment[0])
        running.enter_context(installed(made.runtime))
        yield made, DeskRig(made, Team(made, people=_TEAM), resume=lambda case_id, _gate: made.go_on(case_id))
