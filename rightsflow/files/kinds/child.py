"""The process in which files are opened: it starts with an empty environment, and forks once for each file.

It reads no setting, holds no key, and inherits no descriptor but one socket. Each fork has limits of memory, processor
time and descriptors, may write no file and start no process, and ends with its file. What that does not give: the
network is not shut off (that takes rights that a process may not have), and a fork reads what its user may read.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import socket
import struct
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Final

from rightsflow.files.kinds.job import CannotOpen, FilePass
from rightsflow.files.kinds.messages import ALL, SECONDS, Words, received, sent
from rightsflow.files.kinds.second_reader import findings
from rightsflow.files.kinds.walking import inner_file, walk

MEMORY_BYTES: Final = 1024 * 1024 * 1024
"""Address space of a fork; what it maps counts, also where it is never used."""
_SPARE_SECONDS: Final = 5
_DESCRIPTORS: Final = 32


def main(descriptor: int) -> None:
    """Fork for each socket that comes in, until the other side is gone.

    Args:
        descriptor: Of the socket.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(fileno=descriptor) as requests:
        while True:
            said, descriptors, *_ = socket.recv_fds(requests, 1, 1)
            if not said:
                return
            if said == ALL:
                _load()
            with socket.socket(fileno=descriptors[0]) as answer:
                if os.fork() == 0:
                    _work(requests, answer)


def _load() -> None:
    """Load the libraries once, before the forks that need them."""
    # ruff: noqa: PLC0415
    try:
        import pypdf

        from rightsflow.files.kinds import office, pdf, pictures
    except ImportError:
        return
    gc.freeze()
    del office, pdf, pictures, pypdf


def _work(requests: socket.socket, answer: socket.socket) -> None:
    """Answer one request, and end the process."""
    status = 1
    try:
        requests.close()
        answer.sendall(struct.pack("!I", os.getpid()))
        _limit()
        words, content = received(answer)
        sent(answer, *_answered(words, content))
        status = 0
    finally:
        os._exit(status)


def _limit() -> None:
    signal.alarm(SECONDS + 2 * _SPARE_SECONDS)
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, SECONDS + _SPARE_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, _DESCRIPTORS),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(what, (most, most))


def _answered(words: Words, content: bytes) -> tuple[Words, bytes]:
    try:
        return _ACTS[words["act"]](words, content)
    except CannotOpen as refused:
        return {"why": str(refused)}, b""
    except MemoryError:
        return {"why": f"it needs more than {MEMORY_BYTES >> 20} MB of memory"}, b""
    except RecursionError:
        return {"why": "its parts lie too deep in one another"}, b""
    except Exception:  # noqa: BLE001 - a stranger's file, whose fault must not show its content
        return {"why": "its structure is broken"}, b""


def _open(_: Words, content: bytes) -> tuple[Words, bytes]:
    job = FilePass(inner_file)
    kind, given = walk(content, job)
    return {
        "kind": kind.value,
        "runs": job.runs,
        "unread": job.unread,
        "removed": sorted(job.removed),
        "is_text": kind.is_text,
        "is_rewritten": job.is_rewritten and given is not content,
    }, b""


def _mask(words: Words, content: bytes) -> tuple[Words, bytes]:
    by_run: Mapping[int, list[tuple[int, int, str]]] = defaultdict(list)
    for run, start, end, mark in words["masks"]:
        by_run[run].append((start, end, mark))
    return {}, walk(content, FilePass(inner_file, by_run))[1]


def _check(words: Words, content: bytes) -> tuple[Words, bytes]:
    return {"findings": findings(content, words["forbidden"])}, b""


_ACTS: Final[Mapping[str, Callable[[Words, bytes], tuple[Words, bytes]]]] = {
    "open": _open,
    "mask": _mask,
    "check": _check,
}


if __name__ == "__main__":
    main(int(sys.argv[1]))
