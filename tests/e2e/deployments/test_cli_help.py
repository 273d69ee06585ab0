"""The help of every command says all that its source says: nothing is taken for markup."""

from __future__ import annotations

import re

import pytest
import typer

from deployments.cli.main import app

GROUP = typer.main.get_command(app)
TEXTS = {
    name: [command.help or "", *(parameter.help for parameter in command.params if getattr(parameter, "help", ""))]
    for name, command in GROUP.commands.items()
}


def words(text: str) -> str:
    """The text without what lays it out, and without the backslash that keeps a bracket from being markup."""
    return " ".join(re.sub(r"[│╭╮╰╯─]", " ", text.replace("\\[", "[")).split())


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_help_leaves_nothing_out(empty_home, monkeypatch, name):
    monkeypatch.setenv("COLUMNS", "400")
    said = empty_home.run(name, "--help")
    assert (said.status, said.err) == (0, "")
    shown = words(said.out)
    for text in TEXTS[name]:
        for paragraph in text.split("\n\n"):
            assert words(paragraph) in shown
    assert "\\" not in said.out


def test_hand_over_names_the_sections(empty_home):
    assert "a role of [owners] or a key of [people]" in words(empty_home.run("hand-over", "--help").out)


@pytest.mark.parametrize("name", ["record-sent", "ask", "record-clarified"])
def test_only_the_united_kingdom_lets_the_clock_stand_for_a_clarification(empty_home, name):
    assert "under the UK GDPR only" in words(empty_home.run(name, "--help").out)
