"""What Prefect loads for the block type ``rightsflow-mail``, in its server and wherever collections are loaded."""

from __future__ import annotations

from rightsflow.entry.names import load

load("deployments.notifications.mail_block")
