"""What the stack wrote anywhere: nothing of the two people is in it in clear, neither of their tickets."""

from __future__ import annotations

import shutil

import pytest

from tests.support.canary import Scanner

WORDS = 24
"""Letters of a text that are looked for: long enough to stand in no one else's, short enough to survive cutting."""

EXAMPLES = {"C-10001"}
"""What the request form gives as an example, which by chance is a person's number in the sandbox."""


@pytest.fixture(scope="module")
def scanner(stack):
    world, canaries = stack.center.world, {}
    for label, person in (("reader", stack.center.access_subject), ("eraser", stack.center.erasure_subject)):
        accounts = world.accounts_of(person)
        values = {
            person.name,
            *person.emails,
            *(account.email for account in accounts),
            *person.customer_ids,
        } - EXAMPLES
        values |= {number.removeprefix("+49") for number in (*person.phones, *(account.phone for account in accounts))}
        values |= {account.id for account in accounts}
        canaries |= {f"{label} identifier {number}": value for number, value in enumerate(sorted(values))}
        written = {
            comment.body.strip()[:WORDS]
            for ticket in world.tickets_of(person)
            for comment in ticket.comments
            if comment.author_id == person.user_id
        }
        canaries |= {
            f"{label} text {number}": text for number, text in enumerate(sorted(written)) if len(text) == WORDS
        }
    assert sum(" text " in label for label in canaries) > 5
    return Scanner(canaries)


@pytest.fixture(scope="module")
def written(stack, answered, tmp_path_factory):
    """A copy of all that lies beside the sandbox: Prefect's folder, the logs, the case store, working copies.

    SQLite is looked at while the server runs; PostgreSQL, whose files come and go, when it is stopped.
    """
    if (stack.home.state / "prefect" / "postgres").exists():
        stack.up.stop()
    folder = tmp_path_factory.mktemp("written")
    shutil.copytree(stack.home.state, folder / "state", ignore=shutil.ignore_patterns("up.lock"))
    for name in ("up.out", "up.err", "rightsflow.toml"):
        shutil.copy(stack.home.folder / name, folder)
    return folder


def test_nothing_is_there_in_clear(written, scanner):
    assert {path.name for path in (written / "state").iterdir()} >= {"prefect", "logs", "cases.db", "work"}
    assert not scanner.scan_folder(written)
    databases = [path for path in (written / "state").rglob("*.db") if path.name in {"prefect.db", "cases.db"}]
    assert len(databases) == (1 if (written / "state" / "prefect" / "postgres").exists() else 2)
    for database in databases:
        assert not scanner.scan_database(database)


def test_a_planted_value_would_have_been_found(written, scanner, stack):
    planted = written / "state" / "logs" / "planted.log"
    planted.write_text(f"cannot find {stack.center.erasure_subject.email}\n")
    assert {hit.place for hit in scanner.scan_folder(planted.parent)} == {"planted.log"}
    planted.unlink()


def test_the_servers_and_the_workers_files_are_for_this_user_only(stack, answered):
    folders = (stack.home.state / "prefect", stack.home.state / "logs", stack.home.state / "work")
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 4
    assert not [path.name for path in files if path.stat().st_mode & 0o077]
