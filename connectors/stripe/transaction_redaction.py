"""Redacting transactions that are old enough by Stripe's redaction jobs, many records in one job."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.stripe.client import Object, part_of
from connectors.stripe.erase import StripeErasure, clear_fields, handler_of
from connectors.stripe.jobs import RedactionJobs
from connectors.stripe.kinds import CHARGE, CUSTOMER, KINDS, PAYMENT_INTENT, Kind, path_of
from connectors.stripe.obstacles import Obstacle
from connectors.stripe.outcomes import by_job, erased, job_obstacle, refused
from connectors.stripe.sdk import PREVIEW_VERSION
from rightsflow.domain.vocabulary.records import Method, Outcome, RecordRef

Root = tuple[str, str]
"""The word for the type in a job, and the id."""


def redacts(step: StripeErasure, kind: Kind) -> bool:
    """Return whether records of this kind go into redaction jobs; a customer's profile is handled on its own."""
    return step.jobs is not None and bool(kind.job_objects) and kind is not CUSTOMER


def redact_each(
    step: StripeErasure, jobs: RedactionJobs, refs: Sequence[RecordRef], method: Method
) -> Iterator[Outcome]:
    """Yield an outcome per record: old enough and final ones go into a job, the others are handled as without jobs.

    Args:
        step: What erasing works with.
        jobs: Runs the jobs.
        refs: Records of one kind.
        method: How they are to be erased.
    """
    waiting: list[tuple[RecordRef, Object, Root]] = []
    for ref in refs:
        kind = KINDS[ref.kind]
        thing = step.calls.find(path_of(ref), version=PREVIEW_VERSION)
        if thing is None:
            yield erased(ref)
        elif part_of(thing, "redaction").get("status") == "redacted":
            yield by_job(ref)
        elif step.belonging.is_anothers(ref, thing):
            yield step.belonging.kept(ref)
        elif obstacle := step.obstacles.to_redaction(kind, thing):
            yield _otherwise(step, ref, thing, method, obstacle)
        else:
            waiting.append((ref, thing, _root(kind, thing)))
    if waiting:
        yield from _in_jobs(step, jobs, waiting, method)


def _in_jobs(
    step: StripeErasure, jobs: RedactionJobs, waiting: Sequence[tuple[RecordRef, Object, Root]], method: Method
) -> Iterator[Outcome]:
    roots: dict[str, list[str]] = {}
    for word, item in dict.fromkeys(root for _, _, root in waiting):
        roots.setdefault(word, []).append(item)
    result = jobs.redact(roots)
    for ref, thing, (_, root) in waiting:
        if root in result.redacted:
            yield by_job(ref, result.redacted[root])
        else:
            obstacle = job_obstacle(result.failed.get(root, "failed"))
            erases = method is Method.ERASE
            yield refused(ref, obstacle) if erases else clear_fields(step, ref, thing, obstacle)


def _otherwise(step: StripeErasure, ref: RecordRef, thing: Object, method: Method, obstacle: Obstacle) -> Outcome:
    """Return the outcome of a record that no job may include now."""
    if method is Method.REDACT:
        return clear_fields(step, ref, thing, obstacle)
    if thing.get("status") in {"draft", "open"}:
        return handler_of(KINDS[ref.kind], method)(step, ref, thing)
    return refused(ref, obstacle)


def _root(kind: Kind, thing: Object) -> Root:
    """Return the root of a job: a charge is redacted together with its payment, never without it."""
    payment = thing.get("payment_intent")
    if kind is CHARGE and isinstance(payment, str):
        return PAYMENT_INTENT.job_objects, payment
    return kind.job_objects, str(thing.get("id"))
