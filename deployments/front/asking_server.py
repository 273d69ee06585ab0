"""The calls from the front to Prefect's server: by the server's address and secret, whatever the process has set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prefect.context import SettingsContext, get_settings_context
from prefect.settings import Settings, temporary_settings

from deployments.server_access import Access


class AskingServer:
    """A faster ``temporary_settings``: Prefect's checks all settings anew each time, half the cost of a decision.

    Args:
        access: Where the server is, with its secret.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._made: tuple[Settings, Settings] | None = None

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """While entered, what this thread asks of Prefect goes to that server."""
        now = get_settings_context()
        with SettingsContext(profile=now.profile, settings=self._of(now.settings)):
            yield

    def _of(self, others: Settings) -> Settings:
        made = self._made
        if made is None or made[0] is not others:
            with temporary_settings(self._access.settings) as ours:
                made = self._made = (others, ours)
        return made[1]
