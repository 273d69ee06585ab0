"""Arguments that no person types: bytes that are no text, control characters, and names longer than a name can be."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import typer

from deployments.cli.main import app
from tests.support.homes import assert_one_sentence


def commands(command, path=()):
    """Every command of typer's tree with the words that call it."""
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, below in command.commands.items():
        yield from commands(below, (*path, name))


COMMANDS = dict(commands(typer.main.get_command(app)))
PARAMETERS = {
    f"{' '.join(path)} {parameter.name}": (path, parameter)
    for path, command in COMMANDS.items()
    for parameter in command.params
    if not getattr(parameter, "is_flag", False)
}
ONE_OF_EACH = {(at.name, at.required, at.help): (path, at) for path, at in PARAMETERS.values()}.values()
"""One command for each parameter: what is declared alike is read alike."""
TEXT_OF_ANY_LENGTH = {"text", "how_known", "reason", "method", "doubt", "areas", "refuse", "detail"}
PATHS = {"folder", "alive", "file", "output", "journals", "key", "seals"}

NEEDED = {
    "about": "the copy lacks the calls",
    "again": "mask",
    "number": "1",
    "case": "{case}",
    "right": "access",
    "by": "Dana Decider",
    "reason": "140 hours of call recordings in three systems have to be screened for the voices of others",
    "method": "call",
    "letter": "L6",
    "to": "dpo",
    "output": "{folder}/written",
    "file": "{folder}/read",
    "journals": "{folder}/read",
    "email": "third@example.org",
    "account_id": "5",
    "person": "dana",
    "url": "env:NO_SUCH_DATABASE_URL",
    "deputy": "dpo",
    "first": "2999-01-01",
    "last": "2999-01-02",
    "until": "2999-01-02",
    "review_on": "2999-01-02",
    "name": "dana",
    "system": "crm",
    "where": "crm",
    "ground": "a claim",
    "provision": "Art. 17(3)(e)",
    "matter": "a claim",
    "owner": "dpo",
    "answer": "done",
    "amount": "12.50",
    "costs": "two hours of an officer",
    "facts": "the fourth request in two months",
    "records": "1",
    "on": "2999-01-02",
    "item": "1: accept",
    "other": "{waiting}",
    "why": "opened in error",
    "how_known": "typed twice by mistake",
}
BESIDES = {
    ("open",): ("email",),
    ("case", "find"): ("email",),
    ("people", "absence"): ("person", "deputy", "first", "last", "by"),
}
PARTNERS = {"account_system": "account_id"}
"""What is read only beside another value."""
FLAGS = {
    ("decide",): ["--approve"],
    ("hold", "evidence"): ["--open-ended"],
    ("letter", "ask"): ["--doubt", "the address is another one"],
    ("show",): ["--reveal"],
    ("service", "purge"): ["--dry-run"],
}


def written(parameter, value):
    return [parameter.opts[0], value] if parameter.param_type_name == "option" else [value]


def called(path, odd, value, names):
    """A command line that is whole but for one value."""
    words = list(path)
    for parameter in COMMANDS[path].params:
        if parameter.name == odd.name:
            words += written(parameter, value)
        elif parameter.required or parameter.name in (*BESIDES.get(path, ()), PARTNERS.get(odd.name)):
            words += written(parameter, NEEDED[parameter.name].format(**names))
    return words + [word for word in FLAGS.get(path, ()) if not {"refuse", "doubt", "areas"} & {odd.name}]


@pytest.fixture(scope="module")
def names(prepared):
    home, cases = prepared
    (home.folder / "read").write_text("")
    return {"folder": home.folder, **cases}


def test_bytes_that_are_no_text_are_refused_by_every_command(prepared, names):
    """Before, a byte such as 0xff came through as half a character and ended many commands as an unexpected failure."""
    home, _ = prepared
    for path, parameter in ONE_OF_EACH:
        said = home.run(*called(path, parameter, "M\udcffller", names))
        assert_one_sentence(said, 2)
        assert said.err.endswith(" is not text in UTF-8; write it again in UTF-8.\n"), path
        if parameter.param_type_name == "option" and parameter.opts[0].startswith("--"):
            assert said.err.startswith(f"The value of {parameter.opts[0]} "), path


def test_control_characters_are_refused(prepared):
    home, _ = prepared
    for odd, before, name in [
        ("a\0b", ["case", "find", "--by", "Dana", "--email={}"], "The value of --email"),
        ("\x1b[2J", ["show", "{case}", "--by", "{}"], "The value of --by"),
        ("a\x07", ["case", "import", "{}", "--by", "Dana"], "Argument 3"),
        ("\x9b2J", ["{}"], "Argument 1"),
    ]:
        said = home.run(*(word.replace("{}", odd) for word in before))
        assert_one_sentence(said, 2)
        assert said.err == f"{name} holds a control character; write it again without.\n"


@pytest.mark.apart
def test_a_name_of_300_characters_and_a_longer_path_are_refused_by_every_command(prepared, names):
    """Before, a long file name was an unexpected failure, and a long name of a colleague went into the ledger."""
    home, _ = prepared
    before = home.rows()
    for path, parameter in ONE_OF_EACH:
        if parameter.name not in TEXT_OF_ANY_LENGTH:
            assert_one_sentence(home.run(*called(path, parameter, "n" * 300, names)), 2)
        if parameter.name in PATHS:
            assert_one_sentence(home.run(*called(path, parameter, "n/" * 3000 + "n", names)), 2)
    assert home.rows() == before


@pytest.mark.apart
def test_a_reason_of_300_characters_in_lines_is_a_reason(prepared, names):
    """Each on a case of its own, since some of these commands end it."""
    home, _ = prepared
    for number, (path, parameter) in enumerate(one for one in ONE_OF_EACH if one[1].name in TEXT_OF_ANY_LENGTH):
        case = home.open(email=f"long-{number}@example.org")
        said = home.run(*called(path, parameter, "n: n\n" * 60, {**names, "case": case}))
        assert said.status in {0, 2}
        if said.status:
            assert_one_sentence(said, 2)
            assert "character" not in said.err


@pytest.mark.apart
def test_a_process_ends_in_one_sentence(tmp_path):
    """As the shell hands it over: the Latin-1 spelling of a name."""
    arguments = (b"case", b"find", b"--email", b"anna.quill@example.com", b"--by", b"M\xfcller")
    command = [sys.executable, "-c", "from deployments.cli.main import main; main()", *arguments]
    ended = subprocess.run(command, capture_output=True, check=False, env={**os.environ, "RIGHTSFLOW_HOME": tmp_path})
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert ended.stderr == b"The value of --by is not text in UTF-8; write it again in UTF-8.\n"


def test_a_user_without_a_name_has_to_give_one(home, monkeypatch):
    """A container may run under a number without an entry among the users; before, that was an unexpected failure."""

    def nameless():
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr("getpass.getuser", nameless)
    assert_one_sentence(said := home.run("service", "purge"), 2)
    assert said.err == "Your name is missing; give it with --by.\n"
    assert home.run("service", "purge", "--by", "Dana Decider").status == 0
