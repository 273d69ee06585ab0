"""The help of every command says all that its source says, and its first line is the table's."""

from __future__ import annotations

import re

import pytest
import typer

from deployments.cli.main import app
from deployments.cli.table import TABLE

GROUP = typer.main.get_command(app)
MOST_ON_THE_FIRST_PAGE = 26


def found(group, entries, words=()):
    """Return every command by its words, with its line in the table if it has one."""
    for name, command in group.commands.items():
        entry = entries.get(name)
        if hasattr(command, "commands"):
            yield from found(command, entry.entries, (*words, name))
        else:
            yield (*words, name), (command, entry)


COMMANDS = dict(found(GROUP, TABLE))


def words(text: str) -> str:
    """The text without what lays it out, and without the backslash that keeps a bracket from being markup."""
    return " ".join(re.sub(r"[│╭╮╰╯─]", " ", text.replace("\\[", "[")).split())


def texts(command):
    return [command.help or "", *(parameter.help for parameter in command.params if getattr(parameter, "help", ""))]


def test_help_leaves_nothing_out(empty_home, monkeypatch):
    monkeypatch.setenv("COLUMNS", "400")
    for path in COMMANDS:
        said = empty_home.run(*path, "--help")
        assert (said.status, said.err) == (0, "")
        shown = words(said.out)
        for text in texts(COMMANDS[path][0]):
            for paragraph in text.split("\n\n"):
                assert words(paragraph) in shown
        assert "\\" not in said.out


def test_the_list_says_what_the_command_says():
    for path in [path for path, (_, entry) in COMMANDS.items() if entry]:
        command, entry = COMMANDS[path]
        assert command.help.split("\n\n")[0] == entry.help


@pytest.mark.apart
def test_the_first_page_is_short_and_old_spellings_are_gone(empty_home):
    listed = [line.split()[1] for line in empty_home.run("--help").out.splitlines() if re.match("│ [a-z]", line)]
    assert set(listed) <= {*TABLE, "demo"}
    assert len(listed) <= MOST_ON_THE_FIRST_PAGE

    for old in ("record-sent", "legal-hold", "extend-period", "import", "brake", "tasks"):
        assert empty_home.run(old, "--help").status == 2

    assert re.fullmatch(r"rightsflow \d+\.\d+\.\d+\S*\n", empty_home.run("--version").out)

    assert "a role of [owners] or a key of [people]" in words(empty_home.run("case", "hand-over", "--help").out)

    for path in ("letter mark-sent", "letter ask", "case clarify"):
        assert "under the UK GDPR only" in words(empty_home.run(*path.split(), "--help").out)


def test_a_group_is_one_plain_sentence_and_lists_its_commands(empty_home):
    for group in [name for name, entry in TABLE.items() if hasattr(entry, "entries")]:
        said = words(empty_home.run(group, "--help").out)
        assert TABLE[group].help in said
        assert re.fullmatch(r"[A-Z][^.]*(?:Art\. \d[^.]*)?\.", TABLE[group].help)
        for name, entry in TABLE[group].entries.items():
            assert f" {name} " in said
            assert words(entry.help)[:20] in said
