"""Commands of other distributions: found by their entry point, and a sentence where one of ours is not installed."""

from __future__ import annotations

from importlib.metadata import EntryPoint, version

import typer
from typer.testing import CliRunner

from deployments.cli import added
from deployments.cli.lazy import Commands, LazyGroup
from deployments.cli.table import TABLE
from rightsflow.domain.errors import BadInput


class Root(LazyGroup):
    """A command line with one command of its own."""

    found = ()

    def __init__(self, **given):
        super().__init__(**given)
        self.commands = Commands({"init": TABLE["init"]}, lambda: added.added_entries(self.found))


def run(found, *arguments):
    app = typer.Typer(cls=type("With", (Root,), {"found": found}), no_args_is_help=True)
    app.callback()(lambda: None)
    return CliRunner().invoke(app, [*arguments], catch_exceptions=True)


def entry(name, value):
    return EntryPoint(name, value, added.GROUP)


def test_the_demonstration_is_there_where_the_sandbox_is_installed(empty_home):
    assert "demo " in empty_home.run("--help").out
    assert "--seed" in empty_home.run("demo", "--help").out


def test_without_the_sandbox_the_command_says_how_to_get_it_and_is_not_listed():
    for arguments in ([], ["--folder", "x", "--stay", "more"]):
        said = run([], "demo", *arguments)
        assert isinstance(said.exception, BadInput)
        assert str(said.exception) == (
            f"demo is not installed; run `pip install rightsflow-sandbox=={version('rightsflow')}`."
        )
        assert "demo" not in run([], "--help").output


def test_a_command_of_another_distribution_is_added():
    said = run([entry("versions", "platform:python_version")], "versions")
    assert said.exit_code == 0, said.output
    assert "versions" in run([entry("versions", "platform:python_version")], "--help").output


def test_one_that_cannot_be_loaded_costs_no_other_command():
    for value in ("no_such_module:command", "platform:no_such_function"):
        assert "init" in run([entry("broken", value)], "--help").output
        said = run([entry("broken", value)], "broken")
        assert isinstance(said.exception, BadInput)
        assert "does not fit this version of Rightsflow; run `pip install" in str(said.exception)
