"""The entry of the command line, and how faults end it: 2 for bad input, 1 for a failure, one sentence each."""

from __future__ import annotations

import logging
import os
import sys

import typer

from deployments.cli import cases, dates, decisions, running, setup
from deployments.cli.output import notes
from deployments.cli.usage import USAGE_ERROR, usage_sentence
from rightsflow.errors import BadInput, Conflict, RightsflowError
from tasks.attempt import without_content

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
    # Whatever is written from here on, by child processes too, is for this user's eyes only.
    os.umask(0o077)
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
        ended = app(arguments or ["--help"], prog_name="rightsflow", standalone_mode=False)
    except USAGE_ERROR as error:
        return _fault(usage_sentence(error), 2)
    except (BadInput, Conflict) as error:
        return _fault(str(error), 2)
    except RightsflowError as error:
        return _fault(str(error), 1)
    except (typer.Abort, KeyboardInterrupt):
        return _fault("Stopped.", 130)
    except BrokenPipeError:
        return 1
    except Exception as error:  # noqa: BLE001 - a traceback may quote what must not reach a terminal's log
        return _fault(str(without_content(error, "The command")), 1)
    return int(ended or 0)


def _fault(sentence: str, status: int) -> int:
    notes.print(sentence, style="bold red", highlight=False, markup=False, soft_wrap=True)
    return status
