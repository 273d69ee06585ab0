"""Bodies of strangers are counted as they are read, and none is read or written to a disk before it is known whose."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from pathlib import Path

import pytest

from deployments.desk.application import STRANGERS_BYTES
from deployments.desk.page import ANYBODY, WITHOUT_A_FILE, pages_of
from deployments.desk.pages import MODULES
from deployments.desk.protection import SESSION

BOUNDARY = b"planted"
HEAD = b'--planted\r\nContent-Disposition: form-data; name="proof"; filename="a"\r\n\r\n'
PIECE = b"canary-" * 9362
MULTIPART = "multipart/form-data; boundary=planted"
FORM = "application/x-www-form-urlencoded"
CLOSED = [
    re.sub(r"{\w+}", "guessed", act.path) for page in pages_of(MODULES) for act in page.acts if act.needs is not ANYBODY
]


class Sender:
    """A body without end, in ASGI's terms; knows how much of it was asked for."""

    def __init__(self, head: bytes, most: int = 200 * 1024 * 1024) -> None:
        self._head, self._most = head, most
        self.read = 0
        self.on_disk = set()

    async def receive(self):
        self.on_disk |= without_a_name()
        piece = self._head if not self.read else PIECE
        self.read += len(piece)
        return {"type": "http.request", "body": piece, "more_body": self.read < self._most}


def sent(rig, path, sender, *, kind=MULTIPART, headers=(), cookie=""):
    """The status of an answer to a body that the headers say nothing true of."""
    given = [(b"host", b"testserver"), (b"content-type", kind.encode()), *headers]
    if cookie:
        given.append((b"cookie", f"{SESSION}={cookie}".encode()))
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": given,
        "server": ("testserver", 80),
        "client": ("192.0.2.1", 1),
    }
    told = []

    async def send(message):
        told.append(message)

    asyncio.run(rig.app(scope, sender.receive, send))
    return told[0]["status"]


CHUNKED = ((b"transfer-encoding", b"chunked"), (b"content-length", b"10"))


def test_a_chunked_body_is_counted_as_it_is_read_whatever_its_length_says(rig):
    # The header was believed, and h11 goes by the chunks.
    for kind in (MULTIPART, FORM):
        sender = Sender(HEAD if kind == MULTIPART else b"name=")
        assert sent(rig, "/desk/sign-in", sender, kind=kind, headers=CHUNKED) == 413
        assert sender.read <= STRANGERS_BYTES + 2 * len(PIECE)


@pytest.mark.apart
def test_nothing_of_a_stranger_or_of_who_may_not_is_read(rig):
    # A form was read whole, files included, before it was asked who sends it.
    for cookie in ("", "guessed"):
        for path in CLOSED:
            sender = Sender(HEAD)
            assert sent(rig, path, sender, cookie=cookie) == 401, path
            assert sender.read == 0, path

    sender = Sender(HEAD)
    assert sent(rig, "/desk/people/invite", sender, cookie=rig.team.enrol("axel")) == 403
    assert sender.read == 0


def test_a_member_s_form_has_its_own_bound(rig):
    sender = Sender(b"a=")
    assert sent(rig, "/desk/people/invite", sender, kind=FORM, cookie=rig.team.enrol("ada")) == 413
    assert sender.read <= WITHOUT_A_FILE + 2 * len(PIECE)


def test_no_file_of_a_form_lies_on_a_disk_while_it_is_read(rig):
    """By the parser's own default a file of more than 1 MB is written to a disk in clear."""
    sender = Sender(HEAD, most=WITHOUT_A_FILE - len(PIECE))
    before = without_a_name()
    sent(rig, "/desk/people/invite", sender, cookie=rig.team.enrol("ada"))
    assert sender.read > 1024 * 1024
    assert sender.on_disk <= before


def without_a_name():
    """The files that this process has open and no folder lists, as temporary ones are."""
    found = set()
    for one in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            found.add(str(one.readlink()))
    return {link for link in found if link.endswith("(deleted)")}
