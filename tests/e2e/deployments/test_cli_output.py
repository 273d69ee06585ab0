"""What commands print is text: square brackets from sentences, the configuration and people are never markup."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.table import Table

import deployments
from deployments.cli.output import console, notes
from tests.support.identity import as_options

ODD = "[seals] [systems.helpdesk] [bold]x[/bold] [/] [link=u]y :smile:"
SOURCES = sorted(Path(deployments.__file__).parent.rglob("*.py"))


@pytest.mark.parametrize("screen", [console, notes], ids=["stdout", "stderr"])
def test_brackets_are_printed_as_they_are(screen):
    """Before, "[seals]" was taken for a style and left out, and "[/]" ended the command."""
    table = Table(ODD, title=ODD)
    table.add_row(ODD)
    with screen.capture() as capture:
        screen.print(ODD, soft_wrap=True)
        screen.print(table, width=200)
        screen.rule(ODD)
    assert capture.get().count(ODD) == 5


MARKUP = re.compile(r"rich\.markup|\bmarkup=(?!False\b)|\bfrom_markup\b|rich\.console")


def test_no_line_turns_markup_on():
    """A line that has a style says so with `style` or Text; there is one console, and nothing to escape."""
    found = {(path.name, one) for path in SOURCES for one in MARKUP.findall(path.read_text(encoding="utf-8"))}
    assert found == {("output.py", "rich.console")}


@pytest.mark.apart
def test_sentences_that_name_a_section_are_whole(home):
    assert home.run("ledger", "seal").status == 0
    said = home.run("ledger", "verify")
    assert "name places in [seals] in rightsflow.toml" in said.out
    assert "[seals]" in " ".join(home.run("doctor").out.split())
    assert "add them to [people] in rightsflow.toml" in home.run("board", "--owner", "unknown").err


def test_names_from_the_configuration_are_whole(home):
    text = home.config.read_text()
    name = next(line for line in text.splitlines() if line.startswith("name"))
    home.config.write_text(text.replace(name, 'name = "Shop [systems.helpdesk] [/]"', 1))
    assert "controller Shop [systems.helpdesk] [/]." in " ".join(home.run("doctor").out.split())


@pytest.mark.apart
def test_what_people_wrote_is_whole(home):
    case = home.open(name="Anna [bold] Quillfeather [/]")
    assert (
        home.run("identity", case, *as_options(done="call [systems.helpdesk] [/x]"), "--by", "Ida [seals]").status == 0
    )
    shown = home.run("show", case, "--reveal", "--by", "Ida [seals]", "--reason", "a look [/y]")
    assert (shown.status, shown.err) == (0, "")
    for part in ("Anna [bold] Quillfeather [/]", "[systems.helpdesk] [/x]"):
        assert part in shown.out
    again = home.run("show", case, "--reveal", "--by", "Ida [seals]", "--reason", "once more")
    assert "a look [/y]" in again.out
