"""Makes a Trac and fills it by its own Python API: accounts, tickets, changes, further fields, attachments."""

import io
import json
import sys
from datetime import datetime, timedelta
from pathlib import Path

from trac.attachment import Attachment
from trac.env import Environment
from trac.ticket.model import Ticket
from trac.util.datefmt import utc

BEGINNING = datetime(2026, 5, 4, 10, tzinfo=utc)


def main(given_at, answer_at):
    """Fill it."""
    given = json.loads(Path(given_at).read_text(encoding="utf-8"))
    options = [
        ("trac", "database", given["database"]),
        ("ticket-custom", "phone", "text"),
        ("ticket-custom", "born", "text"),
    ]
    environment = Environment(given["folder"], create=True, options=options)
    people = given["people"]
    with environment.db_transaction as write:
        for person in people:
            for name, value in (("email", person["emails"][0]), ("name", person["name"])):
                write("INSERT INTO session_attribute VALUES (%s, 1, %s, %s)", (person["login"], name, value))
            write("INSERT INTO session VALUES (%s, 1, 0)", (person["login"],))
    numbers = [_ticket(environment, one, people, number) for number, one in enumerate(given["tickets"])]
    Path(answer_at).write_text(json.dumps(numbers), encoding="utf-8")


def _writer(people, number, is_signed_in):
    """Return the writer: typed name and address of one who is not signed in; none after an erasure."""
    if number is None:
        return ""
    if isinstance(number, str):
        return number
    person = people[number]
    return person["login"] if is_signed_in else f"{person['name']} <{person['emails'][0]}>"


def _ticket(environment, one, people, number):
    when, is_signed_in = BEGINNING + timedelta(minutes=number), number % 2 == 0
    ticket = Ticket(environment)
    ticket["reporter"] = _writer(people, one["author"], is_signed_in) or one["email"]
    ticket["cc"] = ", ".join(people[copied]["emails"][0] for copied in one["cc"])
    ticket["summary"], ticket["description"] = one["subject"], one["text"]
    ticket["phone"], ticket["born"] = one["phone"], one["born"]
    ticket["status"] = "closed"
    ticket.insert(when=when)
    for place, message in enumerate(one["messages"], 1):
        author = _writer(people, message["author"], is_signed_in) or one["email"]
        at = when + timedelta(seconds=place)
        ticket["keywords"] = f"step{place}"
        ticket.save_changes(author, message["text"], when=at)
        if "file" in message:
            file, content = Attachment(environment, "ticket", ticket.id), message["file"]["content"].encode()
            file.author = author
            file.insert(f"{place}-{message['file']['name']}", io.BytesIO(content), len(content), t=at)
    return ticket.id


main(*sys.argv[1:])
