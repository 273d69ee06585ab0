"""Where Prefect's database was busy, what a browser sent is asked again before the person hears of it."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse

from deployments.front.passing import OF_A_PERSON, Retrying


def marked(app, of_a_person):
    """The application, given requests as the front hands them on."""

    async def called(scope, receive, send):
        await app({**scope, OF_A_PERSON: True} if of_a_person else scope, receive, send)

    return called


class Server:
    """Answers that its database is busy so many times, and then what it was sent."""

    def __init__(self, busy):
        self.busy, self.asked = busy, []

    async def __call__(self, scope, receive, send):
        sent = await Request(scope, receive).json()
        self.asked.append(sent)
        is_busy = len(self.asked) <= self.busy
        await (JSONResponse({}, 503) if is_busy else JSONResponse(sent, 201))(scope, receive, send)
        if is_busy:
            # So does Prefect's application: the answer is out, and the fault goes on to the server's log.
            raise RuntimeError("database is locked")


@pytest.fixture
def posted():
    def post(server, *, of_a_person=True):
        waited = []

        async def pause(seconds):
            waited.append(seconds)

        async def go():
            transport = httpx.ASGITransport(
                app=marked(Retrying(server, pause), of_a_person), raise_app_exceptions=False
            )
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:4200") as browser:
                return await browser.post("/api/deployments/1/create_flow_run", json={"number": 1})

        return asyncio.run(go()), waited

    return post


def test_a_second_click_is_answered(posted):
    # With SQLite a second form that came quickly was refused with 503, and the person was told that it failed.
    for busy in (0, 1, 4):
        server = Server(busy)
        answer, waited = posted(server)
        assert (answer.status_code, answer.json()) == (201, {"number": 1})
        assert server.asked == [{"number": 1}] * (busy + 1)
        assert len(waited) == busy


def test_a_server_that_stays_busy_says_so_in_the_end_and_programs_ask_again_themselves(posted):
    server = Server(100)
    answer, waited = posted(server)
    assert (answer.status_code, len(server.asked)) == (503, len(waited) + 1)
    assert sum(waited) < 10

    server = Server(1)
    assert posted(server, of_a_person=False)[0].status_code == 503
    assert len(server.asked) == 1
