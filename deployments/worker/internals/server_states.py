"""What Prefect's server asks its database at each change of a run's state though the locked run has told it already.

It asks whether the run has a state of the same microsecond, and at each beginning and end for the run's deployment, of
which it needs the limit of runs at the same time alone. Both are read with the run by ``server_reads``; where that does
not know them for sure, or the deployment has a limit, Prefect asks as it always does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from deployments.worker.internals.server_reads import locked_in
from deployments.worker.internals.sources import uses_of

_OF_A_DEPLOYMENT: Final = frozenset({"concurrency_limit_id", "global_concurrency_limit", "concurrency_options"})
"""What the rules about changes of state read of a deployment."""
_MOVES_A_STATE: Final = frozenset(
    {
        *("nullified_transition", "proposed_state", "timestamp", "timedelta", "session", "scalar", "sa", "select"),
        *("orm_models", "FlowRunState", "where", "flow_run_id", "run", "id", "limit"),
    }
)
"""What Prefect's code that keeps two states of a run from having the same time uses."""

Ask = Callable[[Any, Any], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Unlimited:
    """A deployment without a limit of runs at the same time, as far as the rules read it."""

    concurrency_limit_id: None = None
    global_concurrency_limit: None = None
    concurrency_options: None = None


class _Deployments:
    """Prefect's module of this name, as the rules about changes of state use it."""

    def __init__(self, theirs: Any) -> None:
        self._theirs = theirs

    async def read_deployment(self, session: Any, deployment_id: UUID) -> Any:
        """The deployment of a run that is locked, or any other."""
        note = locked_in(session)
        if note is not None and note.unlimited == deployment_id:
            return _Unlimited()
        return await self._theirs.read_deployment(session=session, deployment_id=deployment_id)


def _unless_it_is_the_latest(ask: Ask) -> Ask:
    async def before_transition(self: Any, context: Any) -> None:
        note, proposed = locked_in(context.session), context.proposed_state
        if note is None or proposed is None or note.run_id != context.run.id or not note.is_before(proposed.timestamp):
            await ask(self, context)

    return before_transition


def ask_once() -> bool:
    """Let the server not ask what a locked run has told it; returns whether it will.

    Where a later Prefect asks for more than that, it stays as it is.
    """
    # Late: the server takes seconds to import.
    from prefect.server.models import deployments  # noqa: PLC0415
    from prefect.server.orchestration import core_policy, global_policy  # noqa: PLC0415

    moves = getattr(global_policy, "EnsureFlowRunStateTimestampIsUnique", None)
    ask = vars(moves).get("before_transition") if moves else None
    if getattr(core_policy, "deployments", None) is not deployments or ask is None:
        return False
    if set(uses_of("deployments", core_policy)) != {"read_deployment"}:
        return False
    if set(uses_of("deployment", core_policy)) != _OF_A_DEPLOYMENT or set(ask.__code__.co_names) != _MOVES_A_STATE:
        return False
    core_policy.deployments = _Deployments(deployments)  # type: ignore[assignment, attr-defined]
    moves.before_transition = _unless_it_is_the_latest(ask)  # type: ignore[union-attr]
    return True
