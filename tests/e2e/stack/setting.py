"""What the whole stack is started with."""

from __future__ import annotations

import os
from datetime import date

from deployments.pool_types import DEFAULT_POOL_TYPE, PoolType

TODAY = date.today()


POOL_TYPE = PoolType(os.environ.get("RIGHTSFLOW_POOL_TYPE", DEFAULT_POOL_TYPE))
"""Who executes the runs; `up` hears of it by the same variable."""
