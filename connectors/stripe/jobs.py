"""Stripe's redaction jobs: create, wait for the validation, run, wait for the end.

A public preview, so with a version of its own. ``validation_behavior`` is always ``error``: the other value, ``fix``,
cancels, voids and closes things on its own when the job runs. A run cannot be undone or stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from connectors.stripe.client import PREVIEW_VERSION, Answer, Calls, Object, StripeRefusal, part_of
from rightsflow.domain.errors import Transient

PATH = "/v1/privacy/redaction_jobs"
LARGEST_JOB = 100
"""Objects put into one job; Stripe documents that there is a limit (``too_many_objects``), not which."""

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 15.0
_LATER = 600.0
_UNFINISHED = ("validating", "ready", "redacting")
_ENDED = frozenset({"failed", "succeeded", "canceled"})
_VALIDATED = _ENDED | {"ready"}

Roots = Mapping[str, Sequence[str]]
"""Ids by the word for their type in a job, for example ``{"charges": ["ch_1"]}``."""


@dataclass(slots=True)
class Result:
    """The result of the jobs.

    Args:
        redacted: The ids that were redacted, with the request id that started it.
        failed: The ids that were not, with Stripe's code for the reason.
    """

    redacted: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


class RedactionJobs:
    """Runs redaction jobs.

    Args:
        calls: The calls of this operation.
        system: The system's name in the configuration.
        wait: Seconds to wait in all before the step is put off.
        sleep: Waits for so many seconds.
    """

    def __init__(self, calls: Calls, *, system: str, wait: float, sleep: Callable[[float], None]) -> None:
        self._calls = calls
        self._system = system
        self._patience = wait
        self._sleep = sleep

    def redact(self, roots: Roots) -> Result:
        """Redact these objects and their dependents; objects that fail the validation are left out.

        Raises:
            Transient: A job is not ready yet; the same call goes on with it later.
        """
        result = Result()
        flat = [(word, object_id) for word, ids in roots.items() for object_id in ids]
        for start in range(0, len(flat), LARGEST_JOB):
            self._redact(flat[start : start + LARGEST_JOB], result)
        return result

    def _redact(self, objects: list[tuple[str, str]], result: Result) -> None:
        while objects:
            job = self._begin(_grouped(objects))
            if isinstance(job, StripeRefusal):
                result.failed |= {item: job.code for _, item in objects}
                return
            job = self._waited(job, _VALIDATED)
            if job.get("status") == "failed":
                errors = self._validation_errors(job)
                # The code of an error that names no object counts for all of them.
                named = {item: errors[item] for _, item in objects if item in errors}
                result.failed |= named or dict.fromkeys((item for _, item in objects), errors.get("", "failed"))
                self._calls.post(f"{self._path(job)}/cancel", "cancel", version=PREVIEW_VERSION)
                objects = [(word, item) for word, item in objects if item not in named] if named else []
                continue
            request_id = self._run(job)
            result.redacted |= {item: request_id for _, item in objects}
            return

    def _begin(self, roots: dict[str, list[str]]) -> Object | StripeRefusal:
        """Return a job for exactly these objects: one of an earlier attempt, or a new one.

        The idempotency key of the creation holds for 24 hours only, so a late attempt looks for the job first.
        """
        for status in _UNFINISHED:
            for job in self._calls.listing(PATH, {"status": status}, version=PREVIEW_VERSION):
                if _same(job.get("objects"), roots):
                    return job
        params = {"objects": roots, "validation_behavior": "error"}
        answer = self._calls.post(PATH, "redact", params, version=PREVIEW_VERSION)
        if isinstance(answer, Answer) and answer.replayed:
            job = self._read(answer.data)
            if job.get("status") not in {"canceled", "failed"}:
                return job
            answer = self._calls.post(PATH, "redact again", params, version=PREVIEW_VERSION)
        return answer.data if isinstance(answer, Answer) else answer

    def _run(self, job: Object) -> str:
        """Start a ready job and wait until it has ended; returns the request id of the start."""
        request_id = ""
        if job.get("status") == "ready":
            answer = self._calls.post(f"{self._path(job)}/run", "run", version=PREVIEW_VERSION)
            if isinstance(answer, StripeRefusal):
                raise self._later("does not start yet")
            request_id = answer.request_id
        job = self._waited(job, _ENDED)
        if job.get("status") != "succeeded":
            raise self._later("did not succeed")
        return request_id

    def _waited(self, job: Object, until: frozenset[str]) -> Object:
        """Wait until a job is in one of these states, and return it."""
        pause = _FIRST_PAUSE
        if job.get("status") == "created":
            self._calls.post(f"{self._path(job)}/validate", "validate", version=PREVIEW_VERSION)
        job = self._read(job)
        while job.get("status") not in until:
            if self._patience <= 0:
                raise self._later("is still at work")
            self._sleep(pause)
            self._patience -= pause
            pause = min(pause * 2, _LONGEST_PAUSE)
            job = self._read(job)
        return job

    def _validation_errors(self, job: Object) -> dict[str, str]:
        """Codes by the id of the object that they are about."""
        path = f"{self._path(job)}/validation_errors"
        found: dict[str, str] = {}
        for error in self._calls.listing(path, version=PREVIEW_VERSION):
            about = part_of(error, "erroring_object")
            found[str(about.get("id") or "")] = str(error.get("code") or "failed")
        return found

    def _read(self, job: Object) -> Object:
        return self._calls.get(self._path(job), version=PREVIEW_VERSION)

    def _path(self, job: Object) -> str:
        return f"{PATH}/{quote(str(job.get('id') or ''), safe='')}"

    def _later(self, what: str) -> Transient:
        return Transient(
            f"A redaction job {what}; the step goes on with it later.",
            retry_after=_LATER,
            system=self._system,
            operation="erase",
        )


def _grouped(objects: list[tuple[str, str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for word, item in objects:
        grouped.setdefault(word, []).append(item)
    return grouped


def _same(held: object, roots: dict[str, list[str]]) -> bool:
    """Return whether a job is about exactly these objects; Stripe lists types without any as null or empty."""
    if not isinstance(held, dict):
        return False
    return {word: sorted(ids) for word, ids in held.items() if ids} == {
        word: sorted(ids) for word, ids in roots.items()
    }
