"""The jobs by which systems erase records of a case: noted as they begin, before they are looked at for the first time.

A job is a sealed value of the case, under its system and id; the ledger has its beginning and its end.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from rightsflow.domain.errors import safe_request_id
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.records import Outcome, RecordRef, SystemJob
from rightsflow.store.case.outbox import Outbox
from rightsflow.store.core.case_ledger import Ledger
from rightsflow.store.core.context import JOBS, Context


class SystemJobs:
    """The jobs of one case.

    Args:
        context: The open transaction.
        ledger: The case's ledger.
        outbox: Keeps what is encrypted.
    """

    def __init__(self, context: Context, ledger: Ledger, outbox: Outbox) -> None:
        self._context = context
        self._ledger = ledger
        self._outbox = outbox

    def running(self, system: str = "") -> dict[RecordRef, SystemJob]:
        """Return the jobs that have not ended, by the records that they erase.

        Args:
            system: The system; empty for all.
        """
        return {
            RecordRef(entry["system"], entry["kind"], ref): _job(entry)
            for entry in self._entries()
            if system in {"", entry["system"]}
            for ref in entry["refs"]
        }

    def next_look(self) -> datetime | None:
        """Return when the next job is looked at; ``None`` if none is running."""
        return min((_job(entry).look_at for entry in self._entries() if entry["refs"]), default=None)

    def note(self, outcomes: Sequence[Outcome]) -> None:
        """Note the jobs that outcomes begin or go on with, and the end of those whose records are settled.

        Args:
            outcomes: What became of records.
        """
        entries = {(entry["system"], entry["id"]): entry for entry in self._entries()}
        before = {key: list(entry["refs"]) for key, entry in entries.items()}
        for outcome in outcomes:
            self._take_out(entries, outcome.record)
            if outcome.job is not None:
                self._put_in(entries, outcome.record, outcome.job)
        for key, entry in entries.items():
            if before.get(key) != entry["refs"] or entry.pop("is_new", False):
                self._write(entry, is_new=key not in before)

    def _take_out(self, entries: dict[tuple[str, str], dict[str, Any]], record: RecordRef) -> None:
        for entry in entries.values():
            if (entry["system"], entry["kind"]) == (record.system, record.kind) and record.ref in entry["refs"]:
                entry["refs"].remove(record.ref)

    def _put_in(self, entries: dict[tuple[str, str], dict[str, Any]], record: RecordRef, job: SystemJob) -> None:
        entry = entries.setdefault(
            (record.system, job.id), {"system": record.system, "kind": record.kind, "id": job.id, "refs": []}
        )
        entry["refs"].append(record.ref)
        entry["begun_at"], entry["give_up_at"] = job.begun_at.isoformat(), job.give_up_at.isoformat()
        entry["is_new"] = entry.get("look_at") != job.look_at.isoformat()
        entry["look_at"] = job.look_at.isoformat()

    def _write(self, entry: dict[str, Any], *, is_new: bool) -> None:
        kept = {key: value for key, value in entry.items() if key != "is_new"}
        self._outbox.put_secret(f"{JOBS}{entry['system']}/{safe_request_id(entry['id'])}", json.dumps(kept))
        details = {"system": entry["system"], "kind": entry["kind"], "job": safe_request_id(entry["id"])}
        if is_new:
            until = _job(entry).give_up_at.date().isoformat()
            self._ledger.append(CaseEvent.SYSTEM_JOB_BEGUN, records=len(entry["refs"]), until=until, **details)
        elif not entry["refs"]:
            self._ledger.append(CaseEvent.SYSTEM_JOB_ENDED, **details)

    def _entries(self) -> Iterator[dict[str, Any]]:
        return (json.loads(kept) for kept in self._outbox.secrets_below(JOBS))


def _job(entry: dict[str, Any]) -> SystemJob:
    begun, look, give_up = (datetime.fromisoformat(entry[key]) for key in ("begun_at", "look_at", "give_up_at"))
    return SystemJob(id=entry["id"], begun_at=begun, look_at=look, give_up_at=give_up)
