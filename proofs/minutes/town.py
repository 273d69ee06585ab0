"""The brand of the ten cases: its customers in the sandbox's systems, a desk before them, and runs without Prefect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Final

from rightsflow.app import current_app, installed
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.letters.answers import write_answer, write_nothing_held, write_refusal
from rightsflow.cases.work.access.package import (
    assemble_package,
    extract_records,
    make_copies_again,
    redact_third_parties,
)
from rightsflow.cases.work.erasure.steps import erase_records, prepare_plan, settle_plan, verify_erasure
from rightsflow.cases.work.processors.instructions import (
    instruct_processor,
    processors_to_instruct,
    recipients_to_tell,
)
from rightsflow.cases.work.processors.status import waits_for_processors
from rightsflow.cases.work.search import locate_records, resolve_identifiers
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
from tests.support.desk_client import DeskRig
from tests.support.homes import living_in
from tests.support.post import smtp_server
from tests.support.signing_in import Team
from tests.support.stack import connect

_ROUNDS: Final = 6
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


@dataclass(frozen=True)
class Held:
    """What the systems hold of the person of a case.

    Args:
        tickets: How many tickets at the helpdesk.
        calls: How many recorded calls.
        attachments: How many text files, each at a ticket of its own.
        payments: How many payments.
        others: In how many tickets other people are named.
        shared: How many calls come from a landline of several people, without a customer number.
        seconds: How long each call is.
    """

    tickets: int = 0
    calls: int = 0
    attachments: int = 0
    payments: int = 0
    others: int = 0
    shared: int = 0
    seconds: int = 20


def world_of(held: Sequence[Held], today: Any) -> World:
    """The sandbox's world with a further customer for each of some holdings, the last of its people."""
    base = World.make(seed=20261124, customers=len(CAST) + len(held), today=today)
    people = [replace(one, language="en") for one in base.people[len(CAST) :]]
    keys, users = {one.customer_id for one in people}, {one.user_id for one in people}
    chance, numbers = Chance(seed=39, today=today), count(500_000)
    tickets = [one for one in base.tickets if one.requester_id not in users and not users & {*one.cc_ids}]
    calls = [one for one in base.calls if one.owner not in keys]
    accounts = {one.owner: one for one in base.accounts}
    for person, what in zip(people, held, strict=True):
        tickets += _tickets(chance, person, what, base, numbers)
        calls += _calls(chance, person, what, base, numbers)
        accounts[person.customer_id] = _account(chance, person, what, accounts[person.customer_id])
    return replace(
        base,
        people=(*base.people[: len(CAST)], *people),
        tickets=tuple(tickets),
        calls=tuple(calls),
        accounts=tuple(accounts.values()),
    )


def _tickets(chance: Chance, person: Customer, held: Held, base: World, numbers: Iterator[int]) -> Iterator[Ticket]:
    for place in range(held.tickets):
        random = chance.stream("ticket", f"{person.customer_id}/{place}")
        begun = chance.moment(random, 400, 20)
        ticket = written_ticket(chance, random, person, base.agents[place % len(base.agents)], begun)
        comments = [replace(one, id=next(numbers), attachments=()) for one in ticket.comments]
        if place < held.others:
            text = _OTHERS[place % len(_OTHERS)]
            comments.append(Comment(id=next(numbers), author_id=person.user_id, body=text, created_at=begun))
        if place < held.attachments:
            kind, content = attachment("log.txt", f"Log of my device, part {place + 1}.", random)
            file = Attachment(id=next(numbers), file_name=f"log-{place + 1}.txt", content_type=kind, content=content)
            comments[0] = replace(comments[0], attachments=(file,))
        yield replace(ticket, id=next(numbers), status="closed", rating="", rating_comment="", comments=tuple(comments))


def _calls(chance: Chance, person: Customer, held: Held, base: World, numbers: Iterator[int]) -> Iterator[PhoneCall]:
    for place in range(held.calls + held.shared):
        random = chance.stream("call", f"{person.customer_id}/{place}")
        is_shared = place >= held.calls
        call = make_call(
            random, person, base.agents, chance.moment(random, 300, 20), recognised=not is_shared, recorded=True,
            number=base.cases.family_landline if is_shared else "",
        )  # fmt: skip
        yield replace(call, agents=call.agents[:1], seconds=held.seconds, counter=4 * next(numbers), stereo=False)


def _account(chance: Chance, person: Customer, held: Held, account: PaymentAccount) -> PaymentAccount:
    random = chance.stream("payments", person.customer_id)
    payments = [make_payment(chance, random, 300, 20) for _ in range(held.payments)]
    payments.sort(key=lambda one: one.paid_at)
    return replace(account, payments=tuple(payments), bills=(), contracts=())


@dataclass
class Brand:
    """A desk on the sandbox, whose clock the walk moves.

    Args:
        runtime: The application.
        people: Whose data the cases are about.
        box: The mailbox of all of them.
        folder: A folder for files that a person chooses.
        landline: The number of several people.
        moment: The present instant, in a list of one.
        present: The people before the desk, who stay signed in.
    """

    runtime: Any
    people: Sequence[Customer]
    box: Any
    folder: Path
    landline: str
    moment: list[datetime] = field(default_factory=list)
    present: list[Any] = field(default_factory=list)
    _since: float = 0.0

    def pass_time(self, amount: timedelta) -> None:
        """Let time pass."""
        self.moment[0] += amount

    def pass_seconds(self, seconds: float) -> None:
        """The same, in seconds; no session ends by it."""
        while seconds > 0:
            part = min(seconds, _STAYS)
            self.pass_time(timedelta(seconds=part))
            seconds, self._since = seconds - part, self._since + part
            if self._since >= _STAYS:
                self._since = 0.0
                for person in self.present:
                    person.stays()

    def go_on(self, case_id: str) -> None:
        """What a case's run does until it waits for a person."""
        app = current_app()
        if self._is_shut(reach_gate(app, case_id, Gate.IDENTITY), case_id):
            return
        with app.store.case_file(case_id) as file:
            right, is_decided = file.right, file.decisions.at(Gate.APPROVAL) is not None
        if not is_decided:
            self._search(case_id)
            if not self._found_nothing(case_id):
                self._prepare(case_id, right)
        view = reach_gate(app, case_id, Gate.APPROVAL)
        if self._is_shut(view, case_id):
            return
        if view.is_nothing_held:
            write_nothing_held(app, case_id)
        elif right is Right.ACCESS:
            self._prepare(case_id, right)
            write_answer(app, case_id)
        else:
            self._carry_out(case_id)

    def resume(self, case_id: str) -> bool:
        """Let the run of a case go on, as the desk does after a decision."""
        self.go_on(case_id)
        return True

    def _is_shut(self, view: Any, case_id: str) -> bool:
        if view.verdict is Verdict.REFUSED:
            write_refusal(current_app(), case_id)
        return view.is_open or view.verdict is Verdict.REFUSED

    def _found_nothing(self, case_id: str) -> bool:
        with self.runtime.store.case_file(case_id) as file:
            return not file.findings.all()

    def _search(self, case_id: str) -> None:
        for _ in range(_ROUNDS):
            for system in self.runtime.connectors:
                locate_records(current_app(), case_id, system)
            if not resolve_identifiers(current_app(), case_id).learnt:
                return

    def _prepare(self, case_id: str, right: Right) -> None:
        app = current_app()
        if right is not Right.ACCESS:
            prepare_plan(app, case_id)
            return
        systems = make_copies_again(app, case_id)
        for system in systems:
            extract_records(app, case_id, system)
            redact_third_parties(app, case_id, system)
        if systems:
            assemble_package(app, case_id)

    def _carry_out(self, case_id: str) -> None:
        app = current_app()
        settle_plan(app, case_id)
        for processor in processors_to_instruct(app, case_id):
            instruct_processor(app, case_id, processor)
        for system in self.runtime.connectors:
            erase_records(app, case_id, system)
            verify_erasure(app, case_id, system)
        for told in recipients_to_tell(app, case_id):
            instruct_processor(app, case_id, told)
        if not waits_for_processors(app, case_id):
            write_answer(app, case_id)


@contextmanager
def brand(folder: Path, held: Sequence[Held]) -> Iterator[tuple[Brand, DeskRig]]:
    """The brand with its desk, in a folder; each case's person holds what is asked for."""
    moment = [datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0)]
    with ExitStack() as running:
        home = running.enter_context(living_in(folder))
        center = SandboxCenter(folder / "sandbox", today=moment[0].date(), customers=len(CAST) + len(held))
        center.world = world_of(held, moment[0].date())
        running.enter_context(center)
        box = running.enter_context(smtp_server())
        connect(home, center)
        with home.config.open("a") as config:
            config.write(_MAIL.format(port=box.port) + PROCESSORS_TOML)
        app = current_app()
        store = Store(app.store.database, load_master_key(f"file:{home.state / 'master.key'}", ""), lambda: moment[0])
        delivery = app.settings.delivery.model_copy(update={"package_after_call_back": True})
        settings = app.settings.model_copy(update={"delivery": delivery})
        app = replace(app, settings=settings, store=store, now=lambda: moment[0])
        running.enter_context(installed(app))
        made = Brand(app, center.world.people[len(CAST) :], box, folder, center.world.cases.family_landline, moment)
        rig = DeskRig(made, Team(made, people=_TEAM), resume=lambda case_id, _gate: made.resume(case_id))
        yield made, rig


_TEAM: Final = {"olga": ("Olga Officer", ["officer"]), "dana": ("Dana Decider", ["approver"])}
