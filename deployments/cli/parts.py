"""The parts of commands that start processes or run for ever; callers may inject others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import typer

from deployments.internals import why_not
from deployments.local.up_plan import UpPlan, become_supervisor
from deployments.runs.keeper import Keeper


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandParts:
    """The makers of these parts.

    Args:
        hold_up: Holds up what ``up`` was told to.
        keeper: Makes what ``keep`` runs.
        why_not: Says why the installed Prefect does not suit our worker; empty where it does.
    """

    hold_up: Callable[[UpPlan], object] = become_supervisor
    keeper: Callable[..., Keeper] = Keeper
    why_not: Callable[[], str] = why_not


def parts_of(context: typer.Context) -> CommandParts:
    """The parts that a command was given, or those that serve people.

    Args:
        context: The command's.
    """
    return context.find_object(CommandParts) or CommandParts()
