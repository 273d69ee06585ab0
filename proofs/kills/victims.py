"""What is killed of a session: how each process is found, and how one goes on after its end."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from proofs.kills.session import Session

RESUMED: Final = 120.0
"""Seconds after which it is no longer waited for the next step."""
AT_A_STEP: Final = 20.0
"""Seconds for which it is waited that a step begins, to kill just then."""
DATABASE: Final = "Prefect's PostgreSQL"
STORE: Final = "case store's PostgreSQL"

Aim = tuple[list[int], Callable[[], object]]
"""What is killed, and what waits until it is there again."""


def parts(session: Session) -> list[str]:
    """What can be killed here while the others go on.

    Args:
        session: The session.
    """
    found = ["worker", "server", "keeper"]
    if (session.home.state / "prefect" / "postgres").exists():
        found.append(DATABASE)
    if session.store_server:
        found.append(STORE)
    return found


def rounds(parts: Sequence[str], chance: random.Random) -> Iterator[list[str]]:
    """Who is killed together, without an end: each part alone, several at once, and now and then ``up`` or all.

    Args:
        parts: What can be killed while the others go on.
        chance: Decides on the order.
    """
    while True:
        alone = [[part] for part in (*parts, "up", "whole tree")]
        together = [chance.sample(parts, chance.randint(2, len(parts))) for _ in parts]
        yield from chance.sample([*alone, *together], len(alone) + len(together))


def strike(session: Session, victims: Iterable[str], chance: random.Random) -> bool:
    """Kill some at the same instant, and wait until the next step begins; returns whether there was one to do.

    Args:
        session: The session, which notes the kills.
        victims: What is killed.
        chance: Decides whether it is done at a step or at any instant.
    """
    newest, victims = session.newest(), list(victims)
    if chance.random() < 0.5:
        session.wait_for(lambda: session.newest() not in {None, newest}, AT_A_STEP)
    else:
        time.sleep(chance.uniform(0, 2))
    if not session.left():
        return False
    started, aims = time.monotonic(), [AIMS[victim](session) for victim in victims]
    for pids, _ in aims:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    for _, recover in aims:
        recover()
    back = datetime.now(UTC)
    begun = session.wait_for(lambda: (session.newest() or back) > back, RESUMED)
    took = time.monotonic() - started if begun else RESUMED if session.left() else None
    session.kills.extend((victim, took) for victim in victims)
    return True


def _worker(session: Session) -> Aim:
    return _part(session, lambda: session.up.worker)


def _server(session: Session) -> Aim:
    return _part(session, lambda: next(iter(session.up.processes("deployments.front")), None))


def _database(session: Session) -> Aim:
    return _part(session, lambda: _postmaster(session))


def _part(session: Session, read: Callable[[], int | None]) -> Aim:
    """What ``up`` starts again by itself."""
    before = read()
    pids = [] if before is None else [before]
    return pids, lambda: session.wait_for(lambda: read() not in {None, before}, RESUMED)


def _postmaster(session: Session) -> int | None:
    try:
        lines = (session.home.state / "prefect" / "postgres" / "postmaster.pid").read_text().splitlines()
    except OSError:
        return None
    return int(lines[0]) if len(lines) == 8 and lines[7].strip() == "ready" else None


def _store(session: Session) -> Aim:
    server = session.store_server
    assert server is not None

    def start() -> bool:
        """What a killed one left behind needs a moment to notice, and until then none starts."""
        # It is none of the processes of the home, which are known by its name in their environment.
        home = os.environ.pop("RIGHTSFLOW_HOME")
        try:
            server.start()
        except subprocess.CalledProcessError:
            return False
        finally:
            os.environ["RIGHTSFLOW_HOME"] = home
        return True

    return [server.pid], lambda: session.wait_for(start, RESUMED)


def _keeper(session: Session) -> Aim:
    keeper = session.keeper
    assert keeper is not None

    def recover() -> None:
        keeper.wait()
        session.start_keeper()

    return [keeper.pid], recover


def _up(session: Session) -> Aim:
    return [_up_of(session).pid], lambda: _start_again(session)


def _tree(session: Session) -> Aim:
    beside = {session.keeper.pid} if session.keeper else set()
    pids = [_up_of(session).pid, *session.up.processes().keys() - beside]
    return pids, lambda: _start_again(session)


def _start_again(session: Session) -> None:
    _up_of(session).wait()
    session.start_up()


def _up_of(session: Session) -> subprocess.Popen[bytes]:
    process = session.up.process
    assert process is not None
    return process


AIMS: Final[Mapping[str, Callable[[Session], Aim]]] = {
    "worker": _worker,
    "server": _server,
    "keeper": _keeper,
    DATABASE: _database,
    STORE: _store,
    "up": _up,
    "whole tree": _tree,
}
"""How each victim is found, and how one goes on after its end."""
