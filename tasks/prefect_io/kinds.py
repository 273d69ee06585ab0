"""Prefect's generic types as they are used here: what a state or a task holds is looked at where it is read."""

from __future__ import annotations

from typing import Any, TypeAlias

from prefect import Flow, Task
from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture

AnyState: TypeAlias = State[Any]
"""A state, whatever it holds."""
AnyFuture: TypeAlias = PrefectFuture[Any]
"""A step that was begun, whatever its result."""
AnyTask: TypeAlias = Task[..., Any]
"""A step, whatever it takes and gives."""
AnyFlow: TypeAlias = Flow[..., Any]
"""A flow, whatever it takes and gives."""
Values: TypeAlias = dict[str, Any]
"""Arguments by name, such as a run's parameters, as Prefect's calls take them."""
StateFlow: TypeAlias = Flow[..., AnyState]
"""A flow that says by its state how it ended."""
