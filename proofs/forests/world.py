"""Random forests of records with known owners: accounts, orders, calls, tickets, rows of fields and files below them.

Each forest is drawn from a seed: who shares a mailbox, a landline or a name with whom, which table has which columns,
and which rows belong to which. Who owns a row is noted while it is drawn, so that no rule of the product is asked.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

SUBJECT: Final = 0
"""The number of the person who asks."""
_GIVEN: Final = ("Anna", "Bernd", "Carla", "Dirk", "Erik", "Frida")
_TABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "accounts": ("email", "number", "phone", "name", "born"), "orders": ("account_id", "email", "phone", "name"),
    "documents": ("order_id", "name", "born", "file"), "calls": ("src", "dst", "account_id", "file"),
    "recordings": ("call_id", "file"), "tickets": ("account_id",), "messages": ("ticket_id", "author", "body"),
    "contacts": ("account_id", "value"),
    "profiles": ("remark",), "fields": ("profile_id", "named", "held"), "scraps": ("field_id", "file"),
    "purchases": ("profile_id", "card"),
}  # fmt: skip
"""The tables and the columns that a forest may have beside id and mark."""


@dataclass(frozen=True, slots=True)
class Human:
    """A person of a forest."""

    number: int
    name: str
    email: str
    phone: str
    customer: str
    born: str
    former: str
    mobile: str


@dataclass(slots=True)
class Drawn:
    """A row of a forest."""

    table: str
    values: dict[str, Any]
    owners: frozenset[int]
    cannot_tell: bool = False
    is_tied: bool = False

    @property
    def mark(self) -> str:
        return str(self.values["mark"])


@dataclass(slots=True)
class Forest:
    """A drawn world."""

    seed: int
    people: list[Human]
    columns: dict[str, tuple[str, ...]]
    rows: list[Drawn] = field(default_factory=list)
    files: dict[str, tuple[str, frozenset[int]]] = field(default_factory=dict)
    untold: set[str] = field(default_factory=set)

    @property
    def asked(self) -> Human:
        return self.people[SUBJECT]

    def of(self, table: str) -> Iterator[Drawn]:
        return (row for row in self.rows if row.table == table)


def draw(seed: int) -> Forest:
    dice = random.Random(seed)
    forest = Forest(seed, _people(dice), _columns(dice))
    _Drawing(forest, dice).fill()
    return forest


def _columns(dice: random.Random) -> dict[str, tuple[str, ...]]:
    seldom = {"number", "phone", "name", "born"}
    return {
        table: tuple(one for one in columns if one not in seldom or dice.random() < 0.75)
        for table, columns in _TABLES.items()
    }


def _people(dice: random.Random) -> list[Human]:
    shares_mailbox, shares_phone = dice.random() < 0.35, dice.random() < 0.5
    people: list[Human] = []
    for number in range(dice.choice((3, 4))):
        is_namesake = number == 1 and dice.random() < 0.4
        given = _GIVEN[0] if is_namesake else _GIVEN[number]
        first = people[0] if people else None
        in_house = first is not None and number == 1
        people.append(
            Human(
                number=number,
                name=f"{given} {'Meier' if number < 2 or dice.random() < 0.3 else 'Kranz'}",
                email=first.email if first and in_house and shares_mailbox else f"{given.lower()}{number}@example.com",
                phone=first.phone if first and in_house and shares_phone else f"+4930901{8200 + number}",
                customer=f"C-{1000 + number}",
                born=f"19{60 + 7 * number}-03-0{number + 1}",
                former=f"old{number}@example.net",
                mobile=f"+49171390{2000 + number}",
            )
        )
    if shares_mailbox:
        people[:2] = [replace(one, email="family@example.com") for one in people[:2]]
    return people


class _Drawing:
    """Fills a forest with rows."""

    def __init__(self, forest: Forest, dice: random.Random) -> None:
        self.forest = forest
        self.dice = dice
        self._next = 0

    def fill(self) -> None:
        for human in self.forest.people:
            for _ in range(1 + (self.dice.random() < 0.25)):
                self._account(human)
        for _ in range(self.dice.randint(1, 4)):
            self._call(self.dice.choice(self.forest.people), None)
        if self.dice.random() < 0.5:
            self._erased_before()
        for human in self.forest.people:
            if self.dice.random() < 0.5:
                self._profile(human)
        self._untell()
        self._untie()

    def _untie(self) -> None:
        """Let no chain lead to the subject's rows where a namesake's paper may lie below one of their orders.

        Whose the account above it is, no one can tell then, nor that what bears the same address is not the namesake's.
        """
        asked = self.forest.asked
        orders = {row.values["id"] for row in self.forest.of("orders") if SUBJECT in row.owners}
        below = [row.values for row in self.forest.of("documents") if row.values["order_id"] in orders]
        named = [one for one in below if one.get("name") in (None, asked.name)]
        if any(one.get("born") not in (None, asked.born) for one in named):
            for row in self.forest.rows:
                row.is_tied = False

    def _untell(self) -> None:
        untold = {row.values.get("phone") for row in self.forest.of("accounts") if row.cannot_tell}
        for call in self.forest.of("calls"):
            if untold.intersection((call.values["src"], call.values["dst"])):
                below = (one for one in self.forest.of("recordings") if one.values["call_id"] == call.values["id"])
                for row in (call, *below):
                    row.cannot_tell = True
                    self.forest.untold |= {str(row.values["file"])} if row.values.get("file") else set()

    def _put(
        self, table: str, owners: set[int], is_tied: bool = False, cannot_tell: bool = False, **values: Any
    ) -> Drawn:
        self._next += 1
        kept = {name: values.get(name) for name in self.forest.columns[table]}
        if name := kept.get("file"):
            self.forest.untold |= {name} if cannot_tell else set()
            content, before = self.forest.files.get(name, (f"file-{name}", frozenset()))
            self.forest.files[name] = content, before | owners
        named = {"id": self._next, "mark": f"mk-{self._next:04d}"}
        self.forest.rows.append(Drawn(table, named | kept, frozenset(owners), cannot_tell, is_tied))
        return self.forest.rows[-1]

    def _below(self, table: str, account: Drawn, *, is_tied: bool = True, **values: Any) -> Drawn:
        of = (set(account.owners), account.is_tied and is_tied, account.cannot_tell)
        return self._put(table, *of, account_id=account.values["id"], **values)

    def _account(self, human: Human) -> None:
        said: dict[str, Any] = {"email": human.email, "number": human.customer}
        said |= {"phone": human.phone, "name": human.name, "born": human.born}
        said |= {name: None for name in ("number", "phone", "name", "born") if self.dice.random() < 0.3}
        alone = not any(one.email == human.email for one in self.forest.people if one is not human)
        is_tied = human.number == SUBJECT and alone
        cannot_tell = human.number != SUBJECT and self._looks_like_the_subjects(human, said)
        account = self._put("accounts", {human.number}, is_tied, cannot_tell, **said)
        for _ in range(self.dice.randint(0, 3)):
            self._order(account, human)
        for _ in range(self.dice.randint(0, 2)):
            self._ticket(account, human)
        if self.dice.random() < 0.5:
            self._call(human, account)
        if self.dice.random() < 0.6:
            self._below("contacts", account, value=human.mobile)

    def _looks_like_the_subjects(self, human: Human, said: dict[str, Any]) -> bool:
        asked, columns = self.forest.asked, self.forest.columns["accounts"]
        told = [name for name in ("name", "born") if name in columns and said[name]]
        return human.email == asked.email and all(said[name] == getattr(asked, name) for name in told)

    def _order(self, account: Drawn, human: Human) -> None:
        # The landline may be another one's of the house, or the order be placed with the number of someone else.
        caller = human if self.dice.random() < 0.6 else self.dice.choice(self.forest.people)
        email = self.dice.choice((human.email, human.email, None, human.former))
        is_former = email == human.former and "email" in self.forest.columns["orders"]
        name = self.dice.choice((human.name, None))
        order = self._below("orders", account, is_tied=not is_former, email=email, phone=caller.phone, name=name)
        for _ in range(self.dice.randint(0, 2)):
            self._document(order, human)

    def _document(self, order: Drawn, human: Human) -> None:
        # What was put below the order may be about another person of the house.
        about = human if self.dice.random() < 0.75 else self.dice.choice(self.forest.people)
        told = self.dice.choice(("name", "born", "both"))
        name = about.name if told != "born" else None
        born = about.born if told != "name" else None
        columns = self.forest.columns["documents"]
        seen = (name if "name" in columns else None, born if "born" in columns else None)
        # Where nothing that is stored tells them apart, no one could.
        can_tell = any(seen) and (seen[1] is not None or about.name != human.name)
        cannot_tell = order.cannot_tell or not (can_tell or about is human)
        file = f"doc{self._next + 1}.txt" if self.dice.random() < 0.6 else None
        of = ({about.number}, order.is_tied and about is human, cannot_tell)
        self._put("documents", *of, order_id=order.values["id"], name=name, born=born, file=file)

    def _call(self, human: Human, account: Drawn | None) -> None:
        apart = [one for one in self.forest.people if one.phone != human.phone]
        other = self.dice.choice((None, None, *apart))
        owners = {human.number, *({other.number} if other else set()), *(account.owners if account else ())}
        sharing = {
            one.number for one in self.forest.people for each in (human, other) if each and one.phone == each.phone
        }
        call = self._put(
            "calls", owners, cannot_tell=bool(sharing - owners) or bool(account and account.cannot_tell),
            src=human.phone, dst=other.phone if other else "+4930555000",
            account_id=account.values["id"] if account else None,
            file=f"call{self._next + 1}" if self.dice.random() < 0.4 else None,
        )  # fmt: skip
        for _ in range(self.dice.randint(0, 2)):
            own = f"rec{self._next + 1}"
            name = call.values["file"] if call.values["file"] and self.dice.random() < 0.2 else own
            of = (set(call.owners), False, call.cannot_tell)
            self._put("recordings", *of, call_id=call.values["id"], file=name)

    def _ticket(self, account: Drawn, human: Human) -> None:
        ticket = self._below("tickets", account)
        for _ in range(self.dice.randint(1, 3)):
            author = human if self.dice.random() < 0.6 else self.dice.choice(self.forest.people)
            sharing = {one.number for one in self.forest.people if one.email == author.email}
            of = ({author.number}, False, len(sharing) > 1 or ticket.cannot_tell)
            self._put("messages", *of, ticket_id=ticket.values["id"], author=author.email, body="text")

    def _profile(self, human: Human) -> None:
        """A profile that has a row for each of its fields, some of them perhaps another person's."""
        other = self.dice.choice((None, None, *(one for one in self.forest.people if one.email != human.email)))
        people = [human, *([other] if other else [])]
        cannot_tell = any(map(self._may_be, people))
        of = ({one.number for one in people}, other is None and self._is_alone(human), cannot_tell)
        profile = self._put("profiles", *of, remark="remark")
        for one, at in zip(people, ("billing", "shipping"), strict=False):
            said = {f"{at}_email": one.email, f"{at}_name": one.name, f"{at}_street": "street"}
            for named, held in said.items():
                if not named.endswith("_name") or self.dice.random() < 0.7:
                    self._field(profile, one, named, held, is_alone=other is None)

            told = {"profile_id": profile.values["id"], "card": one.customer}
            self._put("purchases", {one.number}, cannot_tell=self._may_be(one), **told)

    def _field(self, profile: Drawn, human: Human, named: str, held: str, *, is_alone: bool) -> None:
        is_email = named.endswith("_email")
        is_tied = self._is_alone(human) and (is_email or is_alone)
        # What names no one, in a profile of two people, may be either's.
        cannot_tell = self._may_be(human) or not (is_alone or is_email or named.endswith("_name"))
        of = ({human.number}, is_tied, cannot_tell)
        field = self._put("fields", *of, profile_id=profile.values["id"], named=named, held=held)
        if self.dice.random() < 0.4:
            file = f"scrap{self._next + 1}" if self.dice.random() < 0.7 else None
            self._put("scraps", *of, field_id=field.values["id"], file=file)

    def _is_alone(self, human: Human) -> bool:
        """Whether a person is the subject, and no one else has their address."""
        return human.number == SUBJECT and sum(one.email == human.email for one in self.forest.people) == 1

    def _may_be(self, human: Human) -> bool:
        """Whether a person's address or name may be taken for the subject's, since it is the same."""
        asked = self.forest.asked
        return human is not asked and (human.email == asked.email or human.name == asked.name)

    def _erased_before(self) -> None:
        self._next += 1
        key = self._next
        blanked = {"email": "", "number": f"erased-{key}", "phone": "", "name": "", "born": None}
        columns = self.forest.columns["accounts"]
        values = {"id": key, "mark": f"mk-{key:04d}"} | {name: blanked[name] for name in columns}
        self.forest.rows.append(Drawn("accounts", values, frozenset()))
        owner = self.forest.asked
        alone = not any(one.email == owner.email for one in self.forest.people if one is not owner)
        said: dict[str, Any] = {"email": owner.email, "phone": owner.phone, "name": owner.name}
        self._put("orders", {owner.number}, alone, account_id=key, **said)
