"""The parts of commands that start processes or run for ever; callers may inject others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from deployments.local.up_plan import UpPlan, become_supervisor

if TYPE_CHECKING:
    from deployments.runs.keeper import Keeper


def _keeper(*given: object) -> Keeper:
    # Late, as below: both import Prefect.
    from deployments.runs.keeper import Keeper  # noqa: PLC0415

    return Keeper(*given)  # type: ignore[arg-type] # as the command gives it


def _why_not() -> str:
    from deployments.internals import why_not  # noqa: PLC0415

    return why_not()


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandParts:
    """The makers of these parts.

    Args:
        hold_up: Starts what ``up`` plans.
        keeper: Makes what ``service keep`` runs.
        why_not: Returns why the installed Prefect does not suit our worker; empty where it does.
    """

    hold_up: Callable[[UpPlan], object] = become_supervisor
    keeper: Callable[..., Keeper] = _keeper
    why_not: Callable[[], str] = _why_not


def parts_of(context: typer.Context) -> CommandParts:
    """Return the parts that a command was given, or those that serve people.

    Args:
        context: The command's.
    """
    return context.find_object(CommandParts) or CommandParts()
