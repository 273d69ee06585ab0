"""The module that Prefect loads for the worker type ``rightsflow``, in its server and with collections."""

from __future__ import annotations

from rightsflow.entry.names import load

load("deployments.worker.worker_type")
