"""Towns of random people in four systems, some of whom are erased, corrected, restricted, muted or copied."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any

import requests

from proofs.common import head, row, say
from proofs.strangers import announced, operator, recordings, town_systems
from proofs.strangers.announced import Erased, Judgement, Record, System, judge
from proofs.strangers.cases import Office, by_steps, office
from proofs.strangers.people import Person, Town, settle
from proofs.strangers.planted import Marks, Row, Snapshot
from proofs.strangers.world import client_of
from rightsflow.domain.vocabulary.rights import Right
from rightsflow_sandbox.inspection.inspector import PAYMENT_KINDS
from rightsflow_sandbox.processes import start
from tests.support.peers.seaweedfs import S3Peer, running_seaweedfs

NAME = "payments"
_CARDS = ("4242424242424242", "4000056655665556", "4000002760000016")
_READY_SECONDS = 60.0
_BEGAN = datetime(2026, 1, 2, 12, tzinfo=UTC)
SECTION = """
[systems.payments]
connector         = "stripe"
api_key           = "file:{key}"
api_base          = "{url}"
unavailable       = ["checkout_sessions", "credit_notes", "quotes"]
guests            = true
purposes          = ["payment of orders", "accounting"]
categories        = ["contact data", "payment data"]
source            = "the data subject"
recipients        = "none"
retention         = "8 years after the end of the year for vouchers"
transfers         = "none"
backup_days = 0
"""
"""What an operator writes for it."""


@contextmanager
def running(town: Town, marks: Marks, folder: Path) -> Iterator[tuple[System, str]]:
    """Serve localstripe with the town's accounts; gives its side of the proof and its section of the configuration."""
    key, secret, data = folder / "payments-key", f"rk_test_{secrets.token_hex(16)}", folder / "accounts.json"
    key.write_text(secret, encoding="utf-8")
    accounts = [_Accounts(town, marks).of(person) for person in town.people]
    seed = {"seed": town.dice.randint(1, 10**6), "began_at": int(_BEGAN.timestamp()) - 10**8, "plans": []}
    data.write_text(json.dumps(seed | {"accounts": accounts}), encoding="utf-8")
    options = ["--data", str(data), "--state", str(folder / "localstripe.pickle")]
    served = start(NAME, "rightsflow_sandbox.payments", options, folder / "payments.log", {"PAYMENTS_API_KEY": secret})
    try:
        served.wait_until_ready("/v1/balance", time.monotonic() + _READY_SECONDS)
        _pay_for_each_other(town, accounts, served.url, secret)
        yield _system(town, served.url, secret), SECTION.format(key=key, url=served.url)
    finally:
        served.stop()


class _Accounts:
    """Draws them."""

    def __init__(self, town: Town, marks: Marks) -> None:
        self._town, self._dice, self._marks = town, town.dice, marks

    def of(self, person: Person) -> dict[str, Any]:
        """Return a person's account, with payments of the last years and of long ago."""
        dice = self._dice
        payments = [self._payment(person, number) for number in range(dice.randint(0, 3))]
        street = self._marks.own(NAME, person.number, "street")
        named = {"id": f"cus_{_key(dice)}", "customer_id": person.customer, "name": person.name}
        named |= {"email": person.emails[-1], "phone": person.phones[-1]}
        address = {"line1": f"{street} 1", "postal_code": "10115", "city": "Berlin", "country": "DE"}
        card = {"card": f"pm_{_key(dice)}", "card_number": dice.choice(_CARDS)}
        opened_at = int((_BEGAN - timedelta(days=11 * 365)).timestamp())
        paid = sorted(payments, key=lambda one: int(one["paid_at"]))
        return {
            **named, "address": address, **card, "opened_at": opened_at, "payments": paid, "bills": [],
            "contracts": [],
        }  # fmt: skip

    def _payment(self, person: Person, number: int) -> dict[str, Any]:
        dice = self._dice
        what, refund = self._marks.own(NAME, person.number, f"payment {number}"), dice.random() < 0.2
        named = {"charge": f"ch_{_key(dice)}", "intent": f"pi_{_key(dice)}", "amount": 100 * dice.randint(1, 90)}
        # Some are vouchers that have to be kept, of others the period is over.
        paid_at = int((_BEGAN - timedelta(days=dice.choice((20, 400, 3650)))).timestamp())
        said = {"paid_at": paid_at, "description": f"Kettle {what}", "order": f"ED-{dice.randint(100000, 999999)}"}
        refunded = {"refunded": 50 if refund else 0, "refund": f"re_{_key(dice)}" if refund else "", "dispute": ""}
        return {**named, **said, **refunded}


def _key(dice: Random) -> str:
    return f"{dice.getrandbits(96):024x}"


def _pay_for_each_other(town: Town, accounts: list[dict[str, Any]], url: str, secret: str) -> None:
    """Receipts that went to another person, as where one buys a present."""
    for account in accounts:
        for payment in account["payments"]:
            if town.dice.random() < 0.3:
                other = town.dice.choice(town.people)
                answer = requests.post(
                    f"{url}/v1/charges/{payment['charge']}",
                    data={"receipt_email": other.emails[-1]},
                    auth=(secret, ""),
                    timeout=20,
                )
                answer.raise_for_status()


def _system(town: Town, url: str, secret: str) -> System:
    """Whose its things are: an object is its customer's, also where another person got the receipt."""

    def snapshot() -> Snapshot:
        held: dict[str, dict[str, str]] = {}
        for kind in PAYMENT_KINDS:
            answer = requests.get(f"{url}/v1/{kind}s", params={"limit": "100000"}, auth=(secret, ""), timeout=60)
            answer.raise_for_status()
            for one in answer.json()["data"]:
                held[f"{kind.replace('_', '-')}/{one['id']}"] = {
                    name: value if isinstance(value, str) else json.dumps(value, sort_keys=True)
                    for name, value in one.items()
                }
        return held

    whose = _owners(town, snapshot())
    return System(NAME, snapshot, lambda place, _row: whose.get(place, frozenset()), _record)


def _owners(town: Town, held: Snapshot) -> dict[str, frozenset[int]]:
    numbers = {one.customer: one.number for one in town.people}
    payers = {
        row["id"]: frozenset({numbers[json.loads(row["metadata"])["customer_id"]]})
        for place, row in held.items()
        if place.startswith("customer/")
    }
    charges = {row["id"]: row["customer"] for place, row in held.items() if place.startswith("charge/")}
    return {
        place: payers.get(row["id"] if place.startswith("customer/") else _customer(row, charges), frozenset())
        for place, row in held.items()
    }


def _customer(row: Row, charges: dict[str, str]) -> str:
    return row["customer"] if row.get("customer", "null") != "null" else charges.get(row.get("charge", ""), "")


def _record(place: str, row: Row) -> Record | None:
    return place.partition("/")[0], row["id"]


_BY_ACCOUNT = ', shop-account = "account_id"'


@dataclass
class Street:
    """Where one seed is played."""

    town: Town
    marks: Marks
    systems: tuple[System, ...]
    office: Office = field(repr=False)
    muted: int = 0
    given: int = 0

    def read(self) -> dict[str, Snapshot]:
        return {one.name: one.snapshot() for one in self.systems}

    def erase_some(self, count: int) -> dict[str, Judgement]:
        done = {one.name: Judgement() for one in self.systems}
        for person in self.town.some(count, least=count):
            for name, judgement in self.erase(person).items():
                done[name].add(judgement)
        return done

    def act_on_some(self, count: int) -> dict[str, Judgement]:
        done = {one.name: Judgement() for one in self.systems}
        acts = cycle((self.rectify, self.restrict_and_lift, self.erase))
        for act, person in zip(acts, self.town.some(count, least=count), strict=False):
            for name, judgement in act(person).items():
                done[name].add(judgement)
        return done

    def rectify(self, person: Person) -> Mapping[str, Judgement]:
        before = self.read()
        outcomes, change = announced.rectify(self.office, person)
        return self._changed(before, person, outcomes, change)

    def restrict_and_lift(self, person: Person) -> Mapping[str, Judgement]:
        before = self.read()
        case_id, outcomes, change = announced.restrict(self.office, person)
        done = self._changed(before, person, outcomes, change)
        announced.lift(case_id)
        # Once it is lifted, all is as it was.
        for name, judgement in self._changed(before, person, {}, announced.Change((), {})).items():
            done[name].add(judgement)
        return done

    def _changed(
        self,
        before: Mapping[str, Snapshot],
        person: Person,
        outcomes: Mapping[tuple[str, str, str], str],
        change: announced.Change,
    ) -> dict[str, Judgement]:
        after, told = self.read(), outcomes
        return {
            one.name: announced.judge_change(one, before[one.name], after[one.name], person.number, told, change)
            for one in self.systems
        }

    def copy(self, person: Person) -> list[str]:
        before = self.read()
        files = self.office.package(self.office.answer(Right.ACCESS, person))
        self.given += announced.given_files(files, person, self.marks)
        faults = announced.judge_package(files, person, self.town, self.marks)
        return faults + [f"{name} was changed by a copy" for name, held in self.read().items() if held != before[name]]

    def erase(self, person: Person) -> Mapping[str, Judgement]:
        """Erase a person and judge every system."""
        before = self.read()
        case_id = self.office.answer(Right.ERASURE, person)
        # A version from before versions were kept is named by when it was stored as well.
        outcomes = {
            (system, kind, ref.partition("&stored=")[0]): outcome
            for (system, kind, ref), outcome in self.office.outcomes(case_id).items()
        }
        erased = Erased(person.number, lambda others: _words(self.town, person, others), outcomes)
        after = self.read()
        done = {
            one.name: judge(one.before(before[one.name]), before[one.name], after[one.name], erased, self.marks)
            for one in self.systems
        }
        done[recordings.NAME].faults += recordings.badly_muted(
            before[recordings.NAME], after[recordings.NAME], outcomes
        )
        self.muted += sum(outcome == "muted" for outcome in outcomes.values())
        return done


def _words(town: Town, person: Person, others: frozenset[int]) -> frozenset[str]:
    theirs = {word.casefold() for number in others for word in town.people[number].words}
    return frozenset(word for word in person.words if word.casefold() not in theirs)


@contextmanager
def living(
    seed: int,
    count: int,
    folder: Path,
    store: S3Peer,
    *,
    with_payments: bool = True,
    corrects: bool = False,
    mutes: bool = False,
) -> Iterator[Street]:
    """Draw a town and start everything."""
    town, marks = settle(seed, count), Marks()
    (folder / "home").mkdir(parents=True)
    with ExitStack() as stack:
        made = [stack.enter_context(town_systems.running(town, marks, folder)), town_systems.fill(town, marks, folder)]
        if with_payments:
            made.append(stack.enter_context(running(town, marks, folder)))
        archive, bucket = recordings.put_all(town, marks, client_of(store), with_codes=mutes)
        # Nothing here is known by an account number in the shop.
        of_archive = operator.store_section(recordings.NAME, store, bucket, folder).replace(_BY_ACCOUNT, "")
        if mutes:
            kept = of_archive.replace('recording = "none"', 'recording = "trade_letter"', 1)
            of_archive = kept.replace("[systems.archive.match]", f"{recordings.MUTES}[systems.archive.match]")
        systems, sections = zip(*made, (archive, of_archive), strict=True)
        written = announced.configured("".join(sections)) if corrects else "".join(sections)
        worked = stack.enter_context(office(folder / "home", operator.head() + written, by_steps))
        yield Street(town, marks, systems, worked)


def live_in_towns(folder: Path, acts: Sequence[tuple[int, str]], people: int, erased: int) -> bool:
    """Live in towns by their seeds and what is done there; prints a row for each system, says whether all was right."""
    say(head(*_HEAD))
    faults: list[str] = []
    (folder / "weed").mkdir()
    with running_seaweedfs(folder / "weed") as store:
        for seed, act in acts:
            corrects, mutes = act == "correct", act == "mute"
            with living(seed, people, folder / str(seed), store, corrects=corrects, mutes=mutes) as street:
                sizes = {system: len(held) for system, held in street.read().items()}
                found = [fault for person in street.town.people[: erased * mutes] for fault in street.copy(person)]
                done = street.act_on_some(erased + 2) if corrects else street.erase_some(erased)
                for system, one in done.items():
                    figures = (one.untouched, one.announced, one.erased, one.kept, len(one.faults))
                    say(row(str(seed), system, sizes[system], *figures))
                    found += one.faults
                if mutes:
                    say(f"seed {seed}: {street.muted} recordings muted, {street.given} files given to who wrote them")
                faults += [f"seed {seed}: {fault}" for fault in found]
    say(*faults)
    return not faults


_HEAD = (
    "seed", "system", "things", "of others, untouched", "of several, announced", "erased", "kept, as said", "faults",
)  # fmt: skip
