"""The measured data: a helpdesk, a payment provider and a telephone system as three databases of one PostgreSQL.

The helpdesk knows a person by e-mail and says their customer number and phone; the payments are found by the number and
the calls by the phone, so that every search takes two rounds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from psycopg import sql

from tests.support.peers.postgres import PostgresDatabase, PostgresServer

SUBJECTS = 10_000
RICH = 1_200
"""The number of subjects with the measured shape."""
PLAIN = range(RICH, 2 * RICH)
"""The subjects without recordings, so that a policy may release their packages; the others have one of each."""
TICKETS, COMMENTS, CHARGES, CALLS = 10, 3, 5, 10
RECORDING_BYTES = 8_000
FIRST_DAY = date(2026, 1, 5)

_DDL = {
    "helpdesk": """
CREATE TABLE customers (id int PRIMARY KEY, number text, email text, phone text, name text);
CREATE TABLE tickets (id int PRIMARY KEY, customer int, opened date, subject text);
CREATE TABLE comments (id int PRIMARY KEY, ticket int, author text, body text)""",
    "payments": """
CREATE TABLE accounts (id int PRIMARY KEY, customer text, holder text);
CREATE TABLE charges (id int PRIMARY KEY, account int, charged date, cents int)""",
    "calls": "CREATE TABLE calls (id int PRIMARY KEY, caller text, started date, recording text)",
}
_INDEXES = {
    "helpdesk": """CREATE INDEX ON customers (email); CREATE INDEX ON customers (lower(email));
CREATE INDEX ON customers (phone); CREATE INDEX ON customers (number);
CREATE INDEX ON tickets (customer); CREATE INDEX ON comments (ticket); CREATE INDEX ON comments (author);
CREATE EXTENSION pg_trgm; CREATE INDEX ON comments USING gin (lower(author COLLATE "C") gin_trgm_ops);
CREATE INDEX ON customers USING gin (lower(email COLLATE "C") gin_trgm_ops); CREATE INDEX ON customers (trim(number));
CREATE INDEX ON customers USING gin (regexp_replace(phone COLLATE "C", '[^0-9]', '', 'g') gin_trgm_ops);
CREATE INDEX ON customers (phone) WHERE phone COLLATE "C" ~ '[^\\x01-\\x7f]'""",
    "payments": """CREATE INDEX ON accounts (customer); CREATE INDEX ON charges (account);
CREATE INDEX ON accounts (trim(customer))""",
    "calls": """CREATE INDEX ON calls (caller); CREATE INDEX ON calls (recording); CREATE EXTENSION pg_trgm;
CREATE INDEX ON calls USING gin (regexp_replace(caller COLLATE "C", '[^0-9]', '', 'g') gin_trgm_ops);
CREATE INDEX ON calls (caller) WHERE caller COLLATE "C" ~ '[^\\x01-\\x7f]';
CREATE INDEX ON calls (lower(split_part(trim(
    replace(replace(replace(replace(replace(recording, E'\\r', ''), E'\\n', ''), E'\\t', ''), E'\\\\', '/'), '%2F', '/')
), '/', -1) COLLATE "C"))""",
}
"""For a search by equal values, as the peer makes it, and those of ``docs/how-to/operators/large-databases.md``."""


def email(subject: int) -> str:
    return f"subject{subject:05d}@example.com"


def number(subject: int) -> str:
    return f"C-{100_000 + subject}"


def phone(subject: int) -> str:
    return f"+49301{1_000_000 + subject}"


@dataclass(frozen=True)
class Population:
    """The three databases and the folder of recordings."""

    databases: dict[str, PostgresDatabase]
    recordings: Path

    def configuration(self, folder: Path, urls: dict[str, str]) -> str:
        for name, url in urls.items():
            (folder / f"{name}.url").write_text(url)
        return _CONFIGURATION.format(folder=folder, recordings=self.recordings)

    @property
    def urls(self) -> dict[str, str]:
        return {name: database.url() for name, database in self.databases.items()}


def populate(server: PostgresServer, folder: Path, subjects: int = SUBJECTS) -> Population:
    """Make and fill the databases."""
    recordings = folder / "recordings"
    recordings.mkdir()
    databases = {}
    for name, ddl in _DDL.items():
        database = PostgresDatabase(server, name)
        with server.admin() as admin:
            admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        with server.admin(name) as admin:
            for statement in ddl.split(";"):
                admin.execute(statement)
            for table, rows in _rows(name, subjects, recordings):
                with admin.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as copy:
                    for row in rows:
                        copy.write_row(row)
            for statement in _INDEXES[name].split(";"):
                admin.execute(statement)
            admin.execute("ANALYZE")
        databases[name] = database
    return Population(databases, recordings)


Rows = Iterator[Sequence[object]]


def _rows(system: str, subjects: int, recordings: Path) -> Iterator[tuple[str, Rows]]:
    everybody = range(subjects)
    if system == "helpdesk":
        yield "customers", ((one, number(one), email(one), phone(one), f"Subject {one}") for one in everybody)
        yield "tickets", ((_id(one, k), one, _day(k), f"Ticket {k}") for one in everybody for k in _some(one, TICKETS))
        yield (
            "comments",
            (
                (_id(one, k) * COMMENTS + j, _id(one, k), email(one), f"Remark {j} on what was said in ticket {k}.")
                for one in everybody
                for k in _some(one, TICKETS)
                for j in range(COMMENTS)
            ),
        )
    elif system == "payments":
        yield "accounts", ((one, number(one), f"Subject {one}") for one in everybody)
        yield "charges", ((_id(one, k), one, _day(k), 4900 + k) for one in everybody for k in _some(one, CHARGES))
    else:
        yield (
            "calls",
            (
                (_id(one, k), phone(one), _day(k), _recording(recordings, one, k))
                for one in everybody
                for k in _some(one, CALLS)
            ),
        )


def _id(subject: int, number_of_it: int) -> int:
    return subject * 100 + number_of_it


def _some(subject: int, many: int) -> range:
    return range(many if subject < PLAIN.stop else 1)


def _day(number_of_it: int) -> date:
    return FIRST_DAY + timedelta(days=number_of_it)


def _recording(folder: Path, subject: int, number_of_it: int) -> str:
    if subject in PLAIN:
        return ""
    name = f"{_id(subject, number_of_it)}.wav"
    (folder / name).write_bytes(b"RIFF" + bytes(RECORDING_BYTES))
    return name


RELEASING = """
[[policies]]
name = "plain-records"
version = 1
right = "access"
when = "plain records"
identity = ["logged in to the account"]
every_nth_to_a_person = 0
most_records = 100
stands_for_second_person = true
[policies.fields]
"helpdesk/customer" = ["id", "number", "email", "phone", "name"]
"helpdesk/ticket" = ["id", "customer", "opened", "subject"]
"helpdesk/comment" = ["id", "ticket", "author", "body"]
"payments/account" = ["id", "customer", "holder"]
"payments/charge" = ["id", "account", "charged", "cents"]
"calls/call" = ["id", "caller", "started"]
"""
"""A policy that releases the packages of those without recordings."""

_CONFIGURATION = """
[systems.helpdesk]
connector = "sql"
url = "file:{folder}/helpdesk.url"
purposes = ["handling service requests"]
categories = ["contact data", "service tickets"]
source = "the data subject"
retention = "24 months after the ticket is closed"
recipients = "none"
transfers = "none"
backup_days = 0
[[systems.helpdesk.tables]]
document_class = "none"
name = "customers"
kind = "customer"
key = ["id"]
identities = [{{ column = "number", kind = "customer_id" }}, {{ column = "email", kind = "email" }},
  {{ column = "phone", kind = "phone", bare = false }}, {{ column = "name", kind = "name" }}]
[[systems.helpdesk.tables]]
document_class = "none"
name = "tickets"
kind = "ticket"
key = ["id"]
references = [{{ column = "customer", table = "customers", to = "id" }}]
occurred_at = "opened"
[[systems.helpdesk.tables]]
document_class = "none"
name = "comments"
kind = "comment"
key = ["id"]
references = [{{ column = "ticket", table = "tickets", to = "id" }}]
identities = [{{ column = "author", kind = "email" }}]

[systems.payments]
connector = "sql"
url = "file:{folder}/payments.url"
purposes = ["collecting payments"]
categories = ["payments"]
source = "the data subject"
retention = "8 years"
recipients = "none"
transfers = "none"
backup_days = 0
[[systems.payments.tables]]
document_class = "none"
name = "accounts"
kind = "account"
key = ["id"]
identities = [{{ column = "customer", kind = "customer_id" }}, {{ column = "holder", kind = "name" }}]
[[systems.payments.tables]]
document_class = "none"
name = "charges"
kind = "charge"
key = ["id"]
references = [{{ column = "account", table = "accounts", to = "id" }}]
occurred_at = "charged"

[systems.calls]
connector = "sql"
url = "file:{folder}/calls.url"
files = "file://{recordings}"
purposes = ["quality of service"]
categories = ["call recordings"]
source = "the data subject"
retention = "90 days"
recipients = "none"
transfers = "none"
backup_days = 0
[[systems.calls.tables]]
document_class = "none"
name = "calls"
kind = "call"
key = ["id"]
one_person = false
occurred_at = "started"
identities = [{{ column = "caller", kind = "phone", direction = "incoming", bare = false }}]
file = {{ column = "recording", document_class = "none" }}
"""
