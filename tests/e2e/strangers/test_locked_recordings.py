"""Recordings that SeaweedFS itself keeps: versions, delete markers, Object Lock and legal holds, to the end.

The case runs on a clock of the test's and the store on the real one. So a lock is in force as long as the test needs
it, and its end is brought forward by the store's administrator, who may do that in governance mode.
"""

from __future__ import annotations

import io
import json
import time
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connectors.registry import ControllerPlace
from connectors.s3 import S3Connector, S3Settings
from proofs.strangers.world import client_of
from rightsflow.app import current_app, installed
from rightsflow.cases.course.evidence.bundle import export_evidence
from rightsflow.cases.course.follow_up.approval import approve_task
from rightsflow.cases.course.follow_up.rounds import follow_up
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.domain.wording import day
from tests.support.bench import running_bench
from tests.support.steps import approved, carry_out, outcomes, send_answer

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("strangers")]

ANNA, BORIS = {"customer": "C-10001"}, {"customer": "C-20002"}
BUCKET = "locked-recordings"
CLASSES = {"recording": "none", "transcript": "none", "screen-recording": "none"}


@pytest.fixture
def bucket(store, monkeypatch):
    """A bucket with Object Lock, in which the person has recordings that the store keeps and others."""
    monkeypatch.setenv("TEST_S3_ID", store.access_key)
    monkeypatch.setenv("TEST_S3_SECRET", store.secret_key)
    s3 = client_of(store)
    s3.create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True)
    for name, who in (("plain", ANNA), ("plain", ANNA), ("shared", BORIS), ("shared", ANNA), ("shared", BORIS)):
        s3.put_object(Bucket=BUCKET, Key=f"{name}.wav", Body=b"RIFF" * 20, Metadata=who)
    s3.delete_object(Bucket=BUCKET, Key="plain.wav")
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
    for name in ("locked", "held"):
        s3.put_object(Bucket=BUCKET, Key=f"{name}.wav", Body=b"RIFF" * 20, Metadata=ANNA)
    lock(s3, until)
    hold(s3, "ON")
    return s3, until


def lock(s3, until, **more):
    s3.put_object_retention(
        Bucket=BUCKET, Key="locked.wav", Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until}, **more
    )


def hold(s3, status):
    s3.put_object_legal_hold(Bucket=BUCKET, Key="held.wav", LegalHold={"Status": status})


def stored(s3):
    """What lies there: each key with its versions' owners, and the keys of delete markers."""
    found, markers = {}, []
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=BUCKET):
        for one in page.get("Versions", ()):
            head = s3.head_object(Bucket=BUCKET, Key=one["Key"], VersionId=one["VersionId"])
            found.setdefault(one["Key"], []).append(head["Metadata"]["customer"])
        markers += [one["Key"] for one in page.get("DeleteMarkers", ())]
    return found, markers


@pytest.fixture
def bench(tmp_path, store, bucket):
    settings = S3Settings.model_validate(
        {
            "connector": "s3",
            "purposes": ["quality of service"],
            "categories": ["call recordings"],
            "source": "the data subject",
            "retention": "90 days",
            "bucket": BUCKET,
            "match": {"by": "metadata", "keys": {"customer": "customer_id"}},
            "endpoint_url": store.endpoint,
            "access_key_id": "env:TEST_S3_ID",
            "secret_access_key": "env:TEST_S3_SECRET",
        }
    )
    connector = S3Connector("calls", settings, ControllerPlace(country="DE", timezone="Europe/Berlin"))
    with running_bench(tmp_path) as made:
        made.moment[0] = datetime.now(UTC)
        section = made.runtime.systems["calls"].model_copy(update={"document_classes": CLASSES})
        made.runtime = replace(
            made.runtime,
            connectors={**made.runtime.connectors, "calls": connector},
            systems={**made.runtime.systems, "calls": section},
        )
        with installed(made.runtime):
            yield made


def kept(bench, case_id):
    """The records that the store keeps, by their keys."""
    found = outcomes(bench, case_id)
    return {ref.partition("?")[0]: kind for (system, _, ref), kind in found.items() if system == "calls"}


def work(bench, case_id):
    """A round, an officer who approves what it shows, and another round; returns the last one."""
    follow_up(current_app())
    with bench.file(case_id) as file:
        shown = [one for one in file.tasks.all() if one.is_open and one.is_shown and not one.approved_by]
    for one in (one for one in shown if one.kind.needs_approval):
        approve_task(current_app(), case_id, one.number, by="Dana Decider")
    return follow_up(current_app())


def go_to(bench, on):
    bench.moment[0] = datetime.combine(on, datetime.min.time(), UTC) + timedelta(hours=12)


def test_what_the_store_keeps_is_said_with_its_end_and_erased_after_it(bench, bucket):
    s3, until = bucket
    last = until.astimezone(ZoneInfo("Europe/Berlin")).date()
    case_id = approved(bench)
    carry_out(case_id)
    write_answer(current_app(), case_id)
    send_answer(bench, case_id)
    assert stored(s3)[0] == {"locked.wav": ["C-10001"], "held.wav": ["C-10001"], "shared.wav": ["C-20002"] * 2}
    assert "plain.wav" not in stored(s3)[1], "the mark of a deletion holds the name"
    assert kept(bench, case_id) == {
        "plain.wav": OutcomeKind.ERASED,
        "shared.wav": OutcomeKind.ERASED,
        "locked.wav": OutcomeKind.RETAINED,
        "held.wav": OutcomeKind.RETAINED,
    }
    _is_said(bench, case_id, last)
    _the_lock_ends(bench, case_id, s3, last)
    _the_hold_is_released(bench, case_id, s3)
    assert stored(s3) == ({"shared.wav": ["C-20002"] * 2}, [])


def _is_said(bench, case_id, last):
    with bench.file(case_id) as file:
        (letter,) = [one.body for one in file.outbox.letters() if one.template_id == "L11"]
    assert "The storage keeps the record unalterable until its lock ends." in letter
    assert f"Kept until {day(last)}" in letter
    assert f"On {day(last + timedelta(days=1))} our software" in letter
    assert "The record is under a legal hold." in letter
    with zipfile.ZipFile(io.BytesIO(export_evidence(current_app(), case_id, by="Aud").content)) as opened:
        said = json.loads(opened.read("certificate.json"))
    retained = [one for one in said["records"] if one["system"] == "calls" and one["outcome"] == "retained"]
    assert {(one["until"] or "", one["ends_when"]) for one in retained} == {
        (last.isoformat(), ""),
        ("", "the hold is released"),
    }


def _the_lock_ends(bench, case_id, s3, last):
    go_to(bench, last)
    work(bench, case_id)
    assert kept(bench, case_id)["locked.wav"] is OutcomeKind.RETAINED, "its last day is not over"
    go_to(bench, last + timedelta(days=1))
    assert work(bench, case_id).failed, "the store still refuses, and that is no erasure"
    assert kept(bench, case_id)["locked.wav"] is not OutcomeKind.ERASED
    assert "locked.wav" in stored(s3)[0]
    lock(s3, datetime.now(UTC) + timedelta(seconds=1), BypassGovernanceRetention=True)
    for _ in range(30):
        time.sleep(0.5)
        if not work(bench, case_id).failed:
            break
    assert kept(bench, case_id)["locked.wav"] is OutcomeKind.ERASED
    assert "locked.wav" not in stored(s3)[0]


def _the_hold_is_released(bench, case_id, s3):
    """The decision opens again by itself at the next look: while the hold lasts the record is kept on."""
    months = timedelta(days=31 * current_app().settings.follow_up.review_months)
    bench.pass_time(months)
    work(bench, case_id)
    assert kept(bench, case_id)["held.wav"] is OutcomeKind.RETAINED
    hold(s3, "OFF")
    bench.pass_time(months)
    follow_up(current_app())
    with bench.file(case_id) as file:
        opened = [one for one in file.tasks.all() if one.is_open and one.kind is TaskKind.UNDATED]
    assert [one.is_shown for one in opened] == [True]
    assert "held.wav" in stored(s3)[0], "a person approves it"
    work(bench, case_id)
    assert kept(bench, case_id)["held.wav"] is OutcomeKind.ERASED
