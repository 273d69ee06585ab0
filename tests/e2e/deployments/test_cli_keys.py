"""``keys show`` and ``keys rotate``: by key files and variables, killed and gone on with, no key on the screen."""

from __future__ import annotations

import base64
import json
import os
import sqlite3
from contextlib import closing

import pytest

from deployments.cli.commands import keys
from rightsflow import app as composition
from rightsflow.domain.errors import Misconfigured
from rightsflow.store import rotation
from rightsflow.vault import load_master_key
from tests.support.homes import ANNA, assert_one_sentence, forget

BY = ("--by", "Kim Keys")


def secrets_of(home):
    """The keys in the home's files, as they stand in them."""
    return [path.read_text().strip() for path in sorted(home.state.glob("master.key*"))]


def print_of(home):
    return load_master_key(f"file:{home.state / 'master.key'}").fingerprint


def rotations(home):
    with closing(sqlite3.connect(home.state / "cases.db")) as database:
        bodies = database.execute("SELECT body FROM ledger WHERE chain = 'LEDGER' ORDER BY number").fetchall()
    entries = [json.loads(body) for (body,) in bodies]
    return [(one["actor"], one["details"]) for one in entries if one["event"] == "MasterKeyRotated"]


def killed(home, monkeypatch, name):
    """A rotation that falls over at one of its parts, and undoes nothing of what it did before."""

    def fall_over(*_arguments, **_options):
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(keys if hasattr(keys, name) else rotation, name, fall_over)
        assert "ZeroDivisionError" in home.run("keys", "rotate", *BY).err


@pytest.mark.apart
def test_rotate_changes_the_key_file_and_everything_opens_as_before(home):
    case = home.open(phone=ANNA["phone"])
    old, before = secrets_of(home), print_of(home)
    said = home.run("keys", "rotate", *BY)
    assert (said.status, said.err) == (0, "")
    assert f"changed from {before} to {print_of(home)}: 1 cases" in said.out
    assert "MASTER_KEY_BEFORE" not in said.out
    (new,) = secrets_of(home)
    assert new != old[0]
    assert (home.state / "master.key").stat().st_mode & 0o777 == 0o600
    assert home.run("show", case, "--reveal", "--reason", "test", *BY, "--json").status == 0
    assert_one_sentence(again := home.run("open", "--right", "access", "--email", ANNA["email"]), 2)
    assert case in again.err, "the repeated request is found by what was hashed under the old key"
    assert rotations(home) == [("Kim Keys", {"from": before, "to": print_of(home), "cases": 1})]
    assert home.run("doctor", "--json").document["case store"]["ok"]


def test_rotate_and_show_as_json(home):
    home.open()
    before = print_of(home)
    document = home.run("keys", "rotate", "--json").document
    assert document == {
        "from": before,
        "to": print_of(home),
        "cases": 1,
        "rewrapped_now": 1,
        "unset_variable_before": False,
    }
    shown = home.run("keys", "show", "--json").document
    assert (shown["master_key"], shown["before"], shown["cases"]) == (print_of(home), [], {print_of(home): 1})
    assert [(one["name"], one["wrapped_by"], one["age_days"]) for one in shown["keys"]] == [
        ("index", print_of(home), 0),
        ("intake", print_of(home), 0),
    ]


@pytest.mark.apart
def test_neither_command_prints_a_key(home):
    home.open()
    known, said = secrets_of(home), []
    for command in (("show",), ("show", "--json"), ("rotate",), ("rotate", "--json")):
        one = home.run("keys", *command)
        known += secrets_of(home)
        said.append(one.out + one.err)
    for secret in known:
        for form in (secret, base64.b64decode(secret).hex(), str(base64.b64decode(secret))):
            assert not [text for text in said if form in text]


def test_show_of_a_store_without_cases(home):
    said = home.run("keys", "show")
    assert (said.status, said.err) == (0, "")
    assert f"Master key {print_of(home)}; it wraps 0 cases." in said.out
    assert "no keys yet" in said.out


@pytest.mark.apart
@pytest.mark.parametrize(
    "part",
    [
        *(pytest.param(one, marks=pytest.mark.apart) for one in ("put_new_key", "conclude", "drop_key_before")),
        "rewrap_cases",
    ],
)
def test_a_rotation_that_was_killed_goes_on(home, monkeypatch, part):
    cases = [home.open(email=f"other-{number}@example.org") for number in range(3)]
    before = print_of(home)
    killed(home, monkeypatch, part)
    both = secrets_of(home)
    assert len(both) == (1 if part == "put_new_key" else 2)
    assert all(home.run("show", case, "--json").status == 0 for case in cases)
    if len(both) == 2:
        assert f"Key before {before};" in home.run("keys", "show").out
    assert home.run("keys", "rotate", *BY).status == 0
    (new,) = secrets_of(home)
    if len(both) == 2:
        assert new == both[0], "the same new key as before the kill"
    assert all(home.run("show", case, "--json").status == 0 for case in cases)
    assert [details["cases"] for _, details in rotations(home)] == [3]


@pytest.mark.apart
def test_by_variables(home, monkeypatch):
    case = home.open()
    (old,) = secrets_of(home)
    before = print_of(home)
    monkeypatch.setenv("KEY_2025", old)
    monkeypatch.setenv("KEY_2026", base64.b64encode(os.urandom(32)).decode())
    monkeypatch.setenv("RIGHTSFLOW_MASTER_KEY", "env:KEY_2025")
    said = home.run("keys", "rotate", *BY)
    assert_one_sentence(said, 2)
    assert "There is no new master key to change to; let RIGHTSFLOW_MASTER_KEY name the new one" in said.err
    monkeypatch.setenv("RIGHTSFLOW_MASTER_KEY", "env:KEY_2026")
    for command in (("show", case), ("keys", "show"), ("keys", "rotate"), ("init",)):
        assert_one_sentence(said := home.run(*command), 2)
        assert "restore the key that the case store was made with." in said.err
    monkeypatch.setenv("RIGHTSFLOW_MASTER_KEY_BEFORE", "env:KEY_2025")
    assert home.run("show", case).status == 0
    assert home.run("init").status == 0
    said = home.run("keys", "rotate", *BY)
    assert (said.status, said.err) == (0, "")
    assert "Nothing needs the old key any more; unset RIGHTSFLOW_MASTER_KEY_BEFORE." in said.out
    assert home.run("keys", "rotate", "--json").document["unset_variable_before"] is True
    monkeypatch.delenv("RIGHTSFLOW_MASTER_KEY_BEFORE")
    assert home.run("show", case).status == 0
    (noted,) = rotations(home)
    assert noted[1]["from"] == before
    assert secrets_of(home) == [old], "a file that no variable names stays as it is"


def test_a_variable_before_that_is_no_reference(home, monkeypatch):
    monkeypatch.setenv("RIGHTSFLOW_MASTER_KEY_BEFORE", base64.b64encode(b"z" * 32).decode())
    assert_one_sentence(said := home.run("keys", "show"), 2)
    assert said.err == "RIGHTSFLOW_MASTER_KEY_BEFORE is not a reference; give env:NAME or file:PATH.\n"


def test_a_process_that_was_running_meanwhile_is_told_to_start_again(home):
    case = home.open()
    forget()
    running = composition.current_store()
    home.run("keys", "rotate", *BY)
    with pytest.raises(Misconfigured, match="start this process again"), running.case_file(case):
        pass


def test_not_while_a_case_is_worked_on(home):
    case, before = home.open(), secrets_of(home)
    forget()
    composition.current_store().take_lease(case, "a run")
    assert_one_sentence(said := home.run("keys", "rotate", *BY), 2)
    assert f"Case {case} is being worked on" in said.err
    assert secrets_of(home) == before
    assert rotations(home) == []


WRONG = {
    "of another store": (
        {"text": base64.b64encode(b"z" * 32).decode()},
        "restore the key that the case store was made",
    ),
    "of nothing": ({}, "There is no master key at"),
    "readable by others": ({"mode": 0o644}, "Others can read the master key"),
}


@pytest.mark.parametrize("command", ["show", "rotate"])
@pytest.mark.parametrize(("key", "sentence"), WRONG.values(), ids=WRONG)
def test_a_wrong_key_is_one_sentence_and_changes_nothing(prepared, command, key, sentence):
    home, _ = prepared
    rows = home.rows()
    with home.changed(home.state / "master.key", **key):
        assert_one_sentence(said := home.run("keys", command), 2)
    assert sentence in said.err
    assert home.rows() == rows
    assert len(secrets_of(home)) == 1


def test_a_folder_in_which_others_can_replace_the_key(prepared):
    home, _ = prepared
    home.state.chmod(0o777)
    try:
        assert_one_sentence(said := home.run("board"), 2)
    finally:
        home.state.chmod(0o700)
    assert f"run `chmod go-w {home.state}`." in said.err


def test_keys_alone_says_where_to_look(prepared):
    home, _ = prepared
    said = home.run("keys", "turn")
    assert_one_sentence(said, 2)
    assert "see `rightsflow keys --help`" in said.err
    assert home.run("keys", "--help").status == 0
