"""The systems of a call centre in one process: helpdesk, payment provider and archive over HTTP, each call counted.

The helpdesk and the payment provider are the sandbox's, the archive is moto's S3. The telephone system is a database
and a folder, which the harness copies. A call can be held open, before its peer has acted on it or after, until the
worker that made it is dead.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
import threading
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from proofs.kills.ends import NOW, SECRET, Call, Notes
from proofs.kills.forking import say
from rightsflow_sandbox.helpdesk.access import Client
from rightsflow_sandbox.helpdesk.helpdesk_data import helpdesk_data
from rightsflow_sandbox.helpdesk.loading import dump_helpdesk, load_helpdesk
from rightsflow_sandbox.helpdesk.server import listen, server, site_at
from rightsflow_sandbox.helpdesk.values import Pace
from rightsflow_sandbox.payments.gaps import fill_classes
from rightsflow_sandbox.payments.payments_data import seed_data
from rightsflow_sandbox.payments.seeding import seed
from rightsflow_sandbox.payments.web import fill_app
from rightsflow_sandbox.telephony.cdr import create_call_store
from rightsflow_sandbox.world.world import World

BUCKET = "archive"
# moto lets no one without a signature replace an object, and checks none.
SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=any/20261124/us-east-1/s3/aws4_request"}
VERSIONED = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
MARKER = ".monitor"
BORN_FIELD, BORN, OTHERS_BORN = "born", "1961-02-13", "1980-06-21"
CUSTOMERS = 25


class Toll:
    """Counts the calls of a run and stops at one of them."""

    def __init__(self, notes: Notes, point: Mapping[str, object]):
        self._notes, self._point = notes, point
        self._counts: dict[str, int] = {}
        self._lock = threading.Lock()

    def arrives(self, system: str, method: str, path: str, key: str = "") -> Call:
        with self._lock:
            number = self._counts[system] = self._counts.get(system, 0) + 1
        call = Call(system, number, method, path, key)
        if self.stops_at(call, "before"):
            self._notes.add(call=call, stage="lost")
            say(held=call.number)
        return call

    def answered(self, call: Call, status: int) -> None:
        self._notes.add(call=call, stage="acted", status=status)
        if self.stops_at(call, "after"):
            say(held=call.number)

    def stops_at(self, call: Call, side: str) -> bool:
        return self._point == {"system": call.system, "number": call.number, "side": side}


class Stand:
    """All peers, filled, their ports taken, nothing running yet."""

    def __init__(self, folder: Path):
        self.world = World.make(seed=20261124, customers=CUSTOMERS, today=NOW.date())
        self.ports = [listen("127.0.0.1", 0) for _ in range(3)]
        self._fill_helpdesk()
        self._fill_payments()
        self._fill_archive()
        create_call_store(self.world, f"sqlite:///{folder / 'cdr.sqlite'}", folder / "monitor")
        (folder / "monitor" / MARKER).touch()

    def url(self, place: int) -> str:
        return f"http://127.0.0.1:{self.ports[place].getsockname()[1]}"

    def _fill_helpdesk(self) -> None:
        pace = Pace(job_polls=2, compliance_polls=1, rename_reads=1)
        self.helpdesk = load_helpdesk(helpdesk_data(self.world), now=lambda: NOW, pace=pace)
        subjects = (self.world.access_subject, self.world.erasure_subject)
        for one in self.world.people:
            born = BORN if one in subjects else OTHERS_BORN
            self.helpdesk.users[one.user_id]["user_fields"][BORN_FIELD] = born
        self.helpdesk.access.register(Client(client_id="rightsflow", secret=SECRET))
        self.helpdesk.site = site_at("127.0.0.1", self.ports[0].getsockname()[1])

    def _fill_payments(self) -> None:
        fill_classes()
        from localstripe import resources
        from localstripe.server import app

        fill_app(app, SECRET)
        seed(seed_data(self.world))
        resources.time = SimpleNamespace(time=lambda: int(NOW.timestamp()))
        resources.schedule_webhook = lambda _event: None
        self.payments, self._store = app, resources.store

    def _fill_archive(self) -> None:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
        from werkzeug.test import Client as Caller

        self.archive = DomainDispatcherApplication(create_backend_app)
        caller = Caller(self.archive)
        base = self.url(2)
        assert caller.put(f"/{BUCKET}", base_url=base).status_code == 200
        # moto reads no version "null", which objects have that were put before.
        assert caller.put(f"/{BUCKET}?versioning", data=VERSIONED, base_url=base).status_code == 200
        subjects = (self.world.access_subject, self.world.erasure_subject)
        other = next(one for one in self.world.people if one not in subjects)
        named = [(f"{number:03}", person) for number, person in enumerate([*subjects, *subjects, other])]
        # One key in which each call replaces the last one's; the erasure takes the current version away.
        named += [("desk", person) for person in (other, *subjects)]
        for number, (name, person) in enumerate(named):
            headers = {"x-amz-meta-customer-id": person.customer_id, "Content-Type": "audio/wav", **SIGNED}
            sound = hashlib.sha256(bytes([number])).digest() * 64
            path = f"/{BUCKET}/calls/{name}.wav"
            assert caller.put(path, data=sound, headers=headers, base_url=base).status_code == 200

    def dump(self) -> dict[str, object]:
        """Dump everything in the three peers."""
        from moto.s3.models import FakeDeleteMarker, s3_backends

        with self.helpdesk.lock:
            helpdesk = dump_helpdesk(self.helpdesk)
        things = {key: thing._export() for key, thing in self._store.items()}
        # One event for each change that was made, which tells of changes that were made twice.
        events = sorted(
            f"{thing['type']} {thing['data']['object']['id']}" for key, thing in things.items() if "event:" in key
        )
        payments = {key: thing for key, thing in things.items() if "event:" not in key}
        (backend,) = (regions["aws"] for regions in s3_backends.values())
        archive = sorted(
            f"{name} {'marker' if isinstance(version, FakeDeleteMarker) else version.version_id}"
            for name, versions in backend.buckets[BUCKET].keys.lists()
            for version in versions
        )
        return {"helpdesk": helpdesk, "payments": payments, "events": events, "archive": archive}


def prepare(folder: Path) -> tuple[Stand, dict[str, str]]:
    stand = Stand(Path(folder))
    return stand, {
        "helpdesk": stand.url(0),
        "payments": stand.url(1),
        "archive": stand.url(2),
        "access": stand.world.access_subject.emails[0],
        "erasure": stand.world.erasure_subject.emails[0],
    }


def work(stand: Stand, order: Mapping[str, Any]) -> int:
    toll = Toll(Notes(order["notes"]), order["point"])
    asyncio.run(_serve(stand, toll, Path(order["dump"])))
    return 0


async def _serve(stand: Stand, toll: Toll, dump: Path) -> None:
    from aiohttp import web

    def end() -> None:
        dump.write_text(json.dumps(stand.dump(), sort_keys=True, default=str))
        os._exit(0)

    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, end)
    helpdesk = server(stand.helpdesk, admin=False)
    helpdesk.config.app = _before_asgi(helpdesk.config.app, toll)
    stand.payments.middlewares.insert(0, _before_aiohttp(toll))
    runner = web.AppRunner(stand.payments, access_log=None)
    await runner.setup()
    await web.SockSite(runner, stand.ports[1]).start()
    threading.Thread(target=_serve_archive, args=(stand, toll), daemon=True).start()
    await helpdesk.serve(sockets=[stand.ports[0]])


def _before_asgi(app: Any, toll: Toll) -> Any:
    async def counted(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        query = scope["query_string"].decode("ascii", "replace")
        path = scope["path"] + (f"?{query}" if query else "")
        call = toll.arrives("helpdesk", scope["method"], path, headers.get("idempotency-key", ""))
        if toll.stops_at(call, "before"):
            await asyncio.Event().wait()
        kept: list[Mapping[str, Any]] = []

        async def keep(message: Mapping[str, Any]) -> None:
            kept.append(message)

        await app(scope, receive, keep)
        toll.answered(call, kept[0]["status"])
        if toll.stops_at(call, "after"):
            await asyncio.Event().wait()
        for message in kept:
            await send(message)

    return counted


def _before_aiohttp(toll: Toll) -> Any:
    from aiohttp import web

    @web.middleware
    async def counted(request: Any, handler: Any) -> Any:
        key = request.headers.get("Idempotency-Key", "")
        call = toll.arrives("payments", request.method, request.path_qs, key)
        if toll.stops_at(call, "before"):
            await asyncio.Event().wait()
        response = await handler(request)
        toll.answered(call, response.status)
        if toll.stops_at(call, "after"):
            await asyncio.Event().wait()
        return response

    return counted


def _serve_archive(stand: Stand, toll: Toll) -> None:
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        def log(self, *_: object) -> None:
            """Say nothing."""

    def counted(environ: Any, start_response: Any) -> list[bytes]:
        query = environ.get("QUERY_STRING", "")
        path = environ["PATH_INFO"] + (f"?{query}" if query else "")
        call = toll.arrives("archive", environ["REQUEST_METHOD"], path)
        if toll.stops_at(call, "before"):
            threading.Event().wait()
        said: list[Any] = []
        body = b"".join(stand.archive(environ, lambda status, headers, *_: said.append((status, headers))))
        toll.answered(call, int(said[0][0].split()[0]))
        if toll.stops_at(call, "after"):
            threading.Event().wait()
        start_response(*said[0])
        return [body]

    port = stand.ports[2]
    make_server(
        "127.0.0.1", port.getsockname()[1], counted, threaded=True, request_handler=Quiet, fd=port.fileno()
    ).serve_forever()
