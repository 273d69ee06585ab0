"""A fake system that erases by jobs of its own, which take days."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from rightsflow.domain.vocabulary.records import Method, Outcome, OutcomeKind, SystemJob
from rightsflow.testing.fakes import FakeSystem


class ByJobs(FakeSystem):
    """A system that erases profiles within days.

    Args:
        system: Its name.
        bench: Where the time passes.
        days: How long a job takes.
    """

    def __init__(self, system, bench, days):
        super().__init__(system=system)
        self.bench, self.days, self.looks, self.begun = bench, days, 0, {}
        self.noted_at_first_look = None

    def erase_by_jobs(self, refs, method, known, jobs):
        if method is not Method.ERASE or refs[0].kind != "profile":
            yield from self.erase(refs, method, known)
            return
        for ref in refs:
            yield from self._see(ref, known, jobs[ref]) if ref in jobs else self._begin(ref)

    def _begin(self, ref):
        now = self.bench.moment[0]
        job = SystemJob(id=f"job-{len(self.begun)}", begun_at=now, look_at=now, give_up_at=now + timedelta(days=60))
        self.begun[job.id] = now
        yield Outcome(record=ref, kind=OutcomeKind.FAILED, reason="It is being deleted.", job=job)

    def _see(self, ref, known, job):
        self.looks += 1
        now = self.bench.moment[0]
        if now >= self.begun[job.id] + timedelta(days=self.days):
            yield from self.erase([ref], Method.ERASE, known)
            return
        later = replace(job, look_at=now + timedelta(hours=6))
        yield Outcome(record=ref, kind=OutcomeKind.FAILED, reason="It is being deleted.", job=later)


def by_jobs_of(bench, name, days):
    """Put such a system with the same records in the place of a system.

    Args:
        bench: The bench.
        name: The system.
        days: How long a job takes.
    """
    system = ByJobs(name, bench, days)
    system.add(*bench.systems[name].records())
    bench.systems[name] = system
    return system
