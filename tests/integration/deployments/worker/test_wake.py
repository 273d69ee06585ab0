"""What the server's events mean to the worker, and that a broken connection is made again."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import uuid4

from prefect.events.schemas.events import Event, Resource

from deployments.worker.wake import News, news

POOL, RUN = uuid4(), uuid4()
ANY = News(None)


def event(name):
    return Event(
        event=f"prefect.flow-run.{name}",
        occurred=datetime.now(UTC),
        resource=Resource({"prefect.resource.id": f"prefect.flow-run.{RUN}"}),
        id=uuid4(),
    )


class Server:
    """Connections as a test has them: each a list of what comes over it; an exception breaks it."""

    def __init__(self, *connections):
        self.connections, self.filters = list(connections), []

    @asynccontextmanager
    async def subscribe(self, filter):  # noqa: A002 - Prefect's
        self.filters.append(filter)
        if not self.connections:
            await asyncio.Event().wait()
        yield self._stream(self.connections.pop(0))

    async def _stream(self, what):
        for one in what:
            if isinstance(one, Exception):
                raise one
            yield one


def heard(count, *connections, kind=Server):
    """The first news, and how long was waited between the connections."""
    server, pauses = kind(*connections), []

    async def sleep(seconds):
        pauses.append(seconds)

    async def listen():
        found, source = [], news(POOL, server.subscribe, sleep)
        while len(found) < count:
            found.append(await anext(source))
        await source.aclose()
        return found

    return asyncio.run(listen()), pauses, server.filters


def test_a_run_that_waits_wakes_and_one_that_is_to_stop_is_named():
    for name in ("Scheduled", "Resuming", "AwaitingRetry", "AwaitingConcurrencySlot", "Late"):
        assert heard(2, [event(name)])[0] == [ANY, News(RUN, waits=True)]

    for name in ("Cancelling", "Cancelled", "Suspended"):
        assert heard(2, [event(name)])[0] == [ANY, News(RUN, waits=False)]


def test_a_new_connection_tells_that_something_may_have_been_missed():
    found, pauses, _ = heard(4, [event("Late")], [OSError()], [event("Suspended")])
    assert found == [ANY, News(RUN, waits=True), ANY, ANY]
    assert pauses == [0.5, 0.5]


def test_the_pauses_grow_while_nobody_answers():
    class Refusing(Server):
        @asynccontextmanager
        async def subscribe(self, filter):  # noqa: A002 - Prefect's
            if len(self.filters) < 7:
                self.filters.append(filter)
                raise OSError
            yield self._stream([])

    found, pauses, _ = heard(1, kind=Refusing)
    assert found == [ANY]
    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]


def test_only_this_pools_events_are_asked_for():
    _, _, (asked,) = heard(1, [])
    assert asked.any_resource.id == [f"prefect.work-pool.{POOL}"]
    assert all(asked.event.includes(event(name)) for name in ("Scheduled", "Suspended"))
    assert not any(asked.event.includes(event(name)) for name in ("Running", "Completed", "heartbeat"))
