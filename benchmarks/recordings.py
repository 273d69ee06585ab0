"""``python -m benchmarks.recordings``: 5,000 recordings erased and verified, beside boto3 alone on the same server.

They take turns on one SeaweedFS, each with a bucket of its own that is filled alike. What boto3 does alone is the least
that can be done: list the versions, delete them a thousand at a time, list again. The connector looks whose each
version is and what lies under its key, erases it, and reads each key again. The steps of an approved erasure do the
same, and note each outcome, and that a fresh read showed it, in the case file and its ledger.

Beside the time stands the processor time of this process and the server's, which other work on the machine disturbs
less.
"""

from __future__ import annotations

import argparse
import gc
import logging
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from connectors.registry import ControllerPlace
from connectors.s3 import S3Connector, S3Settings
from proofs.strangers import operator
from proofs.strangers.cases import Office, by_steps, office
from proofs.strangers.world import client_of
from rightsflow.app import current_app
from rightsflow.cases.course.intake.opening import open_request_form
from rightsflow.cases.work.erasure.steps import erase_records, settle_plan, verify_erasure
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.request import RequestForm
from rightsflow.domain.vocabulary.records import Method, OutcomeKind, PresenceState, RecordRef
from rightsflow.domain.vocabulary.rights import Right
from tests.support.identity import confirmed
from tests.support.peers.seaweedfs import S3Peer, running_seaweedfs
from tests.support.reading import read_then_decide

WANTED = 1.3
"""The largest ratio of the connector's and the steps' time to boto3 alone; more ends the run with status 1."""
_BARE, _CONNECTOR, _STEPS = "boto3 alone", "the connector", "the steps with the case file"
_SYSTEM, _CUSTOMER, _PAGE = "archive", "C-4007", 1000
_KNOWN = frozenset({identifier(IdentifierKind.CUSTOMER_ID, _CUSTOMER)})
_NO_BRAKE = "\n[brakes]\ncase_floor = 1000000\nday_floor = 1000000\n"


def main() -> int:
    """Measure, print the figures and the ratio, and return the exit status: 1 if it is too large."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--recordings", type=int, default=5_000)
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    logging.disable(logging.WARNING)
    # As the worker does at its start.
    gc.collect()
    gc.freeze()
    gc.set_threshold(7_000)
    rounds = []
    with TemporaryDirectory(prefix="recordings-") as name, running_seaweedfs(_made(Path(name) / "weed")) as store:
        for number in range(given.rounds):
            rounds.append(_round(store, number, given.recordings, _made(Path(name) / str(number))))
            _say(", ".join(f"{what} {one.seconds:.2f} s ({one.work:.2f} s)" for what, one in rounds[-1].items()))
    _say(f"Median of {given.rounds} rounds of {given.recordings:,} recordings, to boto3 alone (its processor time):")
    most = 0.0
    for what in (_CONNECTOR, _STEPS):
        work = median(one[what].work / one[_BARE].work for one in rounds)
        _say(f"{what}: {median(one[what].seconds / one[_BARE].seconds for one in rounds):.2f} ({work:.2f})")
        most = max(most, work)
    return int(most > WANTED)


@dataclass(frozen=True, slots=True)
class _Taken:
    """The cost of an operation."""

    seconds: float
    work: float


def _round(store: S3Peer, number: int, count: int, folder: Path) -> dict[str, _Taken]:
    """Return the seconds of each; the order alternates, since later ones find the server warm."""
    client = client_of(store)
    bare, alone, ours = (f"{what}-{number}" for what in ("bare", "connector", "steps"))
    _fill(client, bare, count)
    _fill(client, alone, count)
    with _approved(store, client, ours, count, folder) as steps:
        connector = S3Connector(_SYSTEM, _settings(store, alone), ControllerPlace(country="DE", timezone="UTC"))
        refs = [one.record for one in connector.locate(_KNOWN)]
        works = {
            _BARE: lambda: _erase_bare(client, bare),
            _CONNECTOR: lambda: _erase_by_connector(connector, refs),
            _STEPS: steps,
        }
        order = list(works)[number % 3 :] + list(works)[: number % 3]
        return {what: _taken(works[what]) for what in order}


def _erase_by_connector(connector: S3Connector, refs: list[RecordRef]) -> None:
    outcomes = Counter(one.kind for one in connector.erase(refs, Method.ERASE, _KNOWN))
    seen = Counter(one.state for one in connector.presence(refs, _KNOWN))
    if (outcomes, seen) != ({OutcomeKind.ERASED: len(refs)}, {PresenceState.ABSENT: len(refs)}):
        raise RuntimeError("The connector did not erase everything.")


def _settings(store: S3Peer, bucket: str) -> S3Settings:
    os.environ.update(BENCH_S3_ID=store.access_key, BENCH_S3_SECRET=store.secret_key)
    said = dict.fromkeys(("source", "retention"), "bench")
    return S3Settings.model_validate(
        {
            **said,
            "connector": "s3",
            "purposes": ["bench"],
            "categories": ["bench"],
            "bucket": bucket,
            "match": {"by": "metadata", "keys": {"customer": "customer_id"}},
            "endpoint_url": store.endpoint,
            "access_key_id": "env:BENCH_S3_ID",
            "secret_access_key": "env:BENCH_S3_SECRET",
        }
    )


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _taken(work: Callable[[], None]) -> _Taken:
    started, before = time.perf_counter(), _processor_time()
    work()
    return _Taken(time.perf_counter() - started, _processor_time() - before)


def _processor_time() -> float:
    tasks = Path("/proc/self/task").glob("*/children")
    started = [Path("/proc", number, "stat") for task in tasks for number in task.read_text().split()]
    # The name stands in brackets and may hold blanks; what follows it are numbers.
    fields = [one.read_text().rpartition(")")[2].split() for one in started]
    ticks = sum(int(one[11]) + int(one[12]) for one in fields)
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


def _fill(client: Any, bucket: str, count: int) -> None:
    client.create_bucket(Bucket=bucket)
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})

    def put(number: int) -> None:
        key = f"calls/2026/{number % 50:02}/{number:06}.wav"
        client.put_object(Bucket=bucket, Key=key, Body=b"RIFF" + bytes(200), Metadata={"customer": _CUSTOMER})

    with ThreadPoolExecutor(8) as executor:
        list(executor.map(put, range(count)))


def _erase_bare(client: Any, bucket: str) -> None:
    found = list(_listed(client, bucket))
    for start in range(0, len(found), _PAGE):
        objects = [{"Key": key, "VersionId": version} for key, version in found[start : start + _PAGE]]
        answer = client.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
        if answer.get("Errors"):
            raise RuntimeError("boto3 alone did not erase everything.")
    if list(_listed(client, bucket)):
        raise RuntimeError("Something is left that boto3 alone erased.")


def _listed(client: Any, bucket: str) -> Iterator[tuple[str, str]]:
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for one in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
            yield one["Key"], one["VersionId"]


@contextmanager
def _approved(store: S3Peer, client: Any, bucket: str, count: int, folder: Path) -> Iterator[Callable[[], None]]:
    """Prepare an erasure with an approved and binding plan; yield its execution and verification."""
    _fill(client, bucket, count)
    section = operator.store_section(_SYSTEM, store, bucket, folder)
    matches = '{ customer = "customer_id" }'
    section = section.replace(section.partition("keys   = ")[2].strip(), matches)
    with office(_made(folder / "home"), operator.head() + section + _NO_BRAKE, by_steps) as desk:
        case_id = _plan(desk)

        def work() -> None:
            erase_records(current_app(), case_id, _SYSTEM)
            seen = verify_erasure(current_app(), case_id, _SYSTEM)
            if seen["absent"] != count:
                raise RuntimeError(f"{seen} of {count} were seen.")

        yield work


def _plan(desk: Office) -> str:
    form = RequestForm(right="erasure", email="anna@example.com", customer_id=_CUSTOMER, opened_by="Olga Opener")
    case_id = open_request_form(current_app(), form).case_id
    read_then_decide(current_app(), case_id, confirmed(by="Ida Identity"))
    desk.work(case_id, Right.ERASURE)
    approved = Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by="Dana Decider")
    read_then_decide(current_app(), case_id, approved)
    settle_plan(current_app(), case_id)
    return case_id


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
