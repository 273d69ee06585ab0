"""Fills a Roundup by its own Python API: accounts, issues, messages and files on disk, copies."""

import json
import sys
from pathlib import Path

from roundup import instance
from roundup.password import Password


def main(given_at, answer_at):
    """Fill it."""
    given = json.loads(Path(given_at).read_text(encoding="utf-8"))
    tracker = instance.open(given["folder"])
    made = {}
    for person in given["people"]:
        database = tracker.open("admin")
        made[person["number"]] = database.user.create(
            username=person["login"],
            realname=person["name"],
            address=person["emails"][0],
            phone=person["phones"][0],
            alternate_addresses="\n".join(person["alternates"]),
            roles="User",
            password=Password("unused", scheme="plaintext"),
        )
        database.commit()
        database.close()
    logins = {person["number"]: person["login"] for person in given["people"]}
    numbers = [_issue(tracker, one, made, logins) for one in given["tickets"]]
    Path(answer_at).write_text(json.dumps(numbers), encoding="utf-8")


def _issue(tracker, one, made, logins):
    database = tracker.open(logins[one["author"]])
    first = database.msg.create(author=made[one["author"]], content=one["text"], summary=one["text"][:40])
    nosy = [made[one["author"]], *(made[copied] for copied in one["cc"])]
    issue = database.issue.create(title=one["subject"], messages=[first], nosy=nosy)
    database.commit()
    database.close()
    for message in one["messages"]:
        database = tracker.open(logins[message["author"]])
        parts = {"messages": [*database.issue.get(issue, "messages")], "files": [*database.issue.get(issue, "files")]}
        author = made[message["author"]]
        parts["messages"].append(
            database.msg.create(author=author, content=message["text"], summary=message["text"][:40])
        )
        if "file" in message:
            name, content = message["file"]["name"], message["file"]["content"]
            parts["files"].append(database.file.create(name=name, content=content, type="text/plain"))
        database.issue.set(issue, **parts)
        database.commit()
        database.close()
    return issue


main(*sys.argv[1:])
