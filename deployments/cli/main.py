"""The entry of the command line, and how faults end it: 2 for bad input, 1 for a failure, one sentence each."""

from __future__ import annotations

import logging
import sys

import click
import typer

from deployments.cli import cases, dates, decisions, running, setup
from deployments.cli.output import notes
from rightsflow.errors import BadInput, Conflict, RightsflowError

app = typer.Typer(
    name="rightsflow",
    help="Fulfils data subjects' access and erasure requests in customer care.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for module in (setup, running, cases, decisions, dates):
    module.register(app)


def main() -> None:
    """Run the command line and end the process with its exit status."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command.

    Args:
        arguments: What stands behind ``rightsflow``.

    Returns:
        The exit status: 0, 1 for a failure, 2 for bad input.
    """
    try:
        ended = app(arguments, standalone_mode=False)
    except click.UsageError as error:
        return _fault(f"{error.format_message().rstrip('.')}; see `rightsflow --help`.", 2)
    except (BadInput, Conflict) as error:
        return _fault(str(error), 2)
    except RightsflowError as error:
        return _fault(str(error), 1)
    except (click.Abort, KeyboardInterrupt):
        return _fault("Stopped.", 130)
    except BrokenPipeError:
        return 1
    return int(ended or 0)


def _fault(sentence: str, status: int) -> int:
    notes.print(sentence, style="bold red", highlight=False, markup=False, soft_wrap=True)
    return status
