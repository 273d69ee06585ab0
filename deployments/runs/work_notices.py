"""The keeper's duty to tell people of new work, once in a minute."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.new_work import Posting, send_work_notices
from tasks.prefect_io.notices import post_work

_SECONDS: Final = 60.0


class WorkNotices:
    """Tells people and channels of new work.

    Args:
        app: Gives what it works with.
        post: Sends a notice to the channels.
        clock: Gives seconds that only grow.
    """

    def __init__(
        self, app: Callable[[], App], post: Posting = post_work, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._app = app
        self._post = post
        self._clock = clock
        self._next = clock()

    def sweep(self) -> int:
        """Tell of what is new if a minute has passed; returns how many notices went out."""
        now = self._clock()
        if now < self._next:
            return 0
        self._next = now + _SECONDS
        return send_work_notices(self._app(), self._post)
