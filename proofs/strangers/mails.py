"""django-helpdesk and Kamailio: what is planted in them, whose their rows are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from proofs.strangers.people import OWN_NUMBER, Neighbour, Person, Population, bare, national, spaced
from proofs.strangers.planted import Held, Marks, Rule, Snapshot, of_database, of_folder
from tests.support.peers.helpdesk import Helpdesk
from tests.support.peers.kamailio import Call
from tests.support.peers.postgres import PostgresDatabase

NAME = "helpdesk"
OWN_ADDRESS = "care@care.example.com"
AGENTS = ("agnes", "arno")
_OWN_BOOKKEEPING = ("django_migrations", "django_session", "auth_user")
_SENDER = re.compile(r"\S+@\S+")
_PEOPLE_WITH_TICKETS = (
    Neighbour.LONGER, Neighbour.SHORTER, Neighbour.NAMESAKE, Neighbour.TWIN, Neighbour.CALLER, Neighbour.TAGGED,
)  # fmt: skip


def plan(population: Population, marks: Marks) -> dict[str, object]:
    tickets = []
    for subject in population.subjects:
        street = _Street(population, subject, marks)
        tickets += [street.own(), street.of_family(), *street.of_neighbours()]
    return {"own": OWN_ADDRESS, "agents": list(AGENTS), "tickets": tickets}


class _Street:
    """The tickets of one neighbourhood."""

    def __init__(self, population: Population, subject: Person, marks: Marks) -> None:
        self._population, self._subject, self._marks = population, subject, marks

    def own(self) -> dict[str, object]:
        me, family = self._subject, self._population.beside(self._subject, Neighbour.FAMILY)
        mail = self._mail(me, "own", more=f" Please write to {family.emails[0]} too.", copies=[family.emails[0]])
        steps = [
            self._answer("answer", public=True),
            {"mail": self._mail(family, "in the subject's")},
            self._answer("internal", public=False),
            {"mail": self._mail(me, "second", sender=me.emails[-1])},
        ]
        return {"mail": mail, "phone": spaced(me.phones[-1]), "steps": steps}

    def of_family(self) -> dict[str, object]:
        me, family = self._subject, self._population.beside(self._subject, Neighbour.FAMILY)
        mail = self._mail(family, "own", copies=[me.emails[0]])
        steps = [{"mail": self._mail(me, "in the family's")}, {"mail": self._mail(family, "second")}]
        return {"mail": mail, "phone": "", "steps": steps}

    def of_neighbours(self) -> list[dict[str, object]]:
        people = [self._population.beside(self._subject, role) for role in _PEOPLE_WITH_TICKETS]
        return [{"mail": self._mail(one, "own"), "phone": "", "steps": []} for one in people]

    def _mail(
        self, person: Person, what: str, *, more: str = "", copies: list[str] | None = None, sender: str = ""
    ) -> dict[str, object]:
        place = f"of the mail {what} in street {self._subject.street}"
        # An answer gets the title of its ticket.
        parts = ("text", "file", "name", *(["title"] if what == "own" else []))
        text, file, name, *title = (self._marks.own(NAME, person.number, f"{part} {place}") for part in parts)
        return {
            "id": f"{person.number}.{what.replace(' ', '.')}.{self._subject.street}".replace("'", ""),
            "sender": f"{person.name} <{sender or person.emails[0]}>",
            "copies": copies or [],
            "subject": f"Kettle {''.join(title)}",
            "text": f"My kettle leaks, {text}.{more}",
            "files": [{"name": f"{name}.pdf", "content": f"A picture of {file}."}],
        }

    def _answer(self, what: str, *, public: bool) -> dict[str, object]:
        mark = self._marks.of_staff(NAME, what, self._subject.number, is_seen=public)
        return {"agent": AGENTS[public], "text": f"We looked into it, {mark}.", "public": public}


def held(helpdesk: Helpdesk, population: Population, marks: Marks) -> Held:
    """Whose its rows are."""

    def whose(text: str) -> frozenset[int]:
        found = (population.by_email.get(one) for one in _SENDER.findall(text))
        return frozenset(one for one in found if one is not None)

    def snapshot() -> Snapshot:
        rows = of_database(helpdesk.database, _OWN_BOOKKEEPING)
        tickets = {row["id"]: row["submitter_email"] for place, row in rows.items() if _is(place, "helpdesk_ticket")}
        titles = {row["id"]: row["title"] for place, row in rows.items() if _is(place, "helpdesk_followup")}
        for place, row in rows.items():
            if _is(place, "helpdesk_followupattachment"):
                row["?author"] = titles.get(row["followup_id"], "")
            elif _is(place, "helpdesk_ticketcustomfieldvalue"):
                row["?author"] = tickets.get(row["ticket_id"], "")
        return rows | of_folder(helpdesk.files)

    def by(column: str) -> Rule:
        return Rule(lambda row: whose(row[column]))

    rules = {
        "helpdesk_ticket": Rule(
            lambda row: whose(row["submitter_email"]), frozenset({"submitter_email", "title", "description"})
        ),
        "helpdesk_followup": by("title"),
        "helpdesk_ticketcc": by("email"),
        "helpdesk_followupattachment": by("?author"),
        "helpdesk_ticketcustomfieldvalue": by("?author"),
        "files": Rule(marks.owners_of),
    }
    return Held(NAME, rules, snapshot)


def _is(place: str, table: str) -> bool:
    return place.startswith(f"{table}/")


TELEPHONE = "telephone"
_TABLES = ("acc", "missed_calls", "acc_cdrs")
_SHARED = frozenset({"src_user", "dst_ouser", "dst_user", "caller", "callee"})


def plan_calls(population: Population, marks: Marks) -> list[Call]:
    return [call for person in population.people for call in _calls_of(person, population, marks)]


def _calls_of(person: Person, population: Population, marks: Marks) -> Iterator[Call]:
    for phone in person.phones:
        # A number that two people used in turn, with no name beside it, is no one's for certain.
        certain = [] if phone in person.in_turn else [person.number]

        def mark(what: str, sure: list[int] = certain) -> str:
            return marks.plant(TELEPHONE, f"{person.number}: {what}", [person.number], given=sure, erased=sure)

        spellings = (phone, bare(phone), national(phone)) if phone.startswith("+49") else (phone, bare(phone))
        for number, spelled in enumerate(spellings):
            yield Call(spelled, OWN_NUMBER, mark(f"call {number} by {phone}"))
        yield Call(OWN_NUMBER, phone, mark(f"call to {phone}"))
        yield Call(bare(phone), OWN_NUMBER, f"busy-{mark(f'busy, {phone}')}", is_answered=False)
    if person.role is Neighbour.SUBJECT:
        other = population.beside(person, Neighbour.CALLER)
        both = [person.number, other.number]
        there, back = f"{person.number} calls {other.number}", f"{other.number} calls {person.number}"
        yield Call(bare(person.phones[-1]), other.phones[0], marks.plant(TELEPHONE, there, both))
        yield Call(national(other.phones[0]), person.phones[-1], marks.plant(TELEPHONE, back, both))


def held_calls(database: PostgresDatabase, marks: Marks) -> Held:
    rules = dict.fromkeys(_TABLES, Rule(marks.owners_of, shared=_SHARED))
    return Held(TELEPHONE, rules, lambda: of_database(database))
