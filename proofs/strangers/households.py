"""Households in the strange systems, and what they write and order; an after-sales database."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from proofs.strangers.people import FIRST, HEADS, TAILS, Person, Population
from proofs.strangers.planted import Marks

HOUSEHOLDS = 40
AGENT = "agnes"
Plan = dict[str, Any]
"""What a system is filled with, as it goes to the program that fills it."""


class Role(IntEnum):
    """Who lives in a household or beside it, by what they have in common with the one who asks."""

    SUBJECT = 0
    SPOUSE = 1
    """Shares the landline, the mailbox and the surname."""
    NAMESAKE = 2
    """A parent with the same full name, landline and mailbox; in every other household the dates of birth are known."""
    HEIR = 3
    """Uses the mobile number that was the subject's."""
    FRIEND = 4
    """Is in copy, answers in the subject's tickets, gets presents, and has attached the same files."""
    TWIN = 5
    """Has an address and a number that contain the subject's."""


@dataclass(frozen=True, slots=True)
class Household:
    """Six people."""

    street: int
    people: tuple[Person, ...]

    @property
    def landline(self) -> str:
        return self.people[Role.SUBJECT].phones[0]

    @property
    def mailbox(self) -> str:
        return self.people[Role.SUBJECT].emails[1]

    @property
    def mobile(self) -> str:
        return self.people[Role.HEIR].phones[0]

    @property
    def family(self) -> list[int]:
        return [self.people[role].number for role in (Role.SUBJECT, Role.SPOUSE, Role.NAMESAKE)]


def populate(households: int = HOUSEHOLDS, asking: int = 0) -> tuple[Population, list[Household]]:
    built = [_household(street) for street in range(households)]
    people = tuple(person for one in built for person in one.people)
    subjects = tuple(one.people[Role.SUBJECT].number for one in built[: asking or households])
    return Population(people, {}, subjects), built


def _household(street: int) -> Household:
    last, other = _last(street), _last(street + 72)
    first, spouse = FIRST[street % 10], FIRST[(street + 1) % 10]
    landline, mobile, theirs = (
        f"+4930231{25100 + 7 * street}",
        f"+49171392{10000 + 13 * street}",
        f"+4969900{street:05}",
    )
    mailbox, address = f"familie.{last}{street}@example.net".lower(), f"{first}.{last}@example.com".lower()
    dated = street % 2 == 0
    rows = {
        Role.SUBJECT: (first, last, (address, mailbox), (landline, mobile), "1985-03-1" + str(street % 9 + 1)),
        Role.SPOUSE: (spouse, last, (f"{spouse}.{last}{street}@example.org".lower(), mailbox), (landline,), ""),
        Role.NAMESAKE: (first, last, (f"{first}.{last}.sen@example.org".lower(), mailbox), (landline,), "1951-07-02"),
        Role.HEIR: (FIRST[(street + 4) % 10], other, (f"heir{street}@example.org",), (mobile,), ""),
        Role.FRIEND: (FIRST[(street + 5) % 10], _last(street + 100), (f"friend{street}@example.org",), (theirs,), ""),
        Role.TWIN: (FIRST[(street + 6) % 10], _last(street + 50), (f"mc{address}",), (f"{mobile}4",), ""),
    }  # fmt: skip
    people = []
    for role, (given, name, emails, phones, born) in rows.items():
        number = street * len(Role) + role
        known = born if dated and role in {Role.SUBJECT, Role.NAMESAKE} else ""
        in_turn = (mobile,) if role in {Role.SUBJECT, Role.HEIR} else ()
        people.append(Person(number, given, name, emails, phones, f"{70000 + 11 * number}", in_turn, known))
    return Household(street, tuple(people))


def _last(number: int) -> str:
    return HEADS[number % 12] + TAILS[number // 12 % 12]


class Scenes:
    """What is written and ordered in one household, with a mark in every piece."""

    def __init__(self, system: str, household: Household, marks: Marks) -> None:
        self._system, self._house, self._marks = system, household, marks

    def tickets(self) -> Iterator[Plan]:
        """Tickets: own ones, with others in them, at the shared mailbox, by number only, and of the neighbours."""
        me, spouse, namesake, heir, friend, twin = self._house.people
        yield self._ticket(me, "own", [self.message(me, "own note"), self._staff("reply"), self._staff("internal")])
        yield self._ticket(
            me, "with the friend", [self.message(friend, "in the subject's"), self.message(me, "last")], cc=[friend]
        )
        yield self._ticket(friend, "own", [self.message(me, "in the friend's")], cc=[me])
        yield self._ticket(spouse, "own", [self.message(spouse, "note")], phone=self._house.landline)
        yield self._ticket(namesake, "own", [self.message(namesake, "note")], phone=self._house.landline)
        yield self._ticket(heir, "own", [self.message(heir, "note")], phone=self._house.mobile)
        yield self._ticket(twin, "own", [self.message(twin, "note")], phone=twin.phones[0])
        yield self.unclear("at the shared mailbox", email=self._house.mailbox)
        # As an erasure of before left it: no one is named any more, the family's number still stands there.
        yield self.unclear("whose writer was erased", phone=self._house.landline)

    def orders(self) -> Iterator[Plan]:
        """Orders: own ones, as a guest, a present, at the shared number, and of the neighbours."""
        me, spouse, namesake, heir, friend, twin = self._house.people
        called = f"Their friend called from {friend.phones[0]}, {self.own(me, 'note on the friend')}"
        yield {**self._order(me, "own"), "internal": called}
        yield self._order(me, "as a guest", guest=me.emails[0])
        yield self._order(me, "a present", to=friend)
        yield self._order(spouse, "own", phone=self._house.landline)
        yield self._order(spouse, "as a guest", guest=spouse.emails[0], phone=self._house.landline)
        yield self._order(namesake, "own", phone=self._house.landline)
        yield self._order(heir, "own", phone=self._house.mobile)
        yield self._order(friend, "a present back", to=me)
        yield self._order(twin, "own")
        family = self._house.family
        yield self._order(me, "at the shared mailbox", guest=self._house.mailbox, owners=family, phone="")
        yield self._order(me, "whose guest was erased", guest="", owners=family, phone=self._house.landline)

    def message(self, person: Person, what: str) -> Plan:
        text, content = (self.own(person, f"{what}: {part}") for part in ("text", "file"))
        file = {"name": f"{what.replace(' ', '-')}.txt", "content": f"A receipt, {content}"}
        return {"author": person.number, "text": f"My kettle leaks, {text}.", "file": file}

    def unclear(self, what: str, *, email: str = "", phone: str = "") -> Plan:
        text, file = (self._plant(self._house.family, f"{what}: {part}", unclear=True) for part in ("text", "file"))
        content = {"name": "unclear.txt", "content": f"A picture, {file}"}
        message = {"author": None, "text": "And again.", "file": content}
        about: Plan = {"author": None, "email": email, "phone": phone, "born": "", "cc": []}
        return {**about, "subject": what, "text": text, "messages": [message]}

    def own(self, person: Person, what: str) -> str:
        return self._plant([person.number], f"{person.number}: {what}")

    def _plant(self, owners: Iterable[int], what: str, *, unclear: bool = False) -> str:
        none: dict[str, Any] = {"given": [], "erased": []} if unclear else {}
        return self._marks.plant(self._system, f"{what}, street {self._house.street}", owners, **none)

    def _staff(self, what: str) -> Plan:
        subject = self._house.people[Role.SUBJECT]
        if self._system == "bottlecrm":
            # Its schema has two columns with an author; what colleagues wrote goes with the case.
            mark = self.own(subject, f"staff's {what}")
        else:
            mark = self._marks.of_staff(self._system, what, subject.number, is_seen=True)
        return {"author": AGENT, "text": f"We looked into it, {mark}.", "internal": what == "internal"}

    def _ticket(
        self, person: Person, what: str, messages: list[Plan], *, cc: Iterable[Person] = (), phone: str = ""
    ) -> Plan:
        title, text = (self.own(person, f"{what}: {part}") for part in ("title", "text of the ticket"))
        about: Plan = {"author": person.number, "email": person.emails[0], "phone": phone, "born": person.born}
        about |= {"cc": [one.number for one in cc], "subject": f"Kettle {title}", "text": text}
        return {**about, "messages": messages}

    def _order(self, person: Person, what: str, *, to: Person | None = None, **more: Any) -> Plan:
        """Make an order; ``more`` names the guest, their number, and the owner where no one can tell."""
        receiver, guest, owners = to or person, more.get("guest"), more.get("owners")

        def mark(part: str, whose: Person = person) -> str:
            return self._plant(owners or [whose.number], f"{person.number} {what}: {part}", unclear=owners is not None)

        named = {"account": person.number if guest is None else None, "guest": guest or ""}
        phone = more.get("phone", receiver.phones[0])
        there = {"first": receiver.first, "last": receiver.last, "phone": phone}
        # In one schema the note is a field of the order, in another of the place where it goes.
        noted = receiver if self._system == "oscar" else person
        there |= {"street": f"Street {mark('street', receiver)}", "note": mark("delivery note", noted)}
        payer = {"first": person.first, "last": person.last, "email": guest if guest is not None else person.emails[0]}
        there["payer"] = payer | {"phone": more.get("phone", person.phones[0])}
        said = {"line": mark("engraving"), "remark": mark("remark"), "payment": mark("payment")}
        return {**named, **there, **said}


SCHEMA = Path(__file__).with_name("asdb.sql")


class AfterSales:
    """Fills the database and its folder of files, a household at a time."""

    def __init__(self, system: str, marks: Marks, files: Path) -> None:
        self._system, self._marks, self._files = system, marks, files
        self._rows: defaultdict[str, list[Plan]] = defaultdict(list)
        self._numbers: Counter[str] = Counter()

    def write(self, connection: sa.Connection) -> None:
        text = "\n".join(line for line in SCHEMA.read_text(encoding="utf-8").splitlines() if not line.startswith("--"))
        for statement in filter(str.strip, text.split(";")):
            connection.exec_driver_sql(statement)
        tables = sa.MetaData()
        tables.reflect(connection)
        for table in tables.sorted_tables:
            for row in self._rows[table.name]:
                connection.execute(sa.insert(table), row)

    def add(self, house: Household) -> None:
        """Add the data of one household."""
        me, spouse, namesake, heir, friend, twin = house.people
        for person in house.people:
            self._customer(person, house)
        self._shared_by_the_household(house)
        self._devices(me, friend)
        self._contracts(me, spouse)
        self._money(me, spouse)
        self._calls(house)
        self._tickets(house)
        for other in (spouse, namesake, heir, friend, twin):
            order = self._order(other)
            self._link("repair_order", order, self._own(other, "estimate"))

    def _customer(self, person: Person, house: Household) -> None:
        at_home = person.number in house.family
        born = date.fromisoformat(person.born) if person.born else None
        named = {"last_name": person.last, "first_name": person.first, "birth_dt": born}
        household = {"cust_no": int(person.customer), "hh_no": 4000 + house.street if at_home else None}
        self._rows["cust"].append({**household, **named, "notes": self._own(person, "notes")})
        own = [("mob", one) for one in person.phones if one != house.landline]
        for kind, value in (("mail", person.emails[0]), *own):
            self._insert("cust_contact", cust_no=int(person.customer), typ=kind, val=value)
        hint = self._own(person, "hint for the address")
        self._insert("cust_address", cust_no=int(person.customer), street=f"Street {person.number}", access_hint=hint)
        self._insert("attrib", ent="cust", ent_id=person.customer, k="pet", v=self._own(person, "pet"))

    def _shared_by_the_household(self, house: Household) -> None:
        for kind, value in (("tel", house.landline), ("mail", house.mailbox)):
            remark = self._several(house.family, f"household's {kind} {house.street}", together=True)
            self._insert("cust_contact", hh_no=4000 + house.street, typ=kind, val=value, remark=remark)
        key = self._several(house.family, f"key of the household {house.street}", together=True)
        self._insert("attrib", ent="hh", ent_id=str(4000 + house.street), k="access", v=key)

    def _devices(self, me: Person, friend: Person) -> None:
        both = [me.number, friend.number]
        device = self._insert(
            "device", key="dev_id", model="WM 6123", remark=self._several(both, f"device {me.number}")
        )
        for person, since in ((me, "2011-05-02"), (friend, "2019-06-30")):
            owner = {"dev_id": device, "cust_no": int(person.customer), "from_dt": since}
            self._rows["device_owner"].append(owner | {"how": self._own(person, "how the device came")})
            self._order(person, device)
        place = self._several(both, f"where the device stands {me.number}")
        self._insert("attrib", ent="device", ent_id=str(device), k="place", v=place)
        self._link("device", str(device), self._several(both, f"receipt of the device {me.number}"))

    def _contracts(self, me: Person, spouse: Person) -> None:
        number = f"WV-{me.number}"
        memo = self._several([me.number, spouse.number], f"contract {me.number}", together=True)
        self._rows["service_contract"].append({"contract_no": number, "product": "Family", "memo": memo})
        for person, role in ((me, "holder"), (spouse, "payer")):
            row = {"contract_no": number, "cust_no": int(person.customer), "role": role}
            self._rows["contract_person"].append(row | {"memo": self._own(person, "party of the contract")})

    def _money(self, me: Person, spouse: Person) -> None:
        for payer, purpose in (
            (me, self._own(me, "own payment")),
            (spouse, self._several([me.number, spouse.number], f"payment for another {me.number}")),
        ):
            order = self._order(me)
            name = f"{me.last.upper()}, {me.first.upper()}"
            self._numbers["invoice"] += 1
            number = 2026_0000 + self._numbers["invoice"]
            self._rows["invoice"].append(
                {"inv_no": number, "ref_kind": "R", "ref_id": order, "debtor": int(me.customer), "bill_name": name,
                 "foot_text": self._own(me, f"invoice {number}")}
            )  # fmt: skip
            self._insert("payment", key="pay_id", inv_no=number, payer=payer.name, purpose=purpose)

    def _calls(self, house: Household) -> None:
        me, heir = house.people[Role.SUBJECT], house.people[Role.HEIR]
        for what, number, owners in (
            ("at the landline", house.landline, house.family),
            ("from the number that was passed on", house.mobile, [me.number, heir.number]),
        ):
            call = f"{1_700_000_000 + len(self._rows['call_log'])}.1"
            text = self._several(owners, f"summary of a call {what} {house.street}")
            # The telephone system's import takes the first customer with the number.
            row = {"call_id": call, "remote_no": number, "auto_cust": int(me.customer), "summary": text}
            self._rows["call_log"].append(row)
            name = f"{house.street:02}{len(self._rows['call_log'])}x"
            heard = self._several(owners, f"recording of a call {what} {house.street}")
            self._put(f"rec/{name[:2]}/{name}", f"RIFF {heard}")
            row = {"call_id": call, "seq": 1, "folder": f"rec/{name[:2]}", "file_id": name}
            self._rows["call_recording"].append(row)

    def _tickets(self, house: Household) -> None:
        me, _, namesake, _, friend, _ = house.people
        self._ticket(me, "own", mail=me.emails[0])
        self._ticket(namesake, "at the shared mailbox", mail=house.mailbox)
        text = self._several(house.family, f"ticket without a customer {house.street}")
        ticket = self._insert("ticket", from_mail=house.mailbox, subject="Again")
        self._insert("ticket_message", ticket_id=ticket, from_addr=house.mailbox, body=text)
        theirs = self._ticket(
            friend, "with the subject in copy", mail=friend.emails[0], cc=f'"{me.name}" <{me.emails[0]}>'
        )
        self._insert(
            "ticket_message", ticket_id=theirs, from_addr=me.emails[0], body=self._own(me, "in the friend's ticket")
        )
        # One file that both have attached, stored once.
        both = self._several([me.number, friend.number], f"file of both {me.number}", together=True)
        for person in (me, friend):
            mine = self._ticket(person, "with the file of both", mail=person.emails[0])
            self._link("ticket_message", str(mine * 10), both)

    def _ticket(self, person: Person, what: str, *, mail: str, cc: str | None = None) -> int:
        subject, body = (self._own(person, f"{what}: {part}") for part in ("subject", "body"))
        ticket = self._insert("ticket", cust_no=int(person.customer), from_mail=mail, cc=cc, subject=subject)
        message = {"id": ticket * 10, "ticket_id": ticket, "from_addr": mail, "body": body}
        self._rows["ticket_message"].append(message)
        self._link("ticket_message", str(ticket * 10), self._own(person, f"{what}: file"))
        return ticket

    def _order(self, person: Person, device: int | None = None) -> str:
        self._numbers["order"] += 1
        order = f"R26-{self._numbers['order']:06}"
        fault = self._own(person, f"fault of {order}")
        row = {"order_no": order, "cust_no": int(person.customer), "dev_id": device}
        self._rows["repair_order"].append({**row, "rcv_date": "20260504", "fault": fault})
        return order

    def _link(self, table: str, key: str, content: str) -> None:
        digest = hashlib.sha256(content.encode()).hexdigest()
        self._put(f"att/{digest}", f"A file: {content}")
        self._insert("attachment_link", path=f"att/{digest}", ref_table=table, ref_id=key, label="scan.txt")

    def _put(self, name: str, content: str) -> None:
        path = self._files / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")

    def _insert(self, table: str, key: str = "id", **row: object) -> int:
        self._numbers[table] += 1
        number = self._numbers[table] if table != "ticket_message" else 10_000_000 + self._numbers[table]
        self._rows[table].append({key: number, **row})
        return number

    def _own(self, person: Person, what: str) -> str:
        return self._marks.own(self._system, person.number, what)

    def _several(self, owners: list[int], what: str, *, together: bool = False) -> str:
        return self._marks.plant(self._system, what, owners, given=[], erased=[], may_see=owners if together else [])
