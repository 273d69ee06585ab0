"""Background jobs: queued, then working, then completed, which is when their effect shows."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from rightsflow_sandbox.helpdesk.defaults import Record
from rightsflow_sandbox.helpdesk.errors import not_found, too_many_jobs

MOST_JOBS: Final = 30
READABLE_FOR: Final = timedelta(hours=1)


@dataclass(slots=True)
class Job:
    """A background job.

    Args:
        work: What it does at its end; gives the ``results``.
        asked_at: When it was queued.
        total: How many records it works on; ``None`` for a single permanent deletion.
        job_type: The API's name for the work; empty where the API leaves the key out.
        job_id: The id that the answer carries.
        polls: How often it was read.
        results: What ``work`` gave, once completed.
        done_at: When it was completed.
    """

    work: Callable[[], Any]
    asked_at: datetime
    total: int | None = None
    job_type: str = ""
    job_id: str = field(default_factory=lambda: f"V3-{secrets.token_hex(16)}")
    polls: int = 0
    results: Any = None
    done_at: datetime | None = None

    @property
    def status(self) -> str:
        """The API's word for how far it is."""
        if self.done_at:
            return "completed"
        return "working" if self.polls > 1 else "queued"

    def as_json(self, account_url: str) -> Record:
        """Return the job as the API shows it, with the three shapes of ``results``."""
        shown: Record = {"id": self.job_id}
        if self.job_type:
            shown["job_type"] = self.job_type
        return shown | {
            "url": f"{account_url}/api/v2/job_statuses/{self.job_id}.json",
            "total": self.total,
            "progress": self.total if self.done_at else None,
            "status": self.status,
            "message": f"Completed at {self.done_at:%Y-%m-%d %H:%M:%S} +0000" if self.done_at else None,
            "results": self.results,
        }


class Jobs:
    """The account's background jobs, at most 30 of them queued or running at a time."""

    def __init__(self) -> None:
        self.by_id: dict[str, Job] = {}

    def running(self) -> list[Job]:
        """Return the jobs that are not completed."""
        return [job for job in self.by_id.values() if job.done_at is None]

    def start(self, job: Job) -> Job:
        """Queue a job.

        Raises:
            ApiError: 429, there are too many.
        """
        running = self.running()
        if len(running) >= MOST_JOBS:
            raise too_many_jobs([one.job_id for one in running], MOST_JOBS)
        self.by_id[job.job_id] = job
        return job

    def read(self, job_id: str, now: datetime, polls: int) -> Job:
        """Look at one job, which brings it on by a step.

        Raises:
            ApiError: 404, unknown or no longer readable.
        """
        job = self.by_id.get(job_id)
        if job is None or now - job.asked_at > READABLE_FOR:
            raise not_found()
        job.polls += 1
        if job.polls >= polls:
            _complete(job, now)
        return job

    def settle(self, now: datetime, seconds: float) -> None:
        """Complete the jobs that were queued longer ago than this, read or not."""
        for job in self.running():
            if (now - job.asked_at).total_seconds() >= seconds:
                _complete(job, now)


def bulk(ids: list[int], act: Callable[[int], Mapping[str, Any]]) -> Callable[[], list[Record]]:
    """Return the work of a bulk job: one result per id; a failure is a result too, and the job still completes."""

    def work() -> list[Record]:
        return [{"id": one, "action": "delete", **act(one)} for one in ids]

    return work


def _complete(job: Job, now: datetime) -> None:
    if job.done_at is None:
        job.results = job.work()
        job.done_at = now
