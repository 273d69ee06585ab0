"""Who executes the runs: the types of work pools."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

TYPE: Final = "rightsflow"
"""The type of its work pools, which Prefect knows it by."""


class PoolType(StrEnum):
    """Who executes the runs: the type of the work pool, by Prefect's own names."""

    RESIDENT = TYPE
    """Workers of ours, each in its own process: at once, and at a twentieth of the cost."""
    PROCESS = "process"
    """A new process on the worker's machine for each run."""
    DOCKER = "docker"
    """A new container for each run; its worker comes from the package ``prefect-docker``."""
    KUBERNETES = "kubernetes"
    """A new job for each run; its worker comes from the package ``prefect-kubernetes``."""

    @property
    def is_local(self) -> bool:
        """Whether ``up`` can start its worker: nothing else has to be installed."""
        return self in {PoolType.RESIDENT, PoolType.PROCESS}

    @property
    def pool(self) -> str:
        """The work pool's name: a pool cannot change its type, so that each type has its own."""
        return {PoolType.PROCESS: "rightsflow", PoolType.RESIDENT: "rightsflow-resident"}.get(
            self, f"rightsflow-{self.value}"
        )


DEFAULT_POOL_TYPE: Final = PoolType.RESIDENT
