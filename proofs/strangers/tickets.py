"""Redmine: what is planted in it, whose its rows are, and what its operator lets be corrected, marked, blanked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from proofs.strangers import operator, tables
from proofs.strangers.announced import Change, Record, System
from proofs.strangers.cases import Office
from proofs.strangers.people import Neighbour, Person, Population, spaced
from proofs.strangers.planted import Held, Marks, Row, Rule, Snapshot, of_database, of_folder
from rightsflow.domain.vocabulary.rights import Right
from tests.support.peers.postgres import PostgresDatabase
from tests.support.peers.redmine import Redmine

NAME = "tickets"
AGENTS = ("agent0", "agent1")
_OWN_BOOKKEEPING = ("schema_migrations", "ar_internal_metadata", "settings")
_PEOPLE_WITH_ISSUES = (
    Neighbour.LONGER, Neighbour.SHORTER, Neighbour.NAMESAKE, Neighbour.SUCCESSOR, Neighbour.NUMBERED, Neighbour.CALLER,
    Neighbour.TAGGED,
)  # fmt: skip


def key(number: int) -> str:
    return f"p{number}"


def plan(population: Population, marks: Marks) -> dict[str, object]:
    streets = [_Street(population, subject, marks) for subject in population.subjects]
    # The subjects' come first, so that their numbers are those of wiki pages and of people too.
    issues = [street.own() for street in streets]
    issues += [street.of_family() for street in streets]
    issues += [street.of_twin() for street in streets]
    issues += [one for street in streets for one in street.of_neighbours()]
    pages = [_page(number, marks) for number in range(3 * len(streets))]
    return {"people": [*map(_person, population.people), *map(_agent, AGENTS)], "pages": pages, "issues": issues}


class _Street:
    """The issues of one neighbourhood."""

    def __init__(self, population: Population, subject: Person, marks: Marks) -> None:
        self._population, self._subject, self._marks = population, subject, marks

    def own(self) -> dict[str, object]:
        me, family, twin = self._subject, self._beside(Neighbour.FAMILY), self._beside(Neighbour.TWIN)
        files = [self._file(me, "own file"), self._twins("first")]
        notes = [
            self._staff_note("answer", "2026-03-03", private=False),
            self._staff_note("internal", "2026-03-03", private=True),
            self._note(family, "in the subject's", "2026-03-04", self._file(family, "in the subject's")),
            self._note(me, "own", "2026-04-05", self._twins("second"), done=30),
            self._note(twin, "in the subject's", "2026-04-06", self._file(twin, "in the subject's")),
        ]
        return self._issue(me, "2026-03-02", files=files, watchers=[key(family.number)], notes=notes)

    def of_family(self) -> dict[str, object]:
        me, family = self._subject, self._beside(Neighbour.FAMILY)
        note = self._note(me, "in the family's", "2026-04-08", self._file(me, "in the family's"))
        return self._issue(family, "2026-04-07", watchers=[key(me.number)], notes=[note])

    def of_twin(self) -> dict[str, object]:
        twin = self._beside(Neighbour.TWIN)
        later = self._note(twin, "own", "2026-05-09", self._twins("first"))
        return self._issue(twin, "2026-02-10", files=[self._twins("second")], notes=[later])

    def of_neighbours(self) -> list[dict[str, object]]:
        return [self._issue(self._beside(role), "2026-06-11") for role in _PEOPLE_WITH_ISSUES]

    def _beside(self, role: Neighbour) -> Person:
        return self._population.beside(self._subject, role)

    def _issue(self, author: Person, day: str, **more: object) -> dict[str, object]:
        title, text = (self._own(author, f"{part} of the issue own") for part in ("subject", "text"))
        said = {"subject": f"Kettle {title}", "text": f"My kettle leaks, {text}.", "callback": _written(author)}
        none: dict[str, object] = {"files": [], "watchers": [], "notes": []}
        return {"author": key(author.number), "at": f"{day}T10:00:00Z", **said, **none, **more}

    def _note(
        self, author: Person, what: str, day: str, file: dict[str, str], *, done: int | None = None
    ) -> dict[str, object]:
        text = f"It happened to me, {self._own(author, f'note {what} in street {self._subject.street}')}."
        said = {"author": key(author.number), "at": f"{day}T11:00:00Z", "text": text}
        return {**said, "private": False, "files": [file], "done": done}

    def _staff_note(self, what: str, day: str, *, private: bool) -> dict[str, object]:
        mark = self._marks.of_staff(NAME, what, self._subject.number, is_seen=not private)
        said = {"author": AGENTS[private], "at": f"{day}T12:00:00Z", "text": f"We looked into it, {mark}."}
        return {**said, "private": private, "files": [], "done": None}

    def _file(self, author: Person, what: str) -> dict[str, str]:
        mark, name = (self._own(author, f"{part} {what}") for part in ("file", "name of the file"))
        return {"name": f"{name}.txt", "content": f"A picture of {mark}."}

    def _own(self, person: Person, what: str) -> str:
        return self._marks.own(NAME, person.number, what)

    def _twins(self, what: str) -> dict[str, str]:
        """Attach one file to tickets of subject and twin; its content is planted once.

        It lies there once for both, so it is given to neither: a file is a person's if no one else points at it.
        """
        me, twin = self._subject.number, self._beside(Neighbour.TWIN).number
        name = f"{me} and {twin}: the same file, {what}"
        known = next((one for one in self._marks.by_word.values() if one.what == name), None)
        mark = known.word if known else self._marks.plant(NAME, name, [me, twin], given=(), may_see=(me, twin))
        return {"name": f"same-{what}.txt", "content": f"The same picture of {mark}."}


def _written(person: Person) -> str:
    return spaced(person.phones[0]) if person.phones[0].startswith("+49") else person.phones[0]


def _person(person: Person) -> dict[str, object]:
    named = dict.fromkeys(("key", "login"), key(person.number)) | {"first": person.first, "last": person.last}
    return {**named, "emails": list(person.emails), "phone": _written(person), "customer": person.customer}


def _agent(name: str) -> dict[str, object]:
    email = f"{name}@care.example.com"
    return {"key": name, "login": name, "first": "Agnes", "last": name, "emails": [email], "phone": "", "customer": ""}


def _page(number: int, marks: Marks) -> dict[str, object]:
    text, file = marks.plant(NAME, f"wiki page {number}", []), marks.plant(NAME, f"file of wiki page {number}", [])
    files = [{"name": f"internal-{number}.txt", "content": f"Internal: {file}."}]
    return {"title": f"Page{number}", "text": f"Internal: {text}.", "author": AGENTS[0], "files": files}


def held(database: PostgresDatabase, files: Path, users: Mapping[str, int], marks: Marks) -> Held:
    """Whose its rows are."""
    people = {str(number): frozenset({int(login[1:])}) for login, number in users.items() if login not in AGENTS}

    def by(column: str) -> Rule:
        return Rule(lambda row: people.get(row[column], frozenset()))

    def snapshot() -> Snapshot:
        rows = of_database(database, _OWN_BOOKKEEPING)
        journals = {row["id"]: row["user_id"] for place, row in rows.items() if place.startswith("journals/")}
        issues = {row["id"]: row["author_id"] for place, row in rows.items() if place.startswith("issues/")}
        for place, row in rows.items():
            # Where the author stands in another table, what is read says so: that row may be gone later.
            if place.startswith("journal_details/"):
                row["?author"] = journals.get(row["journal_id"], row.get("?author", ""))
            elif place.startswith("custom_values/"):
                is_user = row["customized_type"] == "Principal"
                row["?author"] = row["customized_id"] if is_user else issues.get(row["customized_id"], "")
        return rows | of_folder(files)

    rules = {
        "users": Rule(lambda row: people.get(row["id"], frozenset()), frozenset({"firstname", "lastname", "login"})),
        "email_addresses": by("user_id"),
        "user_preferences": by("user_id"),
        "custom_values": by("?author"),
        "issues": Rule(lambda row: people.get(row["author_id"], frozenset()), frozenset({"subject", "description"})),
        "journals": by("user_id"),
        "journal_details": by("?author"),
        "attachments": by("author_id"),
        "watchers": by("user_id"),
        "files": Rule(marks.owners_of),
    }
    return Held(NAME, rules, snapshot)


_CLASS = 'document_class = "none"\n'
_VOUCHER = 'document_class = "voucher"\n'
_MORE: Mapping[str, tuple[str, str]] = {
    "rightsflow_people": (_CLASS, 'rectify    = { "first name" = "firstname" }\n'),
    "email_addresses": (_CLASS, 'rectify    = { email = "address" }\n'),
    "custom_values": (
        _CLASS,
        'rectify.phone = { column = "value", where = { customized_type = "Principal", custom_field_id = 1 } }\n',
    ),
    "issues": (
        _VOUCHER,
        'version    = "lock_version"\nrestriction = { column = "is_private" }\nfields     = { note = "description" }\n',
    ),
    "journals": (_VOUCHER, 'restriction = { column = "private_notes" }\nfields     = { note = "notes" }\n'),
}
"""By table: its class of document, and what the operator writes besides."""
_PART = '{ column = "customized_id", table = "issues", to = "id", where = { customized_type = "Issue" } }'
_VERSIONS = frozenset(map(str, range(100)))


def configured() -> str:
    text = tables.TICKETS.replace(_PART, f"{_PART[:-2]}, raises_version = true }}")
    for table, (of_class, more) in _MORE.items():
        line = f'name       = "{table}"\n'
        text = text.replace(_CLASS + line, of_class + line + more)
    return text


def system_of(redmine: Redmine, users: Mapping[str, int], marks: Marks) -> System:
    planted = held(redmine.database, redmine.files, users, marks)

    def owners(place: str, row: Row) -> frozenset[int]:
        rule = planted.rule_of(place)
        return rule.owners(row) if rule else frozenset()

    return System(planted.name, planted.snapshot, owners, _record)


def section(redmine: Redmine, folder: Path) -> str:
    view = tables.PEOPLE_VIEW
    return operator.sql_section(NAME, configured(), redmine.database, folder, redmine.files, view)


def rectify(office: Office, person: Person) -> tuple[str, Change]:
    new = {"phone": f"+496990019{person.number:03}", "first name": "Zoe", "email": f"zoe{person.number}@example.net"}
    old = {"phone": spaced(person.phones[0]), "first name": person.first, "email": person.emails[1]}
    asked = "\n".join(f"{name} | {old[name]} | {value}" for name, value in new.items())
    case_id = office.answer(Right.RECTIFICATION, person, corrections=asked)
    columns = {"value": "phone", "firstname": "first name", "address": "email"}
    may_be = {column: frozenset({new[name]}) for column, name in columns.items()}
    return case_id, Change({"rectified"}, may_be, "rectified")


def restrict(office: Office, person: Person) -> tuple[str, Change]:
    case_id = office.answer(Right.RESTRICTION, person, ground="accuracy")
    marked = dict.fromkeys(("is_private", "private_notes"), frozenset({"true"}))
    return case_id, Change({"restricted"}, marked | {"lock_version": _VERSIONS}, "restricted")


def _record(place: str, row: Row) -> Record | None:
    table, _, key = place.partition("/")
    if table == "files":
        return "file", key
    if table == "users":
        return "account", f"[{row['id']}]"
    return (table, f"[{row['id']}]") if "id" in row else None
