"""Talking to a Prefect server: what is still to be sent is waited for in silence."""

from __future__ import annotations

import inspect
import logging

from prefect._internal.concurrency import services
from prefect.events.worker import EventsWorker

from deployments.local.server_contact import _waiting_in_silence

WAITS = "Still processing items: 1 items remaining..."


def test_that_something_is_still_sent_is_no_warning_and_all_else_is(caplog):
    logger = logging.getLogger(EventsWorker.__name__)
    with _waiting_in_silence():
        logger.warning(WAITS)
        logger.warning("An event was refused.")
    logger.warning(WAITS)
    assert caplog.messages == ["An event was refused.", WAITS]


def test_prefect_says_it_in_these_words_under_this_name():
    source = inspect.getsource(services)
    assert WAITS.partition(":")[0] in source
    assert 'logging.getLogger(f"{type(self).__name__}")' in source
