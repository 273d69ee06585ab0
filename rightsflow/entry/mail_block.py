"""The module that Prefect loads for the block type ``rightsflow-mail``, in its server and with collections."""

from __future__ import annotations

from rightsflow.entry.names import load

load("deployments.notifications.mail_block")
