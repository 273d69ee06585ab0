"""The command line on a machine that is not in order: configuration, keys, databases, systems and servers."""

from __future__ import annotations

import base64
import socket
import sqlite3
from contextlib import closing

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from tests.support.homes import ANNA, BY, MAIL, OPEN, assert_one_sentence

CONFIGURATIONS = {
    "no TOML": (lambda text: text + "\nx = [", "rightsflow.toml is not valid TOML"),
    "key missing": (lambda text: text.replace("country = ", "#"), "the key controller.country is missing; add it."),
    "key unknown": (
        lambda text: text.replace("[owners]", "colour = 1\n[owners]"),
        "rightsflow.toml: the key controller.colour is not known; remove it",
    ),
    "key wrong": (
        lambda text: text.replace("Europe/Berlin", "Europe/Berlinn"),
        "the key controller.timezone is wrong: use a name of the IANA time zone database, like Europe/Berlin.",
    ),
    "section missing": (lambda text: text.replace("[owners]", "[owner]"), "the key owners is missing; add it."),
    "connector unknown": (
        lambda text: text.replace('"sql"', '"sq"'),
        "[systems.crm]: the key connector is wrong: use one of",
    ),
    "system's key missing": (
        lambda text: text.replace("\nsource ", "\n# source "),
        "rightsflow.toml [systems.crm]: the key source is missing; add it.",
    ),
    "system's key unknown": (
        lambda text: text.replace("\nsource ", '\nsauce = "x"\nsource '),
        "rightsflow.toml [systems.crm]: the key sauce is not known; remove it or use one of",
    ),
    "secret in clear": (
        lambda text: text.replace('"file:', '"postgresql://crm:likes zebra-striped kettles@db'),
        "the key url is wrong: write a secret as a reference: env:NAME, file:PATH or block:NAME.",
    ),
    "nothing": (lambda _: "", "the key controller is missing; add it."),
}


OF_ONE_SYSTEM = {"connector unknown", "system's key missing", "system's key unknown", "secret in clear"}
"""Faults in a system's section, which its connector checks: commands that work on the cases alone do without it."""


@pytest.mark.parametrize("fault", CONFIGURATIONS)
def test_a_wrong_configuration_is_named_by_its_key(prepared, fault):
    home, cases = prepared
    change, sentence = CONFIGURATIONS[fault]
    wrong = change(home.config.read_text())
    rows = home.rows()
    with home.changed(home.config, text=wrong):
        opened, listed = home.run(*OPEN, "--email", "new@example.org"), home.run("list")
        checked = home.run("doctor", "--json")
    if fault in OF_ONE_SYSTEM:
        assert (listed.status, listed.err) == (0, "")
        assert cases["case"] in listed.out
    for said in [opened] if fault in OF_ONE_SYSTEM else [opened, listed]:
        assert_one_sentence(said, 2)
        assert sentence in said.err
    assert checked.status == 1
    assert sentence in checked.document["configuration"]["detail"]
    assert "crm" not in checked.document
    assert home.rows() == rows


def other_key():
    return base64.b64encode(b"z" * 32).decode()


KEYS = {
    "of another store": ({"text": other_key()}, "restore the key that the case store was made with."),
    "of nothing": ({}, "There is no master key at"),
    "readable by the group": ({"mode": 0o640}, "Others can read the master key"),
    "readable by others": ({"mode": 0o604}, "run `chmod 600"),
    "rubbish": ({"text": "Quillfeather"}, "is not 32 bytes in base64; restore the right key."),
    "too short": ({"text": base64.b64encode(b"z" * 16).decode()}, "is not 32 bytes in base64; restore the right key."),
}


@pytest.mark.parametrize(("key", "sentence"), KEYS.values(), ids=KEYS)
def test_a_wrong_master_key_stops_everything(prepared, key, sentence):
    home, cases = prepared
    rows = home.rows()
    with home.changed(home.state / "master.key", **key):
        commands = ((*OPEN, "--email", "new@example.org"), ("show", cases["case"]), ("decide", cases["waiting"], *BY))
        said = [home.run(*command, *(["--approve"] if command[0] == "decide" else [])) for command in commands]
        checked = home.run("doctor", "--json")
    for one in said:
        assert_one_sentence(one, 2)
        assert sentence in one.err
    assert checked.status == 1
    assert sentence in checked.document["case store"]["detail"]
    assert home.rows() == rows


def test_a_missing_key_is_not_made_anew_over_a_full_case_store(prepared):
    home, cases = prepared
    with home.changed(home.state / "master.key"):
        said = home.run("init")
    assert_one_sentence(said, 2)
    assert "the case store holds cases; restore that key." in said.err
    assert home.run("show", cases["case"]).status == 0


def test_a_home_that_was_not_initialised(empty_home):
    for command in (("list",), (*OPEN, *MAIL), ("show", "DSR-2026-AAAAAA"), ("up",), ("run", "DSR-2026-AAAAAA")):
        said = empty_home.run(*command)
        assert_one_sentence(said, 2)
        assert "rightsflow init" in said.err
    assert list(empty_home.folder.iterdir()) == []
    assert empty_home.run("doctor").status == 1


def test_a_case_store_that_was_not_set_up(empty_home):
    empty_home.set_up()
    for path in empty_home.state.glob("cases.db*"):
        path.unlink()
    assert_one_sentence(said := empty_home.run("list"), 2)
    assert "The case store is not set up for this version; run `rightsflow init`." in said.err


def test_a_secret_that_is_not_there(prepared):
    home, _ = prepared
    with home.changed(home.folder / "people-url"):
        checked = home.run("doctor", "--json")
    assert checked.status == 1
    assert "people-url cannot be read (No such file or directory); create it." in checked.document["crm"]["detail"]


def test_a_database_that_is_down(prepared, monkeypatch):
    home, cases = prepared
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    monkeypatch.setenv("RIGHTSFLOW_DATABASE_URL", f"postgresql://rights:likes-zebra@127.0.0.1:{port}/cases")
    for command in (("list",), ("show", cases["case"]), (*OPEN, *MAIL), ("run", cases["case"]), ("init",)):
        said = home.run(*command)
        assert_one_sentence(said, 1)
        assert "check RIGHTSFLOW_DATABASE_URL and that the database runs." in said.err
        assert "likes-zebra" not in said.err
    checked = home.run("doctor", "--json")
    assert checked.status == 1
    assert not checked.document["case store"]["ok"]


def test_a_database_url_that_is_none(prepared, monkeypatch):
    home, _ = prepared
    for url in ("likes zebra-striped kettles", "mysql://localhost/cases"):
        monkeypatch.setenv("RIGHTSFLOW_DATABASE_URL", url)
        assert_one_sentence(said := home.run("list"), 2)
        assert said.err.startswith("RIGHTSFLOW_DATABASE_URL ")


@pytest.mark.apart
def test_a_system_and_a_server_that_are_down(prepared):
    home, _ = prepared
    case = home.open(email="third@example.org")
    with home.changed(home.people):
        checked = home.run("doctor", "--json")
    assert checked.status == 1
    assert not checked.document["crm"]["ok"]
    assert checked.err.startswith("Not in order: crm;")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/api"
    with temporary_settings({PREFECT_API_URL: url}):
        said = home.run("run", case)
    assert (said.status, said.out) == (1, "")
    assert said.err == f"The Prefect server at {url} does not answer; start it, or unset PREFECT_API_URL.\n"


def test_a_fault_that_nobody_foresaw_is_told_without_its_message(home):
    home.open()
    with closing(sqlite3.connect(home.state / "cases.db")) as database, database:
        database.execute("UPDATE cases SET state = ?", (ANNA["email"],))
    said = home.run("list")
    assert (said.status, said.out, said.err.count("\n")) == (1, "", 1)
    assert said.err.startswith("The command failed unexpectedly: ValueError in ")
    assert ANNA["email"] not in said.err
